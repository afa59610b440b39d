/* NewsML 1.0 to 1.2 (IPTC): an envelope and any number of NewsItems, each a report. A
 * NewsItem is a tree of components: the nearest to the top says what the story is called,
 * the text stands in those whose role says so, or in the first that has text. */
#include "ingest/format/nitf.h"

#define TOP_DEPTH 32 /* components inside each other */

static struct view words(const struct news *news, const struct xml_node *node) {
    return xml_words(node, news->in->arena);
}

/* Most values are names in an attribute; some senders write them as text. */
static struct view formal(const struct news *news, const struct xml_node *node) {
    struct view name = xml_attribute(node, "FormalName");

    if (name.len > XML_SHORT)
        return view_of(NULL);
    return name.len ? name : xml_short(node, news->in->arena);
}

static bool same_word(struct view a, const char *b) {
    size_t i = 0;

    while (i < a.len && b[i] && (a.at[i] | 0x20) == (b[i] | 0x20))
        i++;
    return i == a.len && !b[i];
}

static bool is_one_of(struct view word, const char *const *all, size_t count) {
    for (size_t i = 0; i < count; i++)
        if (same_word(word, all[i]))
            return true;
    return false;
}

/* ---- Identification, NewsManagement ---- */

/* "urn:newsml:PROVIDER:DATE:ITEM:REVISION", the revision with a letter perhaps. */
static struct view without_revision(struct view id, struct view revision) {
    struct view tail = news_code(id);

    while (tail.len && ((tail.at[tail.len - 1] | 0x20) >= 'a') &&
           ((tail.at[tail.len - 1] | 0x20) <= 'z'))
        tail.len--;
    if (tail.len && view_eq(tail, revision) && tail.at > id.at)
        return view_n(id.at, (size_t)(tail.at - id.at) - 1);
    return id;
}

static struct view put_together(struct news *news, const struct xml_node *id) {
    struct buf all = {0};
    struct view item = words(news, xml_child(id, "NewsItemId")), whole = {0};

    if (item.len) {
        buf_put_text(&all, "urn:newsml:");
        buf_put_view(&all, words(news, xml_child(id, "ProviderId")));
        buf_put_text(&all, ":");
        buf_put_view(&all, words(news, xml_child(id, "DateId")));
        buf_put_text(&all, ":");
        buf_put_view(&all, item);
        whole = view_n(arena_copy(news->in->arena, all.at, all.len), all.len);
    }
    buf_release(&all);
    return whole;
}

static void read_identification(struct news *news, const struct xml_node *node) {
    const struct xml_node *id = xml_child(node, "NewsIdentifier");
    struct view revision = words(news, xml_child(id, "RevisionId"));
    struct view public = words(news, xml_child(id, "PublicIdentifier"));

    news_version(news, "RevisionId", revision);
    news_set(news, &news->report->guid,
             public.len ? without_revision(public, revision) : put_together(news, id));
    news_set(news, &news->report->slug, words(news, xml_child(node, "NameLabel")));
    news_extra_line(news, "ProviderId", words(news, xml_child(id, "ProviderId")));
}

/* An embargo ends when the status is to change. */
static void read_status(struct news *news, const struct xml_node *management) {
    const struct xml_node *change = xml_child(management, "StatusWillChange");
    struct view status = formal(news, xml_child(management, "Status"));

    if (same_word(status, "embargoed")) {
        news_moment(news, "StatusWillChange",
                    words(news, xml_child(change, "DateAndTime")),
                    &news->report->embargo_ms);
        if (!news->report->embargo_ms) {
            news_status(news, VIEW_LIT("withheld"));
            news_warn(news, "embargoed without StatusWillChange: withheld");
        }
    }
    news_status(news, status);
    for (const struct xml_node *n = xml_child(management, "Instruction"); n;
         n = xml_next(n, "Instruction"))
        news_action(news, formal(news, n));
}

static void read_management(struct news *news, const struct xml_node *node) {
    struct news_names associated = {0};

    news_time(news, "FirstCreated", words(news, xml_child(node, "FirstCreated")),
              &news->report->first_created);
    news_time(news, "ThisRevisionCreated",
              words(news, xml_child(node, "ThisRevisionCreated")),
              &news->report->version_created);
    news_urgency(news, formal(news, xml_child(node, "Urgency")));
    read_status(news, node);
    news_action(news, formal(news, xml_child(node, "NewsItemType")));
    for (const struct xml_node *n = xml_child(node, "AssociatedWith"); n;
         n = xml_next(n, "AssociatedWith"))
        news_name(&associated, xml_attribute(n, "NewsItem"));
    news_extra_names(news, "AssociatedWith", &associated);
}

