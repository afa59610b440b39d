/* IPTC 7901: header, tags, headline, notebook, time; what notices do. */
#include "tests/unit/read_format.h"

#include "ingest/zone.h"

#define RECEIVED "2020-01-14T12:00:00Z"

static struct reading read_text(const char *message) {
    return read_bytes(&format_iptc7901, view_of(message), NULL, RECEIVED);
}

static void read__takes_every_field_of_the_header(void **state) {
    (void)state;
    struct reading r = read_text(
        "\x16\x16\x01tst0142 3 i 38 ccccb   wfd 0142\r\n\r\nLibya/talks/Russia/\r\n"
        "\x02"
        "1ST LEAD\r\nCommander leaves Moscow talks without signing\r\n"
        "By A. Writer, wfd =\r\n\r\n   Moscow (wfd) - The commander flew home.\r\n"
        "\x03"
        "141015 GMT Jan 20\r\n\x7f\r\n\x7f\x04");
    const struct report *report = only(&r);

    assert_view_is(report->format, "iptc7901");
    assert_view_is(report->service, "tst");
    assert_view_is(report->number, "0142");
    assert_view_is(report->priority, "3");
    assert_int_equal(report->urgency, 3);
    assert_view_is(report->categories[0], "anpa:i");
    assert_view_is(report->reference, "wfd 0142");
    assert_view_is(report->source, "wfd");
    assert_view_is(report->slug, "Libya/talks/Russia");
    assert_int_equal(report->keyword_count, 3);
    assert_view_is(report->keywords[2], "Russia");
    assert_view_is(report->action, "lead");
    assert_view_is(report->headline, "Commander leaves Moscow talks without signing");
    assert_view_is(report->byline, "A. Writer");
    assert_view_is(report->sent, "2020-01-14T10:15:00Z");
    assert_view_is(report->guid, "tag:wfd,2020-01-14:wfd-0142");
    assert_view_is(report->guid_from, "agency-ref");
    assert_view_is(report->charset, "utf-8");
    assert_view_is(report->warning, "");
    assert_view_is(report->extra,
                   "{\"words\":38,\"routing\":\"ccccb\",\"tags\":[\"1ST LEAD\"]}");
    assert_view_is(report->text, "Commander leaves Moscow talks without signing\n\n"
                                 "Moscow (wfd) - The commander flew home.");
    release(&r);
}

static void read__takes_headers_as_agencies_write_them(void **state) {
    (void)state;
    static const struct {
        const char *line, *service, *number, *category, *reference;
        uint64_t version;
    } cases[] = {
        {"bdt0000 3 vm 831  dpa 0000", "bdt", "", "iptc7901:vm", "", 0},
        {"spe0017 3 sp 331  dpa-spe 0017", "spe", "0017", "iptc7901:sp", "dpa-spe 0017",
         0},
        {"ecp0908 4 i 211 vvvvb   dpa-tns 0908", "ecp", "0908", "anpa:i", "dpa-tns 0908",
         0},
        {"bsf062 4 ec 211", "bsf", "062", "iptc7901:ec", "", 0},
        {"v 0124 2 txx 9", "v", "0124", "iptc7901:txx", "", 0},
        {"kna0011 4 ku 320 vvvvb KNA 170123-89-00065#2", "kna", "0011", "iptc7901:ku",
         "KNA 170123-89-00065", 2},
        {"tst0142\t3  i   38", "tst", "0142", "anpa:i", "", 0},
        {"tst0142 3 i 38 ccccb xxx etf 967 etf 960", "tst", "0142", "anpa:i", "etf 967",
         0},
    };

    for (size_t i = 0; i < COUNT(cases); i++) {
        struct buf bytes = {0};
        buf_printf(&bytes, "\x01%s\n\nA/B/\n\x02Title of it =\n\nText.\n\x03",
                   cases[i].line);
        struct reading r = read_bytes(&format_iptc7901, buf_view(&bytes), NULL, RECEIVED);
        const struct report *report = only(&r);
        assert_view_is(report->service, cases[i].service);
        assert_view_is(report->number, cases[i].number);
        assert_view_is(report->categories[0], cases[i].category);
        assert_view_is(report->reference, cases[i].reference);
        assert_int_equal(report->version, cases[i].version);
        assert_view_is(report->warning, "");
        release(&r);
        buf_release(&bytes);
    }
}

