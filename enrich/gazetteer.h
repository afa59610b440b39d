/* gazetteer.h: all names the tagger knows, in one file that is mapped and shared.
 *
 *     name "tripoli"  ->  entry Tripoli LY (capital, 1.1 million), entry Tripoli LB, ...
 *     name "bank of england"  ->  entry Bank of England (organization)
 *     name "libyans"  ->  entry Libyan (group, LY)
 *
 * A name is what may stand in a text; an entry is what it may mean. A name's entries are
 * sorted, the weightiest first. Names are compared as keys: the words of the name, folded
 * (utf8_fold), without full stops and apostrophes, hyphens read as blanks, one blank
 * between two words: "U.N." is "un", "al-Sisi" is "al sisi", "Cox's Bazar" "cox s bazar".
 *
 * `wiretag gazetteer` makes the file from tables (see enrich/data/README.md). Layout, all
 * numbers little-endian, sections at multiples of 8:
 *
 *     "WIRETAGZ"  u32 format  u32 crc32c of all that follows  u64 length of the file
 *     u32 sections  u32 0     sections x { u32 kind  u32 element size  u64 offset  u64
 * length } the sections: texts, entries, names, candidates, name slots, first-word slots,
 * version
 *
 * gazetteer_open checks the checksum and every number that points somewhere, so look-ups
 * trust the file. It is mapped read-only; do not change a file in use, put a new one in
 * its place (rename). A gazetteer may be used by several threads. */
#ifndef WIRETAG_ENRICH_GAZETTEER_H
#define WIRETAG_ENRICH_GAZETTEER_H

#include "proto/buf.h"
#include "proto/err.h"

#define GAZETTEER_FORMAT    1u
#define GAZETTEER_NONE      UINT32_MAX /* no name, no entry */
#define GAZETTEER_WORDS_MAX 12u        /* words in a name; longer ones are left out */

/* What an entry is. Up to CLASS_PERSON they can be mentions; the others are words that
 * tell what stands beside them. The words in the tables are those of class_name. */
enum gazetteer_class {
    CLASS_COUNTRY,
    CLASS_ADMIN1, /* state, province: first-order division */
    CLASS_CITY,
    CLASS_REGION, /* continents, seas, rivers, ranges, parts of countries */
    CLASS_ORGANIZATION,
    CLASS_FACILITY,
    CLASS_GROUP, /* peoples, faiths, followers; with a country where it is a demonym */
    CLASS_EVENT,
    CLASS_PRODUCT,
    CLASS_PERSON,
    CLASS_TITLE,  /* stands before a person: "Field Marshal", "Mr" */
    CLASS_OFFICE, /* the same, also used alone: "foreign minister", "spokesman" */
    CLASS_FORENAME,
    CLASS_SURNAME,
    CLASS_PARTICLE,         /* inside a person's name: "al", "de", "von" */
    CLASS_WORD,             /* ordinary word: its capital means little */
    CLASS_NOT_NAME,         /* capitalised but no name here: "Monday", "January", "God" */
    CLASS_KEY_ORGANIZATION, /* ends or heads a name of that type: "Ministry", "Party" */
    CLASS_KEY_FACILITY,     /* "Airport" */
    CLASS_KEY_LOCATION,     /* "River", "Province" */
    CLASS_KEY_EVENT,        /* "Cup", "War" */
    CLASS_KEY_PRODUCT,      /* "missile" */
    CLASS_KEY_BEFORE,       /* with one of those above: heads the name: "Mount" */
    CLASS_FUNCTION,         /* article, pronoun, preposition: never in a name's front */
    CLASS_NOUN_ORGANIZATION, /* in small letters beside a name: "newspaper" */
    CLASS_NOUN_FACILITY,     /* "airport" */
    CLASS_NOUN_LOCATION,     /* "province" */
    CLASS_NOUN_GROUP,        /* "tribe" */
    CLASS_NOUN_PRODUCT,      /* "missile" */
    CLASS_SAYS,              /* verb of those who speak: "said", "told" */
    CLASS_BEFORE_TITLE,      /* lengthens the title behind it: "Deputy", "acting" */
    CLASS_TOWARDS,           /* stands before places: "in", "near" */
    GAZETTEER_CLASSES
};

#define CLASS_BIT(class) (1u << (class))
#define CLASS_PLACES                                                                     \
    (CLASS_BIT(CLASS_COUNTRY) | CLASS_BIT(CLASS_ADMIN1) | CLASS_BIT(CLASS_CITY) |        \
     CLASS_BIT(CLASS_REGION))
