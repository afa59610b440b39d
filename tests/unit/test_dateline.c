/* Datelines as agencies write them, each a line of its own: what is read of it is
 * "place|agency|day|span|prose", the day as of 20 January 2020. With the shipped
 * gazetteer. */
#include <stdio.h>

#include "enrich/dateline.h"
#include "enrich/gazetteer.h"
#include "proto/buf.h"
#include "tests/unit/check.h"

struct row {
    const char *line, *want;
};

static int load(void **state) {
    struct gazetteer *gazetteer;

    if (gazetteer_open(SHIPPED_GAZETTEER, &gazetteer, NULL) < 0)
        return -1;
    *state = gazetteer;
    return 0;
}

static int unload(void **state) {
    gazetteer_close(*state);
    return 0;
}

static void describe(const char *line, const struct dateline *d, struct buf *out) {
    int32_t day = written_date_day(&d->date, calendar_day(2020, 1, 20), ORDER_UNKNOWN);
    char text[CALENDAR_TEXT] = "";

    if ((d->date.month || d->date.weekday) && day != CALENDAR_NONE)
        calendar_print(day, text);
    buf_put_view(out, d->place);
    buf_put_text(out, "|");
    buf_put_view(out, d->agency);
    buf_printf(out, "|%s|", text);
    buf_put(out, line + d->start, d->end - d->start);
    buf_put_text(out, "|");
    buf_put_text(out, line + d->after);
}

static void check_rows(void **state, bool first, const struct row *rows, size_t count) {
    struct buf got = {0};
    struct dateline d;
    int wrong = 0;

    for (size_t i = 0; i < count; i++) {
        buf_clear(&got);
        if (dateline_read(view_of(rows[i].line), first, *state, &d))
            describe(rows[i].line, &d, &got);
        else
            buf_put_text(&got, "none");
        if (strcmp(buf_text(&got), rows[i].want) == 0)
            continue;
        fprintf(stderr, "%s\n  got  %s\n  want %s\n", rows[i].line, buf_text(&got),
                rows[i].want);
        wrong++;
    }
    buf_release(&got);
    assert_int_equal(wrong, 0);
}

