#include "ingest/format/blocks.h"

#include "proto/utf8.h"

#define NO_ITEM SIZE_MAX

enum kind {
    INLINE, /* and whatever nobody knows */
    PARAGRAPH,
    LINE,
    BREAK,
    ITEM,
    LIST,
    TABLE,
    ROW,
    CELL,
    PRE,
    QUOTE,
    FRACTION,
    DENOMINATOR,
    LEFT_OUT
};

#define NAME_MAX_BYTES 16

struct element {
    char name[NAME_MAX_BYTES]; /* padded with zeros */
    enum kind kind;
};

static const struct element of_1[] = {{"p", PARAGRAPH}, {"q", QUOTE}};
static const struct element of_2[] = {
    {"br", BREAK},     {"li", ITEM},      {"td", CELL},      {"tr", ROW},
    {"th", CELL},      {"h1", PARAGRAPH}, {"h2", PARAGRAPH}, {"h3", PARAGRAPH},
    {"h4", PARAGRAPH}, {"h5", PARAGRAPH}, {"h6", PARAGRAPH}, {"hr", PARAGRAPH},
    {"ul", LIST},      {"ol", LIST},      {"dl", LIST},      {"dt", ITEM},
    {"dd", ITEM},      {"bq", PARAGRAPH}, {"fn", PARAGRAPH}};
static const struct element of_3[] = {
    {"div", PARAGRAPH}, {"pre", PRE},      {"hl1", PARAGRAPH}, {"hl2", PARAGRAPH},
    {"nav", PARAGRAPH}, {"svg", LEFT_OUT}, {"xmp", PRE},       {"dir", LIST}};
static const struct element of_4[] = {
    {"main", PARAGRAPH}, {"form", PARAGRAPH}, {"note", PARAGRAPH}, {"body", PARAGRAPH},
    {"head", LEFT_OUT},  {"menu", LIST},      {"frac", FRACTION}};
static const struct element of_5[] = {
    {"table", TABLE},    {"tbody", ROW},       {"thead", ROW},
    {"tfoot", ROW},      {"aside", PARAGRAPH}, {"block", PARAGRAPH},
    {"style", LEFT_OUT}, {"title", LEFT_OUT},  {"video", LEFT_OUT},
    {"audio", LEFT_OUT}, {"media", PARAGRAPH}, {"denom", DENOMINATOR},
    {"byttl", LINE}};
static const struct element of_6[] = {
    {"script", LEFT_OUT},  {"iframe", LEFT_OUT},  {"object", LEFT_OUT},
    {"applet", LEFT_OUT},  {"canvas", LEFT_OUT},  {"select", LEFT_OUT},
    {"figure", PARAGRAPH}, {"header", PARAGRAPH}, {"footer", PARAGRAPH},
    {"center", PARAGRAPH}, {"legend", PARAGRAPH}, {"hgroup", PARAGRAPH},
    {"button", PARAGRAPH}, {"dialog", PARAGRAPH}, {"credit", PARAGRAPH},
    {"byline", PARAGRAPH}, {"rights", PARAGRAPH}, {"series", PARAGRAPH},
    {"option", LINE}};
static const struct element of_7[] = {
    {"section", PARAGRAPH}, {"article", PARAGRAPH}, {"caption", PARAGRAPH},
    {"address", PARAGRAPH}, {"details", PARAGRAPH}, {"summary", PARAGRAPH},
    {"listing", PRE},       {"hedline", PARAGRAPH}, {"tagline", PARAGRAPH}};
static const struct element of_8[] = {{"noscript", LEFT_OUT},  {"template", LEFT_OUT},
                                      {"textarea", LEFT_OUT},  {"datalist", LEFT_OUT},
                                      {"noframes", LEFT_OUT},  {"noembed", LEFT_OUT},
                                      {"fieldset", PARAGRAPH}, {"dateline", PARAGRAPH},
                                      {"abstract", PARAGRAPH}, {"body.end", PARAGRAPH}};
static const struct element of_9[] = {{"body.head", PARAGRAPH}, {"plaintext", PRE}};
static const struct element of_10[] = {{"blockquote", PARAGRAPH},
                                       {"figcaption", PARAGRAPH},
                                       {"datasource", PARAGRAPH},
                                       {"nitf-table", TABLE}};
