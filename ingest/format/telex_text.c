/* The body of a telex message as text. First every line is cleaned and measured; from
 * all of them follows how wide the column was; then they are put together. */
#include "ingest/format/telex.h"
#include "proto/utf8.h"

#define COLUMN_LEAST  40  /* narrower lines were not broken by a column's end */
#define COLUMN_USUAL  69  /* of the teleprinter; where too few lines say */
#define COLUMN_MOST   110 /* wider ones are whole paragraphs */
#define DOUBLE_SPACED 4   /* so many lines must say so */

struct line {
    struct view text; /* cleaned, without blanks around it */
    unsigned indent;
    unsigned width; /* characters, at most COLUMN_MOST + 1 */
    unsigned gap;   /* empty lines before it */
    bool table;
    bool tabbed; /* indented by a tab */
};

struct body {
    struct line *lines;
    size_t count, cap;
    unsigned column; /* 0: lines are as the writer wanted them */
    bool double_spaced;
    struct arena *arena;
};

/* ---- lines ---- */

/* A control character of the second half, U+0080 to U+009F, in UTF-8. */
static bool is_far_control(struct view line, size_t i) {
    return (unsigned char)line.at[i] == 0xC2 && i + 1 < line.len &&
           (unsigned char)line.at[i + 1] < 0xA0;
}

static bool has_far_controls(struct view line) {
    for (size_t i = 0; i < line.len; i++)
        if (is_far_control(line, i))
            return true;
    return false;
}

static struct view cleaned(struct view line, struct arena *arena) {
    char *out = arena_alloc(arena, line.len);
    size_t n = 0;
    for (size_t i = 0; i < line.len; i++) {
        unsigned char c = (unsigned char)line.at[i];
        if (is_far_control(line, i))
            i++;
        else if (c == 0x10)
            out[n++] = ' ';
        else if (c == '\t' || ((c == 0x1e || c == 0x1f) && n > 0))
            out[n++] = '\t';
        else if (c >= ' ' && c != 0x7f)
            out[n++] = (char)c;
    }
    return view_n(out, n);
}

/* What is in a line, found eight bytes at a time. */
struct bytes {
    bool controls; /* or DEL */
    bool wide;     /* letters beyond ASCII */
    bool rows;     /* blanks or full stops side by side, bars, semicolons */
};

#define EACH(byte) (0x0101010101010101u * (byte))

/* The high bit of each byte that equals `c`; no byte may have its own set. */
static uint64_t equal(uint64_t word, unsigned char c) {
    return (EACH(0x80) - (word ^ EACH(c))) & EACH(0x80);
}

struct looker {
    uint64_t wide, controls, rows, last_blank, last_stop;
};

static inline void look_at(struct looker *l, uint64_t word) {
    uint64_t low = word & ~EACH(0x80), blank = equal(low, ' '), stop = equal(low, '.');
    l->wide |= word & EACH(0x80);
    l->controls |=
        ((low - EACH(0x20)) & ~word & EACH(0x80)) | ((low + EACH(1)) & EACH(0x80));
    l->rows |= (blank & (blank << 8 | l->last_blank)) |
               (stop & (stop << 8 | l->last_stop)) | equal(low, '|') | equal(low, ';');
    l->last_blank = blank >> 56;
    l->last_stop = stop >> 56;
}

static struct bytes look(struct view line) {
    struct looker l = {0};
    uint64_t word;
    size_t i = 0;
    for (; i + sizeof word <= line.len; i += sizeof word) {
        memcpy(&word, line.at + i, sizeof word);
        look_at(&l, word);
    }
    word = EACH('a');
    memcpy(&word, line.at + i, line.len - i);
    look_at(&l, word);
    return (struct bytes){
        .controls = l.controls != 0, .wide = l.wide != 0, .rows = l.rows != 0};
}

static unsigned width_of(struct view text, bool wide) {
    size_t n = text.len;
    if (n > 4 * COLUMN_MOST)
        return COLUMN_MOST + 1;
    for (size_t i = 0; wide && i < text.len; i++)
        n -= ((unsigned char)text.at[i] & 0xC0) == 0x80;
    return n > COLUMN_MOST ? COLUMN_MOST + 1 : (unsigned)n;
}

/* Set out in columns: bars, tabs, blanks or dots in a row in the middle, or semicolons
 * with no blank behind them. */
static bool has_columns(struct view text) {
    size_t run = 0, semicolons = 0;
    if (text.len > 0 && text.at[0] == '|')
        return true;
    for (size_t i = 1; i < text.len; i++) {
        char c = text.at[i];
        run = (c == ' ' || c == '.') && text.at[i - 1] == c ? run + 1 : 0;
        semicolons += text.at[i - 1] == ';' && c != ' ';
        if (c == '\t' || run >= (c == '.' ? 5u : 2u) || semicolons >= 3)
            return true;
    }
    return false;
}

