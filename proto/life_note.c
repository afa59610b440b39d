/* Notices: lines that speak to editors about a report, this one or an earlier one. A
 * notice shows by how it begins; what looks like one in the middle of prose is prose. */
#include "proto/life_inside.h"

#define NOTE_MOST 1500 /* bytes of a notice: what is longer is prose */

/* ---- what is cited ---- */

/* Agencies that write themselves small have three letters: "wfd", "dpa-tns". */
static bool lower_agency(struct view word) {
    size_t first = 0;

    for (size_t i = 0; i < word.len; i++) {
        if ((word.at[i] < 'a' || word.at[i] > 'z') && word.at[i] != '-')
            return false;
        if (word.at[i] == '-' && !first)
            first = i;
    }
    return word.len && (first ? first : word.len) <= 3;
}

/* Letters before a number that are no agency. */
static bool common(struct view word) {
    static const char *const words[] = {
        "all",  "and",  "any", "apr",  "are",  "at",   "aug",  "bei",  "but", "by",
        "day",  "dec",  "den", "der",  "des",  "die",  "ein",  "ete",  "feb", "few",
        "for",  "gmt",  "had", "has",  "hit",  "in",   "is",   "item", "its", "jan",
        "jul",  "july", "jun", "june", "les",  "los",  "mar",  "may",  "met", "mit",
        "nor",  "not",  "nov", "now",  "nur",  "oct",  "of",   "off",  "old", "on",
        "one",  "only", "or",  "our",  "out",  "page", "para", "part", "per", "put",
        "ran",  "saw",  "say", "sep",  "sept", "set",  "six",  "some", "sur", "ten",
        "than", "the",  "to",  "top",  "two",  "um",   "und",  "utc",  "vom", "von",
        "was",  "who",  "win", "won",  "with", NULL};

    for (const char *const *at = words; *at; at++)
        if (life_match(word, *at) == word.len)
            return true;
    return false;
}

bool life_take_reference(struct view *from, struct view *agency, struct view *number) {
    struct view rest = *from;
    size_t letters = 0, digits = 0;

    while (letters < rest.len &&
           (life_letter(rest.at[letters]) || (letters && rest.at[letters] == '-')))
        letters++;
    *agency = view_n(rest.at, letters);
    life_drop(&rest, letters);
    if (!letters || letters > 9 || agency->at[letters - 1] == '-')
        return false;
    if (letters > 1 && rest.len && rest.at[0] == ' ')
        life_drop(&rest, 1);
    while (digits < rest.len && life_digit(rest.at[digits]))
        digits++;
    *number = view_n(rest.at, digits);
    life_drop(&rest, digits);
    if (digits < (letters == 1 ? 4u : 2u) || digits > 5 ||
        (rest.len && (life_letter(rest.at[0]) || rest.at[0] == '%')))
        return false;
    if (common(*agency) || (life_has_small(*agency) && !lower_agency(*agency)))
        return false;
    *from = rest;
    return true;
}

/* Words for a report. */
static const char *const things[] = {
    "item",      "items",       "story",        "stories",  "report",    "reports",
    "article",   "article",     "dispatch",     "take",     "takes",     "file",
    "message",   "advisory",    "copy",         "series",   "alert",     "alerts",
    "newsalert", "factbox",     "version",      "versions", "text",      "lead",
    "photo",     "meldung",     "meldungen",    "bericht",  "berichte",  "beitrag",
    "text",      "dépêche",     "dépêches",     "noticia",  "noticias",  "nota",
    "despacho",  "información", "informations", "urgent",   "writethru", NULL};

static void cite(struct life *out, const char *rel, struct view ref) {
    ref = view_trim(ref);
    if (!ref.len || ref.len > 200 || out->relation_count == REPORT_RELATIONS)
        return;
    for (size_t i = 0; i < out->relation_count; i++)
        if (view_eq(out->relations[i].ref, ref))
            return;
    out->relations[out->relation_count++] =
        (struct relation){.rel = view_of(rel), .ref = ref};
}

