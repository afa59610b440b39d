/* gazetteer.c: keys of names; opening, checking and asking the mapped file. */
#include "enrich/gazetteer.h"

#include "enrich/gazetteer_file.h"
#include "proto/crc32c.h"
#include "proto/mem.h"
#include "proto/utf8.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

struct section {
    const unsigned char *at;
    uint32_t count; /* elements */
};

struct gazetteer {
    struct section sections[FILE_SECTIONS];
    void *mapped; /* NULL: the bytes are the caller's */
    size_t mapped_bytes;
};

static const char *const class_names[GAZETTEER_CLASSES] = {
    [CLASS_COUNTRY] = "country",
    [CLASS_ADMIN1] = "admin1",
    [CLASS_CITY] = "city",
    [CLASS_REGION] = "region",
    [CLASS_ORGANIZATION] = "organization",
    [CLASS_FACILITY] = "facility",
    [CLASS_GROUP] = "group",
    [CLASS_EVENT] = "event",
    [CLASS_PRODUCT] = "product",
    [CLASS_PERSON] = "person",
    [CLASS_TITLE] = "title",
    [CLASS_OFFICE] = "office",
    [CLASS_FORENAME] = "forename",
    [CLASS_SURNAME] = "surname",
    [CLASS_PARTICLE] = "particle",
    [CLASS_WORD] = "word",
    [CLASS_NOT_NAME] = "not-a-name",
    [CLASS_KEY_ORGANIZATION] = "key-organization",
    [CLASS_KEY_FACILITY] = "key-facility",
    [CLASS_KEY_LOCATION] = "key-location",
    [CLASS_KEY_EVENT] = "key-event",
    [CLASS_KEY_PRODUCT] = "key-product",
    [CLASS_KEY_BEFORE] = "key-before",
    [CLASS_FUNCTION] = "function",
    [CLASS_NOUN_ORGANIZATION] = "noun-organization",
    [CLASS_NOUN_FACILITY] = "noun-facility",
    [CLASS_NOUN_LOCATION] = "noun-location",
    [CLASS_NOUN_GROUP] = "noun-group",
    [CLASS_NOUN_PRODUCT] = "noun-product",
    [CLASS_SAYS] = "says",
    [CLASS_BEFORE_TITLE] = "before-title",
    [CLASS_TOWARDS] = "towards",
};

const char *class_name(enum gazetteer_class class) {
    return (unsigned)class < GAZETTEER_CLASSES ? class_names[class] : "?";
}

/* --- keys --- */

static bool is_word_byte(unsigned char c) {
    return c >= 0x80 || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || c == '&' ||
           c == '+' || c == '@';
}

/* 's that ends a word, at folded.at[i]. */
static bool is_genitive(struct view folded, size_t i) {
    return i + 1 < folded.len && folded.at[i + 1] == 's' &&
           (i + 2 == folded.len || !is_word_byte((unsigned char)folded.at[i + 2]));
}

/* A name of ASCII letters and digits only, as nearly all tokens are. */
static bool put_plain(struct view name, struct buf *out) {
    char *to = buf_reserve(out, name.len);
    for (size_t i = 0; i < name.len; i++) {
        unsigned c = (unsigned char)name.at[i], small = c | 32;
        if (small - 0x61 >= 26 && c - 0x30 >= 10)
            return false;
        to[i] = (char)small; // digits have that bit already
    }
    out->len += name.len;
    return true;
}

void gazetteer_key(struct view name, struct buf *out) {
    size_t begin = out->len, end = begin;
    bool gap = false;
    if (put_plain(name, out))
        return;
    utf8_fold(name, out);
    struct view folded = view_n(out->at + begin, out->len - begin);
    for (size_t i = 0; i < folded.len; i++) { // in place: words only get shorter
        char c = folded.at[i];
        if (c == '.')
            continue;
        if (c == '\'') {
            gap = gap || is_genitive(folded, i);
            continue;
        }
        if (!is_word_byte((unsigned char)c)) {
            gap = true;
            continue;
        }
        if (gap && end > begin)
            out->at[end++] = ' ';
        gap = false;
        out->at[end++] = c;
    }
    out->len = end;
}

/* Up to eight bytes, little-endian. */
static uint64_t load_word(const char *at, size_t len) {
    const unsigned char *b = (const unsigned char *)at;
    if (len == 8)
        return file_u64(b);
    if (len >= 4)
        return file_u32(b) | (uint64_t)file_u32(b + len - 4) << 8 * (len - 4);
    if (len == 0)
        return 0;
    return b[0] | (uint64_t)b[len / 2] << 8 * (len / 2) |
           (uint64_t)b[len - 1] << 8 * (len - 1);
}

