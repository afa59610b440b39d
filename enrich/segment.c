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
                              .gap = gap};
        line->hash = furniture_line_hash(text, LINE_BEGINS, &line->words);
        gap = false;
    }
}

void segment_mark(struct line *line, enum furniture_kind kind) {
    line->role = LINE_FURNITURE;
    line->kind = (uint8_t)kind;
}

bool segment_ends_like_prose(struct view line) {
    static const char *const ends[] = {".",  "!",   "?",  ".”", ".\"", "?”", "?\"",
                                       "!”", "!\"", ".)", ".’", ".'",  "”",  "\""};

    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        size_t n = strlen(ends[i]);
        if (line.len >= n && !memcmp(line.at + line.len - n, ends[i], n))
            return true;
    }
    return false;
}

static bool cut_short(struct view line) {
    return line.len > 3 && (!memcmp(line.at + line.len - 3, "…", 3) ||
                            !memcmp(line.at + line.len - 3, "...", 3));
}

/* The links under "More:", up to the next line that is prose. */
static size_t mark_related(struct segmenter *s, size_t i) {
    segment_mark(&s->lines[i++], FURNITURE_RELATED);
    for (; i < s->count; i++) {
        const struct line *line = &s->lines[i];
        if (line->text.len > 130 || segment_ends_like_prose(line->text) ||
            line->words < 3)
            break;
        segment_mark(&s->lines[i], FURNITURE_RELATED);
    }
    return i - 1;
}

static void mark_single_lines(struct segmenter *s) {
    for (size_t i = 0; i < s->count; i++) {
        enum furniture_kind kind;
        if (furniture_related_head(s->lines[i].text)) {
            i = mark_related(s, i);
            continue;
        }
        kind = furniture_of_line(s->lines[i].text);
        if (kind != NOT_FURNITURE)
            segment_mark(&s->lines[i], kind);
    }
}

/* Does the line give the beginning of one of the next lines, and then break off? */
static bool is_teaser(const struct segmenter *s, size_t i) {
    struct view line = s->lines[i].text;

    if (!cut_short(line) || s->lines[i].words < 8)
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
        if (line->role == LINE_FURNITURE || line->words < 4)
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
};

static int open_stage(const struct gazetteer *gazetteer, void **state,
                      struct diag *diag) {
    struct segment *segment = mem_alloc(sizeof *segment);

    (void)diag;
    segment->gazetteer = gazetteer;
    *state = segment;
    return 0;
}

static void run(void *state, struct doc *doc) {
    const struct segment *segment = state;
    struct segmenter s = {.doc = doc, .gazetteer = segment->gazetteer};

    split_lines(&s);
    mark_single_lines(&s);
    mark_repeats(&s);
    segment_read_head(&s);
    segment_put(&s);
}

const struct stage stage_segment = {
    .name = "segment", .open = open_stage, .run = run, .close = free};
