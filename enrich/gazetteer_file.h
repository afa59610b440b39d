/* gazetteer_file.h: the gazetteer's file, byte by byte; for its reader and its compiler.
 */
#ifndef WIRETAG_ENRICH_GAZETTEER_FILE_H
#define WIRETAG_ENRICH_GAZETTEER_FILE_H

#include "proto/view.h"

#define FILE_MAGIC        "WIRETAGZ"
#define FILE_HEADER_BYTES 32u /* magic, format, crc, length, sections, 0 */
#define FILE_CRC_AT       12u
#define FILE_CRC_FROM     16u /* the checksum covers the file from here to its end */
#define FILE_SECTION      24u /* kind, element size, offset, length */

enum file_section {
    FILE_TEXTS,        /* bytes; what the others point into */
    FILE_ENTRIES,      /* struct of ENTRY_BYTES */
    FILE_NAMES,        /* struct of NAME_BYTES, in the order of their keys */
    FILE_CANDIDATES,   /* u32 entry */
    FILE_NAME_SLOTS,   /* u32 name + 1 (0: empty), u32 high half of its hash */
    FILE_PREFIX_SLOTS, /* u32: 0 empty, else 24 bits of hash and FILE_PREFIX_* */
    FILE_VERSION,      /* bytes */
    FILE_SECTIONS
};

/* An entry: where its fields are. */
enum {
    ENTRY_NAME = 0,         /* u32 into texts */
    ENTRY_NAME_LEN = 4,     /* u16 */
    ENTRY_CLASS = 6,        /* u8 */
    ENTRY_LOCATED = 7,      /* u8: 1 when it has coordinates */
    ENTRY_FEATURE = 8,      /* u32 into texts */
    ENTRY_ADMIN1 = 12,      /* u32 into texts */
    ENTRY_FEATURE_LEN = 16, /* u8 */
    ENTRY_ADMIN1_LEN = 17,  /* u8 */
    ENTRY_COUNTRY = 18,     /* two letters, or two NULs */
    ENTRY_GEONAMEID = 20,   /* u32 */
    ENTRY_POPULATION = 24,  /* u32 */
    ENTRY_DIVISION = 28,    /* u32 entry, or GAZETTEER_NONE */
    ENTRY_LAT = 32,         /* i32, millionths of a degree */
    ENTRY_LON = 36,
    ENTRY_BYTES = 40
};

/* A name; its words are known by their hash alone: the compiler sees to it that no two
 * names have the same. */
enum {
    NAME_HASH = 0,     /* u64, chained over its words */
    NAME_FIRST = 8,    /* u32 into candidates */
    NAME_COUNT = 12,   /* u32 */
    NAME_CLASSES = 16, /* u32 CLASS_BITs */
    NAME_WORDS = 20,   /* u32 */
    NAME_BYTES = 24
};

static inline uint32_t file_u16(const unsigned char *at) { return at[0] | at[1] << 8; }
static inline uint32_t file_u32(const unsigned char *at) {
    return at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
}
static inline uint64_t file_u64(const unsigned char *at) {
    return file_u32(at) | (uint64_t)file_u32(at + 4) << 32;
}

/* Where a hash starts looking among `slots` (a power of two) slots. */
static inline uint32_t file_slot(uint64_t hash, uint32_t slots) {
    return (uint32_t)(hash >> 20) & (slots - 1);
}
/* Prefixes are names' first word and their first two words. A slot's tag is never 0, so
 * that a used slot is never 0. */
#define FILE_PREFIX_WHOLE   0x80u
#define FILE_PREFIX_LONGEST 0x0fu
static inline uint32_t file_tag(uint64_t hash) {
    return (uint32_t)(hash >> 40 | 1u) << 8;
}

#endif
