/* XML as a tree: what senders write, what they get wrong, what attackers try. */
#include "tests/unit/check.h"

#include <stdio.h>

#include "ingest/format/xml_blocks.h"
#include "proto/buf.h"

static struct arena arena;
static struct xml_document doc;
static struct diag diag;

static int read_bytes(struct view bytes) {
    arena_clear(&arena);
    doc = (struct xml_document){0};
    diag = (struct diag){0};
    return xml_read(bytes, NULL, &arena, &doc, &diag);
}

static const struct xml_node *reads(const char *text) {
    int err = read_bytes(view_of(text));
    if (err)
        print_error("%s\n", diag.text);
    assert_int_equal(err, 0);
    return doc.root;
}

static void refuses(const char *text, int err, const char *why) {
    assert_int_equal(read_bytes(view_of(text)), err);
    if (!strstr(diag.text, why))
        print_error("%s\n", diag.text);
    assert_non_null(strstr(diag.text, why));
}

#define assert_words(node, text) assert_view_is(xml_words(node, &arena), text)
#define assert_warns(text)       assert_non_null(strstr(doc.warning.at, text))

static void read__keeps_text_and_tails_in_order(void **state) {
    (void)state;
    const struct xml_node *p = reads("<p>Wheat <em>rose</em> to <b/>5.</p>");

    assert_view_is(p->text, "Wheat ");
    assert_view_is(p->first->text, "rose");
    assert_view_is(p->first->tail, " to ");
    assert_view_is(p->first->next->text, "");
    assert_view_is(p->first->next->tail, "5.");
    assert_words(p, "Wheat rose to 5.");
    assert_int_equal(doc.warning.len, 0);
}

static void read__joins_what_references_and_cdata_part(void **state) {
    (void)state;
    const struct xml_node *p =
        reads("<p>a &amp; b<!-- no --> &#x41;&#66; <![CDATA[<i>&nbsp;</i>]]>\r\nend</p>");

    assert_view_is(p->text, "a & b AB <i>&nbsp;</i>\nend");
}

static void read__takes_names_without_their_prefixes(void **state) {
    (void)state;
    const struct xml_node *root =
        reads("<n:a xmlns:n='urn:x' xmlns='urn:y'><b n:c='1' c='2' xml:lang='de'/>"
              "<z:d/><n:b xmlns:n='urn:z'/><n:b/><e xmlns=''/></n:a>");
    const struct xml_node *b = root->first;

    assert_true(xml_is(root, "a"));
    assert_string_equal(root->space, "urn:x");
    assert_string_equal(b->space, "urn:y");
    assert_view_is(xml_attribute(b, "c"), "2");
    assert_view_is(xml_attribute(b, "lang"), "de");
    assert_string_equal(b->attributes->space, "urn:x");
    assert_string_equal(b->next->space, "z");
    assert_string_equal(b->next->next->space, "urn:z");
    assert_string_equal(b->next->next->next->space, "urn:x");
    assert_string_equal(xml_child(root, "e")->space, "");
}

static void read__keeps_many_names_apart(void **state) {
    (void)state;
    struct buf text = {0};
    const struct xml_node *root;
    int i = 0;

    buf_put_text(&text, "<r>");
    for (i = 0; i < 500; i++)
        buf_printf(&text, "<n%d a%d='%d'/>", i, i, i);
    buf_put_text(&text, "</r>");
    root = reads(buf_text(&text));
    i = 0;
    for (const struct xml_node *n = root->first; n; n = n->next, i++) {
        char name[16], value[16];
        snprintf(name, sizeof name, "n%d", i);
        snprintf(value, sizeof value, "%d", i);
        assert_view_is(n->name, name);
        name[0] = 'a';
        assert_view_is(xml_attribute(n, name), value);
    }
    assert_int_equal(i, 500);
    buf_release(&text);
}

static void find__tries_every_branch(void **state) {
    (void)state;
    const struct xml_node *root =
        reads("<r><a><x>1</x></a><a><b><x>2</x></b></a><a><b>3</b></a></r>");
    int count = 0;

    assert_words(xml_find(root, "a/b/x"), "2");
    assert_words(xml_next(xml_child(root, "a"), "a"), "2");
    assert_null(xml_find(root, "a/c"));
    assert_null(xml_find(NULL, "a"));
    for (const struct xml_node *n = xml_walk(root, NULL); n; n = xml_walk(root, n))
        count++;
    assert_int_equal(count, 8);
}

