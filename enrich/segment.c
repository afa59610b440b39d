/* Lines and what they are. A line is furniture when it shows by itself (furniture.c) or
 * by its neighbours: a second copy, an excerpt of what follows, a link under "More:".
 * Where it is not sure, a line is body. */
#include "enrich/segment.h"

#include <stdlib.h>

#include "enrich/chars.h"
#include "enrich/stage.h"
#include "proto/mem.h"

struct view segment_trim(struct view line) {
    unsigned len;

    for (;;) {
        if (!line.len || char_next(line.at, line.at + line.len, &len) > CHAR_LINE)
            break;
        line.at += len;
        line.len -= len;
    }
    while (line.len) {
        const char *last = line.at + line.len - 1;
        while (last > line.at && ((unsigned char)*last & 0xC0) == 0x80)
            last--;
        if (char_next(last, line.at + line.len, &len) > CHAR_LINE)
            break;
        line.len = (size_t)(last - line.at);
    }
    return line;
}

static void split_lines(struct segmenter *s) {
    struct view rest = s->doc->text, raw;
    bool gap = false;

    while (view_split(&rest, '\n', &raw)) {
        struct line *line;
        struct view text = segment_trim(raw);
        if (!text.len) {
            gap = true;
            continue;
        }
        s->lines = arena_grow(s->doc->arena, s->lines, s->count, s->count + 1,
                              sizeof *s->lines, &s->cap);
        line = &s->lines[s->count++];
        *line = (struct line){.text = text,
                              .start = (uint32_t)(text.at - s->doc->text.at),
                              .kind = NOT_FURNITURE,
                              .to = (uint32_t)text.len,
                              .gap = gap};
        line->hash = furniture_line_hash(text, LINE_BEGINS, &line->words);
        gap = false;
    }
}

void segment_mark(struct line *line, enum furniture_kind kind) {
    line->role = kind == FURNITURE_CAPTION ? LINE_CAPTION : LINE_FURNITURE;
    line->kind = (uint8_t)kind;
    line->claim = CLAIM_SURE;
}

bool segment_ends_like_prose(struct view line) {
    static const char *const ends[] = {"”", ".’", "»", "。", "।", "؟", ".)", ".'"};
    unsigned char last = line.len ? (unsigned char)line.at[line.len - 1] : 'a';

    if (last == '.' || last == '!' || last == '?' || last == '"')
        return true;
    if (last < 0x80 && last != ')' && last != '\'')
        return false;
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        size_t n = strlen(ends[i]);
        if (line.len >= n && !memcmp(line.at + line.len - n, ends[i], n))
            return true;
    }
    return false;
}

bool segment_is_prose(const struct line *line) {
    return (line->text.len >= 90 && segment_ends_like_prose(line->text)) ||
           line->text.len >= 260;
}

bool segment_cut_short(struct view line) {
    return line.len > 3 && (!memcmp(line.at + line.len - 3, "…", 3) ||
                            !memcmp(line.at + line.len - 3, "...", 3));
}

bool segment_is_link(const struct line *line) {
    struct view text = line->text;

    return text.len <= 130 && (segment_cut_short(text) || text.at[text.len - 1] != '.') &&
           (text.len <= 90 || !segment_ends_like_prose(text));
}

bool segment_may_date(struct view line) {
    size_t n = line.len < 100 ? line.len : 100;

    if (line.len <= 40 || line.at[0] == '(')
        return true;
    return memchr(line.at, '-', n) || memchr(line.at, '(', n) ||
           memchr(line.at, ':', n) || memchr(line.at, 0xE2, n) ||
           memchr(line.at, '/', n) || memchr(line.at, '_', n) || memchr(line.at, '|', n);
}

size_t segment_next(const struct segmenter *s, size_t from) {
    while (from < s->count && s->lines[from].role != LINE_BODY)
        from++;
    return from;
}

/* The short lines under "Media contact:" or "Tags:". */
static size_t mark_block(struct segmenter *s, size_t i) {
    enum furniture_kind kind = s->lines[i].kind;
    unsigned most = kind == FURNITURE_NAVIGATION ? 3 : 8;

    for (size_t n = 1; n <= 8 && i + n < s->count; n++) {
        struct line *line = &s->lines[i + n];
        bool number = line->role == LINE_FURNITURE && line->kind == FURNITURE_NAVIGATION;
        if (line->gap || line->words > most || (line->role != LINE_BODY && !number) ||
            segment_ends_like_prose(line->text))
            return i + n - 1;
        segment_mark(line, kind);
    }
    return i;
}