static void skip_marks(struct view *rest) {
    while (rest->len && !life_letter(rest->at[0]) && !life_digit(rest->at[0]))
        life_drop(rest, 1);
}

/* The first byte of each word in turn. */
static bool next_word(struct view *rest) {
    struct view word = life_word(*rest);

    if (!rest->len)
        return false;
    life_drop(rest, word.len ? word.len : 1);
    skip_marks(rest);
    return rest->len != 0;
}

/* What a reference may follow: a word for a report, what stands before its number,
 * another reference. */
static bool leads_to_number(struct view text) {
    static const char *const words[] = {
        "no",        "nos",     "nr",     "nummer",    "number", "and",
        "und",       "sowie",   "et",     "y",         "the",    "our",
        "die",       "unsere",  "la",     "notre",     "kill",   "withdraw",
        "disregard", "annuler", "anulen", "streichen", "hold",   NULL};

    return life_match_any(text, things) || life_match_any(text, words);
}

/* The references of "items wfd 0141, wfd 0143 and wfd 0150"; with out NULL: is there
 * any? */
static bool cite_numbers(struct life *out, const char *rel, struct view text) {
    bool expected = true, any = false;

    while (text.len) {
        struct view from = text, agency, number;
        if (expected && life_take_reference(&from, &agency, &number)) {
            any = true;
            if (out)
                cite(out, rel, view_n(text.at, text.len - from.len));
            text = from;
            expected = text.len && strchr(",/;", text.at[0]);
            skip_marks(&text);
        } else {
            expected = leads_to_number(text);
            next_word(&text);
        }
    }
    return any;
}

/* What stands in the quotation marks at the front, or up to a comma; empty: nothing. */
static struct view quoted(struct view text) {
    static const char *const marks[][2] = {{"\"", "\""}, {"“", "”"}, {"„", "“"},
                                           {"'", "'"},   {"‘", "’"}, {"«", "»"}};
    size_t end = 0;

    for (size_t i = 0; i < sizeof marks / sizeof *marks; i++) {
        size_t open = strlen(marks[i][0]), close = strlen(marks[i][1]);
        if (!view_starts(text, marks[i][0]))
            continue;
        for (size_t k = open; k + close <= text.len; k++)
            if (!memcmp(text.at + k, marks[i][1], close) &&
                (k + close == text.len || !life_letter(text.at[k + close])))
                return view_n(text.at + open, k - open);
    }
    while (end < text.len && !strchr(",;\n", text.at[end]))
        end++;
    return view_n(text.at, end);
}

/* A slug ends where the sentence goes on. */
static struct view slug_of(struct view text) {
    static const char *const after[] = {"is",    "was",      "has",    "which", "that",
                                        "moved", "sent",     "issued", "at",    "and",
                                        "on",    "dated",    "timed",  "as",    "from",
                                        "filed", "has been", "please", NULL};
    struct view all = quoted(text);

    for (size_t i = 0; i + 1 < all.len; i++)
        if (all.at[i] == ' ' &&
            life_match_any(view_n(all.at + i + 1, all.len - i - 1), after))
            return view_n(all.at, i);
    while (all.len && strchr(".)", all.at[all.len - 1]))
        all.len--;
    return all;
}

static bool cite_after(struct life *out, const char *rel, struct view text,
                       const char *const words[], bool slug) {
    do {
        struct view rest = text;
        size_t len = life_match_any(text, words);
        if (!len)
            continue;
        life_drop(&rest, len);
        while (rest.len && strchr(": ", rest.at[0]))
            life_drop(&rest, 1);
        cite(out, rel, slug ? slug_of(rest) : quoted(rest));
        return true;
    } while (next_word(&text));
    return false;
}

static const char *const slug_words[] = {"slugged", "slug", NULL};
static const char *const headline_words[] = {"headlined",
                                             "titled",
                                             "entitled",
                                             "with the headline",
                                             "under the headline",
                                             "mit der überschrift",
                                             "mit dem titel",
                                             "überschrift",
                                             "intitulée",
                                             "titrée",
                                             "titulada",
                                             "headline",
                                             NULL};

