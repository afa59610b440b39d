/* gazetteer_compile.c: tables in, the gazetteer's bytes out.
 *
 * Rows become entries, their names pairs (key, entry); sorting the pairs brings the
 * entries of one name together, the weightiest first, and makes the bytes independent of
 * anything but the tables. */
#include "enrich/gazetteer.h"
#include "enrich/gazetteer_file.h"

#include "proto/crc32c.h"
#include "proto/mem.h"

#include <math.h>
#include <stdlib.h>

#define KEY_BYTES_MAX 200u

enum column {
    COLUMN_NAME,
    COLUMN_CLASS,
    COLUMN_ALTERNATES,
    COLUMN_GEONAMEID,
    COLUMN_LAT,
    COLUMN_LON,
    COLUMN_COUNTRY,
    COLUMN_ADMIN1,
    COLUMN_FEATURE,
    COLUMN_POPULATION,
    COLUMNS
};
static const char *const column_names[COLUMNS] = {
    "name", "class",   "alternates", "geonameid", "lat",
    "lon",  "country", "admin1",     "feature",   "population"};

struct pair { /* a name of an entry */
    uint32_t key, key_len, entry;
    int32_t weight;
};

struct compiler {
    struct buf texts, entries, names, candidates, name_slots, prefix_slots;
    struct buf keys; /* of the pairs; not in the file */
    uint32_t entry_count, name_count;
    struct pair *pairs;
    size_t pair_count, pair_cap;
    struct diag *diag;
    const char *path;
    size_t line;
    int columns[64]; /* of the table being read: enum column, or -1 */
    size_t column_count;
};

static int wrong(struct compiler *c, const char *what, struct view value) {
    diag_set(c->diag, c->line, "%s:%zu: %s: %.*s", c->path, c->line, what,
             (int)(value.len < 60 ? value.len : 60), value.at);
    return ERR_FORMAT;
}

static uint32_t keep_text(struct compiler *c, struct view text) {
    uint32_t at = (uint32_t)c->texts.len;
    buf_put_view(&c->texts, text);
    return at;
}

/* --- rows --- */

static bool decimal(struct view text, double limit, int32_t *out) {
    char copy[32], *end;
    if (text.len == 0 || text.len >= sizeof copy)
        return false;
    memcpy(copy, text.at, text.len);
    copy[text.len] = 0;
    double value = strtod(copy, &end);
    if (*end || !(fabs(value) <= limit))
        return false;
    *out = (int32_t)lround(value * 1e6);
    return true;
}

static int class_of(struct view name) {
    for (int i = 0; i < GAZETTEER_CLASSES; i++)
        if (view_is(name, class_name((enum gazetteer_class)i)))
            return i;
    return -1;
}

/* How much an entry comes to mind when its name is read alone. */
static int32_t weight_of(int class, struct view feature, uint32_t population) {
    int32_t people = (int32_t)lround(100 * log10(population + 10.0));
    if (class == CLASS_COUNTRY)
        return 3000 + people;
    if (class == CLASS_ADMIN1)
        return 600;
    if (class == CLASS_REGION)
        return view_is(feature, "CONT") ? 3000 : 650;
    if (class != CLASS_CITY)
        return 500;
    if (view_is(feature, "PPLC"))
        return people + 250;
    return people + (view_is(feature, "PPLA") ? 60 : 0);
}

static void add_pair(struct compiler *c, struct view name, uint32_t entry,
                     int32_t weight) {
    uint32_t key = (uint32_t)c->keys.len;
    unsigned words = 0;
    gazetteer_key(name, &c->keys);
    uint32_t len = (uint32_t)c->keys.len - key;
    gazetteer_key_hash(view_n(c->keys.at + key, len), &words);
    if (words == 0 || words > GAZETTEER_WORDS_MAX || len > KEY_BYTES_MAX) {
        c->keys.len = key;
        return;
    }
    if (c->pair_count == c->pair_cap) {
        c->pair_cap = c->pair_cap ? 2 * c->pair_cap : 4096;
        c->pairs = mem_resize(c->pairs, c->pair_cap, sizeof *c->pairs);
    }
    c->pairs[c->pair_count++] = (struct pair){key, len, entry, weight};
}

