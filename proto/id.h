/* id.h: who is who on the wire.
 *
 * A report's transport id is (journal uuid, index): the uuid is drawn anew for each
 * journal ever made, indices count up from 1 and are never used again. A story's identity
 * (guid, version) is another matter: see report.h. */
#ifndef WIRETAG_PROTO_ID_H
#define WIRETAG_PROTO_ID_H

#include "proto/view.h"

struct uuid {
    uint8_t bytes[16];
};

struct report_id {
    struct uuid journal;
    uint64_t index;
};

/* 128 bits that name a text: BLAKE2b, truncated. */
struct digest {
    uint8_t bytes[16];
};

struct digest digest_of(struct view bytes);
static inline bool uuid_eq(struct uuid a, struct uuid b) {
    return memcmp(a.bytes, b.bytes, sizeof a.bytes) == 0;
}
/* Lower-case hexadecimal, NUL-terminated: 32 digits of 16 bytes. */
#define HEX16 33
void hex16(const uint8_t bytes[16], char out[HEX16]);

#endif
