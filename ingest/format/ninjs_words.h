/* ninjs_words.h: the headlines, bodies and descriptions of a news item in JSON, and which
 * of several is the one. */
#ifndef WIRETAG_INGEST_FORMAT_NINJS_WORDS_H
#define WIRETAG_INGEST_FORMAT_NINJS_WORDS_H

#include "proto/json_tree.h"

#define NINJS_WORDS 16 /* of a kind; more are passed over */

struct ninjs_words {
    struct view role, type, value;
};

struct ninjs_list {
    struct ninjs_words at[NINJS_WORDS];
    size_t count;
};

/* ---- looking at JSON ---- */

/* Has it that part, in small letters, capitals or not? */
bool ninjs_holds(struct view text, const char *part);
/* Empty where the value, or the member of that name, is no text. */
struct view ninjs_text(const struct json_node *node);
struct view ninjs_text_in(const struct json_node *object, const char *name);
/* A list's values, or the one value itself: for what is a list in one version only. */
const struct json_node *ninjs_first(const struct json_node *node);
const struct json_node *ninjs_next(const struct json_node *list,
                                   const struct json_node *node);

/* ---- words ---- */

/* Adds a text; or a list's texts and objects of {role, contentType, value}, of dpa's
 * {role, description}. role: of a text by itself. */
void ninjs_gather(struct ninjs_list *list, const struct json_node *from,
                  struct view role);
/* The main one; else one that says nothing of its role; else the first. NULL: none. */
const struct ninjs_words *ninjs_headline(const struct ninjs_list *list);
/* The one that serves best as the text: what is plain before what has markup, both before
 * what says nothing of itself; what is called a summary last. But where the plain one has
 * lost its paragraphs, the one with markup. NULL: none. */
const struct ninjs_words *ninjs_body(const struct ninjs_list *list);
bool ninjs_is_html(const struct ninjs_words *words);
bool ninjs_is_plain(const struct ninjs_words *words);
/* <= 0: a summary or credit, not the words of the thing. */
int ninjs_worth(const struct ninjs_words *words);
/* Has the object a body of its own? */
bool ninjs_has_body(const struct json_node *object);

#endif
