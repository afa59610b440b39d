/* utf8.h: the one place that knows how text is encoded.
 *
 * Inside wiretag text is valid UTF-8 with LF line ends and no control characters but LF
 * and TAB; utf8_clean makes it so at the door. Spans are byte offsets until the event is
 * written; there they become code points (utf8_index). Folding uses utf8proc. */
#ifndef WIRETAG_PROTO_UTF8_H
#define WIRETAG_PROTO_UTF8_H

#include "proto/buf.h"
#include "proto/mem.h"
#include "proto/view.h"

#define UTF8_REPLACEMENT 0xFFFDu

/* Takes one code point off the front of *from (which must not be empty). An invalid
 * sequence gives U+FFFD and consumes its maximal valid prefix, at least one byte
 * (Unicode 15, section 3.9, "U+FFFD Substitution of Maximal Subparts"). */
uint32_t utf8_take(struct view *from);
/* Appends the UTF-8 form; a surrogate or a number over U+10FFFF becomes U+FFFD. */
void utf8_put(struct buf *buf, uint32_t code_point);
/* The length in bytes of the longest valid beginning: text.len if all of it is valid. */
size_t utf8_valid_prefix(struct view text);
/* Code points in valid UTF-8. */
size_t utf8_count(struct view text);

/* What utf8_clean had to change. */
struct utf8_changes {
    size_t invalid;  /* sequences that became U+FFFD */
    size_t controls; /* control characters taken out (C0 but LF and TAB, DEL, C1) */
    size_t returns;  /* CR LF or lone CR that became LF */
};

/* Appends raw as canonical text: UTF-8 (a byte order mark at the start goes), LF, no
 * controls. U+2028 and U+2029 stay. changes may be NULL. */
void utf8_clean(struct view raw, struct buf *out, struct utf8_changes *changes);

/* The look-up key of a name, appended to out: case folded, diacritics off (NFKD without
 * marks), every apostrophe to ', every hyphen and dash to -, runs of blanks to one space,
 * none at the ends. "Al-Jazīra" and "al‐jazira" are one key. */
void utf8_fold(struct view name, struct buf *out);

/* From byte offsets to code points, in any order, in constant time: one count per 64
 * bytes. */
struct utf8_index {
    struct view text;
    const uint32_t *counts; /* code points before byte 64 * i; NULL: all is ASCII */
};
/* text must be valid UTF-8 and outlive the index, as must the arena. */
struct utf8_index utf8_index(struct view text, struct arena *arena);
/* Code points before byte `offset` (<= text.len, on a code point's border). */
size_t utf8_index_at(const struct utf8_index *index, size_t offset);
/* The other way round: the byte at which code point n begins, or the end. False: there
 * are fewer. */
bool utf8_index_byte(const struct utf8_index *index, size_t n, size_t *offset);

#endif
