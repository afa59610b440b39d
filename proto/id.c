#include "proto/id.h"

#include <sodium.h>

struct digest digest_of(struct view bytes) {
    struct digest digest;

    crypto_generichash(digest.bytes, sizeof digest.bytes, (const unsigned char *)bytes.at,
                       bytes.len, NULL, 0);
    return digest;
}

void hex16(const uint8_t bytes[16], char out[HEX16]) {
    sodium_bin2hex(out, HEX16, bytes, 16);
}
