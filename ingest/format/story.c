#include "ingest/format/story.h"

#include "ingest/format/stamp.h"
#include "proto/moment.h"

#include <stdio.h>

#define NAME_MAX_BYTES   160 /* of each part of a name */
#define REFERENCE_DIGITS 12
#define NOTICE_MOST      600 /* bytes of a line */
#define NOTICE_LINES     10
#define FIRST_LINES      2 /* headline and lead */
#define MORE_MOST        60
#define PAST_EMBARGO_MS  (30 * (int64_t)86400000) /* a date as old is this year's */

/* ---- names ---- */

static char lower(char c) { return (char)(c >= 'A' && c <= 'Z' ? c | 32 : c); }

/* Lower case, blanks and what RFC 4151 forbids as hyphens, runs of them as one where
 * blanks were; letters outside of ASCII stay. */
static size_t put_name(char *out, struct view name) {
    size_t n = 0;
    name = view_trim(name);
    if (name.len > NAME_MAX_BYTES)
        for (name.len = NAME_MAX_BYTES; name.len > 0; name.len--)
            if ((name.at[name.len] & 0xC0) != 0x80)
                break; // no half of a letter
    for (size_t i = 0; i < name.len; i++) {
        char c = lower(name.at[i]);
        bool keep = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
                    (c && strchr("-._~/'+()&", c)) || c & 0x80;
        if (keep)
            out[n++] = c;
        else if (n > 0 && out[n - 1] != '-')
            out[n++] = '-';
    }
    while (n > 0 && out[n - 1] == '-')
        n--;
    return n;
}

static struct view authority(const struct format_input *in, const struct report *report) {
    if (in->feed->name.len > 0)
        return in->feed->name;
    if (report->source.len > 0)
        return report->source;
    return report->format;
}

static struct view day_of(const struct format_input *in, const struct report *report,
                          char room[MOMENT_TEXT]) {
    struct view day = report->sent;
    if (day.len < 10)
        day = moment_print(in->received_ms, room);
    return view_n(day.at, day.len < 10 ? 0 : 10);
}

static struct view name(const struct format_input *in, const struct report *report,
                        struct view whose, struct view first, struct view second) {
    char day_room[MOMENT_TEXT];
    char text[4 * NAME_MAX_BYTES];
    struct view day = day_of(in, report, day_room);
    size_t n = 4;
    memcpy(text, "tag:", 4);
    n += put_name(text + n, whose);
    text[n++] = ',';
    memcpy(text + n, day.at, day.len);
    n += day.len;
    text[n++] = ':';
    n += put_name(text + n, first);
    if (second.len > 0) {
        text[n++] = first.len > 0 ? '-' : ':';
        n += put_name(text + n, second);
    }
    return view_n(arena_copy(in->arena, text, n), n);
}

struct view story_of_reference(const struct format_input *in, const struct report *report,
                               struct view agency, struct view number) {
    struct view whose = in->feed->name.len > 0 ? in->feed->name : agency;
    if (in->feed->name.len == 0 && report->source.len > 0 &&
        view_eq(agency, report->service)) // a service is not who runs it
        whose = report->source;
    return name(in, report, whose, agency, number);
}

struct view story_of_section(const struct format_input *in, const struct report *report,
                             struct view section, struct view more) {
    struct view of = name(in, report, authority(in, report), section, VIEW_LIT(""));
    if (more.len == 0)
        return of;
    char *text = arena_alloc(in->arena, of.len + 1 + more.len);
    memcpy(text, of.at, of.len);
    text[of.len] = ':';
    memcpy(text + of.len + 1, more.at, more.len);
    return view_n(text, of.len + 1 + more.len);
}

/* ---- what words do ---- */

void story_relate(struct report *report, const char *rel, struct view ref,
                  struct view guid) {
    if (report->relation_count < REPORT_RELATIONS && ref.len + guid.len > 0)
        report->relations[report->relation_count++] =
            (struct relation){.rel = view_of(rel), .ref = ref, .guid = guid};
}

