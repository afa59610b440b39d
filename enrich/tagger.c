#include "enrich/tagger.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "enrich/gazetteer.h"
#include "enrich/pipeline.h"
#include "enrich/stories.h"
#include "proto/mem.h"
#include "proto/utf8.h"

#define PATH_BYTES 4096

struct tagger {
    struct gazetteer *gazetteer;
    struct pipeline *pipeline;
    struct arena arena;
    struct buf knows;
    struct view version; /* the gazetteer's */
    tagger_watch *watch;
    void *watch_context;
};

/* The gazetteer that belongs to this program: installed in PREFIX/share beside
 * PREFIX/bin, or built in the same tree. */
static bool beside_program(char path[PATH_BYTES]) {
    char exe[PATH_BYTES / 2];
    ssize_t n = readlink("/proc/self/exe", exe, sizeof exe - 1);
    char *slash;

    if (n <= 0)
        return false;
    exe[n] = 0;
    for (int up = 0; up < 2; up++) {
        slash = strrchr(exe, '/');
        if (!slash)
            return false;
        *slash = 0;
    }
    snprintf(path, PATH_BYTES, "%s/share/wiretag/gazetteer.bin", exe);
    return access(path, R_OK) == 0;
}

static int open_gazetteer(const char *given, struct gazetteer **out, struct diag *diag) {
    char path[PATH_BYTES];

    if (given && *given)
        return gazetteer_open(given, out, diag);
    if (beside_program(path))
        return gazetteer_open(path, out, diag);
    diag_set(diag, 0,
             "no gazetteer beside the program (../share/wiretag/gazetteer.bin): give its "
             "place with --gazetteer or WIRETAG_GAZETTEER");
    return ERR_NOT_FOUND;
}

int tagger_new(const struct tagger_conf *conf, struct tagger **out, struct diag *diag) {
    struct tagger *t = mem_zalloc(sizeof *t);
    int err = open_gazetteer(conf ? conf->gazetteer : NULL, &t->gazetteer, diag);

    if (!err)
        err = pipeline_new(t->gazetteer, &t->pipeline, diag);
    if (err) {
        tagger_free(t);
        return err;
    }
    t->version = gazetteer_version(t->gazetteer);
    buf_put_text(&t->knows, "gazetteer ");
    buf_put_view(&t->knows, t->version);
    *out = t;
    return 0;
}

void tagger_free(struct tagger *t) {
    if (!t)
        return;
    pipeline_free(t->pipeline);
    if (t->gazetteer)
        gazetteer_close(t->gazetteer);
    arena_release(&t->arena);
    buf_release(&t->knows);
    free(t);
}

struct view tagger_knows(const struct tagger *t) {
    return buf_view(&t->knows);
}

void tagger_set_watch(struct tagger *t, tagger_watch *watch, void *context) {
    t->watch = watch;
    t->watch_context = context;
}

static struct view event_id(struct tagger *t, struct view id, size_t part) {
    char number[24];
    size_t digits = (size_t)snprintf(number, sizeof number, ".%zu", part);
    char *text = arena_alloc(&t->arena, id.len + digits);

    if (id.len)
        memcpy(text, id.at, id.len);
    memcpy(text + id.len, number, digits);
    return view_n(text, id.len + digits);
}

static void tag_story(struct tagger *t, const struct report *report, struct span at,
                      struct doc *doc) {
    struct view text = report->text;

    doc->report = report;
    doc->arena = &t->arena;
    doc->text = view_n(text.at + at.start, at.end - at.start);
    doc->event.part.end = doc->event.part.start + utf8_count(doc->text);
    doc->event.tagger_version = view_of(TAGGER_VERSION);
    doc->event.gazetteer = t->version;
    pipeline_run(t->pipeline, doc, t->watch, t->watch_context);
}

void tagger_tag(struct tagger *t, const struct report *report, struct view id,
                tagger_emit *emit, void *context) {
    size_t count;
    struct span *stories;
    struct doc *docs;

    arena_clear(&t->arena);
    stories = pipeline_stories(t->pipeline, report->text, &t->arena, &count);
    docs = arena_zalloc(&t->arena, count * sizeof *docs);
    for (size_t i = 0; i < count; i++) {
        struct doc *doc = &docs[i];
        doc->first = i ? &docs[0] : NULL;
        doc->event.part.start = i ? docs[i - 1].event.part.end : 0;
        doc->event.part.n = (unsigned)i + 1;
        doc->event.part.of = (unsigned)count;
        tag_story(t, report, stories[i], doc);
        doc->event.id = event_id(t, id, i + 1);
    }
    if (count > 1)
        stories_join_names(docs, count);
    for (size_t i = 0; i < count; i++)
        emit(context, &docs[i].event);
}
