#include <stdio.h>

#include "proto/buf.h"
#include "proto/life.h"
#include "tests/unit/check.h"

/* "action|number|take|tag|words", the parts that say nothing left empty. */
static void describe(const struct life *life, struct buf *out) {
    buf_clear(out);
    buf_put_view(out, life->action);
    buf_put_text(out, "|");
    if (life->number)
        buf_printf(out, "%u", life->number);
    buf_put_text(out, "|");
    if (life->take.n)
        buf_printf(out, "%u", life->take.n);
    if (life->take.of)
        buf_printf(out, "/%u", life->take.of);
    if (life->take.more)
        buf_put_text(out, "+");
    buf_put_text(out, "|");
    buf_put_view(out, life->tag);
    buf_put_text(out, "|");
    buf_put_view(out, life->words);
}

struct row {
    const char *line, *want;
};

typedef bool read_fn(struct view line, struct life *out);

static void check_rows(read_fn *read, const struct row *rows, size_t count) {
    struct buf got = {0};
    struct life life;
    int wrong = 0;

    for (size_t i = 0; i < count; i++) {
        bool found = read(view_of(rows[i].line), &life);
        describe(&life, &got);
        if (!found)
            buf_clear(&got), buf_put_text(&got, "none");
        if (strcmp(buf_text(&got), rows[i].want) != 0) {
            fprintf(stderr, "%s\n  got  %s\n  want %s\n", rows[i].line, buf_text(&got),
                    rows[i].want);
            wrong++;
        }
    }
    buf_release(&got);
    assert_int_equal(wrong, 0);
}

