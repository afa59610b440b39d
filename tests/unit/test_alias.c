#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/named_story.h"

/* "Khalifa Haftar 2, Libya 1": names and numbers of mentions, in order. */
static void expect(const char *text, const char *want) {
    struct story s;
    struct buf out = {0};

    story_read(&s, text, false);
    for (size_t i = 0; i < s.doc.event.entity_count; i++) {
        const struct event_entity *e = &s.doc.event.entities[i];
        buf_printf(&out, "%s%.*s %zu", i ? ", " : "", (int)e->name.len, e->name.at,
                   e->mention_count);
    }
    assert_string_equal(buf_text(&out), want);
    buf_release(&out);
    arena_release(&s.arena);
}

static void alias__joins_a_surname_to_its_person(void **state) {
    (void)state;
    expect("Haftar came. General Khalifa Haftar spoke. Gen Haftar left.",
           "Khalifa Haftar 3");
    expect("Fayez al-Sarraj spoke. Sarraj left, and al Sarraj wept. Mr Serraj returned.",
           "Fayez al-Sarraj 4");
    expect("Recep Tayyip Erdoğan spoke. Recep Erdogan left.", "Recep Tayyip Erdoğan 2");
}

static void alias__keeps_namesakes_apart(void **state) {
    (void)state;
    expect("George Bush spoke. Laura Bush left. Mrs Bush returned.",
           "George Bush 1, Laura Bush 2");
    expect("Libyan sources in Libya.", "Libyan 1, Libya 1");
}

static void alias__joins_acronyms_to_what_they_stand_for(void **state) {
    (void)state;
    expect("The LNA moved. The Libyan National Army (LNA) said the LNA won.",
           "Libyan National Army 4");
    expect("The Supreme Council of Kenya Muslims (SUPKEM) met. SUPKEM agreed.",
           "Supreme Council of Kenya Muslims 3");
    expect("The United States and the U.S. met the US.", "United States 3");
}

static void alias__joins_forms_of_a_people(void **state) {
    (void)state;
    expect("Many Libyans met Libyan officials.", "Libyans 2");
}

static void alias__weighs_by_place_and_number(void **state) {
    struct story s;
    const struct event_entity *e;
    double all = 0;

    (void)state;
    story_read(&s,
               "Haftar Enters Sirte\nKhalifa Haftar took Sirte. Haftar left. Cairo "
               "watched.",
               true);
    e = s.doc.event.entities;
    assert_true(view_is(e[0].name, "Khalifa Haftar"));
    assert_true(e[0].salience > e[1].salience && e[1].salience > e[2].salience);
    for (size_t i = 0; i < s.doc.event.entity_count; i++)
        all += e[i].salience;
    assert_true(all > .999 && all < 1.001);
    arena_release(&s.arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(alias__joins_a_surname_to_its_person),
        cmocka_unit_test(alias__keeps_namesakes_apart),
        cmocka_unit_test(alias__joins_acronyms_to_what_they_stand_for),
        cmocka_unit_test(alias__joins_forms_of_a_people),
        cmocka_unit_test(alias__weighs_by_place_and_number),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
