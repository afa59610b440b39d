/* What the text says to editors: the tags of its headline, the notes above its first
 * paragraph and below its last. Where the report says itself what it does, that stands;
 * the version is never touched. */
#include "enrich/stage.h"

#include "proto/life.h"

#define HEAD_NOTES 8   /* stretches at the front that may be notes */
#define TAIL_NOTES 4   /* and at the end */
#define NOTE_LINE  700 /* bytes: what is longer is prose */
#define PROSE_LINE 110

static bool ends_a_sentence(struct view text) {
    char last = text.len ? text.at[text.len - 1] : 0;

    return last == '.' || last == '"' || last == '?' || last == '!';
}

struct found {
    struct doc *doc;
    struct life life;
    struct view notes[HEAD_NOTES + TAIL_NOTES];
    size_t note_count;
};

static void keep_note(struct found *f, const struct life *life) {
    if (!life->take.more && !life->ends)
        f->notes[f->note_count++] = life->tag;
}

/* The headline, given or found; or the first line, where it is nothing but tags. */
static void read_headline(struct found *f) {
    struct view headline = f->doc->event.headline;
    struct life life;

    if (headline.len && life_read_headline(headline, &life))
        life_join(&f->life, &life);
}

/* The note that came in a field of its own. */
static void read_given(struct found *f) {
    struct life life;

    if (f->doc->event.ednote.len && life_read_ednote(f->doc->event.ednote, &life))
        life_join(&f->life, &life);
}

static bool skipped(const struct stretch *stretch) {
    return stretch->zone == ZONE_DATELINE || stretch->zone == ZONE_CAPTION;
}

/* Notes stand above the dateline, or where prose would begin. */
static size_t read_head(struct found *f) {
    const struct doc *doc = f->doc;
    size_t i = 0;

    for (; i < doc->stretch_count && i < HEAD_NOTES; i++) {
        const struct stretch *stretch = &doc->stretches[i];
        struct view text = doc_span(doc, (struct span){stretch->start, stretch->end});
        struct life life;
        if (stretch->zone == ZONE_DATELINE && i > 0 && f->note_count)
            break;
        if (skipped(stretch) || text.len > NOTE_LINE)
            continue;
        if (life_read_note(text, &life)) {
            life_join(&f->life, &life);
            keep_note(f, &life);
        } else if (text.len < 60 && life_read_headline(text, &life) && !life.words.len) {
            life_join(&f->life, &life);
        } else if (stretch->zone == ZONE_BODY && text.len > PROSE_LINE &&
                   ends_a_sentence(text)) {
            break;
        }
    }
    return i;
}

static bool ends_with(struct view text, const char *end) {
    size_t n = strlen(end);

    return text.len >= n && !memcmp(text.at + text.len - n, end, n);
}

static void read_tail(struct found *f, size_t from) {
    const struct doc *doc = f->doc;
    size_t last = doc->stretch_count;

    if (last && (ends_with(doc->text, "(MORE)") || ends_with(doc->text, "(more)")))
        f->life.take.more = true;
    for (size_t i = last; i > from && last - i < TAIL_NOTES; i--) {
        const struct stretch *stretch = &doc->stretches[i - 1];
        struct view text = doc_span(doc, (struct span){stretch->start, stretch->end});
        struct life life;
        if (text.len > NOTE_LINE || !life_read_note(text, &life))
            continue;
        life_join(&f->life, &life);
        keep_note(f, &life);
    }
}

static struct view joined(const struct found *f) {
    size_t len = 0, n = 0;
    char *text;

    if (f->note_count == 1)
        return f->notes[0];
    for (size_t i = 0; i < f->note_count; i++)
        len += f->notes[i].len + 1;
    text = arena_alloc(f->doc->arena, len);
    for (size_t i = 0; i < f->note_count; i++) {
        memcpy(text + n, f->notes[i].at, f->notes[i].len);
        n += f->notes[i].len;
        text[n++] = '\n';
    }
    return view_n(text, n - 1);
}

static void put_relations(struct doc *doc, const struct life *life) {
    struct relation *copy;

    if (doc->event.relation_count || !life->relation_count)
        return;
    copy = arena_alloc(doc->arena, life->relation_count * sizeof *copy);
    memcpy(copy, life->relations, life->relation_count * sizeof *copy);
    doc->event.relations = copy;
    doc->event.relation_count = life->relation_count;
}

static void put(struct found *f) {
    struct event *event = &f->doc->event;
    bool said = event->action.len != 0;

    if (!said && f->life.action.len)
        event->action = f->life.action;
    if (!said || view_eq(event->action, f->life.action))
        put_relations(f->doc, &f->life);
    if (!event->take.n && !event->take.more)
        event->take = f->life.take;
    if (!event->ednote.len && f->note_count)
        event->ednote = joined(f);
}

static void run(void *state, struct doc *doc) {
    struct found found = {.doc = doc};

    (void)state;
    read_headline(&found);
    read_given(&found);
    read_tail(&found, read_head(&found));
    put(&found);
}

const struct stage stage_notes = {.name = "notes", .run = run};
