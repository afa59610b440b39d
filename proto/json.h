/* json.h: a streaming JSON writer (RFC 8259): values go straight into a buf, commas and
 * escapes are its business, nothing is built in memory first. json_tree.h reads.
 *
 *     json_begin_object(&j);
 *     json_key(&j, "place"); json_text(&j, "Sirte");
 *     json_end(&j);
 *
 * The caller keeps begin and end paired and gives a key before each value of an object; a
 * wrong order is a programmer's mistake and trips an assert. No name here may be one of
 * jansson's (json_object, json_array, json_real, json_null, ...): the linker would take
 * the one for the other. */
#ifndef WIRETAG_PROTO_JSON_H
#define WIRETAG_PROTO_JSON_H

#include "proto/buf.h"

#define JSON_DEPTH 32

struct json {
    struct buf *out;
    unsigned depth;
    bool after_key;
    struct {
        bool object, used;
    } level[JSON_DEPTH];
};

struct json json_to(struct buf *out);
void json_begin_object(struct json *j);
void json_begin_array(struct json *j);
void json_end(struct json *j);                  /* closes the innermost object or array */
void json_key(struct json *j, const char *key); /* key: ASCII, no escapes needed */
void json_key_view(struct json *j, struct view key); /* any key, as json_view */
/* Quotes, backslashes, controls, U+2028 and U+2029 are escaped. What is not valid UTF-8
 * becomes U+FFFD, so the output always is. */
void json_view(struct json *j, struct view text);
void json_text(struct json *j, const char *text);         /* NULL writes null */
void json_view_or_null(struct json *j, struct view text); /* empty writes null */
void json_int(struct json *j, int64_t n);
void json_uint(struct json *j, uint64_t n);
/* At most `digits` (1-15) after the point, trailing zeros off; NaN and infinity: null. A
 * number too big for that many exact digits is written with 16 or 17 significant ones,
 * perhaps with an exponent. The locale plays no part. */
void json_decimal(struct json *j, double n, int digits);
void json_bool(struct json *j, bool yes);
void json_nothing(struct json *j);
void json_raw(struct json *j, struct view json); /* a whole value that is JSON already */

/* The same, key and value at once, for who writes many. A key is JSON_KEY("place"). */
#define JSON_KEY(name) VIEW_LIT(",\"" name "\":")
void json_member_view(struct json *j, struct view key, struct view text);
void json_member_plain(struct json *j, struct view key,
                       struct view text); /* text: ASCII, no escapes needed */
void json_member_uint(struct json *j, struct view key, uint64_t n);
void json_member_decimal(struct json *j, struct view key, double n, int digits);
void json_member_nothing(struct json *j, struct view key);
void json_member_object(struct json *j, struct view key); /* begins one */
void json_member_array(struct json *j, struct view key);

#endif