/* The story a notice is about: by number, else by slug, else by headline. */
static bool cite_story(struct life *out, const char *rel, struct view text) {
    return cite_numbers(out, rel, text) || cite_after(out, rel, text, slug_words, true) ||
           cite_after(out, rel, text, headline_words, false);
}

/* ---- kills and holds ---- */

/* Is one of the first words a word for a report, or do they begin with a reference? */
static bool names_a_thing(struct view text, unsigned words) {
    struct view from = text, agency, number;

    if (life_take_reference(&from, &agency, &number))
        return true;
    while (words-- && text.len) {
        if (life_match_any(text, things))
            return true;
        if (!next_word(&text))
            return false;
    }
    return false;
}

static bool take_any(struct view *from, const char *const words[]) {
    size_t len = life_match_any(*from, words);

    life_drop(from, len);
    while (len && from->len && strchr(":,;!.- ", from->at[0]))
        life_drop(from, 1);
    return len != 0;
}

/* "EDITORS: ", "ATTENTION - ", "Eds:". */
static bool take_address(struct view *from) {
    static const char *const words[] = {"eds",
                                        "editors",
                                        "attention editors",
                                        "note to editors",
                                        "editors' note",
                                        "editor's note",
                                        "editors’ note",
                                        "editor’s note",
                                        "attention",
                                        "advisory",
                                        "notice to editors",
                                        "subscribers",
                                        "clients",
                                        "achtung redaktionen",
                                        "hinweis an die redaktionen",
                                        "hinweis an redaktionen",
                                        "redaktionen",
                                        "redaktionshinweis",
                                        "achtung",
                                        "bitte beachten",
                                        "note aux rédactions",
                                        "attention clients",
                                        "attention abonnés",
                                        "a los abonados",
                                        "nota a los clientes",
                                        NULL};
    struct view rest = *from;
    size_t len;
    bool any = false;

    for (int most = 3; most && (len = life_match_any(rest, words)); most--) {
        life_drop(&rest, len);
        if (!rest.len || !strchr(":,-_!.;", rest.at[rest.at[0] == ' ' && rest.len > 1]))
            break;
        while (rest.len && strchr(":,-_!.; ", rest.at[0]))
            life_drop(&rest, 1);
        *from = rest;
        any = true;
    }
    return any;
}

static bool take_please(struct view *from) {
    static const char *const words[] = {"please note that",
                                        "please note",
                                        "please be advised that",
                                        "please be advised",
                                        "please",
                                        "clients are asked to",
                                        "clients are requested to",
                                        "clients are advised to",
                                        "clients should",
                                        "subscribers are asked to",
                                        "subscribers are requested to",
                                        "editors are asked to",
                                        "editors should",
                                        "editors are requested to",
                                        "newspapers are requested to",
                                        "members are asked to",
                                        "immediately",
                                        "the desk asks editors to",
                                        "bitte",
                                        "wir bitten",
                                        "veuillez",
                                        "merci de",
                                        "prière de",
                                        "nous vous prions de",
                                        "rogamos",
                                        "por favor",
                                        "se ruega",
                                        NULL};
    bool any = false;

    while (take_any(from, words))
        any = true;
    return any;
}

static bool contains(struct view text, const char *const words[]) {
    do {
        if (life_match_any(text, words))
            return true;
    } while (next_word(&text));
    return false;
}

/* Is a story named so that one could find it? */
static bool cites(struct view text) {
    return contains(text, slug_words) || contains(text, headline_words) ||
           cite_numbers(NULL, "", text);
}

