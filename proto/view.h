/* view.h: borrowed bytes. A view owns nothing and is passed by value.
 *
 * Decoders consume a view from its front: each view_take_* checks the length first and
 * leaves the view untouched when it fails. Numbers are little-endian. */
#ifndef WIRETAG_PROTO_VIEW_H
#define WIRETAG_PROTO_VIEW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct view {
    const char *at;
    size_t len;
};

#define VIEW_LIT(text) ((struct view){"" text, sizeof(text) - 1})

static inline struct view view_of(const char *text) { /* NULL gives the empty view */
    return (struct view){text ? text : "", text ? strlen(text) : 0};
}
static inline struct view view_n(const char *at, size_t len) {
    return (struct view){at, len};
}
static inline bool view_eq(struct view a, struct view b) {
    return a.len == b.len && (a.len == 0 || memcmp(a.at, b.at, a.len) == 0);
}
static inline bool view_is(struct view a, const char *text) {
    return view_eq(a, view_of(text));
}
static inline bool view_starts(struct view a, const char *prefix) {
    size_t n = strlen(prefix);
    return a.len >= n && memcmp(a.at, prefix, n) == 0;
}

/* From byte n on; at or behind its end: empty, at the end. */
static inline struct view view_from(struct view a, size_t n) {
    size_t skip = n < a.len ? n : a.len;
    return skip ? view_n(a.at + skip, a.len - skip) : a;
}

/* Bytewise order, a prefix before the longer: < 0, 0, > 0. */
int view_cmp(struct view a, struct view b);
/* Without ASCII blanks (space, tab, CR, LF) at either end. */
struct view view_trim(struct view a);
/* Takes what stands before the first `mark` and the mark itself off the front of *from;
 * without a mark takes all. False when *from was empty. */
bool view_split(struct view *from, char mark, struct view *out);
/* The whole view as a decimal number; false if empty, not digits only, or over 2^64-1. */
bool view_number(struct view a, uint64_t *out);

/* 0 or ERR_SHORT. */
int view_take(struct view *from, size_t len, struct view *out);
int view_take_u8(struct view *from, uint8_t *out);
int view_take_u16(struct view *from, uint16_t *out);
int view_take_u32(struct view *from, uint32_t *out);
int view_take_u64(struct view *from, uint64_t *out);
/* A u32 length and that many bytes (buf_put_sized writes it). */
int view_take_sized(struct view *from, struct view *out);

#endif
