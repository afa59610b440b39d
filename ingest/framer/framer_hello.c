/* The line that opens the dialogue: HELLO wire/1 name=value ... */
#include "ingest/format/format.h"
#include "ingest/framer/framer_inside.h"

#include <stdio.h>

static int framing_word(struct view word, enum framing *out) {
    static const struct {
        const char *word;
        enum framing framing;
    } words[] = {
        {"auto", FRAMING_AUTO},   {"ndjson", FRAMING_NDJSON}, {"text", FRAMING_TEXT},
        {"octet", FRAMING_OCTET}, {"soh", FRAMING_SOH},       {"zczc", FRAMING_ZCZC},
        {"xml", FRAMING_XML},
    };
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (view_is(word, words[i].word)) {
            *out = words[i].framing;
            return 0;
        }
    return ERR_FORMAT;
}

static int hello_option(struct view word, struct framed_hello *hello) {
    struct view key, value = word;
    view_split(&value, '=', &key);
    if (view_is(key, "frame"))
        return framing_word(value, &hello->framing);
    if (view_is(key, "ack") && (view_is(value, "0") || view_is(value, "1"))) {
        hello->ack = view_is(value, "1");
    } else if (view_is(key, "format") && view_is(value, "auto")) {
        hello->format = VIEW_LIT("");
    } else if (view_is(key, "format") && format_named(value)) {
        hello->format = value;
    } else if (view_is(key, "source")) {
        hello->source = value;
    } else {
        return ERR_FORMAT; // passed over, a slip of the pen would change the framing
    }
    return 0;
}

static int read_hello(struct framer *f, struct view line, struct framed *out) {
    struct view word;
    line = view_trim(line);
    view_split(&line, ' ', &word);
    view_split(&line, ' ', &word);
    if (!view_is(word, "wire/1"))
        return refuse_all(f, REFUSED_VERSION,
                          "this ingest speaks wire/1: say HELLO wire/1", f->at, out);
    while (view_split(&line, ' ', &word))
        if (hello_option(word, &out->hello) != 0) {
            snprintf(f->why, sizeof f->why, "HELLO does not know %.*s",
                     (int)(word.len < 60 ? word.len : 60), word.at);
            return refuse_all(f, REFUSED_MALFORMED, f->why, f->at, out);
        }
    if (out->hello.framing == FRAMING_AUTO && out->hello.format.len > 0)
        out->hello.framing = framing_of_format(format_named(out->hello.format)->name);
    f->conf.hello = false;
    f->greeted = true;
    out->kind = FRAMED_HELLO;
    framer_expect(f, out->hello.framing == FRAMING_AUTO ? f->conf.framing
                                                        : out->hello.framing);
    return 0;
}

int take_hello(struct framer *f, size_t i, struct framed *out) {
    struct view from = view_n(f->in.at + i, f->in.len - i);
    int ours = starts_with(from, "HELLO wire/");
    if (ours == 0 || from.len == 0 || (ours < 0 && f->ended))
        return 0;
    size_t look = from.len < f->conf.max_line ? from.len : f->conf.max_line;
    const char *lf = memchr(from.at, '\n', look);
    if (!lf && from.len >= f->conf.max_line) {
        refuse_all(f, REFUSED_TOO_BIG, "the HELLO line is too long", f->at, out);
        return TOOK_HELLO;
    }
    if (!lf && !f->ended)
        return MORE;
    size_t len = lf ? (size_t)(lf - from.at) : from.len;
    consume_to(f, i + len + (lf ? 1 : 0));
    read_hello(f, view_n(f->in.at + i, len), out);
    return TOOK_HELLO;
}
