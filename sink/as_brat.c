/* brat standoff (https://brat.nlplab.org/standoff.html): annotations that stand beside
 * the text, for people who correct them and programs that score them. Offsets are code
 * points, as ours. A pair of files for each event:
 *
 *     FILE.txt  the event's text, unchanged
 *     FILE.ann  T1	Person 17 23	Haftar                a span and its words
 *               *	Equiv T1 T4                           mentions of one thing
 *               N1	Reference T2 GeoNames:2210247	Tripoli
 *               A1	PlaceRole T2 government
 *               R1	Speaker Arg1:T9 Arg2:T1               who said the quotation
 *               #1	AnnotatorNotes T3	2020-01-16        a date's value; a title
 *
 * A span that goes over the end of a line is cut there ("0 5;6 11"), as brat wants it. */
#include <inttypes.h>
#include <stdlib.h>

#include "proto/utf8.h"
#include "sink/as.h"

/* What brat has to know before it shows a folder. */
static const char conf[] =
    "[entities]\n"
    "Person\nOrganization\nLocation\nFacility\nGroup\nEvent\nProduct\n"
    "Date\nTime\nDuration\nSet\nQuotation\nDateline\n"
    "Navigation\nCaption\nByline\nCredit\nRelated\nTeaser\nRepeat\nSignoff\n"
    "[relations]\n"
    "Speaker\tArg1:Quotation, Arg2:<ENTITY>\n"
    "Equiv\tArg1:<ENTITY>, Arg2:<ENTITY>, <REL-TYPE>:symmetric-transitive\n"
    "<OVERLAP>\tArg1:<ENTITY>, Arg2:<ENTITY>, <OVL-TYPE>:<ANY>\n"
    "[events]\n"
    "[attributes]\n"
    "PlaceRole\tArg:<ENTITY>, Value:literal|government|modifier|part-of-name\n";

struct writing {
    struct buf *out;
    size_t spans, norms, attributes, relations, notes;
};

/* Words of an event as brat's names: letters, digits and hyphens, the first in upper
 * case, for "person" and "PERSON" alike. */
static void put_name(struct buf *out, struct view word) {
    for (size_t i = 0; i < word.len; i++) {
        char c = word.at[i];
        bool lower = c >= 'a' && c <= 'z', upper = c >= 'A' && c <= 'Z';
        if (!lower && !upper && !(c >= '0' && c <= '9'))
            c = '-';
        else if (lower && !i)
            c = (char)(c - 'a' + 'A');
        else if (upper && i)
            c = (char)(c - 'A' + 'a');
        buf_put_u8(out, (uint8_t)c);
    }
}

/* What ends a line for brat, or a column. */
static bool is_end(uint32_t c) {
    return c < 0x20 || c == 0x7F || c == 0x85 || c == 0x2028 || c == 0x2029;
}

/* The next piece of a span that lies on one line and is more than blanks; *at is the
 * offset of *rest. */
static bool take_piece(struct view *rest, size_t *at, struct tagged_span *piece) {
    while (rest->len) {
        const char *begin = rest->at, *end = begin;
        piece->start = piece->end = *at;
        while (rest->len) {
            bool ends = is_end(utf8_take(rest));
            ++*at;
            if (ends)
                break;
            end = rest->at;
            piece->end++;
        }
        piece->text = view_n(begin, (size_t)(end - begin));
        if (view_trim(piece->text).len)
            return true;
    }
    return false;
}

/* Returns the number of its T, 0 where it has nothing but blanks. */
static size_t put_span(struct writing *w, struct view type,
                       const struct tagged_span *at) {
    struct view rest = at->text;
    size_t next = at->start, pieces = 0, begun = w->out->len;
    struct buf words = {0};
    struct tagged_span piece;

    buf_printf(w->out, "T%zu\t", w->spans + 1);
    put_name(w->out, type);
    while (take_piece(&rest, &next, &piece)) {
        buf_printf(w->out, "%s%zu %zu", pieces ? ";" : " ", piece.start, piece.end);
        if (pieces++)
            buf_put_u8(&words, ' ');
        buf_put_view(&words, piece.text);
    }
    buf_put_u8(w->out, '\t');
    buf_put_view(w->out, buf_view(&words));
    buf_put_u8(w->out, '\n');
    buf_release(&words);
    if (!pieces)
        w->out->len = begun;
    return pieces ? ++w->spans : 0;
}

