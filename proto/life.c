/* Tags are one table: what they look like, what they mean, how strictly they have to be
 * set off from the words around them. */
#include "proto/life_inside.h"

/* ---- words ---- */

void life_drop(struct view *from, size_t n) {
    from->at += n;
    from->len -= n;
}

void life_skip_blanks(struct view *from) {
    for (;;) {
        if (from->len && (from->at[0] == ' ' || from->at[0] == '\t'))
            life_drop(from, 1);
        else if (view_starts(*from, "\xC2\xA0"))
            life_drop(from, 2);
        else
            return;
    }
}

static bool goes_on(struct view rest) {
    return rest.len && (life_letter(rest.at[0]) || life_digit(rest.at[0]));
}

size_t life_match(struct view text, const char *words) {
    struct view rest = text;

    for (; *words; words++) {
        if (*words == ' ') {
            size_t before = rest.len;
            life_skip_blanks(&rest);
            if (rest.len == before)
                return 0;
        } else if (rest.len && life_lower(rest.at[0]) == *words) {
            life_drop(&rest, 1);
        } else {
            return 0;
        }
    }
    return life_letter(words[-1]) && goes_on(rest) && !life_digit(rest.at[0])
               ? 0
               : text.len - rest.len;
}

bool life_take(struct view *from, const char *words) {
    size_t len = life_match(*from, words);

    life_drop(from, len);
    return len != 0;
}

size_t life_match_any(struct view text, const char *const words[]) {
    char first = text.len ? life_lower(text.at[0]) : 0;

    for (size_t len; *words; words++)
        if (first == **words && (len = life_match(text, *words)))
            return len;
    return 0;
}

struct view life_word(struct view text) {
    size_t n = 0;

    while (n < text.len && (life_letter(text.at[n]) || life_digit(text.at[n]) ||
                            (n && (text.at[n] == '-' || text.at[n] == '\''))))
        n++;
    return view_n(text.at, n);
}

bool life_take_number(struct view *from, unsigned *out) {
    unsigned n = 0;
    size_t digits = 0;

    for (; digits < from->len && life_digit(from->at[digits]); digits++)
        n = digits < 3 ? n * 10 + (unsigned)(from->at[digits] - '0') : n;
    if (!digits || digits > 3)
        return false;
    *out = n;
    life_drop(from, digits);
    return true;
}

bool life_has_small(struct view text) {
    for (size_t i = 0; i < text.len; i++)
        if (text.at[i] >= 'a' && text.at[i] <= 'z')
            return true;
    return false;
}

/* ---- actions ---- */

static size_t gravity(struct view action) {
    static const char *const order[] = {"kill",   "hold",   "correction", "sub",
                                        "add",    "refile", "repeat",     "lead",
                                        "update", "alert",  "advisory"};

    for (size_t i = 0; i < sizeof order / sizeof *order; i++)
        if (view_is(action, order[i]))
            return i;
    return sizeof order / sizeof *order;
}

struct view life_graver(struct view a, struct view b) {
    return gravity(b) < gravity(a) ? b : a;
}

void life_act(struct life *life, const char *action) {
    if (!action)
        return;
    life->action = life_graver(life->action, view_of(action));
    life->advisory |= view_is(life->action, "kill") || view_is(life->action, "hold") ||
                      view_is(view_of(action), "advisory");
    if (view_is(life->action, "kill"))
        life->status = VIEW_LIT("canceled");
    else if (view_is(life->action, "hold"))
        life->status = VIEW_LIT("withheld");
}

static void join_relations(struct life *into, const struct life *other) {
    for (size_t i = 0; i < other->relation_count; i++)
        if (into->relation_count < REPORT_RELATIONS)
            into->relations[into->relation_count++] = other->relations[i];
}

void life_join(struct life *into, const struct life *other) {
    into->action = life_graver(into->action, other->action);
    if (!into->status.len || view_is(other->status, "canceled"))
        into->status = other->status.len ? other->status : into->status;
    if (!into->number)
        into->number = other->number;
    if (!into->take.n)
        into->take.n = other->take.n;
    if (!into->take.of)
        into->take.of = other->take.of;
    into->take.more |= other->take.more;
    if (!into->urgency || (other->urgency && other->urgency < into->urgency))
        into->urgency = other->urgency;
    into->official |= other->official;
    into->advisory |= other->advisory;
    into->ends |= other->ends;
    if (!into->release[0])
        memcpy(into->release, other->release, sizeof into->release);
    if (!into->words_count)
        into->words_count = other->words_count;
    join_relations(into, other);
}