static const struct row tagged[] = {
    {"UPDATE 2-Ferry sinks off Lagos", "update|2||UPDATE 2-|Ferry sinks off Lagos"},
    {"UPDATE1: Ferry sinks", "update|1||UPDATE1:|Ferry sinks"},
    {"Update 3: Ferry sinks", "update|3||Update 3:|Ferry sinks"},
    {"UPDATE: Ferry sinks", "update|||UPDATE:|Ferry sinks"},
    {"WRAPUP 3-Markets fall", "update|3||WRAPUP 3-|Markets fall"},
    {"CORRECTED-Ferry sinks", "correction|||CORRECTED-|Ferry sinks"},
    {"CORRECTED-(OFFICIAL)-Output up 2 pct",
     "correction|||CORRECTED-(OFFICIAL)-|Output up 2 pct"},
    {"CORRECTED-UPDATE 2-Ferry sinks", "correction|2||CORRECTED-UPDATE 2-|Ferry sinks"},
    {"UPDATE 1-CORRECTED-Ferry sinks", "correction|1||UPDATE 1-CORRECTED-|Ferry sinks"},
    {"CORRECTION: Ferry sinks", "correction|||CORRECTION:|Ferry sinks"},
    {"Correction: Ferry-Lagos story", "correction|||Correction:|Ferry-Lagos story"},
    {"CORRECTION - Ferry sinks", "correction|||CORRECTION -|Ferry sinks"},
    {"REFILE-Ferry sinks", "refile|||REFILE-|Ferry sinks"},
    {"REFILE-UPDATE 1-Ferry sinks", "refile|1||REFILE-UPDATE 1-|Ferry sinks"},
    {"RPT-Ferry sinks", "repeat|||RPT-|Ferry sinks"},
    {"RPT-UPDATE 4-Ferry sinks", "repeat|4||RPT-UPDATE 4-|Ferry sinks"},
    {"ALERT - FERRY SINKS OFF LAGOS", "alert|||ALERT -|FERRY SINKS OFF LAGOS"},
    {"URGENT: Ferry sinks", "alert|||URGENT:|Ferry sinks"},
    {"URGENT - Ferry sinks", "alert|||URGENT -|Ferry sinks"},
    {"Urgent: Ferry sinks", "alert|||Urgent:|Ferry sinks"},
    {"FLASH: Ferry sinks", "alert|||FLASH:|Ferry sinks"},
    {"BREAKING: Ferry sinks", "alert|||BREAKING:|Ferry sinks"},
    {"BREAKING NEWS: Ferry sinks", "alert|||BREAKING NEWS:|Ferry sinks"},
    {"ADVISORY: Ferry story to follow", "advisory|||ADVISORY:|Ferry story to follow"},
    {"FACTBOX-What we know of the ferry", "|||FACTBOX-|What we know of the ferry"},
    {"LEAD: Ferry sinks", "lead|||LEAD:|Ferry sinks"},
    {"1ST LEAD Ferry sinks", "lead|1||1ST LEAD|Ferry sinks"},
    {"2ND LEAD", "lead|2||2ND LEAD|"},
    {"1ST LEAD", "lead|1||1ST LEAD|"},
    {"3RD NET", "lead|3||3RD NET|"},
    {"EXTRA", "alert|||EXTRA|"},
    {"ROUNDUP 2: Ferry sinks", "update|2||ROUNDUP 2:|Ferry sinks"},
    {"2nd LD-Writethru: Ferry sinks", "lead|2||2nd LD-Writethru:|Ferry sinks"},
    {"1st Ld-Writethru: Ferry sinks", "lead|1||1st Ld-Writethru:|Ferry sinks"},
    {"(2nd LD) Ferry sinks", "lead|2||(2nd LD)|Ferry sinks"},
    {"(LEAD) Ferry sinks", "lead|||(LEAD)|Ferry sinks"},
    {"(URGENT) Ferry sinks", "alert|||(URGENT)|Ferry sinks"},
    {"HOLD HOLD HOLD", "hold|||HOLD HOLD HOLD|"},
    {"KILL KILL KILL", "kill|||KILL KILL KILL|"},
    {"STORY WITHDRAWN: Ferry sinks", "kill|||STORY WITHDRAWN:|Ferry sinks"},
    {"STORY WITHDRAWN-Ferry sinks", "kill|||STORY WITHDRAWN-|Ferry sinks"},
    {"WITHDRAWN: Ferry sinks", "kill|||WITHDRAWN:|Ferry sinks"},
    {"(Eil) Fähre sinkt", "alert|||(Eil)|Fähre sinkt"},
    {"(Eil)", "alert|||(Eil)|"},
    {"Eil: Fähre sinkt", "alert|||Eil:|Fähre sinkt"},
    {"(Berichtigung: im 2. Absatz) Fähre sinkt",
     "correction|||(Berichtigung: im 2. Absatz)|Fähre sinkt"},
    {"(Berichtigung)", "correction|||(Berichtigung)|"},
    {"Berichtigung: Fähre sinkt", "correction|||Berichtigung:|Fähre sinkt"},
    {"(Achtung)", "advisory|||(Achtung)|"},
    {"ACHTUNG: Fähre sinkt", "advisory|||ACHTUNG:|Fähre sinkt"},
    {"(Wiederholung) Fähre sinkt", "repeat|||(Wiederholung)|Fähre sinkt"},
    {"(Aktualisierung: neu)", "update|||(Aktualisierung: neu)|"},
    {"2. Zusammenfassung: Fähre", "update|2||2. Zusammenfassung:|Fähre"},
    {"RECTIFICATIF: Un ferry coule", "correction|||RECTIFICATIF:|Un ferry coule"},
    {"Ferry sinks =2", "add||2|=2|Ferry sinks"},
    {"Ferry sinks off Lagos=3", "add||3|=3|Ferry sinks off Lagos"},
    {"Ferry sinks (Take 2 of 3)", "add||2/3|(Take 2 of 3)|Ferry sinks"},
    {"Ferry sinks (Take 1 of 2)", "||1/2|(Take 1 of 2)|Ferry sinks"},
    {"Ferry sinks - Take 2", "add||2|- Take 2|Ferry sinks"},
    {"Ferry sinks (MORE)", "||+|(MORE)|Ferry sinks"},
    {"Ferry sinks (2nd LEAD)", "lead|2||(2nd LEAD)|Ferry sinks"},
    {"Ferry sinks - UPDATE 2", "update|2||- UPDATE 2|Ferry sinks"},
    {"UPDATE 2-Ferry sinks =2", "add|2|2|UPDATE 2-|Ferry sinks"},
};

static void headline__gives_its_tags(void **state) {
    (void)state;
    check_rows(life_read_headline, tagged, COUNT(tagged));
}