#define CLASS_NAMES                                                                      \
    (CLASS_PLACES | CLASS_BIT(CLASS_ORGANIZATION) | CLASS_BIT(CLASS_FACILITY) |          \
     CLASS_BIT(CLASS_GROUP) | CLASS_BIT(CLASS_EVENT) | CLASS_BIT(CLASS_PRODUCT) |        \
     CLASS_BIT(CLASS_PERSON))

/* "country", "key-facility"; never NULL. */
const char *class_name(enum gazetteer_class class);

struct gazetteer_entry {
    enum gazetteer_class class;
    struct view name;    /* as it is written: "Tripoli" */
    struct view country; /* ISO 3166-1 alpha-2, or empty */
    struct view admin1;  /* GeoNames code of the division, or empty */
    struct view feature; /* GeoNames feature code, "PPLC"; another class's remark */
    uint32_t geonameid;  /* 0: has none */
    uint32_t population; /* 0: unknown */
    uint32_t division;   /* entry of the division it lies in, or GAZETTEER_NONE */
    bool located;        /* lat and lon are known */
    double lat, lon;     /* degrees, WGS 84 */
};

struct gazetteer;

/* Maps a file. ERR_SYSTEM (errno), ERR_SHORT, ERR_FORMAT, ERR_VERSION, ERR_CHECKSUM; diag
 * says what is wrong and what to do. */
int gazetteer_open(const char *path, struct gazetteer **out, struct diag *diag);
/* The same on bytes of the caller, which must outlive it. */
int gazetteer_from_bytes(struct view bytes, struct gazetteer **out, struct diag *diag);
void gazetteer_close(struct gazetteer *gazetteer);
/* "2026-03.1": the data's version. */
struct view gazetteer_version(const struct gazetteer *gazetteer);
size_t gazetteer_name_count(const struct gazetteer *gazetteer);
size_t gazetteer_entry_count(const struct gazetteer *gazetteer);

/* `entry` is one that a name's candidates or `division` gave. */
struct gazetteer_entry gazetteer_entry(const struct gazetteer *gazetteer, uint32_t entry);

/* Its class alone, at less cost. */
enum gazetteer_class gazetteer_class(const struct gazetteer *gazetteer, uint32_t entry);

/* The entries of a name, weightiest first. */
struct candidates {
    const unsigned char *at;
    size_t count; /* at least 1 */
};
/* The i-th (i < count). */
uint32_t candidates_at(struct candidates candidates, size_t i);
struct candidates gazetteer_candidates(const struct gazetteer *gazetteer, uint32_t name);
/* CLASS_BITs of all its entries. */
uint32_t gazetteer_classes(const struct gazetteer *gazetteer, uint32_t name);

/* --- looking up --- */

/* Appends the key of a name, or of one token of a text. May append nothing ("..."). */
void gazetteer_key(struct view name, struct buf *out);
/* A hyphen inside a word, ASCII or U+2010, U+2011. */
static inline bool gazetteer_is_hyphen(struct view mark) {
    return view_is(mark, "-") || view_is(mark, "\xE2\x80\x90") ||
           view_is(mark, "\xE2\x80\x91");
}
/* The name with this spelling, or GAZETTEER_NONE. buf is for the key, and is cleared. */
uint32_t gazetteer_find(const struct gazetteer *gazetteer, struct view name,
                        struct buf *buf);

/* Looking up runs of words: hash each word of a key once, then chain the hashes.
 *     hash = word_hash(w1); hash = chain(hash, word_hash(w2)); name = probe(hash) */
uint64_t gazetteer_word_hash(struct view word);
static inline uint64_t gazetteer_chain(uint64_t hash, uint64_t word) {
    return (hash ^ (word + 0x9e3779b97f4a7c15u)) * 0xd6e8feb86659fd93u;
}
/* The chained hash of a whole key, and how many words it has. */
uint64_t gazetteer_key_hash(struct view key, unsigned *words);
/* What begins with this word, or with these two (chained). Rarely it promises more than
 * is there, never less. */
struct gazetteer_prefix {
    unsigned longest; /* words of the longest such name; 0: there is none */
    bool whole;       /* it is a name itself */
};
struct gazetteer_prefix gazetteer_prefix(const struct gazetteer *gazetteer,
                                         uint64_t hash);
/* The name with this chained hash, or GAZETTEER_NONE. No two names share one. */
uint32_t gazetteer_probe(const struct gazetteer *gazetteer, uint64_t hash);

/* --- making one --- */

/* Reads tables (TSV with a header line) and appends the file's bytes to out: the same
 * bytes for the same tables in the same order. ERR_FORMAT with the table and line. */
struct gazetteer_table {
    const char *path; /* for messages */
    struct view text;
};
int gazetteer_compile(const struct gazetteer_table *tables, size_t count,
                      struct view version, struct buf *out, struct diag *diag);

#endif
