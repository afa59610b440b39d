/* From the bytes of a document to UTF-8 that an XML parser takes. */
#include <stdarg.h>
#include <stdio.h>

#include "ingest/format/entities.h"
#include "ingest/format/xml_inside.h"
#include "proto/charset.h"
#include "proto/utf8.h"

#define BYTE_ORDER_MARK "\xEF\xBB\xBF"
#define DECLARATION     512 /* bytes in which an XML declaration ends */
#define REFERENCE       40  /* the longest name of HTML has 31 */

void xml_warn(struct view *warning, struct arena *arena, const char *format, ...) {
    struct diag clean = {0}; // words of the document may be no UTF-8
    char text[200];
    va_list args;
    struct buf all = {0};

    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    diag_set(&clean, 0, "%s", text);
    buf_put_view(&all, *warning);
    buf_put_text(&all, warning->len ? "; " : "");
    buf_put_text(&all, clean.text);
    *warning = view_n(arena_copy(arena, all.at, all.len), all.len);
    buf_release(&all);
}

static bool blank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

static size_t skip_blanks(struct view text, size_t at) {
    while (at < text.len && (blank(text.at[at]) || !text.at[at]))
        at++;
    return at;
}

static bool stands_at(struct view text, size_t at, const char *what) {
    return at <= text.len && view_starts(view_n(text.at + at, text.len - at), what);
}

/* Behind the next `mark`, which ends in '>'; text.len if there is none. */
static size_t behind(struct view text, size_t at, const char *mark) {
    size_t len = strlen(mark);

    while (at < text.len) {
        const char *end = memchr(text.at + at, '>', text.len - at);
        if (!end)
            break;
        at = (size_t)(end - text.at) + 1;
        if (at >= len && !memcmp(text.at + at - len, mark, len))
            return at;
    }
    return text.len;
}

/* The value of encoding="..." in an XML declaration; empty: it says none. */
static struct view declared_encoding(struct view raw) {
    size_t at = skip_blanks(raw, view_starts(raw, BYTE_ORDER_MARK) ? 3 : 0), end;

    if (!stands_at(raw, at, "<?xml"))
        return view_of(NULL);
    raw = view_n(raw.at, raw.len < at + DECLARATION ? raw.len : at + DECLARATION);
    end = behind(raw, at, "?>");
    while (at < end && !stands_at(raw, at, "encoding"))
        at++;
    at = skip_blanks(raw, at + 8);
    if (at >= end || raw.at[at] != '=')
        return view_of(NULL);
    at = skip_blanks(raw, at + 1);
    if (at >= end || (raw.at[at] != '"' && raw.at[at] != '\''))
        return view_of(NULL);
    raw = view_n(raw.at + at + 1, end - at - 1);
    const char *quote = memchr(raw.at, raw.at[-1], raw.len);
    return view_n(raw.at, quote ? (size_t)(quote - raw.at) : 0);
}

static bool all_ascii(struct view raw) {
    for (size_t i = 0; i < raw.len; i++)
        if ((unsigned char)raw.at[i] >= 0x80)
            return false;
    return true;
}

/* What the bytes say counts for more than what the document says: programs change the one
 * and forget the other. */
static struct charset decide(struct view raw, struct view declared, bool sound,
                             bool *doubt) {
    struct charset seen = {.way = CHARSET_UTF8, .name = "utf-8"}, said;

    if (raw.len > 1 && raw.at[0] == '<' && !raw.at[1] &&
        charset_named(VIEW_LIT("utf-16le"), &seen))
        return seen;
    if (raw.len > 1 && !raw.at[0] && raw.at[1] == '<' &&
        charset_named(VIEW_LIT("utf-16be"), &seen))
        return seen;
    if (!sound)
        seen = charset_guess(raw);
    if (seen.way == CHARSET_UTF16 || !declared.len)
        return seen;
    if (!charset_named(declared, &said) || said.way == CHARSET_UTF16) {
        *doubt = true;
        return seen;
    }
    if (said.way != CHARSET_ICONV) {
        *doubt = said.way != seen.way && !all_ascii(raw);
        return seen;
    }
    *doubt =
        seen.way == CHARSET_UTF8 && !all_ascii(raw) && utf8_valid_prefix(raw) == raw.len;
    return *doubt ? seen : said;
}

