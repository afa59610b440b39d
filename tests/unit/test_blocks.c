/* Blocks: what elements make of the text in them. */
#include "tests/unit/check.h"

#include "ingest/format/blocks.h"
#include "ingest/format/xml_blocks.h"
#include "proto/utf8.h"

/* Well-formed markup without attributes or references, told as events. */
static void tell(struct blocks *b, struct view markup) {
    struct view part, name;

    while (view_split(&markup, '<', &part)) {
        blocks_text(b, part);
        if (!view_split(&markup, '>', &name))
            return;
        if (name.at[0] == '/')
            blocks_close(b, view_n(name.at + 1, name.len - 1));
        else
            blocks_open(b, name);
    }
}

static void assert_text(const char *markup, const char *want) {
    struct buf out = {0};
    struct blocks b;

    blocks_begin(&b, &out);
    tell(&b, view_of(markup));
    blocks_end(&b);

    assert_string_equal(buf_text(&out), want);
    buf_release(&out);
}

static void paragraphs__are_parted_by_an_empty_line(void **state) {
    (void)state;

    assert_text("<p>One.</p><p>Two.</p>", "One.\n\nTwo.");
    assert_text("<div><p>One.</p>\n</div><div><h2>Two</h2>three</div>",
                "One.\n\nTwo\n\nthree");
    assert_text("<p>One.<p>Two.", "One.\n\nTwo.");
    assert_text("<p></p><p>\xC2\xA0</p><p>One.</p><p> </p>", "One.");
    assert_text("one<hr>two", "one\n\ntwo");
    assert_text("<HL1>One</HL1><Body.Content>two</Body.Content>", "One\n\ntwo");
}

static void blanks__collapse_across_elements(void **state) {
    (void)state;

    assert_text(" <p> It <b>rained</b> <i> in</i>\n  Oslo<em>, </em> they\tsaid . </p> ",
                "It rained in Oslo, they said .");
    assert_text("Mr.\xC2\xA0 Doe\xC2\xA0said", "Mr. Doe said");
    assert_text("re\xC2\xADport\xE2\x80\x8B\xEF\xBB\xBF\xE2\x81\xA0s", "reports");
    assert_text("\xD9\x85\xDB\x8C\xE2\x80\x8C\xD8\xAE\xD9\x88\xD8\xA7\xD9\x87\xD9\x85",
                "\xD9\x85\xDB\x8C\xE2\x80\x8C\xD8\xAE\xD9\x88\xD8\xA7\xD9\x87\xD9\x85");
}

static void breaks__end_a_line_and_two_a_paragraph(void **state) {
    (void)state;

    assert_text("one<br>two", "one\ntwo");
    assert_text("one<br>\n<br>two<br><br><br>three<br>", "one\n\ntwo\n\nthree");
    assert_text("<p><br>one</p><br><p>two</p>", "one\n\ntwo");
}

static void lists__are_lines(void **state) {
    (void)state;

    assert_text("<p>Teams:</p><ul><li>Ajax</li> <li>Benfica</li></ul>after",
                "Teams:\n\nAjax\nBenfica\n\nafter");
    assert_text("<ol><li><p>one</p><p>more</p></li><li>two</ol>", "one\n\nmore\n\ntwo");
    assert_text("<ul><li>a<ul><li>b</li></ul></li><li>c</li></ul>", "a\n\nb\n\nc");
    assert_text("<dl><dt>WHO</dt><dd>agency</dd></dl>", "WHO\nagency");
    assert_text("<ul><li></li></ul><p>one</p>two", "one\n\ntwo");
}

static void tables__are_a_line_for_each_row(void **state) {
    (void)state;

    assert_text("x<table><tr><th></th><th>P</th><th>W</th></tr>\n"
                "<tr><td>Ajax</td> <td>3</td><td>2</td></tr></table>y",
                "x\n\n\tP\tW\nAjax\t3\t2\n\ny");
    assert_text("<table><tr><td><p>a</p></td><td><div>b</div></td></tr></table>", "a\tb");
    assert_text("<table><tbody><tr><td>a<td><td>c<tr><td>d<td></table>", "a\t\tc\nd");
    assert_text("a<td>b</td>", "a\nb");
}

static void tables__that_lay_out_a_page_are_paragraphs(void **state) {
    (void)state;

    assert_text("<table><tr><td><p>One.</p><p>Two.</p></td><td>Three.</td></tr></table>",
                "One.\n\nTwo.\n\nThree.");
    assert_text("<table><tr><td><table><tr><td>a</td><td>b</td></tr></table></td>"
                "<td>c</td></tr></table>d",
                "a\tb\n\nc\n\nd");
    assert_text("<tr><td><ul><li>a</li></ul>b</td><td>c</td></tr>", "a\n\nb\n\nc");
    assert_text("<tr><td>a<br>b</td><td><p>c</p></td></tr>d", "a\nb\n\nc\n\nd");
}