static const struct row agencies[] = {
    {"TRIPOLI, Libya (AP) — He", "TRIPOLI|AP||TRIPOLI, Libya (AP)|He"},
    {"BENGHAZI, Jan 16 (Reuters) - He",
     "BENGHAZI|Reuters|2020-01-16|BENGHAZI, Jan 16 (Reuters)|He"},
    {"WASHINGTON (Reuters) – He", "WASHINGTON|Reuters||WASHINGTON (Reuters)|He"},
    {"GENEVA/TRIPOLI, 14 January (AFP) - He",
     "GENEVA/TRIPOLI|AFP|2020-01-14|GENEVA/TRIPOLI, 14 January (AFP)|He"},
    {"CAIRO/TUNIS (Reuters) - He", "CAIRO/TUNIS|Reuters||CAIRO/TUNIS (Reuters)|He"},
    {"JERUSALEM and GAZA CITY (Reuters) - He",
     "JERUSALEM and GAZA CITY|Reuters||JERUSALEM and GAZA CITY (Reuters)|He"},
    {"MOSCOW, Monday (Reuters) - He",
     "MOSCOW|Reuters|2020-01-20|MOSCOW, Monday (Reuters)|He"},
    {"SAITAMA, Japan, Dec. 9 Kyodo - He",
     "SAITAMA|Kyodo|2019-12-09|SAITAMA, Japan, Dec. 9 Kyodo|He"},
    {"TOKYO, Nov. 20, Kyodo - He", "TOKYO|Kyodo|2019-11-20|TOKYO, Nov. 20, Kyodo|He"},
    {"BRISBANE, Oct 12 AAP - He", "BRISBANE|AAP|2019-10-12|BRISBANE, Oct 12 AAP|He"},
    {"Gaza City, Palestinian Territories, May 16, 2021 (AFP) - He",
     "Gaza City|AFP|2021-05-16|Gaza City, Palestinian Territories, May 16, 2021 "
     "(AFP)|He"},
    {"San Diego (tca/dpa) - He", "San Diego|tca/dpa||San Diego (tca/dpa)|He"},
    {"San José, 7 Feb (EFE).- He", "San José|EFE||San José, 7 Feb (EFE)|He"},
    {"UNITED NATIONS, Jan. 5 /Xinhua/ -- He",
     "UNITED NATIONS|Xinhua|2020-01-05|UNITED NATIONS, Jan. 5 /Xinhua/|He"},
    {"UNITED NATIONS, Jan. 5 (Xinhua) -- He",
     "UNITED NATIONS|Xinhua|2020-01-05|UNITED NATIONS, Jan. 5 (Xinhua)|He"},
    {"(Xinhua) -- BEIJING, Jan 5 -- He",
     "BEIJING|Xinhua|2020-01-05|(Xinhua) -- BEIJING, Jan 5|He"},
    {"(ANSA) - Rome, October 11 - He",
     "Rome|ANSA|2019-10-11|(ANSA) - Rome, October 11|He"},
    {"(CNN) -- He", "|CNN||(CNN)|He"},
    {"(Reuters) - He", "|Reuters||(Reuters)|He"},
    {"TOKYO, Japan (CNN) -- He", "TOKYO|CNN||TOKYO, Japan (CNN)|He"},
    {"New Delhi, Jan 5 (IANS) He",
     "New Delhi|IANS|2020-01-05|New Delhi, Jan 5 (IANS)|He"},
    {"New Delhi [India], January 5 (ANI): He",
     "New Delhi|ANI|2020-01-05|New Delhi [India], January 5 (ANI)|He"},
    {"ISLAMABAD, Jan 05 (APP): He",
     "ISLAMABAD|APP|2020-01-05|ISLAMABAD, Jan 05 (APP)|He"},
    {"St. Louis (AP) — He", "St. Louis|AP||St. Louis (AP)|He"},
    {"ST. LOUIS (AP) -- He", "ST. LOUIS|AP||ST. LOUIS (AP)|He"},
    {"ABOARD AIR FORCE ONE (AP) — He",
     "ABOARD AIR FORCE ONE|AP||ABOARD AIR FORCE ONE (AP)|He"},
    {"UNDATED (AP) — He", "UNDATED|AP||UNDATED (AP)|He"},
    {"DUBAI, Jan. 14, 2020 /PRNewswire/ -- He",
     "DUBAI|PRNewswire|2020-01-14|DUBAI, Jan. 14, 2020 /PRNewswire/|He"},
    {"AUSTIN, Texas, Feb. 1, 2017 /PRNewswire/ --",
     "AUSTIN|PRNewswire|2017-02-01|AUSTIN, Texas, Feb. 1, 2017 /PRNewswire/|"},
    {"LONDON--(BUSINESS WIRE)--He", "LONDON|BUSINESS WIRE||LONDON--(BUSINESS WIRE)|He"},
    {"SAN FRANCISCO--(BUSINESS WIRE)--Jan. 5, 2006--He",
     "SAN FRANCISCO|BUSINESS WIRE|2006-01-05|SAN FRANCISCO--(BUSINESS WIRE)--Jan. 5, "
     "2006|He"},
    {"NEW YORK, Jan. 05, 2020 (GLOBE NEWSWIRE) -- He",
     "NEW YORK|GLOBE NEWSWIRE|2020-01-05|NEW YORK, Jan. 05, 2020 (GLOBE NEWSWIRE)|He"},
    {"HOUSTON, TX / ACCESSWIRE / January 5, 2020 / He",
     "HOUSTON|ACCESSWIRE|2020-01-05|HOUSTON, TX / ACCESSWIRE / January 5, 2020|He"},
    {"ROM (dpa) - Er", "ROM|dpa||ROM (dpa)|Er"},
    {"Berlin (dpa) - Er", "Berlin|dpa||Berlin (dpa)|Er"},
    {"Berlin, 5. Januar (AFP) - Er", "Berlin|AFP|2020-01-05|Berlin, 5. Januar (AFP)|Er"},
    {"Paris, 5 jan (AFP) - Il", "Paris|AFP|2020-01-05|Paris, 5 jan (AFP)|Il"},
    {"Paris, 3 déc 2019 (AFP) - Il", "Paris|AFP|2019-12-03|Paris, 3 déc 2019 (AFP)|Il"},
    {"Madrid, 5 ene (EFE).- El", "Madrid|EFE|2020-01-05|Madrid, 5 ene (EFE)|El"},
    {"MADRID, 5 Ene. (EUROPA PRESS) - El",
     "MADRID|EUROPA PRESS|2020-01-05|MADRID, 5 Ene. (EUROPA PRESS)|El"},
    {"Lisboa, 05 dez 2019 (Lusa) - O",
     "Lisboa|Lusa|2019-12-05|Lisboa, 05 dez 2019 (Lusa)|O"},
    {"Roma, 5 gen. (askanews) - Il",
     "Roma|askanews|2020-01-05|Roma, 5 gen. (askanews)|Il"},
    {"Accra, Jan. 5, GNA - He", "Accra|GNA|2020-01-05|Accra, Jan. 5, GNA|He"},
    {"ABUJA (Sundiata Post) - He", "ABUJA|Sundiata Post||ABUJA (Sundiata Post)|He"},
    {"DAKAR, Senegal, Jan 5 (UNHCR) – He",
     "DAKAR|UNHCR|2020-01-05|DAKAR, Senegal, Jan 5 (UNHCR)|He"},
    {"GAZA CITY | AFP | He", "GAZA CITY|AFP||GAZA CITY | AFP|He"},
    {"GAZA CITY | AFP", "GAZA CITY|AFP||GAZA CITY | AFP|"},
    {"LOS GATOS (BCN)", "LOS GATOS|BCN||LOS GATOS (BCN)|"},
    {"NAIROBI (Reuters)", "NAIROBI|Reuters||NAIROBI (Reuters)|"},
    {"AFP, PARIS", "PARIS|AFP||AFP, PARIS|"},
    {"Paris (ats afp) Les", "Paris|ats afp||Paris (ats afp)|Les"},
    {"MOSCOW, January 5. /TASS/. He",
     "MOSCOW|TASS|2020-01-05|MOSCOW, January 5. /TASS/|He"},
    {"MOSCOW. Jan 5 (Interfax) - He",
     "MOSCOW|Interfax|2020-01-05|MOSCOW. Jan 5 (Interfax)|He"},
    {"YEREVAN, JANUARY 5, ARMENPRESS. He",
     "YEREVAN|ARMENPRESS|2020-01-05|YEREVAN, JANUARY 5, ARMENPRESS|He"},
    {"TEHRAN (FNA)- He", "TEHRAN|FNA||TEHRAN (FNA)|He"},
    {"DAMASCUS, (SANA)-He", "DAMASCUS|SANA||DAMASCUS, (SANA)|He"},
    {"RIYADH, SPA -- He", "RIYADH|SPA||RIYADH, SPA|He"},
    {"ABU DHABI, 5th January, 2020 (WAM) -- He",
     "ABU DHABI|WAM|2020-01-05|ABU DHABI, 5th January, 2020 (WAM)|He"},
    {"FORT BRAGG, N.C. (Army News Service, Jan. 5, 2020) -- He",
     "FORT BRAGG|Army News Service|2020-01-05|FORT BRAGG, N.C. (Army News Service, Jan. "
     "5, 2020)|He"},
    {"Washington D.C., Jan 5, 2020 / 10:00 am (CNA).- He",
     "Washington D.C.|CNA|2020-01-05|Washington D.C., Jan 5, 2020 / 10:00 am (CNA)|He"},
    {"LONDON, Tue Jan 14, 2020 (Reuters) - He",
     "LONDON|Reuters|2020-01-14|LONDON, Tue Jan 14, 2020 (Reuters)|He"},
    {"TORONTO - (Reuters) - He", "TORONTO|Reuters||TORONTO - (Reuters)|He"},
    {"BRUSSELS AFP - He", "BRUSSELS|AFP||BRUSSELS AFP|He"},
    {"N'DJAMENA, Chad (AP) — He", "N'DJAMENA|AP||N'DJAMENA, Chad (AP)|He"},
    {"AL-QAIM, Iraq (AP) — He", "AL-QAIM|AP||AL-QAIM, Iraq (AP)|He"},
    {"PORT-AU-PRINCE, Haiti (AP) _ He",
     "PORT-AU-PRINCE|AP||PORT-AU-PRINCE, Haiti (AP)|He"},
    {"RIO DE JANEIRO (AP) — He", "RIO DE JANEIRO|AP||RIO DE JANEIRO (AP)|He"},
    {"Berlin, 17/9/2018 (SID) - He", "Berlin|SID|2018-09-17|Berlin, 17/9/2018 (SID)|He"},
    {"JOHANNESBURG, 5 January 2012 (IRIN) - He",
     "JOHANNESBURG|IRIN|2012-01-05|JOHANNESBURG, 5 January 2012 (IRIN)|He"},
    {"Baghdad / NINA -- He", "Baghdad|NINA||Baghdad / NINA|He"},
    {"EAST OF MOSUL, Iraq (Reuters) - He",
     "EAST OF MOSUL|Reuters||EAST OF MOSUL, Iraq (Reuters)|He"},
    {"THE HAGUE/SARAJEVO, Nov 13, 2001 (FENA) - He",
     "THE HAGUE/SARAJEVO|FENA|2001-11-13|THE HAGUE/SARAJEVO, Nov 13, 2001 (FENA)|He"},
    {"A CORUÑA (Europa Press).- He", "A CORUÑA|Europa Press||A CORUÑA (Europa Press)|He"},
    {"ASTANA. October 22. Kazinform - He",
     "ASTANA|Kazinform|2019-10-22|ASTANA. October 22. Kazinform|He"},
    {"ATHENS, 27/8 (ANA-MPA) -- He",
     "ATHENS|ANA-MPA|2019-08-27|ATHENS, 27/8 (ANA-MPA)|He"},
    {"ROQUETAS DE MAR (EFE).- He", "ROQUETAS DE MAR|EFE||ROQUETAS DE MAR (EFE)|He"},
    {"PORT OF SPAIN, Trinidad and Tobago, Jan 14 (Reuters) - He",
     "PORT OF SPAIN|Reuters|2020-01-14|PORT OF SPAIN, Trinidad and Tobago, Jan 14 "
     "(Reuters)|He"},
    {"MINNEAPOLIS-ST. PAUL (AP) — He",
     "MINNEAPOLIS-ST. PAUL|AP||MINNEAPOLIS-ST. PAUL (AP)|He"},
    {"BETHLEHEM (Ma'an) -- He", "BETHLEHEM|Ma'an||BETHLEHEM (Ma'an)|He"},
    {"By A. Writer WASHINGTON (AP) — He", "none"},
};

