#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "enrich/stage.h"
#include "enrich/token.h"

/* The tokens of a text, written with | between them (and _ for a blank before one). */
static const char *divided(const char *text, struct arena *arena) {
    struct token_list list = {0};
    struct buf out = {0};
    const char *copy;

    token_divide(view_of(text), 0, strlen(text), arena, &list);
    for (size_t i = 0; i < list.count; i++) {
        if (i)
            buf_put_text(&out, list.at[i].space_before ? "|_" : "|");
        buf_put(&out, text + list.at[i].start, list.at[i].end - list.at[i].start);
    }
    copy = arena_copy(arena, out.at ? out.at : "", out.len);
    buf_release(&out);
    return copy;
}

struct token_case {
    const char *text, *tokens;
};

static void check(const struct token_case *cases, size_t count) {
    struct arena arena = {0};

    for (size_t i = 0; i < count; i++)
        assert_string_equal(divided(cases[i].text, &arena), cases[i].tokens);
    arena_release(&arena);
}
#define CHECK(cases) check(cases, sizeof(cases) / sizeof *(cases))

static void divide__keeps_full_stops_of_abbreviations(void **state) {
    static const struct token_case cases[] = {
        {"the U.N. and the U.S.A. said.", "the|_U.N.|_and|_the|_U.S.A.|_said|."},
        {"Gen. Haftar, Mr. J. R. Ewing", "Gen.|_Haftar|,|_Mr.|_J.|_R.|_Ewing"},
        {"Jan. 16 at 9 p.m. No. 5", "Jan.|_16|_at|_9|_p.m.|_No.|_5"},
        {"He said no. 3 came.", "He|_said|_no.|_3|_came|."},
        {"No. Never.", "No|.|_Never|."},
        {"embargo.US wants", "embargo|.|US|_wants"},
        {"U.N.-backed UN-backed", "U.N.|-|backed|_UN|-|backed"},
    };
    (void)state;
    CHECK(cases);
}

static void divide__divides_at_hyphens_only_between_words(void **state) {
    static const struct token_case cases[] = {
        {"al-Sarraj, 26-year-old", "al|-|Sarraj|,|_26|-|year|-|old"},
        {"Cairo -- Tunis - x", "Cairo|_--|_Tunis|_-|_x"},
        {"non\xE2\x80\x91"
         "stop",
         "non|\xE2\x80\x91|stop"},
    };
    (void)state;
    CHECK(cases);
}

static void divide__takes_possessives_off(void **state) {
    static const struct token_case cases[] = {
        {"Libya's Haftar", "Libya|'s|_Haftar"},
        {"Libya’s U.N.'s", "Libya|’s|_U.N.|'s"},
        {"the forces' base", "the|_forces|'|_base"},
        {"Mir’ash O'Neill N'Djamena don't", "Mir’ash|_O'Neill|_N'Djamena|_don't"},
        {"the 'Libyan Army' said", "the|_'|Libyan|_Army|'|_said"},
        {"’90s", "’|90s"},
    };
    (void)state;
    CHECK(cases);
}

static void divide__keeps_numbers_whole(void **state) {
    static const struct token_case cases[] = {
        {"1,800 or 12.5% at 4:50, 3.", "1,800|_or|_12.5|%|_at|_4:50|,|_3|."},
        {"16/04/2019 2020-01-14", "16|/|04|/|2019|_2020|-|01|-|14"},
        {"6pm 26th 1990s $5bn", "6pm|_26th|_1990s|_$|5bn"},
    };
    (void)state;
    CHECK(cases);
}

static void divide__keeps_links_whole(void **state) {
    static const struct token_case cases[] = {
        {"see https://example.org/a?b=c#d.", "see|_https://example.org/a?b=c#d|."},
        {"at www.example.com, or", "at|_www.example.com|,|_or"},
        {"dana.white@courier.example (x)", "dana.white@courier.example|_(|x|)"},
        {"by @UN_News: #Libya", "by|_@UN_News|:|_#|Libya"},
        {"he left.then came", "he|_left|.|then|_came"},
        {"a @ b", "a|_@|_b"},
        {"visit example.com.", "visit|_example.com|."},
    };
    (void)state;
    CHECK(cases);
}

static void divide__knows_other_scripts_and_symbols(void **state) {
    static const struct token_case cases[] = {
        {"Erdoğan, ÖVP", "Erdoğan|,|_ÖVP"},
        {"Москва сказала.", "Москва|_сказала|."},
        {"طرابلس، ليبيا", "طرابلس|،|_ليبيا"},
        {"wheat \U0001F33E\U0001F3FD now\xC2\xA0then",
         "wheat|_\U0001F33E|\U0001F3FD|_now|_then"},
        {"…“quoted”…", "…|“|quoted|”|…"},
        {"Ha... [sic]", "Ha|...|_[|sic|]"},
        {"Cafe\xCC\x81 x", "Cafe\xCC\x81|_x"},
    };
    (void)state;
    CHECK(cases);
}