static void words__makes_one_line(void **state) {
    (void)state;
    const struct xml_node *root =
        reads("<r>\n <hl1> Oil\n\t up</hl1><hl1>again<br/>and\xC2\x85 again</hl1>"
              "<b>U</b>N's <byline>Ann<byttl>Editor</byttl></byline> </r>");

    assert_words(root, "Oil up again and again UN's Ann Editor");
    assert_words(NULL, "");
}

static bool is_note(const struct xml_node *node, void *context) {
    (void)context;
    return xml_is(node, "note");
}

static void blocks_but__leaves_out_what_it_is_told_to(void **state) {
    (void)state;
    const struct xml_node *root =
        reads("<body>\n<p>One <em>two</em>\n three</p><note><p>No</p></note> "
              "<table><tr><td>a</td><td>b</td></tr></table> tail</body>");
    struct buf out = {0};
    struct blocks blocks;

    blocks_begin(&blocks, &out);
    xml_blocks_but(root, is_note, NULL, &blocks);
    blocks_end(&blocks);

    assert_string_equal(buf_text(&out), "One two three\n\na\tb\n\ntail");
    buf_release(&out);
}

static void read__believes_bytes_more_than_declarations(void **state) {
    (void)state;

    assert_words(reads("<?xml version='1.0' encoding='UTF-8'?><p>caf\xE9 \x93q\x94</p>"),
                 "café “q”");
    assert_warns("says it is UTF-8, read as windows-1252");
    assert_words(reads("<?xml version='1.0' encoding=\"ISO-8859-1\"?><p>café</p>"),
                 "café");
    assert_warns("read as utf-8");
    assert_words(reads("<?xml version='1.0' encoding='ISO-8859-1'?><p>caf\xE9</p>"),
                 "café");
    assert_int_equal(doc.warning.len, 0);
    assert_view_is(doc.charset, "windows-1252");
    assert_words(reads("<?xml version='1.0' encoding='utf-16'?><p>x</p>"), "x");
    assert_warns("utf-16");
    assert_words(reads("<?xml version='1.0' encoding='x-none'?><p>x</p>"), "x");
}

static void read__takes_other_single_byte_encodings(void **state) {
    (void)state;

    assert_words(
        reads("<?xml version='1.0' encoding='windows-1251'?><p>\xCF\xF0\xE8\xE2\xE5\xF2"
              "</p>"),
        "Привет");
    assert_words(
        reads("<?xml version='1.0' encoding='iso-8859-2'?><p>\xA3\xF3\x64\xBC</p>"),
        "Łódź");
}

static void read__takes_utf16(void **state) {
    (void)state;
    static const char little[] = "\xFF\xFE<\0p\0>\0\xE9\0<\0/\0p\0>\0";
    static const char big[] = "\0<\0p\0>\0\xE9\0<\0/\0p\0>";

    assert_int_equal(read_bytes(view_n(little, sizeof little - 1)), 0);
    assert_words(doc.root, "é");
    assert_true(xml_root_is(view_n(little, sizeof little - 1), "p"));
    assert_int_equal(read_bytes(view_n(big, sizeof big - 1)), 0);
    assert_words(doc.root, "é");
    assert_true(xml_root_is(view_n(big, sizeof big - 1), "p"));
}

static void read__takes_the_charset_that_is_known(void **state) {
    (void)state;

    assert_int_equal(
        xml_read(VIEW_LIT("<p>\xCF</p>"), "windows-1251", &arena, &doc, NULL), 0);
    assert_words(doc.root, "П");
}

static void read__mends_references(void **state) {
    (void)state;

    assert_words(reads("<p a='AT&T'>AT&T R&D; &foo; &; & &#0;&#146;&#xD800;&#xFFFFFFFFFF;"
                       "</p>"),
                 "AT&T R&D; &foo; &; & \u2019\uFFFD\uFFFD");
    assert_view_is(xml_attribute(doc.root, "a"), "AT&T");
    assert_warns("bare &");
    assert_warns("references to nothing known");
}

static void read__knows_the_entities_of_html(void **state) {
    (void)state;

    assert_words(reads("<!DOCTYPE p SYSTEM 'x'><p a='&eacute;'>caf&eacute;&mdash;"
                       "a&nbsp;b &amp;lt; &LT;</p>"),
                 "café—a\u00A0b &lt; <");
    assert_view_is(xml_attribute(doc.root, "a"), "é");
    assert_int_equal(doc.warning.len, 0);
}

