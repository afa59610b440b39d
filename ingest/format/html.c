#include "ingest/format/html.h"

#include "ingest/format/blocks.h"
#include "ingest/format/entities.h"
#include "proto/utf8.h"

#define ABSENT 32

struct html {
    struct blocks blocks;
    const char *at, *end;
    bool no_double, no_single;  /* no such quotation mark from here on */
    bool no_comment_end;        /* no "-->" */
    bool no_tag_end, no_close;  /* no ">" outside of quoted values; none at all */
    struct view absent[ABSENT]; /* elements that do not close from here on */
    size_t absent_count;
};

static struct view left(const struct html *h) {
    return view_n(h->at, (size_t)(h->end - h->at));
}

static const char *find(const char *from, const char *end, char c) {
    return from < end ? memchr(from, c, (size_t)(end - from)) : NULL;
}

/* The text at its first occurrence, or NULL. */
static const char *find_text(const char *from, const char *end, const char *text) {
    size_t len = strlen(text);

    while ((from = find(from, end, text[0]))) {
        if ((size_t)(end - from) < len)
            return NULL;
        if (!memcmp(from, text, len))
            return from;
        from++;
    }
    return NULL;
}

static bool letter(char c) { return (c | 0x20) >= 'a' && (c | 0x20) <= 'z'; }
static bool blank(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

static struct view name_at(const char *p, const char *end) {
    const char *from = p;

    while (p < end && !blank(*p) && *p != '>' && *p != '/' && *p != '<')
        p++;
    return view_n(from, (size_t)(p - from));
}

static bool same_name(struct view a, struct view b) {
    if (a.len != b.len)
        return false;
    for (size_t i = 0; i < a.len; i++)
        if (a.at[i] != b.at[i] && !(letter(a.at[i]) && (a.at[i] ^ b.at[i]) == 0x20))
            return false;
    return true;
}

static bool name_is(struct view name, const char *text) {
    return same_name(name, view_of(text));
}

/* ---- what is a tag ---- */

static bool known(struct view name) {
    static const char *const names[] = {
        "a",       "abbr",     "acronym",  "area",   "b",     "base",     "basefont",
        "bdi",     "bdo",      "bgsound",  "big",    "blink", "cite",     "code",
        "col",     "colgroup", "data",     "del",    "dfn",   "em",       "embed",
        "font",    "frame",    "frameset", "html",   "i",     "img",      "input",
        "ins",     "kbd",      "keygen",   "label",  "link",  "map",      "mark",
        "marquee", "math",     "meta",     "meter",  "nobr",  "optgroup", "output",
        "param",   "picture",  "progress", "q",      "rb",    "rp",       "rt",
        "rtc",     "ruby",     "s",        "samp",   "slot",  "small",    "source",
        "spacer",  "span",     "strike",   "strong", "sub",   "sup",      "time",
        "track",   "tt",       "u",        "var",    "wbr",   "xml"};

    if (blocks_breaks(name) || blocks_leaves_out(name))
        return true;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (name_is(name, names[i]))
            return true;
    return false;
}

/* Addresses and stock codes stand in angle brackets as well: <AAPL.O>, <CLc1>. */
static bool is_name(struct view name) {
    bool prefixed = false;

    for (size_t i = 0; i < name.len; i++) {
        char c = name.at[i];
        if (!letter(c) && !(c >= '0' && c <= '9') && c != '-' && c != ':' && c != '_')
            return known(name);
        prefixed = prefixed || (c == ':' && i + 1 < name.len);
    }
    if (name.at[name.len - 1] == ':')
        return false;
    return name.at[0] >= 'a' || prefixed || known(name);
}

/* ---- the end of a tag ---- */

/* Behind the quoted value that begins at p; where no such mark comes again, p + 1. */
static const char *skip_quoted(struct html *h, const char *p) {
    bool *none = *p == '"' ? &h->no_double : &h->no_single;
    const char *close = *none ? NULL : find(p + 1, h->end, *p);

    *none = !close;
    return close ? close + 1 : p + 1;
}

/* The ">" of the tag whose name ends at p; NULL: it has none. Where one tag had none,
 * quotation marks are not trusted any more, or each would be looked for to the end. */
static const char *tag_end(struct html *h, const char *from) {
    const char *p = from;

    while (!h->no_tag_end && p < h->end && *p != '>') {
        if (*p++ != '=')
            continue;
        while (p < h->end && blank(*p))
            p++;
        if (p < h->end && (*p == '"' || *p == '\''))
            p = skip_quoted(h, p);
    }
    if (!h->no_tag_end && p < h->end)
        return p;
    h->no_tag_end = true;
    p = h->no_close ? NULL : find(from, h->end, '>');
    h->no_close = !p;
    return p;
}

/* ---- elements that are left out ---- */

static bool is_absent(const struct html *h, struct view name) {
    for (size_t i = 0; i < h->absent_count; i++)
        if (same_name(h->absent[i], name))
            return true;
    return h->absent_count == ABSENT;
}

/* Scripts may hold what looks like their own start tag. */
static bool nests(struct view name) {
    return !name_is(name, "script") && !name_is(name, "style");
}

/* The end tag of the element that is open at `p`: its "<"; with some missing the last
 * there is; NULL: none at all. */
static const char *find_close(const char *p, const char *end, struct view name) {
    const char *last = NULL;
    size_t depth = 1;

    while ((p = find(p, end, '<')) && end - p > 2) {
        const char *from = p + (p[1] == '/' ? 2 : 1);
        if (same_name(name_at(from, end), name)) {
            if (p[1] != '/')
                depth += nests(name);
            else if (last = p, !--depth)
                return p;
        }
        p = from;
    }
    return last;
}

/* Goes on behind the element; if it never closes, behind its start tag. */
static void leave_out(struct html *h, struct view name) {
    const char *close = is_absent(h, name) ? NULL : find_close(h->at, h->end, name);

    if (close) {
        close = find(close, h->end, '>');
        h->at = close ? close + 1 : h->end;
    } else if (!nests(name)) {
        h->at = h->end;
    } else if (h->absent_count < ABSENT) {
        h->absent[h->absent_count++] = name;
    }
}

/* ---- markup ---- */

static void start_tag(struct html *h, struct view name, bool closed) {
    if (name_is(name, "head") || name_is(name, "html"))
        return;
    if (!blocks_leaves_out(name)) {
        blocks_open(&h->blocks, name);
        if (closed)
            blocks_close(&h->blocks, name);
    } else if (!closed) {
        leave_out(h, name);
    }
}

/* A tag at h->at ("<" and a letter, or "</" and one); false: it is text. */
static bool read_tag(struct html *h) {
    bool closing = h->at[1] == '/';
    struct view name = name_at(h->at + (closing ? 2 : 1), h->end);
    const char *close;

    if (!is_name(name))
        return false;
    close = tag_end(h, name.at + name.len);
    if (!close && !known(name))
        return false;
    h->at = close ? close + 1 : h->end;
    if (!closing)
        start_tag(h, name, close && close[-1] == '/');
    else if (name_is(name, "br"))
        blocks_open(&h->blocks, name);
    else if (!blocks_leaves_out(name))
        blocks_close(&h->blocks, name);
    return true;
}

/* A comment, CDATA, a declaration or instruction at h->at. */
static void read_declaration(struct html *h) {
    const char *close = NULL;
    struct view rest = left(h);

    if (view_starts(rest, "<![CDATA[")) {
        h->at += strlen("<![CDATA[");
        return;
    }
    if (view_starts(rest, "<!--") && !h->no_comment_end) {
        close = find_text(h->at + 2, h->end, "-->");
        h->no_comment_end = !close;
        close = close ? close + 2 : NULL;
    }
    if (!close)
        close = find(h->at, h->end, '>');
    h->at = close ? close + 1 : h->end;
}

/* True if h->at is markup; it is read. */
static bool read_markup(struct html *h) {
    struct view rest = left(h);

    if (rest.len < 2)
        return false;
    if (letter(rest.at[1]) || (rest.at[1] == '/' && rest.len > 2 && letter(rest.at[2])))
        return read_tag(h);
    if (rest.at[1] != '!' && rest.at[1] != '?')
        return false;
    read_declaration(h);
    return true;
}

/* ---- text ---- */

/* The reference at the beginning of text, also one that was escaped once more. */
static size_t read_reference(struct view text, uint32_t *character) {
    size_t len = entity_read(text, character);
    char again[16] = "&";
    size_t more = text.len - len < sizeof again - 1 ? text.len - len : sizeof again - 1;

    if (!len || *character != '&' || text.at[len - 1] != ';' || !more)
        return len;
    memcpy(again + 1, text.at + len, more);
    more = entity_read(view_n(again, more + 1), character);
    if (more && again[more - 1] == ';')
        return len + more - 1;
    *character = '&';
    return len;
}

static void put_character(struct blocks *b, uint32_t character) {
    char bytes[4];
    struct buf one = {bytes, 0, sizeof bytes};

    utf8_put(&one, character);
    blocks_text(b, buf_view(&one));
}

static void put_text(struct html *h, struct view text) {
    const char *p = text.at, *end = text.at + text.len, *mark = p;

    while ((mark = find(mark, end, '&'))) {
        uint32_t character;
        size_t len = read_reference(view_n(mark, (size_t)(end - mark)), &character);
        if (len) {
            blocks_text(&h->blocks, view_n(p, (size_t)(mark - p)));
            put_character(&h->blocks, character);
            p = mark + len;
        }
        mark += len ? len : 1;
    }
    blocks_text(&h->blocks, view_n(p, (size_t)(end - p)));
}

/* "]]>" before a tag ends a CDATA section. */
static struct view without_end(struct view text) {
    struct view ended = view_trim(text);

    if (ended.len >= 3 && !memcmp(ended.at + ended.len - 3, "]]>", 3))
        return view_n(text.at, (size_t)(ended.at - text.at) + ended.len - 3);
    return text;
}

static void read_all(struct html *h) {
    while (h->at < h->end) {
        const char *from = h->at, *mark = find(from, h->end, '<');
        struct view text = view_n(from, (size_t)((mark ? mark : h->end) - from));
        put_text(h, without_end(text));
        h->at = from + text.len;
        if (mark && !read_markup(h)) {
            blocks_text(&h->blocks, view_n(mark, 1));
            h->at = mark + 1;
        }
    }
    blocks_end(&h->blocks);
}

/* ---- what kind of markup it is ---- */

enum looks { NO_TAGS, TAGS, BREAKS };

static enum looks looks_of(struct view html) {
    const char *p = html.at, *const end = p + html.len;
    enum looks looks = NO_TAGS;

    while ((p = find(p, end, '<')) && end - p > 2) {
        p += p[1] == '/' ? 2 : 1;
        if (letter(*p) || *p == '!')
            looks = TAGS;
        if (letter(*p) && blocks_breaks(name_at(p, end)))
            return BREAKS;
    }
    return looks;
}

static bool has_escaped(struct view html, const char *before, struct view name) {
    const char *p = html.at, *end = html.at + html.len;

    while ((p = find_text(p, end, before))) {
        p += strlen(before);
        if ((size_t)(end - p) > name.len && same_name(view_n(p, name.len), name) &&
            !letter(p[name.len]))
            return true;
    }
    return false;
}

/* Is there markup behind the references of a text without tags? Something that HTML has
 * must begin at its start, or break a line, or begin and end. */
static bool escaped_twice(struct view html) {
    const char *first = find_text(html.at, html.at + html.len, "&lt;");
    struct view name = {0};
    size_t len = 0;

    if (!first)
        return false;
    first += 4;
    while (first + len < html.at + html.len && len < 16 &&
           (letter(first[len]) || (first[len] >= '0' && first[len] <= '9')))
        len++;
    name = view_n(first, len);
    if (!len || !known(name))
        return view_starts(view_n(first, (size_t)(html.at + html.len - first)), "!--") ||
               view_starts(view_n(first, (size_t)(html.at + html.len - first)),
                           "![CDATA[");
    return view_trim(html).at == first - 4 || name_is(name, "br") ||
           has_escaped(html, "&lt;/", name);
}

static void unescape(struct view html, struct buf *out) {
    const char *mark;

    while ((mark = find(html.at, html.at + html.len, '&'))) {
        uint32_t character;
        size_t before = (size_t)(mark - html.at);
        struct view rest = view_n(mark, html.len - before);
        size_t len = entity_read(rest, &character);
        buf_put(out, html.at, before);
        if (len)
            utf8_put(out, character);
        else
            buf_put(out, mark, 1);
        len = len ? len : 1;
        html = view_n(rest.at + len, rest.len - len);
    }
    buf_put_view(out, html);
}

static void put_once(struct view html, enum looks looks, struct buf *out) {
    struct html h = {.at = html.at, .end = html.at + html.len};

    if (looks == BREAKS)
        blocks_begin(&h.blocks, out);
    else
        blocks_begin_lines(&h.blocks, out);
    read_all(&h);
}

void html_put(struct view html, struct buf *out) {
    struct buf once = {0};
    enum looks looks;

    if (!html.len)
        return;
    looks = looks_of(html);
    if (looks == NO_TAGS && escaped_twice(html)) {
        unescape(html, &once);
        html = buf_view(&once);
        looks = looks_of(html);
    }
    put_once(html, looks, out);
    buf_release(&once);
}

void html_text(struct view html, struct arena *arena, struct view *out) {
    struct buf text = {0};

    html_put(html, &text);
    *out = view_n(arena_copy(arena, buf_view(&text).at, text.len), text.len);
    buf_release(&text);
}

/* Most titles are what they say. */
static bool is_plain_line(struct view line) {
    for (size_t i = 0; i < line.len; i++) {
        char c = line.at[i];
        if ((unsigned char)c < ' ' || (c & 0x80) || c == 0x7F || c == '<' || c == '&' ||
            (c == ' ' && i + 1 < line.len && line.at[i + 1] == ' '))
            return false;
    }
    return true;
}

struct view html_line(struct view html, struct arena *arena) {
    struct view text;
    char *to;
    size_t len = 0;

    html = view_trim(html);
    if (is_plain_line(html))
        return html;
    html_text(html, arena, &text);
    to = arena_alloc(arena, text.len + 1);
    for (size_t i = 0; i < text.len; i++)
        if (!blank(text.at[i]))
            to[len++] = text.at[i];
        else if (len && to[len - 1] != ' ')
            to[len++] = ' ';
    return view_n(to, len);
}
