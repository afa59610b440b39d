/* The reader goes from left to right: places first, or an agency in front of them, then
 * regions, dates and agencies in any order, then the dash. It notes what it met and how
 * it was set off, and accepts at the end by how much of that was there. */
#include "enrich/dateline_inside.h"

#include "enrich/chars.h"

#define PLACE_WORDS  6
#define PLACES       4
#define REGIONS      3
#define PARTS        7
#define DATELINE_MAX 120 /* bytes */
#define INSIDE_MAX   60  /* bytes between brackets or strokes */

/* ---- small things ---- */

static void drop(struct dateline_reader *r, size_t n) {
    r->rest.at += n;
    r->rest.len -= n;
}

static bool take(struct dateline_reader *r, const char *text) {
    if (!view_starts(r->rest, text))
        return false;
    drop(r, strlen(text));
    return true;
}

static bool skip_blanks(struct dateline_reader *r) {
    size_t before = r->rest.len;

    while (take(r, " ") || take(r, "\t") || take(r, "\xC2\xA0"))
        ;
    return r->rest.len < before;
}

/* ---- places ---- */

static bool particle(struct view word) {
    static const char *const words[] = {"de",   "del", "la",  "el", "al",  "of", "the",
                                        "du",   "do",  "da",  "di", "am",  "an", "der",
                                        "das",  "dos", "sur", "e",  "bei", "en", "ob",
                                        "upon", "as",  "ash", "ar", "az",  "ad", NULL};

    return dateline_one_of(word, words);
}

/* One word of a place: a capital and letters, hyphens, apostrophes; "ST.", "D.C.". Its
 * length, or 0. *small: it has small letters. */
static size_t place_word(struct view text, bool *small, unsigned longest_short) {
    const char *at = text.at, *end = text.at + text.len;
    unsigned len, class, letters = 0, run = 0;
    bool capital = false;

    *small = false;
    while (at < end) {
        class = char_next(at, end, &len);
        if (char_is_letter(class)) {
            capital |= letters++ == 0 && class == CHAR_UPPER;
            *small |= class == CHAR_LOWER;
            run++;
        } else if (class == CHAR_HYPHEN || class == CHAR_APOSTROPHE) {
            if (!letters || at + len >= end ||
                !char_is_letter(char_next(at + len, end, &class)))
                break;
            run = 0;
        } else if (*at == '.' && run == 1 && at + 2 < end && at[2] == '.') {
            run = 0; /* "D.C." */
        } else if (class != CHAR_MARK) {
            break;
        }
        at += len;
    }
    if (at < end && *at == '.' && run && run <= longest_short)
        at++;
    if (!capital && !particle(view_n(text.at, (size_t)(at - text.at))))
        return 0;
    return (size_t)(at - text.at);
}

/* "Jan 5", and not "ROQUETAS DE MAR". */
static bool number_follows(struct view text, size_t at) {
    while (at < text.len && (text.at[at] == ' ' || text.at[at] == '.'))
        at++;
    return at < text.len && text.at[at] >= '0' && text.at[at] <= '9';
}

/* "SAN JOSE", "Rio de Janeiro": words apart by one blank. Empty if there is none. A
 * region may be cut short: "Calif.", a place only as "St.". */
static struct view take_name(struct dateline_reader *r, bool region) {
    struct view rest = r->rest, place = {rest.at, 0};
    bool small, capitals = true;

    for (int words = 0; words < PLACE_WORDS; words++) {
        size_t len = place_word(rest, &small, region ? 5 : 3);
        struct view word;
        if (region && words && view_starts(rest, "and "))
            len = 3; /* "Trinidad and Tobago" */
        word = view_n(rest.at, len);
        if (!len || (!words && particle(word)))
            break;
        if (words && dateword_month(word) && number_follows(rest, len))
            break;
        capitals &= !small || particle(word);
        rest.at += len;
        rest.len -= len;
        place.len = (size_t)(rest.at - place.at);
        if (rest.len < 2 || rest.at[0] != ' ')
            break;
        rest.at++;
        rest.len--;
    }
    drop(r, place.len);
    r->capitals &= capitals;
    return place;
}

