/* life_inside.h: what life.c (tags), life_slug.c (keyword lines) and life_note.c
 * (notices) share. */
#ifndef WIRETAG_PROTO_LIFE_INSIDE_H
#define WIRETAG_PROTO_LIFE_INSIDE_H

#include "proto/life.h"

static inline bool life_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (unsigned char)c >= 0x80;
}
static inline bool life_digit(char c) { return c >= '0' && c <= '9'; }
static inline char life_lower(char c) {
    return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
}

/* Drops the first n bytes. */
void life_drop(struct view *from, size_t n);
void life_skip_blanks(struct view *from);
/* The length of `words` (small letters) at the front of the text, whatever its case, when
 * it ends where a word ends; 0 if it is not there. A blank in `words` stands for any
 * number of them. */
size_t life_match(struct view text, const char *words);
/* As life_match, and taken off. */
bool life_take(struct view *from, const char *words);
/* The first of a list that is at the front, NULL-terminated: its length, or 0. */
size_t life_match_any(struct view text, const char *const words[]);
/* A run of letters, digits, hyphens and apostrophes; empty where there is none. */
struct view life_word(struct view text);
/* A number of at most three digits; false and nothing taken if there is none. */
bool life_take_number(struct view *from, unsigned *out);
/* "2ND ", "3rd", "1. ": the number, and its text taken off; 0: none. */
unsigned life_take_ordinal(struct view *from);
bool life_has_small(struct view text);
/* May it be the number of a take? */
bool life_small_take(unsigned n);
/* Without blanks at its end. */
struct view life_trim_end(struct view text);

/* The graver of two actions. */
struct view life_graver(struct view a, struct view b);
/* Sets the action, and the status that goes with it, if it is graver. */
void life_act(struct life *life, const char *action);

#endif
