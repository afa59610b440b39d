/* ANPA 1312: both header lines, header lines of the body by what they say, trailers in
 * two orders, advances, adds, kills. */
#include "tests/unit/read_format.h"

#define RECEIVED "2020-01-14T18:00:00Z"
#define TAIL                                                                             \
    "\x03"                                                                               \
    "AP-WF-01-14-20 1509GMT<\r\n\r\n\f\r\n\x04"

static struct reading read_text(const char *message) {
    return read_bytes(NULL, view_of(message), NULL, RECEIVED);
}

static void read__takes_every_field(void **state) {
    (void)state;
    struct reading r = read_text(
        "\x16\x16\x01"
        "a0584\x1f"
        "asian\r\n"
        "u i \x13\x11 BC-Libya-Talks 1stLd-Writethru a0571 01-14 0412   \r\n"
        "\x02^BC-Libya-Talks, 1st Ld-Writethru,412<\r\n"
        "^Commander leaves Moscow talks<\r\n"
        "^Commander leaves Moscow talks without signing, a long summary says\r\n"
        "in two lines<\r\n"
        "^AP Photo XNP101, XNP102<\r\n"
        "^Eds: UPDATES throughout. With \r\nBC-Libya-Chronology.<\r\n"
        "^By ANNA WRITER and BEN WRITER=\r\n^Associated Press=\r\n"
        "\t   TRIPOLI, Libya (AP) _ The commander said ``no,'' and that a page of\r\n"
        "telex is short-\r\nsleeved.\r\n"
        "\t   \r\n\t   Another paragraph.\r\n^___=\r\n^On the Net<\r\n"
        "\t   See there.\r\n\t   " TAIL);
    const struct report *report = only(&r);

    assert_view_is(report->format, "anpa");
    assert_view_is(report->service, "a");
    assert_view_is(report->number, "0584");
    assert_view_is(report->reference, "a0584");
    assert_view_is(report->priority, "u");
    assert_int_equal(report->urgency, 3);
    assert_view_is(report->categories[0], "anpa:i");
    assert_view_is(report->slug, "BC-Libya-Talks");
    assert_view_is(report->action, "lead");
    assert_int_equal(report->version, 2);
    assert_view_is(report->headline, "Commander leaves Moscow talks");
    assert_view_is(report->subhead,
                   "Commander leaves Moscow talks without signing, a long "
                   "summary says in two lines");
    assert_view_is(report->byline, "ANNA WRITER and BEN WRITER");
    assert_view_is(report->ednote, "Eds: UPDATES throughout. With BC-Libya-Chronology.");
    assert_view_is(report->source, "AP");
    assert_view_is(report->sent, "2020-01-14T15:09:00Z");
    assert_view_is(report->guid, "tag:ap,2020-01-14:bc-libya-talks");
    assert_view_is(report->guid_from, "slug");
    assert_view_is(report->warning, "");
    assert_true(contains(report->extra, "\"selector\":\"asian\""));
    assert_true(contains(report->extra, "\"words\":412"));
    assert_true(contains(report->extra, "\"photos\":\"AP Photo XNP101, XNP102\""));
    assert_true(contains(report->extra, "\"affiliation\":\"Associated Press\""));
    assert_view_is(
        report->text,
        "Commander leaves Moscow talks\n\n"
        "TRIPOLI, Libya (AP) \xE2\x80\x94 The commander said "
        "\xE2\x80\x9Cno,\xE2\x80\x9D and that a page of telex is short-\nsleeved."
        "\n\nAnother paragraph.\n\n___\n\nOn the Net\n\nSee there.");
    release(&r);
}

static void read__reads_trailers_in_both_orders(void **state) {
    (void)state;
    static const struct {
        const char *date, *tail, *order, *received, *sent;
    } cases[] = {
        {"11-13", "AP-WF-11-13-13 1509GMT<", NULL, "2013-11-13T16:00Z",
         "2013-11-13T15:09:00Z"},
        {"04-28", "AP-NY-04-28-94 1420EDT<", NULL, "1994-04-28T19:00Z",
         "1994-04-28T18:20:00Z"},
        {"09-12", "KWS-21:37-09-12-18", NULL, "2018-12-09T13:00Z", "2018-12-09T21:37:00"},
        {"09-12", "KWS-21:37-09-12-18", "mdy", "2018-12-09T13:00Z",
         "2018-09-12T21:37:00"},
        {"03-04", "XY-WF-03-04-20 1000GMT<", NULL, "2020-04-03T11:00Z",
         "2020-04-03T10:00:00Z"},
        {"03-04", "XY-WF-03-04-20 1000GMT<", NULL, "2020-03-04T11:00Z",
         "2020-03-04T10:00:00Z"},
        {"03-04", "XY-WF-03-04-20 1000GMT<", NULL, "2026-11-20T11:00Z",
         "2020-03-04T10:00:00Z"},
        {"25-12", "", NULL, "2019-01-02T10:00Z", "2018-12-25"},
        {"12-31", "", NULL, "2020-01-01T10:00Z", "2019-12-31"},
        {"01-14", "", "dmy", "2020-01-14T10:00Z", "2020-01-14"},
    };

    for (size_t i = 0; i < COUNT(cases); i++) {
        struct buf bytes = {0};
        struct feed feed = {.date_order = cases[i].order};
        buf_printf(&bytes,
                   "\x01"
                   "a0001\x1f"
                   "x\nr i \x14\x12 BC-X %s 0112\n\x02^BC-X<\nText.\n\x03%s\x04",
                   cases[i].date, cases[i].tail);
        struct reading r = read_bytes(NULL, buf_view(&bytes), &feed, cases[i].received);
        assert_view_is(only(&r)->sent, cases[i].sent);
        release(&r);
        buf_release(&bytes);
    }
}

