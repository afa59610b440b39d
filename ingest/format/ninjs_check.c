/* What ninjs allows, of all its versions together: a name is right if one of them has it,
 * capitals or not. It is not the schema: enough of it to tell a sender what he should
 * look at. */
#include "ingest/format/ninjs.h"
#include "proto/report_field.h"

#include <stdio.h>

#define MOST_TOLD 3
#define NAME      40 /* bytes of a property's name that are told */

enum shape {
    SHAPE_TEXT,
    SHAPE_NUMBER,
    SHAPE_PERCENT, /* 0 to 100 */
    SHAPE_URGENCY, /* 1 to 9 */
    SHAPE_KIND,    /* of news item */
    SHAPE_WHOLE,   /* or a part of it */
    SHAPE_STATUS,
    SHAPE_OBJECT,
    SHAPE_OBJECTS, /* a list of them */
    SHAPE_NAMED,   /* a list of them, or in 1.x an object of them under their names */
    SHAPE_ANY
};

enum group {
    GROUP_ITEM,
    GROUP_THING,
    GROUP_PLACE,
    GROUP_GEO,
    GROUP_WORDS,
    GROUP_STANDARD,
    GROUP_RIGHTS,
    GROUP_ALTID,
    GROUP_TRUST,
    GROUP_DETAILS,
    GROUP_DATES,
    GROUP_COVERAGE,
    GROUP_OTHER
};

struct rule {
    const char *name;
    enum shape shape;
    enum group inside;
};

static const struct rule item_rules[] = {
    {"uri", SHAPE_TEXT, 0},
    {"type", SHAPE_KIND, 0},
    {"mimetype", SHAPE_TEXT, 0},
    {"representationtype", SHAPE_WHOLE, 0},
    {"profile", SHAPE_TEXT, 0},
    {"version", SHAPE_TEXT, 0},
    {"firstcreated", SHAPE_TEXT, 0},
    {"versioncreated", SHAPE_TEXT, 0},
    {"contentcreated", SHAPE_TEXT, 0},
    {"embargoed", SHAPE_TEXT, 0},
    {"embargoeduntil", SHAPE_TEXT, 0},
    {"pubstatus", SHAPE_STATUS, 0},
    {"urgency", SHAPE_URGENCY, 0},
    {"copyrightholder", SHAPE_TEXT, 0},
    {"copyrightnotice", SHAPE_TEXT, 0},
    {"usageterms", SHAPE_TEXT, 0},
    {"ednote", SHAPE_TEXT, 0},
    {"language", SHAPE_TEXT, 0},
    {"person", SHAPE_OBJECTS, GROUP_THING},
    {"people", SHAPE_OBJECTS, GROUP_THING},
    {"organisation", SHAPE_OBJECTS, GROUP_THING},
    {"organisations", SHAPE_OBJECTS, GROUP_THING},
    {"place", SHAPE_OBJECTS, GROUP_PLACE},
    {"places", SHAPE_OBJECTS, GROUP_PLACE},
    {"subject", SHAPE_OBJECTS, GROUP_THING},
    {"subjects", SHAPE_OBJECTS, GROUP_THING},
    {"event", SHAPE_OBJECTS, GROUP_THING},
    {"events", SHAPE_OBJECTS, GROUP_THING},
    {"object", SHAPE_OBJECTS, GROUP_THING},
    {"objects", SHAPE_OBJECTS, GROUP_THING},
    {"infosource", SHAPE_OBJECTS, GROUP_THING},
    {"infosources", SHAPE_OBJECTS, GROUP_THING},
    {"genre", SHAPE_OBJECTS, GROUP_THING},
    {"genres", SHAPE_OBJECTS, GROUP_THING},
    {"title", SHAPE_TEXT, 0},
    {"byline", SHAPE_TEXT, 0},
    {"by", SHAPE_TEXT, 0},
    {"headline", SHAPE_TEXT, 0},
    {"headlines", SHAPE_OBJECTS, GROUP_WORDS},
    {"bodies", SHAPE_OBJECTS, GROUP_WORDS},
    {"descriptions", SHAPE_OBJECTS, GROUP_WORDS},
    {"slugline", SHAPE_TEXT, 0},
    {"located", SHAPE_TEXT, 0},
    {"charcount", SHAPE_NUMBER, 0},
    {"wordcount", SHAPE_NUMBER, 0},
    {"renditions", SHAPE_NAMED, GROUP_OTHER},
    {"associations", SHAPE_NAMED, GROUP_ITEM},
    {"altids", SHAPE_NAMED, GROUP_ALTID},
    {"trustindicator", SHAPE_OBJECTS, GROUP_TRUST},
    {"trustindicators", SHAPE_OBJECTS, GROUP_TRUST},
    {"$standard", SHAPE_OBJECT, GROUP_STANDARD},
    {"standard", SHAPE_OBJECT, GROUP_STANDARD},
    {"expires", SHAPE_TEXT, 0},
    {"rightsinfo", SHAPE_OBJECT, GROUP_RIGHTS},
    {"digitalsourcetype", SHAPE_OBJECT, GROUP_THING},
    {"eventdetails", SHAPE_OBJECT, GROUP_DETAILS},
    {"plannedcoverage", SHAPE_OBJECTS, GROUP_COVERAGE},
    {NULL, 0, 0}};