static void read__leaves_references_in_cdata_and_comments(void **state) {
    (void)state;
    const struct xml_node *p = reads("<p><!-- AT&T --><?x AT&T?><![CDATA[AT&T]]>&T</p>");

    assert_view_is(p->text, "AT&T&T");
    assert_warns("1 bare &");
}

static void read__leaves_controls_out(void **state) {
    (void)state;

    assert_words(reads("<p>a\x0B"
                       "b\x01 5 < 6 &amp; 7\xEF\xBF\xBE</p>"),
                 "ab 5 < 6 & 7\uFFFD");
    assert_warns("3 control characters");
}

static void read__takes_documents_with_a_doctype(void **state) {
    (void)state;

    assert_words(reads("<!DOCTYPE nitf PUBLIC \"-//IPTC//DTD NITF 3.6//EN\" "
                       "\"http://127.0.0.1:1/nitf.dtd\"><nitf>x</nitf>"),
                 "x");
    assert_words(
        reads("\n<?xml version='1.0' standalone='yes'?>\n<!DOCTYPE r SYSTEM 'x' ["
              "<!ELEMENT r ANY><!ATTLIST r a CDATA 'given'>]><r>x&y;</r>\0"),
        "x&y;");
    assert_view_is(xml_attribute(doc.root, "a"), "");
    assert_words(reads("\xEF\xBB\xBF <?xml version='1.1'?><r>x</r> trailing < junk"),
                 "x");
    assert_warns("what follows the end of <r>");
}

static void read__refuses_entities(void **state) {
    (void)state;

    refuses("<!DOCTYPE l [<!ENTITY a 'ha'><!ENTITY b '&a;&a;&a;&a;'>]><l>&b;</l>",
            ERR_UNSUPPORTED, "declares the general entity \"a\"");
    refuses("<!DOCTYPE l [<!ENTITY x SYSTEM 'file:///etc/passwd'>]>\n<l>&x;</l>",
            ERR_UNSUPPORTED, "declares the external general entity \"x\"");
    refuses("<!DOCTYPE l [<!ENTITY % p SYSTEM 'http://127.0.0.1:1/'> %p;]><l/>",
            ERR_UNSUPPORTED, "declares the external parameter entity \"p\"");
    assert_words(reads("<!DOCTYPE l [ %p; <!ENTITY a 'ha'>]><l>&a;</l>"), "&a;");
}

static void read__bounds_declarations(void **state) {
    (void)state;
    struct buf text = {0};

    buf_put_text(&text, "<!DOCTYPE r [");
    for (int i = 0; i < 100000; i++)
        buf_printf(&text, "<!ATTLIST r a%d CDATA ''>", i);
    buf_put_text(&text, "]><r/>");
    refuses(buf_text(&text), ERR_TOO_BIG, "too many declarations");
    buf_release(&text);
}

static struct buf repeat(const char *what, size_t count) {
    struct buf text = {0};
    while (count--)
        buf_put_text(&text, what);
    return text;
}

static void read__bounds_depth(void **state) {
    (void)state;
    struct buf deep = repeat("<a>", 1000000);

    refuses(buf_text(&deep), ERR_TOO_BIG, "in <a>: elements inside each other too deep");
    buf_release(&deep);
}

static void read__bounds_memory(void **state) {
    (void)state;
    struct buf text = {0}, many = repeat("<a/>", 1 << 20);

    buf_put_text(&text, "<r>");
    buf_put_view(&text, buf_view(&many));
    buf_put_text(&text, "</r>");
    refuses(buf_text(&text), ERR_TOO_BIG, "too many elements for so few bytes");
    buf_release(&text);
    buf_release(&many);
}

static void read__bounds_namespaces(void **state) {
    (void)state;
    struct buf text = {0};

    buf_put_text(&text, "<r");
    for (int i = 0; i < 1000; i++)
        buf_printf(&text, " xmlns:a%d='urn:%d'", i, i);
    buf_put_text(&text, "/>");
    refuses(buf_text(&text), ERR_TOO_BIG, "too many namespaces");
    buf_release(&text);
}

static void read__takes_huge_attributes(void **state) {
    (void)state;
    struct buf value = repeat("0123456789", 400000), text = {0};

    buf_put_text(&text, "<r a='");
    buf_put_view(&text, buf_view(&value));
    buf_put_text(&text, "'/>");
    assert_int_equal(xml_attribute(reads(buf_text(&text)), "a").len, 4000000);
    buf_release(&text);
    buf_release(&value);
}

