/* ANPA keyword lines, and the versions in them. */
#include "proto/life_inside.h"

static const struct version {
    const char *words, *action;
    int urgency;
    bool ordinal; /* a number may come before: 1st Ld */
} versions[] = {
    {"ld-writethru", "lead", 0, true},
    {"lead-writethru", "lead", 0, true},
    {"writethru", "lead", 0, true},
    {"ld", "lead", 0, true},
    {"lead", "lead", 0, true},
    {"update", "update", 0, true},
    {"add", "add", 0, true},
    {"sub", "sub", 0, true},
    {"insert", "sub", 0, true},
    {"pickup", "sub", 0, true},
    {"correction", "correction", 0, true},
    {"corrective", "correction", 0, true},
    {"corrected", "correction", 0, true},
    {"kill", "kill", 0, false},
    {"withdrawn", "kill", 0, false},
    {"hold", "hold", 0, false},
    {"repeat", "repeat", 0, false},
    {"rpt", "repeat", 0, false},
    {"refile", "refile", 0, false},
    {"newsalert", "alert", 1, false},
    {"apnewsalert", "alert", 1, false},
    {"alert", "alert", 1, false},
    {"flash", "alert", 1, false},
    {"bulletin", "alert", 2, false},
    {"urgent", "alert", 2, false},
    {"advisory", "advisory", 0, false},
};

static const struct version *version_at(struct view text, size_t *len) {
    for (size_t i = 0; i < sizeof versions / sizeof *versions; i++)
        if ((*len = life_match(text, versions[i].words)))
            return &versions[i];
    return NULL;
}

/* "2Takes", "take2", "2 takes" */
static bool take_takes(struct view *from, struct take *out) {
    struct view rest = *from;
    unsigned n;

    if (life_take_number(&rest, &n)) {
        life_skip_blanks(&rest);
        if (!life_small_take(n) ||
            (!life_take(&rest, "takes") && !life_take(&rest, "take")))
            return false;
        out->of = n;
    } else {
        if (!life_take(&rest, "take"))
            return false;
        life_skip_blanks(&rest);
        if (!life_take_number(&rest, &n) || !life_small_take(n))
            return false;
        out->n = n;
    }
    *from = rest;
    return true;
}

/* "Adv30-01" (day and month), "Adv05": both orders are written, so the greater than 12
 * decides, else the day comes first. */
static bool take_advance(struct view *from, unsigned release[2]) {
    struct view rest = *from;
    unsigned first, second = 0;

    life_take(&rest, "$");
    if (rest.len < 5 || life_lower(rest.at[0]) != 'a' || life_lower(rest.at[1]) != 'd' ||
        life_lower(rest.at[2]) != 'v')
        return false;
    life_drop(&rest, 3);
    if (!life_take_number(&rest, &first) || first < 1 || first > 31)
        return false;
    if (rest.len > 1 && rest.at[0] == '-' && life_digit(rest.at[1])) {
        life_drop(&rest, 1);
        if (!life_take_number(&rest, &second) || second < 1 || second > 31 ||
            (first > 12 && second > 12))
            return false;
    }
    release[0] = second > 12 ? second : first;
    release[1] = second > 12 ? first : second;
    *from = rest;
    return true;
}

static bool take_version(struct view *from, struct life *out) {
    struct view rest = *from;
    unsigned number = life_take_ordinal(&rest);
    size_t len;
    const struct version *version = version_at(rest, &len);

    if (!version || (number && !version->ordinal))
        return false;
    life_drop(&rest, len);
    life_act(out, version->action);
    if (number)
        out->number = number;
    if (version->urgency && !out->urgency)
        out->urgency = version->urgency;
    *from = rest;
    return true;
}

/* "a0584": the story it is about; rel is settled when all is read. */
static bool take_parent(struct view *from, struct life *out) {
    struct view rest = *from, agency, number;

    if (!life_take_reference(&rest, &agency, &number) || agency.len != 1 || rest.len)
        return false;
    if (out->relation_count < REPORT_RELATIONS)
        out->relations[out->relation_count++].ref = view_n(from->at, from->len);
    *from = rest;
    return true;
}