void xml_decode(struct view raw, const char *charset, struct arena *arena,
                struct xml_document *document) {
    struct view declared = declared_encoding(raw);
    struct charset decided;
    size_t invalid = 0;
    bool doubt = false, sound = false;

    if (!charset || !charset_named(view_of(charset), &decided)) {
        sound = utf8_valid_prefix(raw) == raw.len;
        decided = decide(raw, declared, sound, &doubt);
    }
    if (sound && decided.way == CHARSET_UTF8)
        document->bytes =
            view_starts(raw, BYTE_ORDER_MARK) ? view_n(raw.at + 3, raw.len - 3) : raw;
    else
        document->bytes = charset_text(&decided, raw, arena, &invalid);
    document->charset = view_of(arena_copy(arena, decided.name, strlen(decided.name)));
    document->warning = view_of(NULL);
    if (doubt)
        xml_warn(&document->warning, arena, "says it is %.*s, read as %s",
                 (int)(declared.len < CHARSET_NAME ? declared.len : CHARSET_NAME),
                 declared.at, decided.name);
    if (invalid)
        xml_warn(&document->warning, arena, "%zu invalid %s bytes replaced", invalid,
                 decided.name);
}

size_t xml_behind_declaration(struct view text) {
    size_t at = skip_blanks(text, 0);

    if (stands_at(text, at, "<?xml") && at + 5 < text.len && blank(text.at[at + 5]))
        at = behind(text, at, "?>");
    return skip_blanks(text, at);
}

/* A text being copied with changes; nothing is copied while there are none. */
struct mending {
    struct view text;
    struct buf out;
    size_t done;               /* of text, copied or replaced */
    size_t unknown, bare, bad; /* named references, signs, numbered references */
};

static void replace(struct mending *m, size_t at, size_t len, struct view with) {
    buf_put(&m->out, m->text.at + m->done, at - m->done);
    buf_put_view(&m->out, with);
    m->done = at + len;
}

static struct view mended(struct mending *m, struct arena *arena) {
    struct view text = m->text;

    if (m->done) {
        replace(m, text.len, 0, view_of(NULL));
        text = view_n(arena_copy(arena, m->out.at, m->out.len), m->out.len);
    }
    buf_release(&m->out);
    return text;
}

/* What stands between & and ; at the front of text; empty: this & begins no reference. */
static struct view reference_name(struct view text) {
    size_t most = text.len < REFERENCE ? text.len : REFERENCE;

    for (size_t i = 1; i < most; i++) {
        char c = text.at[i];
        if (c == ';')
            return view_n(text.at + 1, i - 1);
        if (!(c >= '0' && c <= '9') && !(c >= 'a' && c <= 'z') &&
            !(c >= 'A' && c <= 'Z') && c != '#')
            break;
    }
    return view_of(NULL);
}

static bool xml_knows(struct view name) {
    return view_is(name, "amp") || view_is(name, "lt") || view_is(name, "gt") ||
           view_is(name, "quot") || view_is(name, "apos");
}

/* The number of "#8217" or "#x2019"; false: it is none. Too big ones become invalid ones.
 */
static bool reference_number(struct view name, uint32_t *out) {
    unsigned base = name.len > 1 && (name.at[1] | 0x20) == 'x' ? 16 : 10;
    uint32_t n = 0;

    if (!view_starts(name, "#") || name.len < (base == 16 ? 3 : 2))
        return false;
    for (size_t i = base == 16 ? 2 : 1; i < name.len; i++) {
        unsigned char c = (unsigned char)name.at[i];
        unsigned digit = c <= '9' ? c - 0x30u : (c | 0x20u) - 0x61u + 10;
        if (digit >= base)
            return false;
        n = n > 0x110000 ? n : n * base + digit;
    }
    *out = n;
    return true;
}

/* U+0080 to U+009F are characters, but who writes their numbers means Windows-1252. */
static bool is_sound(uint32_t n) {
    return n == '\t' || n == '\n' || n == '\r' || (n >= 0x20 && n < 0x7F) ||
           (n >= 0xA0 && n < 0xD800) || (n >= 0xE000 && n < 0xFFFE) ||
           (n >= 0x10000 && n < 0x110000);
}

static bool is_fine(struct view name) {
    uint32_t n;
    return xml_knows(name) || (reference_number(name, &n) && is_sound(n));
}

