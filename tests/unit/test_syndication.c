/* Feeds are fetched again and again: what a report may depend on, and what not. */
#include "tests/unit/check.h"

#include <stdlib.h>

#include "ingest/format/format.h"
#include "proto/buf.h"

/* The encodings of all reports, behind each other. */
static void encode(const struct format *format, const char *document, struct buf *out) {
    static const struct feed feed;
    struct arena arena = {0};
    struct format_input in = {
        .bytes = view_of(document), .feed = &feed, .received_ms = 1, .arena = &arena};
    struct format_output reports = {0};

    assert_int_equal(format->read(&in, &reports, NULL), 0);
    for (size_t i = 0; i < reports.count; i++)
        report_encode(&reports.reports[i], out);
    assert_true(out->len > 0);
    arena_release(&arena);
}

static void assert_same(const struct format *format, const char *one, const char *two) {
    struct buf first = {0}, second = {0};

    encode(format, one, &first);
    encode(format, two, &second);

    assert_view_equal(buf_view(&first), buf_view(&second));
    buf_release(&first);
    buf_release(&second);
}

static void rss__gives_an_item_the_same_report_each_time(void **state) {
    (void)state;

    assert_same(&format_rss,
                "<rss><channel><title>T</title><lastBuildDate>Tue, 14 Jan 2020 10:00 GMT"
                "</lastBuildDate><ttl>5</ttl><pubDate>Tue, 14 Jan 2020</pubDate><item>"
                "<title>A</title><guid>1</guid><slash:comments>3</slash:comments>"
                "</item></channel></rss>",
                "<?xml version='1.0'?>\n<rss><channel> <title>T </title><lastBuildDate>"
                "Tue, 14 Jan 2020 11:00 GMT</lastBuildDate><ttl>60</ttl><item>\n<guid> 1"
                "</guid><title><![CDATA[ A ]]></title><slash:comments>9</slash:comments>"
                "</item></channel></rss>");
}

static void atom__gives_an_entry_the_same_report_each_time(void **state) {
    (void)state;

    assert_same(&format_atom,
                "<feed xmlns='http://www.w3.org/2005/Atom'><updated>2020-01-14T10:00:00Z"
                "</updated><entry><id>1</id><title>A</title><updated>2020-01-14T09:00:00Z"
                "</updated></entry></feed>",
                "<a:feed xmlns:a='http://www.w3.org/2005/Atom'><a:updated>"
                "2020-01-14T11:00:00Z</a:updated><a:entry><a:id>1</a:id><a:title>A"
                "</a:title><a:updated>2020-01-14T10:00:00+01:00</a:updated><t:total "
                "xmlns:t='http://purl.org/syndication/thread/1.0'>3</t:total></a:entry>"
                "</a:feed>");
}

static void looks__tells_feeds_from_other_xml(void **state) {
    (void)state;

    assert_true(
        format_of(VIEW_LIT("<?xml version='1.0'?><!-- x --><rss version='2.0'>")) ==
        &format_rss);
    assert_true(format_of(VIEW_LIT("<rdf:RDF xmlns='http://purl.org/rss/1.0/'>")) ==
                &format_rss);
    assert_true(format_of(VIEW_LIT("<feed xmlns='http://www.w3.org/2005/Atom'>")) ==
                &format_atom);
    assert_false(format_rss.looks(VIEW_LIT("<rdf:RDF xmlns='http://x/'>")));
    assert_false(format_rss.looks(VIEW_LIT("rss feeds are back")));
    assert_false(format_rss.looks(VIEW_LIT("")));
    assert_false(format_atom.looks(VIEW_LIT("<nitf><feed/></nitf>")));
}

static int read_items(unsigned count, struct format_output *out, struct arena *arena,
                      struct diag *diag) {
    static const struct feed feed;
    struct buf document = {0};
    struct format_input in = {.feed = &feed, .arena = arena};
    int err;

    buf_put_text(&document, "<rss><channel>");
    for (unsigned i = 0; i < count; i++)
        buf_printf(&document, "<item><guid>x</guid><title>%u</title></item>", i);
    buf_put_text(&document, "</channel></rss>");
    in.bytes = buf_view(&document);
    err = format_rss.read(&in, out, diag);
    buf_release(&document);
    return err;
}

static void items__are_as_many_as_memory_allows(void **state) {
    struct arena arena = {0};
    struct format_output out = {0}, none = {0};
    struct diag diag = {0};
    (void)state;

    assert_int_equal(read_items(10000, &out, &arena, &diag), 0);
    assert_int_equal(read_items(10001, &none, &arena, &diag), ERR_FORMAT);

    assert_int_equal(out.count, 10000);
    assert_int_equal(out.reports[0].guid.len, 0);
    assert_int_equal(none.count, 0);
    assert_string_equal(diag.text, "a feed of 10001 items, 10000 are the most");
    arena_release(&arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rss__gives_an_item_the_same_report_each_time),
        cmocka_unit_test(atom__gives_an_entry_the_same_report_each_time),
        cmocka_unit_test(looks__tells_feeds_from_other_xml),
        cmocka_unit_test(items__are_as_many_as_memory_allows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