static const struct element of_11[] = {{"distributor", PARAGRAPH}};
static const struct element of_12[] = {
    {"body.content", PARAGRAPH}, {"media-object", LEFT_OUT}, {"bibliography", PARAGRAPH}};
static const struct element of_13[] = {{"media-caption", PARAGRAPH}};
static const struct element of_14[] = {{"media-producer", PARAGRAPH},
                                       {"media-metadata", LEFT_OUT}};

#define ELEMENTS(list)                                                                   \
    { list, sizeof(list) / sizeof *(list) }
static const struct {
    const struct element *all;
    size_t count;
} elements[] = {{NULL, 0},       ELEMENTS(of_1),  ELEMENTS(of_2),  ELEMENTS(of_3),
                ELEMENTS(of_4),  ELEMENTS(of_5),  ELEMENTS(of_6),  ELEMENTS(of_7),
                ELEMENTS(of_8),  ELEMENTS(of_9),  ELEMENTS(of_10), ELEMENTS(of_11),
                ELEMENTS(of_12), ELEMENTS(of_13), ELEMENTS(of_14)};

static enum kind kind_of(struct view name) {
    char folded[NAME_MAX_BYTES] = {0};

    if (name.len >= sizeof elements / sizeof *elements)
        return INLINE;
    for (size_t i = 0; i < name.len; i++)
        folded[i] = name.at[i] >= 'A' && name.at[i] <= 'Z' ? (char)(name.at[i] | 0x20)
                                                           : name.at[i];
    for (size_t i = 0; i < elements[name.len].count; i++)
        if (!memcmp(folded, elements[name.len].all[i].name, NAME_MAX_BYTES))
            return elements[name.len].all[i].kind;
    return INLINE;
}

bool blocks_leaves_out(struct view name) { return kind_of(name) == LEFT_OUT; }

bool blocks_breaks(struct view name) {
    enum kind kind = kind_of(name);
    return kind != INLINE && kind < QUOTE;
}

void blocks_begin(struct blocks *b, struct buf *out) {
    *b = (struct blocks){.out = out, .begin = out->len, .item = NO_ITEM};
}

void blocks_begin_lines(struct blocks *b, struct buf *out) {
    blocks_begin(b, out);
    b->lines = true;
}

/* ---- what stands between the words ---- */

/* The first paragraph of a cell or item stands where the cell does. */
static void need(struct blocks *b, enum blocks_gap gap) {
    if (b->out->len != b->item && b->due < gap)
        b->due = gap;
}

static void need_break(struct blocks *b) {
    need(b, b->due < GAP_LINE ? GAP_LINE : GAP_PARAGRAPH);
}

/* Before a character: what is due. */
static void put_gap(struct blocks *b) {
    if (b->out->len > b->begin) {
        if (b->due >= GAP_LINE) {
            b->broken = b->broken || (b->cell && b->out->len > b->cell_begin);
            buf_put(b->out, "\n\n", b->due == GAP_LINE ? 1 : 2);
        } else if (b->due == GAP_BLANK && !b->tabs) {
            buf_put_u8(b->out, ' ');
        }
        for (; b->tabs; b->tabs--)
            buf_put_u8(b->out, '\t');
    }
    b->due = GAP_NONE;
    b->tabs = 0;
}

/* ---- tables ---- */

static void end_cell(struct blocks *b) {
    if (b->cell && b->out->len != b->cell_begin)
        b->due = b->broken ? GAP_PARAGRAPH : GAP_NONE;
    b->cell = false;
    b->item = NO_ITEM;
}

static void begin_cell(struct blocks *b) {
    end_cell(b);
    if (!b->cells++)
        need(b, GAP_LINE);
    else if (!b->broken)
        b->tabs++;
    b->cell = true;
    b->item = b->cell_begin = b->out->len;
}

static void end_row(struct blocks *b, enum blocks_gap gap) {
    end_cell(b);
    need(b, b->broken ? GAP_PARAGRAPH : gap);
    b->cells = b->tabs = 0;
    b->broken = false;
}

/* ---- text kept as it is ---- */

static void begin_pre(struct blocks *b) {
    need(b, GAP_PARAGRAPH);
    b->pre = true;
    b->pre_begin = NO_ITEM;
}

