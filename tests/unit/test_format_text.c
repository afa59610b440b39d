/* ZCZC messages with their tables of marks, and plain text: what the door must know of
 * it.
 */
#include "tests/unit/read_format.h"

#include "ingest/format/marks.h"

#define RECEIVED "2020-01-14T12:00:00Z"

static struct reading read_text(const char *text) {
    return read_bytes(NULL, view_of(text), NULL, RECEIVED);
}

static void zczc__reads_the_standard_table(void **state) {
    (void)state;
    struct reading r = read_text("\r\n  ZCZC AAP\r$ i\r:LIBYA TALKS\r=MOSCOW 1ST LEAD\r"
                                 "^Commander leaves Moscow talks\r*T\r+11002000\r&A\r"
                                 "@Moscow\r~News\r%QLD\r\r"
                                 "MOSCOW, Jan 14 AAP - The commander left.\r\r"
                                 "$5 million was paid.\rAAP RTV ab\rNNNN\r");
    const struct report *report = only(&r);

    assert_view_is(report->format, "zczc");
    assert_view_is(report->categories[0], "anpa:i");
    assert_view_is(report->categories[1], "iptc:11002000");
    assert_view_is(report->slug, "LIBYA TALKS");
    assert_view_is(report->headline, "Commander leaves Moscow talks");
    assert_view_is(report->service, "A");
    assert_view_is(report->source, "AAP");
    assert_true(contains(report->extra, "\"place\":\"Moscow\""));
    assert_true(contains(report->extra, "\"genre\":\"News\""));
    assert_true(contains(report->extra, "\"tabular\":true"));
    assert_true(contains(report->extra, "\"routing\":\"AAP\""));
    assert_view_is(
        report->text,
        "Commander leaves Moscow talks\n\nMOSCOW, Jan 14 AAP - The commander left."
        "\n\n$5 million was paid.\nAAP RTV ab");
    release(&r);
}

static void zczc__reads_other_tables(void **state) {
    (void)state;
    struct feed bob = {.marks = "bob"}, own = {.marks = "!:headline;=:slug;::ignore"};
    struct reading a = read_bytes(
        &format_zczc,
        VIEW_LIT("ZCZC BOB\n$Ferry stuck\n:TAS-HOBART\n*POL\n&Jo Writer\nText here."),
        &bob, RECEIVED);
    struct reading b = read_bytes(
        &format_zczc, VIEW_LIT("ZCZC FMG000\n!Ferry stuck\n=FERRY\n:x\n$ text\nNNNN"),
        &own, RECEIVED);

    assert_view_is(only(&a)->headline, "Ferry stuck");
    assert_view_is(only(&a)->byline, "Jo Writer");
    assert_view_is(only(&a)->categories[0], "subject:POL");
    assert_view_is(only(&b)->headline, "Ferry stuck");
    assert_view_is(only(&b)->slug, "FERRY");
    assert_view_is(only(&b)->source, "");
    assert_view_is(only(&b)->text, "Ferry stuck\n\n$ text");
    release(&a);
    release(&b);
}

static void zczc__takes_messages_without_header_and_end(void **state) {
    (void)state;
    struct reading r = read_text("ZCZC LA25\n141015 UTC JAN 20\nNAVAREA II 123\nWreck in "
                                 "position 34-12N. The NNNN beacon is unlit.\n");

    assert_view_is(only(&r)->format, "zczc");
    assert_view_is(only(&r)->text, "141015 UTC JAN 20\nNAVAREA II 123\nWreck in position "
                                   "34-12N. The NNNN beacon is unlit.");
    assert_view_is(only(&r)->guid, "");
    release(&r);
}

static void marks_read__says_what_is_wrong(void **state) {
    (void)state;
    static const char *const bad[] = {"abc", "$:colour", "$category",
                                      "$:", "\xC3\xA9:slug"};
    struct marks marks;

    for (size_t i = 0; i < COUNT(bad); i++) {
        struct diag diag = {0};
        assert_int_equal(marks_read(bad[i], &marks, &diag), ERR_FORMAT);
        assert_non_null(strstr(diag.text, "marks"));
    }
    assert_int_equal(marks_read("::slug;$:category", &marks, NULL), 0);
    assert_int_equal(marks.field[':'], MARKS_SLUG);
    assert_int_equal(marks.field['^'], MARKS_NONE);
}

static void text__stays_as_it_came(void **state) {
    (void)state;
    static const char text[] =
        "Mine to reopen\n\n   SANTIAGO (WFD) _ ``Well,'' he said,\n"
        "broken\tlines  stay.\n\n_ _ _\n";
    struct reading r = read_text(text);

    assert_view_is(only(&r)->text, text);
    assert_view_is(only(&r)->charset, "utf-8");
    assert_view_is(only(&r)->action, "");
    assert_view_is(only(&r)->guid, "");
    assert_int_equal(only(&r)->relation_count, 0);
    release(&r);
}

