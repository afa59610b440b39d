/* buf.h: a growing buffer of bytes. A zeroed struct buf is ready for use; buf_clear keeps
 * the memory. What it holds is not NUL-terminated, except after buf_text. */
#ifndef WIRETAG_PROTO_BUF_H
#define WIRETAG_PROTO_BUF_H

#include "proto/view.h"

struct buf {
    char *at;
    size_t len, cap;
};

char *buf_grow(struct buf *buf, size_t more); /* the rare half of buf_reserve */
/* Room for `more` bytes behind len; returns where they go. Does not change len. */
static inline char *buf_reserve(struct buf *buf, size_t more) {
    bool room = buf->at && buf->cap - buf->len >= more;
    return room ? buf->at + buf->len : buf_grow(buf, more);
}
static inline void buf_put(struct buf *buf, const void *bytes, size_t len) {
    if (len)
        memcpy(buf_reserve(buf, len), bytes, len);
    buf->len += len;
}
void buf_put_view(struct buf *buf, struct view bytes);
void buf_put_text(struct buf *buf, const char *text);
static inline void buf_put_u8(struct buf *buf, uint8_t n) {
    *buf_reserve(buf, 1) = (char)n;
    buf->len++;
}
void buf_put_u16(struct buf *buf, uint16_t n); /* little-endian, all of them */
void buf_put_u32(struct buf *buf, uint32_t n);
void buf_put_u64(struct buf *buf, uint64_t n);
void buf_put_sized(struct buf *buf, struct view bytes);       /* u32 length, bytes */
void buf_set_u32(struct buf *buf, size_t offset, uint32_t n); /* overwrite in place */
void buf_printf(struct buf *buf, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* Drops n bytes from the front (n <= len), moving the rest down. */
void buf_drop(struct buf *buf, size_t n);
/* NUL-terminates and returns the text; the NUL is not counted in len. */
const char *buf_text(struct buf *buf);
static inline struct view buf_view(const struct buf *buf) {
    return (struct view){buf->len ? buf->at : "", buf->len};
}
static inline void buf_clear(struct buf *buf) { buf->len = 0; }
void buf_release(struct buf *buf); /* to the zeroed state */

#endif