static void read__reads_times_of_writers_where_there_is_no_trailer(void **state) {
    (void)state;
    struct reading r = read_bytes(
        NULL,
        VIEW_LIT(
            "\x16\x16\x01"
            "a0043\x1f"
            "bagm-\r\nd n\x13\x11 bc-FERRY     04-21 0277   \r\n"
            "\x02\r\nXYZ43:UPDATE:FERRY STUCK OFF PIER\r\n\r\n"
            "\t   XYZ43             -FERRY  \r\n\t   \r\n"
            "\t   A ferry got stuck.\r\n\t   \r\n\t   A.Writer/B.Writer1247p4/21/95  \r\n"
            "\t   CONTACT: Harbor (000) 555-0100\r\n\r\n\r\n\x03\x04"),
        NULL, "1995-04-22T00:00:00Z");

    assert_view_is(only(&r)->headline, "FERRY STUCK OFF PIER");
    assert_view_is(only(&r)->source, "XYZ");
    assert_view_is(only(&r)->sent, "1995-04-21T12:47:00");
    assert_view_is(only(&r)->guid, "tag:xyz,1995-04-21:bc-ferry");
    assert_true(contains(only(&r)->text, "A.Writer/B.Writer1247p4/21/95"));
    release(&r);
}

static void read__puts_double_spaced_lines_together(void **state) {
    (void)state;
    struct reading r = read_text(
        "\x01"
        "a0047\x1f"
        "x\r\nd n\x13\x11 bc-BONES 01-14 0354\r\n\x02^bc-BONES<\r\n"
        "\t   The harbor police held a news conference this afternoon along a \r\n\r\n"
        "wooded park trail to display some items that were found on a youth \r\n\r\n"
        "who had been missing since the autumn, when he left his home in the \r\n\r\n"
        "hills without saying a word to anybody of where he wanted to go, as \r\n\r\n"
        "his mother told a reporter on the telephone from the small house in \r\n\r\n"
        "which both lived.\r\n\r\n\t   A second paragraph stands by itself.\r\n" TAIL);

    assert_view_is(
        only(&r)->text,
        "The harbor police held a news conference this afternoon along a wooded "
        "park trail to display some items that were found on a youth who had been "
        "missing since the autumn, when he left his home in the hills without "
        "saying a word to anybody of where he wanted to go, as his mother told a "
        "reporter on the telephone from the small house in which both lived.\n\n"
        "A second paragraph stands by itself.");
    release(&r);
}

static void read__keeps_the_rows_of_tables(void **state) {
    (void)state;
    struct reading r = read_text("\x01v3514\x1f"
                                 "2nv-t\r\nd o\x13\x12 BC-Table 01-14 0812\r\n"
                                 "\x02^BC-Table<\r\n^Table of temperatures<\r\n"
                                 "\x08\x1f    ---- \r\n\x08RENO    55   41\r\n"
                                 "\x08\r\n\x08"
                                 "ELY     45   28\r\n" TAIL);

    assert_view_is(only(&r)->text,
                   "Table of temperatures\n\n    ----\nRENO    55   41\n\n"
                   "ELY     45   28");
    assert_true(contains(only(&r)->extra, "\"tabular\":true"));
    release(&r);
}

static void read__holds_advances_back(void **state) {
    (void)state;
    struct reading lines = read_text(
        "\x01"
        "d0421\x1f"
        "0az--\r\na f\x13\x11 BC-GamingRoundup Adv20-21   01-14 1019\r\n"
        "\x02^BC-Gaming Roundup, Adv20-21,1040<\r\n^$Adv20<\r\n^$Adv21<\r\n"
        "^For release in weekend editions, Jan20-Jan21<\r\n^Title<\r\n^By The Agency=\r\n"
        "\t   Text.\r\n" TAIL);
    struct reading words = read_text(
        "\x01"
        "d0421\x1f"
        "0az--\r\ns f\x13\x11 BC-Foo 01-14 1019\r\n\x02^BC-Foo,1040<\r\n"
        "^For release Sunday, Jan. 19, 6 p.m. EST<\r\n^Title<\r\n\t   Text.\r\n" TAIL);

    assert_int_equal(only(&lines)->embargo_ms, at_ms("2020-01-20"));
    assert_view_is(only(&lines)->headline, "Title");
    assert_int_equal(only(&lines)->urgency, 7);
    assert_int_equal(only(&words)->embargo_ms, at_ms("2020-01-19T23:00Z"));
    assert_int_equal(only(&words)->urgency, 7);
    release(&lines);
    release(&words);
}

