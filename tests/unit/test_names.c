#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/named_story.h"

/* "per:Khalifa Haftar org:LNA": the mentions of a text in order, between |. */
static const char *mentions(const char *text, bool headline, struct arena *arena) {
    struct story s;
    struct buf out = {0};
    const char *copy;

    story_read(&s, text, headline);
    for (size_t i = 0; i < s.doc.mention_count; i++) {
        const struct mention *m = &s.doc.mentions[i];
        buf_printf(&out, "%s%.3s:", i ? "|" : "", entity_type_name(m->type));
        buf_put_view(&out, doc_span(&s.doc, m->at));
        assert_true(m->score > 0 && m->score <= 1);
        assert_true(m->why && m->why[0]);
    }
    copy = arena_copy(arena, out.at ? out.at : "", out.len);
    buf_release(&out);
    arena_release(&s.arena);
    return copy;
}

struct name_case {
    const char *text, *mentions;
};

static void check(const struct name_case *cases, size_t count, bool headline) {
    struct arena arena = {0};

    for (size_t i = 0; i < count; i++)
        assert_string_equal(mentions(cases[i].text, headline, &arena), cases[i].mentions);
    arena_release(&arena);
}
#define CHECK(cases) check(cases, sizeof(cases) / sizeof *(cases), false)

static void names__leave_titles_out(void **state) {
    static const struct name_case cases[] = {
        {"He met General Khalifa Haftar there.", "per:Khalifa Haftar"},
        {"He met Gen Haftar and Field-Marshal Haftar.", "per:Haftar|per:Haftar"},
        {"The German Chancellor Angela Merkel left.", "gro:German|per:Angela Merkel"},
        {"Deputy Secretary of State John Negroponte left.", "per:John Negroponte"},
        {"Egyptian president Abdel Fattah al-Sisi left.",
         "gro:Egyptian|per:Abdel Fattah al-Sisi"},
        {"UN Special Envoy Ghassan Salame spoke.", "org:UN|per:Ghassan Salame"},
    };
    (void)state;
    CHECK(cases);
}

static void names__have_the_extent_of_the_guide(void **state) {
    static const struct name_case cases[] = {
        {"The UN-backed Government of National Accord (GNA) of Fayez al Sarraj’s men.",
         "org:UN|org:Government of National Accord|org:GNA|per:Fayez al Sarraj"},
        {"Libya's Haftar, and Kim Jong-un with Ursula von der Leyen.",
         "loc:Libya|per:Haftar|per:Kim Jong-un|per:Ursula von der Leyen"},
        {"A US-Libya dialogue of non-Africans.", "loc:US|loc:Libya|gro:Africans"},
        {"Fighting in South Darfur and Northern Gaza.",
         "loc:South Darfur|loc:Northern Gaza"},
        {"It cost US$58 million.", ""},
        {"They took al-Qardabiya airbase.", "fac:al-Qardabiya"},
        {"He thanked Antoin \"Tony\" Rezko warmly.", "per:Antoin \"Tony\" Rezko"},
    };
    (void)state;
    CHECK(cases);
}

static void names__know_organizations_by_their_words(void **state) {
    static const struct name_case cases[] = {
        {"The Libyan National Army advanced.", "org:Libyan National Army"},
        {"He works at Omar al-Mukhtar University.", "org:Omar al-Mukhtar University"},
        {"The General Command of the Libyan Army spoke.",
         "org:General Command of the Libyan Army"},
        {"The Ministry of Foreign Affairs and the Turkish parliament met.",
         "org:Ministry of Foreign Affairs|gro:Turkish"},
        {"The Food and Drug Administration agreed.", "org:Food and Drug Administration"},
        {"The Supreme Council of Zorrow Farmers (SCZF) met.",
         "org:Supreme Council of Zorrow Farmers|org:SCZF"},
    };
    (void)state;
    CHECK(cases);
}

static void names__do_not_begin_with_grammar(void **state) {
    static const struct name_case cases[] = {
        {"The police came. But nobody spoke. Police in Kabul said so.", "loc:Kabul"},
        {"On Monday and in January nothing was said by officials.", ""},
        {"Who said that? WHO said that.", "org:WHO"},
        {"Reports said Haftar left. Speaking by phone, Haftar agreed.",
         "per:Haftar|per:Haftar"},
    };
    (void)state;
    CHECK(cases);
}

static void names__settle_what_is_unsure_by_the_rest(void **state) {
    static const struct name_case cases[] = {
        {"In Zorrow nothing moved. Pelka Zorrowan, 45, left Zorrow. Zorrowan said so.",
         "loc:Zorrow|per:Pelka Zorrowan|loc:Zorrow|per:Zorrowan"},
        {"President George Bush left. Bush said little.", "per:George Bush|per:Bush"},
    };
    (void)state;
    CHECK(cases);
}

static void names__in_headlines_need_more_than_a_capital(void **state) {
    static const struct name_case cases[] = {
        {"Haftar Oversees New Troop Deployment Ahead of Berlin Talks\n"
         "General Khalifa Haftar was in Berlin.",
         "per:Haftar|loc:Berlin|per:Khalifa Haftar|loc:Berlin"},
        {"SOLDIERS FLEE AS REBELS TAKE TRIPOLI\nRebels took Tripoli.",
         "loc:TRIPOLI|loc:Tripoli"},
    };
    (void)state;
    check(cases, sizeof cases / sizeof *cases, true);
}

static void names__keep_the_title_as_role(void **state) {
    static const struct name_case cases[] = {
        {"He met Brigadier-General Ahmed al-Mismari.", "Brigadier-General"},
        {"The Libyan strongman Khalifa Haftar left.", "strongman"},
        {"Nobody but Khalifa Haftar left.", ""},
    };
    struct story s;

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        story_read(&s, cases[i].text, false);
        const struct mention *last = &s.doc.mentions[s.doc.mention_count - 1];
        assert_true(view_is(last->role, cases[i].mentions));
        arena_release(&s.arena);
    }
}

static void names__take_any_text(void **state) {
    struct buf text = {0};
    struct story s;

    (void)state;
    for (size_t i = 0; i < 20000; i++)
        buf_put_text(&text, i % 3 ? "Gen Tripoli al-" : "of The (ABC) U.N. 's ");
    story_read(&s, buf_text(&text), false);
    for (size_t i = 1; i < s.doc.mention_count; i++)
        assert_true(s.doc.mentions[i].first >= s.doc.mentions[i - 1].last);
    arena_release(&s.arena);
    story_read(&s, "", false);
    assert_int_equal(s.doc.mention_count, 0);
    arena_release(&s.arena);
    buf_release(&text);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names__leave_titles_out),
        cmocka_unit_test(names__have_the_extent_of_the_guide),
        cmocka_unit_test(names__know_organizations_by_their_words),
        cmocka_unit_test(names__do_not_begin_with_grammar),
        cmocka_unit_test(names__settle_what_is_unsure_by_the_rest),
        cmocka_unit_test(names__in_headlines_need_more_than_a_capital),
        cmocka_unit_test(names__keep_the_title_as_role),
        cmocka_unit_test(names__take_any_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
