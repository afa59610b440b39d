#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "enrich/gazetteer.h"
#include "enrich/stage.h"
#include "proto/crc32c.h"

#define HEADER                                                                           \
    "name\tclass\tgeonameid\tlat\tlon\tfeature\tcountry\tadmin1\tpopulation\talternates\n"
static const char towns[] =
    HEADER "Lebanon\tcountry\t272103\t33.8\t35.8\tPCLI\tLB\t\t6000000\t\n"
           "North\tadmin1\t266045\t34.4\t35.9\tADM1\tLB\t09\t\tAsh Shimal\n"
           "Tripoli\tcity\t266826\t34.43352\t35.84415\tPPLA\tLB\t09\t229398\tTarabulus\n"
           "Tripoli\tcity\t2210247\t32.88743\t13.18733\tPPLC\tLY\t\t1150989\t\n"
           "\n# a remark\n"
           "Cox's Bazar\tcity\t1336134\t21.4\t91.9\tPPL\tBD\t\t253788\t\n"
           "New York\tcity\t5128581\t40.7\t-74.0\tPPL\tUS\t\t8175133\tNew York City\n";

static int compile(const char *table, struct buf *out, struct diag *diag) {
    struct gazetteer_table one = {"t.tsv", view_of(table)};
    return gazetteer_compile(&one, 1, VIEW_LIT("7"), out, diag);
}

static struct gazetteer *open_towns(struct buf *bytes) {
    struct gazetteer *g = NULL;
    struct diag diag = {0};

    assert_int_equal(compile(towns, bytes, &diag), 0);
    assert_int_equal(gazetteer_from_bytes(buf_view(bytes), &g, &diag), 0);
    return g;
}

static void find__reads_names_as_they_are_spelled(void **state) {
    static const char *const spelled[] = {"Tripoli",      "TRIPOLI",     "Trípoli",
                                          " tripoli",     "Cox's Bazar", "Cox’s-Bazar",
                                          "NEW YORK CITY"};
    struct buf bytes = {0}, key = {0};
    struct gazetteer *g = open_towns(&bytes);

    (void)state;
    for (size_t i = 0; i < sizeof spelled / sizeof *spelled; i++)
        assert_int_not_equal(gazetteer_find(g, view_of(spelled[i]), &key),
                             GAZETTEER_NONE);
    assert_int_equal(gazetteer_find(g, VIEW_LIT("Trip"), &key), GAZETTEER_NONE);
    assert_int_equal(gazetteer_find(g, VIEW_LIT("..."), &key), GAZETTEER_NONE);
    gazetteer_close(g);
    buf_release(&bytes);
    buf_release(&key);
}

static void candidates__come_weightiest_first(void **state) {
    struct buf bytes = {0}, key = {0};
    struct gazetteer *g = open_towns(&bytes);
    uint32_t name = gazetteer_find(g, VIEW_LIT("Tripoli"), &key);
    struct candidates c = gazetteer_candidates(g, name);
    struct gazetteer_entry first, second, division;

    (void)state;
    assert_int_equal(c.count, 2);
    first = gazetteer_entry(g, candidates_at(c, 0));
    second = gazetteer_entry(g, candidates_at(c, 1));
    division = gazetteer_entry(g, second.division);
    assert_int_equal(first.geonameid, 2210247);
    assert_true(first.located && first.lat > 32.8874 && first.lat < 32.8875);
    assert_true(view_is(first.country, "LY") && view_is(first.feature, "PPLC"));
    assert_int_equal(first.division, GAZETTEER_NONE);
    assert_true(view_is(second.admin1, "09"));
    assert_true(view_is(division.name, "North"));
    assert_int_equal(gazetteer_classes(g, name), CLASS_BIT(CLASS_CITY));
    assert_true(view_is(gazetteer_version(g), "7"));
    gazetteer_close(g);
    buf_release(&bytes);
    buf_release(&key);
}

static void compile__gives_the_same_bytes_again(void **state) {
    struct buf first = {0}, second = {0};
    struct diag diag = {0};

    (void)state;
    assert_int_equal(compile(towns, &first, &diag), 0);
    assert_int_equal(compile(towns, &second, &diag), 0);
    assert_true(view_eq(buf_view(&first), buf_view(&second)));
    buf_release(&first);
    buf_release(&second);
}

