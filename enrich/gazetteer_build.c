/* gazetteer_build.c: `wiretag gazetteer`: tables in, one file for all enrichers out. */
#include "enrich/gazetteer.h"
#include "proto/mem.h"
#include "proto/run/log.h"
#include "proto/run/settings.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static const char *output, *version;

static struct setting table[] = {
    {.name = "output",
     .letter = 'o',
     .type = SETTING_TEXT,
     .value = &output,
     .argument = "FILE",
     .help = "Where the gazetteer goes; it is put in place whole or not at all"},
    {.name = "data-version",
     .type = SETTING_TEXT,
     .value = &version,
     .standard = "unversioned",
     .argument = "TEXT",
     .help = "What the file says its data's version is; every event names it"},
    {0}};

static const struct exit_code exit_codes[] = {
    {EXIT_FAILED, "a table is wrong or a file could not be read or written"}, {0, NULL}};

static const struct program program = {
    .verb = "gazetteer",
    .summary = "build the file of names and places the tagger reads",
    .operands = "TABLE...",
    .description =
        "Compiles tables of names into one file that all enrichers of a host map and "
        "share. A table is text with tab-separated columns; its first line names them: "
        "name and class, and as the row has them alternates (| between), geonameid, lat, "
        "lon, country, admin1, feature, population. Other columns are passed over, as "
        "are "
        "empty lines and lines that begin with #.\n\n"
        "Classes of things: country, admin1, city, region, organization, facility, group, "
        "event, product, person. Classes of words that tell what stands beside them: "
        "title, office, forename, surname, particle, word, not-a-name, function, says, "
        "towards, key-before, and key- and noun- with organization, facility, location, "
        "product, key-event, noun-group; README.md of the tables says what each does.\n\n"
        "The same tables in the same order give the same bytes.",
    .settings = table,
    .exit_codes = exit_codes,
    .examples =
        "  wiretag gazetteer -o mine.bin data/*.tsv own.tsv  # the shipped tables and one more\n"};

static int read_file(const char *path, struct buf *out) {
    FILE *file = fopen(path, "rb");
    size_t got;
    int err = file ? 0 : ERR_SYSTEM;
    while (!err && (got = fread(buf_reserve(out, 65536), 1, 65536, file)) > 0)
        out->len += got;
    if (file && ferror(file))
        err = ERR_SYSTEM;
    if (file)
        fclose(file);
    return err;
}

/* Through a temporary file, so that a reader sees the old file or the new one. */
static int write_file(const char *path, struct view bytes) {
    struct buf name = {0};
    buf_printf(&name, "%s.new.%ld", path, (long)getpid());
    const char *temporary = buf_text(&name);
    FILE *file = fopen(temporary, "wb");
    bool good = file && fwrite(bytes.at, 1, bytes.len, file) == bytes.len &&
                fflush(file) == 0 && fsync(fileno(file)) == 0;
    if (file && fclose(file) != 0)
        good = false;
    if (good && rename(temporary, path) != 0)
        good = false;
    if (!good && file) {
        int saved = errno;
        remove(temporary);
        errno = saved;
    }
    buf_release(&name);
    return good ? 0 : ERR_SYSTEM;
}

static int fail(const char *id, const char *path, const char *reason) {
    log_line(LOG_ERROR, id, "file=%s reason=%s", log_quote(path, strlen(path)),
             log_quote(reason, strlen(reason)));
    return EXIT_FAILED;
}

static int build(struct gazetteer_table *tables, struct buf *texts, int count,
                 char **paths) {
    struct diag diag = {0};
    struct buf out = {0};
    int status = 0;
    for (int i = 0; i < count && !status; i++) {
        if (read_file(paths[i], &texts[i]))
            status = fail("GAZETTEER-READ", paths[i], strerror(errno));
        tables[i] = (struct gazetteer_table){paths[i], buf_view(&texts[i])};
    }
    if (!status &&
        gazetteer_compile(tables, (size_t)count, view_of(version), &out, &diag))
        status = fail("GAZETTEER-TABLE", output, diag.text);
    if (!status && write_file(output, buf_view(&out)))
        status = fail("GAZETTEER-WRITE", output, strerror(errno));
    if (!status)
        log_line(LOG_INFO, "GAZETTEER-BUILT", "file=%s bytes=%zu",
                 log_quote(output, strlen(output)), out.len);
    buf_release(&out);
    return status;
}

int main(int argc, char **argv) {
    char **paths;
    int count = settings_read(&program, argc, argv, &paths), status;
    if (!output || count == 0) {
        fputs("wiretag gazetteer: needs --output FILE and at least one table\n", stderr);
        return EXIT_USAGE;
    }
    struct gazetteer_table *tables = mem_zalloc((size_t)count * sizeof *tables);
    struct buf *texts = mem_zalloc((size_t)count * sizeof *texts);
    status = build(tables, texts, count, paths);
    for (int i = 0; i < count; i++)
        buf_release(&texts[i]);
    free(texts);
    free(tables);
    return status;
}