/* "/", " / ", " and " between capitals. */
static bool take_joint(struct dateline_reader *r) {
    struct dateline_reader after = *r, next;

    if (!take(&after, " / ") && !take(&after, "/") && !take(&after, " and ") &&
        !take(&after, " & "))
        return false;
    next = after;
    if (view_starts(r->rest, " ") &&
        (!r->capitals || !take_name(&next, false).len || !next.capitals))
        return false;
    *r = after;
    return true;
}

static bool next_is_agency(struct dateline_reader r);

static struct view take_places(struct dateline_reader *r) {
    struct view all = {r->rest.at, 0};

    for (int places = 1;; places++) {
        if (!take_name(r, false).len)
            return view_n(all.at, 0);
        all.len = (size_t)(r->rest.at - all.at);
        if (places == PLACES || next_is_agency(*r) || !take_joint(r))
            return all;
    }
}

static bool take_region(struct dateline_reader *r) {
    struct dateline_reader after = *r;
    bool capitals = r->capitals, square;
    struct view name;

    square = skip_blanks(&after) && take(&after, "[");
    if ((!square && (after = *r, !take(&after, ","))) || r->regions == REGIONS)
        return false;
    skip_blanks(&after);
    name = take_name(&after, true);
    if (!name.len || dateword_weekday(name) || (square && !take(&after, "]")))
        return false;
    if (name.len > 2 && dateline_agency(name) && !dateline_has_small(name))
        return false;          /* "RIYADH, SPA --" */
    after.capitals = capitals; /* "TRIPOLI, Libya" */
    after.regions++;
    after.region = name;
    *r = after;
    return true;
}

/* ---- dates ---- */

/* " 10:30 GMT", " / 10:00 am" */
static void take_time(struct dateline_reader *r) {
    struct dateline_reader after = *r;
    size_t n = 0, letters = 0;

    if (!skip_blanks(&after) && !take(&after, ","))
        return;
    skip_blanks(&after);
    if (take(&after, "/"))
        skip_blanks(&after);
    while (n < after.rest.len && strchr("0123456789:.", after.rest.at[n]) && n < 8)
        n++;
    if (n < 4 || !memchr(after.rest.at, ':', n))
        return;
    drop(&after, n);
    *r = after;
    skip_blanks(&after);
    while (letters < after.rest.len && strchr("aApPmMGTUCES.", after.rest.at[letters]))
        letters++;
    if (letters && letters <= 4) {
        drop(&after, letters);
        *r = after;
    }
}

static int small_number(struct dateline_reader *r) {
    int n = 0, digits = 0;

    while (digits < 2 && r->rest.len && r->rest.at[0] >= '0' && r->rest.at[0] <= '9') {
        n = n * 10 + r->rest.at[0] - '0';
        drop(r, 1);
        digits++;
    }
    return n;
}

/* "27/8", "27.8.": the day stands first. */
static bool take_short_date(struct dateline_reader *r, struct written_date *out) {
    struct dateline_reader after = *r;
    struct written_date date = {0};

    date.day = small_number(&after);
    if (!take(&after, "/") && !take(&after, "."))
        return false;
    date.month = small_number(&after);
    (void)(date.month && take(&after, "."));
    if (!date.month || date.month > 12 || !calendar_valid(2000, date.month, date.day) ||
        !after.rest.len || !strchr(" (:,", after.rest.at[0]))
        return false;
    *out = date;
    *r = after;
    return true;
}

static bool take_date(struct dateline_reader *r, struct dateline *out) {
    struct dateline_reader after = *r;
    bool comma;

    if (dateline_dated(out))
        return false;
    comma = take(&after, ",") || take(&after, ". ");
    skip_blanks(&after);
    if (after.rest.len == r->rest.len ||
        (!written_date_take(&after.rest, &out->date) &&
         !take_short_date(&after, &out->date)) ||
        (!comma && !out->date.month)) {
        out->date = (struct written_date){0};
        return false;
    }
    *r = after;
    take_time(r);
    return true;
}

/* ---- agencies ---- */

