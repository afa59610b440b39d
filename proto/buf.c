#include "proto/buf.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "proto/mem.h"

char *buf_grow(struct buf *b, size_t more) {
    size_t cap = b->cap ? b->cap : 64;

    assert(more <= SIZE_MAX / 2 && b->len <= SIZE_MAX / 4);
    while (cap - b->len < more)
        cap *= 2;
    b->at = mem_resize(b->at, cap, 1);
    b->cap = cap;
    return b->at + b->len;
}

void buf_put_view(struct buf *b, struct view bytes) { buf_put(b, bytes.at, bytes.len); }

void buf_put_text(struct buf *b, const char *text) { buf_put(b, text, strlen(text)); }

static void put_number(struct buf *b, uint64_t n, size_t width) {
    char *p = buf_reserve(b, width);

    for (size_t i = 0; i < width; i++)
        p[i] = (char)(n >> (8 * i));
    b->len += width;
}

void buf_put_u16(struct buf *b, uint16_t n) { put_number(b, n, 2); }
void buf_put_u32(struct buf *b, uint32_t n) { put_number(b, n, 4); }
void buf_put_u64(struct buf *b, uint64_t n) { put_number(b, n, 8); }

void buf_put_sized(struct buf *b, struct view bytes) {
    assert(bytes.len <= UINT32_MAX);
    buf_put_u32(b, (uint32_t)bytes.len);
    buf_put_view(b, bytes);
}

void buf_set_u32(struct buf *b, size_t offset, uint32_t n) {
    assert(offset + 4 <= b->len);
    for (size_t i = 0; i < 4; i++)
        b->at[offset + i] = (char)(n >> (8 * i));
}

void buf_printf(struct buf *b, const char *format, ...) {
    va_list args;
    int n;

    va_start(args, format);
    n = vsnprintf(buf_reserve(b, 128), 128, format, args);
    va_end(args);
    if (n >= 128) {
        va_start(args, format);
        vsnprintf(buf_reserve(b, (size_t)n + 1), (size_t)n + 1, format, args);
        va_end(args);
    }
    b->len += n > 0 ? (size_t)n : 0;
}

void buf_drop(struct buf *b, size_t n) {
    assert(n <= b->len);
    if (!n)
        return;
    memmove(b->at, b->at + n, b->len - n);
    b->len -= n;
}

const char *buf_text(struct buf *b) {
    *buf_reserve(b, 1) = 0;
    return b->at;
}

void buf_release(struct buf *b) {
    free(b->at);
    *b = (struct buf){0};
}
