#include "ingest/format/format.h"

static const struct format *const formats[] = {
    &format_ndjson,   &format_ninjs, &format_nitf, &format_newsml_g2,
    &format_newsml12, &format_rss,   &format_atom, &format_anpa,
    &format_iptc7901, &format_zczc,  &format_text};

#define FORMATS (sizeof formats / sizeof formats[0])

const struct format *format_named(struct view name) {
    for (size_t i = 0; i < FORMATS; i++)
        if (view_is(name, formats[i]->name))
            return formats[i];
    return NULL;
}

const struct format *format_of(struct view bytes) {
    size_t i = 0;
    while (i + 1 < FORMATS && !formats[i]->looks(bytes))
        i++;
    if (i + 1 == FORMATS && format_markup.looks(bytes))
        return &format_markup;
    return formats[i];
}

const char *format_name(size_t i) { return i < FORMATS ? formats[i]->name : NULL; }

struct report *format_report(const struct format *format, const struct format_input *in,
                             struct format_output *out) {
    out->reports = arena_grow(in->arena, out->reports, out->count, out->count + 1,
                              sizeof *out->reports, &out->cap);
    struct report *report = &out->reports[out->count++];
    memset(report, 0, sizeof *report);
    report->format = view_of(format->name);
    return report;
}

struct format_decoded format_decode(const struct format_input *in,
                                    struct report *report) {
    struct format_decoded d;
    d.guessed = !charset_named(view_of(in->feed->charset), &d.charset);
    if (d.guessed)
        d.charset = charset_guess(in->bytes);
    d.text = charset_text(&d.charset, in->bytes, in->arena, &d.invalid);
    size_t len = strlen(d.charset.name);
    report->charset = view_n(arena_copy(in->arena, d.charset.name, len), len);
    return d;
}

void format_note(const struct format_input *in, struct format_output *out,
                 const char *text) {
    struct view old = out->note;
    size_t glue = old.len > 0 ? 2 : 0, len = strlen(text);
    char *note = arena_alloc(in->arena, old.len + glue + len);
    if (old.len > 0)
        memcpy(note, old.at, old.len);
    memcpy(note + old.len, "; ", glue);
    memcpy(note + old.len + glue, text, len);
    out->note = view_n(note, old.len + glue + len);
}