static unsigned shape(const char *text) {
    struct arena arena = {0};
    struct token_list list = {0};
    unsigned result;

    token_divide(view_of(text), 0, strlen(text), &arena, &list);
    result = list.at[list.count - 1].shape;
    arena_release(&arena);
    return result;
}

static void divide__notes_shapes(void **state) {
    (void)state;
    assert_int_equal(shape("Sirte"), SHAPE_CAPITAL);
    assert_int_equal(shape("Ürümqi"), SHAPE_CAPITAL);
    assert_int_equal(shape("GNA"), SHAPE_CAPITAL | SHAPE_ALL_CAPS);
    assert_int_equal(shape("U.N."), SHAPE_CAPITAL | SHAPE_ALL_CAPS);
    assert_int_equal(shape("J."), SHAPE_CAPITAL | SHAPE_INITIAL);
    assert_int_equal(shape("base"), SHAPE_LOWER);
    assert_int_equal(shape("1,800"), SHAPE_DIGITS);
    assert_int_equal(shape("6pm"), SHAPE_LOWER | SHAPE_DIGITS);
    assert_int_equal(shape("Libya's"), SHAPE_POSSESSIVE);
}

static void abbreviation__list_is_sorted(void **state) {
    (void)state;
    assert_true(token_is_abbreviation(VIEW_LIT("Adm.")));
    assert_true(token_is_abbreviation(VIEW_LIT("Ms.")));
    assert_true(token_is_abbreviation(VIEW_LIT("Messrs.")));
    assert_true(token_is_abbreviation(VIEW_LIT("Sept.")));
    assert_true(token_is_abbreviation(VIEW_LIT("vs.")));
    assert_true(token_is_abbreviation(VIEW_LIT("etc.")));
    assert_false(token_is_abbreviation(VIEW_LIT("end.")));
}

/* The sentences of one body stretch, written with | between them. */
static void check_sentences(const char *text, const char *want) {
    struct arena arena = {0};
    struct stretch all = {0, (uint32_t)strlen(text), ZONE_BODY, 0, 0};
    struct doc doc = {
        .arena = &arena, .text = view_of(text), .stretches = &all, .stretch_count = 1};
    struct buf out = {0};

    stage_token.run(NULL, &doc);
    for (size_t i = 0; i < doc.sentence_count; i++) {
        const struct token *first = &doc.tokens[doc.sentences[i].first];
        const struct token *last = &doc.tokens[doc.sentences[i].last - 1];
        if (i)
            buf_put_text(&out, "|");
        buf_put(&out, text + first->start, last->end - first->start);
        assert_int_equal(first->sentence, i);
    }
    assert_string_equal(buf_text(&out), want);
    buf_release(&out);
    arena_release(&arena);
}

static void sentences__end_where_they_should(void **state) {
    (void)state;
    check_sentences("He left. She came.", "He left.|She came.");
    check_sentences("Gen. Haftar met Mr. J. Smith on Jan. 5. It ended.",
                    "Gen. Haftar met Mr. J. Smith on Jan. 5.|It ended.");
    check_sentences("It is from the U.N. The envoy left.",
                    "It is from the U.N.|The envoy left.");
    check_sentences("The U.N. Security Council met.", "The U.N. Security Council met.");
    check_sentences("“Where does it go?” asked Chad. “Here.” He left.",
                    "“Where does it go?” asked Chad.|“Here.”|He left.");
    check_sentences("It rose 6.5 percent to 1.2 million.",
                    "It rose 6.5 percent to 1.2 million.");
    check_sentences("the arms embargo.US wants more", "the arms embargo.|US wants more");
    check_sentences("They came … and went… Then it rained.",
                    "They came … and went…|Then it rained.");
    check_sentences("1. The first", "1. The first");
    check_sentences("Quake hits! Nine dead", "Quake hits!|Nine dead");
    check_sentences("no end", "no end");
    check_sentences("", "");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(divide__keeps_full_stops_of_abbreviations),
        cmocka_unit_test(divide__divides_at_hyphens_only_between_words),
        cmocka_unit_test(divide__takes_possessives_off),
        cmocka_unit_test(divide__keeps_numbers_whole),
        cmocka_unit_test(divide__keeps_links_whole),
        cmocka_unit_test(divide__knows_other_scripts_and_symbols),
        cmocka_unit_test(divide__notes_shapes),
        cmocka_unit_test(abbreviation__list_is_sorted),
        cmocka_unit_test(sentences__end_where_they_should),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