static void read__reads_the_time_behind_etx(void **state) {
    (void)state;
    static const struct {
        const char *tail, *sent;
    } cases[] = {
        {"131137 GMT Nov 13", "2013-11-13T11:37:00Z"},
        {"211259 Nov 18", "2018-11-21T12:59:00"},
        {"071341 GMT Okt 15", "2015-10-07T13:41:00Z"},
        {"101137 GMT Dez 18", "2018-12-10T11:37:00Z"},
        {"091223 dec 18", "2018-12-09T12:23:00"},
        {"050932 sep 14EDT", "2014-09-05T13:32:00Z"},
        {"030701 M\xC3\xA4r 19 MEZ", "2019-03-03T06:01:00Z"},
        {"030701 MESZ Mai 2019", "2019-05-03T05:01:00Z"},
        {"311015 GMT Dez 97", "1997-12-31T10:15:00Z"},
        {"141015Z Jan 20", "2020-01-14T10:15:00Z"},
        {"131015 GMT", "2020-01-13T10:15:00Z"},
        {"281015", "2019-12-28T10:15:00"},
        {"", ""},
        {"321015 GMT Jan 20", ""},
        {"302015 GMT Feb 20", ""},
    };

    for (size_t i = 0; i < COUNT(cases); i++) {
        struct buf bytes = {0};
        buf_printf(&bytes, "\x01tst0142 3 i 38\n\x02Title =\nText.\n\x03%s\n\x7f\n\x04",
                   cases[i].tail);
        struct reading r = read_bytes(&format_iptc7901, buf_view(&bytes), NULL, RECEIVED);
        assert_view_is(only(&r)->sent, cases[i].sent);
        assert_int_equal(only(&r)->warning.len > 0,
                         cases[i].sent[0] == 0 && cases[i].tail[0] != 0);
        release(&r);
        buf_release(&bytes);
    }
}

static void read__takes_local_times_as_the_feeds(void **state) {
    (void)state;
    struct zone *zone = NULL;
    assert_int_equal(zone_open("+01:00", &zone, NULL), 0);
    struct feed feed = {.name = VIEW_LIT("agence"), .zone = zone, .lang = "fr"};

    struct reading r =
        read_bytes(&format_iptc7901,
                   VIEW_LIT("\x01"
                            "bsf062 4 ec 211  ats 062\n\x02Titre =\nTexte.\n\x03"
                            "010015 Jan 20\x04"),
                   &feed, RECEIVED);

    assert_view_is(only(&r)->sent, "2019-12-31T23:15:00Z");
    assert_view_is(only(&r)->guid, "tag:agence,2019-12-31:ats-062");
    assert_view_is(only(&r)->lang, "fr");
    release(&r);
    zone_free(zone);
}

static void read__keeps_tags_notes_and_notebook_apart_from_the_story(void **state) {
    (void)state;
    struct reading r = read_text(
        "\x01"
        "bdt0007 3 vm 80  dpa 0007\n\nA/B/\n"
        "\x02(Berichtigung: Im zweiten Satz heisst es jetzt\n"
        "richtig: elf statt zehn.)\n(KORR-Bericht)\n"
        "Ein Titel, der auf einer Zeile nicht Platz\nhat\n"
        "Von Erika Muster und Max Beispiel, dpa\n(Foto Archiv) =\n\n"
        "Ein Vorspann in einem Satz, der so lang ist, dass er umgebrochen wird\n"
        "und weiter geht.\n\n"
        "Bonn (dpa) - Der Text beginnt hier und ist auch so lang, dass er in\n"
        "zwei Zeilen steht.\n\n"
        "# Notizblock\n\n## Internet\n- [Seite](https://example.org)\n\n"
        "* * * *\nDie folgenden Informationen sind nicht zur Ver\xC3\xB6"
        "ffentlichung bestimmt\n\n## Kontakte\n- Autor: M. Beispiel\n\n"
        "dpa mb/em yysw a3\n\n\x03"
        "241205 Sep 24\n\x7f\n\x04");
    const struct report *report = only(&r);

    assert_view_is(report->headline, "Ein Titel, der auf einer Zeile nicht Platz hat");
    assert_view_is(report->byline, "Erika Muster und Max Beispiel");
    assert_view_is(report->action, "correction");
    assert_true(contains(report->ednote, "(Berichtigung: Im zweiten Satz heisst es jetzt "
                                         "richtig: elf statt zehn.)"));
    assert_true(contains(report->ednote, "(Foto Archiv)"));
    assert_true(contains(report->ednote, "- Autor: M. Beispiel"));
    assert_true(contains(report->extra, "(KORR-Bericht)"));
    assert_view_is(
        report->text,
        "Ein Titel, der auf einer Zeile nicht Platz hat\n\n"
        "Ein Vorspann in einem Satz, der so lang ist, dass er umgebrochen wird "
        "und weiter geht.\n\n"
        "Bonn (dpa) - Der Text beginnt hier und ist auch so lang, dass er in "
        "zwei Zeilen steht.\n\n"
        "dpa mb/em yysw a3");
    release(&r);
}

