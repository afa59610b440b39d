#include "sink/ingests.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "proto/mem.h"
#include "proto/run/link.h"
#include "proto/run/log.h"
#include "proto/run/place.h"
#include "proto/run/settings.h"

#define FRAMES_PER_MESSAGE 16   /* of COMMIT or RESUME: 128 KiB */
#define RUNS_MOST          4096 /* of one ingest; more are not told */
#define SOFTWARE           "wiretag " WIRETAG_VERSION

struct ingest {
    struct ingests *all;
    struct link *link;
    struct uuid journal; /* its present run */
    struct uuid *older;  /* the runs before it that have reports left */
    size_t older_count;
    size_t repeat_run; /* what the next heartbeat's second COMMIT is about */
    size_t repeat_at;  /* and the range that the first begins with */
    bool refused;
};

struct ingests {
    struct loop *loop;
    struct journal *journal;
    struct ingest **list;
    size_t count;
    struct uuid self;
    char name[96];
    struct buf out;
};

/* A message about the state from range `at` on; returns where to go on. */
static size_t say_state(struct ingest *ingest, enum frame_kind kind, struct uuid run,
                        size_t at) {
    struct ingests *all = ingest->all;
    const struct intervals *ids = journal_stored(all->journal, run);
    struct commit head = {.journal = run, .upto = intervals_upto(ids)};

    buf_clear(&all->out);
    at = intervals_put(ids, &all->out, kind, head, at, FRAMES_PER_MESSAGE);
    link_send(ingest->link, buf_view(&all->out));
    return at < ids->count ? at : 0;
}

static void say_whole_state(struct ingest *ingest, enum frame_kind kind,
                            struct uuid run) {
    size_t at = 0;

    do
        at = say_state(ingest, kind, run, at);
    while (at);
}

static void note_runs(struct ingest *ingest, const struct welcome *welcome) {
    struct view older = welcome->older;
    struct uuid run;

    ingest->journal = welcome->self;
    ingest->older_count = ingest->repeat_run = ingest->repeat_at = 0;
    ingest->older = mem_resize(ingest->older, RUNS_MOST, sizeof *ingest->older);
    while (ingest->older_count < RUNS_MOST && welcome_older(&older, &run) == 0)
        ingest->older[ingest->older_count++] = run;
}

static void on_up(void *context, const struct welcome *welcome) {
    struct ingest *ingest = context;

    note_runs(ingest, welcome);
    ingest->refused = false;
    log_line(LOG_INFO, "SINK-INGEST-UP", "ingest=%s software=%s earlier_runs=%zu",
             link_endpoint(ingest->link),
             log_quote(welcome->software.at, welcome->software.len), ingest->older_count);
    say_whole_state(ingest, FRAME_RESUME, ingest->journal);
    for (size_t i = 0; i < ingest->older_count; i++)
        say_whole_state(ingest, FRAME_RESUME, ingest->older[i]);
}

static void on_down(void *context, const char *why) {
    const struct ingest *ingest = context;

    log_line(LOG_WARN, "SINK-INGEST-DOWN", "ingest=%s why=%s",
             link_endpoint(ingest->link), log_quote(why, strlen(why)));
}

static void on_refused(void *context, const char *why) {
    struct ingest *ingest = context;

    ingest->refused = true;
    log_line(LOG_ERROR, "SINK-INGEST-REFUSED", "ingest=%s why=%s",
             link_endpoint(ingest->link), log_quote(why, strlen(why)));
}

static void on_frame(void *context, const struct frame *frame) {
    (void)context; // an ingest says nothing but heartbeats, and those the link hears
    (void)frame;
}

static const struct link_calls calls = {
    .up = on_up, .down = on_down, .refused = on_refused, .frame = on_frame};

struct ingests *ingests_new(struct loop *loop, struct journal *journal) {
    struct ingests *ingests = mem_zalloc(sizeof *ingests);
    char host[64] = "";

    gethostname(host, sizeof host - 1);
    snprintf(ingests->name, sizeof ingests->name, "sink %s:%ld", host, (long)getpid());
    ingests->loop = loop;
    ingests->journal = journal;
    ingests->self = uuid_draw();
    return ingests;
}

void ingests_free(struct ingests *ingests) {
    if (!ingests)
        return;
    for (size_t i = 0; i < ingests->count; i++) {
        link_free(ingests->list[i]->link);
        free(ingests->list[i]->older);
        free(ingests->list[i]);
    }
    free(ingests->list);
    buf_release(&ingests->out);
    free(ingests);
}

int ingests_connect(struct ingests *ingests, const char *endpoint, struct diag *diag) {
    struct hello hello = {.role = ROLE_SINK,
                          .self = ingests->self,
                          .name = view_of(ingests->name),
                          .software = VIEW_LIT(SOFTWARE)};
    struct ingest *ingest = mem_zalloc(sizeof *ingest);
    int err =
        link_new(ingests->loop, endpoint, &hello, &calls, ingest, &ingest->link, diag);

    if (err) {
        free(ingest);
        return err;
    }
    ingest->all = ingests;
    ingests->list =
        mem_resize(ingests->list, ingests->count + 1, sizeof(struct ingest *));
    ingests->list[ingests->count++] = ingest;
    return 0;
}

static bool is_run_of(const struct ingest *ingest, struct uuid run) {
    bool found = uuid_eq(ingest->journal, run);

    for (size_t i = 0; !found && i < ingest->older_count; i++)
        found = uuid_eq(ingest->older[i], run);
    return found;
}

void ingests_send(struct ingests *ingests, struct uuid run, struct view frames) {
    for (size_t i = 0; i < ingests->count; i++) {
        const struct ingest *ingest = ingests->list[i];
        if (link_is_up(ingest->link) && is_run_of(ingest, run))
            link_send(ingest->link, frames);
    }
}

static void repeat(struct ingest *ingest) {
    ingest->repeat_at =
        say_state(ingest, FRAME_COMMIT, ingest->journal, ingest->repeat_at);
    if (!ingest->older_count)
        return;
    say_whole_state(ingest, FRAME_COMMIT, ingest->older[ingest->repeat_run]);
    ingest->repeat_run = (ingest->repeat_run + 1) % ingest->older_count;
}

void ingests_repeat(struct ingests *ingests) {
    for (size_t i = 0; i < ingests->count; i++)
        if (link_is_up(ingests->list[i]->link))
            repeat(ingests->list[i]);
}

static void status_of(const struct ingest *ingest, struct json *json) {
    const struct intervals *ids = journal_stored(ingest->all->journal, ingest->journal);
    bool up = link_is_up(ingest->link);
    char uuid[HEX16];

    hex16(ingest->journal.bytes, uuid);
    json_begin_object(json);
    json_key(json, "role");
    json_text(json, "ingest");
    json_key(json, "name");
    json_text(json, link_endpoint(ingest->link));
    json_key(json, "up");
    json_bool(json, up);
    json_key(json, "refused");
    json_bool(json, ingest->refused);
    json_key(json, "journal");
    json_text(json, up ? uuid : NULL);
    json_member_uint(json, JSON_KEY("upto"), intervals_upto(ids));
    json_member_uint(json, JSON_KEY("ranges"), ids->count);
    json_end(json);
}

void ingests_status(const struct ingests *ingests, struct json *json) {
    for (size_t i = 0; i < ingests->count; i++)
        status_of(ingests->list[i], json);
}
