#include "enrich/kept.h"

#include <stdlib.h>

#include "proto/mem.h"

#define SPARE_BYTES (32 * 1024) /* a spare buffer larger than this is given back */

struct kept *kept_add(struct kept_list *list) {
    struct kept *k = list->spare;

    if (k)
        list->spare = k->next;
    else
        k = mem_zalloc(sizeof *k);
    buf_clear(&k->frame);
    k->next = NULL;
    if (list->last)
        list->last->next = k;
    else
        list->first = k;
    list->last = k;
    if (!list->unsent)
        list->unsent = k;
    list->count++;
    return k;
}

static void put_by(struct kept_list *list, struct kept *k) {
    if (k->frame.cap > SPARE_BYTES)
        buf_release(&k->frame);
    k->next = list->spare;
    list->spare = k;
    list->count--;
}

/* Takes *at out of the list; before is the one in front of it or NULL. */
static void cut(struct kept_list *list, struct kept *before, struct kept *k) {
    if (before)
        before->next = k->next;
    else
        list->first = k->next;
    if (list->last == k)
        list->last = before;
    if (list->unsent == k)
        list->unsent = k->next;
    put_by(list, k);
}

size_t kept_send(struct kept_list *list, struct account *credit, struct buf *out,
                 size_t max_bytes) {
    size_t sent = 0;

    while (list->unsent && account_is_open(*credit) && out->len < max_bytes) {
        buf_put_view(out, buf_view(&list->unsent->frame));
        account_take(credit, list->unsent->frame.len);
        list->unsent = list->unsent->next;
        sent++;
    }
    return sent;
}

void kept_unsend(struct kept_list *list) { list->unsent = list->first; }

static bool covers(const struct commit *commit, const struct report_id *id) {
    size_t low = 0, high = commit->range_count;

    if (!uuid_eq(commit->journal, id->journal))
        return false;
    if (id->index <= commit->upto)
        return true;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (commit->ranges[middle].hi < id->index)
            low = middle + 1;
        else
            high = middle;
    }
    return low < commit->range_count && commit->ranges[low].lo <= id->index;
}

void kept_commit(struct kept_list *list, const struct commit *commit, kept_gone *gone,
                 void *context) {
    struct kept *before = NULL;

    for (struct kept *k = list->first, *next; k; k = next) {
        next = k->next;
        if (covers(commit, &k->id)) {
            gone(context, k);
            cut(list, before, k);
        } else {
            before = k;
        }
    }
}

static void free_chain(struct kept *k) {
    while (k) {
        struct kept *next = k->next;
        buf_release(&k->frame);
        free(k);
        k = next;
    }
}

void kept_release(struct kept_list *list) {
    free_chain(list->first);
    free_chain(list->spare);
    *list = (struct kept_list){0};
}