static void mend_number(struct mending *m, size_t at, size_t len, uint32_t n) {
    const struct charset western = {.way = CHARSET_1252};
    struct buf with = {0};
    char byte = (char)n;

    if (n >= 0x80 && n < 0xA0)
        charset_decode(&western, view_n(&byte, 1), &with);
    else if (n >= 0xD800)
        utf8_put(&with, UTF8_REPLACEMENT);
    m->bad++;
    replace(m, at, len, buf_view(&with));
    buf_release(&with);
}

/* By its number: "<" must not begin a tag. */
static void mend_named(struct mending *m, size_t at, size_t len, uint32_t character) {
    struct buf with = {0};

    buf_printf(&with, "&#%u;", (unsigned)character);
    replace(m, at, len, buf_view(&with));
    buf_release(&with);
}

static void mend_reference(struct mending *m, size_t at) {
    struct view name = reference_name(view_n(m->text.at + at, m->text.len - at));
    uint32_t n;

    if (is_fine(name))
        return;
    if (reference_number(name, &n)) {
        mend_number(m, at, name.len + 2, n);
        return;
    }
    if ((n = entity_named(name)) > 0) {
        mend_named(m, at, name.len + 2, n);
        return;
    }
    m->bare += !name.len;
    m->unknown += name.len > 0;
    replace(m, at, 1, VIEW_LIT("&amp;"));
}

static bool begins_markup(struct view text, size_t at) {
    unsigned char c = at + 1 < text.len ? (unsigned char)text.at[at + 1] : 0;
    return c >= 0x80 || c == '!' || c == '/' || c == '?' || c == '_' || c == ':' ||
           ((c | 0x20) >= 'a' && (c | 0x20) <= 'z');
}

/* From a '<': where references may stand again. */
static size_t mend_markup(struct mending *m, size_t at, bool hard) {
    if (stands_at(m->text, at, "<![CDATA["))
        return behind(m->text, at, "]]>");
    if (stands_at(m->text, at, "<!--"))
        return behind(m->text, at + 4, "-->");
    if (stands_at(m->text, at, "<?"))
        return behind(m->text, at, "?>");
    if (hard && !begins_markup(m->text, at))
        replace(m, at, 1, VIEW_LIT("&lt;"));
    return at + 1;
}

static size_t next_of(struct view text, size_t at, char c) {
    const char *found = at < text.len ? memchr(text.at + at, c, text.len - at) : NULL;
    return found ? (size_t)(found - text.at) : text.len;
}

static struct view mend_references(struct mending *m, bool hard, struct arena *arena) {
    size_t sign = 0, tag = 0, at = 0;

    while (at < m->text.len) {
        sign = sign < at || !at ? next_of(m->text, at, '&') : sign;
        tag = tag < at || !at ? next_of(m->text, at, '<') : tag;
        if (sign == m->text.len && !hard)
            break;
        if (sign < tag) {
            mend_reference(m, sign);
            at = sign + 1;
        } else {
            at = tag < m->text.len ? mend_markup(m, tag, hard) : tag;
        }
    }
    return mended(m, arena);
}

/* Most documents have only references that XML knows. */
static bool needs_mending(struct view text) {
    for (size_t at = next_of(text, 0, '&'); at < text.len;
         at = next_of(text, at + 1, '&'))
        if (!is_fine(reference_name(view_n(text.at + at, text.len - at))))
            return true;
    return false;
}

static struct view without_controls(struct view text, struct arena *arena,
                                    struct view *warning) {
    struct mending m = {.text = text};

    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.at[i];
        if (c < 0x20 && !blank((char)c))
            replace(&m, i, 1, view_of(NULL)), m.bad++;
        else if (c == 0xEF && (stands_at(text, i, "\xEF\xBF\xBE") ||
                               stands_at(text, i, "\xEF\xBF\xBF")))
            replace(&m, i, 3, VIEW_LIT("\xEF\xBF\xBD")), m.bad++;
    }
    if (m.bad)
        xml_warn(warning, arena, "%zu control characters left out", m.bad);
    return mended(&m, arena);
}

struct view xml_mend(struct view text, bool hard, struct arena *arena,
                     struct view *warning) {
    struct mending m = {0};

    if (hard)
        text = without_controls(text, arena, warning);
    if (!hard && !needs_mending(text))
        return text;
    m.text = text;
    text = mend_references(&m, hard, arena);
    if (m.unknown)
        xml_warn(warning, arena, "%zu references to nothing known kept as text",
                 m.unknown);
    if (m.bare)
        xml_warn(warning, arena, "%zu bare & taken as text", m.bare);
    return text;
}