/* A pre without words leaves no trace. */
static void end_pre(struct blocks *b) {
    struct buf *out = b->out;

    if (!b->pre)
        return;
    b->pre = false;
    if (b->pre_begin != NO_ITEM) {
        while (out->len > b->pre_begin && strchr(" \n\t", out->at[out->len - 1]))
            out->len--;
        if (out->len == b->pre_begin)
            out->len = b->pre_gap;
    }
    b->due = GAP_NONE;
    need(b, GAP_PARAGRAPH);
}

static void put_pre_gap(struct blocks *b) {
    if (b->pre_begin != NO_ITEM) {
        put_gap(b);
        return;
    }
    b->pre_gap = b->out->len;
    put_gap(b);
    b->pre_begin = b->out->len;
}

static bool invisible(uint32_t cp) {
    return cp == 0xAD || cp == 0x200B || cp == 0x2060 || cp == 0xFEFF ||
           (cp < 0x20 && cp != '\n' && cp != '\t') || (cp >= 0x7F && cp < 0xA0);
}

/* ---- running text ---- */

/* What a byte is in running text: p plain, s a blank, 2 and 3 the first of so many, e the
 * E2 that also begins invisible ones; r rare: controls, what may be invisible or a blank,
 * what is bounded in its second byte, what is no UTF-8. */
static const char bytes_are[] = "rrrrrrrrrsssssrrrrrrrrrrrrrrrrrr" // 00: TAB LF VT FF CR
                                "sppppppppppppppppppppppppppppppp"
                                "pppppppppppppppppppppppppppppppp" // 40
                                "pppppppppppppppppppppppppppppppr"
                                "rrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrr" // 80
                                "rrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrr"
                                "rrr22222222222222222222222222222" // C0
                                "r3e3333333333r3rrrrrrrrrrrrrrrrr";

static char byte_of(char c) { return bytes_are[(unsigned char)c]; }
static bool continues(char c) { return ((unsigned char)c & 0xC0) == 0x80; }

/* The length of the sequence of several bytes at p, if it can be copied; else 0. */
static size_t sequence(const char *p, size_t left) {
    char byte = byte_of(*p);

    if (byte == '2')
        return left > 1 && continues(p[1]) ? 2 : 0;
    if ((byte != '3' && byte != 'e') || left < 3 || !continues(p[1]) || !continues(p[2]))
        return 0;
    if (byte == 'e' && (!memcmp(p, "\xE2\x80\x8B", 3) || !memcmp(p, "\xE2\x81\xA0", 3)))
        return 0;
    return 3;
}

/* How much of the text can be copied as it is: words with one space between them. */
static size_t run_length(struct view text) {
    const char *p = text.at, *const end = p + text.len;

    while (p < end) {
        size_t len = 0;
        if (byte_of(*p) == 'p')
            len = 1;
        else if (*p == ' ' && p > text.at && end - p > 1)
            len = byte_of(p[1]) == 'p' || sequence(p + 1, (size_t)(end - p - 1)) ? 1 : 0;
        else
            len = sequence(p, (size_t)(end - p));
        if (!len)
            break;
        p += len;
    }
    return (size_t)(p - text.at);
}

static bool is_quote(const char *p, size_t len) {
    static const char *const marks[] = {"\"", "“", "”", "„", "«",
                                        "»",  "‘", "’", "‹", "›"};

    for (size_t i = 0; i < sizeof marks / sizeof *marks; i++)
        if (len >= strlen(marks[i]) && !memcmp(p, marks[i], strlen(marks[i])))
            return true;
    return false;
}

static bool ends_with_quote(const struct blocks *b) {
    size_t len = b->out->len - b->begin;
    const char *end = b->out->at + b->out->len;

    return (len > 0 && is_quote(end - 1, 1)) || (len > 1 && is_quote(end - 2, 2)) ||
           (len > 2 && is_quote(end - 3, 3));
}

static void put_words(struct blocks *b, const char *at, size_t len) {
    if (!len)
        return;
    if (b->due || b->tabs)
        put_gap(b);
    if (b->quote) {
        b->quote = false;
        if (!is_quote(at, len))
            buf_put_text(b->out, "“");
    }
    buf_put(b->out, at, len);
}

/* Takes the blanks off the front of *text. */
static void text_blanks(struct blocks *b, struct view *text) {
    unsigned ends = 0;

    for (; text->len && byte_of(text->at[0]) == 's'; text->at++) {
        bool pair = text->at[0] == '\r' && text->len > 1 && text->at[1] == '\n';
        ends += text->at[0] == '\n' || (text->at[0] == '\r' && !pair);
        text->len--;
    }
    b->due = b->due ? b->due : GAP_BLANK;
    if (b->lines && ends > 1)
        need(b, GAP_PARAGRAPH);
}