static int check_row(struct compiler *c, const struct view *cells) {
    if (cells[COLUMN_NAME].len == 0 || cells[COLUMN_NAME].len > UINT16_MAX)
        return wrong(c, "a row needs a name", cells[COLUMN_NAME]);
    if (class_of(cells[COLUMN_CLASS]) < 0)
        return wrong(c, "no such class", cells[COLUMN_CLASS]);
    if (cells[COLUMN_COUNTRY].len != 0 && cells[COLUMN_COUNTRY].len != 2)
        return wrong(c, "a country is two letters", cells[COLUMN_COUNTRY]);
    if (cells[COLUMN_FEATURE].len > 255 || cells[COLUMN_ADMIN1].len > 255)
        return wrong(c, "too long", cells[COLUMN_FEATURE]);
    return 0;
}

static int take_number(struct compiler *c, struct view text, uint32_t *out) {
    uint64_t value = 0;
    if (text.len && (!view_number(text, &value) || value > UINT32_MAX))
        return wrong(c, "not a number", text);
    *out = (uint32_t)value;
    return 0;
}

static int add_entry(struct compiler *c, const struct view *cells) {
    uint32_t geonameid = 0, population = 0;
    int32_t lat = 0, lon = 0;
    bool located = cells[COLUMN_LAT].len || cells[COLUMN_LON].len;
    int err = check_row(c, cells), class = class_of(cells[COLUMN_CLASS]);
    if (err || (err = take_number(c, cells[COLUMN_GEONAMEID], &geonameid)) ||
        (err = take_number(c, cells[COLUMN_POPULATION], &population)))
        return err;
    if (located &&
        (!decimal(cells[COLUMN_LAT], 90, &lat) || !decimal(cells[COLUMN_LON], 180, &lon)))
        return wrong(c, "not a latitude and a longitude", cells[COLUMN_LAT]);
    buf_put_u32(&c->entries, keep_text(c, cells[COLUMN_NAME]));
    buf_put_u16(&c->entries, (uint16_t)cells[COLUMN_NAME].len);
    buf_put_u8(&c->entries, (uint8_t) class);
    buf_put_u8(&c->entries, located);
    buf_put_u32(&c->entries, keep_text(c, cells[COLUMN_FEATURE]));
    buf_put_u32(&c->entries, keep_text(c, cells[COLUMN_ADMIN1]));
    buf_put_u8(&c->entries, (uint8_t)cells[COLUMN_FEATURE].len);
    buf_put_u8(&c->entries, (uint8_t)cells[COLUMN_ADMIN1].len);
    buf_put(&c->entries, cells[COLUMN_COUNTRY].len ? cells[COLUMN_COUNTRY].at : "\0", 2);
    buf_put_u32(&c->entries, geonameid);
    buf_put_u32(&c->entries, population);
    buf_put_u32(&c->entries, GAZETTEER_NONE); // set by link_divisions
    buf_put_u32(&c->entries, (uint32_t)lat);
    buf_put_u32(&c->entries, (uint32_t)lon);
    int32_t weight = weight_of(class, cells[COLUMN_FEATURE], population);
    struct view alternates = cells[COLUMN_ALTERNATES], name;
    add_pair(c, cells[COLUMN_NAME], c->entry_count, weight);
    while (view_split(&alternates, '|', &name))
        add_pair(c, name, c->entry_count, weight - (class == CLASS_CITY ? 60 : 0));
    c->entry_count++;
    return 0;
}

static int read_header(struct compiler *c, struct view line) {
    struct view cell;
    bool named = false, classed = false;
    for (c->column_count = 0; view_split(&line, '\t', &cell);) {
        if (c->column_count == sizeof c->columns / sizeof *c->columns)
            return wrong(c, "too many columns", cell);
        int found = -1;
        for (int i = 0; i < COLUMNS; i++)
            if (view_is(cell, column_names[i]))
                found = i;
        named = named || found == COLUMN_NAME;
        classed = classed || found == COLUMN_CLASS;
        c->columns[c->column_count++] = found;
    }
    return named && classed ? 0
                            : wrong(c,
                                    "the first line must name the columns, among them "
                                    "name and class",
                                    line);
}

