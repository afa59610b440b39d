#include "proto/charset.h"

#include "proto/utf8.h"

#include <errno.h>
#include <iconv.h>

static const struct charset utf8 = {CHARSET_UTF8, false, "utf-8"};
static const struct charset windows = {CHARSET_1252, false, "windows-1252"};
static const struct charset utf16le = {CHARSET_UTF16, false, "utf-16"};
static const struct charset utf16be = {CHARSET_UTF16, true, "utf-16"};

/* ---- names ---- */

/* Letters and digits only, lower case: "ISO_8859-1" is "iso88591". */
static void squeeze(struct view name, char out[CHARSET_NAME]) {
    size_t n = 0;

    for (size_t i = 0; i < name.len && n < CHARSET_NAME - 1; i++) {
        char c = name.at[i];
        if (c >= 'A' && c <= 'Z')
            c = (char)(c | 0x20);
        if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'))
            out[n++] = c;
    }
    out[n] = 0;
}

static bool failed(iconv_t cd) {
    return cd == (iconv_t)-1; // NOLINT(performance-no-int-to-ptr): POSIX has it so
}

/* One that iconv knows; its own "//" options are not for names from outside. */
static bool foreign(struct view name, struct charset *out) {
    iconv_t cd;

    if (name.len >= CHARSET_NAME || memchr(name.at, '/', name.len))
        return false;
    *out = (struct charset){.way = CHARSET_ICONV};
    memcpy(out->name, name.at, name.len);
    cd = iconv_open("UTF-8", out->name);
    if (failed(cd))
        return false;
    iconv_close(cd);
    return true;
}

bool charset_named(struct view name, struct charset *out) {
    static const struct {
        const char *name;
        const struct charset *charset;
    } names[] = {
        {"utf8", &utf8},        {"usascii", &utf8},        {"ascii", &utf8},
        {"cp1252", &windows},   {"windows1252", &windows}, {"latin1", &windows},
        {"iso88591", &windows}, {"l1", &windows},          {"utf16le", &utf16le},
        {"utf16be", &utf16be},  {"utf16", &utf16le},
    };
    char key[CHARSET_NAME];

    squeeze(name, key);
    if (!key[0] || strcmp(key, "auto") == 0)
        return false;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(names[i].name, key) == 0) {
            *out = *names[i].charset;
            return true;
        }
    return foreign(view_trim(name), out);
}

/* ---- looking ---- */

static bool mostly_utf8(struct view raw) {
    size_t sound = 0, broken = 0;

    while (raw.len) {
        const char *at = raw.at;
        uint32_t cp = utf8_take(&raw);
        if (cp == UTF8_REPLACEMENT &&
            !(raw.at - at == 3 && memcmp(at, "\xEF\xBF\xBD", 3) == 0))
            broken++;
        else if (cp >= 0x80)
            sound++;
    }
    return sound > broken;
}

struct charset charset_guess(struct view raw) {
    if (view_starts(raw, "\xFF\xFE"))
        return utf16le;
    if (view_starts(raw, "\xFE\xFF"))
        return utf16be;
    return utf8_valid_prefix(raw) == raw.len || mostly_utf8(raw) ? utf8 : windows;
}

/* ---- decoding ---- */

static size_t decode_utf8(struct view raw, struct buf *out) {
    size_t invalid = 0;

    if (view_starts(raw, "\xEF\xBB\xBF"))
        raw = view_n(raw.at + 3, raw.len - 3);
    for (;;) {
        size_t sound = utf8_valid_prefix(raw);
        buf_put(out, raw.at, sound);
        raw = view_n(raw.at + sound, raw.len - sound);
        if (!raw.len)
            return invalid;
        utf8_put(out, utf8_take(&raw));
        invalid++;
    }
}

/* Windows-1252, 0x80 to 0x9F; 0: not assigned. */
static const uint16_t cp1252[32] = {
    0x20AC, 0,      0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021,
    0x02C6, 0x2030, 0x0160, 0x2039, 0x0152, 0,      0x017D, 0,
    0,      0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014,
    0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0,      0x017E, 0x0178};