static void put_char(struct blocks *b, uint32_t cp) {
    char bytes[4];
    struct buf one = {bytes, 0, sizeof bytes};

    utf8_put(&one, cp);
    put_words(b, bytes, one.len);
}

static void text_rare(struct blocks *b, struct view *text) {
    uint32_t cp = utf8_take(text);

    if (cp == 0xA0 || cp == 0x85)
        b->due = b->due ? b->due : GAP_BLANK;
    else if (!invisible(cp))
        put_char(b, cp);
}

static void text_pre(struct blocks *b, struct view text) {
    while (text.len) {
        uint32_t cp = utf8_take(&text);
        if (cp == '\r' && (!text.len || text.at[0] != '\n'))
            cp = '\n';
        if (invisible(cp) || (cp == '\n' && b->pre_begin == NO_ITEM))
            continue;
        put_pre_gap(b);
        put_char(b, cp == 0xA0 ? ' ' : cp);
    }
}

void blocks_text(struct blocks *b, struct view text) {
    if (b->left_out)
        return;
    if (b->pre) {
        text_pre(b, text);
        return;
    }
    while (text.len) {
        size_t run = run_length(text);
        put_words(b, text.at, run);
        text = view_n(text.at + run, text.len - run);
        if (!text.len)
            return;
        if (byte_of(text.at[0]) == 's')
            text_blanks(b, &text);
        else
            text_rare(b, &text);
    }
}

/* ---- elements ---- */

static char last_byte(const struct blocks *b) {
    return b->out->len > b->begin && !b->due ? b->out->at[b->out->len - 1] : ' ';
}

static void open_kind(struct blocks *b, enum kind kind) {
    switch (kind) {
        case INLINE:
            break;
        case PARAGRAPH:
            need(b, GAP_PARAGRAPH);
            break;
        case LINE:
            need(b, GAP_LINE);
            break;
        case BREAK:
            need_break(b);
            break;
        case ITEM:
            need(b, GAP_LINE);
            b->item = b->out->len;
            break;
        case LIST:
            need(b, GAP_PARAGRAPH);
            break;
        case TABLE:
            end_row(b, GAP_PARAGRAPH);
            break;
        case ROW:
            end_row(b, GAP_LINE);
            break;
        case CELL:
            begin_cell(b);
            break;
        case PRE:
            end_pre(b);
            begin_pre(b);
            break;
        case QUOTE:
            b->quotes++;
            b->quote = true;
            break;
        case FRACTION:
            if (last_byte(b) >= '0' && last_byte(b) <= '9')
                b->due = GAP_BLANK;
            break;
        case DENOMINATOR:
            if (last_byte(b) != '/')
                blocks_text(b, VIEW_LIT("/"));
            break;
        case LEFT_OUT:
            b->left_out = 1;
            break;
    }
}

static void close_quote(struct blocks *b) {
    if (!b->quotes)
        return;
    b->quotes--;
    if (!b->quote && !ends_with_quote(b))
        buf_put_text(b->out, "”");
    b->quote = false;
}

static void close_kind(struct blocks *b, enum kind kind) {
    switch (kind) {
        case PARAGRAPH:
            need(b, GAP_PARAGRAPH);
            break;
        case LINE:
            need(b, GAP_LINE);
            break;
        case ITEM:
            b->item = NO_ITEM;
            need(b, GAP_LINE);
            break;
        case LIST:
            b->item = NO_ITEM;
            need(b, GAP_PARAGRAPH);
            break;
        case TABLE:
            end_row(b, GAP_PARAGRAPH);
            break;
        case ROW:
            end_row(b, GAP_LINE);
            break;
        case CELL:
            end_cell(b);
            break;
        case PRE:
            end_pre(b);
            break;
        case QUOTE:
            close_quote(b);
            break;
        default:
            break;
    }
}

void blocks_open(struct blocks *b, struct view name) {
    if (b->left_out)
        b->left_out++;
    else
        open_kind(b, kind_of(name));
}

void blocks_close(struct blocks *b, struct view name) {
    if (b->left_out)
        b->left_out--;
    else
        close_kind(b, kind_of(name));
}

void blocks_end(struct blocks *b) { end_pre(b); }
