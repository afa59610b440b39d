/* crc32c.h: CRC-32C (Castagnoli, polynomial 0x1EDC6F41 reflected; RFC 3720 appendix B.4),
 * by the CPU's own instruction where it has one. */
#ifndef WIRETAG_PROTO_CRC32C_H
#define WIRETAG_PROTO_CRC32C_H

#include "proto/view.h"

/* Start with crc = 0; feed the result back in to continue. */
uint32_t crc32c(uint32_t crc, struct view bytes);

#endif