static void read__does_not_replace_a_story_by_what_is_added_to_it(void **state) {
    (void)state;
    struct reading r = read_text(
        "\x01"
        "a0601\x1f"
        "x\r\nr i\x13\x11 BC-Libya-Talks 1stAdd a0584 01-14 0212\r\n"
        "\x02^BC-Libya-Talks, 1st Add, a0584,200<\r\nTRIPOLI: in the capital.\r\n"
        "\t   More of it.\r\n" TAIL);

    assert_view_is(only(&r)->action, "add");
    assert_view_is(only(&r)->guid, "tag:ap,2020-01-14:bc-libya-talks:add-1");
    assert_view_is(only(&r)->relations[0].rel, "adds-to");
    assert_view_is(only(&r)->relations[0].guid, "tag:ap,2020-01-14:bc-libya-talks");
    release(&r);
}

static void read__cancels_the_story_of_its_slug(void **state) {
    (void)state;
    struct reading r =
        read_text("\x01"
                  "a0585\x1f"
                  "asian\r\nb i \x13\x11 BC-Libya-Talks KILL 01-14 0042\r\n"
                  "\x02^BC-Libya-Talks, KILL,42<\r\n^BULLETIN KILL<\r\n"
                  "\t   The story slugged BC-Libya-Talks has been withdrawn.\r\n" TAIL);

    assert_view_is(only(&r)->action, "kill");
    assert_view_is(only(&r)->status, "canceled");
    assert_int_equal(only(&r)->urgency, 2);
    assert_view_is(only(&r)->guid, "tag:ap,2020-01-14:bc-libya-talks");
    assert_view_is(only(&r)->relations[0].rel, "kills");
    release(&r);
}

static void read__tells_advisories(void **state) {
    (void)state;
    struct reading r =
        read_text("\x01v0585\x1f"
                  "x\r\nr v \x13\x11 BC-News Digest 01-14 0042\r\n"
                  "\x02^BC-News Digest,42<\r\n\t   The stories of today.\r\n" TAIL);

    assert_view_is(only(&r)->action, "advisory");
    release(&r);
}

static void
read__takes_a_first_line_for_a_headline_where_the_keyword_line_is_missing(void **state) {
    (void)state;
    struct reading r = read_text("\x01"
                                 "a0001KYODO\x1f"
                                 "glbsm\r\n"
                                 "r i \x14\x12 BC-AS--Japan-Quake 01-14 0112\r\n"
                                 "\x02^Strong quake hits Saitama<\r\n"
                                 "SAITAMA, Japan, Jan. 14 Kyodo - A quake.\r\n\x03\x04");

    assert_view_is(only(&r)->headline, "Strong quake hits Saitama");
    assert_view_is(only(&r)->slug, "BC-AS--Japan-Quake");
    assert_view_is(only(&r)->source, "KYODO");
    release(&r);
}

static void read__warns_of_what_it_cannot_read_and_takes_the_text(void **state) {
    (void)state;
    static const char *const messages[] = {
        "\x01rubbish\n\x02The whole text stays here.\n\x03\x04",
        "\x01"
        "a0584\x1f"
        "asian\n\x02The whole text stays here.\n\x03\x04",
        "\x01"
        "a0584\x1f"
        "asian\nr i \x13\x11 BC-X nodate 0112\n\x02The whole text stays here.\n\x03",
        "The whole text stays here.\n",
    };

    for (size_t i = 0; i < COUNT(messages); i++) {
        struct reading r = read_bytes(&format_anpa, view_of(messages[i]), NULL, RECEIVED);
        assert_view_is(only(&r)->text, "The whole text stays here.");
        assert_true(only(&r)->warning.len > 0);
        release(&r);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(read__takes_every_field),
        cmocka_unit_test(read__reads_trailers_in_both_orders),
        cmocka_unit_test(read__reads_times_of_writers_where_there_is_no_trailer),
        cmocka_unit_test(read__puts_double_spaced_lines_together),
        cmocka_unit_test(read__keeps_the_rows_of_tables),
        cmocka_unit_test(read__holds_advances_back),
        cmocka_unit_test(read__does_not_replace_a_story_by_what_is_added_to_it),
        cmocka_unit_test(read__cancels_the_story_of_its_slug),
        cmocka_unit_test(read__tells_advisories),
        cmocka_unit_test(
            read__takes_a_first_line_for_a_headline_where_the_keyword_line_is_missing),
        cmocka_unit_test(read__warns_of_what_it_cannot_read_and_takes_the_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