static void headline__of_other_words_says_nothing(void **state) {
    static const struct row rows[] = {
        {"Update 2 of the app breaks phones", "none"},
        {"Kill Bill returns to the screen", "none"},
        {"Killings go on", "none"},
        {"FLASH-FLOODS KILL 20 IN KENYA", "none"},
        {"HOLD-UP AT BANK", "none"},
        {"LEAD-POISONED WATER IN FLINT", "none"},
        {"EXTRA TIME FOR CHELSEA", "none"},
        {"Hold: the new game", "none"},
        {"Extra: read all about it", "none"},
        {"Correction officers strike", "none"},
        {"Urgent talks in Geneva", "none"},
        {"Flash floods kill 20", "none"},
        {"Achtung: Glatteis im Norden", "none"},
        {"Alerta: sube el nivel del río", "none"},
        {"Breaking point: a city on the edge", "none"},
        {"Add salt, says the cook", "none"},
        {"Repeat offenders freed", "none"},
        {"Alert after quake", "none"},
        {"Arsenal 3 - Chelsea 2", "none"},
        {"Ferry sinks, 20 dead (AFP)", "none"},
        {"5 killed in Tripoli", "none"},
        {"2nd leading scorer dies", "none"},
        {"Sub found off Argentina", "none"},
        {"Net migration falls", "none"},
        {"E=mc2", "none"},
        {"", "none"},
        {"-", "none"},
        {"(", "none"},
    };

    (void)state;
    check_rows(life_read_headline, rows, COUNT(rows));
}

static void slug__is_divided_into_keyword_and_version(void **state) {
    static const struct row rows[] = {
        {"BC-US--Ethanol-Losing Grassland, 1st Ld-Writethru,1140",
         "lead|1||1st Ld-Writethru,1140|BC-US--Ethanol-Losing Grassland"},
        {"^BC-US--Ferry, 3rd Ld-Writethru,210<",
         "lead|3||3rd Ld-Writethru,210|BC-US--Ferry"},
        {"BC-AF--Lagos-Ferry 1stLd-Writethru",
         "lead|1||1stLd-Writethru|BC-AF--Lagos-Ferry"},
        {"BC-AF--Lagos-Ferry,400", "|||400|BC-AF--Lagos-Ferry"},
        {"3rdLd-Writethru", "lead|3||3rdLd-Writethru|"},
        {"PM-Ferry Fares, 1st Ld-1st Add, a0584",
         "add|1||1st Ld-1st Add, a0584|PM-Ferry Fares"},
        {"PM-Ferry, 1st Add,200", "add|1||1st Add,200|PM-Ferry"},
        {"BC-Ferry, Sub,100", "sub|||Sub,100|BC-Ferry"},
        {"BC-Ferry, Correction,100", "correction|||Correction,100|BC-Ferry"},
        {"BC-Ferry, 1st Ld-2Takes,900", "lead|1|1/2|1st Ld-2Takes,900|BC-Ferry"},
        {"BC-Ferry-2Takes", "||1/2|2Takes|BC-Ferry"},
        {"BC-Ferry, take2", "add||2|take2|BC-Ferry"},
        {"BC-Ferry Adv30-01", "|||Adv30-01|BC-Ferry"},
        {"BC-Ferry, KILL", "kill|||KILL|BC-Ferry"},
        {"BC-US--NewsAlert,0019", "alert|||0019|BC-US--NewsAlert"},
        {"BC-APNewsAlert", "alert||||BC-APNewsAlert"},
        {"BC-AP-Ferry Digest, Advisory", "advisory|||Advisory|BC-AP-Ferry Digest"},
        {"Libya/talks/Russia/", "none"},
        {"BC-Leading Ladies", "none"},
        {"", "none"},
    };

    (void)state;
    check_rows(life_read_slug, rows, COUNT(rows));
}

