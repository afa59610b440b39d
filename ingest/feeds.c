#include "ingest/feeds.h"

#include "ingest/feed_check.h"
#include "ingest/zone.h"
#include "proto/mem.h"

#include <stdlib.h>

struct feeds {
    size_t count;
    struct entry {
        struct feed feed;
        char *text; /* what the feed's views point into */
        struct zone *zone;
    } at[];
};

static const struct {
    const char *key;
    size_t offset;
} keys[] = {
    {"format", offsetof(struct feed, format)},
    {"charset", offsetof(struct feed, charset)},
    {"timezone", offsetof(struct feed, timezone)},
    {"date-order", offsetof(struct feed, date_order)},
    {"marks", offsetof(struct feed, marks)},
    {"agency", offsetof(struct feed, agency)},
    {"lang", offsetof(struct feed, lang)},
    {"listen", offsetof(struct feed, listen)},
    {"socket", offsetof(struct feed, socket)},
    {"watch", offsetof(struct feed, watch)},
};
#define KEYS (sizeof keys / sizeof keys[0])

static const char **field_of(struct feed *feed, const char *key) {
    for (size_t i = 0; i < KEYS; i++)
        if (strcmp(keys[i].key, key) == 0)
            return (const char **)(void *)((char *)feed + keys[i].offset);
    return NULL;
}

static int read_pair(struct feed *feed, char *pair, struct diag *diag) {
    char *value = strchr(pair, '=');
    if (!value || !value[1]) {
        diag_set(diag, 0, "--feed: \"%s\" is not KEY=VALUE", pair);
        return ERR_FORMAT;
    }
    *value++ = 0;
    if (strcmp(pair, "name") == 0) {
        feed->name = view_of(value);
        return 0;
    }
    const char **field = field_of(feed, pair);
    if (!field) {
        diag_set(diag, 0,
                 "--feed: \"%s\" is none of its keys: name, format, charset, timezone, "
                 "date-order, marks, agency, lang, listen, socket, watch",
                 pair);
        return ERR_FORMAT;
    }
    *field = value;
    return 0;
}

static int read_feed(struct entry *entry, const char *text, struct diag *diag) {
    int err = 0;
    entry->text = mem_dup(text);
    for (char *pair = entry->text, *next; err == 0 && pair; pair = next) {
        next = strchr(pair, ',');
        if (next)
            *next++ = 0;
        err = read_pair(&entry->feed, pair, diag);
    }
    if (err == 0 && entry->feed.name.len == 0) {
        diag_set(diag, 0, "--feed: name= is missing in \"%s\"", text);
        err = ERR_FORMAT;
    }
    if (err == 0)
        err = feed_check(&entry->feed, diag);
    if (entry->feed.format && strcmp(entry->feed.format, "auto") == 0)
        entry->feed.format = NULL;
    if (err == 0 && entry->feed.timezone)
        err = zone_open(entry->feed.timezone, &entry->zone, diag);
    entry->feed.zone = entry->zone;
    return err;
}

int feeds_new(const char *const *texts, size_t count, struct feeds **out,
              struct diag *diag) {
    struct feeds *feeds = mem_zalloc(sizeof *feeds + count * sizeof feeds->at[0]);
    for (; feeds->count < count; feeds->count++) {
        struct entry *entry = &feeds->at[feeds->count];
        int err = read_feed(entry, texts[feeds->count], diag);
        if (err == 0 && feeds_find(feeds, entry->feed.name)->name.len > 0) {
            diag_set(diag, 0, "--feed: there are two of the name %s",
                     entry->feed.name.at);
            err = ERR_FORMAT;
        }
        if (err) {
            feeds->count++;
            feeds_free(feeds);
            return err;
        }
    }
    *out = feeds;
    return 0;
}

void feeds_free(struct feeds *feeds) {
    for (size_t i = 0; feeds && i < feeds->count; i++) {
        free(feeds->at[i].text);
        zone_free(feeds->at[i].zone);
    }
    free(feeds);
}

const struct feed *feeds_find(const struct feeds *feeds, struct view name) {
    static const struct feed standard = {.name = {"", 0}};
    for (size_t i = 0; feeds && i < feeds->count; i++)
        if (view_eq(feeds->at[i].feed.name, name))
            return &feeds->at[i].feed;
    return &standard;
}

const struct feed *feeds_at(const struct feeds *feeds, size_t i) {
    return feeds && i < feeds->count ? &feeds->at[i].feed : NULL;
}
