#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "enrich/dateline.h"
#include "proto/buf.h"

static bool is_port(const void *context, struct view name) {
    (void)context;
    return view_is(name, "Tripoli");
}

/* "place|agency|what the dateline spans|prose" or "none". */
static void check(const char *line, bool first, const char *want) {
    struct dateline d;
    struct buf got = {0};

    if (dateline_read(view_of(line), first, is_port, NULL, &d)) {
        buf_put_view(&got, d.place);
        buf_put_text(&got, "|");
        buf_put_view(&got, d.agency);
        buf_put_text(&got, "|");
        buf_put(&got, line + d.start, d.end - d.start);
        buf_put_text(&got, "|");
        buf_put_text(&got, line + d.after);
    } else {
        buf_put_text(&got, "none");
    }
    assert_string_equal(buf_text(&got), want);
    buf_release(&got);
}

static void read__knows_the_agencies_forms(void **state) {
    (void)state;
    check("TRIPOLI, Libya (AP) — He", false, "TRIPOLI|AP|TRIPOLI, Libya (AP)|He");
    check("BENGHAZI, Jan 16 (Reuters) - He", false,
          "BENGHAZI|Reuters|BENGHAZI, Jan 16 (Reuters)|He");
    check("SAITAMA, Japan, Dec. 9 Kyodo - He", false,
          "SAITAMA|Kyodo|SAITAMA, Japan, Dec. 9 Kyodo|He");
    check("TOKYO, Nov. 20, Kyodo - He", false, "TOKYO|Kyodo|TOKYO, Nov. 20, Kyodo|He");
    check("Gaza City, Palestinian Territories, May 16, 2021 (AFP) - He", false,
          "Gaza City|AFP|Gaza City, Palestinian Territories, May 16, 2021 (AFP)|He");
    check("San Diego (tca/dpa) - He", false, "San Diego|tca/dpa|San Diego (tca/dpa)|He");
    check("San José, 7 Feb (EFE).- He", false, "San José|EFE|San José, 7 Feb (EFE)|He");
    check("(CNN) -- He", false, "|CNN|(CNN)|He");
    check("CAIRO/TUNIS (Reuters) - He", false,
          "CAIRO/TUNIS|Reuters|CAIRO/TUNIS (Reuters)|He");
    check("ST. LOUIS (AP) -- He", false, "ST. LOUIS|AP|ST. LOUIS (AP)|He");
    check("MOSCOW, Monday (Reuters) - He", false,
          "MOSCOW|Reuters|MOSCOW, Monday (Reuters)|He");
    check("RIO DE JANEIRO — He", false, "RIO DE JANEIRO||RIO DE JANEIRO|He");
    check("NORFOLK, Va. — He", false, "NORFOLK||NORFOLK, Va.|He");
    check("TUNIS - Libyan", false, "TUNIS||TUNIS|Libyan");
    check("Paris (ats afp) Les", false, "Paris|ats afp|Paris (ats afp)|Les");
    check("LOS GATOS (BCN)", false, "LOS GATOS|BCN|LOS GATOS (BCN)|");
}

static void read__asks_for_the_place_where_it_must(void **state) {
    (void)state;
    check("Tripoli: Libya's general", true, "Tripoli||Tripoli|Libya's general");
    check("Tripoli - Libya's general", true, "Tripoli||Tripoli|Libya's general");
    check("Tripoli: Libya's general", false, "none");
    check("Watch: the general", true, "none");
}

static void read__falls_into_no_trap(void **state) {
    (void)state;
    check("European Court of Justice (ECJ) argued", true, "none");
    check("Libyan National Army (LNA) has", true, "none");
    check("EDITOR'S NOTE _ This is", true, "none");
    check("URGENT - Nine dead", true, "none");
    check("SOLDIERS who survived last Sunday", true, "none");
    check("QUAKE KILLS NINE - REPORT", true, "none");
    check("He said so - again", true, "none");
    check("", true, "none");
    check("- item", true, "none");
}

static void read__takes_the_date(void **state) {
    struct dateline d;

    (void)state;
    assert_true(
        dateline_read(VIEW_LIT("Berlin, 17/9/2018 (SID) - x"), true, NULL, NULL, &d));
    assert_int_equal(written_date_day(&d.date, CALENDAR_NONE), calendar_day(2018, 9, 17));
    assert_true(dateline_read(VIEW_LIT("KABUL, Dec 30 (AP) - x"), true, NULL, NULL, &d));
    assert_int_equal(written_date_day(&d.date, calendar_day(2021, 1, 2)),
                     calendar_day(2020, 12, 30));
    assert_int_equal(written_date_day(&d.date, CALENDAR_NONE), CALENDAR_NONE);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(read__knows_the_agencies_forms),
        cmocka_unit_test(read__asks_for_the_place_where_it_must),
        cmocka_unit_test(read__falls_into_no_trap),
        cmocka_unit_test(read__takes_the_date),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
