/* Framing: what comes out does not depend on how the input came in. */
#include "tests/unit/check.h"

#include <stdio.h>

#include "ingest/framer/framer.h"

static const struct framer_conf socket_conf = {
    .framing = FRAMING_AUTO, .hello = true, .max_document = 100, .max_line = 64};
static const struct framer_conf file_conf = {
    .framing = FRAMING_AUTO, .whole = true, .max_document = 100, .max_line = 64};

static void note(const struct framed *f, struct buf *out) {
    if (f->kind == FRAMED_HELLO)
        buf_printf(out, "<hello ack=%d source=%.*s format=%.*s>", f->hello.ack,
                   (int)f->hello.source.len, f->hello.source.at, (int)f->hello.format.len,
                   f->hello.format.at);
    else if (f->kind == FRAMED_PASSED)
        buf_printf(out, "<passed %d>", (int)f->passed);
    else if (f->kind == FRAMED_REFUSED)
        buf_printf(out, "<%d #%d%s>", f->code, (int)f->number, f->fatal ? " fatal" : "");
    else
        buf_printf(out, "<%s%s%.*s%s%.*s>", f->format ? f->format : "",
                   f->format ? " " : "", (int)f->bytes.len, f->bytes.at,
                   f->warning ? " !" : "", f->warning ? (int)strcspn(f->warning, ":") : 0,
                   f->warning ? f->warning : "");
}

static void feed(struct framer *framer, struct view piece, struct buf *out) {
    struct framed got;
    framer_feed(framer, piece);
    while (framer_next(framer, &got) == 0)
        note(&got, out);
}

/* What comes out of `input` in two pieces, the first `cut` bytes long; where cut is over
 * the length, byte by byte. */
static const char *framed(struct framer_conf conf, struct view input, size_t cut,
                          struct buf *out) {
    struct framer *framer = framer_new(&conf);
    struct framed got;
    buf_clear(out);
    if (cut <= input.len) {
        feed(framer, view_n(input.at, cut), out);
        feed(framer, view_n(input.at + cut, input.len - cut), out);
    } else {
        for (size_t i = 0; i < input.len; i++)
            feed(framer, view_n(input.at + i, 1), out);
    }
    framer_end(framer);
    while (framer_next(framer, &got) == 0)
        note(&got, out);
    framer_free(framer);
    return buf_text(out);
}

static void check(struct framer_conf conf, const char *input, const char *wanted) {
    struct buf out = {0};
    struct view bytes = view_of(input);
    for (size_t cut = 0; cut <= bytes.len + 1; cut++)
        assert_string_equal(framed(conf, bytes, cut, &out), wanted);
    buf_release(&out);
}

static void framer_ndjson__gives_a_document_a_line(void **state) {
    (void)state;
    check(socket_conf, "{\"a\":1}\n{\"b\":2}\n", "<{\"a\":1}><{\"b\":2}>");
    check(socket_conf, "  \r\n{\"a\":1}\r\n\n \n{\"b\":2}", "<{\"a\":1}><{\"b\":2}>");
    check(socket_conf, "\xEF\xBB\xBF{\"a\":1}\n", "<{\"a\":1}>");
    check(socket_conf, "{\"a\":1}\nno json\n", "<{\"a\":1}><ndjson no json>");
}

static void framer_ndjson__passes_over_a_line_that_is_too_long(void **state) {
    char input[400];
    (void)state;

    snprintf(input, sizeof input, "{\"a\":1}\n{%0150d\n{\"b\":2}\n{%0150d", 7, 7);

    check(socket_conf, input, "<{\"a\":1}><413 #2><{\"b\":2}><413 #4>");
}

static void framer_text__ends_at_nnnn_or_the_end(void **state) {
    (void)state;
    check(socket_conf, "5 killed in Tripoli", "<5 killed in Tripoli>");
    check(socket_conf, "one\nNNNN\ntwo\r\nNNNN \r\n\r\nthree", "<one\n><two\r\n><three>");
    check(socket_conf, "one\rNNNN\rtwo\r", "<one\r><two\r>");
    check(socket_conf, " NNNN\nNNNNa\nxNNNN\nNNNN", "< NNNN\nNNNNa\nxNNNN\n>");
    check(socket_conf, "one\nNNNN\n{\"a\":1}\n", "<one\n><{\"a\":1}>");
}