static struct view without_indent(struct view raw, struct line *line) {
    size_t n = 0;
    while (n < raw.len && (raw.at[n] == ' ' || raw.at[n] == '\t'))
        line->tabbed |= raw.at[n++] == '\t';
    line->indent = (unsigned)(n < 255 ? n : 255);
    return view_n(raw.at + n, raw.len - n);
}

static struct view without_end(struct view text) {
    while (text.len > 0 &&
           (text.at[text.len - 1] == ' ' || text.at[text.len - 1] == '\t'))
        text.len--;
    return text;
}

static void measure(struct line *line, struct view raw, struct arena *arena) {
    bool marked = raw.len > 0 && raw.at[0] == 0x08;
    struct view text = without_indent(raw, line);
    struct bytes bytes = look(text);
    if (bytes.controls || (bytes.wide && has_far_controls(text))) {
        raw = cleaned(raw, arena);
        line->tabbed = false;
        text = without_indent(raw, line);
    }
    line->text = without_end(text);
    line->width = width_of(line->text, bytes.wide);
    line->tabbed = line->tabbed && !marked;
    line->table = marked || ((bytes.rows || bytes.controls) && has_columns(line->text));
    if (line->table && !line->tabbed) // blanks in front are part of its first column
        line->text = view_n(raw.at, (size_t)(line->text.at + line->text.len - raw.at));
}

static void add_line(struct body *body, struct view raw, unsigned *gap) {
    struct line line = {.gap = *gap};
    measure(&line, raw, body->arena);
    if (line.width == 0) {
        *gap += *gap < 9;
        return;
    }
    *gap = 0;
    body->lines = arena_grow(body->arena, body->lines, body->count, body->count + 1,
                             sizeof *body->lines, &body->cap);
    body->lines[body->count++] = line;
}

/* A form feed ends a line and a paragraph. */
static void add_pages(struct body *body, struct view raw, unsigned *gap) {
    struct view page;
    while (view_split(&raw, '\f', &page)) {
        add_line(body, page, gap);
        *gap += *gap == 0;
    }
}

/* ---- the column ---- */

/* The widest that several lines nearly fill; a single longer one is an address. */
static unsigned widest(const unsigned lines_of[COLUMN_MOST + 2], size_t count) {
    size_t want = count / 16 < 2 ? 2 : count / 16;
    if (count < 4)
        want = 1;
    for (unsigned w = COLUMN_MOST; w >= COLUMN_LEAST; w--) {
        size_t near = 0;
        for (unsigned i = 0; i < 6 && i < w; i++)
            near += lines_of[w - i];
        if (lines_of[w] > 0 && near >= want)
            return w;
    }
    return 0;
}

static void find_column(struct body *body) {
    unsigned lines_of[COLUMN_MOST + 2] = {0};
    size_t count = 0;
    for (size_t i = 0; i < body->count; i++)
        if (!body->lines[i].table) {
            lines_of[body->lines[i].width]++;
            count++;
        }
    if (lines_of[COLUMN_MOST + 1] * 8 > count)
        return;
    body->column = widest(lines_of, count);
    if (body->column == 0 && lines_of[COLUMN_MOST + 1] == 0)
        body->column = COLUMN_USUAL;
}

/* ---- putting together ---- */

static unsigned first_word(const struct line *line) {
    size_t n = 0;
    while (n < line->text.len && line->text.at[n] != ' ')
        n++;
    return width_of(view_n(line->text.at, n), true);
}

/* Would the next line's first word not have fitted behind it? */
static bool is_full(const struct body *body, const struct line *line) {
    return body->column > 0 &&
           line->indent + line->width + 1 + first_word(line + 1) > body->column;
}

static bool is_item(const struct line *line) {
    return line->text.len > 2 && strchr("-*+", line->text.at[0]) &&
           line->text.at[1] == ' ';
}

/* Every line has an empty one behind it. */
static void find_spacing(struct body *body) {
    size_t full = 0, gaps = 0, pairs = 0;
    for (size_t i = 0; i + 1 < body->count; i++) {
        const struct line *line = &body->lines[i];
        if (line->table || line[1].table || line[1].indent > 0)
            continue;
        pairs++;
        gaps += line[1].gap == 1;
        full += line[1].gap == 1 && is_full(body, line);
    }
    body->double_spaced =
        full >= DOUBLE_SPACED && full * 10 >= gaps * 7 && gaps * 4 >= pairs * 3;
}