static void read__knows_the_agencies_forms(void **state) {
    check_rows(state, true, agencies, COUNT(agencies));
    check_rows(state, false, agencies, COUNT(agencies));
}

/* Without agency: only where the story begins, and where the place is one. */
static const struct row places[] = {
    {"ISLAMABAD: He met the minister on Monday.",
     "ISLAMABAD|||ISLAMABAD|He met the minister on Monday."},
    {"KARACHI – He met the minister.", "KARACHI|||KARACHI|He met the minister."},
    {"TUNIS - Libyan", "TUNIS|||TUNIS|Libyan"},
    {"NORFOLK, Va. — He", "NORFOLK|||NORFOLK, Va.|He"},
    {"WASHINGTON, D.C. — He", "WASHINGTON|||WASHINGTON, D.C.|He"},
    {"WASHINGTON, DC – He", "WASHINGTON|||WASHINGTON, DC|He"},
    {"WASHINGTON—He", "WASHINGTON|||WASHINGTON|He"},
    {"LAGOS, Nigeria—He", "LAGOS|||LAGOS, Nigeria|He"},
    {"RIO DE JANEIRO — He", "RIO DE JANEIRO|||RIO DE JANEIRO|He"},
    {"VATICAN CITY — He", "VATICAN CITY|||VATICAN CITY|He"},
    {"Juba — He met the minister on Monday.",
     "Juba|||Juba|He met the minister on Monday."},
    {"Kabul, Afghanistan – He met the minister.",
     "Kabul|||Kabul, Afghanistan|He met the minister."},
    {"Tripoli: Libya's general met the minister on Monday.",
     "Tripoli|||Tripoli|Libya's general met the minister on Monday."},
    {"Tripoli - Libya's general met the minister on Monday.",
     "Tripoli|||Tripoli|Libya's general met the minister on Monday."},
    {"NEW YORK/GENEVA, 5 January 2020 – He",
     "NEW YORK/GENEVA||2020-01-05|NEW YORK/GENEVA, 5 January 2020|He"},
    {"KATHMANDU, Jan 5: He", "KATHMANDU||2020-01-05|KATHMANDU, Jan 5|He"},
    {"KATHMANDU, Jan. 5 - He", "KATHMANDU||2020-01-05|KATHMANDU, Jan. 5|He"},
    {"Lahore, Jan 5 – He", "Lahore||2020-01-05|Lahore, Jan 5|He"},
    {"MEXICO CITY, Jan. 14 -- He", "MEXICO CITY||2020-01-14|MEXICO CITY, Jan. 14|He"},
    {"MANAMA, Bahrain (Jan. 5, 2020) — He",
     "MANAMA||2020-01-05|MANAMA, Bahrain (Jan. 5, 2020)|He"},
    {"Ouagadougou/Geneva, 14 January – He",
     "Ouagadougou/Geneva||2020-01-14|Ouagadougou/Geneva, 14 January|He"},
    {"Dhading, January 12: Rescuers", "Dhading||2020-01-12|Dhading, January 12|Rescuers"},
    {"Amritsar, January 12. The committee met.",
     "Amritsar||2020-01-12|Amritsar, January 12|The committee met."},
    {"Brussels, 4 August 2014", "Brussels||2014-08-04|Brussels, 4 August 2014|"},
    {"SANTO DOMINGO.- He", "SANTO DOMINGO|||SANTO DOMINGO|He"},
    {"TUCUPITA, Venezuela. - He", "TUCUPITA|||TUCUPITA, Venezuela|He"},
    {"DAR ES SALAAM, Tanzania: Holders won by five goals on Monday.",
     "DAR ES SALAAM|||DAR ES SALAAM, Tanzania|Holders won by five goals on Monday."},
    {"BAGHDAD, Iraq -- 10/2/04 -- He", "BAGHDAD||2004-02-10|BAGHDAD, Iraq -- 10/2/04|He"},
    {"URIBIA (La Guajira) — He", "URIBIA|||URIBIA (La Guajira)|He"},
    {"Georgetown, DPI, August 22, 2023 – He",
     "Georgetown|DPI|2023-08-22|Georgetown, DPI, August 22, 2023|He"},
    {"NAIROBI, Kenya, Jan. 14, 2020/ -- He",
     "NAIROBI||2020-01-14|NAIROBI, Kenya, Jan. 14, 2020|He"},
    {"(Honolulu) -- He", "Honolulu|||(Honolulu)|He"},
    {"(Austin, Texas) -- He", "Austin|||(Austin, Texas)|He"},
    {"TARHUNA, Libya - He", "TARHUNA|||TARHUNA, Libya|He"},
    {"ABU QURAYN - Libyan fighters", "ABU QURAYN|||ABU QURAYN|Libyan fighters"},
    {"SINGAPORE - He", "SINGAPORE|||SINGAPORE|He"},
};

