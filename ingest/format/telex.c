#include "ingest/format/telex.h"

#include "ingest/format/story.h"
#include "proto/charset.h"
#include "proto/utf8.h"

#include <stdio.h>

enum control {
    SOH = 0x01,
    STX = 0x02,
    ETX = 0x03,
    EOT = 0x04,
    BEL = 0x07,
    TLI = 0x08,
    FF = 0x0c,
    SBF = 0x10,
    SYN = 0x16,
    RS = 0x1e,
    US = 0x1f,
    DEL = 0x7f
};

#define LINE_PIECE 256
#define FILL_MOST  4096 /* bytes before SOH that `looks` passes over */

static bool is_visible(char c) { return (unsigned char)c > ' ' && c != DEL; }

/* ---- parts ---- */

/* The first `mark`, or the end. */
static size_t find(struct view bytes, char mark) {
    const char *at =
        bytes.len > 0 ? memchr(bytes.at, (unsigned char)mark, bytes.len) : NULL;
    return at ? (size_t)(at - bytes.at) : bytes.len;
}

bool telex_begins(struct view bytes, struct view *rest) {
    size_t i = 0;
    while (i < bytes.len && i < FILL_MOST && bytes.at[i] != SOH && bytes.at[i] != STX &&
           !is_visible(bytes.at[i]))
        i++;
    if (i == bytes.len || (bytes.at[i] != SOH && bytes.at[i] != STX))
        return false;
    *rest = view_from(bytes, bytes.at[i] == SOH ? i + 1 : i);
    return true;
}

/* Takes what stands before the mark; true if it is there. */
static bool cut(struct view *bytes, char mark, struct view *before) {
    size_t n = find(*bytes, mark);
    bool found = n < bytes->len;
    *before = view_n(bytes->at, n);
    *bytes = view_from(*bytes, n + 1);
    return found;
}

#define BYTE_ORDER_MARK "\xEF\xBB\xBF"

static bool mark_at(struct view text, size_t i) {
    return view_starts(view_from(text, i), BYTE_ORDER_MARK);
}

/* A byte order mark says nothing within a message, and only looks like part of a name. */
static struct view without_marks(struct view text, struct arena *arena) {
    size_t i = find(text, BYTE_ORDER_MARK[0]), n;
    while (i < text.len && !mark_at(text, i))
        i += 1 + find(view_from(text, i + 1), BYTE_ORDER_MARK[0]);
    if (i >= text.len)
        return text;
    char *out = arena_copy(arena, text.at, text.len);
    for (n = i; i < text.len;)
        if (mark_at(text, i))
            i += sizeof BYTE_ORDER_MARK - 1;
        else
            out[n++] = text.at[i++];
    return view_n(out, n);
}

static struct view decoded(const struct format_input *in, struct report *report) {
    struct format_decoded d = format_decode(in, report);
    char text[80];
    if (d.invalid > 0) {
        snprintf(text, sizeof text, "%zu invalid %s sequences replaced", d.invalid,
                 d.charset.name);
        report_warn(report, in->arena, text);
    }
    return without_marks(d.text, in->arena);
}

void telex_open(struct telex *telex, const struct format_input *in,
                struct report *report) {
    struct view bytes = decoded(in, report), before, rest;
    *telex = (struct telex){{"", 0}, {"", 0}, {"", 0}, false, false, false};
    telex->soh = cut(&bytes, SOH, &before);
    if (!telex->soh)
        bytes = before;
    rest = bytes;
    telex->stx = cut(&rest, STX, &telex->head);
    if (!telex->stx) {
        telex->etx = cut(&bytes, ETX, &telex->head);
        rest = bytes;
    } else {
        telex->etx = cut(&rest, ETX, &telex->text);
    }
    if (!telex->etx) { // no tail: EOT ends the text
        struct view *last = telex->stx ? &telex->text : &telex->head;
        last->len = find(*last, EOT);
    }
    cut(&rest, EOT, &telex->tail);
}

/* ---- lines ---- */

/* The first CR or LF, or the end. By pieces: where all lines end with CR, the next LF may
 * be far. */
static size_t line_end(struct view rest) {
    for (size_t i = 0; i < rest.len; i += LINE_PIECE) {
        struct view piece = view_from(rest, i);
        if (piece.len > LINE_PIECE)
            piece.len = LINE_PIECE;
        size_t n = find(view_n(piece.at, find(piece, '\n')), '\r');
        if (n < piece.len)
            return i + n;
    }
    return rest.len;
}