static void read__counts_bells(void **state) {
    (void)state;
    struct reading urgent =
        read_text("\x01"
                  "bdt1 4 pl 41\n\x02(Eil \a\a\a\a\a)\nTitel =\nText.\x03");
    struct reading five =
        read_text("\x01"
                  "bdt0001 4 pl 41\n\x02(Eil \a\a\a\a\a)\nTitel =\nText.\x03");
    struct reading ten = read_text("\x01"
                                   "eca0001 3 i 41\n\x02"
                                   "FLASH: \a\a\a\a\a\a\a\a\a\aTitle =\nText.\x03");

    assert_int_equal(only(&five)->urgency, 2);
    assert_view_is(only(&five)->priority, "4");
    assert_true(contains(only(&five)->extra, "\"bells\":5"));
    assert_view_is(only(&five)->text, "Titel\n\nText.");
    assert_int_equal(only(&ten)->urgency, 1);
    assert_view_is(only(&ten)->action, "alert");
    assert_view_is(only(&ten)->headline, "Title");
    release(&urgent);
    release(&five);
    release(&ten);
}

static void read__makes_a_kill_a_version_of_what_it_cites(void **state) {
    (void)state;
    struct reading r = read_text(
        "\x01tst0155 2 i 20 ccccb   wfd 0155\n\nLibya/talks/\n"
        "\x02KILL KILL KILL =\n\nKill item wfd 141, headlined \"Commander signs\", "
        "and wfd 0142.\n\x03"
        "142015 GMT Jan 20\x04");

    assert_int_equal(r.err, 0);
    assert_int_equal(r.out.count, 2);
    assert_view_is(r.out.reports[0].guid, "tag:wfd,2020-01-14:wfd-0141");
    assert_view_is(r.out.reports[1].guid, "tag:wfd,2020-01-14:wfd-0142");
    for (size_t i = 0; i < 2; i++) {
        assert_view_is(r.out.reports[i].action, "kill");
        assert_view_is(r.out.reports[i].status, "canceled");
        assert_view_is(r.out.reports[i].relations[0].rel, "kills");
        assert_view_equal(r.out.reports[i].relations[0].guid, r.out.reports[i].guid);
        assert_int_equal(r.out.reports[i].relation_count, 1);
        assert_view_is(r.out.reports[i].reference, "wfd 0155");
    }
    release(&r);
}

static void read__withholds_what_a_hold_cites(void **state) {
    (void)state;
    struct reading r = read_text(
        "\x01tst0156 2 i 20 ccccb   wfd 0156\n\nLibya/talks/\n\x02HOLD HOLD HOLD =\n\n"
        "Please hold item wfd 0142 until further notice.\n\x03"
        "142015 GMT Jan 20\x04");

    assert_view_is(only(&r)->status, "withheld");
    assert_view_is(only(&r)->action, "hold");
    release(&r);
}

static void read__takes_a_kill_without_text(void **state) {
    (void)state;
    struct reading r = read_text("\x01tst0142 2 i 0   wfd 0142\n\nLibya/talks/\n"
                                 "\x02KILL KILL KILL =\n\x03"
                                 "142015 GMT Jan 20\x04");

    assert_view_is(only(&r)->status, "canceled");
    assert_view_is(only(&r)->guid, "tag:wfd,2020-01-14:wfd-0142");
    assert_view_is(only(&r)->relations[0].ref, "Libya/talks");
    release(&r);
}