static void read__asks_for_the_place_where_it_must(void **state) {
    check_rows(state, true, places, COUNT(places));
}

static const struct row traps[] = {
    {"European Court of Justice (ECJ) argued", "none"},
    {"Libyan National Army (LNA) has", "none"},
    {"Democratic Union (CDU) and", "none"},
    {"Government of National Accord (GNA) said it", "none"},
    {"The Associated Press (AP) said it", "none"},
    {"News agency Reuters (Reuters) said", "none"},
    {"EDITOR'S NOTE _ This is", "none"},
    {"URGENT - Nine dead", "none"},
    {"SOLDIERS who survived last Sunday", "none"},
    {"QUAKE KILLS NINE - REPORT", "none"},
    {"QUAKE KILLS NINE (AFP)", "none"},
    {"Libya: Haftar forces announce end of operation", "none"},
    {"Libya: Haftar forces announced the end of the operation.", "none"},
    {"UN: Ceasefire holds in Libya", "none"},
    {"Watch: the general in Moscow.", "none"},
    {"WATCH: The general in Moscow.", "none"},
    {"REPORTER: Did he say that?", "none"},
    {"THE PRESIDENT: Thank you all.", "none"},
    {"Q: Did he say that?", "none"},
    {"A - He did.", "none"},
    {"Q - Did he say that?", "none"},
    {"HE - the general - said so.", "none"},
    {"IT - The industry lost jobs.", "none"},
    {"WHO - The agency said.", "none"},
    {"John Smith - who lives in Ohio - said so.", "none"},
    {"Paris Hilton - who lives in Ohio - said so.", "none"},
    {"Maria Lopez, Ohio - I read with horror", "none"},
    {"Smith (Labour) - He won.", "none"},
    {"BUS LANES OPEN ON MONDAY - AND ABOUT TIME", "none"},
    {"Jones (38) - He won.", "none"},
    {"LIVE - Follow the match.", "none"},
    {"BREAKING NEWS - He won the vote.", "none"},
    {"WINNERS — He won.", "none"},
    {"NOTE: He won.", "none"},
    {"PHOTO (AFP) - He won.", "none"},
    {"FILE - He won the vote.", "none"},
    {"RELATED: He won.", "none"},
    {"\"TRIPOLI - he said.\"", "none"},
    {"Monday, Jan 5 - He won.", "none"},
    {"January 5 - He won.", "none"},
    {"Updated: Jan 5 - He won.", "none"},
    {"He said so - again", "none"},
    {"In Tripoli, Jan 5 was a holiday.", "none"},
    {"Tripoli was quiet on Monday (AFP).", "none"},
    {"", "none"},
    {"-", "none"},
    {"- item", "none"},
    {"(", "none"},
    {"()", "none"},
    {"(more)", "none"},
    {"(Adds quotes) - He", "none"},
    {"/", "none"},
};

