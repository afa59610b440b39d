#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "enrich/furniture.h"

static struct phrases *phrases;

static int make_phrases(void **state) {
    (void)state;
    phrases = phrases_new();
    return 0;
}

static int free_phrases(void **state) {
    (void)state;
    phrases_free(phrases);
    return 0;
}

static enum furniture_kind kind(const char *line) {
    return furniture_of_line(phrases, view_of(line)).kind;
}

static enum furniture_claim claim(const char *line) {
    return furniture_of_line(phrases, view_of(line)).claim;
}

static void of_line__knows_buttons_and_counters(void **state) {
    (void)state;
    assert_int_equal(kind("Continue Reading…"), FURNITURE_NAVIGATION);
    assert_int_equal(kind("LEAVE A REPLY"), FURNITURE_NAVIGATION);
    assert_int_equal(kind("122"), FURNITURE_NAVIGATION);
    assert_int_equal(kind("1.2K shares"), FURNITURE_NAVIGATION);
    assert_int_equal(kind("Athletics | Football | Tennis"), FURNITURE_NAVIGATION);
    assert_int_equal(kind("NEWS > NORTH-EAST"), FURNITURE_NAVIGATION);
    assert_int_equal(kind("READ ALSO: Why they left"), FURNITURE_RELATED);
    assert_int_equal(kind("(Reporting by A in B; Editing by C)"), FURNITURE_SIGNOFF);
    assert_int_equal(kind("-30-"), FURNITURE_SIGNOFF);
    assert_int_equal(kind("dpa wsz jln npr"), FURNITURE_SIGNOFF);
    assert_int_equal(kind("bur-dar-gl/fz"), FURNITURE_SIGNOFF);
    assert_int_equal(kind("Jo Doe, 757-555-0188, jo@x.example"), FURNITURE_SIGNOFF);
}

static void of_line__leaves_prose_alone(void **state) {
    static const char *const lines[] = {"More than 280 civilians were hurt.",
                                        "Share prices fell 4 percent.",
                                        "Comments by the minister",
                                        "Berlin summit",
                                        "He won 6-4 6-4.",
                                        "Copyright law is to be changed, the minister of "
                                        "justice said on Monday in a long "
                                        "speech that dealt with many things, among them "
                                        "the rights of those who draw, who "
                                        "write, who sing, who dance and who do nothing "
                                        "of the kind but own what the others "
                                        "have made in a hundred years of hard work.",
                                        "and/or",
                                        "either/or",
                                        "Reporting"};

    (void)state;
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
        assert_int_equal(kind(lines[i]), NOT_FURNITURE);
}

static void of_line__reads_credits_of_people(void **state) {
    (void)state;
    assert_int_equal(kind("(Reporting by Jo Doe in Bonn; editing by Al Roe)"),
                     FURNITURE_SIGNOFF);
    assert_int_equal(kind("Editing by Jo Doe"), FURNITURE_SIGNOFF);
    assert_int_equal(kind("Editing by hand took the clerks a week."), NOT_FURNITURE);
    assert_int_equal(kind("AP writer Jo Doe contributed to this report."),
                     FURNITURE_SIGNOFF);
    assert_int_equal(kind("Photo: Jo Doe/AFP"), FURNITURE_CREDIT);
    assert_int_equal(kind("-- BERNAMA"), FURNITURE_CREDIT);
}

static void of_line__tells_invitations_from_prose(void **state) {
    (void)state;
    assert_int_equal(kind("Subscribe to our daily newsletter"), FURNITURE_NAVIGATION);
    assert_int_equal(kind("Sign up for breaking news alerts in your inbox"),
                     FURNITURE_NAVIGATION);
    assert_int_equal(kind("Subscribe to nothing, said the bishop."), NOT_FURNITURE);
    assert_int_equal(kind("Join the army, the radio told them"), NOT_FURNITURE);
    assert_int_equal(kind("Download speeds rose in Accra."), NOT_FURNITURE);
}

static void of_line__says_how_far_it_may_be_believed(void **state) {
    (void)state;
    assert_int_equal(claim("Leave a Reply"), CLAIM_SURE);
    assert_int_equal(claim("Politics"), CLAIM_WEAK);
    assert_int_equal(claim("Related stories"), CLAIM_LINKS);
    assert_int_equal(claim("Read also:"), CLAIM_LINKS);
    assert_int_equal(claim("Media contact:"), CLAIM_BLOCK);
}

static void end_mark__stands_behind_the_last_stop(void **state) {
    enum furniture_kind found;

    (void)state;
    assert_int_equal(furniture_end_mark(VIEW_LIT("He left. (Xinhua)"), &found), 9);
    assert_int_equal(found, FURNITURE_CREDIT);
    assert_int_equal(furniture_end_mark(VIEW_LIT("He left. (bbs/awa)"), &found), 9);
    assert_int_equal(found, FURNITURE_SIGNOFF);
    assert_int_equal(furniture_end_mark(VIEW_LIT("He left. Enditem"), &found), 9);
    assert_int_equal(furniture_end_mark(VIEW_LIT("He left (for Rome)."), &found), 19);
    assert_int_equal(furniture_end_mark(VIEW_LIT("So Jo told UPI."), &found), 15);
    assert_int_equal(furniture_end_mark(VIEW_LIT("."), &found), 1);
}