static void read__reads_embargoes(void **state) {
    (void)state;
    static const struct {
        const char *tag, *until;
    } cases[] = {
        {"(Vorschau Sperrfrist 09. Oktober 14.20 Uhr - bitte beachten)",
         "2020-10-09T14:20Z"},
        {"Sperrfrist: 15.1.2020, 18.00 Uhr", "2020-01-15T18:00Z"},
        {"(Sperrfrist Freitag 0500 Uhr)", "2020-01-17T05:00Z"},
        {"EMBARGOED for publication until 2200 GMT, Wednesday 15 January",
         "2020-01-15T22:00Z"},
        {"EMBARGO: until Jan 20, 2020, 10 a.m. EST", "2020-01-20T15:00Z"},
        {"EMBARGOED UNTIL 2020-01-15T09:00:00+01:00", "2020-01-15T08:00Z"},
    };

    for (size_t i = 0; i < COUNT(cases); i++) {
        struct buf bytes = {0};
        buf_printf(&bytes, "\x01tst0142 3 i 38\n\x02%s\nTitle =\n\nText.\n\x03",
                   cases[i].tag);
        struct reading r = read_bytes(&format_iptc7901, buf_view(&bytes), NULL, RECEIVED);
        assert_int_equal(only(&r)->embargo_ms, at_ms(cases[i].until));
        assert_view_is(only(&r)->headline, "Title");
        assert_true(contains(only(&r)->ednote, "20") ||
                    contains(only(&r)->ednote, "Freitag"));
        release(&r);
        buf_release(&bytes);
    }
}

static void read__withholds_what_is_embargoed_till_nobody_knows_when(void **state) {
    (void)state;
    struct reading r = read_text(
        "\x01tst0142 3 i 38\n\x02(Sperrfrist: siehe Hinweis)\nTitle =\nText.\x03");
    struct reading free =
        read_text("\x01tst0142 3 i 38\n\x02(Sperrfrist aufgehoben)\nTitle =\nText.\x03");
    struct reading news = read_text("\x01tst0142 3 i 38\n\x02"
                                    "Embargo on oil exports until May =\nText.\x03");

    assert_view_is(only(&r)->status, "withheld");
    assert_true(only(&r)->warning.len > 0);
    assert_view_is(only(&free)->status, "");
    assert_int_equal(only(&news)->embargo_ms, 0);
    assert_view_is(only(&news)->headline, "Embargo on oil exports until May");
    release(&r);
    release(&free);
    release(&news);
}

static void read__takes_messages_stripped_of_controls(void **state) {
    (void)state;
    static const char message[] =
        "eca0062 3 i 38 ccccb   dpa 062\n\nGermany-politics/\n2ND LEAD\n"
        "Chancellor goes to Paris\nBy X Y, dpa =\n\n   Berlin (dpa) - The chancellor.\n\n"
        "131137 GMT Nov 13\n";
    struct reading r = read_bytes(NULL, view_of(message), NULL, RECEIVED);
    const struct report *report = only(&r);

    assert_view_is(report->format, "iptc7901");
    assert_view_is(report->reference, "dpa 062");
    assert_view_is(report->slug, "Germany-politics");
    assert_view_is(report->headline, "Chancellor goes to Paris");
    assert_view_is(report->sent, "2013-11-13T11:37:00Z");
    assert_view_is(report->text,
                   "Chancellor goes to Paris\n\nBerlin (dpa) - The chancellor.");
    release(&r);
}

static void looks__takes_no_prose_for_a_header(void **state) {
    (void)state;
    static const char *const texts[] = {
        "May 2019 3 in 100 people said so\n\nText.",
        "A380 1 of 10 planes grounded\n\nText",
        "Boeing 737 4 a 50\n\nLibya/talks/\n",
        "TUNIS - Text.",
        "Covid19 2 wk 14\n\nText goes on without any slash.",
    };

    for (size_t i = 0; i < COUNT(texts); i++)
        assert_ptr_equal(format_of(view_of(texts[i])), &format_text);
}

static void read__warns_of_what_it_cannot_read_and_takes_the_text(void **state) {
    (void)state;
    static const char *const messages[] = {
        "\x01rubbish in front\n\x02The whole text stays here.\n\nMore.\n\x03\x04",
        "\x01tst 3 i 38\n\x02The whole text stays here.\n\nMore.\n\x03\x04",
        "\x02The whole text stays here.\n\nMore.\n\x03\x04",
        "\x01The whole text stays here.\n\nMore.\n",
        "\x01\x02The whole text stays here.\n\nMore.",
        "\x01tst0142 3 i\n\x02The whole text stays here.\n\nMore.\n\x03\x04",
    };

    for (size_t i = 0; i < COUNT(messages); i++) {
        struct reading r = read_bytes(NULL, view_of(messages[i]), NULL, RECEIVED);
        assert_view_is(only(&r)->format, "iptc7901");
        assert_view_is(only(&r)->text, "The whole text stays here.\n\nMore.");
        assert_true(only(&r)->warning.len > 0);
        release(&r);
    }
}

