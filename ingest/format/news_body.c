/* The text of a report out of whatever it is wrapped in. */
#include "ingest/format/html.h"
#include "ingest/format/news.h"
#include "ingest/format/telex.h"
#include "ingest/format/xml_blocks.h"
#include "proto/charset.h"
#include "proto/utf8.h"

#define LOOKS 4096 /* bytes in which markup shows */

/* Parts stand apart by an empty line; one without words leaves no trace. */
struct part {
    size_t before, begin;
};

static struct part begin_part(struct news *news) {
    struct part part = {news->body.len, 0};

    if (news->body.len)
        buf_put_text(&news->body, "\n\n");
    part.begin = news->body.len;
    return part;
}

static void end_part(struct news *news, struct part part) {
    if (news->body.len == part.begin)
        news->body.len = part.before;
}

/* ---- markup as text ---- */

static bool holds_word(struct view text, const char *word) {
    size_t len = strlen(word);

    for (size_t i = 0; i + len <= text.len; i++) {
        size_t n = 0;
        while (n < len && (text.at[i + n] | 0x20) == (word[n] | 0x20))
            n++;
        if (n == len)
            return true;
    }
    return false;
}

static bool looks_like_html(struct view text) {
    static const char *const marks[] = {"</p>", "<p>",  "<p ",    "<br",
                                        "<div", "</a>", "&nbsp;", "<table"};

    text.len = text.len < LOOKS ? text.len : LOOKS;
    for (size_t i = 0; i < sizeof marks / sizeof *marks; i++)
        if (holds_word(text, marks[i]))
            return true;
    return false;
}

/* Markup in CDATA, or escaped, where elements were meant. */
static bool put_escaped(struct news *news, const struct xml_node *node) {
    if (!node || node->first || !looks_like_html(node->text))
        return false;
    html_put(node->text, &news->body);
    return true;
}

/* ---- XHTML ---- */

struct xhtml {
    struct news *news;
    struct part part;
};

static bool has_class(const struct xml_node *node, const char *word) {
    struct view all = xml_attribute(node, "class"), one;

    while (view_split(&all, ' ', &one))
        if (view_is(one, word))
            return true;
    return false;
}

static bool is_heading(const struct xml_node *node) {
    return node->name.len == 2 && (node->name.at[0] | 0x20) == 'h' &&
           node->name.at[1] >= '1' && node->name.at[1] <= '6';
}

static bool is_known(const struct news *news, struct view line) {
    for (size_t i = 0; i < news->known_count; i++)
        if (view_eq(news->known[i], line))
            return true;
    return false;
}

/* A header's children that only show fields. */
static bool is_shown_field(const struct xml_node *node) {
    return xml_is(node->parent, "header") &&
           (xml_is(node, "time") || has_class(node, "slugline") ||
            has_class(node, "embargoed") || has_class(node, "publicationDate"));
}

/* In front of the text. */
static bool skip_line(struct news *news, const struct xml_node *node) {
    struct view words = xml_short(node, news->in->arena);

    if (!words.len)
        return false;
    if (is_known(news, words))
        return true;
    if (is_heading(node) && !news->report->headline.len && !news->title.len) {
        news->title = words;
        return true;
    }
    if (!has_class(node, "byline"))
        return false;
    if (!news->byline.len)
        news->byline = words;
    return true;
}

static bool skip_xhtml(const struct xml_node *node, void *context) {
    struct xhtml *x = context;

    if (is_shown_field(node))
        return true;
    if (x->news->body.len > x->part.begin)
        return false;
    return (is_heading(node) || xml_is(node, "p") || has_class(node, "byline")) &&
           skip_line(x->news, node);
}

void news_put_xhtml(struct news *news, const struct xml_node *body) {
    struct xhtml x = {news, begin_part(news)};
    struct blocks blocks;

    if (!put_escaped(news, body)) {
        blocks_begin(&blocks, &news->body);
        xml_blocks_but(body, skip_xhtml, &x, &blocks);
        blocks_end(&blocks);
    }
    end_part(news, x.part);
}

/* ---- the others ---- */

void news_put_nodes(struct news *news, const struct xml_node *node) {
    struct part part = begin_part(news);

    if (!put_escaped(news, node))
        xml_put_text(node, &news->body);
    end_part(news, part);
}

void news_put_html(struct news *news, struct view html) {
    struct part part = begin_part(news);

    html_put(html, &news->body);
    end_part(news, part);
}

void news_put_plain(struct news *news, struct view text) {
    struct part part = begin_part(news);

    buf_put_view(&news->body, telex_text(view_of(NULL), text, false, news->in->arena));
    end_part(news, part);
}

void news_put_either(struct news *news, struct view type, struct view text) {
    if (holds_word(type, "html") || looks_like_html(text))
        news_put_html(news, text);
    else
        news_put_plain(news, text);
}

/* ---- Base64 ---- */

static int digit_of(char c) {
    static const char digits[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const char *at = c ? strchr(digits, c) : NULL;

    return at ? (int)(at - digits) : -1;
}

/* False where something else stands in it. */
static bool decode_base64(struct view text, struct buf *out) {
    unsigned bits = 0, held = 0;

    for (size_t i = 0; i < text.len && text.at[i] != '='; i++) {
        int digit = digit_of(text.at[i]);
        if (digit < 0 && !strchr(" \t\r\n", text.at[i]))
            return false;
        if (digit < 0)
            continue;
        held = (held << 6 | (unsigned)digit) & 0xFFFF;
        bits += 6;
        if (bits >= 8) {
            bits -= 8;
            buf_put_u8(out, (uint8_t)(held >> bits));
        }
    }
    return true;
}

void news_put_base64(struct news *news, struct view type, struct view text) {
    struct buf raw = {0};
    struct charset charset;
    size_t invalid;

    if (decode_base64(text, &raw)) {
        charset = charset_guess(buf_view(&raw));
        text = charset_text(&charset, buf_view(&raw), news->in->arena, &invalid);
        text.at = arena_copy(news->in->arena, text.at, text.len);
        news_put_either(news, type, text);
    } else {
        news_warn(news, "content is no Base64");
    }
    buf_release(&raw);
}