static void framer_text__is_nothing_when_it_is_blank(void **state) {
    (void)state;
    check(socket_conf, "", "");
    check(socket_conf, " \n\t\r\n", "");
    check(socket_conf, "NNNN\nNNNN\n\nNNNN\n", "");
}

static void framer_text__keeps_its_leading_blanks(void **state) {
    (void)state;
    check(socket_conf, "\n\n   Headline\n", "<\n\n   Headline\n>");
}

static void framer_text__passes_over_one_that_is_too_long(void **state) {
    char input[500];
    (void)state;

    snprintf(input, sizeof input, "%0101d\nNNNN\ntwo\nNNNN\n%0300d", 7, 7);
    check(socket_conf, input, "<413 #1><two\n><413 #3>");

    snprintf(input, sizeof input, "%0100d", 7);
    char wanted[520];
    snprintf(wanted, sizeof wanted, "<%s>", input);
    check(socket_conf, input, wanted);
}

static void framer_hello__opens_the_dialogue(void **state) {
    (void)state;
    check(socket_conf, "HELLO wire/1\n{\"a\":1}\n",
          "<hello ack=0 source= format=><{\"a\":1}>");
    check(socket_conf, "HELLO wire/1 ack=1 source=wfd-en\r\nplain",
          "<hello ack=1 source=wfd-en format=><plain>");
    check(socket_conf, "HELLO wire/1 frame=ndjson format=ndjson\n[1]\n",
          "<hello ack=0 source= format=ndjson><ndjson [1]>");
}

static void framer_hello__is_a_text_when_it_is_not_ours(void **state) {
    (void)state;
    check(socket_conf, "HELLO wired world", "<HELLO wired world>");
    check(socket_conf, "HELLO", "<HELLO>");
    check(file_conf, "HELLO wire/1\nx", "<HELLO wire/1\nx>");
    check(socket_conf, "x\nHELLO wire/1\n", "<x\nHELLO wire/1\n>");
}

static void framer_hello__is_refused_by_name(void **state) {
    char input[200];
    (void)state;
    check(socket_conf, "HELLO wire/2 ack=1\n{\"a\":1}\n", "<505 #0 fatal>");
    check(socket_conf, "HELLO wire/2 later=yes\n", "<505 #0 fatal>");
    check(socket_conf, "HELLO wire/1 frame=morse\nx", "<400 #0 fatal>");
    check(socket_conf, "HELLO wire/1 frmae=octet\nx", "<400 #0 fatal>");
    check(socket_conf, "HELLO wire/1 ack=yes\nx", "<400 #0 fatal>");
    snprintf(input, sizeof input, "HELLO wire/1 %080d\n{\"a\":1}\n", 1);
    check(socket_conf, input, "<413 #0 fatal>");
}

static void framer_octet__takes_what_was_counted(void **state) {
    (void)state;
    check(socket_conf, "HELLO wire/1 frame=octet\n6 NNNN\nx3 a\nb\n1 c",
          "<hello ack=0 source= format=><NNNN\nx><a\nb><c>");
}

static void framer_octet__refuses_what_is_no_count(void **state) {
    struct framer_conf conf = socket_conf;
    (void)state;
    conf.framing = FRAMING_OCTET;
    check(conf, "2 ab5killed", "<ab><400 #0 fatal>");
    check(conf, "text", "<400 #0 fatal>");
    check(conf, "1234567890 x", "<400 #0 fatal>");
    check(conf, "10 short", "<400 #0 fatal>");
    check(conf, "", "");
}

static void framer_octet__passes_over_one_that_is_too_long(void **state) {
    struct framer_conf conf = socket_conf;
    char input[300];
    (void)state;
    conf.framing = FRAMING_OCTET;

    snprintf(input, sizeof input, "150 %0150d2 ok", 7);

    check(conf, input, "<413 #1><ok>");
}