static void read__says_where_and_why(void **state) {
    (void)state;

    refuses("<?xml version='1.0'?>\n<r>\n<p>a</q>\n</r>", ERR_FORMAT,
            "XML, line 3, in <p>: mismatched tag");
    refuses("<r>\n<p>a", ERR_FORMAT, "line 2, in <p>: the document ends here");
    refuses("<r><p a='1", ERR_FORMAT, "in <r>: ");
    refuses("<r a='1' a='2'/>", ERR_FORMAT, "duplicate attribute");
    refuses("", ERR_FORMAT, "no element found");
    refuses(" no XML", ERR_FORMAT, "");
    refuses("<", ERR_FORMAT, "");
    refuses("<?xml", ERR_FORMAT, "");
}

static void read__refuses_every_beginning(void **state) {
    (void)state;
    static const char whole[] =
        "<?xml version='1.0'?><!DOCTYPE r SYSTEM 'x'><r a='&amp;'><![CDATA[x]]>"
        "<!-- c --><p>\xC3\xA9&#65;</p></r>";

    for (size_t len = 0; len + 1 < sizeof whole; len++)
        assert_int_equal(read_bytes(view_n(whole, len)), ERR_FORMAT);
    assert_int_equal(read_bytes(view_n(whole, sizeof whole - 1)), 0);
}

static void line__counts_from_one(void **state) {
    (void)state;
    const struct xml_node *root = reads("<?xml version='1.0'?>\n\n<r>\n<p/>\n</r>");

    assert_int_equal(xml_line(&doc, root), 3);
    assert_int_equal(xml_line(&doc, root->first), 4);
}

static void root_is__finds_the_root(void **state) {
    (void)state;

    assert_true(xml_root_is(VIEW_LIT("<nitf>"), "nitf"));
    assert_true(xml_root_is(VIEW_LIT("<nitf"), "nitf"));
    assert_true(xml_root_is(VIEW_LIT("<ns0:nitf/>"), "nitf"));
    assert_true(xml_root_is(VIEW_LIT("\xEF\xBB\xBF\r\n<?xml version='1.0'?><!-- <a> -->"
                                     "<!DOCTYPE nitf [ <!ELEMENT x ANY> ]>\n<nitf a=''>"),
                            "nitf"));
    assert_true(xml_root_is(VIEW_LIT("<!DOCTYPE nitf [ <!ENTITY"), "nitf"));
    assert_true(xml_root_is(VIEW_LIT("<!DOCTYPE x [ ]><nitf/>"), "nitf"));
    assert_false(xml_root_is(VIEW_LIT("<nitfs>"), "nitf"));
    assert_false(xml_root_is(VIEW_LIT("nitf"), "nitf"));
    assert_false(xml_root_is(VIEW_LIT(""), "nitf"));
    assert_false(xml_root_is(VIEW_LIT("<!-- nitf"), "nitf"));
    assert_false(xml_root_is(VIEW_LIT("<!"), "nitf"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(read__keeps_text_and_tails_in_order),
        cmocka_unit_test(read__joins_what_references_and_cdata_part),
        cmocka_unit_test(read__takes_names_without_their_prefixes),
        cmocka_unit_test(read__keeps_many_names_apart),
        cmocka_unit_test(find__tries_every_branch),
        cmocka_unit_test(words__makes_one_line),
        cmocka_unit_test(blocks_but__leaves_out_what_it_is_told_to),
        cmocka_unit_test(read__believes_bytes_more_than_declarations),
        cmocka_unit_test(read__takes_other_single_byte_encodings),
        cmocka_unit_test(read__takes_utf16),
        cmocka_unit_test(read__takes_the_charset_that_is_known),
        cmocka_unit_test(read__mends_references),
        cmocka_unit_test(read__knows_the_entities_of_html),
        cmocka_unit_test(read__leaves_references_in_cdata_and_comments),
        cmocka_unit_test(read__leaves_controls_out),
        cmocka_unit_test(read__takes_documents_with_a_doctype),
        cmocka_unit_test(read__refuses_entities),
        cmocka_unit_test(read__bounds_declarations),
        cmocka_unit_test(read__bounds_depth),
        cmocka_unit_test(read__bounds_memory),
        cmocka_unit_test(read__bounds_namespaces),
        cmocka_unit_test(read__takes_huge_attributes),
        cmocka_unit_test(read__says_where_and_why),
        cmocka_unit_test(read__refuses_every_beginning),
        cmocka_unit_test(line__counts_from_one),
        cmocka_unit_test(root_is__finds_the_root),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    arena_release(&arena);
    return failed;
}
