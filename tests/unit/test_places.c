#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/named_story.h"

static const struct event_place *place_of(const struct story *s, const char *name) {
    for (size_t i = 0; i < s->doc.event.place_count; i++)
        if (view_is(s->doc.entities[s->doc.places[i].entity].name, name))
            return &s->doc.places[i];
    return NULL;
}

static void expect(const char *text, const char *name, uint32_t geonameid) {
    struct story s;
    const struct event_place *place;

    story_read(&s, text, false);
    place = place_of(&s, name);
    assert_non_null(place);
    assert_int_equal(place->geonameid, geonameid);
    assert_true(place->score > 0 && place->score <= 1);
    assert_true(place->why.len > 0);
    arena_release(&s.arena);
}

static void places__are_those_that_come_to_mind(void **state) {
    (void)state;
    expect("They met in Cairo.", "Cairo", 360630);
    expect("They met in Tripoli.", "Tripoli", 2210247);
    expect("They met in London and Paris.", "Paris", 2988507);
    expect("Troops entered Sirte.", "Sirte", 2210554);
    expect("Georgia accused Russia of war.", "Georgia", 614540);
}

static void places__lie_in_what_is_named_with_them(void **state) {
    (void)state;
    expect("They met in Tripoli, Lebanon.", "Tripoli", 266826);
    expect("Lebanese soldiers in Lebanon left Beirut for Tripoli. Lebanon waited.",
           "Tripoli", 266826);
    expect("He was born in Springfield, Illinois.", "Springfield", 4250542);
    expect("They met in Atlanta, Georgia.", "Georgia", 4197000);
}

static void places__tell_the_next_best(void **state) {
    struct story s;
    const struct event_place *tripoli;

    (void)state;
    story_read(&s, "Fighting in Tripoli, the Libyan capital.", false);
    tripoli = place_of(&s, "Tripoli");
    assert_non_null(tripoli);
    assert_true(view_is(tripoli->country, "LY"));
    assert_true(view_is(tripoli->feature, "PPLC"));
    assert_true(view_is(tripoli->runner_up.country, "LB"));
    assert_true(tripoli->runner_up.score < tripoli->score);
    assert_int_equal(tripoli->role, PLACE_LITERAL);
    arena_release(&s.arena);
}

static void places__focus_on_the_country_named_most(void **state) {
    struct story s;

    (void)state;
    story_read(&s, "Libyan forces left Tripoli for Misrata, Egypt said.", false);
    assert_true(view_is(s.doc.event.focus.country, "LY"));
    assert_int_equal(s.doc.event.focus.geonameid, 2215636);
    arena_release(&s.arena);
    story_read(&s, "Egypt met Libya.", false);
    assert_int_equal(s.doc.event.focus.country.len, 0);
    arena_release(&s.arena);
}

static void places__leave_out_what_has_no_id(void **state) {
    struct story s;

    (void)state;
    story_read(&s, "They met in Zorrowgrad, by the Mediterranean Sea.", false);
    assert_int_equal(s.doc.event.place_count, 0);
    arena_release(&s.arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(places__are_those_that_come_to_mind),
        cmocka_unit_test(places__lie_in_what_is_named_with_them),
        cmocka_unit_test(places__tell_the_next_best),
        cmocka_unit_test(places__focus_on_the_country_named_most),
        cmocka_unit_test(places__leave_out_what_has_no_id),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