/* Words that may stand for an agency nobody has listed: "Sundiata Post", "News24.com". */
static bool agency_like(struct view name) {
    static const char *const no[] = {"MORE",  "UPDATE", "UPDATED", "CORRECTED", "LIVE",
                                     "VIDEO", "PHOTOS", "PHOTO",   "FILE",      NULL};
    static const char *const small[] = {"and",      "&",        "agency", "correspondent",
                                        "agencies", "reporter", NULL};
    struct view rest = name, word;
    unsigned words = 0;
    bool domain = memchr(name.at, '.', name.len) != NULL;
    unsigned len;

    if (!name.len || dateline_spells(name, no))
        return false;
    while (view_split(&rest, ' ', &word)) {
        bool begins =
            word.len && char_next(word.at, word.at + word.len, &len) == CHAR_UPPER;
        if (++words > 5 ||
            (!begins && !particle(word) && !domain && !dateline_one_of(word, small)))
            return false;
        for (size_t i = 0; i < word.len; i++)
            if (strchr("\"()[]:;?!%$", word.at[i]) ||
                (word.at[i] >= '0' && word.at[i] <= '9' && i == 0))
                return false;
    }
    return words > 0;
}

/* What stands between brackets or strokes: an agency, a date, or both. */
static bool read_inside(struct view inside, struct dateline_reader *r,
                        struct dateline *out) {
    struct view date = inside, agency = inside;
    struct written_date found;

    if (written_date_take(&date, &found) && found.month && !view_trim(date).len) {
        if (dateline_dated(out))
            return false;
        out->date = found;
        return true;
    }
    for (size_t i = inside.len; i > 1 && !dateline_dated(out); i--) {
        date = view_n(inside.at + i, inside.len - i);
        if (strncmp(inside.at + i - 2, ", ", 2) != 0 ||
            !written_date_take(&date, &found) || !found.month || date.len)
            continue;
        out->date = found;
        agency.len = i - 2;
        break;
    }
    if (out->agency.len || (!dateline_agency(agency) && !agency_like(agency)))
        return false;
    out->agency = agency;
    r->set_off = true;
    return true;
}

static bool take_between(struct dateline_reader *r, struct dateline *out, char open,
                         char close) {
    struct dateline_reader after = *r;
    struct view inside;
    const char *end;
    size_t most;

    (void)(take(&after, ",") || (dateline_dated(out) && take(&after, ".")));
    skip_blanks(&after);
    if (!after.rest.len || after.rest.at[0] != open)
        return false;
    drop(&after, 1);
    most = after.rest.len < INSIDE_MAX ? after.rest.len : INSIDE_MAX;
    end = memchr(after.rest.at, close, most);
    if (!end || end == after.rest.at)
        return false;
    inside = view_n(after.rest.at, (size_t)(end - after.rest.at));
    drop(&after, inside.len + 1);
    if (!read_inside(view_trim(inside), &after, out))
        return false;
    *r = after;
    return true;
}

/* "GAZA CITY | AFP |": the last stroke may be missing at the end of the line. */
static bool take_piped(struct dateline_reader *r, struct dateline *out) {
    struct dateline_reader after = *r;
    size_t n = 0;

    skip_blanks(&after);
    if (out->agency.len || (!take(&after, "|") && !take(&after, "/")))
        return false;
    skip_blanks(&after);
    while (n < after.rest.len && n < INSIDE_MAX && after.rest.at[n] != '|' &&
           strncmp(after.rest.at + n, " -", after.rest.len - n < 2 ? 1 : 2) != 0)
        n++;
    out->agency = view_trim(view_n(after.rest.at, n));
    if (!dateline_agency(out->agency))
        return out->agency.len = 0, false;
    drop(&after, (size_t)(out->agency.at + out->agency.len - after.rest.at));
    after.set_off = true;
    *r = after;
    return true;
}

static bool at_end_or_dash(struct dateline_reader r, bool stop_too) {
    static const char *const marks[] = {"—", "–", "--", "-", "_", ":", NULL};

    if (stop_too && (take(&r, ".") || take(&r, ":")))
        return true;
    skip_blanks(&r);
    for (size_t i = 0; marks[i]; i++)
        if (view_starts(r.rest, marks[i]))
            return true;
    return !r.rest.len;
}

