/* HTML as it is really sent, and character references. */
#include "tests/unit/check.h"

#include <stdlib.h>

#include "ingest/format/entities.h"
#include "ingest/format/html.h"

static void assert_text(const char *html, const char *want) {
    struct buf out = {0};

    html_put(view_of(html), &out);

    assert_string_equal(buf_text(&out), want);
    buf_release(&out);
}

static void tags__make_paragraphs(void **state) {
    (void)state;

    assert_text("<p class=\"a>b\">One <a href='x'>two</a>.</p>\n<P>Three<BR/>four</P>",
                "One two.\n\nThree\nfour");
    assert_text("<!DOCTYPE html><html><head><title>No</title><meta charset=utf-8></head>"
                "<body>a<!-- > no <p> -->b<?xml no?>c</body></html>",
                "abc");
    assert_text("<![CDATA[<p>One.</p><p>Two.</p>]]>", "One.\n\nTwo.");
    assert_text("one</br>two", "one\ntwo");
}

static void tag_soup__loses_no_text(void **state) {
    (void)state;

    assert_text("<p>One<p>Two</b></div></div><i>three", "One\n\nTwo\n\nthree");
    assert_text("<a href=\"x>one</a> two", "one two");
    assert_text("<a href='x y=\"z\">one</a> two", "one two");
    assert_text("one <a href=\"http://x", "one");
    assert_text("a < b, c <3 and d<", "a < b, c <3 and d<");
    assert_text("1 <b", "1");
    assert_text("<p <b>x</b></p>", "x");
    assert_text("</>x</ p>", "</>x</ p>");
}

static void angle_brackets__are_text_where_no_tag_is(void **state) {
    (void)state;

    assert_text(
        "<p>Jo Doe <jo@example.org>, Apple <AAPL.O> <CLc1>, <https://x.org/a></p>",
        "Jo Doe <jo@example.org>, Apple <AAPL.O> <CLc1>, <https://x.org/a>");
    assert_text(
        "<o:p></o:p><st1:City>Oslo</st1:City> <fb-like/><FONT>x</FONT><COLGROUP><WBR>",
        "Oslo x");
}

static void elements_without_text__are_left_out(void **state) {
    (void)state;

    assert_text("a<script>if (a < b) '<p>';</script>b<STYLE>p > a {}</style >c", "abc");
    assert_text("a<svg><svg></svg><text>x</text></svg>b<iframe src=x></iframe>c", "abc");
    assert_text("a<iframe src=x />b", "ab");
    assert_text("a<video>b", "ab");
    assert_text("a<object><object>x</object>b", "ab");
    assert_text("a<script>b", "a");
    assert_text("a<noscript><img></noscript>b</noscript>c", "abc");
}

static void references__become_characters(void **state) {
    (void)state;

    assert_text("R&eacute;d&#233;&#xE9; AT&T &amp; &lt;b&gt; &copy2020 &notit; &bogus; &",
                "Rédéé AT&T & <b> ©2020 ¬it; &bogus; &");
    assert_text("&#147;x&#148; &#8212; &#0; &#xD800; &#99999999999;",
                "“x” — \xEF\xBF\xBD \xEF\xBF\xBD \xEF\xBF\xBD");
    assert_text("a&nbsp;&nbsp;b&shy;c&#10;d", "a bc d");
    assert_text("it&amp;#8217;s &amp;amp; &amp;x; &amp;", "it’s & &x; &");
    assert_text("&#;&#x;&;", "&#;&#x;&;");
}

static void what_was_escaped_twice__is_read_so(void **state) {
    (void)state;

    assert_text("&lt;p&gt;One &amp;amp; two.&lt;/p&gt;&lt;p&gt;Three&lt;/p&gt;",
                "One & two.\n\nThree");
    assert_text("One&lt;br /&gt;two", "One\ntwo");
    assert_text("One &lt;b&gt;two&lt;/b&gt;", "One two");
    assert_text("Use the &lt;p&gt; tag", "Use the <p> tag");
    assert_text("if a &lt; b &amp;&amp; b &gt; c", "if a < b && b > c");
    assert_text("<p>Write &lt;b&gt;x&lt;/b&gt;</p>", "Write <b>x</b>");
}