uint64_t life_version(const struct life *life) {
    bool counted = view_is(life->action, "update") || view_is(life->action, "lead");

    return counted ? (uint64_t)(life->number ? life->number : 1) + 1 : 0;
}

/* ---- tags of headlines ---- */

enum {
    NUMBERED = 1, /* a number may follow: UPDATE 2 */
    ORDINAL = 2,  /* or an ordinal come before: 2ND LEAD; then no mark need follow */
    TIGHT = 4,    /* a hyphen sets it off without blanks: REFILE-Title */
    ANY_CASE = 8, /* not in capitals only; then with a colon, or in brackets */
    NEEDS = 16,   /* says nothing without a number or an ordinal */
    BRACKETS = 32 /* not in capitals only where it stands in brackets */
};

struct tag {
    const char *words;
    const char *action;
    int urgency;
    unsigned flags;
};

static const struct tag tags[] = {
    {"kill kill kill", "kill", 0, 0},
    {"mandatory kill", "kill", 0, ANY_CASE},
    {"bulletin kill", "kill", 0, ANY_CASE},
    {"kill", "kill", 0, 0},
    {"story withdrawn", "kill", 0, ANY_CASE | TIGHT},
    {"withdrawn", "kill", 0, TIGHT},
    {"withdrawal", "kill", 0, 0},
    {"annulation", "kill", 0, ANY_CASE},
    {"anulada", "kill", 0, ANY_CASE},
    {"anulación", "kill", 0, ANY_CASE},
    {"annullierung", "kill", 0, ANY_CASE},
    {"streichung", "kill", 0, ANY_CASE},
    {"zurückgezogen", "kill", 0, ANY_CASE},
    {"hold hold hold", "hold", 0, 0},
    {"hold", "hold", 0, 0},
    {"corrected", "correction", 0, ANY_CASE | TIGHT | NUMBERED},
    {"correction", "correction", 0, ANY_CASE | TIGHT | NUMBERED},
    {"corrective", "correction", 0, ANY_CASE | TIGHT},
    {"corrects", "correction", 0, ANY_CASE},
    {"berichtigung", "correction", 0, ANY_CASE | TIGHT},
    {"berichtigt", "correction", 0, ANY_CASE},
    {"korrektur", "correction", 0, BRACKETS},
    {"korrigiert", "correction", 0, ANY_CASE},
    {"rectificatif", "correction", 0, ANY_CASE},
    {"rectification", "correction", 0, ANY_CASE},
    {"corrigé", "correction", 0, ANY_CASE},
    {"corrección", "correction", 0, ANY_CASE},
    {"rectificación", "correction", 0, ANY_CASE},
    {"corregida", "correction", 0, ANY_CASE},
    {"official correction", "correction", 0, ANY_CASE | TIGHT},
    {"refile", "refile", 0, ANY_CASE | TIGHT | NUMBERED},
    {"refiling", "refile", 0, ANY_CASE},
    {"rpt", "repeat", 0, TIGHT | NUMBERED},
    {"repeat", "repeat", 0, TIGHT},
    {"repeating", "repeat", 0, TIGHT},
    {"repetition", "repeat", 0, 0},
    {"wiederholung", "repeat", 0, ANY_CASE},
    {"répétition", "repeat", 0, ANY_CASE},
    {"repetición", "repeat", 0, ANY_CASE},
    {"update", "update", 0, ANY_CASE | TIGHT | NUMBERED | ORDINAL},
    {"updated", "update", 0, NUMBERED},
    {"wrapup", "update", 0, TIGHT | NUMBERED},
    {"wrap-up", "update", 0, NUMBERED},
    {"recasts", "update", 0, 0},
    {"updates", "update", 0, 0},
    {"adds", "update", 0, BRACKETS},
    {"aktualisierung", "update", 0, ANY_CASE},
    {"aktualisiert", "update", 0, ANY_CASE},
    {"actualisation", "update", 0, ANY_CASE},
    {"actualiza", "update", 0, ANY_CASE},
    {"actualización", "update", 0, ANY_CASE},
    {"actualise", "update", 0, ANY_CASE},
    {"zusammenfassung", "update", 0, ANY_CASE | ORDINAL},
    {"roundup", "update", 0, ORDINAL | NUMBERED},
    {"lead-writethru", "lead", 0, ANY_CASE | ORDINAL},
    {"ld-writethru", "lead", 0, ANY_CASE | ORDINAL},
    {"ld writethru", "lead", 0, ANY_CASE | ORDINAL},
    {"writethru", "lead", 0, ANY_CASE},
    {"lead", "lead", 0, ORDINAL | NUMBERED},
    {"ld", "lead", 0, ANY_CASE | ORDINAL | NEEDS},
    {"net", "lead", 0, ORDINAL | NEEDS},
    {"new lead", "lead", 0, 0},
    {"add", "add", 0, NUMBERED | ORDINAL | NEEDS},
    {"sub", "sub", 0, NUMBERED | ORDINAL | NEEDS},
    {"newsalert", "alert", 1, ANY_CASE},
    {"apnewsalert", "alert", 1, ANY_CASE},
    {"news alert", "alert", 1, ANY_CASE},
    {"alert", "alert", 1, ANY_CASE},
    {"alerte", "alert", 1, BRACKETS},
    {"alerta", "alert", 1, BRACKETS},
    {"flash", "alert", 1, ANY_CASE},
    {"blitz", "alert", 1, BRACKETS},
    {"newsflash", "alert", 1, ANY_CASE},
    {"bulletin", "alert", 2, 0},
    {"breaking news", "alert", 2, ANY_CASE},
    {"breaking", "alert", 2, ANY_CASE},
    {"just in", "alert", 2, 0},
    {"urgent", "alert", 2, ANY_CASE},
    {"urgente", "alert", 2, ANY_CASE},
    {"eilmeldung", "alert", 2, ANY_CASE},
    {"eil", "alert", 2, ANY_CASE},
    {"extra", "alert", 2, 0},
    {"advisory", "advisory", 0, ANY_CASE | TIGHT},
    {"media advisory", "advisory", 0, ANY_CASE | TIGHT},
    {"advisories", "advisory", 0, 0},
    {"hinweis", "advisory", 0, 0},
    {"achtung", "advisory", 0, BRACKETS},
    {"vorschau", "advisory", 0, 0},
    {"factbox", NULL, 0, ANY_CASE | TIGHT | NUMBERED},
    {"timeline", NULL, 0, ANY_CASE | TIGHT | NUMBERED},
    {"analysis", NULL, 0, ANY_CASE | TIGHT | NUMBERED},
    {"insight", NULL, 0, TIGHT | NUMBERED},
    {"instant view", NULL, 0, TIGHT | NUMBERED},
    {"highlights", NULL, 0, TIGHT | NUMBERED},
    {"exclusive", NULL, 0, ANY_CASE | TIGHT | NUMBERED},
    {"interview", NULL, 0, ANY_CASE | TIGHT | NUMBERED},
    {"newsmaker", NULL, 0, TIGHT | NUMBERED},
    {"explainer", NULL, 0, ANY_CASE | TIGHT | NUMBERED},
    {"feature", NULL, 0, TIGHT | NUMBERED},
    {"scenarios", NULL, 0, TIGHT | NUMBERED},
    {"graphic", NULL, 0, TIGHT | NUMBERED},
    {"preview", NULL, 0, TIGHT | NUMBERED},
    {"profile", NULL, 0, TIGHT},
    {"chronology", NULL, 0, TIGHT},
};

