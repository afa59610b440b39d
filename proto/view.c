#include "proto/view.h"

#include "proto/err.h"

int view_cmp(struct view a, struct view b) {
    size_t n = a.len < b.len ? a.len : b.len;
    int order = n ? memcmp(a.at, b.at, n) : 0;

    return order ? order : (a.len > b.len) - (a.len < b.len);
}

static bool blank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

struct view view_trim(struct view a) {
    while (a.len && blank(a.at[0])) {
        a.at++;
        a.len--;
    }
    while (a.len && blank(a.at[a.len - 1]))
        a.len--;
    return a;
}

bool view_split(struct view *from, char mark, struct view *out) {
    const char *end = from->len ? memchr(from->at, mark, from->len) : NULL;
    size_t len = end ? (size_t)(end - from->at) : from->len;

    if (!from->len)
        return false;
    *out = view_n(from->at, len);
    from->at += len + (end != NULL);
    from->len -= len + (end != NULL);
    return true;
}

bool view_number(struct view a, uint64_t *out) {
    uint64_t n = 0;

    if (!a.len)
        return false;
    for (size_t i = 0; i < a.len; i++) {
        unsigned digit = (unsigned char)a.at[i] - '0';
        if (digit > 9 || n > (UINT64_MAX - digit) / 10)
            return false;
        n = n * 10 + digit;
    }
    *out = n;
    return true;
}

int view_take(struct view *from, size_t len, struct view *out) {
    if (from->len < len)
        return ERR_SHORT;
    *out = view_n(from->at, len);
    from->at += len;
    from->len -= len;
    return 0;
}

static int take_number(struct view *from, size_t width, uint64_t *out) {
    struct view bytes;
    uint64_t n = 0;
    int err = view_take(from, width, &bytes);

    if (err)
        return err;
    for (size_t i = 0; i < width; i++)
        n |= (uint64_t)(unsigned char)bytes.at[i] << (8 * i);
    *out = n;
    return 0;
}

int view_take_u8(struct view *from, uint8_t *out) {
    uint64_t n;
    int err = take_number(from, 1, &n);
    if (!err)
        *out = (uint8_t)n;
    return err;
}

int view_take_u16(struct view *from, uint16_t *out) {
    uint64_t n;
    int err = take_number(from, 2, &n);
    if (!err)
        *out = (uint16_t)n;
    return err;
}

int view_take_u32(struct view *from, uint32_t *out) {
    uint64_t n;
    int err = take_number(from, 4, &n);
    if (!err)
        *out = (uint32_t)n;
    return err;
}

int view_take_u64(struct view *from, uint64_t *out) { return take_number(from, 8, out); }

int view_take_sized(struct view *from, struct view *out) {
    struct view rest = *from;
    uint32_t len;
    int err = view_take_u32(&rest, &len);

    if (!err)
        err = view_take(&rest, len, out);
    if (!err)
        *from = rest;
    return err;
}