static void bare_byline__wants_a_post_or_a_place(void **state) {
    (void)state;
    assert_true(furniture_bare_byline(VIEW_LIT("Staff Correspondent, Rangamati")));
    assert_true(furniture_bare_byline(VIEW_LIT("Ana Reis Tavares in Lisbon")));
    assert_true(furniture_bare_byline(VIEW_LIT("DAILY NEWS WITH AGENCIES")));
    assert_false(furniture_bare_byline(VIEW_LIT("Soldiers die in Kano")));
    assert_false(furniture_bare_byline(VIEW_LIT("Presidents meet in Carthage")));
}

static void byline__wants_names(void **state) {
    struct view name;

    (void)state;
    assert_true(furniture_byline(VIEW_LIT("By ROMY D. ASUNCION, Staff Reporter"), &name));
    assert_true(view_is(name, "ROMY D. ASUNCION, Staff Reporter"));
    assert_true(furniture_byline(VIEW_LIT("From Hauwa Dikko, Maiduguri"), &name));
    assert_true(furniture_byline(VIEW_LIT("By Huda al-Saqqaf"), &name));
    assert_true(furniture_byline(VIEW_LIT("Von Katrin Lehnert"), &name));
    assert_false(furniture_byline(VIEW_LIT("By Monday the army had come."), &name));
    assert_false(furniture_byline(VIEW_LIT("By the time the army had come"), &name));
    assert_false(furniture_byline(VIEW_LIT("Bystanders"), &name));
}

static void credit__begins_where_it_should(void **state) {
    bool photo;

    (void)state;
    assert_int_equal(furniture_credit(VIEW_LIT("A crane. (AFP)"), &photo), 9);
    assert_int_equal(furniture_credit(VIEW_LIT("A crane. — AFP"), &photo), 9);
    assert_int_equal(furniture_credit(VIEW_LIT("A crane. (AP Photo/Jo)"), &photo), 9);
    assert_int_equal(furniture_credit(VIEW_LIT("A crane (R)."), &photo), 12);
    assert_int_equal(furniture_credit(VIEW_LIT("The army (LNA)"), &photo), 14);
    assert_int_equal(furniture_credit(VIEW_LIT(""), &photo), 0);
    assert_int_equal(furniture_credit(VIEW_LIT(")"), &photo), 1);
    assert_int_equal(furniture_credit(VIEW_LIT("A crane. Photo: Jo/EPA"), &photo), 9);
    assert_true(photo);
    assert_int_equal(furniture_credit(VIEW_LIT("Of a Segway - Mr. Bush"), &photo), 22);
    assert_int_equal(furniture_credit(VIEW_LIT("Saha told UPI."), &photo), 14);
}

static void hash__passes_over_case_and_points(void **state) {
    unsigned a, b;

    (void)state;
    assert_int_equal(furniture_line_hash(VIEW_LIT("The Quake, again!"), SIZE_MAX, &a),
                     furniture_line_hash(VIEW_LIT("the quake again"), SIZE_MAX, &b));
    assert_int_equal(a, 3);
    assert_int_equal(b, 3);
}

static void hash__reads_as_many_letters_as_asked(void **state) {
    const struct view line = VIEW_LIT("Quake: two dead"),
                      other = VIEW_LIT("qua ke two (2)");
    unsigned a, b;

    (void)state;
    assert_int_equal(furniture_line_hash(line, 8, &a), furniture_line_hash(other, 8, &b));
    assert_int_equal(a, 3);
    assert_int_equal(b, 4);
    assert_int_not_equal(furniture_line_hash(line, SIZE_MAX, &a),
                         furniture_line_hash(other, SIZE_MAX, &b));
}

static void hash__counts_words_up_to_a_limit(void **state) {
    unsigned words;

    (void)state;
    furniture_line_hash(VIEW_LIT("1 2 3 4 5 6 7 8 9 10 11 12"), 0, &words);
    assert_int_equal(words, FURNITURE_WORDS);
    furniture_line_hash(VIEW_LIT("1 2 3 4 5 6 7 8 9 10 11 12"), SIZE_MAX, &words);
    assert_int_equal(words, FURNITURE_WORDS);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(of_line__knows_buttons_and_counters),
        cmocka_unit_test(of_line__leaves_prose_alone),
        cmocka_unit_test(of_line__reads_credits_of_people),
        cmocka_unit_test(of_line__tells_invitations_from_prose),
        cmocka_unit_test(of_line__says_how_far_it_may_be_believed),
        cmocka_unit_test(end_mark__stands_behind_the_last_stop),
        cmocka_unit_test(bare_byline__wants_a_post_or_a_place),
        cmocka_unit_test(byline__wants_names),
        cmocka_unit_test(credit__begins_where_it_should),
        cmocka_unit_test(hash__passes_over_case_and_points),
        cmocka_unit_test(hash__reads_as_many_letters_as_asked),
        cmocka_unit_test(hash__counts_words_up_to_a_limit),
    };
    return cmocka_run_group_tests(tests, make_phrases, free_phrases);
}
