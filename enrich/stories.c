/* Lines are short (could be a headline) or prose; a story begins at a short line behind
 * enough prose, if what follows shows it. */
#include "enrich/stories.h"

#include "enrich/chars.h"
#include "enrich/date_line.h"
#include "enrich/dateline.h"
#include "enrich/segment.h"
#include "proto/mem.h"

#define STORIES_MOST   500 /* of one document */
#define HEAD_LINES     6   /* between a headline and its dateline */
#define BRIEF_PROSE    5   /* paragraphs of one brief at most */
#define HEADLINE_BYTES 160

struct row {
    struct view text;
    uint32_t start;
    bool gap;    /* an empty line before it */
    bool prose;  /* a sentence, or long */
    bool rule;   /* "- - -", "***" */
    bool begins; /* a story begins here */
};

struct rows {
    struct row *at;
    size_t count, cap;
    const struct phrases *phrases;
    const struct gazetteer *gazetteer;
    struct arena *arena;
};

static bool is_rule(struct view line) {
    unsigned marks = 0;

    for (size_t i = 0; i < line.len; i++) {
        if (!strchr("-*_=.#~ ", line.at[i]))
            return false;
        marks += line.at[i] != ' ';
    }
    return marks >= 2;
}

static void put_row(struct rows *rows, struct view text, uint32_t start, bool gap) {
    struct row *row;

    rows->at = arena_grow(rows->arena, rows->at, rows->count, rows->count + 1,
                          sizeof *rows->at, &rows->cap);
    row = &rows->at[rows->count++];
    *row = (struct row){.text = text, .start = start, .gap = gap};
    row->rule = text.len <= 80 && is_rule(text);
    row->prose =
        text.len > HEADLINE_BYTES ||
        (text.len >= 30 && segment_ends_like_prose(text) && !segment_cut_short(text));
}

static void read_rows(struct rows *rows, struct view text) {
    struct view rest = text, raw;
    bool gap = false;

    while (view_split(&rest, '\n', &raw)) {
        struct view line = segment_trim(raw);
        if (line.len)
            put_row(rows, line, (uint32_t)(line.at - text.at), gap);
        gap = !line.len;
    }
}

static unsigned words_of(struct view line) {
    unsigned words;

    furniture_line_hash(line, 0, &words);
    return words;
}

/* Could the line be the headline of another story? */
static bool is_headline(const struct rows *rows, size_t i, unsigned least) {
    const struct row *row = &rows->at[i];
    struct written_date date;
    struct view rest = row->text, name;
    unsigned len;

    if (row->prose || row->rule || row->text.len > HEADLINE_BYTES ||
        words_of(row->text) < least ||
        char_next(row->text.at, row->text.at + row->text.len, &len) == CHAR_LOWER ||
        strchr(":;,)", row->text.at[row->text.len - 1]) || segment_cut_short(row->text))
        return false;
    if (written_date_take(&rest, &date) || furniture_byline(row->text, &name) ||
        furniture_bare_byline(row->text))
        return false;
    return furniture_of_line(rows->phrases, row->text).kind == NOT_FURNITURE;
}

static bool has_dateline(const struct rows *rows, size_t i, bool *signed_too) {
    struct dateline dateline;

    if (rows->at[i].text.len < 60 || !segment_may_date(rows->at[i].text) ||
        !dateline_read(rows->at[i].text, false, rows->gazetteer, &dateline))
        return false;
    *signed_too = dateline.agency.len || dateline.date.month;
    return true;
}

static bool heads_links(const struct rows *rows, size_t i) {
    struct furniture_verdict v = furniture_of_line(rows->phrases, rows->at[i].text);

    return v.kind == FURNITURE_RELATED ||
           (v.kind != NOT_FURNITURE && v.claim == CLAIM_LINKS);
}

/* The headline over a paragraph with a dateline: the first line that can be one behind
 * the story before. The rows' count if there is none. */
static size_t headline_over(const struct rows *rows, size_t dated) {
    size_t found = rows->count;

    for (size_t i = dated; i-- > 0 && i + HEAD_LINES >= dated;) {
        if (rows->at[i].prose || rows->at[i].rule)
            break;
        if (heads_links(rows, i))
            return rows->count;
        if (is_headline(rows, i, 3) && (rows->at[i].gap || rows->at[i - !!i].rule))
            found = i;
    }
    return found;
}