static const struct tag *tag_at(struct view text, size_t *len) {
    const struct tag *best = NULL;

    *len = 0;
    for (size_t i = 0; i < sizeof tags / sizeof *tags; i++) {
        size_t n;
        if (!text.len || life_lower(text.at[0]) != tags[i].words[0])
            continue;
        n = life_match(text, tags[i].words);
        if (n > *len) {
            *len = n;
            best = &tags[i];
        }
    }
    return best;
}

unsigned life_take_ordinal(struct view *from) {
    static const char *const ends[] = {"st", "nd", "rd", "th", NULL};
    struct view rest = *from;
    unsigned number;

    if (!life_take_number(&rest, &number) || !number || number > 60)
        return 0;
    if (rest.len >= 2 && life_match_any(view_n(rest.at, 2), ends))
        life_drop(&rest, 2);
    else if (rest.len && rest.at[0] == '.')
        life_drop(&rest, 1);
    else
        return 0;
    life_skip_blanks(&rest);
    if (rest.len && rest.at[0] == '-')
        life_drop(&rest, 1);
    *from = rest;
    return number;
}

struct reader {
    struct view rest;
    bool bracketed;
    char close;
    const struct tag *tag;
    bool capitals;
    unsigned number;
};

static void take_trailing_number(struct reader *r) {
    struct view after = r->rest;
    unsigned number;

    life_skip_blanks(&after);
    if (!(r->tag->flags & NUMBERED) || !life_take_number(&after, &number) || !number ||
        number > 60 || goes_on(after))
        return;
    if (!r->number)
        r->number = number;
    r->rest = after;
}

