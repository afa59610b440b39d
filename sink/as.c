#include "sink/as.h"

#include <stdio.h>
#include <string.h>

#include "proto/moment.h"
#include "proto/utf8.h"

static void write_native(const struct tagged *event, struct buf *out) {
    buf_put_view(out, event->json);
    buf_put_u8(out, '\n');
}

const struct as as_native = {.name = "native", .suffix = ".json", .write = write_native};

const struct as *as_find(const char *name) {
    static const struct as *const all[] = {&as_native,      &as_ninjs, &as_geojson,
                                           &as_cloudevents, &as_brat,  &as_gkg};

    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        if (strcmp(all[i]->name, name) == 0)
            return all[i];
    return NULL;
}

/* ---- URIs ---- */

static bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
static bool is_digit(char c) { return c >= '0' && c <= '9'; }

static bool is_hex(char c) {
    return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

/* scheme ":" and something behind it */
static bool has_scheme(struct view text) {
    size_t i = 0;

    if (!text.len || !is_letter(text.at[0]))
        return false;
    while (i < text.len && (is_letter(text.at[i]) || is_digit(text.at[i]) ||
                            memchr("+-.", text.at[i], 3)))
        i++;
    return i + 1 < text.len && text.at[i] == ':';
}

/* Encodes all but letters, digits, "-._~" and `also`; of a '#' only the first may stay.
 */
static void put_encoded(struct buf *out, struct view text, const char *also) {
    bool fragment = false;

    for (size_t i = 0; i < text.len; i++) {
        char c = text.at[i];
        bool escape = c == '%' && i + 2 < text.len && is_hex(text.at[i + 1]) &&
                      is_hex(text.at[i + 2]);
        bool plain = is_letter(c) || is_digit(c) || (c && strchr("-._~", c)) ||
                     (c && *also && (strchr(also, c) || escape));
        if (c == '#' && plain) {
            plain = !fragment;
            fragment = true;
        }
        if (plain)
            buf_put_u8(out, (uint8_t)c);
        else
            buf_printf(out, "%%%02X", (unsigned char)c);
    }
}

void as_put_uri(struct buf *out, const char *prefix, struct view text) {
    bool whole = has_scheme(text);

    if (!whole)
        buf_put_text(out, prefix);
    put_encoded(out, text, whole ? ":/?#@!$&'()*+,;=" : "");
    if (!text.len)
        buf_put_text(out, "none");
}

void as_put_encoded(struct buf *out, struct view text) { put_encoded(out, text, ""); }

/* ---- members ---- */

void as_member(struct json *json, const char *key, struct view text) {
    if (!text.len)
        return;
    json_key(json, key);
    json_view(json, text);
}

void as_moment(struct json *json, const char *key, struct view time) {
    struct moment_parts parts;
    char text[MOMENT_TEXT];

    if (!moment_of_iso(time, &parts) || !parts.has_time || !parts.has_zone)
        return;
    as_member(json, key, moment_print(moment_ms(&parts), text));
}

/* ---- lines ---- */

static bool is_blank(uint32_t c, const char *marks) {
    return c <= 0x20 || (c >= 0x7F && c <= 0xA0) || c == 0x2028 || c == 0x2029 ||
           (c < 0x80 && strchr(marks, (int)c));
}

void as_put_line(struct buf *out, struct view text, const char *marks, size_t most) {
    bool blank = false;
    size_t begun = out->len, count = 0;

    while (text.len) {
        uint32_t c = utf8_take(&text);
        if (is_blank(c, marks)) {
            blank = true;
            continue;
        }
        if (most && count >= most) {
            buf_put_text(out, " …");
            return;
        }
        if (blank && out->len > begun)
            buf_put_u8(out, ' ');
        blank = false;
        utf8_put(out, c);
        count++;
    }
}