/* Are there at least two paragraphs under short lines that could begin with datelines? */
static bool may_have_datelines(const struct rows *rows) {
    unsigned found = 0;

    for (size_t i = 1; i < rows->count && found < 2; i++)
        found += !rows->at[i - 1].prose && rows->at[i].text.len >= 60 &&
                 segment_may_date(rows->at[i].text);
    return found >= 2;
}

/* Agency copy: headline and dateline, again and again, all with an agency or a date if
 * the first has one; capitals and a dash alone, only if there are several. */
static void find_datelines(struct rows *rows) {
    unsigned prose = 0, dated = 0, begun = 0;
    bool signs = true;

    if (!may_have_datelines(rows))
        return;
    for (size_t i = 0; i < rows->count; i++) {
        size_t headline;
        bool sign;
        prose += rows->at[i].prose;
        if ((i && rows->at[i - 1].prose) || !has_dateline(rows, i, &sign))
            continue;
        signs = dated++ ? signs : sign;
        headline = headline_over(rows, i);
        if (headline < rows->count && headline && prose > 1 &&
            (dated > 1 ? sign || !signs : prose > 3 && sign)) {
            rows->at[headline].begins = true;
            begun++;
        }
    }
    for (size_t i = 0; !signs && begun < 2 && i < rows->count; i++)
        rows->at[i].begins = false;
}

/* A few words over a story that are the section's name. */
static bool names_section(const struct rows *rows, size_t i) {
    struct furniture_verdict verdict;

    if (rows->at[i].prose || !rows->at[i].gap || words_of(rows->at[i].text) > 3)
        return false;
    verdict = furniture_of_line(rows->phrases, rows->at[i].text);
    return verdict.claim != CLAIM_SURE || verdict.kind == NOT_FURNITURE;
}

/* A category page: headline, excerpt, the same headline. */
static void find_excerpts(struct rows *rows) {
    bool prose = false;
    unsigned words, again;

    for (size_t i = 0; i + 2 < rows->count; i++) {
        size_t start = i;
        prose |= rows->at[i].prose;
        if (rows->at[i].prose || !segment_cut_short(rows->at[i + 1].text) || !prose ||
            words_of(rows->at[i + 1].text) < 8 ||
            furniture_line_hash(rows->at[i].text, SIZE_MAX, &words) !=
                furniture_line_hash(rows->at[i + 2].text, SIZE_MAX, &again) ||
            words < 3)
            continue;
        if (i && names_section(rows, i - 1))
            start = i - 1;
        rows->at[start].begins = true;
    }
}

/* "3. Malta raises bread price", "(3) ...", "#3 ...": the number; 0: none. */
static unsigned number_of(struct view line) {
    unsigned number = 0;
    size_t i = line.len && strchr("(#", line.at[0]) ? 1 : 0, digits = 0;

    for (; i < line.len && line.at[i] >= '0' && line.at[i] <= '9' && digits < 3; i++) {
        number = number * 10 + (unsigned)(line.at[i] - '0');
        digits++;
    }
    if (!digits || i + 1 >= line.len || !strchr(".):-", line.at[i]) ||
        line.at[i + 1] != ' ')
        return 0;
    return number;
}

/* Short lines with prose under each, below a heading that promises briefs. */
static void find_briefs(struct rows *rows) {
    size_t heading = rows->count, found = 0, numbered = 0;

    for (size_t i = 0; i < rows->count && i < 4 && !rows->at[i].prose; i++)
        if (furniture_heads_briefs(rows->at[i].text))
            heading = i;
    if (heading + 2 >= rows->count || rows->at[heading + 1].prose)
        return;
    for (int pass = 0; pass < 2; pass++) {
        for (size_t i = heading + 1; i + 1 < rows->count; i++) {
            if (!rows->at[i + 1].prose || !rows->at[i].gap || rows->at[i].prose ||
                !is_headline(rows, i, 2) || (numbered && !number_of(rows->at[i].text)))
                continue;
            if (pass && found >= 2 && i > heading + 1)
                rows->at[i].begins = true;
            found += !pass;
        }
        if (!pass)
            for (size_t i = heading + 1; i < rows->count; i++)
                numbered += number_of(rows->at[i].text) == numbered + 1;
        numbered = numbered >= 3 ? numbered : 0;
    }
}

