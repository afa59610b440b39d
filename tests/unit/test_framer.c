/* Framing: what comes out does not depend on how the input came in. */
#include "tests/unit/check.h"

#include <stdio.h>

#include "ingest/framer.h"

static const struct framer_conf socket_conf = {
    .framing = FRAMING_AUTO, .hello = true, .max_document = 100, .max_line = 64};
static const struct framer_conf file_conf = {
    .framing = FRAMING_AUTO, .whole = true, .max_document = 100, .max_line = 64};

static void note(const struct framed *f, struct buf *out) {
    if (f->kind == FRAMED_HELLO)
        buf_printf(out, "<hello ack=%d source=%.*s format=%.*s>", f->hello.ack,
                   (int)f->hello.source.len, f->hello.source.at, (int)f->hello.format.len,
                   f->hello.format.at);
    else if (f->kind == FRAMED_REFUSED)
        buf_printf(out, "<%d #%d%s>", f->code, (int)f->number, f->fatal ? " fatal" : "");
    else
        buf_printf(out, "<%s %.*s>", f->format ? f->format : "?", (int)f->bytes.len,
                   f->bytes.at);
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
    check(socket_conf, "{\"a\":1}\n{\"b\":2}\n", "<ndjson {\"a\":1}><ndjson {\"b\":2}>");
    check(socket_conf, "  \r\n{\"a\":1}\r\n\n \n{\"b\":2}",
          "<ndjson {\"a\":1}><ndjson {\"b\":2}>");
    check(socket_conf, "\xEF\xBB\xBF{\"a\":1}\n", "<ndjson {\"a\":1}>");
    check(socket_conf, "{\"a\":1}\nno json\n", "<ndjson {\"a\":1}><ndjson no json>");
}

static void framer_ndjson__passes_over_a_line_that_is_too_long(void **state) {
    char input[400];
    (void)state;

    snprintf(input, sizeof input, "{\"a\":1}\n{%0150d\n{\"b\":2}\n{%0150d", 7, 7);

    check(socket_conf, input, "<ndjson {\"a\":1}><413 #2><ndjson {\"b\":2}><413 #4>");
}

static void framer_text__ends_at_nnnn_or_the_end(void **state) {
    (void)state;
    check(socket_conf, "5 killed in Tripoli", "<text 5 killed in Tripoli>");
    check(socket_conf, "one\nNNNN\ntwo\r\nNNNN \r\n\r\nthree",
          "<text one\n><text two\r\n><text three>");
    check(socket_conf, "one\rNNNN\rtwo\r", "<text one\r><text two\r>");
    check(socket_conf, " NNNN\nNNNNa\nxNNNN\nNNNN", "<text  NNNN\nNNNNa\nxNNNN\n>");
    check(socket_conf, "one\nNNNN\n{\"a\":1}\n", "<text one\n><text {\"a\":1}\n>");
}

static void framer_text__is_nothing_when_it_is_blank(void **state) {
    (void)state;
    check(socket_conf, "", "");
    check(socket_conf, " \n\t\r\n", "");
    check(socket_conf, "NNNN\nNNNN\n\nNNNN\n", "");
}

static void framer_text__keeps_its_leading_blanks(void **state) {
    (void)state;
    check(socket_conf, "\n\n   Headline\n", "<text \n\n   Headline\n>");
}

static void framer_text__passes_over_one_that_is_too_long(void **state) {
    char input[500];
    (void)state;

    snprintf(input, sizeof input, "%0101d\nNNNN\ntwo\nNNNN\n%0300d", 7, 7);
    check(socket_conf, input, "<413 #1><text two\n><413 #3>");

    snprintf(input, sizeof input, "%0100d", 7);
    char wanted[520];
    snprintf(wanted, sizeof wanted, "<text %s>", input);
    check(socket_conf, input, wanted);
}

static void framer_hello__opens_the_dialogue(void **state) {
    (void)state;
    check(socket_conf, "HELLO wire/1\n{\"a\":1}\n",
          "<hello ack=0 source= format=><ndjson {\"a\":1}>");
    check(socket_conf, "HELLO wire/1 ack=1 source=wfd-en\r\nplain",
          "<hello ack=1 source=wfd-en format=><text plain>");
    check(socket_conf, "HELLO wire/1 frame=ndjson format=ndjson\n[1]\n",
          "<hello ack=0 source= format=ndjson><ndjson [1]>");
}

static void framer_hello__is_a_text_when_it_is_not_ours(void **state) {
    (void)state;
    check(socket_conf, "HELLO wired world", "<text HELLO wired world>");
    check(socket_conf, "HELLO", "<text HELLO>");
    check(file_conf, "HELLO wire/1\nx", "<? HELLO wire/1\nx>");
    check(socket_conf, "x\nHELLO wire/1\n", "<text x\nHELLO wire/1\n>");
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
          "<hello ack=0 source= format=><? NNNN\nx><? a\nb><? c>");
}

static void framer_octet__refuses_what_is_no_count(void **state) {
    struct framer_conf conf = socket_conf;
    (void)state;
    conf.framing = FRAMING_OCTET;
    check(conf, "2 ab5killed", "<? ab><400 #0 fatal>");
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

    check(conf, input, "<413 #1><? ok>");
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
    char line[160], text[160], frame[180];
    (void)state;
    octet.framing = FRAMING_OCTET;
    snprintf(line, sizeof line, "{%0150d\n", 7);
    snprintf(text, sizeof text, "%0150d\nNNNN\n", 7);
    snprintf(frame, sizeof frame, "150 %0150d2 ok", 7);

    check_beginning(socket_conf, view_of(line), 1000, view_n(line, 151), true);
    check_beginning(socket_conf, view_of(line), 1, view_n(line, 101), false);
    check_beginning(socket_conf, view_of(text), 1000, view_n(text, 151), true);
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
    check(file_conf, "one\nNNNN\ntwo", "<? one\nNNNN\ntwo>");
    check(file_conf, "{\"a\":1}\n{\"b\":2}", "<ndjson {\"a\":1}><ndjson {\"b\":2}>");
    check(file_conf, " \n", "");
}

static void framer_auto__does_not_look_past_many_blanks(void **state) {
    char input[200], wanted[220];
    (void)state;

    snprintf(input, sizeof input, "%80s", "{\"a\":1}");
    snprintf(wanted, sizeof wanted, "<text %s>", input);

    check(socket_conf, input, wanted);
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

    assert_string_equal(buf_text(&out), "<ndjson {\"ab\"}>");
    buf_release(&in);
    buf_release(&out);
    framer_free(framer);
}

static void framing_of_file__goes_by_the_name(void **state) {
    (void)state;
    assert_int_equal(framing_of_file("a/b.ndjson"), FRAMING_NDJSON);
    assert_int_equal(framing_of_file("b.jsonl"), FRAMING_NDJSON);
    assert_int_equal(framing_of_file("b.json"), FRAMING_WHOLE);
    assert_int_equal(framing_of_file("b.txt"), FRAMING_AUTO);
    assert_int_equal(framing_of_file(""), FRAMING_AUTO);
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
        cmocka_unit_test(framer_trim__keeps_what_is_not_complete),
        cmocka_unit_test(framing_of_file__goes_by_the_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