static void read__falls_into_no_trap(void **state) {
    check_rows(state, true, traps, COUNT(traps));
    check_rows(state, false, traps, COUNT(traps));
}

/* Behind prose these are no datelines. */
static const struct row later[] = {
    {"ISLAMABAD: He met the minister on Monday.", "none"},
    {"Juba — He met the minister on Monday.", "none"},
    {"Tripoli - Libya's general met the minister.", "none"},
    {"ABU QURAYN - Libyan fighters", "none"},
    {"TUNIS - Libyan", "TUNIS|||TUNIS|Libyan"},
};

static void read__is_stricter_behind_prose(void **state) {
    check_rows(state, false, later, COUNT(later));
}

static void read__does_without_a_gazetteer(void **state) {
    void *none = NULL;
    static const struct row rows[] = {
        {"KABUL, Jan 12 (Reuters) - He",
         "KABUL|Reuters|2020-01-12|KABUL, Jan 12 (Reuters)|He"},
        {"TUNIS - Libyan", "TUNIS|||TUNIS|Libyan"},
        {"Tripoli: Libya's general met the minister.", "none"},
    };

    (void)state;
    check_rows(&none, true, rows, COUNT(rows));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(read__knows_the_agencies_forms),
        cmocka_unit_test(read__asks_for_the_place_where_it_must),
        cmocka_unit_test(read__falls_into_no_trap),
        cmocka_unit_test(read__is_stricter_behind_prose),
        cmocka_unit_test(read__does_without_a_gazetteer),
    };
    return cmocka_run_group_tests(tests, load, unload);
}