/* "kill", "do not use" and what must follow: some thing. */
static bool commanded(struct view text, bool polite, const char **action) {
    static const char *const kills[] = {
        "kill",          "immediately kill", "withdraw",    "disregard and kill",
        "spike",         "annuler",          "supprimer",   "anulen",
        "anular",        "anúlese",          "eliminen",    "streichen",
        "streichen sie", "löschen sie",      "annullieren", NULL};
    static const char *const disregards[] = {
        "disregard",      "ignore",    "do not use",
        "do not publish", "don't use", "ne pas utiliser",
        "ne pas publier", "no usar",   "no utilicen",
        "verwenden sie",  NULL};
    static const char *const holds[] = {"hold", "withhold", "hold back", "zurückhalten",
                                        NULL};
    struct view rest = text;

    if (take_any(&rest, kills)) {
        *action = "kill";
        return names_a_thing(rest, 8) && (polite || cites(rest));
    }
    if (take_any(&rest, holds)) {
        *action = "hold";
        return names_a_thing(rest, 5) && (polite || cites(rest));
    }
    if (polite && take_any(&rest, disregards)) {
        *action = "kill";
        return names_a_thing(rest, 5);
    }
    return false;
}

/* "The NAIROBI story headlined "..." is withdrawn", "Die Meldung dpa 0157 wird
 * zurückgezogen". People are killed too: so that word needs a headline or slug. */
static bool declared(struct view text) {
    static const char *const verbs_of[] = {"is withdrawn",         "has been withdrawn",
                                           "is being withdrawn",   "are withdrawn",
                                           "have been withdrawn",  "was withdrawn",
                                           "is hereby withdrawn",  "is retracted",
                                           "has been retracted",   "wird zurückgezogen",
                                           "werden zurückgezogen", "ist zurückgezogen",
                                           "zurückgezogen",        "wird gestrichen",
                                           "ist zu streichen",     "sind zu streichen",
                                           "bitte streichen",      "nicht verwenden",
                                           "nicht zu verwenden",   "nicht mehr verwenden",
                                           "bitte löschen",        "zu löschen",
                                           "wird annulliert",      "ist annulliert",
                                           "ist zu löschen",       "est annulée",
                                           "sont annulées",        "est à annuler",
                                           "queda anulada",        "quedan anuladas",
                                           "ha sido anulada",      NULL};
    static const char *const killed[] = {"is killed",
                                         "has been killed",
                                         "have been killed",
                                         "is hereby killed",
                                         "should be killed",
                                         "must be killed",
                                         NULL};
    static const char *const this[] = {"this story",     "this item",
                                       "this report",    "this article",
                                       "this dispatch",  "diese meldung",
                                       "dieser bericht", "cette dépêche",
                                       "esta noticia",   NULL};
    struct view head = view_n(text.at, text.len < 120 ? text.len : 120);

    if (life_match_any(text, this))
        return text.len < 250 && contains(text, verbs_of);
    if (!names_a_thing(text, 5))
        return false;
    if (contains(head, slug_words) || contains(head, headline_words))
        return contains(text, verbs_of) || contains(text, killed);
    return contains(text, verbs_of) && cite_numbers(NULL, "", head);
}

static bool take_cry(struct view *from, const char **action) {
    static const char *const kills[] = {
        "kill kill kill", "mandatory kill",  "bulletin kill",     "kill notice",
        "kill advisory",  "story withdrawn", "withdrawal notice", NULL};
    static const char *const holds[] = {"hold hold hold", "mandatory hold", NULL};
    size_t len = life_match_any(*from, kills);

    *action = len ? "kill" : "hold";
    if (!len)
        len = life_match_any(*from, holds);
    if (!len || life_has_small(view_n(from->at, len)))
        return false;
    life_drop(from, len);
    while (from->len && strchr(":,-_!.; ", from->at[0]))
        life_drop(from, 1);
    return true;
}

static bool read_kill(struct view text, struct life *out) {
    const char *action = NULL, *cried = NULL;
    bool cry = take_cry(&text, &cried), addressed = take_address(&text);
    bool polite = take_please(&text) || addressed || cry;

    if (commanded(text, polite, &action))
        life_act(out, action);
    else if (declared(text))
        life_act(out, "kill");
    else if (!cry)
        return false;
    if (cry)
        life_act(out, cried);
    if (view_is(out->action, "kill"))
        cite_story(out, "kills", text);
    return true;
}