uint64_t gazetteer_word_hash(struct view word) {
    uint64_t hash = (word.len + 1) * 0xff51afd7ed558ccdu;
    for (; word.len > 8; word.at += 8, word.len -= 8) {
        hash = (hash ^ load_word(word.at, 8)) * 0x9fb21c651e98df25u;
        hash ^= hash >> 29;
    }
    hash = (hash ^ load_word(word.at, word.len)) * 0x9fb21c651e98df25u;
    hash ^= hash >> 32;
    return hash * 0xd6e8feb86659fd93u;
}

/* --- checking --- */

static int refuse(struct diag *diag, size_t offset, int err, const char *what) {
    diag_set(diag, offset, "%s; build it again with `wiretag gazetteer`", what);
    return err;
}

static const uint32_t element_bytes[FILE_SECTIONS] = {
    [FILE_TEXTS] = 1,      [FILE_ENTRIES] = ENTRY_BYTES, [FILE_NAMES] = NAME_BYTES,
    [FILE_CANDIDATES] = 4, [FILE_NAME_SLOTS] = 8,        [FILE_PREFIX_SLOTS] = 4,
    [FILE_VERSION] = 1,
};

static int check_header(struct view bytes, struct diag *diag) {
    const unsigned char *at = (const unsigned char *)bytes.at;
    if (bytes.len < FILE_HEADER_BYTES)
        return refuse(diag, bytes.len, ERR_SHORT, "the gazetteer is cut off");
    if (memcmp(at, FILE_MAGIC, 8) != 0)
        return refuse(diag, 0, ERR_FORMAT, "this is no gazetteer");
    if (file_u32(at + 8) != GAZETTEER_FORMAT) {
        diag_set(
            diag, 8,
            "the gazetteer has format %u, this program reads %u; build it again with "
            "`wiretag gazetteer`",
            (unsigned)file_u32(at + 8), GAZETTEER_FORMAT);
        return ERR_VERSION;
    }
    if (file_u64(at + 16) != bytes.len)
        return refuse(diag, bytes.len, ERR_SHORT,
                      "the gazetteer is not as long as it says it is");
    if (file_u32(at + FILE_CRC_AT) !=
        crc32c(0, view_n(bytes.at + FILE_CRC_FROM, bytes.len - FILE_CRC_FROM)))
        return refuse(diag, FILE_CRC_AT, ERR_CHECKSUM, "the gazetteer is damaged");
    if (file_u32(at + 24) != FILE_SECTIONS ||
        bytes.len < FILE_HEADER_BYTES + FILE_SECTIONS * FILE_SECTION)
        return refuse(diag, 24, ERR_FORMAT,
                      "the gazetteer has not the sections it needs");
    return 0;
}

static int check_sections(struct view bytes, struct gazetteer *out, struct diag *diag) {
    for (uint32_t i = 0; i < FILE_SECTIONS; i++) {
        size_t where = FILE_HEADER_BYTES + i * FILE_SECTION;
        const unsigned char *at = (const unsigned char *)bytes.at + where;
        uint64_t offset = file_u64(at + 8), length = file_u64(at + 16);
        if (file_u32(at) != i || file_u32(at + 4) != element_bytes[i] ||
            offset % 8 != 0 || offset > bytes.len || length > bytes.len - offset ||
            length % element_bytes[i] != 0 || length / element_bytes[i] >= UINT32_MAX)
            return refuse(diag, where, ERR_FORMAT, "a section of the gazetteer is wrong");
        out->sections[i].at = (const unsigned char *)bytes.at + offset;
        out->sections[i].count = (uint32_t)(length / element_bytes[i]);
    }
    return 0;
}

static bool text_fits(const struct gazetteer *g, uint32_t at, uint32_t len) {
    uint32_t all = g->sections[FILE_TEXTS].count;
    return at <= all && len <= all - at;
}

static bool entry_is_sound(const struct gazetteer *g, const unsigned char *e) {
    uint32_t division = file_u32(e + ENTRY_DIVISION);
    return text_fits(g, file_u32(e + ENTRY_NAME), file_u16(e + ENTRY_NAME_LEN)) &&
           text_fits(g, file_u32(e + ENTRY_FEATURE), e[ENTRY_FEATURE_LEN]) &&
           text_fits(g, file_u32(e + ENTRY_ADMIN1), e[ENTRY_ADMIN1_LEN]) &&
           e[ENTRY_CLASS] < GAZETTEER_CLASSES &&
           (division == GAZETTEER_NONE || division < g->sections[FILE_ENTRIES].count);
}