/* The word of a tag with its number; what comes before and after is not judged. */
static bool take_tag(struct reader *r) {
    struct view from = r->rest;
    size_t len;
    unsigned ordinal = life_take_ordinal(&from);

    r->tag = tag_at(from, &len);
    if (!r->tag || (ordinal && !(r->tag->flags & ORDINAL)))
        return false;
    r->capitals = !life_has_small(view_n(from.at, len));
    r->number = ordinal;
    life_drop(&from, len);
    r->rest = from;
    take_trailing_number(r);
    return r->number || !(r->tag->flags & NEEDS);
}

static bool take_official(struct view *from) {
    return life_take(from, "-(official)") || life_take(from, " (official)") ||
           life_take(from, "(official)");
}

/* What sets a tag off from the words: ":", "-", " - ", "!"; or nothing behind it. */
static bool take_mark(struct reader *r) {
    static const char *const dashes[] = {"—", "–", "--", "-", NULL};
    struct view rest = r->rest;
    bool blank, loose = r->capitals || r->tag->flags & ANY_CASE;

    if (rest.len && (rest.at[0] == ':' || rest.at[0] == '!')) {
        life_drop(&rest, 1);
        r->rest = rest;
        return loose;
    }
    life_skip_blanks(&rest);
    blank = rest.len < r->rest.len;
    if (!rest.len) {
        r->rest = rest;
        return r->capitals || r->number;
    }
    for (size_t i = 0; dashes[i]; i++) {
        struct view after = rest;
        if (!view_starts(rest, dashes[i]))
            continue;
        life_drop(&after, strlen(dashes[i]));
        if (!blank && !(r->tag->flags & TIGHT))
            return false;
        r->rest = after;
        return r->capitals || (r->number && loose);
    }
    if (!r->number || !r->capitals || !blank || !(r->tag->flags & ORDINAL))
        return false;
    r->rest = rest;
    return true;
}

static bool take_close(struct reader *r) {
    const char *close = memchr(r->rest.at, r->close, r->rest.len);
    size_t n = close ? (size_t)(close - r->rest.at) : 0;

    if (!close || (n && !strchr(":-,;. \a", r->rest.at[0])))
        return false;
    if (n && !(r->tag->flags & (ANY_CASE | BRACKETS)) && !r->capitals && !r->number)
        return false;
    life_drop(&r->rest, n + 1);
    return true;
}

static bool in_brackets(struct reader *r) {
    struct view inside = r->rest;

    if (!inside.len || (inside.at[0] != '(' && inside.at[0] != '['))
        return false;
    r->close = inside.at[0] == '(' ? ')' : ']';
    life_drop(&inside, 1);
    life_skip_blanks(&inside);
    r->rest = inside;
    return true;
}

static void note_tag(struct life *out, const struct reader *r) {
    life_act(out, r->tag->action);
    if (r->number && !out->number && r->tag->action)
        out->number = r->number;
    if (r->tag->urgency && (!out->urgency || r->tag->urgency < out->urgency))
        out->urgency = r->tag->urgency;
}

/* One tag at the front. */
static bool take_front(struct view *from, struct life *out) {
    struct reader r = {.rest = *from};
    bool official = false;

    life_skip_blanks(&r.rest);
    r.bracketed = in_brackets(&r);
    if (!take_tag(&r))
        return false;
    if (view_is(view_of(r.tag->action), "correction"))
        official = take_official(&r.rest);
    if (!(r.bracketed ? take_close(&r) : take_mark(&r)))
        return false;
    if (r.bracketed && view_starts(r.rest, "-"))
        life_drop(&r.rest, 1); /* "(OFFICIAL)-" and its kind */
    note_tag(out, &r);
    out->official |= official;
    *from = r.rest;
    life_skip_blanks(from);
    return true;
}

/* ---- the end of a headline ---- */