static int read_row(struct compiler *c, struct view line) {
    struct view cells[COLUMNS] = {{0}}, cell;
    for (size_t i = 0; view_split(&line, '\t', &cell); i++) {
        if (i >= c->column_count)
            return wrong(c, "more cells than the first line has", cell);
        if (c->columns[i] >= 0)
            cells[c->columns[i]] = cell;
    }
    return add_entry(c, cells);
}

static int read_table(struct compiler *c, const struct gazetteer_table *table) {
    struct view text = table->text, line;
    int err = 0;
    c->path = table->path;
    c->column_count = 0;
    for (c->line = 1; !err && view_split(&text, '\n', &line); c->line++) {
        if (line.len && line.at[line.len - 1] == '\r')
            line.len--;
        if (line.len == 0 || line.at[0] == '#')
            continue;
        err = c->column_count ? read_row(c, line) : read_header(c, line);
    }
    return err;
}

/* --- divisions --- */

struct division {
    char country[2];
    struct view code;
    uint32_t entry;
};

static int by_place(const void *a, const void *b) {
    const struct division *x = a, *y = b;
    int order = memcmp(x->country, y->country, 2);
    return order ? order : view_cmp(x->code, y->code);
}

static struct division division_of(const struct compiler *c, uint32_t entry) {
    const unsigned char *e =
        (const unsigned char *)c->entries.at + (size_t)entry * ENTRY_BYTES;
    struct division d = {.entry = entry};
    memcpy(d.country, e + ENTRY_COUNTRY, 2);
    d.code = view_n(c->texts.at + file_u32(e + ENTRY_ADMIN1), e[ENTRY_ADMIN1_LEN]);
    return d;
}

/* Tells each town the entry of the division with its country and code. */
static void link_divisions(struct compiler *c) {
    struct division *all = mem_alloc((c->entry_count + 1) * sizeof *all);
    size_t count = 0;
    for (uint32_t i = 0; i < c->entry_count; i++)
        if (c->entries.at[(size_t)i * ENTRY_BYTES + ENTRY_CLASS] == CLASS_ADMIN1)
            all[count++] = division_of(c, i);
    qsort(all, count, sizeof *all, by_place);
    for (uint32_t i = 0; i < c->entry_count; i++) {
        struct division key = division_of(c, i), *found;
        found = key.code.len ? bsearch(&key, all, count, sizeof *all, by_place) : NULL;
        if (found && found->entry != i)
            buf_set_u32(&c->entries, (size_t)i * ENTRY_BYTES + ENTRY_DIVISION,
                        found->entry);
    }
    free(all);
}

/* --- names --- */

static const char *sorting_keys; // qsort has no context; compiling is for one thread

static int by_key(const void *a, const void *b) {
    const struct pair *x = a, *y = b;
    int order = view_cmp(view_n(sorting_keys + x->key, x->key_len),
                         view_n(sorting_keys + y->key, y->key_len));
    if (order)
        return order;
    if (x->entry != y->entry && x->weight != y->weight)
        return x->weight > y->weight ? -1 : 1;
    if (x->entry != y->entry)
        return x->entry < y->entry ? -1 : 1;
    return x->weight > y->weight ? -1 : x->weight < y->weight;
}

static struct view key_of(const struct compiler *c, const struct pair *pair) {
    return view_n(c->keys.at + pair->key, pair->key_len);
}

