#include "proto/report.h"

#include <stdio.h>

#include "proto/calendar.h"
#include "proto/id.h"
#include "proto/utf8.h"

#define ENCODING_VERSION 1

/* Tags on disk and on the wire: never given a new meaning, never used again. */
enum tag {
    TAG_GUID = 1,
    TAG_GUID_FROM = 2,
    TAG_VERSION = 3,
    TAG_ACTION = 4,
    TAG_STATUS = 5,
    TAG_PUBLISHED = 6,
    TAG_RECEIVED = 7,
    TAG_HEADLINE = 8,
    TAG_BYLINE = 9,
    TAG_DATELINE = 10,
    TAG_SLUG = 11,
    TAG_CATEGORY = 12, /* one field for each */
    TAG_LANG = 13,
    TAG_KEYWORD = 14, /* one field for each */
    TAG_URGENCY = 15,
    TAG_SOURCE = 16,
    TAG_FEED = 17,
    TAG_FORMAT = 18,
    TAG_PEER = 19,
    TAG_REF = 20,
    TAG_EXTRA = 21,
    TAG_WARNING = 22,
    TAG_TEXT = 23,
    TAG_RELATION = 24, /* one field for each */
    TAG_TAKE = 25,
    TAG_SENT = 26,
    TAG_FIRST_CREATED = 27,
    TAG_VERSION_CREATED = 28,
    TAG_EMBARGO = 29,
    TAG_EXPIRES = 30,
    TAG_SUBHEAD = 31,
    TAG_EDNOTE = 32,
    TAG_PRIORITY = 33,
    TAG_SERVICE = 34,
    TAG_NUMBER = 35,
    TAG_REFERENCE = 36,
    TAG_URL = 37,
    TAG_CHARSET = 38,
    TAG_DATE_ORDER = 39
};

/* The fields that are plain views, for writing and reading alike. */
static const struct {
    uint8_t tag;
    size_t offset;
    const char *name;
} view_fields[] = {
    {TAG_GUID, offsetof(struct report, guid), "guid"},
    {TAG_GUID_FROM, offsetof(struct report, guid_from), "guid_from"},
    {TAG_ACTION, offsetof(struct report, action), "action"},
    {TAG_STATUS, offsetof(struct report, status), "status"},
    {TAG_PUBLISHED, offsetof(struct report, published), "published"},
    {TAG_HEADLINE, offsetof(struct report, headline), "headline"},
    {TAG_BYLINE, offsetof(struct report, byline), "byline"},
    {TAG_DATELINE, offsetof(struct report, dateline), "dateline"},
    {TAG_SLUG, offsetof(struct report, slug), "slug"},
    {TAG_LANG, offsetof(struct report, lang), "lang"},
    {TAG_SOURCE, offsetof(struct report, source), "source"},
    {TAG_FEED, offsetof(struct report, feed), "feed"},
    {TAG_FORMAT, offsetof(struct report, format), "format"},
    {TAG_PEER, offsetof(struct report, peer), "peer"},
    {TAG_REF, offsetof(struct report, ref), "ref"},
    {TAG_EXTRA, offsetof(struct report, extra), "extra"},
    {TAG_WARNING, offsetof(struct report, warning), "warning"},
    {TAG_TEXT, offsetof(struct report, text), "text"},
    {TAG_SENT, offsetof(struct report, sent), "sent"},
    {TAG_FIRST_CREATED, offsetof(struct report, first_created), "first_created"},
    {TAG_VERSION_CREATED, offsetof(struct report, version_created), "version_created"},
    {TAG_SUBHEAD, offsetof(struct report, subhead), "subhead"},
    {TAG_EDNOTE, offsetof(struct report, ednote), "ednote"},
    {TAG_PRIORITY, offsetof(struct report, priority), "priority"},
    {TAG_SERVICE, offsetof(struct report, service), "service"},
    {TAG_NUMBER, offsetof(struct report, number), "number"},
    {TAG_REFERENCE, offsetof(struct report, reference), "reference"},
    {TAG_URL, offsetof(struct report, url), "url"},
    {TAG_CHARSET, offsetof(struct report, charset), "charset"},
    {TAG_DATE_ORDER, offsetof(struct report, date_order), "date_order"},
};
#define VIEW_FIELDS (sizeof view_fields / sizeof *view_fields)

static struct view *field_of(struct report *report, size_t i) {
    return (struct view *)(void *)((char *)report + view_fields[i].offset);
}

static void put_field(struct buf *out, uint8_t tag, struct view bytes) {
    if (!bytes.len)
        return;
    buf_put_u8(out, tag);
    buf_put_sized(out, bytes);
}

static void put_number_field(struct buf *out, uint8_t tag, uint64_t n) {
    if (!n)
        return;
    buf_put_u8(out, tag);
    buf_put_u32(out, 8);
    buf_put_u64(out, n);
}