/* The beginning that comes with the refusal of `input`, fed in pieces. */
static void check_beginning(struct framer_conf conf, struct view input, size_t piece,
                            struct view wanted, bool whole) {
    struct framer *framer = framer_new(&conf);
    struct framed got = {0};
    bool refused = false;
    while (!refused) {
        size_t n = input.len < piece ? input.len : piece;
        framer_feed(framer, view_n(input.at, n));
        input = view_n(input.at + n, input.len - n);
        if (n == 0)
            framer_end(framer);
        while (!refused && framer_next(framer, &got) == 0)
            refused = got.kind == FRAMED_REFUSED;
        assert_true(refused || n > 0);
    }
    assert_true(got.beginning.len >= wanted.len);
    assert_memory_equal(got.beginning.at, wanted.at, wanted.len);
    assert_true(!whole || got.beginning.len == wanted.len);
    assert_int_equal(got.whole, whole);
    framer_free(framer);
}

static void framer__gives_the_beginning_of_what_it_refuses(void **state) {
    struct framer_conf octet = socket_conf;
    char line[420], text[420], frame[180];
    (void)state;
    octet.framing = FRAMING_OCTET;
    snprintf(line, sizeof line, "{%0400d\n", 7);
    snprintf(text, sizeof text, "%0400d\nNNNN\n", 7);
    snprintf(frame, sizeof frame, "150 %0150d2 ok", 7);

    check_beginning(socket_conf, view_of(line), 1000, view_n(line, 401), true);
    check_beginning(socket_conf, view_of(line), 1, view_n(line, 101), false);
    check_beginning(socket_conf, view_of(text), 1000, view_n(text, 401), true);
    check_beginning(socket_conf, view_of(text), 1, view_n(text, 101), false);
    check_beginning(octet, view_of(frame), 1000, view_n(frame + 4, 150), true);
    check_beginning(octet, view_of(frame), 1, view_n(frame + 4, 150), true);
    check_beginning(octet, view_n(frame, 60), 7, view_n(frame + 4, 56), false);
    check_beginning(octet, VIEW_LIT("10 short"), 3, VIEW_LIT("short"), false);
    check_beginning(octet, VIEW_LIT("2 abwhat"), 9, VIEW_LIT("what"), false);
    check_beginning(socket_conf, VIEW_LIT("HELLO wire/9 ack=1\ntext"), 99,
                    VIEW_LIT("text"), false);
    check_beginning(socket_conf, VIEW_LIT("HELLO wire/1 act=1\n"), 99, VIEW_LIT(""),
                    false);
}

static void framer_whole__is_one_document(void **state) {
    (void)state;
    check(file_conf, "one\nNNNN\ntwo", "<one\nNNNN\ntwo>");
    check(file_conf, "{\"a\":1}\n{\"b\":2}", "<{\"a\":1}><{\"b\":2}>");
    check(file_conf, " \n", "");
}

static void framer_auto__does_not_look_past_many_blanks(void **state) {
    char input[200], wanted[220];
    (void)state;

    snprintf(input, sizeof input, "%80s", "{\"a\":1}");
    snprintf(wanted, sizeof wanted, "<%s>", input);

    check(socket_conf, input, wanted);
}

/* ---- what is recognised by what it begins with ---- */

/* As check, of input with a byte 0 in it. */
static void check_n(struct framer_conf conf, struct view bytes, const char *wanted) {
    struct buf out = {0};
    for (size_t cut = 0; cut <= bytes.len + 1; cut++)
        assert_string_equal(framed(conf, bytes, cut, &out), wanted);
    buf_release(&out);
}
#define CHECK_N(conf, text, wanted) check_n(conf, VIEW_LIT(text), wanted)

static void framer_soh__gives_a_message_from_soh_to_eot(void **state) {
    (void)state;
    check(socket_conf, "\001abc0042 4 i 9\r\n\002Text\r\n\003141015 GMT\r\n\177\004",
          "<\001abc0042 4 i 9\r\n\002Text\r\n\003141015 GMT\r\n\177>");
    CHECK_N(socket_conf,
            "\026\026\001a\002b\003c\004\0\177\a\r\n\026\001d\002e\003\004\r\n",
            "<\001a\002b\003c><\001d\002e\003>");
    check(file_conf, "\r\n\001a\002b\003\004\001c\002d\003\004",
          "<\001a\002b\003><\001c\002d\003>");
    check(socket_conf, "\001\001\004\001 \r\n\001a\002b\003\004", "<\001a\002b\003>");
}