static void compile__names_the_line_that_is_wrong(void **state) {
    static const struct {
        const char *table, *says;
    } cases[] = {
        {"name\tkind\nx\ty\n", "t.tsv:1:"},
        {HEADER "x\tvillage\n", "t.tsv:2: no such class: village"},
        {HEADER "x\tcity\tnine\n", "t.tsv:2: not a number: nine"},
        {HEADER "\tcity\n", "t.tsv:2: a row needs a name"},
        {HEADER "x\tcity\t1\t91\t0\n", "t.tsv:2: not a latitude"},
        {HEADER "x\tcity\t1\t1\t\n", "t.tsv:2: not a latitude"},
        {HEADER "x\tcity\t1\t1\t1\tPPL\tLibya\n", "t.tsv:2: a country is two letters"},
        {"name\tclass\nx\tcity\t1\n", "t.tsv:2: more cells"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct diag diag = {0};
        struct buf out = {0};
        assert_int_equal(compile(cases[i].table, &out, &diag), ERR_FORMAT);
        assert_true(view_starts(view_of(diag.text), cases[i].says));
        assert_int_equal(out.len, 0);
        buf_release(&out);
    }
}

static int open_changed(struct buf *bytes, size_t len, struct diag *diag) {
    struct gazetteer *g = NULL;
    char *exact = malloc(len ? len : 1); /* so that a sanitizer sees a byte too far */
    int err;

    memcpy(exact, bytes->at, len);
    *diag = (struct diag){0};
    err = gazetteer_from_bytes(view_n(exact, len), &g, diag);
    if (!err)
        gazetteer_close(g);
    free(exact);
    return err;
}

static void open__refuses_a_file_cut_off_anywhere(void **state) {
    struct buf bytes = {0};
    struct diag diag = {0};

    (void)state;
    assert_int_equal(compile(towns, &bytes, &diag), 0);
    for (size_t len = 0; len < bytes.len; len++) {
        assert_int_equal(open_changed(&bytes, len, &diag), ERR_SHORT);
        assert_true(diag.text[0]);
    }
    assert_int_equal(open_changed(&bytes, bytes.len, &diag), 0);
    buf_release(&bytes);
}

static void open__refuses_a_changed_byte(void **state) {
    struct buf bytes = {0};
    struct diag diag = {0};

    (void)state;
    assert_int_equal(compile(towns, &bytes, &diag), 0);
    for (size_t i = 0; i < bytes.len; i++) {
        bytes.at[i] ^= 0x10;
        assert_true(open_changed(&bytes, bytes.len, &diag) < 0);
        bytes.at[i] ^= 0x10;
    }
    buf_release(&bytes);
}

/* With a checksum that fits, it is the numbers that must be found out. */
static void open__survives_any_number(void **state) {
    struct buf bytes = {0};
    struct diag diag = {0};

    (void)state;
    assert_int_equal(compile(towns, &bytes, &diag), 0);
    for (size_t i = 16; i + 4 <= bytes.len; i += 4) {
        uint32_t kept;
        memcpy(&kept, bytes.at + i, 4);
        buf_set_u32(&bytes, i, 0xfffffff0u);
        buf_set_u32(&bytes, 12, crc32c(0, view_n(bytes.at + 16, bytes.len - 16)));
        open_changed(&bytes, bytes.len, &diag);
        memcpy(bytes.at + i, &kept, 4);
    }
    buf_release(&bytes);
}

static void open__says_what_to_do_about_another_format(void **state) {
    struct buf bytes = {0};
    struct diag diag = {0};

    (void)state;
    assert_int_equal(compile(towns, &bytes, &diag), 0);
    buf_set_u32(&bytes, 8, 99);
    assert_int_equal(open_changed(&bytes, bytes.len, &diag), ERR_VERSION);
    assert_non_null(strstr(diag.text, "wiretag gazetteer"));
    buf_release(&bytes);
}

static void open__reads_a_file(void **state) {
    char path[] = "/tmp/wiretag-gazetteer-XXXXXX";
    struct buf bytes = {0};
    struct diag diag = {0};
    struct gazetteer *g = NULL;
    int fd = mkstemp(path);

    (void)state;
    assert_true(fd >= 0);
    assert_int_equal(gazetteer_open(path, &g, &diag), ERR_SHORT);
    assert_int_equal(compile(towns, &bytes, &diag), 0);
    assert_int_equal(write(fd, bytes.at, bytes.len), (ssize_t)bytes.len);
    assert_int_equal(gazetteer_open(path, &g, &diag), 0);
    assert_int_equal(gazetteer_entry_count(g), 6);
    gazetteer_close(g);
    close(fd);
    unlink(path);
    assert_int_equal(gazetteer_open(path, &g, &diag), ERR_SYSTEM);
    buf_release(&bytes);
}

static void lookup__finds_all_names_longest_first(void **state) {
    const char *text = "In New York City, Tripoli-based Cox’s Bazar New. York.";
    struct arena arena = {0};
    struct stretch body = {0, (uint32_t)strlen(text), ZONE_BODY, 0, 0};
    struct doc doc = {
        .arena = &arena, .text = view_of(text), .stretches = &body, .stretch_count = 1};
    struct buf bytes = {0}, found = {0};
    struct gazetteer *g = open_towns(&bytes);
    void *lookup = NULL;

    (void)state;
    assert_int_equal(stage_lookup.open(g, &lookup, NULL), 0);
    stage_token.run(NULL, &doc);
    stage_lookup.run(lookup, &doc);
    for (size_t i = 0; i < doc.hit_count; i++) {
        struct span at = {doc.tokens[doc.hits[i].first].start,
                          doc.tokens[doc.hits[i].last - 1].end};
        buf_put_view(&found, doc_span(&doc, at));
        buf_put_text(&found, "|");
    }
    assert_string_equal(buf_text(&found), "New York City|New York|Tripoli|Cox’s Bazar|");
    stage_lookup.close(lookup);
    gazetteer_close(g);
    arena_release(&arena);
    buf_release(&bytes);
    buf_release(&found);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(find__reads_names_as_they_are_spelled),
        cmocka_unit_test(candidates__come_weightiest_first),
        cmocka_unit_test(compile__gives_the_same_bytes_again),
        cmocka_unit_test(compile__names_the_line_that_is_wrong),
        cmocka_unit_test(open__refuses_a_file_cut_off_anywhere),
        cmocka_unit_test(open__refuses_a_changed_byte),
        cmocka_unit_test(open__survives_any_number),
        cmocka_unit_test(open__says_what_to_do_about_another_format),
        cmocka_unit_test(open__reads_a_file),
        cmocka_unit_test(lookup__finds_all_names_longest_first),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