static void put_note(struct writing *w, size_t span, struct view text) {
    if (!span || !text.len)
        return;
    buf_printf(w->out, "#%zu\tAnnotatorNotes T%zu\t", ++w->notes, span);
    as_put_line(w->out, text, "", 0);
    buf_put_u8(w->out, '\n');
}

static void put_place(struct writing *w, size_t span, const struct tagged_place *place) {
    if (place->geonameid) {
        buf_printf(w->out, "N%zu\tReference T%zu GeoNames:%" PRId64 "\t", ++w->norms,
                   span, place->geonameid);
        as_put_line(w->out, place->name, "", 0);
        buf_put_u8(w->out, '\n');
    }
    if (place->role.len) {
        buf_printf(w->out, "A%zu\tPlaceRole T%zu ", ++w->attributes, span);
        as_put_line(w->out, place->role, " ", 0);
        buf_put_u8(w->out, '\n');
    }
}

/* Returns the T of the first mention. */
static size_t put_entity(struct writing *w, const struct tagged_entity *entity) {
    size_t first = 0, count = 0;

    for (size_t i = 0; i < entity->mention_count; i++) {
        size_t span = put_span(w, entity->type, &entity->mentions[i]);
        if (span && entity->place)
            put_place(w, span, entity->place);
        first = first ? first : span;
        count += span > 0;
    }
    put_note(w, first, entity->role);
    if (count < 2)
        return first;
    buf_put_text(w->out, "*\tEquiv");
    for (size_t i = 0; i < count; i++) // they follow each other
        buf_printf(w->out, " T%zu", first + i);
    buf_put_u8(w->out, '\n');
    return first;
}

static void put_date(struct writing *w, const struct tagged_date *date) {
    size_t span = put_span(w, date->type.len ? date->type : VIEW_LIT("date"), &date->at);
    struct buf note = {0};

    buf_put_view(&note, date->value);
    if (date->from.len && !view_eq(date->from, date->value)) {
        buf_printf(&note, "%s", note.len ? ", " : "");
        buf_put_view(&note, date->from);
        buf_put_text(&note, " to ");
        buf_put_view(&note, date->to);
    }
    put_note(w, span, buf_view(&note));
    buf_release(&note);
}

static void put_quote(struct writing *w, const struct tagged *event,
                      const struct tagged_quote *quote, const size_t *firsts) {
    size_t span = put_span(w, VIEW_LIT("quotation"), &quote->at);
    size_t speaker = quote->speaker ? firsts[quote->speaker - event->entities] : 0;

    if (span && speaker)
        buf_printf(w->out, "R%zu\tSpeaker Arg1:T%zu Arg2:T%zu\n", ++w->relations, span,
                   speaker);
}

static void write_brat(const struct tagged *event, struct buf *out) {
    struct writing w = {.out = out};
    size_t *firsts = mem_zalloc((event->entity_count + 1) * sizeof *firsts);

    for (size_t i = 0; i < event->entity_count; i++)
        firsts[i] = put_entity(&w, &event->entities[i]);
    for (size_t i = 0; i < event->date_count; i++)
        put_date(&w, &event->dates[i]);
    for (size_t i = 0; i < event->quote_count; i++)
        put_quote(&w, event, &event->quotes[i], firsts);
    if (event->has_dateline)
        put_span(&w, VIEW_LIT("dateline"), &event->dateline);
    for (size_t i = 0; i < event->furniture_count; i++)
        put_span(&w, event->furniture[i].kind, &event->furniture[i].at);
    free(firsts);
}

const struct as as_brat = {.name = "brat",
                           .suffix = ".ann",
                           .has_text = true,
                           .conf_name = "annotation.conf",
                           .conf = conf,
                           .write = write_brat};