/* Behind a date or a comma: "Kyodo", ", GNA". */
static bool take_bare(struct dateline_reader *r, struct dateline *out) {
    struct dateline_reader after = *r;
    bool comma = take(&after, ",") || (dateline_dated(out) && take(&after, ".")), small;
    struct view name;

    if (out->agency.len || (!skip_blanks(&after) && !comma))
        return false;
    name = take_name(&after, false);
    small = dateline_has_small(name);
    if (name.len < 3 || !at_end_or_dash(after, true) ||
        (!dateline_agency(name) && (small || !dateline_dated(out) || name.len > 12)))
        return false;
    after.capitals = r->capitals;
    *r = after;
    out->agency = name;
    return true;
}

/* "LONDON--(BUSINESS WIRE)": the dash before the bracket. */
static bool take_dashed(struct dateline_reader *r, struct dateline *out) {
    static const char *const dashes[] = {"—", "–", "--", "-", NULL};
    struct dateline_reader after = *r;

    skip_blanks(&after);
    for (size_t i = 0; dashes[i]; i++) {
        if (!take(&after, dashes[i]))
            continue;
        skip_blanks(&after);
        if (out->agency.len || !take_between(&after, out, '(', ')'))
            return false;
        *r = after;
        return true;
    }
    return false;
}

/* Does a stroke and a listed agency follow, and not another place? */
static bool next_is_agency(struct dateline_reader r) {
    struct dateline unused = {0};

    return (take_between(&r, &unused, '/', '/') || take_piped(&r, &unused)) &&
           dateline_agency(unused.agency);
}

/* "BRUSSELS AFP": the last word of what was taken for the place. */
static void split_place(struct dateline_reader *r, struct dateline *out) {
    size_t i = out->place.len;
    struct view last;

    while (i && out->place.at[i - 1] != ' ')
        i--;
    last = view_n(out->place.at + i, out->place.len - i);
    if (!i || out->agency.len || last.len < 3 || !dateline_agency(last) ||
        !at_end_or_dash(*r, false))
        return;
    out->agency = last;
    out->place.len = i - 1;
}

/* ---- the whole ---- */

static bool take_part(struct dateline_reader *r, struct dateline *out) {
    return take_date(r, out) || take_between(r, out, '(', ')') ||
           take_between(r, out, '/', '/') || take_bare(r, out) || take_region(r) ||
           take_piped(r, out) || take_dashed(r, out);
}

static bool take_mark(struct dateline_reader *r) {
    static const char *const dashes[] = {"—", "–", "―", "--", "\xE2\x88\x92",
                                         "|", "-", "_", NULL};

    for (size_t i = 0; dashes[i]; i++) {
        struct dateline_reader after = *r;
        bool narrow = dashes[i][0] == '-' || dashes[i][0] == '_';
        if (!take(&after, dashes[i]))
            continue;
        if (narrow && !dashes[i][1] && after.rest.len && after.rest.at[0] != ' ' &&
            !r->set_off)
            return false;
        *r = after;
        return true;
    }
    return false;
}

/* The dash and the blanks around it; behind an agency or a date a colon or a full stop
 * does as well. */
static void take_dash(struct dateline_reader *r, const struct dateline *d) {
    struct dateline_reader after = *r;
    bool more = d->agency.len || dateline_dated(d), stop;

    stop = take(&after, "."); /* "(EFE).-" */
    if (view_starts(after.rest, "/ -") && more)
        drop(&after, 1); /* "Jan. 14, 2020/ --" */
    after.dash = stop && d->agency.len;
    skip_blanks(&after);
    if (take_mark(&after) || /* "/ ACCESSWIRE / January 5, 2020 /" */
        (d->agency.len && r->set_off && take(&after, "/")))
        after.dash = true;
    else if (!after.dash && take(&after, ":"))
        after.colon = true;
    if (!after.dash && !after.colon) {
        after.stop = stop && d->date.month && after.rest.len;
        if (!after.stop)
            after = *r;
    }
    after.dash |= after.colon && more;
    skip_blanks(&after);
    *r = after;
}

/* "(Xinhua) -- BEIJING, Jan 5 -- ", "(BUSINESS WIRE)--Jan. 5, 2006--": what stands
 * between two dashes. */