bool telex_line(struct view *rest, struct view *line) {
    if (rest->len == 0)
        return false;
    size_t n = line_end(*rest);
    *line = view_n(rest->at, n);
    n += n + 1 < rest->len && rest->at[n] == '\r' && rest->at[n + 1] == '\n' ? 2 : 1;
    *rest = view_from(*rest, n);
    return true;
}

static bool is_empty(struct view line) {
    for (size_t i = 0; i < line.len; i++)
        if (is_visible(line.at[i]))
            return false;
    return true;
}

bool telex_full_line(struct view *rest, struct view *line) {
    while (telex_line(rest, line))
        if (!is_empty(*line))
            return true;
    return false;
}

static bool is_plain(struct view line) {
    for (size_t i = 0; i < line.len; i++)
        if ((unsigned char)line.at[i] < ' ' || line.at[i] == DEL ||
            (line.at[i] == ' ' && i > 0 && line.at[i - 1] == ' ') ||
            (unsigned char)line.at[i] == 0xC2)
            return false;
    return true;
}

static struct view trimmed(struct view line) {
    while (line.len > 0 && !is_visible(line.at[0]))
        line = view_from(line, 1);
    while (line.len > 0 && !is_visible(line.at[line.len - 1]))
        line.len--;
    return line;
}

struct view telex_plain(struct view line, struct arena *arena) {
    line = trimmed(line);
    if (line.len == 0)
        return VIEW_LIT("");
    if (is_plain(line))
        return line;
    char *out = arena_alloc(arena, line.len);
    size_t n = 0;
    for (size_t i = 0; i < line.len; i++) {
        unsigned char c = (unsigned char)line.at[i];
        bool blank = c == ' ' || c == '\t' || c == SBF || c == RS || c == US ||
                     c == '\n' || c == '\r';
        if (blank && n > 0 && out[n - 1] != ' ')
            out[n++] = ' ';
        else if (c == 0xC2 && i + 1 < line.len && (unsigned char)line.at[i + 1] < 0xA0)
            i++; // one of the controls beyond ASCII
        else if (c >= ' ' && c != DEL && !blank)
            out[n++] = (char)c;
    }
    return trimmed(view_n(out, n));
}

struct view telex_joined(struct view a, struct view b, struct arena *arena) {
    if (a.len == 0 || b.len == 0)
        return a.len == 0 ? b : a;
    char *out = arena_alloc(arena, a.len + 1 + b.len);
    memcpy(out, a.at, a.len);
    out[a.len] = ' ';
    memcpy(out + a.len + 1, b.at, b.len);
    return view_n(out, a.len + 1 + b.len);
}

struct view telex_word(struct view *rest) {
    while (rest->len > 0 && !is_visible(rest->at[0]))
        *rest = view_from(*rest, 1);
    struct view word = view_n(rest->at, 0);
    while (word.len < rest->len && is_visible(rest->at[word.len]))
        word.len++;
    *rest = view_from(*rest, word.len);
    return word;
}

size_t telex_bells(struct view text) {
    size_t n = 0;
    while ((text = view_from(text, find(text, BEL))).len > 0) {
        n++;
        text = view_from(text, 1);
    }
    return n;
}

/* ---- bylines ---- */

static bool same_letters(struct view a, struct view b) {
    if (a.len != b.len)
        return false;
    for (size_t i = 0; i < a.len; i++)
        if ((a.at[i] | 32) != (b.at[i] | 32))
            return false;
    return true;
}

bool telex_byline(struct view line, struct view agency, struct view *name) {
    static const char *const words[] = {"By ",  "BY ",  "by ",  "Von ", "VON ", "Par ",
                                        "PAR ", "Por ", "POR ", "Di ",  NULL};
    while (line.len > 0 && (line.at[line.len - 1] == '=' || line.at[line.len - 1] == ' '))
        line.len--;
    for (const char *const *word = words; *word; word++) {
        if (!view_starts(line, *word) || line.len > 200)
            continue;
        struct view rest = view_trim(view_from(line, strlen(*word)));
        const char *comma = rest.len > 0 ? memchr(rest.at, ',', rest.len) : NULL;
        for (const char *next = comma; next;
             next = memchr(next + 1, ',', (size_t)(rest.at + rest.len - next - 1)))
            comma = next;
        if (comma && agency.len > 0) {
            size_t before = (size_t)(comma - rest.at);
            if (same_letters(view_trim(view_from(rest, before + 1)), agency))
                rest.len = before;
        }
        *name = rest;
        return rest.len > 0 && ((unsigned char)rest.at[0] >= 0x80 ||
                                (rest.at[0] >= 'A' && rest.at[0] <= 'Z') ||
                                view_starts(rest, "dpa") || view_starts(rest, "unser"));
    }
    return false;
}
