#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "enrich/stories.h"

struct page {
    struct phrases *phrases;
    struct arena arena;
    struct view text;
    struct span *stories;
    size_t count;
};

static int open_page(void **state) {
    static struct page page;

    page = (struct page){.phrases = phrases_new()};
    *state = &page;
    return 0;
}

static int close_page(void **state) {
    struct page *page = *state;

    phrases_free(page->phrases);
    arena_release(&page->arena);
    return 0;
}

static void find(struct page *page, const char *text) {
    page->text = view_of(text);
    page->stories = stories_find(&(struct stories_know){page->phrases, NULL}, page->text,
                                 &page->arena, &page->count);
    assert_int_equal(page->stories[0].start, 0);
    assert_int_equal(page->stories[page->count - 1].end, page->text.len);
    for (size_t i = 1; i < page->count; i++)
        assert_int_equal(page->stories[i].start, page->stories[i - 1].end);
}

static void expect_start(const struct page *page, size_t story, const char *begin) {
    assert_true(story < page->count);
    assert_true(view_starts(view_n(page->text.at + page->stories[story].start,
                                   page->text.len - page->stories[story].start),
                            begin));
}

#define CRANES                                                                           \
    "The harbour authority said that the two cranes would be sold before summer.\n"      \
    "Nobody had asked for them in nine years, it said in a letter to the union.\n"

static void find__leaves_a_story_whole(void **state) {
    static const char *const texts[] = {
        "abc", "Cranes sold\n\n" CRANES "\nWhat happens next\n\n" CRANES,
        "Cranes sold\n\n" CRANES "\n* * *\n\nThe long road\n\n" CRANES,
        "Cranes sold\n\nThe cranes were sold on Monday, said the harbour authority, "
        "to a firm in Bonn.\n\nBy Jo Doe\n\nSORREL (AP) - " CRANES,
        "Cranes sold\n\n" CRANES
        "Read also\nBridge shut after storm\nSORREL, Jan 12 (AP) "
        "- The old bridge over the harbour was shut on Monday."};

    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        find(*state, texts[i]);
        assert_int_equal(((struct page *)*state)->count, 1);
    }
}

static void find__divides_agency_copy(void **state) {
    find(*state, "Cranes to be sold\n\nSORREL, Jan 12 (AP) - " CRANES
                 "\nBridge shut after storm\n\nBONN, Jan 12 (AP) - " CRANES);
    assert_int_equal(((struct page *)*state)->count, 2);
    expect_start(*state, 1, "Bridge shut");
}

static void find__divides_pages_of_excerpts(void **state) {
    find(*state, "Cranes to be sold\n\n" CRANES "Leave a Reply\n\nPorts\n\n"
                 "Bridge shut after storm\n\n"
                 "The old bridge over the harbour was shut on…\n\n"
                 "Bridge shut after storm\n\n" CRANES);
    assert_int_equal(((struct page *)*state)->count, 2);
    expect_start(*state, 1, "Ports");
}

static void find__divides_briefs(void **state) {
    find(*state, "News in brief\n\nCranes to be sold\n\n" CRANES
                 "\nBridge shut\n\n" CRANES "\nFerry late\n\n" CRANES);
    assert_int_equal(((struct page *)*state)->count, 3);
    expect_start(*state, 2, "Ferry late");
}

static void find__divides_at_rules_with_headlines(void **state) {
    find(*state, "Cranes to be sold this year\n\n" CRANES
                 "\n***\n\nBridge shut after storm on Monday\n\n" CRANES
                 "\n***\n\nFerry runs aground off harbour mouth\n\n" CRANES);
    assert_int_equal(((struct page *)*state)->count, 3);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(find__leaves_a_story_whole),
        cmocka_unit_test(find__divides_agency_copy),
        cmocka_unit_test(find__divides_pages_of_excerpts),
        cmocka_unit_test(find__divides_briefs),
        cmocka_unit_test(find__divides_at_rules_with_headlines),
    };
    return cmocka_run_group_tests(tests, open_page, close_page);
}