static void put_relation(struct buf *out, const struct relation *relation) {
    buf_put_u8(out, TAG_RELATION);
    buf_put_u32(
        out, (uint32_t)(12 + relation->rel.len + relation->ref.len + relation->guid.len));
    buf_put_sized(out, relation->rel);
    buf_put_sized(out, relation->ref);
    buf_put_sized(out, relation->guid);
}

static void put_take(struct buf *out, const struct take *take) {
    if (!take->n && !take->more)
        return;
    buf_put_u8(out, TAG_TAKE);
    buf_put_u32(out, 9);
    buf_put_u32(out, take->n);
    buf_put_u32(out, take->of);
    buf_put_u8(out, take->more);
}

void report_encode(const struct report *report, struct buf *out) {
    struct report copy = *report;

    buf_put_u8(out, ENCODING_VERSION);
    for (size_t i = 0; i < VIEW_FIELDS; i++)
        put_field(out, view_fields[i].tag, *field_of(&copy, i));
    for (size_t i = 0; i < report->keyword_count; i++)
        put_field(out, TAG_KEYWORD, report->keywords[i]);
    for (size_t i = 0; i < report->category_count; i++)
        put_field(out, TAG_CATEGORY, report->categories[i]);
    for (size_t i = 0; i < report->relation_count; i++)
        put_relation(out, &report->relations[i]);
    put_take(out, &report->take);
    put_number_field(out, TAG_VERSION, report->version);
    put_number_field(out, TAG_RECEIVED, (uint64_t)report->received_ms);
    put_number_field(out, TAG_URGENCY, (uint64_t)report->urgency);
    put_number_field(out, TAG_EMBARGO, (uint64_t)report->embargo_ms);
    put_number_field(out, TAG_EXPIRES, (uint64_t)report->expires_ms);
}

static int read_number(uint8_t tag, struct view bytes, struct report *out) {
    uint64_t n;
    int err = bytes.len == 8 ? view_take_u64(&bytes, &n) : ERR_FORMAT;

    if (err)
        return err;
    if (tag == TAG_VERSION)
        out->version = n;
    else if (tag == TAG_RECEIVED)
        out->received_ms = (int64_t)n;
    else if (tag == TAG_EMBARGO)
        out->embargo_ms = (int64_t)n;
    else if (tag == TAG_EXPIRES)
        out->expires_ms = (int64_t)n;
    else if (n <= 9)
        out->urgency = (int)n;
    else
        return ERR_FORMAT;
    return 0;
}

static int read_listed(struct view bytes, struct view *list, size_t *count, size_t most) {
    if (utf8_valid_prefix(bytes) != bytes.len)
        return ERR_FORMAT;
    if (*count < most)
        list[(*count)++] = bytes;
    return 0;
}

static int take_text(struct view *from, struct view *out) {
    int err = view_take_sized(from, out);

    if (!err && utf8_valid_prefix(*out) != out->len)
        err = ERR_FORMAT;
    return err;
}

static int read_relation(struct view bytes, struct report *out) {
    struct relation relation = {0};
    int err = take_text(&bytes, &relation.rel);

    if (!err)
        err = take_text(&bytes, &relation.ref);
    if (!err)
        err = take_text(&bytes, &relation.guid);
    if (!err && out->relation_count < REPORT_RELATIONS)
        out->relations[out->relation_count++] = relation;
    return err;
}

static int read_take(struct view bytes, struct take *out) {
    uint32_t n = 0, of = 0;
    uint8_t more = 0;
    int err = view_take_u32(&bytes, &n);

    if (!err)
        err = view_take_u32(&bytes, &of);
    if (!err)
        err = view_take_u8(&bytes, &more);
    if (!err)
        *out = (struct take){n, of, more != 0};
    return err;
}

static int read_field(uint8_t tag, struct view bytes, struct report *out) {
    for (size_t i = 0; i < VIEW_FIELDS; i++) {
        if (view_fields[i].tag != tag)
            continue;
        if (utf8_valid_prefix(bytes) != bytes.len)
            return ERR_FORMAT;
        if (tag == TAG_EXTRA && !report_extra_valid(bytes))
            return ERR_FORMAT;
        *field_of(out, i) = bytes;
        return 0;
    }
    switch (tag) {
        case TAG_KEYWORD:
            return read_listed(bytes, out->keywords, &out->keyword_count,
                               REPORT_KEYWORDS);
        case TAG_CATEGORY:
            return read_listed(bytes, out->categories, &out->category_count,
                               REPORT_CATEGORIES);
        case TAG_RELATION:
            return read_relation(bytes, out);
        case TAG_TAKE:
            return read_take(bytes, &out->take);
        case TAG_VERSION:
        case TAG_RECEIVED:
        case TAG_URGENCY:
        case TAG_EMBARGO:
        case TAG_EXPIRES:
            return read_number(tag, bytes, out);
        default:
            return 0;
    }
}