static bool name_is_sound(const struct gazetteer *g, const unsigned char *n) {
    uint32_t first = file_u32(n + NAME_FIRST), count = file_u32(n + NAME_COUNT);
    uint32_t all = g->sections[FILE_CANDIDATES].count;
    return count > 0 && first <= all && count <= all - first;
}

/* A power of two, with an empty slot to end every search, none past `limit`. */
static bool slots_are_sound(const struct section *slots, uint32_t bytes, uint32_t limit) {
    uint32_t empty = 0;
    if (slots->count == 0 || (slots->count & (slots->count - 1)) != 0)
        return false;
    for (uint32_t i = 0; i < slots->count; i++) {
        uint32_t slot = file_u32(slots->at + bytes * (size_t)i);
        empty += slot == 0;
        if (slot > limit)
            return false;
    }
    return empty > 0;
}

static int check_contents(const struct gazetteer *g, struct diag *diag) {
    const struct section *s = g->sections;
    for (uint32_t i = 0; i < s[FILE_ENTRIES].count; i++)
        if (!entry_is_sound(g, s[FILE_ENTRIES].at + (size_t)i * ENTRY_BYTES))
            return refuse(diag, i, ERR_FORMAT, "an entry of the gazetteer is wrong");
    for (uint32_t i = 0; i < s[FILE_NAMES].count; i++)
        if (!name_is_sound(g, s[FILE_NAMES].at + (size_t)i * NAME_BYTES))
            return refuse(diag, i, ERR_FORMAT, "a name of the gazetteer is wrong");
    for (uint32_t i = 0; i < s[FILE_CANDIDATES].count; i++)
        if (file_u32(s[FILE_CANDIDATES].at + (size_t)i * 4) >= s[FILE_ENTRIES].count)
            return refuse(diag, i, ERR_FORMAT, "a candidate of the gazetteer is wrong");
    if (!slots_are_sound(&s[FILE_NAME_SLOTS], 8, s[FILE_NAMES].count) ||
        !slots_are_sound(&s[FILE_PREFIX_SLOTS], 4, UINT32_MAX))
        return refuse(diag, 0, ERR_FORMAT, "the index of the gazetteer is wrong");
    return 0;
}

int gazetteer_from_bytes(struct view bytes, struct gazetteer **out, struct diag *diag) {
    struct gazetteer *g = mem_zalloc(sizeof *g);
    int err = check_header(bytes, diag);
    if (!err)
        err = check_sections(bytes, g, diag);
    if (!err)
        err = check_contents(g, diag);
    if (err)
        free(g);
    else
        *out = g;
    return err;
}

int gazetteer_open(const char *path, struct gazetteer **out, struct diag *diag) {
    struct stat info;
    void *mapped = MAP_FAILED;
    int fd = open(path, O_RDONLY | O_CLOEXEC), err = ERR_SYSTEM;
    if (fd < 0 || fstat(fd, &info) < 0)
        goto out;
    if (info.st_size <= 0) {
        err = refuse(diag, 0, ERR_SHORT, "the gazetteer is empty");
        goto out;
    }
    mapped = mmap(NULL, (size_t)info.st_size, PROT_READ, MAP_SHARED, fd, 0);
    if (mapped == MAP_FAILED)
        goto out;
    err = gazetteer_from_bytes(view_n(mapped, (size_t)info.st_size), out, diag);
    if (err) {
        munmap(mapped, (size_t)info.st_size);
    } else {
        (*out)->mapped = mapped;
        (*out)->mapped_bytes = (size_t)info.st_size;
    }
out:
    if (err == ERR_SYSTEM)
        diag_set(diag, 0, "%s: %s", path, err_text(err));
    if (fd >= 0)
        close(fd);
    return err;
}

void gazetteer_close(struct gazetteer *gazetteer) {
    if (gazetteer && gazetteer->mapped)
        munmap(gazetteer->mapped, gazetteer->mapped_bytes);
    free(gazetteer);
}

/* --- asking --- */

static struct view text_at(const struct gazetteer *g, uint32_t at, uint32_t len) {
    return view_n((const char *)g->sections[FILE_TEXTS].at + at, len);
}

struct view gazetteer_version(const struct gazetteer *g) {
    return view_n((const char *)g->sections[FILE_VERSION].at,
                  g->sections[FILE_VERSION].count);
}

