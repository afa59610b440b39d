#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "enrich/kept.h"

static struct kept *add(struct kept_list *list, uint64_t index, size_t bytes) {
    struct kept *k = kept_add(list);

    k->id.index = index;
    for (size_t i = 0; i < bytes; i++)
        buf_put_u8(&k->frame, (uint8_t)index);
    return k;
}

static void count_gone(void *context, const struct kept *kept) {
    (void)kept;
    ++*(int *)context;
}

static void send__stops_when_the_credit_is_used_up(void **state) {
    struct kept_list list = {0};
    struct account credit = {2, 1000};
    struct buf out = {0};
    (void)state;

    for (uint64_t i = 1; i <= 3; i++)
        add(&list, i, 10);

    assert_int_equal(kept_send(&list, &credit, &out, 4096), 2);
    assert_int_equal(out.len, 20);
    assert_int_equal(credit.messages, 0);
    assert_int_equal(credit.bytes, 980);
    assert_int_equal(list.unsent->id.index, 3);

    kept_release(&list);
    buf_release(&out);
}

static void send__lets_a_result_larger_than_the_credit_go_alone(void **state) {
    struct kept_list list = {0};
    struct account credit = {5, 8};
    struct buf out = {0};
    (void)state;

    add(&list, 1, 100);
    add(&list, 2, 1);

    assert_int_equal(kept_send(&list, &credit, &out, 4096), 1);
    assert_int_equal(credit.bytes, 8 - 100);

    kept_release(&list);
    buf_release(&out);
}

static void unsend__begins_with_the_oldest_again(void **state) {
    struct kept_list list = {0};
    struct account credit = {9, 1000};
    struct buf out = {0};
    (void)state;
    add(&list, 7, 1);
    add(&list, 8, 1);
    kept_send(&list, &credit, &out, 4096);

    kept_unsend(&list);

    assert_int_equal(list.unsent->id.index, 7);
    kept_release(&list);
    buf_release(&out);
}

static void commit__lets_go_of_what_it_covers_and_of_nothing_else(void **state) {
    struct kept_list list = {0};
    struct range ranges[] = {{5, 5}, {8, 9}};
    struct commit commit = {.upto = 2, .ranges = ranges, .range_count = 2};
    int gone = 0;
    (void)state;
    for (uint64_t i = 1; i <= 10; i++)
        add(&list, i, 1);

    kept_commit(&list, &commit, count_gone, &gone);

    assert_int_equal(gone, 5);
    assert_int_equal(list.count, 5);
    assert_int_equal(list.first->id.index, 3);
    assert_int_equal(list.unsent->id.index, 3);
    assert_int_equal(list.last->id.index, 10);
    kept_release(&list);
}

static void commit__of_another_journal_changes_nothing(void **state) {
    struct kept_list list = {0};
    struct commit commit = {.journal = {{1}}, .upto = 100};
    int gone = 0;
    (void)state;
    add(&list, 1, 1);

    kept_commit(&list, &commit, count_gone, &gone);

    assert_int_equal(gone, 0);
    kept_release(&list);
}

static void add__uses_the_memory_of_those_that_went(void **state) {
    struct kept_list list = {0};
    struct commit all = {.upto = 100};
    struct kept *first = add(&list, 1, 1);
    int gone = 0;
    (void)state;

    kept_commit(&list, &all, count_gone, &gone);

    assert_ptr_equal(add(&list, 2, 1), first);
    assert_ptr_equal(list.last, list.first);
    kept_release(&list);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(send__stops_when_the_credit_is_used_up),
        cmocka_unit_test(send__lets_a_result_larger_than_the_credit_go_alone),
        cmocka_unit_test(unsend__begins_with_the_oldest_again),
        cmocka_unit_test(commit__lets_go_of_what_it_covers_and_of_nothing_else),
        cmocka_unit_test(commit__of_another_journal_changes_nothing),
        cmocka_unit_test(add__uses_the_memory_of_those_that_went),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