/* People, organisations, subjects, sources ...: 1.x has schemes and codes, 2.0 and later
 * URIs and literals. */
static const struct rule thing_rules[] = {{"name", SHAPE_TEXT, 0},
                                          {"rel", SHAPE_TEXT, 0},
                                          {"role", SHAPE_TEXT, 0},
                                          {"scheme", SHAPE_TEXT, 0},
                                          {"code", SHAPE_TEXT, 0},
                                          {"uri", SHAPE_TEXT, 0},
                                          {"literal", SHAPE_TEXT, 0},
                                          {"id", SHAPE_TEXT, 0},
                                          {"creator", SHAPE_TEXT, 0},
                                          {"relevance", SHAPE_PERCENT, 0},
                                          {"confidence", SHAPE_PERCENT, 0},
                                          {"symbols", SHAPE_OBJECTS, GROUP_OTHER},
                                          {"contactinfo", SHAPE_ANY, GROUP_OTHER},
                                          {NULL, 0, 0}};

static const struct rule place_rules[] = {{"name", SHAPE_TEXT, 0},
                                          {"rel", SHAPE_TEXT, 0},
                                          {"scheme", SHAPE_TEXT, 0},
                                          {"code", SHAPE_TEXT, 0},
                                          {"uri", SHAPE_TEXT, 0},
                                          {"literal", SHAPE_TEXT, 0},
                                          {"contactinfo", SHAPE_ANY, 0},
                                          {"geojson", SHAPE_OBJECT, GROUP_GEO},
                                          {NULL, 0, 0}};

static const struct rule words_rules[] = {
    {"role", SHAPE_TEXT, 0},        {"contenttype", SHAPE_TEXT, 0},
    {"charcount", SHAPE_NUMBER, 0}, {"wordcount", SHAPE_NUMBER, 0},
    {"value", SHAPE_TEXT, 0},       {NULL, 0, 0}};

static const struct rule standard_rules[] = {{"name", SHAPE_TEXT, 0},
                                             {"version", SHAPE_TEXT, 0},
                                             {"schema", SHAPE_TEXT, 0},
                                             {NULL, 0, 0}};

static const struct rule rights_rules[] = {{"langid", SHAPE_TEXT, 0},
                                           {"linkedrights", SHAPE_TEXT, 0},
                                           {"encodedrights", SHAPE_TEXT, 0},
                                           {NULL, 0, 0}};

static const struct rule trust_rules[] = {
    {"scheme", SHAPE_TEXT, 0}, {"code", SHAPE_TEXT, 0}, {"role", SHAPE_TEXT, 0},
    {"title", SHAPE_TEXT, 0},  {"href", SHAPE_TEXT, 0}, {NULL, 0, 0}};

static const struct rule details_rules[] = {{"eventstatus", SHAPE_TEXT, 0},
                                            {"plannedcoveragestatus", SHAPE_TEXT, 0},
                                            {"dates", SHAPE_OBJECT, GROUP_DATES},
                                            {"organiser", SHAPE_OBJECT, GROUP_THING},
                                            {NULL, 0, 0}};

static const struct rule dates_rules[] = {{"startdate", SHAPE_TEXT, 0},
                                          {"enddate", SHAPE_TEXT, 0},
                                          {"expectedstartdate", SHAPE_TEXT, 0},
                                          {"expectedenddate", SHAPE_TEXT, 0},
                                          {"expectedduration", SHAPE_TEXT, 0},
                                          {"recurrence", SHAPE_OBJECT, GROUP_OTHER},
                                          {NULL, 0, 0}};

static const struct rule coverage_rules[] = {
    {"urgency", SHAPE_URGENCY, 0}, {"dates", SHAPE_OBJECT, GROUP_DATES}, {NULL, 0, 0}};