/* The pairs from `first` on that share its key become a name; returns the next one. */
static size_t put_name(struct compiler *c, size_t first) {
    struct view key = key_of(c, &c->pairs[first]);
    uint32_t begin = (uint32_t)(c->candidates.len / 4), classes = 0, count = 0;
    unsigned words;
    size_t i = first;
    for (; i < c->pair_count && view_eq(key, key_of(c, &c->pairs[i])); i++) {
        uint32_t entry = c->pairs[i].entry;
        if (i > first && entry == c->pairs[i - 1].entry)
            continue;
        buf_put_u32(&c->candidates, entry);
        classes |= CLASS_BIT(
            (unsigned char)c->entries.at[(size_t)entry * ENTRY_BYTES + ENTRY_CLASS]);
        count++;
    }
    buf_put_u64(&c->names, gazetteer_key_hash(key, &words));
    buf_put_u32(&c->names, begin);
    buf_put_u32(&c->names, count);
    buf_put_u32(&c->names, classes);
    buf_put_u32(&c->names, words);
    c->name_count++;
    return i;
}

/* At most two in three are used: the tables shall fit the processor's caches. */
static uint32_t slots_for(uint32_t used) {
    uint32_t slots = 16;
    while (slots < (uint64_t)used + used / 2 + 2)
        slots *= 2;
    return slots;
}

static uint32_t slot_at(const struct buf *slots, size_t at) {
    return file_u32((const unsigned char *)slots->at + at);
}

static struct buf empty_slots(uint32_t count, size_t bytes) {
    struct buf slots = {0};
    memset(buf_reserve(&slots, bytes * count), 0, bytes * count);
    slots.len = bytes * count;
    return slots;
}

/* ERR_FORMAT when another name has the same hash. */
static int index_name(struct compiler *c, uint32_t name, struct view key,
                      uint32_t slots) {
    unsigned words;
    uint64_t hash = gazetteer_key_hash(key, &words);
    uint32_t i = file_slot(hash, slots), other;
    for (; (other = slot_at(&c->name_slots, 8 * (size_t)i)) != 0;
         i = (i + 1) & (slots - 1))
        if (file_u64((const unsigned char *)c->names.at +
                     (size_t)(other - 1) * NAME_BYTES + NAME_HASH) == hash)
            return wrong(c, "two names have one hash, leave one out", key);
    buf_set_u32(&c->name_slots, 8 * (size_t)i, name + 1);
    buf_set_u32(&c->name_slots, 8 * (size_t)i + 4, (uint32_t)(hash >> 32));
    return 0;
}

static void index_prefix(struct compiler *c, uint64_t hash, uint32_t words, bool whole,
                         uint32_t slots) {
    uint32_t i = file_slot(hash, slots), slot;
    while ((slot = slot_at(&c->prefix_slots, 4 * (size_t)i)) != 0 &&
           (slot & ~0xffu) != file_tag(hash))
        i = (i + 1) & (slots - 1);
    uint32_t longest = slot & FILE_PREFIX_LONGEST, flag = slot & FILE_PREFIX_WHOLE;
    buf_set_u32(&c->prefix_slots, 4 * (size_t)i,
                file_tag(hash) | flag | (whole ? FILE_PREFIX_WHOLE : 0) |
                    (words > longest ? words : longest));
}

static void index_prefixes(struct compiler *c, struct view key, uint32_t slots) {
    unsigned words;
    struct view first, second;
    gazetteer_key_hash(key, &words);
    view_split(&key, ' ', &first);
    uint64_t hash = gazetteer_word_hash(first);
    index_prefix(c, hash, words, words == 1, slots);
    if (!view_split(&key, ' ', &second))
        return;
    hash = gazetteer_chain(hash, gazetteer_word_hash(second));
    index_prefix(c, hash, words, words == 2, slots);
}

/* The first `count` words of a key. */
static struct view head_of(struct view key, unsigned count) {
    struct view rest = key, word = {key.at, 0};
    while (count-- > 0)
        view_split(&rest, ' ', &word);
    return view_n(key.at, (size_t)(word.at - key.at) + word.len);
}

/* Names are sorted, so those that begin alike stand together, or nearly: "a b" may part
 * "a" from "a c", which only makes the count too high. */
static uint32_t count_prefixes(const struct compiler *c) {
    uint32_t count = 0;
    struct view before = {"", 0};
    for (size_t i = 0; i < c->pair_count; i++) {
        struct view key = key_of(c, &c->pairs[i]);
        count += !view_eq(head_of(key, 1), head_of(before, 1));
        count += !view_eq(head_of(key, 2), head_of(before, 2));
        before = key;
    }
    return count;
}