/* Every rule has a headline and a few paragraphs under it. */
static void find_ruled(struct rows *rows) {
    unsigned blocks = 0, prose = 0;

    for (size_t i = 0; i < rows->count; i++) {
        prose += rows->at[i].prose;
        if (!rows->at[i].rule)
            continue;
        if (prose > BRIEF_PROSE || !prose)
            return;
        if (i + 2 >= rows->count)
            break;
        if (!is_headline(rows, i + 1, 5) || !rows->at[i + 2].prose)
            return;
        blocks++;
        prose = 0;
    }
    for (size_t i = 0; blocks >= 2 && i + 2 < rows->count; i++)
        if (rows->at[i].rule)
            rows->at[i + 1].begins = true;
}

/* The first story begins with the document, whatever was found in its head. */
static void join_first(struct rows *rows) {
    bool prose = false;

    for (size_t i = 0; i < rows->count && !prose; i++) {
        rows->at[i].begins = false;
        prose = rows->at[i].prose;
    }
}

static bool worth_a_look(const struct rows *rows) {
    unsigned prose = 0, shorts = 0;

    for (size_t i = 0; i < rows->count; i++) {
        prose += rows->at[i].prose;
        shorts += prose && !rows->at[i].prose && !rows->at[i].rule;
    }
    return prose >= 2 && shorts;
}

struct span *stories_find(const struct stories_know *know, struct view text,
                          struct arena *arena, size_t *count) {
    struct rows rows = {
        .phrases = know->phrases, .gazetteer = know->gazetteer, .arena = arena};
    struct span *stories = arena_alloc(arena, sizeof *stories);
    size_t cap = 1;

    stories[0] = (struct span){0, (uint32_t)text.len};
    *count = 1;
    read_rows(&rows, text);
    if (!worth_a_look(&rows))
        return stories;
    find_datelines(&rows);
    find_excerpts(&rows);
    find_briefs(&rows);
    find_ruled(&rows);
    join_first(&rows);
    for (size_t i = 1; i < rows.count && *count < STORIES_MOST; i++)
        if (rows.at[i].begins) {
            stories =
                arena_grow(arena, stories, *count, *count + 1, sizeof *stories, &cap);
            stories[*count - 1].end = rows.at[i].start;
            stories[(*count)++] = (struct span){rows.at[i].start, (uint32_t)text.len};
        }
    return stories;
}

/* The fullest name met for each form of an entity, found by type and form. */
struct form {
    uint64_t hash; /* 0: free */
    struct view name;
};

static struct form *find_form(struct form *forms, size_t size, enum entity_type type,
                              struct view text) {
    unsigned words;
    uint64_t hash = (furniture_line_hash(text, SIZE_MAX, &words) + (uint64_t)type) | 1;
    size_t at = (size_t)(hash * 0x9e3779b97f4a7c15u >> 32) & (size - 1);

    while (forms[at].hash && forms[at].hash != hash)
        at = (at + 1) & (size - 1);
    forms[at].hash = hash;
    return &forms[at];
}

static void note_forms(struct form *forms, size_t size, const struct doc *doc) {
    for (size_t i = 0; i < doc->event.entity_count; i++) {
        const struct event_entity *entity = &doc->event.entities[i];
        for (size_t m = 0; m < entity->mention_count; m++) {
            struct form *form =
                find_form(forms, size, entity->type, doc_span(doc, entity->mentions[m]));
            if (entity->name.len > form->name.len)
                form->name = entity->name;
        }
    }
}

void stories_join_names(struct doc *docs, size_t count) {
    size_t mentions = 0, size = 64;
    struct form *forms;

    for (size_t d = 0; d < count; d++)
        mentions += docs[d].mention_count;
    while (size < mentions * 2 + 64)
        size *= 2;
    forms = arena_zalloc(docs->arena, size * sizeof *forms);
    for (size_t d = 0; d < count; d++)
        note_forms(forms, size, &docs[d]);
    for (size_t d = 0; d < count; d++)
        for (size_t i = 0; i < docs[d].event.entity_count; i++) {
            struct event_entity *entity = &docs[d].entities[i];
            struct form *form = find_form(forms, size, entity->type, entity->name);
            if (form->name.len > entity->name.len)
                entity->name = form->name;
        }
}