static void framer_soh__loses_no_message_for_want_of_a_mark(void **state) {
    (void)state;
    check(socket_conf, "\001a\002b\001c\002d\003\004",
          "<\001a\002b !no-eot><\001c\002d\003>");
    check(socket_conf, "\001a\002b\003 1200\001c\002d\003\004",
          "<\001a\002b\003 1200 !no-eot><\001c\002d\003>");
    check(socket_conf, "\001a\002b\004\001c d\004",
          "<\001a\002b !no-etx><\001c d !no-stx>");
    check(socket_conf, "\001a\002b\003\004\001c\002d",
          "<\001a\002b\003><\001c\002d !truncated>");
    check(socket_conf, "\001a\002b\003 1200", "<\001a\002b\003 1200 !no-eot>");
}

static void framer_soh__passes_over_what_is_between(void **state) {
    (void)state;
    check(socket_conf, "\001a\002b\003\004 ~x~ \r\n\001c\002d\003\004++",
          "<\001a\002b\003><passed 3><\001c\002d\003><passed 2>");
    check(socket_conf, "\001a\002b\003\004{\"c\":1}\n", "<\001a\002b\003><{\"c\":1}>");
    check(socket_conf, "\001a\002b\003\004\r\nZCZC c\r\nd\r\nNNNN\r\n",
          "<\001a\002b\003><ZCZC c\r\nd\r\n>");
    check(socket_conf, "\001a\002b\003\004x\nZCZC c\nNNNN\n",
          "<\001a\002b\003><passed 1><ZCZC c\n>");
    check(socket_conf, "\001a\002b\003\004\n<?xml?><c/>\001d\002e\003\004",
          "<\001a\002b\003><<?xml?><c/>><\001d\002e\003>");
}

static void framer_soh__joins_in_the_midst_of_a_message(void **state) {
    (void)state;
    check(socket_conf, "rest of it\r\n\001a\002b\003\004", "<passed 8><\001a\002b\003>");
    check(socket_conf,
          "rest\r\n\003AP-WF 1509GMT<\r\n\r\n\f\r\n\004\026\001a\002b\003\004",
          "<passed 17><\001a\002b\003>");
    check(socket_conf, "rest\004\026\026\001a\002b\003\004",
          "<passed 4><\001a\002b\003>");
    check(socket_conf, "rest\003 1200 GMT\004", "<passed 11>");
    check(file_conf, "a rest\003 1200\004\026\001a\002b\003\004",
          "<passed 9><\001a\002b\003>");
}

static void framer_soh__passes_over_one_that_is_too_long(void **state) {
    char input[700];
    (void)state;
    snprintf(input, sizeof input,
             "\001a\002%0101d\004\001b\002c\003\004\001%0400d\001d\002e\003\004", 7, 7);
    check(socket_conf, input, "<413 #1><\001b\002c\003><413 #3><\001d\002e\003>");
}

static void framer_soh__is_looked_for_alone_when_asked_for(void **state) {
    struct framer_conf conf = socket_conf, file = file_conf;
    (void)state;
    conf.framing = file.framing = FRAMING_SOH;
    check(conf, "{}\nZCZC a\n<?xml?>\001a\002b\003\004{}",
          "<passed 14><\001a\002b\003><passed 2>");
    check(conf, "HELLO wire/1 ack=1\n\001a\002b\003\004",
          "<hello ack=1 source= format=><\001a\002b\003>");
    check(file, "abc 1 i 9\r\nno controls left\r\n",
          "<abc 1 i 9\r\nno controls left\r\n>");
    check(file, "rest\001a\002b\003\004", "<passed 4><\001a\002b\003>");
}

static void framer_zczc__gives_a_message_up_to_nnnn(void **state) {
    (void)state;
    check(socket_conf, "\r\n  ZCZC AAP\r\n$a\r\nText\r\nNNNN\r\n\r\nZCZC b\nc\nNNNN\n",
          "<ZCZC AAP\r\n$a\r\nText\r\n><ZCZC b\nc\n>");
    check(socket_conf, "ZCZC\ra\rNNNN\rZCZC\rb\r NNNN \r", "<ZCZC\ra\r><ZCZC\rb\r>");
    check(socket_conf, "ZCZC a\nxNNNN\nNNNNx\nNNNN x\nNNNN\n",
          "<ZCZC a\nxNNNN\nNNNNx\nNNNN x\n>");
    check(socket_conf, "ZCZC a\nZCZCb\n.ZCZC c\nNNNN\003\n",
          "<ZCZC a\nZCZCb\n.ZCZC c\n>");
    check(socket_conf, "ZCZCology is none", "<ZCZCology is none>");
}