/* ---- trash lines ---- */

static const struct verb {
    const char *word, *action;
} verbs[] = {
    {"corrects", "correction"},
    {"correcting", "correction"},
    {"correct", "correction"},
    {"corrected", "correction"},
    {"correction", "correction"},
    {"officially corrects", "correction"},
    {"berichtigt", "correction"},
    {"berichtigung", "correction"},
    {"korrigiert", "correction"},
    {"corrige", "correction"},
    {"rectifie", "correction"},
    {"refiles", "refile"},
    {"refiling", "refile"},
    {"refiled", "refile"},
    {"repeats", "repeat"},
    {"repeating", "repeat"},
    {"repeated", "repeat"},
    {"rpts", "repeat"},
    {"wiederholt", "repeat"},
    {"wiederholung", "repeat"},
    {"répète", "repeat"},
    {"repite", "repeat"},
    {"adds", "update"},
    {"adding", "update"},
    {"recasts", "update"},
    {"updates", "update"},
    {"updating", "update"},
    {"updated", "update"},
    {"rewrites", "update"},
    {"releads", "update"},
    {"writes through", "update"},
    {"writethru", "update"},
    {"fixes", "update"},
    {"clarifies", "update"},
    {"removes", "update"},
    {"deletes", "update"},
    {"drops", "update"},
    {"changes", "update"},
    {"inserts", "update"},
    {"restores", "update"},
    {"trims", "update"},
    {"leads with", "update"},
    {"subs", "update"},
    {"edits", "update"},
    {"new throughout", "update"},
    {"new approach", "update"},
    {"updates throughout", "update"},
    {"aktualisiert", "update"},
    {"aktualisierung", "update"},
    {"ergänzt", "update"},
    {"ajoute", "update"},
    {"actualise", "update"},
    {"actualiza", "update"},
    {"añade", "update"},
    {"amplía", "update"},
};

static const struct verb *verb_at(struct view text) {
    for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++)
        if (life_match(text, verbs[i].word))
            return &verbs[i];
    return NULL;
}

/* The verbs behind the first: "Adds quote, corrects spelling", "SUBS 3rd graf to CORRECT
 * the name". */
static void read_further_verbs(struct view text, struct life *out) {
    static const char *const joints[] = {"and", "to", NULL};
    const struct verb *verb;

    do {
        struct view word = life_word(text), rest = text;
        bool joint = life_match_any(text, joints) == word.len && word.len;
        const char *end = word.at + word.len;
        if (!joint && (end >= text.at + text.len || !strchr(",;.", *end)))
            continue;
        if (next_word(&rest) && (verb = verb_at(rest)))
            life_act(out, verb->action);
    } while (next_word(&text));
}

static bool read_verbs(struct view text, struct life *out) {
    const struct verb *verb = verb_at(text);

    if (!verb)
        return false;
    life_act(out, verb->action);
    read_further_verbs(text, out);
    return true;
}

/* "This Jan. 5 story corrects paragraph 3 to ...", "This version has been corrected". */
static bool read_this_story(struct view text, struct life *out) {
    static const char *const verbs_of[] = {"corrects",
                                           "has been corrected",
                                           "was corrected",
                                           "is corrected",
                                           "has been officially corrected",
                                           "officially corrects",
                                           NULL};
    static const char *const refiled[] = {"has been refiled", "was refiled", "is refiled",
                                          NULL};
    struct view head = view_n(text.at, text.len < 90 ? text.len : 90);

    if (!life_take(&head, "this") && !life_take(&head, "an earlier version of this"))
        return false;
    if (!names_a_thing(head, 6))
        return false;
    if (contains(head, verbs_of))
        life_act(out, "correction");
    else if (contains(head, refiled))
        life_act(out, "refile");
    return out->action.len != 0;
}