/* All of the text as versions, one behind the other with a hyphen or blanks between;
 * false if there is anything else in it. */
static bool read_versions(struct view text, struct life *out) {
    bool any = false;

    for (;;) {
        life_skip_blanks(&text);
        if (any && text.len && text.at[0] == '-')
            life_drop(&text, 1);
        if (!text.len)
            return any;
        if (!take_takes(&text, &out->take) && !take_advance(&text, out->release) &&
            !take_version(&text, out))
            return false;
        any = true;
    }
}

/* One of the parts behind a comma. */
static bool read_part(struct view part, struct life *out) {
    struct life said = *out;
    uint64_t words;

    part = view_trim(part);
    if (view_number(part, &words) && part.len <= 5) {
        out->words_count = (unsigned)words;
        return true;
    }
    if (!take_parent(&part, &said) && !read_versions(part, &said))
        return false;
    *out = said;
    return true;
}

/* Where the keyword section ends that has no comma: before " 1stLd-Writethru" or
 * "-1stLd"; its length. */
static size_t keyword_length(struct view slug, struct life *out) {
    for (size_t i = 1; i < slug.len; i++) {
        struct life said = {0};
        struct view rest = view_n(slug.at + i, slug.len - i);
        if (slug.at[i - 1] != ' ' && (slug.at[i - 1] != '-' || !life_digit(slug.at[i])))
            continue;
        if (read_versions(rest, &said)) {
            life_join(out, &said);
            return i - 1;
        }
    }
    return slug.len;
}

/* "BC-APNewsAlert", "BC-AP-Digest Advisory": the section itself says it. */
static void read_section(struct view section, struct life *out) {
    static const char *const names[] = {"newsalert", "apnewsalert", "advisory", NULL};

    for (size_t i = 1; i < section.len; i++) {
        struct view rest = view_n(section.at + i, section.len - i);
        if (strchr("- ", section.at[i - 1]) && life_match_any(rest, names) == rest.len)
            (void)take_version(&rest, out);
    }
}

static struct view drop_marks(struct view slug) {
    slug = view_trim(slug);
    if (slug.len && slug.at[0] == '^')
        life_drop(&slug, 1);
    if (slug.len && slug.at[slug.len - 1] == '<')
        slug.len--;
    return view_trim(slug);
}

static void settle_parents(struct life *out) {
    const char *rel = view_is(out->action, "add")          ? "adds-to"
                      : view_is(out->action, "correction") ? "corrects"
                      : view_is(out->action, "kill")       ? "kills"
                                                           : "replaces";

    for (size_t i = 0; i < out->relation_count; i++)
        out->relations[i].rel = view_of(rel);
}

bool life_read_slug(struct view slug, struct life *out) {
    const char *comma;
    struct view part;

    *out = (struct life){0};
    slug = drop_marks(slug);
    out->words = slug;
    if (!slug.len || slug.len > 200)
        return false;
    comma = memchr(slug.at, ',', slug.len);
    if (!comma && read_versions(slug, out)) {
        out->words.len = 0;
    } else if (comma) {
        out->words.len = (size_t)(comma - slug.at);
        part = view_n(comma + 1, slug.len - out->words.len - 1);
        for (struct view one; view_split(&part, ',', &one);)
            (void)read_part(one, out);
    } else {
        out->words.len = keyword_length(slug, out);
    }
    out->words = life_trim_end(out->words);
    read_section(out->words, out);
    out->tag = view_trim(view_n(slug.at + out->words.len, slug.len - out->words.len));
    if (out->tag.len && (out->tag.at[0] == ',' || out->tag.at[0] == '-'))
        life_drop(&out->tag, 1);
    out->tag = view_trim(out->tag);
    if (out->take.of && !out->take.n)
        out->take.n = 1;
    if (out->take.n > 1)
        life_act(out, "add");
    settle_parents(out);
    return out->tag.len || out->action.len;
}