/* Does line i go on in the next? `first`: the line its paragraph begins with. */
static bool goes_on(const struct body *body, size_t i, size_t first) {
    const struct line *line = &body->lines[i], *next = line + 1;
    bool hangs = is_item(&body->lines[first]) && !next->tabbed &&
                 next->indent == body->lines[first].indent + 2;
    if (line->table || next->table || next->tabbed || view_starts(next->text, "=="))
        return false;
    if (next->gap > (body->double_spaced ? 1u : 0u))
        return false;
    if (next->indent > 0 && !hangs && (i == first || next->indent != line->indent))
        return false;
    return is_full(body, line);
}

static bool new_paragraph(const struct body *body, size_t i) {
    const struct line *line = &body->lines[i], *before = line - 1;
    if (line->gap > 0)
        return true;
    return line->tabbed || (line->indent > before->indent && !line->table &&
                            !before->table && !is_item(line) && !is_item(before));
}

/* "short-" "sleeved" is one word, "Landes-" "und" are two. */
static bool hyphen_joins(struct view line, struct view next) {
    static const char *const words[] = {"und ", "oder ", "bzw", "and ", "or ",
                                        "to ",  "et ",   "y ",  NULL};
    if (line.len < 2 || line.at[line.len - 1] != '-' || line.at[line.len - 2] == '-' ||
        line.at[line.len - 2] == ' ')
        return false;
    for (const char *const *word = words; *word; word++)
        if (view_starts(next, *word))
            return false;
    return true;
}

static char *put(char *out, struct view text) {
    if (text.len > 0)
        memcpy(out, text.at, text.len);
    return out + text.len;
}

static char *put_lines(const struct body *body, char *out) {
    size_t first = 0;
    for (size_t i = 0; i < body->count; i++) {
        const struct line *line = &body->lines[i];
        out = put(out, line->text);
        if (i + 1 == body->count)
            break;
        if (goes_on(body, i, first)) {
            if (!hyphen_joins(line->text, line[1].text))
                *out++ = ' ';
            continue;
        }
        *out++ = '\n';
        if (new_paragraph(body, i + 1))
            *out++ = '\n';
        first = i + 1;
    }
    return out;
}

/* ---- marks of the seven-bit code ---- */

static bool has_pair(struct view text, char mark, char second) {
    const char *at = text.at, *end = text.at + text.len;
    while (at < end && (at = memchr(at, mark, (size_t)(end - at))))
        if (++at < end && *at == second)
            return true;
    return false;
}

static bool has_marks(struct view text) {
    return has_pair(text, '`', '`') || has_pair(text, '\'', '\'') ||
           has_pair(text, '_', ' ');
}

static bool blank_at(struct view text, size_t i) {
    return i >= text.len || text.at[i] == ' ' || text.at[i] == '\n';
}

struct view telex_marks(struct view text, struct arena *arena) {
    if (!has_marks(text))
        return text;
    char *made = arena_alloc(arena, text.len * 2 + 8), *out = made;
    for (size_t i = 0; i < text.len; i++) {
        char c = text.at[i], next = i + 1 < text.len ? text.at[i + 1] : 0;
        bool digit_before = i > 0 && text.at[i - 1] >= '0' && text.at[i - 1] <= '9';
        if (c == '`' && next == '`')
            out = put(out, VIEW_LIT("\xE2\x80\x9C"));
        else if (c == '\'' && next == '\'' && !(digit_before && !blank_at(text, i + 2)))
            out = put(out, VIEW_LIT("\xE2\x80\x9D"));
        else if (c == '_' && next == ' ' && i > 0 && text.at[i - 1] == ' ')
            out = put(out, VIEW_LIT("\xE2\x80\x94"));
        else
            *out++ = c;
        i += (c == '`' || c == '\'') && out[-1] != c;
    }
    return view_n(made, (size_t)(out - made));
}

struct view telex_text(struct view headline, struct view body_text, bool marks,
                       struct arena *arena) {
    struct body body = {.arena = arena};
    struct view line;
    unsigned gap = 0;
    size_t size = headline.len + 2;
    bool pages = body_text.len > 0 && memchr(body_text.at, '\f', body_text.len);
    while (telex_line(&body_text, &line))
        if (pages && memchr(line.at, '\f', line.len))
            add_pages(&body, line, &gap);
        else
            add_line(&body, line, &gap);
    find_column(&body);
    find_spacing(&body);
    for (size_t i = 0; i < body.count; i++)
        size += body.lines[i].text.len + 2;
    char *made = arena_alloc(arena, size), *out = put(made, headline);
    if (headline.len > 0 && body.count > 0)
        out = put(out, VIEW_LIT("\n\n"));
    out = put_lines(&body, out);
    struct view text = view_n(made, (size_t)(out - made));
    return marks ? telex_marks(text, arena) : text;
}