/* NULL: anything may stand in it. */
static const struct rule *rules_of(enum group group) {
    switch (group) {
        case GROUP_ITEM:
            return item_rules;
        case GROUP_THING:
            return thing_rules;
        case GROUP_PLACE:
            return place_rules;
        case GROUP_WORDS:
            return words_rules;
        case GROUP_STANDARD:
            return standard_rules;
        case GROUP_RIGHTS:
            return rights_rules;
        case GROUP_TRUST:
            return trust_rules;
        case GROUP_DETAILS:
            return details_rules;
        case GROUP_DATES:
            return dates_rules;
        case GROUP_COVERAGE:
            return coverage_rules;
        default:
            return NULL;
    }
}

/* Where we are; written out only when there is something to tell. */
struct path {
    const struct path *up; /* NULL: the item itself */
    struct view name;      /* of a member; empty: one of a list */
    size_t index;
};

struct checking {
    struct report *report;
    struct arena *arena;
    unsigned wrong;
};

static void put_path(const struct path *path, struct buf *out) {
    if (!path->up)
        return;
    put_path(path->up, out);
    if (path->name.len)
        buf_printf(out, "%s%.*s", out->len > 1 ? "." : "",
                   (int)(path->name.len < NAME ? path->name.len : NAME), path->name.at);
    else
        buf_printf(out, "[%zu]", path->index);
}

static void tell(struct checking *c, const struct path *path, const char *what) {
    struct buf text = {0};

    if (c->wrong++ >= MOST_TOLD)
        return;
    buf_put_u8(&text, '"');
    put_path(path, &text);
    if (text.len == 1)
        buf_put_text(&text, "item");
    buf_printf(&text, "\" %s", what);
    report_warn(c->report, c->arena, buf_text(&text));
    buf_release(&text);
}

static char small(char c) { return (char)(c >= 'A' && c <= 'Z' ? c | 0x20 : c); }

static bool in_range(const struct json_node *node, int64_t least, int64_t most) {
    int64_t n;

    return json_tree_whole(node, &n) && n >= least && n <= most;
}

static bool one_of(const struct json_node *node, const char *const *words) {
    while (*words && !view_is(node->text, *words))
        words++;
    return node->kind == JSON_KIND_TEXT && *words;
}

static const char *wrong_word(const struct json_node *node, enum shape shape) {
    static const char *const kinds[] = {"text",     "audio",     "video", "picture",
                                        "graphic",  "composite", "event", "component",
                                        "planning", NULL};
    static const char *const wholes[] = {"complete", "incomplete", "full", "partial",
                                         NULL};
    static const char *const statuses[] = {"usable", "withheld", "canceled", NULL};

    if (shape == SHAPE_KIND)
        return one_of(node, kinds) ? NULL : "is no type of ninjs";
    if (shape == SHAPE_WHOLE)
        return one_of(node, wholes) ? NULL : "must be full or partial";
    return one_of(node, statuses) ? NULL : "must be usable, withheld or canceled";
}

/* NULL: it has that shape. */
static const char *wrong_shape(const struct json_node *node, enum shape shape) {
    const bool list = node->kind == JSON_KIND_LIST;
    const struct json_node *item = list ? node->first : NULL;

    switch (shape) {
        case SHAPE_TEXT:
            return node->kind == JSON_KIND_TEXT ? NULL : "must be a text";
        case SHAPE_NUMBER:
            return node->kind == JSON_KIND_NUMBER ? NULL : "must be a number";
        case SHAPE_PERCENT:
            return in_range(node, 0, 100) ? NULL : "must be a number from 0 to 100";
        case SHAPE_URGENCY:
            return in_range(node, 1, 9) ? NULL : "must be a number from 1 to 9";
        case SHAPE_KIND:
        case SHAPE_WHOLE:
        case SHAPE_STATUS:
            return wrong_word(node, shape);
        case SHAPE_OBJECT:
            return node->kind == JSON_KIND_OBJECT ? NULL : "must be an object";
        case SHAPE_OBJECTS:
            while (item && item->kind == JSON_KIND_OBJECT)
                item = item->next;
            return list && !item ? NULL : "must be a list of objects";
        case SHAPE_NAMED:
            return list || node->kind == JSON_KIND_OBJECT ? NULL
                                                          : "must be a list of objects";
        default:
            return NULL;
    }
}

static const struct rule *rule_for(const struct rule *rules, struct view name) {
    for (; rules->name; rules++)
        if (ninjs_same(name, rules->name))
            return rules;
    return NULL;
}

/* "headline_main": letters, digits and underscores behind one of three names. */
static bool is_extension(struct view name) {
    static const char *const begins[] = {"headline_", "body_", "description_"};

    for (size_t i = 0; i < sizeof begins / sizeof *begins; i++) {
        size_t n = strlen(begins[i]), at = n;
        if (name.len <= n || !view_starts(name, begins[i]))
            continue;
        while (at < name.len &&
               (name.at[at] == '_' || (name.at[at] >= '0' && name.at[at] <= '9') ||
                (small(name.at[at]) >= 'a' && small(name.at[at]) <= 'z')))
            at++;
        return at == name.len;
    }
    return false;
}