static void framer_zczc__does_without_nnnn(void **state) {
    (void)state;
    check(socket_conf, "ZCZC a\nb\nZCZC c\nd", "<ZCZC a\nb\n><ZCZC c\nd !no-nnnn>");
    check(file_conf, "ZCZC a\nb\n\n  ZCZC c\nd\n", "<ZCZC a\nb\n\n><ZCZC c\nd\n>");
    check(socket_conf, "ZCZC a\nb\001c\002d\003\004",
          "<ZCZC a\nb !no-nnnn><\001c\002d\003>");
}

static void framer_zczc__joins_in_the_midst_of_a_message(void **state) {
    (void)state;
    check(socket_conf, "the rest\nZCZC a\nb\nNNNN\n", "<passed 7><ZCZC a\nb\n>");
    check(socket_conf, "ZCZC a\nb\nNNNN\nnoise\nZCZC c\nNNNN\n",
          "<ZCZC a\nb\n><passed 5><ZCZC c\n>");
    check(socket_conf, "a text\nNNNN\nanother\nZCZC a\nb\nNNNN\n",
          "<a text\n><another\n !no-nnnn><ZCZC a\nb\n>");
    check(socket_conf, "HELLO wire/1\na text\nZCZC a\nb\nNNNN\n",
          "<hello ack=0 source= format=><a text\n !no-nnnn><ZCZC a\nb\n>");
}

static void framer_zczc__passes_over_one_that_is_too_long(void **state) {
    char input[700];
    (void)state;
    snprintf(input, sizeof input,
             "ZCZC %0101d\nNNNN\nZCZC b\nNNNN\nZCZC %0400d\nZCZC c\nNNNN\n", 7, 7);
    check(socket_conf, input, "<413 #1><ZCZC b\n><413 #3><ZCZC c\n>");
}

static void framer_xml__ends_with_the_root_element(void **state) {
    (void)state;
    check(socket_conf, "<?xml version=\"1.0\"?>\n<nitf><p/>a</nitf>\n\n<rss v=\"1\"/>",
          "<<?xml version=\"1.0\"?>\n<nitf><p/>a</nitf>><<rss v=\"1\"/>>");
    check(socket_conf, "<rss><a b='>' c=\"/>'\"/><!-- </rss> --></rss><feed></feed>",
          "<<rss><a b='>' c=\"/>'\"/><!-- </rss> --></rss>><<feed></feed>>");
    check(socket_conf, "<rss><![CDATA[</rss>]]]><?p </rss> ? ?></rss >\n",
          "<<rss><![CDATA[</rss>]]]><?p </rss> ? ?></rss >>");
    check(
        socket_conf,
        "<!DOCTYPE x [<!ENTITY a \"]>\"><!-- ' ]> --><?p ]>?>]><x:nitf xmlns:x=''>a</x:nitf>",
        "<<!DOCTYPE x [<!ENTITY a \"]>\"><!-- ' ]> --><?p ]>?>]>"
        "<x:nitf xmlns:x=''>a</x:nitf>>");
    check(socket_conf, "\xEF\xBB\xBF<feed/>", "<\xEF\xBB\xBF<feed/>>");
    check(file_conf, "<rss><!-- a --></rss><!-- the end -->",
          "<<rss><!-- a --></rss>><passed 13>");
}

static void framer_xml__is_no_page_of_html_and_no_text(void **state) {
    struct framer_conf any = socket_conf;
    (void)state;
    check(socket_conf, "<!DOCTYPE html><p>a", "<<!DOCTYPE html><p>a>");
    check(socket_conf, "<b>Head</b> text", "<<b>Head</b> text>");
    check(socket_conf, "< 5 killed", "<< 5 killed>");
    any.framing = FRAMING_XML;
    check(any, "x <b>Head</b> text <c/>", "<passed 1><<b>Head</b>><passed 4><<c/>>");
}

