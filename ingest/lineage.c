#include "ingest/lineage.h"

#include "proto/calendar.h"
#include "proto/moment.h"

const char *verdict_name(enum verdict verdict) {
    static const char *const names[VERDICTS] = {"new", "update", "old", "dup", "none"};
    return names[verdict];
}

/* ---- which story ---- */

static bool is_derived(const struct report *report) {
    return view_is(report->guid_from, "agency-ref") || view_is(report->guid_from, "slug");
}

static bool is_one_of(struct view word, const char *const words[]) {
    for (; *words; words++)
        if (view_is(word, *words))
            return true;
    return false;
}

/* Where the day stands in "tag:FEED,2020-01-14:REST"; NULL: there is none. */
static const char *day_in(struct view guid) {
    for (size_t i = 0; i + 12 <= guid.len; i++)
        if (guid.at[i] == ',' && guid.at[i + 11] == ':' &&
            calendar_parse(view_n(guid.at + i + 1, 10)) != CALENDAR_NONE)
            return guid.at + i + 1;
    return NULL;
}

static bool takes_letter(char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* The next letter or digit, in small; 0 behind the last. */
static char next_letter(struct view *from) {
    while (from->len > 0) {
        char c = *from->at++;
        from->len--;
        if (takes_letter(c))
            return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
    }
    return 0;
}

/* "wfd 0141" and "wfd-0141" */
static bool same_letters(struct view a, struct view b) {
    char c;
    do {
        c = next_letter(&a);
        if (c != next_letter(&b))
            return false;
    } while (c);
    return true;
}

/* Is the guid made of what one of the relations cites? */
static bool cites_its_guid(const struct report *report, const char *day) {
    const char *rest = day + 11;
    struct view name = view_n(rest, (size_t)(report->guid.at + report->guid.len - rest));
    for (size_t i = 0; i < report->relation_count; i++)
        if (same_letters(report->relations[i].ref, name))
            return true;
    return false;
}

/* Does it say that it goes on with an earlier story? */
static bool goes_on(const struct report *report, const char *day) {
    static const char *const actions[] = {"update",     "lead",   "add",    "sub",
                                          "correction", "refile", "repeat", "hold",
                                          "kill",       NULL};
    return view_is(report->guid_from, "slug") ? is_one_of(report->action, actions)
                                              : cites_its_guid(report, day);
}

static struct digest story_of(struct view guid) { return digest_of(guid); }

static bool is_known(struct view guid, const struct journal *journal, int64_t now_ms) {
    struct journal_seen seen;
    return journal_seen_story(journal, story_of(guid), now_ms, &seen) == 0;
}

/* The guid with the day so many days before its own. */
static struct view days_before(struct view guid, const char *day, int days,
                               struct arena *arena) {
    char *made = arena_copy(arena, guid.at, guid.len), text[CALENDAR_TEXT];
    calendar_print(calendar_parse(view_n(day, 10)) - days, text);
    memcpy(made + (day - guid.at), text, 10);
    return view_n(made, guid.len);
}

/* What cites the story by the guid it would have today, or by none, cites it by its own.
 */
static void name_the_story(struct report *report, struct view today) {
    for (size_t i = 0; i < report->relation_count; i++) {
        struct relation *relation = &report->relations[i];
        if (view_eq(relation->guid, today) ||
            (relation->guid.len == 0 && view_is(relation->rel, "kills")))
            relation->guid = report->guid;
    }
}

bool lineage_find(struct report *report, const struct journal *journal, int64_t now_ms,
                  struct arena *arena) {
    bool kill = report_cancels(report), found;
    struct view today = report->guid;
    const char *day = is_derived(report) ? day_in(report->guid) : NULL;
    int most = 2;
    if (!day)
        return true;
    if (!kill)
        most = goes_on(report, day);
    found = (most > 0 || kill) && is_known(report->guid, journal, now_ms);
    for (int days = 1; days <= most && !found; days++) {
        struct view guid = days_before(report->guid, day, days, arena);
        found = is_known(guid, journal, now_ms);
        if (found)
            report->guid = guid;
    }
    name_the_story(report, today);
    return found || !kill;
}

/* ---- what it is known by ---- */

static struct digest content_of(const struct report *report, struct buf *scratch) {
    struct report said = *report;
    said.received_ms = 0;
    said.peer = said.feed = said.format = said.ref = said.warning = VIEW_LIT("");
    if (report->version > 0 || is_derived(report))
        said = (struct report){
            .guid = report->guid,
            .version = report->version,
            .action = report->action,
            .status = report->status,
            .take = report->take,
            .headline = report->headline,
            .byline = report->byline,
            .dateline = report->dateline,
            .text = report->text,
        };
    buf_clear(scratch);
    report_encode(&said, scratch);
    return digest_of(buf_view(scratch));
}

static uint64_t moment_of(struct view time) {
    struct moment_parts parts;
    int64_t ms = moment_of_iso(time, &parts) ? moment_ms(&parts) : 0;
    return ms > 0 ? (uint64_t)ms : 0;
}

struct identity lineage_identity(const struct report *report, struct buf *scratch) {
    struct identity id = {.story = story_of(report->guid),
                          .content = content_of(report, scratch),
                          .version = report->version,
                          .canceled = report_cancels(report)};
    if (id.version == 0) {
        id.version = moment_of(report->version_created);
        id.timed = id.version > 0;
    }
    return id;
}

/* ---- too late? ---- */

static bool comparable(const struct identity *id, const struct journal_seen *seen) {
    return id->version > 0 && seen->version > 0 && id->timed == seen->timed;
}

static bool may_come(const struct report *report, const struct identity *id,
                     const struct journal_seen *seen) {
    bool compare = comparable(id, seen);
    if (id->canceled)
        return true;
    if (seen->canceled)
        return view_is(report->status, "usable") &&
               (!compare || id->version > seen->version);
    return !compare || id->version >= seen->version;
}

/* The story's highest version stays known; a number is not given up for a moment. */
static void keep_highest(struct identity *id, const struct journal_seen *seen) {
    bool higher = comparable(id, seen)
                      ? seen->version > id->version
                      : seen->version > 0 && (id->version == 0 || id->timed);
    if (!higher)
        return;
    id->version = seen->version;
    id->timed = seen->timed;
}

enum verdict lineage_judge(const struct report *report, struct identity *id,
                           const struct journal *journal, int64_t now_ms,
                           struct journal_seen *seen) {
    if (journal_seen_content(journal, id->content, now_ms, seen) == 0)
        return VERDICT_DUP;
    if (journal_seen_story(journal, id->story, now_ms, seen) != 0)
        return VERDICT_NEW;
    if (!may_come(report, id, seen))
        return VERDICT_OLD;
    keep_highest(id, seen);
    return VERDICT_UPDATE;
}
