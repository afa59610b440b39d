#include "sink/print.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "proto/crc32c.h"
#include "proto/mem.h"
#include "proto/moment.h"
#include "sink/show.h"

#define WIDTH_STANDARD 80
#define NAME_MOST      80 /* of a file, without suffix */
#define TAR_BLOCK      512

struct print {
    struct print_conf conf;
    const struct as *as;
    bool pretty, archive;
    struct show_style style;
    struct arena arena;
    struct buf out, name, path;
};

/* ---- choices ---- */

static bool chosen(const char *choice, const char *yes, bool otherwise) {
    return strcmp(choice, "auto") == 0 ? otherwise : strcmp(choice, yes) == 0;
}

static void choose_style(struct print *p) {
    bool terminal = isatty(STDOUT_FILENO);
    const char *no_colour = getenv("NO_COLOR"), *term = getenv("TERM");
    bool dull = (no_colour && *no_colour) || (term && strcmp(term, "dumb") == 0);

    p->pretty =
        p->as == &as_native && !p->conf.out && chosen(p->conf.format, "text", terminal);
    p->style.colour = chosen(p->conf.colour, "always", terminal && !dull);
    p->archive = p->as->has_text && !p->conf.out;
}

static int look_at_choices(const struct print *p, struct diag *diag) {
    if (p->as != &as_native && strcmp(p->conf.format, "auto") != 0) {
        diag_set(diag, 0, "--format is for the native event; --as %s has a form already",
                 p->as->name);
        return ERR_FORMAT;
    }
    if (p->archive && isatty(STDOUT_FILENO)) {
        diag_set(diag, 0,
                 "--as %s makes files: say --out DIR, or write into a pipe, as in "
                 "... | tar -xf - -C DIR",
                 p->as->name);
        return ERR_FORMAT;
    }
    return 0;
}

static size_t terminal_width(void) {
    struct winsize size;
    const char *columns = getenv("COLUMNS");
    long width = WIDTH_STANDARD;

    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col)
        width = size.ws_col;
    else if (columns)
        width = strtol(columns, NULL, 10);
    return width < SHOW_WIDTH_MIN ? SHOW_WIDTH_MIN : (size_t)width;
}

/* ---- out ---- */

static int cannot_write(const struct print *p, const char *what) {
    if (errno == EPIPE)
        return ERR_GONE;
    fprintf(stderr, "wiretag %s: cannot write %s: %s\n", p->conf.verb, what,
            strerror(errno));
    return ERR_SYSTEM;
}

static int put_bytes(const struct print *p, struct view bytes) {
    if (fwrite(bytes.at, 1, bytes.len, stdout) == bytes.len)
        return 0;
    return cannot_write(p, "to standard output");
}

int print_flush(struct print *p) {
    return fflush(stdout) ? cannot_write(p, "to standard output") : 0;
}

/* Into a file of another name first: who looks into the folder sees whole ones only. */
static int write_file(struct print *p, struct view name, struct view bytes) {
    struct buf draft = {0};
    FILE *file;
    bool good;

    buf_clear(&p->path);
    buf_printf(&p->path, "%s/", p->conf.out);
    buf_put_view(&p->path, name);
    buf_put_view(&draft, buf_view(&p->path));
    buf_put_text(&draft, ".part");
    file = fopen(buf_text(&draft), "w");
    good = file && fwrite(bytes.at, 1, bytes.len, file) == bytes.len;
    if (file && fclose(file))
        good = false;
    good = good && rename(buf_text(&draft), buf_text(&p->path)) == 0;
    buf_release(&draft);
    return good ? 0 : cannot_write(p, buf_text(&p->path));
}

/* ustar, as POSIX has it: a header of one block, then the bytes in whole blocks. */
static int archive_file(struct print *p, struct view name, struct view bytes,
                        int64_t seconds) {
    static const char zeros[TAR_BLOCK];
    char head[TAR_BLOCK] = {0};
    unsigned sum = 0;
    int err;

    snprintf(head, 100, "%.*s", (int)name.len, name.at);
    snprintf(head + 100, 8, "%07o", 0644u);
    snprintf(head + 108, 8, "%07o", 0u);
    snprintf(head + 116, 8, "%07o", 0u);
    snprintf(head + 124, 12, "%011llo", (unsigned long long)bytes.len);
    snprintf(head + 136, 12, "%011llo", (unsigned long long)seconds & 077777777777ull);
    memset(head + 148, ' ', 8);
    head[156] = '0';
    memcpy(head + 257,
           "ustar\0"
           "00",
           8);
    for (size_t i = 0; i < TAR_BLOCK; i++)
        sum += (unsigned char)head[i];
    snprintf(head + 148, 8, "%06o", sum);
    err = put_bytes(p, view_n(head, TAR_BLOCK));
    if (!err)
        err = put_bytes(p, bytes);
    if (!err && bytes.len % TAR_BLOCK)
        err = put_bytes(p, view_n(zeros, TAR_BLOCK - bytes.len % TAR_BLOCK));
    return err;
}

