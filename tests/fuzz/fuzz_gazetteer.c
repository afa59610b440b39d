/* A gazetteer file as anybody might leave it on the disk: the bytes as they are, and once
 * more with a header that fits them, for no fuzzer guesses a checksum. Whatever is opened
 * must be safe to ask. And any bytes as a table: what compiles must open. */
#include <assert.h>

#include "enrich/gazetteer.h"
#include "enrich/gazetteer_file.h"
#include "proto/crc32c.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void ask(const struct gazetteer *g, struct view word) {
    struct buf key = {0};
    uint32_t name = gazetteer_find(g, word, &key);

    gazetteer_prefix(g, gazetteer_word_hash(word));
    for (uint32_t i = 0; i < gazetteer_name_count(g); i++) {
        struct candidates c = gazetteer_candidates(g, i);
        for (size_t k = 0; k < c.count && k < 4; k++)
            assert(gazetteer_entry(g, candidates_at(c, k)).class < GAZETTEER_CLASSES);
    }
    assert(name == GAZETTEER_NONE || name < gazetteer_name_count(g));
    buf_release(&key);
}

static void try_file(struct view bytes) {
    struct gazetteer *g = NULL;
    struct diag diag = {0};

    if (gazetteer_from_bytes(bytes, &g, &diag))
        assert(diag.text[0]);
    else
        ask(g, VIEW_LIT("tripoli"));
    if (g)
        gazetteer_close(g);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct view bytes = {(const char *)data, size};
    struct gazetteer_table table = {"fuzz", bytes};
    struct buf file = {0};

    try_file(bytes);
    if (size >= FILE_HEADER_BYTES) {
        buf_put_view(&file, bytes);
        buf_set_u32(&file, 16, (uint32_t)size);
        buf_set_u32(&file, 20, 0);
        buf_set_u32(&file, FILE_CRC_AT,
                    crc32c(0, view_n(file.at + FILE_CRC_FROM, size - FILE_CRC_FROM)));
        try_file(buf_view(&file));
        buf_clear(&file);
    }
    if (gazetteer_compile(&table, 1, VIEW_LIT("1"), &file, NULL) == 0)
        try_file(buf_view(&file));
    buf_release(&file);
    return 0;
}