/* AP: "In a story Jan. 14 about ..., The Associated Press reported erroneously that". */
static bool read_erratum(struct view text, struct life *out) {
    static const char *const heads[] = {"in a", "in an", "in stories", "in some", NULL};
    static const char *const errors[] = {"erroneously",          "incorrectly reported",
                                         "reported incorrectly", "misspelled",
                                         "misidentified",        "misstated",
                                         "reported in error",    NULL};
    struct view head = view_n(text.at, text.len < 60 ? text.len : 60);

    if (!life_match_any(text, heads) || !names_a_thing(head, 7) ||
        !contains(text, errors))
        return false;
    life_act(out, "correction");
    return true;
}

/* ---- continuation ---- */

static bool is_one_of(struct view text, const char *const words[]) {
    for (; *words; words++)
        if (life_match(text, *words) == text.len)
            return true;
    return false;
}

/* Without what surrounds a word that stands alone: "(MORE)", "-ends-", "/ReutersEnds". */
static struct view bare(struct view line) {
    while (line.len && strchr("([-_/=*. ", line.at[0]))
        life_drop(&line, 1);
    while (line.len && strchr(")]-_/=*. ", line.at[line.len - 1]))
        line.len--;
    return line;
}

static bool read_continuation(struct view line, struct life *out) {
    static const char *const more[] = {"more",
                                       "more to follow",
                                       "more to come",
                                       "more follows",
                                       "more later",
                                       "more at",
                                       "mehr folgt",
                                       "mehr",
                                       "folgt",
                                       "fortsetzung folgt",
                                       "wird fortgesetzt",
                                       "suite",
                                       "à suivre",
                                       "sigue",
                                       "continúa",
                                       NULL};
    static const char *const ends[] = {"ends", "end",   "reutersends", "ende",     "fin",
                                       "30",   "endit", "eom",         "afp ends", NULL};
    struct view word = bare(line);
    bool marked =
        word.len < line.len || !life_has_small(word) || memchr(word.at, ' ', word.len);

    if (view_is(word, "###") || view_is(word, "# # #"))
        return out->ends = true;
    if (!word.len)
        return false;
    if (word.len > 24 || !marked)
        return life_match(word, "reutersends") == word.len && (out->ends = true);
    out->take.more = is_one_of(word, more);
    out->ends = is_one_of(word, ends);
    return out->take.more || out->ends;
}

/* ---- all of it ---- */

/* The inside of brackets that enclose all of it. */
static bool take_brackets(struct view *line) {
    char open = line->len > 1 ? line->at[0] : 0,
         last = open ? line->at[line->len - 1] : 0;

    if (!((open == '(' && last == ')') || (open == '[' && last == ']')))
        return false;
    *line = view_trim(view_n(line->at + 1, line->len - 2));
    return true;
}

bool life_read_note(struct view line, struct life *out) {
    struct view text, words;
    bool bracketed, addressed;

    *out = (struct life){0};
    line = view_trim(line);
    if (!line.len || line.len > NOTE_MOST)
        return false;
    if (line.len <= 40 && read_continuation(line, out)) {
        out->tag = line;
        return true;
    }
    words = text = line;
    bracketed = take_brackets(&text);
    addressed = take_address(&words);
    if (bracketed) {
        words = text;
        addressed = take_address(&words) || addressed;
    }
    if (read_kill(text, out) || ((bracketed || addressed) && read_verbs(words, out)) ||
        read_this_story(text, out) || read_erratum(text, out) || addressed) {
        out->advisory |= addressed;
        out->tag = line;
        return true;
    }
    return false;
}

bool life_read_ednote(struct view note, struct life *out) {
    struct view rest = note, line;

    *out = (struct life){0};
    for (int lines = 4; lines && view_split(&rest, '\n', &line); lines--) {
        line = view_trim(line);
        if (!line.len || line.len > NOTE_MOST)
            continue;
        take_brackets(&line);
        take_address(&line);
        if (!read_verbs(line, out) && !read_this_story(line, out))
            read_erratum(line, out);
    }
    out->tag = note;
    return out->action.len != 0;
}