static void read__refuses_what_has_no_text_at_all(void **state) {
    (void)state;
    struct reading r = read_text("\x01\r\n\x02\r\n \a\x03\x04");

    assert_int_equal(r.err, ERR_FORMAT);
    assert_int_equal(r.out.count, 0);
    release(&r);
}

static void read__takes_a_text_without_the_mark_behind_the_headline(void **state) {
    (void)state;
    static const struct {
        const char *body, *headline, *byline, *text;
    } cases[] = {
        {"Title\n\nText.", "Title", "", "Title\n\nText."},
        {"\nURGENT: Title\nBy A. B.\n\nText.", "Title", "A. B.",
         "URGENT: Title\n\nText."},
        {"Tripoli (wfd) - The commander has died, say officials.", "", "",
         "Tripoli (wfd) - The commander has died, say officials."},
        {"A sentence that was broken because a line of a telex has at most\nso many "
         "characters.",
         "", "",
         "A sentence that was broken because a line of a telex has at most so many "
         "characters."},
    };

    for (size_t i = 0; i < COUNT(cases); i++) {
        struct buf bytes = {0};
        buf_printf(&bytes, "\x01tst0142 3 i 38\n\x02%s\n\x03", cases[i].body);
        struct reading r = read_bytes(&format_iptc7901, buf_view(&bytes), NULL, RECEIVED);
        assert_view_is(only(&r)->headline, cases[i].headline);
        assert_view_is(only(&r)->byline, cases[i].byline);
        assert_view_is(only(&r)->text, cases[i].text);
        release(&r);
        buf_release(&bytes);
    }
}

static void read__decodes_what_is_not_utf8(void **state) {
    (void)state;
    struct feed feed = {.charset = "latin1"};
    static const char message[] = "\x01tst0142 3 i 38\n\x02"
                                  "Caf\xE9 =\n\xABText\xBB.\n\x03";
    struct reading guessed = read_text(message);
    struct reading told = read_bytes(&format_iptc7901, view_of(message), &feed, RECEIVED);

    assert_view_is(only(&guessed)->headline, "Caf\xC3\xA9");
    assert_view_is(only(&guessed)->charset, "windows-1252");
    assert_view_is(only(&told)->text, "Caf\xC3\xA9\n\n\xC2\xABText\xC2\xBB.");
    release(&guessed);
    release(&told);
}

/* Quadratic time would not end before the test's deadline. */
static void read__takes_time_that_grows_with_the_text(void **state) {
    (void)state;
    static const char *const pieces[] = {"a\r",     "\r",   "# \n\n",
                                         "* * *\n", "(x\n", "x=\n"};

    for (size_t i = 0; i < COUNT(pieces); i++) {
        struct buf bytes = {0};
        buf_put_text(&bytes, "\x01tst0142 3 i 38\r\x02Title =\r");
        while (bytes.len < 8u << 20)
            buf_put_text(&bytes, pieces[i]);
        struct reading r = read_bytes(&format_iptc7901, buf_view(&bytes), NULL, RECEIVED);
        assert_view_is(only(&r)->headline, "Title");
        release(&r);
        buf_release(&bytes);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(read__takes_every_field_of_the_header),
        cmocka_unit_test(read__takes_headers_as_agencies_write_them),
        cmocka_unit_test(read__reads_the_time_behind_etx),
        cmocka_unit_test(read__takes_local_times_as_the_feeds),
        cmocka_unit_test(read__keeps_tags_notes_and_notebook_apart_from_the_story),
        cmocka_unit_test(read__counts_bells),
        cmocka_unit_test(read__makes_a_kill_a_version_of_what_it_cites),
        cmocka_unit_test(read__withholds_what_a_hold_cites),
        cmocka_unit_test(read__takes_a_kill_without_text),
        cmocka_unit_test(read__reads_embargoes),
        cmocka_unit_test(read__withholds_what_is_embargoed_till_nobody_knows_when),
        cmocka_unit_test(read__takes_messages_stripped_of_controls),
        cmocka_unit_test(looks__takes_no_prose_for_a_header),
        cmocka_unit_test(read__warns_of_what_it_cannot_read_and_takes_the_text),
        cmocka_unit_test(read__refuses_what_has_no_text_at_all),
        cmocka_unit_test(read__takes_a_text_without_the_mark_behind_the_headline),
        cmocka_unit_test(read__decodes_what_is_not_utf8),
        cmocka_unit_test(read__takes_time_that_grows_with_the_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