size_t gazetteer_name_count(const struct gazetteer *g) {
    return g->sections[FILE_NAMES].count;
}

size_t gazetteer_entry_count(const struct gazetteer *g) {
    return g->sections[FILE_ENTRIES].count;
}

struct gazetteer_entry gazetteer_entry(const struct gazetteer *g, uint32_t entry) {
    const unsigned char *e = g->sections[FILE_ENTRIES].at + (size_t)entry * ENTRY_BYTES;
    return (struct gazetteer_entry){
        .class = e[ENTRY_CLASS],
        .name = text_at(g, file_u32(e + ENTRY_NAME), file_u16(e + ENTRY_NAME_LEN)),
        .country = view_n((const char *)e + ENTRY_COUNTRY, e[ENTRY_COUNTRY] ? 2 : 0),
        .admin1 = text_at(g, file_u32(e + ENTRY_ADMIN1), e[ENTRY_ADMIN1_LEN]),
        .feature = text_at(g, file_u32(e + ENTRY_FEATURE), e[ENTRY_FEATURE_LEN]),
        .geonameid = file_u32(e + ENTRY_GEONAMEID),
        .population = file_u32(e + ENTRY_POPULATION),
        .division = file_u32(e + ENTRY_DIVISION),
        .located = e[ENTRY_LOCATED] != 0,
        .lat = (int32_t)file_u32(e + ENTRY_LAT) / 1e6,
        .lon = (int32_t)file_u32(e + ENTRY_LON) / 1e6,
    };
}

enum gazetteer_class gazetteer_class(const struct gazetteer *g, uint32_t entry) {
    return g->sections[FILE_ENTRIES].at[(size_t)entry * ENTRY_BYTES + ENTRY_CLASS];
}

static const unsigned char *name_at(const struct gazetteer *g, uint32_t name) {
    return g->sections[FILE_NAMES].at + (size_t)name * NAME_BYTES;
}

struct candidates gazetteer_candidates(const struct gazetteer *g, uint32_t name) {
    const unsigned char *n = name_at(g, name);
    return (struct candidates){.at = g->sections[FILE_CANDIDATES].at +
                                     (size_t)file_u32(n + NAME_FIRST) * 4,
                               .count = file_u32(n + NAME_COUNT)};
}

uint32_t candidates_at(struct candidates candidates, size_t i) {
    return file_u32(candidates.at + 4 * i);
}

uint32_t gazetteer_classes(const struct gazetteer *g, uint32_t name) {
    return file_u32(name_at(g, name) + NAME_CLASSES);
}

struct gazetteer_prefix gazetteer_prefix(const struct gazetteer *g, uint64_t hash) {
    const struct section *slots = &g->sections[FILE_PREFIX_SLOTS];
    uint32_t tag = file_tag(hash), i = file_slot(hash, slots->count), slot;
    while ((slot = file_u32(slots->at + 4 * (size_t)i)) != 0) {
        if ((slot & ~0xffu) == tag)
            return (struct gazetteer_prefix){slot & FILE_PREFIX_LONGEST,
                                             (slot & FILE_PREFIX_WHOLE) != 0};
        i = (i + 1) & (slots->count - 1);
    }
    return (struct gazetteer_prefix){0};
}

uint32_t gazetteer_probe(const struct gazetteer *g, uint64_t hash) {
    const struct section *slots = &g->sections[FILE_NAME_SLOTS];
    uint32_t i = file_slot(hash, slots->count);
    for (;; i = (i + 1) & (slots->count - 1)) {
        const unsigned char *slot = slots->at + 8 * (size_t)i;
        uint32_t name = file_u32(slot);
        if (name == 0)
            return GAZETTEER_NONE;
        if (file_u32(slot + 4) == (uint32_t)(hash >> 32) &&
            file_u64(name_at(g, name - 1) + NAME_HASH) == hash)
            return name - 1;
    }
}

uint64_t gazetteer_key_hash(struct view key, unsigned *words) {
    struct view word;
    uint64_t hash = 0;
    unsigned count = 0;
    while (view_split(&key, ' ', &word)) {
        uint64_t next = gazetteer_word_hash(word);
        hash = count++ ? gazetteer_chain(hash, next) : next;
    }
    *words = count;
    return hash;
}

uint32_t gazetteer_find(const struct gazetteer *g, struct view name, struct buf *buf) {
    unsigned words;
    buf_clear(buf);
    gazetteer_key(name, buf);
    uint64_t hash = gazetteer_key_hash(buf_view(buf), &words);
    return words ? gazetteer_probe(g, hash) : GAZETTEER_NONE;
}