static void framer_xml__loses_no_document_for_want_of_an_end(void **state) {
    (void)state;
    check(socket_conf, "<?xml?><rss><a><?xml version='1.0'?><feed/>",
          "<<?xml?><rss><a> !truncated><<?xml version='1.0'?><feed/>>");
    check(socket_conf, "<rss><a>\001b\002c\003\004",
          "<<rss><a> !truncated><\001b\002c\003>");
    check(socket_conf, "<rss><a>text", "<<rss><a>text !truncated>");
}

static void framer_xml__joins_in_the_midst_of_a_document(void **state) {
    (void)state;
    check(socket_conf, "rest</p></nitf>\n<?xml version='1.0'?><nitf/>",
          "<passed 15><<?xml version='1.0'?><nitf/>>");
    check(socket_conf, "</p></nitf><nitf/>", "<passed 11><<nitf/>>");
    check(socket_conf, "<rss/>what?<feed/>", "<<rss/>><passed 5><<feed/>>");
}

static void framer_xml__knows_utf_16(void **state) {
    (void)state;
    static const char bytes[] =
        "\xFF\xFE<\0r\0s\0s\0>\0<>\0\0<\0/\0r\0s\0s\0>\0\n\0\xFF\xFE<\0a\0/\0>";
    struct framer *framer = framer_new(&socket_conf);
    struct framed got;
    for (size_t i = 0; i < sizeof bytes; i++) {
        framer_feed(framer, view_n(bytes + i, 1));
        if (framer_next(framer, &got) != 0)
            continue;
        assert_int_equal(got.kind, FRAMED_DOCUMENT);
        assert_int_equal(got.number, i < 30 ? 1 : 2);
        assert_int_equal(got.bytes.len, i < 30 ? 28 : 10);
    }
    framer_end(framer);
    assert_true(framer_next(framer, &got) > 0);
    framer_free(framer);
}

static void framer_xml__passes_over_one_that_is_too_long(void **state) {
    char input[700];
    (void)state;
    snprintf(input, sizeof input,
             "<rss a='%0100d'/><rss/><rss><!-- %0400d - -></rss> --><p></p></rss><feed/>",
             7, 7);
    check(socket_conf, input, "<413 #1><<rss/>><413 #3><<feed/>>");
}

static void framer_object__may_take_several_lines(void **state) {
    (void)state;
    check(socket_conf, "{\n  \"a\": \"}\\\"{\",\n  \"b\": [{\n}]\n}\n{\"c\":1}\n",
          "<{\n  \"a\": \"}\\\"{\",\n  \"b\": [{\n}]\n}><{\"c\":1}>");
    check(socket_conf, "{ \r\n\"a\": [\n{\n\"b\":\n{\n}\n}\n]\n}\n",
          "<{ \r\n\"a\": [\n{\n\"b\":\n{\n}\n}\n]\n}>");
    check(socket_conf, "{\n\"a\": 1\n{\n\"b\": 2\n}\n{\n\"c\": \"3\n{\"d\":4}\n",
          "<{\n\"a\": 1\n><{\n\"b\": 2\n}><{\n\"c\": \"3\n><{\"d\":4}>");
    check(socket_conf, "{\n\"a\": 1", "<{\n\"a\": 1 !truncated>");
}

static void framer_ndjson__ends_where_a_message_begins(void **state) {
    (void)state;
    CHECK_N(socket_conf, "{\"a\":1}\n\0\026\001b\002c\003\004{\"d\":2}\n",
            "<{\"a\":1}><\001b\002c\003><{\"d\":2}>");
    check(socket_conf, "{\"a\":1}\nZCZC b\nc\nNNNN\n", "<{\"a\":1}><ZCZC b\nc\n>");
    check(socket_conf, "{\"a\":1}\n<?xml?><b/>\n{\"c\":2}\n",
          "<{\"a\":1}><<?xml?><b/>><{\"c\":2}>");
    check(socket_conf, "{\"a\":1}\nZebra\n<b>\n",
          "<{\"a\":1}><ndjson Zebra><ndjson <b>>");
}