static int put_file(struct print *p, struct view name, struct view bytes,
                    int64_t seconds) {
    return p->conf.out ? write_file(p, name, bytes)
                       : archive_file(p, name, bytes, seconds);
}

/* ---- an event ---- */

/* The event's id as the name of a file. What has to be changed in it is made up for by a
 * checksum of it all. */
static void make_name(struct print *p, struct view id) {
    bool changed = id.len > NAME_MOST || !id.len;

    buf_clear(&p->name);
    for (size_t i = 0; i < id.len && i < NAME_MOST; i++) {
        char c = id.at[i];
        bool plain = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
                     (c >= 'A' && c <= 'Z') || (i && (c == '.' || c == '-')) || c == '_';
        changed |= !plain;
        buf_put_u8(&p->name, plain ? (uint8_t)c : '_');
    }
    if (changed)
        buf_printf(&p->name, "-%08x", crc32c(0, id));
}

static int put_named(struct print *p, const char *suffix, struct view bytes,
                     const struct tagged *event) {
    struct moment_parts received;
    int64_t seconds = 0;
    size_t len = p->name.len;
    int err;

    if (moment_of_iso(event->received, &received))
        seconds = moment_ms(&received) / 1000;
    buf_put_text(&p->name, suffix);
    err = put_file(p, buf_view(&p->name), bytes, seconds);
    p->name.len = len;
    return err;
}

static int put_event(struct print *p, const struct tagged *event) {
    int err = 0;

    buf_clear(&p->out);
    p->as->write(event, &p->out);
    if (!p->conf.out && !p->archive)
        return put_bytes(p, buf_view(&p->out));
    make_name(p, event->id);
    if (p->as->has_text)
        err = put_named(p, ".txt", event->text, event);
    return err ? err : put_named(p, p->as->suffix, buf_view(&p->out), event);
}

static int put_native(struct print *p, struct view json) {
    buf_clear(&p->out);
    p->style.width = terminal_width();
    if (!p->pretty || show_event(json, &p->style, &p->out)) {
        buf_put_view(&p->out, json);
        buf_put_u8(&p->out, '\n');
    }
    return put_bytes(p, buf_view(&p->out));
}

int print_event(struct print *p, struct view json, uint64_t offset) {
    struct tagged event;
    struct diag diag = {0};

    if (p->as == &as_native && !p->conf.out)
        return put_native(p, json);
    arena_clear(&p->arena);
    if (tagged_read(json, offset, &event, &p->arena, &diag) == 0)
        return put_event(p, &event);
    fprintf(stderr, "wiretag %s: passing over an event that cannot be read: %s\n",
            p->conf.verb, diag.text);
    return 0;
}

int print_end(struct print *p) {
    static const char zeros[2 * TAR_BLOCK];
    int err = p->archive ? put_bytes(p, view_n(zeros, sizeof zeros)) : 0;

    return err ? err : print_flush(p);
}

/* ---- the whole ---- */

static int make_folder(struct print *p, struct diag *diag) {
    if (!p->conf.out || mkdir(p->conf.out, 0777) == 0 || errno == EEXIST)
        return 0;
    diag_set(diag, 0, "cannot make %s: %s", p->conf.out, strerror(errno));
    return ERR_SYSTEM;
}

static int put_conf(struct print *p, struct diag *diag) {
    struct buf path = {0};
    bool there;
    int err;

    if (!p->as->conf || (!p->conf.out && !p->archive))
        return 0;
    buf_printf(&path, "%s/%s", p->conf.out ? p->conf.out : ".", p->as->conf_name);
    there = p->conf.out && access(buf_text(&path), F_OK) == 0;
    buf_release(&path);
    if (there) // somebody's own
        return 0;
    err = put_file(p, view_of(p->as->conf_name), view_of(p->as->conf), 0);
    if (err)
        diag_set(diag, 0, "cannot begin to write");
    return err;
}

int print_new(const struct print_conf *conf, struct print **out, struct diag *diag) {
    struct print *p = mem_zalloc(sizeof *p);
    int err;

    p->conf = *conf;
    p->as = as_find(conf->as);
    choose_style(p);
    err = look_at_choices(p, diag);
    if (!err)
        err = make_folder(p, diag);
    if (!err)
        err = put_conf(p, diag);
    if (err)
        print_free(p);
    else
        *out = p;
    return err;
}

void print_free(struct print *p) {
    if (!p)
        return;
    arena_release(&p->arena);
    buf_release(&p->out);
    buf_release(&p->name);
    buf_release(&p->path);
    free(p);
}