static size_t decode_1252(struct view raw, struct buf *out) {
    size_t invalid = 0;

    while (raw.len) {
        size_t plain = 0;
        unsigned char c;
        while (plain < raw.len && !(raw.at[plain] & 0x80))
            plain++;
        buf_put(out, raw.at, plain);
        raw = view_n(raw.at + plain, raw.len - plain);
        if (!raw.len)
            break;
        c = (unsigned char)raw.at[0];
        uint32_t cp = c > 0x9F ? c : cp1252[c - 0x80];
        invalid += !cp;
        utf8_put(out, cp ? cp : UTF8_REPLACEMENT);
        raw = view_n(raw.at + 1, raw.len - 1);
    }
    return invalid;
}

static uint32_t unit(struct view raw, size_t i, bool big) {
    unsigned char a = (unsigned char)raw.at[i], b = (unsigned char)raw.at[i + 1];

    return big ? (uint32_t)a << 8 | b : (uint32_t)b << 8 | a;
}

/* A mark at the start says the order, whatever was thought before. */
static size_t decode_utf16(struct view raw, bool big, struct buf *out) {
    size_t i = 0, invalid = raw.len & 1;

    if (view_starts(raw, "\xFF\xFE") || view_starts(raw, "\xFE\xFF")) {
        big = (unsigned char)raw.at[0] == 0xFE;
        i = 2;
    }
    while (i + 2 <= raw.len) {
        uint32_t cp = unit(raw, i, big);
        i += 2;
        if (cp >= 0xD800 && cp < 0xDC00 && i + 2 <= raw.len) {
            uint32_t low = unit(raw, i, big);
            if (low >= 0xDC00 && low < 0xE000) {
                cp = 0x10000 + ((cp - 0xD800) << 10) + (low - 0xDC00);
                i += 2;
            }
        }
        invalid += cp >= 0xD800 && cp < 0xE000;
        utf8_put(out, cp); // half a pair becomes U+FFFD there
    }
    if (raw.len & 1)
        utf8_put(out, UTF8_REPLACEMENT);
    return invalid;
}

static size_t decode_foreign(const char *name, struct view raw, struct buf *out) {
    iconv_t cd = iconv_open("UTF-8", name);
    size_t left = raw.len, invalid = 0;
    char *from;

    memcpy(&from, &raw.at, sizeof from); // iconv wants no const and does not write there
    if (failed(cd))
        return decode_utf8(raw, out);
    while (left) {
        size_t room = left * 2 + 16;
        char *to = buf_reserve(out, room), *end = to;
        size_t done = iconv(cd, &from, &left, &end, &room);
        out->len += (size_t)(end - to);
        if (done == (size_t)-1 && errno != E2BIG) { // EILSEQ, or EINVAL at the end
            utf8_put(out, UTF8_REPLACEMENT);
            invalid++;
            from++;
            left--;
        }
    }
    iconv_close(cd);
    return invalid;
}

size_t charset_decode(const struct charset *charset, struct view raw, struct buf *out) {
    switch (charset->way) {
        case CHARSET_UTF8:
            return decode_utf8(raw, out);
        case CHARSET_1252:
            return decode_1252(raw, out);
        case CHARSET_UTF16:
            return decode_utf16(raw, charset->big_endian, out);
        case CHARSET_ICONV:
            break;
    }
    return decode_foreign(charset->name, raw, out);
}

struct view charset_text(const struct charset *charset, struct view raw,
                         struct arena *arena, size_t *invalid) {
    struct buf text = {0};
    struct view copy;

    *invalid = 0;
    if (charset->way == CHARSET_UTF8 && view_starts(raw, "\xEF\xBB\xBF"))
        raw = view_n(raw.at + 3, raw.len - 3);
    if (charset->way == CHARSET_UTF8 && utf8_valid_prefix(raw) == raw.len)
        return raw;
    *invalid = charset_decode(charset, raw, &text);
    copy = buf_view(&text);
    copy.at = arena_copy(arena, copy.at, copy.len);
    buf_release(&text);
    return copy;
}
