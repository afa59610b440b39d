#include "ingest/format.h"

static const struct format *const formats[] = {&format_ndjson, &format_text};

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
    return formats[i];
}