static void framer_text__ends_at_a_control_too(void **state) {
    (void)state;
    check(socket_conf, "one\004two\003three\ffour", "<one><two><three><four>");
    check(socket_conf, "HELLO wire/1\none\004\001a\002b\003\004",
          "<hello ack=0 source= format=><one><\001a\002b\003>");
    check(socket_conf, "one\nNNNN\ntwo\001a\002b\003\004",
          "<one\n><two !no-nnnn><\001a\002b\003>");
    check(file_conf, "one\004two\nNNNN\nthree\f", "<one\004two\nNNNN\nthree\f>");
}

static void framer_text__in_utf_16_is_whole(void **state) {
    (void)state;
    static const char text[] = "\xFE\xFF\0N\0N\0N\0N\0\n\x01\x04\0<\0\n\0Z";
    struct framer *framer = framer_new(&socket_conf);
    struct framed got;
    framer_feed(framer, view_n(text, sizeof text - 1));
    assert_true(framer_next(framer, &got) > 0);
    framer_end(framer);
    assert_int_equal(framer_next(framer, &got), 0);
    assert_int_equal(got.bytes.len, sizeof text - 1);
    framer_free(framer);
}

static void framer_hello__knows_formats_and_framings(void **state) {
    (void)state;
    check(socket_conf, "HELLO wire/1 format=text\n{\"a\":1}\nNNNN\n\001b",
          "<hello ack=0 source= format=text><{\"a\":1}\n><\001b>");
    check(socket_conf, "HELLO wire/1 frame=zczc\nx\nZCZC a\nNNNN\n",
          "<hello ack=0 source= format=><passed 1><ZCZC a\n>");
    check(socket_conf, "HELLO wire/1 frame=soh\nx\001a\002b\003\004",
          "<hello ack=0 source= format=><passed 1><\001a\002b\003>");
    check(socket_conf, "HELLO wire/1 frame=xml\n<a/><b/>",
          "<hello ack=0 source= format=><<a/>><<b/>>");
    check(socket_conf, "HELLO wire/1 frame=text format=ndjson\n{\n}\nNNNN\n",
          "<hello ack=0 source= format=ndjson><{\n}\n>");
    check(socket_conf, "HELLO wire/1 format=morse\n", "<400 #0 fatal>");
}

static void framer_expect__settles_what_the_hello_left_open(void **state) {
    (void)state;
    struct framer *framer = framer_new(&socket_conf);
    struct buf out = {0};
    struct framed got;
    framer_feed(framer, VIEW_LIT("HELLO wire/1 source=a\n{\"a\":1}\001b\002c\003\004"));
    assert_int_equal(framer_next(framer, &got), 0);
    assert_int_equal(got.kind, FRAMED_HELLO);
    framer_expect(framer, FRAMING_SOH);
    feed(framer, VIEW_LIT(""), &out);
    assert_string_equal(buf_text(&out), "<passed 7><\001b\002c\003>");
    buf_release(&out);
    framer_free(framer);
}

static void framer__does_not_keep_what_it_passes_over(void **state) {
    (void)state;
    struct framer_conf conf = socket_conf;
    char noise[1000];
    conf.framing = FRAMING_SOH;
    memset(noise, 'x', sizeof noise);
    struct framer *framer = framer_new(&conf);
    struct framed got;
    for (int i = 0; i < 100; i++) {
        framer_feed(framer, view_n(noise, sizeof noise));
        assert_true(framer_next(framer, &got) > 0);
        assert_int_equal(framer_pending(framer), 0);
    }
    framer_free(framer);
}

static void framer_trim__keeps_what_is_not_complete(void **state) {
    (void)state;
    struct framer_conf conf = {
        .framing = FRAMING_NDJSON, .max_document = 1 << 20, .max_line = 64};
    struct framer *framer = framer_new(&conf);
    struct buf in = {0}, out = {0};
    struct framed got;
    buf_put_text(&in, "{");
    memset(buf_reserve(&in, 300000), 'x', 300000);
    in.len += 300000;
    buf_put_text(&in, "\n{\"a");

    framer_feed(framer, buf_view(&in));
    assert_int_equal(framer_next(framer, &got), 0);
    assert_int_equal(got.bytes.len, 300001);
    assert_true(framer_next(framer, &got) > 0);
    framer_trim(framer);
    feed(framer, VIEW_LIT("b\"}\n"), &out);

    assert_string_equal(buf_text(&out), "<{\"ab\"}>");
    buf_release(&in);
    buf_release(&out);
    framer_free(framer);
}