static int make_names(struct compiler *c) {
    int err = 0;
    uint32_t names = 0;
    sorting_keys = c->keys.at;
    if (c->pair_count)
        qsort(c->pairs, c->pair_count, sizeof *c->pairs, by_key);
    for (size_t i = 0; i < c->pair_count; i++)
        names += i == 0 || !view_eq(key_of(c, &c->pairs[i]), key_of(c, &c->pairs[i - 1]));
    uint32_t slots = slots_for(names), prefixes = slots_for(count_prefixes(c));
    c->name_slots = empty_slots(slots, 8);
    c->prefix_slots = empty_slots(prefixes, 4);
    for (size_t i = 0, next; i < c->pair_count && !err; i = next) {
        next = put_name(c, i);
        err = index_name(c, c->name_count - 1, key_of(c, &c->pairs[i]), slots);
        index_prefixes(c, key_of(c, &c->pairs[i]), prefixes);
    }
    return err;
}

/* --- the file --- */

static void put_section(struct buf *out, size_t start, uint32_t kind, uint32_t element,
                        struct view bytes) {
    size_t where = start + FILE_HEADER_BYTES + kind * FILE_SECTION, offset;
    while ((out->len - start) % 8)
        buf_put_u8(out, 0);
    offset = out->len - start;
    buf_put_view(out, bytes);
    buf_set_u32(out, where, kind);
    buf_set_u32(out, where + 4, element);
    buf_set_u32(out, where + 8, (uint32_t)offset);
    buf_set_u32(out, where + 16, (uint32_t)bytes.len);
}

static void put_file(const struct compiler *c, struct view version, struct buf *out) {
    size_t start = out->len, header = FILE_HEADER_BYTES + FILE_SECTIONS * FILE_SECTION;
    memset(buf_reserve(out, header), 0, header);
    out->len += header;
    put_section(out, start, FILE_TEXTS, 1, buf_view(&c->texts));
    put_section(out, start, FILE_ENTRIES, ENTRY_BYTES, buf_view(&c->entries));
    put_section(out, start, FILE_NAMES, NAME_BYTES, buf_view(&c->names));
    put_section(out, start, FILE_CANDIDATES, 4, buf_view(&c->candidates));
    put_section(out, start, FILE_NAME_SLOTS, 8, buf_view(&c->name_slots));
    put_section(out, start, FILE_PREFIX_SLOTS, 4, buf_view(&c->prefix_slots));
    put_section(out, start, FILE_VERSION, 1, version);
    memcpy(out->at + start, FILE_MAGIC, 8);
    buf_set_u32(out, start + 8, GAZETTEER_FORMAT);
    buf_set_u32(out, start + 16, (uint32_t)(out->len - start));
    buf_set_u32(out, start + 24, FILE_SECTIONS);
    struct view rest =
        view_n(out->at + start + FILE_CRC_FROM, out->len - start - FILE_CRC_FROM);
    buf_set_u32(out, start + FILE_CRC_AT, crc32c(0, rest));
}

int gazetteer_compile(const struct gazetteer_table *tables, size_t count,
                      struct view version, struct buf *out, struct diag *diag) {
    struct compiler c = {.diag = diag};
    int err = 0;
    for (size_t i = 0; !err && i < count; i++)
        err = read_table(&c, &tables[i]);
    if (!err && c.texts.len > INT32_MAX) {
        diag_set(diag, 0, "the tables are too large for one gazetteer");
        err = ERR_TOO_BIG;
    }
    if (!err) {
        link_divisions(&c);
        err = make_names(&c);
    }
    if (!err)
        put_file(&c, version, out);
    buf_release(&c.texts);
    buf_release(&c.keys);
    buf_release(&c.entries);
    buf_release(&c.names);
    buf_release(&c.candidates);
    buf_release(&c.name_slots);
    buf_release(&c.prefix_slots);
    free(c.pairs);
    return err;
}