static void take_second(struct dateline_reader *r, struct dateline *out, size_t *end) {
    struct dateline_reader after = *r;
    struct dateline more = *out;
    bool only_date = more.place.len != 0;

    if (only_date && dateline_dated(out))
        return;
    if (only_date) {
        if (!written_date_take(&after.rest, &more.date) || !more.date.month)
            return;
    } else if (r->agency_first) {
        after.capitals = true;
        more.place = take_places(&after);
        while (more.place.len && (take_date(&after, &more) || take_region(&after)))
            ;
        if (!more.place.len || (!after.capitals && !dateline_dated(&more)))
            return;
    } else {
        return;
    }
    *end = (size_t)(after.rest.at - r->rest.at);
    after.dash = after.colon = false;
    take_dash(&after, &more);
    if (!after.dash) {
        *end = 0;
        return;
    }
    *r = after;
    *out = more;
}

/* "(Honolulu)", "(Austin, Texas)" */
static bool take_bracketed_place(struct dateline_reader *r, struct dateline *out) {
    struct dateline_reader after = *r;

    if (!take(&after, "("))
        return false;
    out->place = take_places(&after);
    if (out->place.len)
        take_region(&after);
    if (!out->place.len || !take(&after, ")") || dateline_agency(out->place))
        return out->place.len = 0, false;
    after.capitals = true;
    *r = after;
    return true;
}

/* "AFP, PARIS", alone on its line. */
static bool take_agency_and_place(struct dateline_reader *r, struct dateline *out) {
    struct dateline_reader after = *r;
    struct view agency = take_name(&after, false), place;

    if (!dateline_agency(agency) || !take(&after, ", "))
        return false;
    after.capitals = true;
    place = take_places(&after);
    if (!place.len || (after.rest.len && !at_end_or_dash(after, false)))
        return false;
    out->agency = agency;
    out->place = place;
    after.agency_first = true;
    *r = after;
    return true;
}

/* Most lines begin with capitals and go on with small words: told at a glance. */
static bool may_go_on(struct view rest) {
    bool small;
    struct view word;

    if (rest.len < 2 || rest.at[0] != ' ')
        return true;
    rest.at++;
    rest.len--;
    if (!((rest.at[0] >= 'a' && rest.at[0] <= 'z') ||
          (rest.at[0] >= 'A' && rest.at[0] <= 'Z')))
        return true;
    word = view_n(rest.at, place_word(rest, &small, 5));
    return dateword_month(word) || dateword_weekday(word);
}

static bool read_parts(struct dateline_reader *r, struct dateline *out, bool *bracketed) {
    *bracketed = false;
    if (take_agency_and_place(r, out))
        return true;
    if (view_starts(r->rest, "(")) {
        *bracketed = take_bracketed_place(r, out);
        r->agency_first = !*bracketed && take_between(r, out, '(', ')');
        return *bracketed || (r->agency_first && out->agency.len);
    }
    out->place = take_places(r);
    if (!out->place.len || !may_go_on(r->rest))
        return false;
    for (int parts = 0; parts < PARTS && take_part(r, out); parts++)
        ;
    split_place(r, out);
    return true;
}

bool dateline_read(struct view line, bool first, const struct gazetteer *gazetteer,
                   struct dateline *out) {
    struct dateline_reader r = {.capitals = true};
    struct dateline_judged judged = {&r, out, first, false};
    size_t more = 0;

    r.rest = line.len > DATELINE_MAX * 4 ? view_n(line.at, DATELINE_MAX * 4) : line;
    *out = (struct dateline){0};
    skip_blanks(&r);
    out->start = (size_t)(r.rest.at - line.at);
    if (!read_parts(&r, out, &judged.bracketed))
        return false;
    out->end = (size_t)(r.rest.at - line.at);
    take_dash(&r, out);
    if (r.dash) {
        size_t before = (size_t)(r.rest.at - line.at);
        take_second(&r, out, &more);
        out->end = more ? before + more : out->end;
    }
    out->after = (size_t)(r.rest.at - line.at);
    if (out->end - out->start > DATELINE_MAX ||
        (!r.dash && !r.colon && !r.stop && !out->agency.len &&
         (r.rest.len || !dateline_dated(out))))
        return false;
    dateline_exchange(&r, out, gazetteer);
    return dateline_believed(&judged, gazetteer);
}
