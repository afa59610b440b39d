#include "ingest/format/ninjs_words.h"

#include "ingest/format/news.h"
#include "ingest/format/ninjs.h"

#define LONG_PARAGRAPH 600 /* bytes; longer ones are several that were run together */

static char small(char c) { return (char)(c >= 'A' && c <= 'Z' ? c | 0x20 : c); }

bool ninjs_holds(struct view text, const char *part) {
    size_t len = strlen(part);

    for (size_t i = 0; i + len <= text.len; i++) {
        size_t n = 0;
        while (n < len && small(text.at[i + n]) == part[n])
            n++;
        if (n == len)
            return true;
    }
    return false;
}

struct view ninjs_text_in(const struct json_node *object, const char *name) {
    const struct json_node *node = ninjs_member(object, name);

    return node && node->kind == JSON_KIND_TEXT ? node->text : view_of(NULL);
}

struct view ninjs_text(const struct json_node *node) {
    return node && node->kind == JSON_KIND_TEXT ? node->text : view_of(NULL);
}

const struct json_node *ninjs_first(const struct json_node *node) {
    return node && node->kind == JSON_KIND_LIST ? node->first : node;
}

const struct json_node *ninjs_next(const struct json_node *list,
                                   const struct json_node *node) {
    return list->kind == JSON_KIND_LIST ? node->next : NULL;
}

static void add_words(struct ninjs_list *list, struct ninjs_words words) {
    if (view_trim(words.value).len && list->count < NINJS_WORDS)
        list->at[list->count++] = words;
}

void ninjs_gather(struct ninjs_list *list, const struct json_node *from,
                  struct view role) {
    const struct json_node *node = ninjs_first(from);

    if (from->kind == JSON_KIND_TEXT) {
        add_words(list, (struct ninjs_words){role, view_of(NULL), from->text});
        return;
    }
    for (; node; node = ninjs_next(from, node)) {
        struct ninjs_words words = {ninjs_text_in(node, "role"),
                                    ninjs_text_in(node, "contenttype"),
                                    ninjs_text_in(node, "value")};
        if (!words.value.len)
            words.value = ninjs_text(node).len ? ninjs_text(node)
                                               : ninjs_text_in(node, "description");
        words.role = news_code(words.role);
        add_words(list, words);
    }
}

bool ninjs_is_html(const struct ninjs_words *words) {
    return ninjs_holds(words->type, "html") || ninjs_holds(words->role, "html") ||
           ninjs_holds(words->role, "nitf") || ninjs_holds(words->role, "richtext");
}

bool ninjs_is_plain(const struct ninjs_words *words) {
    return ninjs_same(words->type, "text/plain") || ninjs_same(words->role, "text") ||
           ninjs_same(words->role, "plain");
}

const struct ninjs_words *ninjs_headline(const struct ninjs_list *list) {
    const struct ninjs_words *best = list->count ? list->at : NULL;

    for (size_t i = list->count; i > 0; i--)
        if (!list->at[i - 1].role.len)
            best = &list->at[i - 1];
    for (size_t i = list->count; i > 0; i--)
        if (ninjs_same(list->at[i - 1].role, "main"))
            best = &list->at[i - 1];
    return best;
}

int ninjs_worth(const struct ninjs_words *words) {
    int worth = ninjs_is_html(words) ? 3 : ninjs_is_plain(words) ? 4 : 2;

    if (ninjs_holds(words->type, "xml") && !ninjs_holds(words->type, "html"))
        worth = 1; // of a kind that nobody else has
    if (ninjs_holds(words->role, "summary") || ninjs_holds(words->role, "teaser") ||
        ninjs_holds(words->role, "short") || ninjs_holds(words->role, "credit") ||
        ninjs_holds(words->role, "writer"))
        worth -= 4;
    return worth;
}

static bool many_paragraphs(struct view html) {
    const char *at = html.at, *end = html.at + html.len;
    int count = 0;

    while (count < 2 && end - at > 3 && (at = memchr(at, '<', (size_t)(end - at) - 2)))
        count += small(*++at) == 'p' || (small(at[0]) == 'b' && small(at[1]) == 'r');
    return count >= 2;
}

/* Some senders make the plain text by leaving the markup out, paragraphs and all. */
static bool lost_its_paragraphs(const struct ninjs_words *plain,
                                const struct ninjs_words *html) {
    return plain->value.len > LONG_PARAGRAPH &&
           !memchr(plain->value.at, '\n', plain->value.len) &&
           many_paragraphs(html->value);
}

const struct ninjs_words *ninjs_body(const struct ninjs_list *list) {
    const struct ninjs_words *best = NULL, *html = NULL;

    for (size_t i = 0; i < list->count; i++) {
        const struct ninjs_words *words = &list->at[i];
        if (!best || ninjs_worth(words) > ninjs_worth(best))
            best = words;
        if (ninjs_is_html(words) && (!html || ninjs_worth(words) > ninjs_worth(html)))
            html = words;
    }
    if (html && html != best && !ninjs_is_html(best) && lost_its_paragraphs(best, html))
        return html;
    return best;
}

bool ninjs_has_body(const struct json_node *object) {
    struct ninjs_list bodies = {0};

    for (const struct json_node *node = object->first; node; node = node->next) {
        unsigned rank;
        struct view role;
        if (ninjs_meaning(node->key, &rank, &role) == NINJS_BODIES)
            ninjs_gather(&bodies, node, role);
    }
    return bodies.count > 0;
}