/* ---- NewsLines ---- */

static void read_typed_line(struct news *news, const struct xml_node *line) {
    struct view type = formal(news, xml_child(line, "NewsLineType"));
    struct view text = words(news, xml_child(line, "NewsLineText"));

    if (same_word(type, "AdvisoryLine") || same_word(type, "Advisory") ||
        same_word(type, "EditorialNote") || same_word(type, "Note"))
        news_note_to_editors(news, text);
}

static void read_news_lines(struct news *news, const struct xml_node *lines) {
    struct report *report = news->report;

    news_known(news, words(news, xml_child(lines, "HeadLine")));
    news_set(news, &report->headline, words(news, xml_child(lines, "HeadLine")));
    news_set(news, &report->subhead, words(news, xml_child(lines, "SubHeadLine")));
    news_known(news, words(news, xml_child(lines, "ByLine")));
    news_set(news, &report->byline, words(news, xml_child(lines, "ByLine")));
    news_set(news, &report->dateline, words(news, xml_child(lines, "DateLine")));
    news_set(news, &report->slug, words(news, xml_child(lines, "SlugLine")));
    for (const struct xml_node *n = xml_child(lines, "KeywordLine"); n;
         n = xml_next(n, "KeywordLine"))
        news_keyword(news, words(news, n));
    for (const struct xml_node *n = xml_child(lines, "NewsLine"); n;
         n = xml_next(n, "NewsLine"))
        read_typed_line(news, n);
}

/* ---- metadata ---- */

struct gathered {
    struct news_names people, places, genres;
    struct view creator, origin, rights, credit;
};

static void take_subjects(struct news *news, const struct xml_node *codes) {
    static const char *const levels[] = {"Subject", "SubjectMatter", "SubjectDetail"};

    for (const struct xml_node *n = codes->first; n; n = n->next)
        if (is_one_of(n->name, levels, sizeof levels / sizeof *levels))
            news_category(news, "subj", xml_attribute(n, "FormalName"));
}

static void take_property(struct news *news, const struct xml_node *property,
                          struct gathered *g) {
    struct view value = xml_attribute(property, "Value");

    if (!same_word(xml_attribute(property, "FormalName"), "Keyword"))
        return;
    if (same_word(xml_attribute(property, "Role"), "PersonInImage") ||
        same_word(xml_attribute(property, "Role"), "Person"))
        news_name(&g->people, value);
    else
        news_keyword(news, value);
}

static void take_location(struct news *news, const struct xml_node *location,
                          struct gathered *g) {
    struct view place = {0};

    for (const struct xml_node *n = xml_child(location, "Property"); n;
         n = xml_next(n, "Property"))
        news_join(news, &place, xml_attribute(n, "Value"));
    news_name(&g->places, place);
}

static void read_descriptive(struct news *news, const struct xml_node *meta,
                             struct gathered *g) {
    for (const struct xml_node *n = meta ? meta->first : NULL; n; n = n->next) {
        if (xml_is(n, "Language"))
            news_lang(news, formal(news, n));
        else if (xml_is(n, "Genre")) {
            news_action(news, formal(news, n));
            news_name(&g->genres, formal(news, n));
        } else if (xml_is(n, "SubjectCode"))
            take_subjects(news, n);
        else if (xml_is(n, "Property"))
            take_property(news, n, g);
        else if (xml_is(n, "Location"))
            take_location(news, n, g);
        else if (xml_is(n, "DateLineDate"))
            news_time(news, "DateLineDate", words(news, n), &news->report->published);
    }
}

static void read_administrative(struct news *news, const struct xml_node *meta,
                                struct gathered *g) {
    struct view creator = formal(news, xml_find(meta, "Creator/Party"));

    news_set(news, &news->report->source, formal(news, xml_find(meta, "Provider/Party")));
    news_set(news, &g->origin, formal(news, xml_find(meta, "Source/Party")));
    news_set(news, &g->creator, creator);
}

static void read_rights(struct news *news, const struct xml_node *component,
                        struct gathered *g) {
    const struct xml_node *lines = xml_child(component, "NewsLines");

    news_set(news, &g->rights, words(news, xml_child(lines, "CopyrightLine")));
    news_set(news, &g->credit, words(news, xml_child(lines, "CreditLine")));
}

static void read_component_fields(struct news *news, const struct xml_node *component,
                                  struct gathered *g) {
    read_news_lines(news, xml_child(component, "NewsLines"));
    read_rights(news, component, g);
    read_administrative(news, xml_child(component, "AdministrativeMetadata"), g);
    read_descriptive(news, xml_child(component, "DescriptiveMetadata"), g);
}