static void mark_single_lines(struct segmenter *s) {
    bool blocks = false;

    for (size_t i = 0; i < s->count; i++) {
        struct line *line = &s->lines[i];
        struct furniture_verdict v = furniture_of_line(s->phrases, line->text);
        if (v.kind == NOT_FURNITURE || (memchr(line->text.at, '|', line->text.len) &&
                                        i < 40 && segment_read_date_line(s, i, true)))
            continue;
        line->kind = (uint8_t)v.kind;
        if (v.claim == CLAIM_SURE || v.claim == CLAIM_BLOCK)
            segment_mark(line, v.kind);
        line->claim = (uint8_t)v.claim;
        line->button = v.button;
        blocks |= v.claim == CLAIM_BLOCK;
    }
    for (size_t i = 0; blocks && i < s->count; i++)
        if (s->lines[i].claim == CLAIM_BLOCK && s->lines[i].role != LINE_BODY)
            i = mark_block(s, i);
}

/* Does the line give the beginning of one of the next lines, and then break off? */
static bool is_teaser(const struct segmenter *s, size_t i) {
    struct view line = s->lines[i].text;

    if (!segment_cut_short(line) || s->lines[i].words < 8)
        return false;
    for (size_t k = i + 1; k < s->count && k < i + 40; k++) {
        struct view later = s->lines[k].text;
        size_t n = 0;
        while (n < line.len && n < later.len && line.at[n] == later.at[n])
            n++;
        if (n >= 50 || n + 4 >= line.len)
            return true;
    }
    return false;
}

/* Hashes met so far, each with the first line that had it. */
struct met {
    struct {
        uint64_t hash;
        struct line *line; /* NULL: free */
    } * slots;
    size_t size; /* a power of two */
};

static struct met met_none(const struct segmenter *s) {
    struct met met = {.size = 16};

    while (met.size < s->count * 2)
        met.size *= 2;
    met.slots = arena_zalloc(s->doc->arena, met.size * sizeof *met.slots);
    return met;
}

/* The line that had this hash first; NULL: it is `line`. */
static struct line *met_before(struct met *met, uint64_t hash, struct line *line) {
    size_t slot = (size_t)(hash * 0x9e3779b97f4a7c15u >> 32) & (met->size - 1);

    while (met->slots[slot].line && met->slots[slot].hash != hash)
        slot = (slot + 1) & (met->size - 1);
    if (met->slots[slot].line)
        return met->slots[slot].line;
    met->slots[slot].hash = hash;
    met->slots[slot].line = line;
    return NULL;
}

/* Of lines that begin alike, those that go on alike. */
static void mark_copies(struct segmenter *s) {
    struct met met = met_none(s);

    for (size_t i = 0; i < s->count; i++) {
        struct line *line = &s->lines[i];
        unsigned words;
        uint64_t hash;
        if (!line->alike)
            continue;
        hash = furniture_line_hash(line->text, SIZE_MAX, &words);
        if (met_before(&met, hash, line))
            segment_mark(line, FURNITURE_REPEAT);
    }
}

/* The second copy of a line is a repeat; a line of a few words may come again. */
static void mark_repeats(struct segmenter *s) {
    struct met met = met_none(s);
    bool any = false;

    for (size_t i = 0; i < s->count; i++) {
        struct line *line = &s->lines[i], *first;
        if (line->role == LINE_FURNITURE || line->words < 4 ||
            strchr("*-+", line->text.at[0])) /* lists may say a thing twice */
            continue;
        if (is_teaser(s, i)) {
            segment_mark(line, FURNITURE_TEASER);
            continue;
        }
        first = met_before(&met, line->hash, line);
        if (first)
            first->alike = line->alike = any = true;
    }
    if (any)
        mark_copies(s);
}

struct segment {
    const struct gazetteer *gazetteer; /* knows the places of datelines */
    struct phrases *phrases;
};

static int open_stage(const struct gazetteer *gazetteer, void **state,
                      struct diag *diag) {
    struct segment *segment = mem_alloc(sizeof *segment);

    (void)diag;
    segment->gazetteer = gazetteer;
    segment->phrases = phrases_new();
    *state = segment;
    return 0;
}

static void close_stage(void *state) {
    struct segment *segment = state;

    phrases_free(segment->phrases);
    free(segment);
}

static void run(void *state, struct doc *doc) {
    const struct segment *segment = state;
    struct segmenter s = {
        .doc = doc, .gazetteer = segment->gazetteer, .phrases = segment->phrases};

    split_lines(&s);
    mark_single_lines(&s);
    mark_repeats(&s);
    segment_find_headline(&s);
    segment_mark_links(&s);
    segment_read_head(&s);
    segment_mark_around(&s);
    segment_put(&s);
}

const struct stage stage_segment = {
    .name = "segment", .open = open_stage, .run = run, .close = close_stage};