static void slug__gives_release_day_words_and_parent(void **state) {
    struct life life;

    (void)state;
    assert_true(life_read_slug(view_of("BC-Ferry Adv30-01"), &life));
    assert_int_equal(life.release[0], 30);
    assert_int_equal(life.release[1], 1);
    assert_true(life_read_slug(view_of("$Adv05"), &life));
    assert_int_equal(life.release[0], 5);
    assert_true(life_read_slug(view_of("BC-Ferry, 1st Add, a0584"), &life));
    assert_int_equal(life.relation_count, 1);
    assert_view_is(life.relations[0].rel, "adds-to");
    assert_view_is(life.relations[0].ref, "a0584");
    assert_true(life_read_slug(view_of("BC-Ferry, 1st Ld-Writethru, a0584,210"), &life));
    assert_view_is(life.relations[0].rel, "replaces");
    assert_true(life_read_slug(view_of("BC-Ferry, KILL, a0584"), &life));
    assert_view_is(life.relations[0].rel, "kills");
    assert_true(life_read_slug(view_of("BC-Ferry, 2nd Ld,1140"), &life));
    assert_int_equal(life.words_count, 1140);
    assert_int_equal(life_version(&life), 3);
}

/* "action|status|rel ref;rel ref" */
static void check_note(const char *line, const char *want) {
    struct life life;
    struct buf got = {0};

    if (life_read_note(view_of(line), &life)) {
        buf_put_view(&got, life.action);
        buf_put_text(&got, "|");
        buf_put_view(&got, life.status);
        buf_put_text(&got, life.take.more ? "|more" : life.ends ? "|ends" : "|");
        for (size_t i = 0; i < life.relation_count; i++) {
            buf_put_text(&got, i ? ";" : "");
            buf_put_view(&got, life.relations[i].rel);
            buf_put_text(&got, " ");
            buf_put_view(&got, life.relations[i].ref);
        }
    } else {
        buf_put_text(&got, "none");
    }
    if (strcmp(buf_text(&got), want) != 0)
        fprintf(stderr, "%s\n", line);
    assert_string_equal(buf_text(&got), want);
    buf_release(&got);
}

static void note__says_what_is_killed(void **state) {
    (void)state;
    check_note("Kill item wfd 0141, headlined \"Ferry sinks\".",
               "kill|canceled|kills wfd 0141");
    check_note("Please kill items wfd 0141 and wfd 0143. The ferry is afloat.",
               "kill|canceled|kills wfd 0141;kills wfd 0143");
    check_note("EDITORS: Please kill the story headlined \"Ferry sinks, 20 dead\".",
               "kill|canceled|kills Ferry sinks, 20 dead");
    check_note("KILL KILL KILL - Editors: kill wfd 0141", "kill|canceled|kills wfd 0141");
    check_note("The story headlined “Ferry sinks” is withdrawn.",
               "kill|canceled|kills Ferry sinks");
    check_note("The LAGOS story slugged Nigeria-ferry is withdrawn. There will be no "
               "substitute story.",
               "kill|canceled|kills Nigeria-ferry");
    check_note("Please kill a0584, a0586 and a0590.",
               "kill|canceled|kills a0584;kills a0586;kills a0590");
    check_note("EDITORS: The items AFP 1201 and AFP 1207, about 29 dead, are withdrawn.",
               "kill|canceled|kills AFP 1201;kills AFP 1207");
    check_note("STORY WITHDRAWN", "kill|canceled|");
    check_note("This story has been withdrawn.", "kill|canceled|");
    check_note("Bitte die Meldung wfd 0141 nicht verwenden.",
               "kill|canceled|kills wfd 0141");
    check_note("Die Meldung wfd 0141 (Fähre sinkt) wird zurückgezogen.",
               "kill|canceled|kills wfd 0141");
    check_note("Veuillez annuler notre dépêche wfd 0141.",
               "kill|canceled|kills wfd 0141");
    check_note("HOLD HOLD HOLD - Please hold item wfd 0141", "hold|withheld|");
}

static void note__says_what_was_changed(void **state) {
    (void)state;
    check_note("(Adds prime minister's reaction in paragraph 3)", "update||");
    check_note("(Recasts, adds quotes)", "update||");
    check_note("(Corrects day in paragraph 2)", "correction||");
    check_note("(Adds quote, corrects spelling of name)", "correction||");
    check_note("(Fixes typo in paragraph 1)", "update||");
    check_note("(Clarifies who spoke)", "update||");
    check_note("(Refiles to fix slug)", "refile||");
    check_note("(Repeats with no change)", "repeat||");
    check_note("Eds: Corrects name of the ferry.", "correction||");
    check_note("Eds: SUBS 3rd graf to CORRECT name", "correction||");
    check_note("Eds: Updates with quotes. With photos.", "update||");
    check_note("EDITOR'S NOTE _ This is the second of three stories", "||");
    check_note("(This Jan. 5 story corrects paragraph 3 to say Tuesday)", "correction||");
    check_note("(This story has been refiled to fix a typo)", "refile||");
    check_note("In a story Jan. 14 about a ferry, the agency reported erroneously that "
               "20 had died.",
               "correction||");
    check_note("(Berichtigt Namen im 2. Absatz)", "correction||");
}

