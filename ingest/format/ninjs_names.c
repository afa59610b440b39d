/* Which names mean what. */
#include "ingest/format/ninjs.h"

struct name {
    struct view name; /* in small letters */
    enum ninjs_meaning meaning;
};

#define NAME(name, meaning)                                                              \
    { {name, sizeof(name) - 1}, meaning }

/* Of one meaning the better source first. ninjs 1.x has one property for a thing
 * (headline), 2.x and 3.x a list of them (headlines). */
static const struct name names[] = {
    NAME("uri", NINJS_GUID),
    NAME("guid", NINJS_GUID), /* Superdesk */
    NAME("urn", NINJS_GUID),  /* dpa */
    NAME("version", NINJS_VERSION),
    NAME("firstcreated", NINJS_FIRST),
    NAME("first_created", NINJS_FIRST),
    NAME("versioncreated", NINJS_VERSIONED),
    NAME("version_created", NINJS_VERSIONED),
    NAME("contentcreated", NINJS_CONTENT),
    NAME("content_created", NINJS_CONTENT),
    NAME("embargoed", NINJS_EMBARGO),
    NAME("embargoeduntil", NINJS_EMBARGO),
    NAME("expires", NINJS_EXPIRES),
    NAME("pubstatus", NINJS_STATUS),
    NAME("signal", NINJS_SIGNAL),
    NAME("signals", NINJS_SIGNAL),
    NAME("urgency", NINJS_URGENCY),
    NAME("priority", NINJS_PRIORITY),
    NAME("editorialpriority", NINJS_PRIORITY),
    NAME("language", NINJS_LANG),
    NAME("ednote", NINJS_EDNOTE),
    NAME("ednotes", NINJS_EDNOTE),
    NAME("description_editornotes", NINJS_EDNOTE),
    NAME("notepad", NINJS_NOTEPAD),
    NAME("byline", NINJS_BYLINE),
    NAME("by", NINJS_BYLINE),
    NAME("bylines", NINJS_BYLINE),
    NAME("dateline", NINJS_DATELINE),
    NAME("slugline", NINJS_SLUG),
    NAME("keywords", NINJS_KEYWORDS),
    NAME("subject", NINJS_SUBJECTS),
    NAME("subjects", NINJS_SUBJECTS),
    NAME("categories", NINJS_CATEGORIES),
    NAME("service", NINJS_SERVICES), /* Superdesk */
    NAME("infosource", NINJS_SOURCE),
    NAME("infosources", NINJS_SOURCE),
    NAME("source", NINJS_SOURCE),
    NAME("provider", NINJS_SOURCE),
    NAME("copyrightholder", NINJS_HOLDER),
    NAME("canonicallink", NINJS_URL),
    NAME("url", NINJS_URL),
    NAME("evolvedfrom", NINJS_REPLACES),
    NAME("subhead", NINJS_SUBHEAD),
    NAME("title", NINJS_TITLE),
    NAME("headline", NINJS_HEADLINES),
    NAME("headlines", NINJS_HEADLINES),
    NAME("bodies", NINJS_BODIES),
    NAME("article_html", NINJS_BODIES),
    NAME("infobox_html", NINJS_BOX),
    NAME("descriptions", NINJS_DESCRIPTIONS),
    NAME("description", NINJS_DESCRIPTIONS),
    NAME("teaser", NINJS_DESCRIPTIONS),
    NAME("associations", NINJS_ASSOCIATIONS),
    NAME("renditions", NINJS_NOTHING),
    NAME("charcount", NINJS_NOTHING),
    NAME("wordcount", NINJS_NOTHING),
    NAME("standard", NINJS_NOTHING),
    NAME("$standard", NINJS_NOTHING),
    NAME("type", NINJS_EXTRA),
    NAME("mimetype", NINJS_EXTRA),
    NAME("representationtype", NINJS_EXTRA),
    NAME("profile", NINJS_EXTRA),
    NAME("copyrightnotice", NINJS_EXTRA),
    NAME("usageterms", NINJS_EXTRA),
    NAME("person", NINJS_EXTRA),
    NAME("people", NINJS_EXTRA),
    NAME("organisation", NINJS_EXTRA),
    NAME("organisations", NINJS_EXTRA),
    NAME("place", NINJS_EXTRA),
    NAME("places", NINJS_EXTRA),
    NAME("event", NINJS_EXTRA),
    NAME("events", NINJS_EXTRA),
    NAME("eventdetails", NINJS_EXTRA),
    NAME("plannedcoverage", NINJS_EXTRA),
    NAME("object", NINJS_EXTRA),
    NAME("objects", NINJS_EXTRA),
    NAME("located", NINJS_EXTRA),
    NAME("altids", NINJS_EXTRA),
    NAME("genre", NINJS_EXTRA),
    NAME("genres", NINJS_EXTRA),
    NAME("trustindicator", NINJS_EXTRA),
    NAME("trustindicators", NINJS_EXTRA),
    NAME("rightsinfo", NINJS_EXTRA),
    NAME("digitalsourcetype", NINJS_EXTRA),
};

/* 1.x: any property that begins so, with more behind it. */
static const struct name beginnings[] = {
    NAME("headline_", NINJS_HEADLINES),
    NAME("body_", NINJS_BODIES),
    NAME("description_", NINJS_DESCRIPTIONS),
};

static char small(char c) { return (char)(c >= 'A' && c <= 'Z' ? c | 0x20 : c); }

static bool same(struct view name, struct view want) {
    for (size_t i = 0; i < want.len; i++)
        if (small(name.at[i]) != want.at[i])
            return false;
    return true;
}

enum ninjs_meaning ninjs_meaning(struct view name, unsigned *rank, struct view *role) {
    const unsigned count = sizeof names / sizeof *names;

    *role = view_of(NULL);
    for (*rank = 0; *rank < count; ++*rank)
        if (name.len == names[*rank].name.len && same(name, names[*rank].name))
            return names[*rank].meaning;
    for (size_t i = 0; i < sizeof beginnings / sizeof *beginnings; i++) {
        size_t len = beginnings[i].name.len;
        if (name.len <= len || !same(name, beginnings[i].name))
            continue;
        *role = view_n(name.at + len, name.len - len);
        return beginnings[i].meaning;
    }
    return NINJS_UNKNOWN;
}

bool ninjs_same(struct view text, const char *word) {
    size_t i = 0;

    while (i < text.len && word[i] && small(text.at[i]) == word[i])
        i++;
    return i == text.len && !word[i];
}

const struct json_node *ninjs_member(const struct json_node *object, const char *name) {
    const struct json_node *node =
        object->kind == JSON_KIND_OBJECT ? object->first : NULL;

    while (node && !ninjs_same(node->key, name))
        node = node->next;
    return node;
}