static void check_object(struct checking *c, const struct json_node *object,
                         enum group group, const struct path *path);

/* Those of a list, or of an object in which they stand under their names. */
static void check_all(struct checking *c, const struct json_node *all, enum group group,
                      const struct path *path) {
    struct path inner = {.up = path};

    for (const struct json_node *node = all->first; node; node = node->next) {
        inner.name = node->key;
        if (node->kind == JSON_KIND_OBJECT)
            check_object(c, node, group, &inner);
        else if (group == GROUP_ITEM)
            tell(c, &inner, "must be an object");
        inner.index++;
    }
}

static void check_value(struct checking *c, const struct json_node *node,
                        const struct rule *rule, const struct path *path) {
    const char *wrong = wrong_shape(node, rule->shape);

    if (wrong)
        tell(c, path, wrong);
    else if (rule->shape == SHAPE_OBJECT)
        check_object(c, node, rule->inside, path);
    else if (rule->shape == SHAPE_OBJECTS || rule->shape == SHAPE_NAMED)
        check_all(c, node, rule->inside, path);
}

static bool is_day(struct view text) {
    char day[] = "2000-01-01";

    if (text.len != 4 && text.len != 7)
        return report_date_valid(text);
    memcpy(day, text.at, text.len);
    return report_date_valid(view_of(day));
}

/* What one member says of another. */
static void check_together(struct checking *c, const struct json_node *object,
                           enum group group, const struct path *path) {
    const struct json_node *type = ninjs_member(object, "type");
    const struct json_node *expected;

    if (group == GROUP_RIGHTS &&
        !ninjs_member(object, "linkedrights") == !ninjs_member(object, "encodedrights"))
        tell(c, path, "must have linkedRights or encodedRights, one of them");
    if (group == GROUP_GEO && (!type || type->kind != JSON_KIND_TEXT))
        tell(c, path, "must have a type");
    if (group == GROUP_ITEM && type && view_is(type->text, "event") &&
        ninjs_member(object, "renditions"))
        tell(c, path, "must not have renditions: it is an event");
    if (group != GROUP_DATES)
        return;
    expected = ninjs_member(object, "expectedstartdate");
    if (expected && ninjs_member(object, "startdate"))
        tell(c, path, "must have startDate or expectedStartDate, not both");
    if (expected && !is_day(expected->text))
        tell(c, path, "must have a date as its expectedStartDate");
}

static void check_association(struct checking *c, const struct json_node *object,
                              const struct path *path) {
    if (!ninjs_member(object, "uri"))
        tell(c, path, "must have a uri");
    if (!object->key.len && !ninjs_member(object, "name"))
        tell(c, path, "must have a name");
}

static const struct rule *rule_of(enum group group, const struct rule *rules,
                                  struct view name, bool association) {
    static const struct rule text = {"", SHAPE_TEXT, 0}, any = {"", SHAPE_ANY, 0};
    const struct rule *rule = rule_for(rules, name);

    if (rule)
        return rule;
    if (group == GROUP_ITEM && is_extension(name))
        return &text;
    if (association && (view_is(name, "name") || view_is(name, "rel")))
        return &text;
    if (group == GROUP_COVERAGE ||
        (group == GROUP_PLACE && view_starts(name, "geometry_")))
        return &any;
    return NULL;
}

static void check_object(struct checking *c, const struct json_node *object,
                         enum group group, const struct path *path) {
    const struct rule *rules = rules_of(group);
    const bool association = group == GROUP_ITEM && path->up;
    struct path inner = {.up = path};

    for (const struct json_node *node = object->first; node && rules; node = node->next) {
        const struct rule *rule = rule_of(group, rules, node->key, association);
        inner.name = node->key;
        if (node->kind == JSON_KIND_NULL)
            continue; // as good as absent
        if (rule)
            check_value(c, node, rule, &inner);
        else
            tell(c, &inner, "is not in ninjs");
    }
    check_together(c, object, group, path);
    if (association)
        check_association(c, object, path);
}

void ninjs_check(const struct json_node *item, struct report *report,
                 struct arena *arena) {
    struct checking c = {.report = report, .arena = arena};
    struct path top = {0};
    char more[40];

    check_object(&c, item, GROUP_ITEM, &top);
    if (c.wrong > MOST_TOLD) {
        snprintf(more, sizeof more, "%u more of the kind", c.wrong - MOST_TOLD);
        report_warn(report, arena, more);
    }
}