static void pre__is_kept_line_by_line(void **state) {
    (void)state;

    assert_text("a<pre>\n  Ajax   3\r\n  PSV    2\t1\n\n</pre>b",
                "a\n\n  Ajax   3\n  PSV    2\t1\n\nb");
    assert_text("a<pre>\n \n</pre>b", "a\n\nb");
    assert_text("<pre>one<br>two\x01\xC2\xA0three", "one\ntwo three");
}

static void quotes__get_their_marks_once(void **state) {
    (void)state;

    assert_text("He said <q>it rains</q>.", "He said \xE2\x80\x9Cit rains\xE2\x80\x9D.");
    assert_text("He said <q> \"it rains\" </q>.", "He said \"it rains\" .");
    assert_text("<q>\xC2\xABIt rains\xC2\xBB</q></q>", "\xC2\xABIt rains\xC2\xBB");
    assert_text("<q></q>a", "a");
}

static void fractions__are_written_with_a_stroke(void **state) {
    (void)state;

    assert_text("5<frac><numer>1</numer><denom>2</denom></frac>", "5 1/2");
    assert_text("<frac><numer>1</numer><frac-sep>/</frac-sep><denom>2</denom></frac>",
                "1/2");
}

static void what_is_not_text__is_left_out(void **state) {
    (void)state;

    assert_text("<head><title>T</title></head><body>a<script>if</script>b<svg><g><text>"
                "x</text></g></svg>c</body>",
                "abc");
    assert_text("<media><media-object>QUJD</media-object>"
                "<media-caption>A tram.</media-caption></media>",
                "A tram.");
}

static void bytes_that_are_no_text__are_replaced_or_go(void **state) {
    (void)state;

    assert_text("a\xFF"
                "b\xC3",
                "a\xEF\xBF\xBD"
                "b\xEF\xBF\xBD");
    assert_text("a\x07\x7F\xC2\x80"
                "b\xED\xA0\x80",
                "ab\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD");
    assert_text("\xF0\x9F\x98\x80 \xE2\x82\xAC", "\xF0\x9F\x98\x80 \xE2\x82\xAC");
}

static void lines__are_paragraphs_where_asked_for(void **state) {
    struct buf out = {0};
    struct blocks b;
    (void)state;

    blocks_begin_lines(&b, &out);
    blocks_text(&b, VIEW_LIT("One\ntwo.\r\n\r\nThree.\r\rFour.\n \n"));
    blocks_end(&b);

    assert_string_equal(buf_text(&out), "One two.\n\nThree.\n\nFour.");
    buf_release(&out);
}

static void text__is_appended(void **state) {
    struct buf out = {0};
    struct blocks b;
    (void)state;

    buf_put_text(&out, "Headline\n\n");
    blocks_begin(&b, &out);
    tell(&b, VIEW_LIT("<p>Body.</p>"));
    blocks_end(&b);

    assert_string_equal(buf_text(&out), "Headline\n\nBody.");
    buf_release(&out);
}

static void xml_put_text__tells_all_of_a_tree(void **state) {
    struct arena arena = {0};
    struct xml_document document;
    struct buf out = {0};
    (void)state;

    assert_int_equal(
        xml_read(VIEW_LIT("<body.content>a<p>One <em>t<b/>wo</em>, three.</p>"
                          "<media><media-object>x<b>y</b></media-object>"
                          "<media-caption>Tram</media-caption></media>\n"
                          "<hl2/>b</body.content>"),
                 NULL, &arena, &document, NULL),
        0);
    xml_put_text(document.root, &out);
    xml_put_text(NULL, &out);

    assert_string_equal(buf_text(&out), "a\n\nOne two, three.\n\nTram\n\nb");
    buf_release(&out);
    arena_release(&arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(paragraphs__are_parted_by_an_empty_line),
        cmocka_unit_test(blanks__collapse_across_elements),
        cmocka_unit_test(breaks__end_a_line_and_two_a_paragraph),
        cmocka_unit_test(lists__are_lines),
        cmocka_unit_test(tables__are_a_line_for_each_row),
        cmocka_unit_test(tables__that_lay_out_a_page_are_paragraphs),
        cmocka_unit_test(pre__is_kept_line_by_line),
        cmocka_unit_test(quotes__get_their_marks_once),
        cmocka_unit_test(fractions__are_written_with_a_stroke),
        cmocka_unit_test(what_is_not_text__is_left_out),
        cmocka_unit_test(bytes_that_are_no_text__are_replaced_or_go),
        cmocka_unit_test(lines__are_paragraphs_where_asked_for),
        cmocka_unit_test(text__is_appended),
        cmocka_unit_test(xml_put_text__tells_all_of_a_tree),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