static void plain_text__keeps_its_paragraphs(void **state) {
    (void)state;

    assert_text("One\nline.\n\nTwo.\r\n\r\n<i>Three</i>.", "One line.\n\nTwo.\n\nThree.");
    assert_text("<p>One\n\nline.</p>", "One line.");
}

static void line__has_no_breaks(void **state) {
    struct arena arena = {0};
    (void)state;

    assert_view_is(
        html_line(VIEW_LIT(" <b>Storm</b>&#8217;s\n path<br>\tnorth "), &arena),
        "Storm’s path north");
    assert_view_is(html_line(VIEW_LIT(""), &arena), "");

    arena_release(&arena);
}

static void entity_named__knows_names_by_case(void **state) {
    (void)state;

    assert_int_equal(entity_named(VIEW_LIT("eacute")), 0xE9);
    assert_int_equal(entity_named(VIEW_LIT("Eacute")), 0xC9);
    assert_int_equal(entity_named(VIEW_LIT("thetasym")), 0x3D1);
    assert_int_equal(entity_named(VIEW_LIT("scaron")), 0x161);
    assert_int_equal(entity_named(VIEW_LIT("apos")), '\'');
    assert_int_equal(entity_named(VIEW_LIT("hellip")), 0x2026);
    assert_int_equal(entity_named(VIEW_LIT("zwnj")), 0x200C);
    assert_int_equal(entity_named(VIEW_LIT("AElig")), 0xC6);
    assert_int_equal(entity_named(VIEW_LIT("EACUTE")), 0);
    assert_int_equal(entity_named(VIEW_LIT("")), 0);
    assert_int_equal(entity_named(VIEW_LIT("alphabetagamma")), 0);
}

/* Whatever is hard in one of these must not be so for each of them again. */
static void html__takes_time_by_length(void **state) {
    static const char *const pieces[] = {"<a b='",
                                         "<a b=\"c",
                                         "<svg>",
                                         "<!--",
                                         "<script",
                                         "</svg",
                                         "&amp;",
                                         "&aaaaaa",
                                         "<zz ",
                                         "<zz a='>' ",
                                         "<!-- > ",
                                         "<svg><svg></svg>",
                                         "<q>",
                                         "<td>",
                                         "<pre> ",
                                         "<li>",
                                         "<ZZ.Z>",
                                         "</q></pre>",
                                         "<zz",
                                         "&lt;p",
                                         "<",
                                         "<svg></x>",
                                         "<![CDATA[",
                                         "&lt;b&gt;",
                                         "<video></object>"};
    struct buf html = {0}, out = {0};
    (void)state;

    for (size_t i = 0; i < COUNT(pieces); i++) {
        buf_clear(&html);
        buf_clear(&out);
        while (html.len < 512 * 1024)
            buf_put_text(&html, pieces[i]);
        html_put(buf_view(&html), &out);
        assert_true(out.len <= 3 * html.len);
    }

    buf_release(&html);
    buf_release(&out);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tags__make_paragraphs),
        cmocka_unit_test(tag_soup__loses_no_text),
        cmocka_unit_test(angle_brackets__are_text_where_no_tag_is),
        cmocka_unit_test(elements_without_text__are_left_out),
        cmocka_unit_test(references__become_characters),
        cmocka_unit_test(what_was_escaped_twice__is_read_so),
        cmocka_unit_test(plain_text__keeps_its_paragraphs),
        cmocka_unit_test(line__has_no_breaks),
        cmocka_unit_test(entity_named__knows_names_by_case),
        cmocka_unit_test(html__takes_time_by_length),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