static void text__is_decoded_as_told_or_as_it_looks(void **state) {
    (void)state;
    struct feed koi = {.charset = "koi8-r"};
    struct reading windows = read_text("caf\xE9\x95\n");
    struct reading wide = read_bytes(NULL,
                                     VIEW_LIT("\xFF\xFE"
                                              "a\0b\0\n\0"),
                                     NULL, RECEIVED);
    struct reading told = read_bytes(NULL, VIEW_LIT("\xF0\xD2\xC9"), &koi, RECEIVED);

    assert_view_is(only(&windows)->text, "caf\xC3\xA9\xE2\x80\xA2\n");
    assert_view_is(only(&windows)->warning, "not UTF-8: read as Windows-1252");
    assert_view_is(only(&wide)->text, "ab\n");
    assert_view_is(only(&wide)->charset, "utf-16");
    assert_view_is(only(&told)->text, "\xD0\x9F\xD1\x80\xD0\xB8");
    release(&windows);
    release(&wide);
    release(&told);
}

static void text__gives_fields_of_its_header_lines_and_keeps_them(void **state) {
    (void)state;
    static const char text[] =
        "Headline: Mine to reopen: owner\nDate: 29 February 2020\nSource: Press\n"
        "Byline: X. O.\nSlug: a/b\nKeywords: mining; copper, tin\nDateline: COPIAP\xC3\x93, Chile\n"
        "URL: https://example.org/1\nX-Other: y\nEmbargo: 1 March 2020, 0900 GMT\n\n"
        "The mine will reopen.\n";
    struct reading r = read_text(text);
    const struct report *report = only(&r);

    assert_view_is(report->text, text);
    assert_view_is(report->headline, "Mine to reopen: owner");
    assert_view_is(report->published, "2020-02-29");
    assert_view_is(report->source, "Press");
    assert_view_is(report->byline, "X. O.");
    assert_view_is(report->slug, "a/b");
    assert_int_equal(report->keyword_count, 2);
    assert_view_is(report->keywords[1], "copper, tin");
    assert_view_is(report->dateline, "COPIAP\xC3\x93, Chile");
    assert_view_is(report->guid, "https://example.org/1");
    assert_view_is(report->guid_from, "url");
    assert_int_equal(report->embargo_ms, at_ms("2020-03-01T09:00Z"));
    release(&r);
}

static void text__takes_no_other_lines_for_a_header(void **state) {
    (void)state;
    static const char *const texts[] = {
        "Headline: one key is not enough\n\nText.",
        "Date: today\nSource: Press\nand a line of prose\n\nText.",
        "Minister: we will stay\nOpposition: they must go\n\nText.",
    };

    for (size_t i = 0; i < COUNT(texts); i++) {
        struct reading r = read_text(texts[i]);
        assert_view_is(only(&r)->headline, "");
        assert_view_is(only(&r)->source, "");
        release(&r);
    }
}

static void text__knows_kills_at_the_door(void **state) {
    (void)state;
    struct reading r = read_text(
        "KILL KILL KILL\n\nEditors: please kill item WFD 0157 \"Minister resigns\", sent at "
        "1412 GMT on 14 January.\n\nDo not use any version of this story.\n");

    assert_view_is(only(&r)->action, "kill");
    assert_view_is(only(&r)->status, "canceled");
    assert_view_is(only(&r)->guid, "tag:wfd,2020-01-14:wfd-0157");
    assert_view_is(only(&r)->relations[0].ref, "WFD 0157");
    release(&r);
}

static void text__knows_embargoes_and_advisories_at_the_door(void **state) {
    (void)state;
    struct reading embargo =
        read_text("EMBARGOED UNTIL 2200 GMT, WEDNESDAY 15 JANUARY 2020\n\n"
                  "Vaccine halves deaths\n\nText.\n");
    struct reading advisory =
        read_text("ADVISORY - Coverage plans for the weekend\n\nText.\n");
    struct reading story =
        read_text("Embargo on oil lifted\n\nKill Bill is a film. Hold on.\n");

    assert_int_equal(only(&embargo)->embargo_ms, at_ms("2020-01-15T22:00Z"));
    assert_view_is(only(&advisory)->action, "advisory");
    assert_view_is(only(&story)->action, "");
    assert_view_is(only(&story)->status, "");
    assert_int_equal(only(&story)->embargo_ms, 0);
    release(&embargo);
    release(&advisory);
    release(&story);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(zczc__reads_the_standard_table),
        cmocka_unit_test(zczc__reads_other_tables),
        cmocka_unit_test(zczc__takes_messages_without_header_and_end),
        cmocka_unit_test(marks_read__says_what_is_wrong),
        cmocka_unit_test(text__stays_as_it_came),
        cmocka_unit_test(text__is_decoded_as_told_or_as_it_looks),
        cmocka_unit_test(text__gives_fields_of_its_header_lines_and_keeps_them),
        cmocka_unit_test(text__takes_no_other_lines_for_a_header),
        cmocka_unit_test(text__knows_kills_at_the_door),
        cmocka_unit_test(text__knows_embargoes_and_advisories_at_the_door),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