void story_apply(struct report *report, const struct life *life) {
    if (report->action.len == 0)
        report->action = life->action;
    if (report->status.len == 0)
        report->status = life->status;
    if (report->version == 0)
        report->version = life_version(life);
    if (life->urgency && (!report->urgency || life->urgency < report->urgency))
        report->urgency = life->urgency;
    if (!report->take.n && !report->take.more)
        report->take = life->take;
    for (size_t i = 0; i < life->relation_count; i++)
        story_relate(report, "", life->relations[i].ref, life->relations[i].guid);
    size_t first = report->relation_count - life->relation_count;
    for (size_t i = 0; i < life->relation_count && first + i < REPORT_RELATIONS; i++)
        report->relations[first + i].rel = life->relations[i].rel;
}

static void join_note(struct view line, struct life *life) {
    struct life note;
    if (line.len <= NOTICE_MOST && life_read_note(line, &note) &&
        (note.status.len > 0 || (life->status.len > 0 && note.relation_count > 0)))
        life_join(life, &note);
}

void story_read_notices(struct view text, struct life *life) {
    struct view rest = text, line;
    struct life note;
    for (int i = 0; i < (life->status.len > 0 ? NOTICE_LINES : FIRST_LINES);) {
        if (!view_split(&rest, '\n', &line))
            break;
        if (line.len > 0)
            join_note(line, life);
        i += line.len > 0;
    }
    line = view_trim(text);
    if (line.len > MORE_MOST)
        line = view_n(line.at + line.len - MORE_MOST, MORE_MOST);
    while (view_split(&line, '\n', &rest))
        ;
    if (rest.len < MORE_MOST && life_read_note(rest, &note) && note.take.more)
        life->take.more = true;
}

/* Nothing to tag and nothing to take back: neither text nor a story that is killed or
 * withheld. */
static bool says_nothing(const struct report *report) {
    return view_trim(report->text).len == 0 &&
           (report->guid.len == 0 ||
            (!report_cancels(report) && !view_is(report->status, "withheld")));
}

void story_set_extra(struct report *report, struct buf *json, struct arena *arena) {
    if (json->len > 2)
        report->extra = view_n(arena_copy(arena, json->at, json->len), json->len);
    buf_release(json);
}

void story_take_feed(struct report *report, const struct feed *feed) {
    if (report->source.len == 0)
        report->source = view_of(feed->agency);
    if (report->lang.len == 0)
        report->lang = view_of(feed->lang);
    if (report->date_order.len == 0)
        report->date_order = view_of(feed->date_order);
}

/* ---- what is cited ---- */

static size_t digits_at_end(struct view text) {
    size_t n = 0;
    while (n < text.len && text.at[text.len - 1 - n] >= '0' &&
           text.at[text.len - 1 - n] <= '9')
        n++;
    return n;
}

/* A notice says "wfd 141" of what its header called "wfd 0141": as many digits as the
 * notice's own. */
static struct view padded(struct view number, const struct report *report,
                          char room[REFERENCE_DIGITS]) {
    size_t want = digits_at_end(report->reference);
    if (number.len >= want || want > REFERENCE_DIGITS)
        return number;
    memset(room, '0', want);
    memcpy(room + want - number.len, number.at, number.len);
    return view_n(room, want);
}

/* "BC-Foo", "AM-US--Bar": what keyword lines look like; no headline does. */
static bool is_keyword_section(struct view ref) {
    return ref.len > 3 && ref.at[2] == '-' && ref.at[3] != ' ' &&
           ((ref.at[0] | 32) >= 'a' && (ref.at[0] | 32) <= 'z') &&
           ((ref.at[1] | 32) >= 'a' && (ref.at[1] | 32) <= 'z');
}

/* A keyword section ends with its sentence. */
static struct view one_sentence(struct view ref) {
    for (size_t i = 0; is_keyword_section(ref) && i + 1 < ref.len; i++)
        if (ref.at[i] == '.' && ref.at[i + 1] == ' ')
            return view_n(ref.at, i);
    return ref;
}

static struct view guid_of(const struct format_input *in, const struct report *report,
                           struct view ref) {
    char room[REFERENCE_DIGITS];
    struct view rest = ref, agency, number;
    if (life_take_reference(&rest, &agency, &number) && rest.len == 0) {
        if (agency.len == 1) // a0584: its story has another name
            return VIEW_LIT("");
        return story_of_reference(in, report, agency, padded(number, report, room));
    }
    if (!is_keyword_section(ref))
        return VIEW_LIT("");
    struct life life;
    life_read_slug(ref, &life);
    return story_of_section(in, report, life.words, VIEW_LIT(""));
}

