#include "ingest/feed_check.h"

#include "ingest/format/format.h"
#include "ingest/format/marks.h"
#include "proto/charset.h"
#include "proto/run/settings.h"

#include <stdio.h>

#define CHOICES     32
#define WORD_BYTES  32
#define DATE_ORDERS "dmy|mdy|ymd"

const char *format_choices(void) {
    static char text[CHOICES * WORD_BYTES];
    const char *name;
    size_t len = (size_t)snprintf(text, sizeof text, "auto");
    for (size_t i = 0; (name = format_name(i)) && len < sizeof text; i++)
        len += (size_t)snprintf(text + len, sizeof text - len, "|%s", name);
    return text;
}

/* The words of "a|b|c", NULL behind the last. */
static void split_choices(const char *choices, char words[CHOICES][WORD_BYTES],
                          const char *list[CHOICES + 1]) {
    struct view rest = view_of(choices), word;
    size_t n = 0;
    while (n < CHOICES && view_split(&rest, '|', &word)) {
        snprintf(words[n], WORD_BYTES, "%.*s", (int)word.len, word.at);
        list[n] = words[n];
        n++;
    }
    list[n] = NULL;
}

const char *choice_nearest(const char *choices, struct view wrong) {
    static char words[CHOICES][WORD_BYTES];
    const char *list[CHOICES + 1];
    char word[2 * WORD_BYTES];
    snprintf(word, sizeof word, "%.*s", (int)(wrong.len < sizeof word ? wrong.len : 0),
             wrong.at);
    split_choices(choices, words, list);
    return word[0] ? settings_nearest(word, list) : NULL;
}

static bool is_choice(const char *choices, const char *word) {
    struct view rest = view_of(choices), one;
    while (view_split(&rest, '|', &one))
        if (view_is(one, word))
            return true;
    return false;
}

static int refuse_word(const struct feed *feed, const char *key, const char *word,
                       const char *choices, struct diag *diag) {
    const char *near = choice_nearest(choices, view_of(word));
    diag_set(diag, 0, "--feed: %.*s: %s=%s is not known%s%s%s; there are %s",
             (int)feed->name.len, feed->name.at, key, word, near ? " (did you mean " : "",
             near ? near : "", near ? "?)" : "", choices);
    return ERR_FORMAT;
}

static int check_name(const struct feed *feed, struct diag *diag) {
    for (size_t i = 0; i < feed->name.len; i++) {
        unsigned char c = (unsigned char)feed->name.at[i];
        if (c > ' ' && c != 0x7f)
            continue;
        diag_set(diag, 0, "--feed: name=%.*s: a name is one word, without blanks",
                 (int)feed->name.len, feed->name.at);
        return ERR_FORMAT;
    }
    return 0;
}

static int check_charset(const struct feed *feed, struct diag *diag) {
    struct charset charset;
    if (!feed->charset || charset_named(view_of(feed->charset), &charset))
        return 0;
    diag_set(diag, 0,
             "--feed: %.*s: charset=%s is not known; there are utf-8, windows-1252, "
             "latin1, utf-16 and what iconv -l lists",
             (int)feed->name.len, feed->name.at, feed->charset);
    return ERR_FORMAT;
}

static int check_marks(const struct feed *feed, struct diag *diag) {
    struct marks marks;
    struct diag why = {0};
    if (!feed->marks || marks_read(feed->marks, &marks, &why) == 0)
        return 0;
    diag_set(diag, 0, "--feed: %.*s: marks=%s: %s", (int)feed->name.len, feed->name.at,
             feed->marks, why.text);
    return ERR_FORMAT;
}

int feed_check(const struct feed *feed, struct diag *diag) {
    int err = check_name(feed, diag);
    if (err == 0 && feed->format && !is_choice(format_choices(), feed->format))
        err = refuse_word(feed, "format", feed->format, format_choices(), diag);
    if (err == 0 && feed->date_order && !is_choice(DATE_ORDERS, feed->date_order))
        err = refuse_word(feed, "date-order", feed->date_order, DATE_ORDERS, diag);
    if (err == 0)
        err = check_marks(feed, diag);
    return err < 0 ? err : check_charset(feed, diag);
}