static void note__says_whether_there_is_more(void **state) {
    (void)state;
    check_note("(MORE)", "||more");
    check_note("(more)", "||more");
    check_note("MORE TO FOLLOW", "||more");
    check_note("MORE", "||more");
    check_note("--more--", "||more");
    check_note("ENDS", "||ends");
    check_note("-ends-", "||ends");
    check_note("-30-", "||ends");
    check_note("###", "||ends");
    check_note("/ReutersEnds", "||ends");
    check_note("(END)", "||ends");
}

static void ednote__says_what_was_changed(void **state) {
    static const struct row rows[] = {
        {"Eds: CORRECTS: The ferry is the oldest, not the largest.", "correction"},
        {"RECASTS with divers, RAISES number of dead, ADDS quotes", "update"},
        {"(Corrects name)", "correction"},
        {"With photos.\nCorrects name in 2nd graf.", "correction"},
        {"Kill item wfd 0141.", "none"},
        {"With photos.", "none"},
        {"", "none"},
    };
    struct life life;

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        bool found = life_read_ednote(view_of(rows[i].line), &life);
        assert_view_is(found ? life.action : VIEW_LIT("none"), rows[i].want);
    }
}

static void note__is_not_found_in_prose(void **state) {
    (void)state;
    check_note("The rebels threatened to kill the man in the story.", "none");
    check_note("Kill or be killed, he said of the film.", "none");
    check_note("The report, issued in May, was withdrawn after criticism.", "none");
    check_note("The company has been withdrawn from the list.", "none");
    check_note("Adds up to 20 in all.", "none");
    check_note("More than 20 people died.", "none");
    check_note("More", "none");
    check_note("end", "none");
    check_note("He hopes to hold talks on 12 items.", "none");
    check_note("At least 29 people have been killed since Friday.", "none");
    check_note("Officials report more than 150 people have been killed.", "none");
    check_note("The military says nearly 200 rebels have been killed.", "none");
    check_note("More than 70 reports say 141 people have been killed.", "none");
    check_note("Reports of 29 cars being recalled have been withdrawn.", "none");
    check_note("Kill at least 29 people and you are a hero, he said.", "none");
    check_note("(He corrects the books every day.)", "none");
    check_note("Hold the story, said the editor.", "none");
    check_note("Editors met in Lagos on Monday.", "none");
    check_note("This corrects a wrong done in 1970.", "none");
    check_note("In a story full of holes he was wrong.", "none");
    check_note("", "none");
    check_note("()", "none");
}

static void join__keeps_the_graver(void **state) {
    struct life a, b;

    (void)state;
    life_read_headline(view_of("UPDATE 2-Ferry sinks"), &a);
    life_read_note(view_of("Kill item wfd 0141."), &b);
    life_join(&a, &b);
    assert_view_is(a.action, "kill");
    assert_view_is(a.status, "canceled");
    assert_int_equal(a.number, 2);
    assert_int_equal(a.relation_count, 1);
    assert_view_is(a.words, "Ferry sinks");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(headline__gives_its_tags),
        cmocka_unit_test(headline__of_other_words_says_nothing),
        cmocka_unit_test(slug__is_divided_into_keyword_and_version),
        cmocka_unit_test(slug__gives_release_day_words_and_parent),
        cmocka_unit_test(note__says_what_is_killed),
        cmocka_unit_test(note__says_what_was_changed),
        cmocka_unit_test(note__says_whether_there_is_more),
        cmocka_unit_test(ednote__says_what_was_changed),
        cmocka_unit_test(note__is_not_found_in_prose),
        cmocka_unit_test(join__keeps_the_graver),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