int report_decode(struct view bytes, struct report *out, struct diag *diag) {
    const char *begin = bytes.at;
    struct report report = {0};
    uint8_t version, tag;
    int err = view_take_u8(&bytes, &version);

    if (err)
        diag_set(diag, 0, "report: %s", err_text(err));
    if (!err && version != ENCODING_VERSION) {
        diag_set(diag, 0, "report encoding version %u, this program reads %u", version,
                 ENCODING_VERSION);
        return ERR_VERSION;
    }
    while (!err && bytes.len) {
        struct view field = {0};
        size_t at = (size_t)(bytes.at - begin);
        err = view_take_u8(&bytes, &tag);
        if (!err)
            err = view_take_sized(&bytes, &field);
        if (!err)
            err = read_field(tag, field, &report);
        if (err)
            diag_set(diag, at, "report field %u: %s", tag, err_text(err));
    }
    if (!err && !report.text.len && !report.guid.len) {
        diag_set(diag, 0, "report has neither text nor guid");
        err = ERR_FORMAT;
    }
    if (!err)
        *out = report;
    return err;
}

bool report_cancels(const struct report *report) {
    return view_is(report->status, "canceled") || view_is(report->action, "kill");
}

struct view report_guid_or_digest(const struct report *report, struct arena *arena) {
    static const char prefix[] = "digest:";
    struct digest digest;
    char *name;

    if (report->guid.len)
        return report->guid;
    digest = digest_of(report->text);
    name = arena_alloc(arena, sizeof prefix - 1 + HEX16);
    memcpy(name, prefix, sizeof prefix - 1);
    hex16(digest.bytes, name + sizeof prefix - 1);
    return view_of(name);
}

/* ---- plain text ---- */

static struct view warning_of(struct arena *arena, const char *charset, size_t invalid) {
    char text[120];
    int n = 0;

    if (invalid)
        n = snprintf(text, sizeof text, "%zu invalid %s sequences replaced", invalid,
                     charset);
    return view_n(arena_copy(arena, text, (size_t)n), (size_t)n);
}

int report_from_text(struct view raw, const struct charset *charset, struct report *out,
                     struct arena *arena, struct diag *diag) {
    struct charset used = charset ? *charset : charset_guess(raw);
    struct report report = {.format = VIEW_LIT("text")};
    struct buf text = {0};
    size_t invalid;

    utf8_clean(charset_text(&used, raw, arena, &invalid), &text, NULL);
    report.text = view_n(arena_copy(arena, buf_view(&text).at, text.len), text.len);
    buf_release(&text);
    report.charset =
        view_n(arena_copy(arena, used.name, strlen(used.name)), strlen(used.name));
    report.warning = warning_of(arena, used.name, invalid);
    if (!view_trim(report.text).len) {
        diag_set(diag, 0, "the document has no text");
        return ERR_FORMAT;
    }
    *out = report;
    return 0;
}

/* ---- dates ---- */

static bool digits(struct view *from, size_t count, unsigned *out) {
    struct view part;
    uint64_t n;

    if (view_take(from, count, &part) || !view_number(part, &n))
        return false;
    *out = (unsigned)n;
    return true;
}

static bool mark(struct view *from, char c) {
    if (!from->len || from->at[0] != c)
        return false;
    from->at++;
    from->len--;
    return true;
}

static bool zone_valid(struct view rest) {
    unsigned hour, minute = 0;

    if (!rest.len || view_is(rest, "Z"))
        return true;
    if (!mark(&rest, '+') && !mark(&rest, '-'))
        return false;
    if (!digits(&rest, 2, &hour))
        return false;
    if ((mark(&rest, ':') || rest.len) && !digits(&rest, 2, &minute))
        return false;
    return !rest.len && hour <= 18 && minute <= 59;
}

/* The digits after a second's decimal point, one at least. */
static bool fraction(struct view *from) {
    size_t n = 0;

    while (n < from->len && from->at[n] >= '0' && from->at[n] <= '9')
        n++;
    from->at += n;
    from->len -= n;
    return n > 0;
}

static bool time_valid(struct view rest) {
    unsigned hour, minute, second = 0;

    if (!digits(&rest, 2, &hour) || !mark(&rest, ':') || !digits(&rest, 2, &minute))
        return false;
    if (mark(&rest, ':')) {
        if (!digits(&rest, 2, &second) || (mark(&rest, '.') && !fraction(&rest)))
            return false;
    }
    if (hour == 24 && (minute || second))
        return false;
    return hour <= 24 && minute <= 59 && second <= 60 && zone_valid(rest);
}

bool report_date_valid(struct view date) {
    unsigned year, month, day;

    if (!digits(&date, 4, &year) || !mark(&date, '-') || !digits(&date, 2, &month) ||
        !mark(&date, '-') || !digits(&date, 2, &day))
        return false;
    if (month < 1 || month > 12 || day < 1 ||
        day > (unsigned)calendar_month_days((int)year, (int)month))
        return false;
    return !date.len || ((mark(&date, 'T') || mark(&date, ' ')) && time_valid(date));
}