/* ---- the tree of components ---- */

static struct view role_of(const struct news *news, const struct xml_node *component) {
    return formal(news, xml_child(component, "Role"));
}

enum part {
    PART_TEXT,
    PART_OTHER,
    PART_SUBHEAD,
    PART_CONTACT,
    PART_CAPTION,
    PART_NO_TEXT
};

static enum part part_of(const struct news *news, const struct xml_node *component) {
    static const char *const text[] = {"Main",  "Body",      "BodyText", "Text",
                                       "Story", "Main text", "MainText", "Article"};
    static const char *const none[] = {
        "StyleSheet", "Style",   "HeadLine", "Logo",    "Photo",     "Picture",
        "Video",      "Graphic", "Image",    "Audio",   "Thumbnail", "Preview",
        "Quicklook",  "HighRes", "Icon",     "Related", "Animation", "Multimedia"};
    struct view role = role_of(news, component);

    if (!role.len || is_one_of(role, text, sizeof text / sizeof *text))
        return PART_TEXT;
    if (is_one_of(role, none, sizeof none / sizeof *none))
        return PART_NO_TEXT;
    if (same_word(role, "SubHeadLine"))
        return PART_SUBHEAD;
    if (same_word(role, "Caption"))
        return PART_CAPTION;
    return same_word(role, "Contact") ? PART_CONTACT : PART_OTHER;
}

static void put_data(struct news *news, const struct xml_node *data, struct view type) {
    const struct xml_node *encoding = xml_child(data, "Encoding");
    struct view notation = xml_attribute(encoding, "Notation");

    if (same_word(notation, "Base64") || same_word(news_code(notation), "Base64"))
        news_put_base64(news, type, encoding->text);
    else if (!nitf_put_content(news, encoding ? encoding : data, type))
        news_put_nodes(news, encoding ? encoding : data);
}

/* MediaType, MimeType or Format may say that it is no text. */
static bool is_text(const struct news *news, const struct xml_node *content) {
    static const char *const media[] = {"Photo", "Picture",   "Graphic", "Video",
                                        "Audio", "Animation", "Image"};
    struct view mime = formal(news, xml_child(content, "MimeType"));
    struct view type = formal(news, xml_child(content, "MediaType"));

    return !view_starts(mime, "image/") && !view_starts(mime, "video/") &&
           !view_starts(mime, "audio/") && !view_is(mime, "text/css") &&
           !is_one_of(type, media, sizeof media / sizeof *media);
}

static void put_contents(struct news *news, const struct xml_node *component) {
    for (const struct xml_node *n = xml_child(component, "ContentItem"); n;
         n = xml_next(n, "ContentItem")) {
        const struct xml_node *data = xml_child(n, "DataContent");
        struct view mime = formal(news, xml_child(n, "MimeType"));
        if (data && is_text(news, n))
            put_data(news, data, mime.len ? mime : formal(news, xml_child(n, "Format")));
    }
}

static struct view text_of(struct news *news, const struct xml_node *component) {
    struct news part;
    struct report report = {0};
    struct view text;

    news_begin(&part, news->in, &report);
    put_contents(&part, component);
    news_end(&part);
    text = xml_one_line(report.text, news->in->arena);
    return text;
}

/* Contents of a component with alternatives say the same in other forms. */
static void read_component(struct news *news, const struct xml_node *component,
                           struct gathered *g, int depth) {
    bool alternatives = same_word(xml_attribute(component, "EquivalentsList"), "yes");
    size_t before;

    read_component_fields(news, component, g);
    put_contents(news, component);
    for (const struct xml_node *n = xml_child(component, "NewsComponent");
         n && depth < TOP_DEPTH; n = xml_next(n, "NewsComponent")) {
        before = news->body.len;
        switch (part_of(news, n)) {
            case PART_TEXT:
                read_component(news, n, g, depth + 1);
                break;
            case PART_SUBHEAD:
                news_set(news, &news->report->subhead, text_of(news, n));
                break;
            case PART_CONTACT:
            case PART_CAPTION:
            case PART_OTHER:
            case PART_NO_TEXT:
                break;
        }
        if (alternatives && news->body.len > before)
            break;
    }
}

/* Captions follow the text. Parts whose role nobody here knows are read where nothing
 * else has text; contacts, and what pictures are called, ride along. */
