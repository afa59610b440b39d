#include "ingest/format/marks.h"

static const char *const names[MARKS_FIELDS] = {
    "none",    "category", "slug",  "takekey", "headline", "format",  "subject",
    "service", "place",    "genre", "keyword", "author",   "routing", "ignore"};

static const struct {
    const char *name, *entries;
} tables[] = {
    {"aap", "$:category;::slug;=:takekey;^:headline;*:format;+:subject;&:service;"
            "@:place;~:genre;#:slug;%:routing"},
    {"bob", "$:headline;::takekey;*:subject;&:author;@:place;~:genre;#:slug;%:routing"},
    {"medianet", "$:category;::headline;*:format;@:place;~:genre;#:slug;%:routing"},
};
#define TABLES (sizeof tables / sizeof tables[0])

const char *marks_field_name(enum marks_field field) {
    return field < MARKS_FIELDS ? names[field] : "none";
}

static bool read_entry(struct view entry, struct marks *out) {
    if (entry.len < 3 || entry.at[0] <= ' ' || entry.at[0] >= 0x7f || entry.at[1] != ':')
        return false;
    for (size_t i = 1; i < MARKS_FIELDS; i++)
        if (view_is(view_n(entry.at + 2, entry.len - 2), names[i])) {
            out->field[(unsigned char)entry.at[0]] = (unsigned char)i;
            return true;
        }
    return false;
}

int marks_read(const char *text, struct marks *out, struct diag *diag) {
    struct marks marks = {{0}};
    const char *entries = text ? text : "aap";
    for (size_t i = 0; i < TABLES; i++)
        if (strcmp(entries, tables[i].name) == 0)
            entries = tables[i].entries;
    for (struct view rest = view_of(entries), entry; view_split(&rest, ';', &entry);)
        if (!read_entry(entry, &marks)) {
            diag_set(diag, 0,
                     "marks: \"%.*s\" is neither aap, bob, medianet nor CHARACTER:FIELD "
                     "(category slug takekey headline format subject service place genre "
                     "keyword author routing ignore)",
                     (int)entry.len, entry.at);
            return ERR_FORMAT;
        }
    *out = marks;
    return 0;
}