static bool cited_before(const struct report *notice, size_t i) {
    for (size_t k = 0; k < i; k++)
        if (view_eq(notice->relations[k].guid, notice->relations[i].guid))
            return true;
    return false;
}

void story_cite(const struct format *format, const struct format_input *in,
                struct format_output *out) {
    struct report *report = &out->reports[out->count - 1];
    bool takes_back =
        view_is(report->status, "canceled") || view_is(report->status, "withheld");
    for (size_t i = 0; i < report->relation_count; i++) {
        struct relation *relation = &report->relations[i];
        relation->ref = field_line(one_sentence(relation->ref), in->arena);
        if (relation->guid.len == 0)
            relation->guid = guid_of(in, report, relation->ref);
    }
    struct report notice = *report;
    bool first = true;
    for (size_t i = 0; takes_back && i < notice.relation_count; i++) {
        if (notice.relations[i].guid.len == 0 || cited_before(&notice, i))
            continue;
        if (!first)
            report = format_report(format, in, out);
        *report = notice;
        report->guid = notice.relations[i].guid;
        report->guid_from = VIEW_LIT("agency-ref");
        if (is_keyword_section(notice.relations[i].ref))
            report->guid_from = VIEW_LIT("slug");
        report->version = 0;
        report->relations[0] = notice.relations[i];
        report->relation_count = 1;
        first = false;
    }
}

int story_finish(const struct format *format, const struct format_input *in,
                 struct format_output *out, struct diag *diag) {
    if (says_nothing(&out->reports[out->count - 1])) {
        diag_set(diag, 0, "the message has no text");
        out->count--;
        return ERR_FORMAT;
    }
    story_cite(format, in, out);
    return 0;
}

/* ---- embargoes ---- */

static bool skip(struct view *from, const char *word) {
    size_t n = strlen(word);
    if (from->len < n)
        return false;
    for (size_t i = 0; i < n; i++)
        if (lower(from->at[i]) != word[i])
            return false;
    *from = view_n(from->at + n, from->len - n);
    return true;
}

static void skip_marks(struct view *from) {
    while (from->len > 0 && strchr(" \t([*#:-!", from->at[0]))
        *from = view_n(from->at + 1, from->len - 1);
}

static bool any_of(struct view rest, const char *const *words) {
    skip_marks(&rest);
    for (; *words; words++)
        if (skip(&rest, *words))
            return true;
    return false;
}

/* "Embargo on oil exports" is news: the word alone is not enough. */
static bool says_embargo(struct view line, struct view *rest) {
    static const char *const starts[] = {"sperrfrist",
                                         "not for release before",
                                         "not for release until",
                                         "not for publication before",
                                         "not for publication until",
                                         "hold for release until",
                                         "hold for release",
                                         NULL};
    static const char *const behind[] = {"until ", "till ",       "til ",
                                         "bis ",   "for release", "for publication",
                                         "jusqu",  "hasta ",      NULL};
    skip_marks(&line);
    for (const char *const *start = starts; *start; start++)
        if (skip(&line, *start)) {
            *rest = line;
            return line.len == 0 ||
                   !((line.at[0] | 32) >= 'a' && (line.at[0] | 32) <= 'z');
        }
    if (!skip(&line, "embargo"))
        return false;
    if (!skip(&line, "ed"))
        skip(&line, "é");
    *rest = line;
    return line.len == 0 || line.at[0] == ':' || line.at[0] == '!' ||
           any_of(line, behind);
}

static bool lifted(struct view rest) {
    static const char *const words[] = {"aufgehoben", "lifted", "entfällt", "levé", NULL};
    return any_of(rest, words);
}

bool story_embargo(struct report *report, const struct format_input *in, struct view line,
                   int64_t near_ms) {
    struct view rest;
    struct stamp stamp;
    if (line.len > 300 || !says_embargo(line, &rest))
        return false;
    if (lifted(rest))
        return true;
    if (stamp_find(rest, in->feed->date_order, &stamp) &&
        stamp_complete(&stamp, STAMP_AFTER,
                       stamp.day ? near_ms - PAST_EMBARGO_MS : near_ms)) {
        report->embargo_ms = stamp_ms(&stamp, in->feed);
        return true;
    }
    if (report->status.len == 0)
        report->status = VIEW_LIT("withheld");
    report_warn(report, in->arena, "embargo without a time that is understood: withheld");
    return true;
}
