/* news.h: what the news formats in XML (NITF, NewsML-G2, NewsML 1.2) share: one report
 * being put together out of the fields and the text of a document.
 *
 *     news_begin(&news, in, report);
 *     news_set(&news, &report->headline, xml_words(node, in->arena));
 *     news_put_xhtml(&news, body);
 *     news_end(&news);
 *
 * Fields hold what was given first: readers ask the best source first. The text is the
 * headline, an empty line, and the paragraphs; a dateline that is a field of its own is
 * put in front of the first paragraph unless one of the first begins with it. */
#ifndef WIRETAG_INGEST_FORMAT_NEWS_H
#define WIRETAG_INGEST_FORMAT_NEWS_H

#include "ingest/format/format.h"
#include "ingest/format/xml.h"
#include "proto/json.h"

#define NEWS_KNOWN 24   /* lines that were fields already */
#define NEWS_NAMES 64   /* of a kind; more are passed over */
#define NEWS_NOTES 8    /* to editors, looked at for embargoes */
#define NEWS_ITEMS 4096 /* in one document; with more it is refused */

struct news {
    const struct format_input *in;
    struct report *report;
    struct buf body;    /* paragraphs */
    struct view title;  /* the text's own headline */
    struct view byline; /* and byline */
    struct view known[NEWS_KNOWN];
    size_t known_count;
    struct view notes[NEWS_NOTES];
    size_t note_count;
    struct buf extra_bytes;
    struct json extra;
    bool has_extra;
};

void news_begin(struct news *news, const struct format_input *in, struct report *report);
/* Completes the report: text, extra, what its headline's words do, what its feed says of
 * it. Releases what it took. */
void news_end(struct news *news);
/* Has it words, or does it take back or hold back what has? Before news_end. */
bool news_says_something(const struct news *news);

/* Fields. Empty values change nothing. */
void news_set(struct news *news, struct view *field, struct view line);
/* For fields that are given in pieces: joined by "; ", each once. */
void news_join(struct news *news, struct view *field, struct view line);
/* Into ednote. "EMBARGOED until ..." counts where no field says it. */
void news_note_to_editors(struct news *news, struct view line);
void news_version(struct news *news, const char *what, struct view text);
/* ISO 8601; without a zone it is the feed's. `what` names it in a warning. */
void news_time(struct news *news, const char *what, struct view text, struct view *field);
void news_moment(struct news *news, const char *what, struct view text, int64_t *ms);
/* A language tag; others are passed over with a warning. */
void news_lang(struct news *news, struct view tag);
void news_urgency(struct news *news, struct view text);
/* usable, embargoed, withheld, canceled; in any case and spelling. */
void news_status(struct news *news, struct view word);
/* What a sender's word says the report does: update, correction, U, ...; false: nothing.
 */
bool news_action(struct news *news, struct view word);
void news_keyword(struct news *news, struct view word);
void news_category(struct news *news, const char *scheme, struct view code);
void news_relate(struct news *news, const char *rel, struct view ref, struct view guid);
/* A line that is a field: the text is not to begin with it again. */
void news_known(struct news *news, struct view line);
void news_warn(struct news *news, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* What there is no field for: the writer of a value, behind its key. Each key once. */
struct json *news_extra(struct news *news, const char *key);
void news_extra_line(struct news *news, const char *key, struct view line);

/* Names of a kind, each once. */
struct news_names {
    struct view at[NEWS_NAMES];
    size_t count;
};
void news_name(struct news_names *names, struct view name);
void news_extra_names(struct news *news, const char *key, const struct news_names *names);

/* Text, appended as paragraphs. Headings and bylines that are fields, and what XHTML has
 * in front of its text for those who only show it (times, slugs), are left out. */
void news_put_xhtml(struct news *news, const struct xml_node *body);
void news_put_nodes(struct news *news, const struct xml_node *node);
void news_put_html(struct news *news, struct view html);
void news_put_plain(struct news *news, struct view text);
/* HTML or plain text: by its type ("text/html"; may be empty) and looks. */
void news_put_either(struct news *news, struct view type, struct view text);
/* Base64; a warning where it is none. */
void news_put_base64(struct news *news, struct view type, struct view text);

/* An XML document whose root is to be read; charset and warning go into each report of
 * it. ERR_* with a diag. */
int news_read_xml(const struct format_input *in, struct xml_document *document,
                  struct diag *diag);
/* One more report of the document; NULL with a diag where there are too many. */
struct report *news_report(const struct format *format, const struct format_input *in,
                           const struct xml_document *document, struct format_output *out,
                           struct diag *diag);
/* A note of something passed over; of very many only the first. */
void news_note(const struct format_input *in, struct format_output *out,
               const char *format, ...) __attribute__((format(printf, 3, 4)));
/* The last report has nothing to say: it goes, a note tells of it. */
void news_drop(const struct format_input *in, struct format_output *out,
               const char *format, ...) __attribute__((format(printf, 3, 4)));

/* The part of "scheme:code" behind the colon; all of it where there is none. */
struct view news_code(struct view qcode);

#endif