static void framing_of_file__goes_by_name_and_format(void **state) {
    (void)state;
    assert_int_equal(framing_of_file("a/b.ndjson", NULL), FRAMING_NDJSON);
    assert_int_equal(framing_of_file("b.jsonl", "auto"), FRAMING_NDJSON);
    assert_int_equal(framing_of_file("b.json", NULL), FRAMING_WHOLE);
    assert_int_equal(framing_of_file("b.xml", NULL), FRAMING_XML);
    assert_int_equal(framing_of_file("b.txt", NULL), FRAMING_AUTO);
    assert_int_equal(framing_of_file("", NULL), FRAMING_AUTO);
    assert_int_equal(framing_of_file("b.json", "text"), FRAMING_WHOLE);
    assert_int_equal(framing_of_file("b.json", "ndjson"), FRAMING_NDJSON);
    assert_int_equal(framing_of_file("b.json", "ninjs"), FRAMING_WHOLE);
    assert_int_equal(framing_of_file("b.txt", "anpa"), FRAMING_SOH);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(framer_ndjson__gives_a_document_a_line),
        cmocka_unit_test(framer_ndjson__passes_over_a_line_that_is_too_long),
        cmocka_unit_test(framer_text__ends_at_nnnn_or_the_end),
        cmocka_unit_test(framer_text__is_nothing_when_it_is_blank),
        cmocka_unit_test(framer_text__keeps_its_leading_blanks),
        cmocka_unit_test(framer_text__passes_over_one_that_is_too_long),
        cmocka_unit_test(framer_hello__opens_the_dialogue),
        cmocka_unit_test(framer_hello__is_a_text_when_it_is_not_ours),
        cmocka_unit_test(framer_hello__is_refused_by_name),
        cmocka_unit_test(framer_octet__takes_what_was_counted),
        cmocka_unit_test(framer_octet__refuses_what_is_no_count),
        cmocka_unit_test(framer_octet__passes_over_one_that_is_too_long),
        cmocka_unit_test(framer__gives_the_beginning_of_what_it_refuses),
        cmocka_unit_test(framer_whole__is_one_document),
        cmocka_unit_test(framer_auto__does_not_look_past_many_blanks),
        cmocka_unit_test(framer_soh__gives_a_message_from_soh_to_eot),
        cmocka_unit_test(framer_soh__loses_no_message_for_want_of_a_mark),
        cmocka_unit_test(framer_soh__passes_over_what_is_between),
        cmocka_unit_test(framer_soh__joins_in_the_midst_of_a_message),
        cmocka_unit_test(framer_soh__passes_over_one_that_is_too_long),
        cmocka_unit_test(framer_soh__is_looked_for_alone_when_asked_for),
        cmocka_unit_test(framer_zczc__gives_a_message_up_to_nnnn),
        cmocka_unit_test(framer_zczc__does_without_nnnn),
        cmocka_unit_test(framer_zczc__joins_in_the_midst_of_a_message),
        cmocka_unit_test(framer_zczc__passes_over_one_that_is_too_long),
        cmocka_unit_test(framer_xml__ends_with_the_root_element),
        cmocka_unit_test(framer_xml__is_no_page_of_html_and_no_text),
        cmocka_unit_test(framer_xml__loses_no_document_for_want_of_an_end),
        cmocka_unit_test(framer_xml__joins_in_the_midst_of_a_document),
        cmocka_unit_test(framer_xml__knows_utf_16),
        cmocka_unit_test(framer_xml__passes_over_one_that_is_too_long),
        cmocka_unit_test(framer_object__may_take_several_lines),
        cmocka_unit_test(framer_ndjson__ends_where_a_message_begins),
        cmocka_unit_test(framer_text__ends_at_a_control_too),
        cmocka_unit_test(framer_text__in_utf_16_is_whole),
        cmocka_unit_test(framer_hello__knows_formats_and_framings),
        cmocka_unit_test(framer_expect__settles_what_the_hello_left_open),
        cmocka_unit_test(framer__does_not_keep_what_it_passes_over),
        cmocka_unit_test(framer_trim__keeps_what_is_not_complete),
        cmocka_unit_test(framing_of_file__goes_by_name_and_format),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