static void read_others(struct news *news, const struct xml_node *item,
                        struct gathered *g) {
    bool empty = !news->body.len;
    struct news_names captions = {0}, contacts = {0};

    for (const struct xml_node *n = xml_walk(item, NULL); n; n = xml_walk(item, n)) {
        enum part part = xml_is(n, "NewsComponent") ? part_of(news, n) : PART_TEXT;
        if (part == PART_CAPTION)
            put_contents(news, n);
        else if (part == PART_OTHER && empty)
            read_component(news, n, g, 0);
        else if (part == PART_CONTACT && contacts.count < 8)
            news_name(&contacts, text_of(news, n));
        else if (part == PART_NO_TEXT && captions.count < NEWS_NAMES)
            news_name(&captions, words(news, xml_find(n, "NewsLines/HeadLine")));
    }
    news_extra_names(news, "contact", &contacts);
    news_extra_names(news, "caption", &captions);
}

static bool says_who_wrote(const struct news *news, struct view creator) {
    bool blank = false, lower = false;

    for (size_t i = 0; i < creator.len; i++) {
        blank = blank || creator.at[i] == ' ';
        lower = lower || (creator.at[i] >= 'a' && creator.at[i] <= 'z');
    }
    return blank && lower && !view_eq(creator, news->report->source);
}

static void keep_gathered(struct news *news, const struct gathered *g) {
    if (!news->byline.len && says_who_wrote(news, g->creator))
        news->byline = g->creator;
    news_extra_line(news, "Creator", g->creator);
    news_extra_line(news, "Source", g->origin);
    news_extra_line(news, "CopyrightLine", g->rights);
    news_extra_line(news, "CreditLine", g->credit);
    news_extra_names(news, "PersonInImage", &g->people);
    news_extra_names(news, "Location", &g->places);
    news_extra_names(news, "Genre", &g->genres);
}

/* ---- the document ---- */

static void read_envelope(struct news *news, const struct xml_node *envelope) {
    struct report *report = news->report;

    news_time(news, "DateAndTime",
              xml_short(xml_child(envelope, "DateAndTime"), news->in->arena),
              &report->sent);
    news_urgency(news, formal(news, xml_child(envelope, "Priority")));
    news_set(news, &report->service, formal(news, xml_child(envelope, "NewsService")));
    news_set(news, &report->number,
             xml_short(xml_child(envelope, "TransmissionId"), news->in->arena));
    news_set(news, &report->source, formal(news, xml_find(envelope, "SentFrom/Party")));
}

static void read_item(struct news *news, const struct xml_node *item,
                      const struct xml_node *envelope) {
    struct gathered g = {0};
    struct report *report = news->report;

    read_identification(news, xml_child(item, "Identification"));
    read_management(news, xml_child(item, "NewsManagement"));
    for (const struct xml_node *n = xml_child(item, "NewsComponent"); n;
         n = xml_next(n, "NewsComponent"))
        read_component(news, n, &g, 0);
    read_others(news, item, &g);
    news_lang(news, xml_attribute(item, "lang"));
    read_envelope(news, envelope);
    news_set(news, &report->source,
             words(news, xml_find(item, "Identification/"
                                        "NewsIdentifier/"
                                        "ProviderId")));
    keep_gathered(news, &g);
}

static bool looks(struct view bytes) { return xml_root_is(bytes, "NewsML"); }

static int add_item(const struct format_input *in, const struct xml_document *document,
                    const struct xml_node *item, struct format_output *out,
                    struct diag *diag) {
    struct report *report = news_report(&format_newsml12, in, document, out, diag);
    struct view guid;
    struct news news;
    bool says;

    if (!report)
        return ERR_TOO_BIG;
    news_begin(&news, in, report);
    read_item(&news, item, xml_child(document->root, "NewsEnvelope"));
    says = news_says_something(&news);
    guid = report->guid;
    news_end(&news);
    if (!says)
        news_drop(in, out, "NewsItem %.*s without text passed over",
                  (int)(guid.len < 100 ? guid.len : 100), guid.at);
    return 0;
}

static int read_newsml(const struct format_input *in, struct format_output *out,
                       struct diag *diag) {
    struct xml_document document;
    int err = news_read_xml(in, &document, diag);

    if (!err && !xml_is(document.root, "NewsML")) {
        diag_set(diag, 0, "line %lu: <%.*s> is no NewsML 1",
                 xml_line(&document, document.root), (int)document.root->name.len,
                 document.root->name.at);
        err = ERR_FORMAT;
    }
    if (err)
        return err;
    for (const struct xml_node *n = xml_child(document.root, "NewsItem"); n && !err;
         n = xml_next(n, "NewsItem"))
        err = add_item(in, &document, n, out, diag);
    if (!err && !out->count && !out->note.len)
        news_note(in, out, "NewsML without items passed over");
    return err;
}

const struct format format_newsml12 = {
    .name = "newsml-1.2",
    .looks = looks,
    .read = read_newsml,
};
