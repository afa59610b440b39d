/* Newsroom words: whatever is read, every view must lie in what was given, and what is
 * left of a headline must not be read as anything that was not there before. */
#include <assert.h>

#include "proto/life.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_inside(struct view all, struct view part) {
    assert(!part.len || (part.at >= all.at && part.at + part.len <= all.at + all.len));
}

static void check(struct view all, const struct life *life) {
    check_inside(all, life->tag);
    check_inside(all, life->words);
    assert(life->relation_count <= REPORT_RELATIONS);
    for (size_t i = 0; i < life->relation_count; i++)
        check_inside(all, life->relations[i].ref);
    assert(!life->take.of || life->take.n <= life->take.of || life->take.of <= 60);
    assert(life->release[0] <= 31 && life->release[1] <= 12);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static bool (*const readers[])(struct view, struct life *) = {
        life_read_headline, life_read_slug, life_read_note, life_read_ednote};
    struct view all = {(const char *)data, size}, agency, number;
    struct life life, joined = {0};

    for (size_t i = 0; i < sizeof readers / sizeof *readers; i++) {
        readers[i](all, &life);
        check(all, &life);
        life_join(&joined, &life);
    }
    assert(joined.relation_count <= REPORT_RELATIONS);
    for (struct view rest = all; life_take_reference(&rest, &agency, &number);)
        assert(agency.len && number.len);
    return 0;
}