bool life_small_take(unsigned n) { return n >= 1 && n <= 60; }

/* "Take 2 of 3", "2 of 3", "2/3", "take two" are all there is. */
static bool read_take(struct view text, bool bare, struct take *out) {
    struct take take = {0};
    bool named =
        life_take(&text, "take") || life_take(&text, "teil") || life_take(&text, "part");

    life_skip_blanks(&text);
    if (!life_take_number(&text, &take.n) || !life_small_take(take.n))
        return false;
    life_skip_blanks(&text);
    if (life_take(&text, "of") || life_take(&text, "von") || life_take(&text, "/")) {
        life_skip_blanks(&text);
        if (!life_take_number(&text, &take.of) || !life_small_take(take.of) ||
            take.n > take.of)
            return false;
    }
    life_skip_blanks(&text);
    if (text.len || (!named && (!bare || !take.of)))
        return false;
    *out = take;
    return true;
}

/* "=2" */
static bool cut_equals(struct view *from, struct life *out) {
    const char *end = from->at + from->len, *at = end;
    struct view number;
    unsigned n;

    while (at > from->at && life_digit(at[-1]))
        at--;
    number = view_n(at, (size_t)(end - at));
    if (at <= from->at || at[-1] != '=' || !life_take_number(&number, &n) ||
        !life_small_take(n))
        return false;
    out->take.n = n;
    from->len = (size_t)(at - 1 - from->at);
    return true;
}

/* "(Take 2 of 3)", "(MORE)", "(2nd LEAD)" */
static bool cut_brackets(struct view *from, struct life *out) {
    size_t open = from->len;
    struct reader r = {.close = ')'};
    struct view inside;

    if (!from->len || from->at[from->len - 1] != ')')
        return false;
    while (open && from->at[open - 1] != '(')
        open--;
    if (!open || from->len - open > 60)
        return false;
    inside = view_trim(view_n(from->at + open, from->len - open - 1));
    r.rest = view_n(inside.at, (size_t)(from->at + from->len - inside.at));
    if (life_match(inside, "more") == inside.len && inside.len)
        out->take.more = true;
    else if (read_take(inside, false, &out->take))
        ;
    else if (take_tag(&r) && (r.capitals || r.number || r.tag->flags & ANY_CASE) &&
             take_close(&r) && !r.rest.len)
        note_tag(out, &r);
    else
        return false;
    from->len = open - 1;
    return true;
}

/* " - UPDATE 2", " - Take 2": set off by a dash with blanks. */
static bool cut_dashed(struct view *from, struct life *out) {
    struct reader r = {0};
    size_t i = from->len;

    while (i >= 3 && memcmp(from->at + i - 3, " - ", 3) != 0)
        i--;
    if (i < 3 || from->len - i > 24)
        return false;
    r.rest = view_n(from->at + i, from->len - i);
    if (!read_take(r.rest, false, &out->take)) {
        if (!take_tag(&r) || r.rest.len || (!r.capitals && !r.number) || !r.tag->action)
            return false;
        note_tag(out, &r);
    }
    from->len = i - 3;
    return true;
}

struct view life_trim_end(struct view text) {
    while (text.len && (text.at[text.len - 1] == ' ' || text.at[text.len - 1] == '\t'))
        text.len--;
    return text;
}

/* The last piece of a headline; *tag grows to cover it. */
static bool cut_end(struct view *from, struct life *out) {
    struct view cut = *from;

    if (!cut_equals(&cut, out) && !cut_brackets(&cut, out) && !cut_dashed(&cut, out))
        return false;
    *from = life_trim_end(cut);
    return true;
}

bool life_read_headline(struct view headline, struct life *out) {
    struct view line = view_trim(headline), rest = line;
    bool front = false, end = false;

    *out = (struct life){0};
    for (int tags_left = 4; tags_left && rest.len && take_front(&rest, out); tags_left--)
        front = true;
    for (int tags_left = 3; tags_left && rest.len && cut_end(&rest, out); tags_left--)
        end = true;
    out->words = rest;
    if (front)
        out->tag = view_n(line.at, (size_t)(rest.at - line.at));
    else if (end)
        out->tag =
            view_n(rest.at + rest.len, (size_t)(line.at + line.len - rest.at) - rest.len);
    out->tag = view_trim(out->tag);
    if (out->take.n > 1)
        life_act(out, "add");
    return front || end;
}
