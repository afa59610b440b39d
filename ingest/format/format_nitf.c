/* NITF, the News Industry Text Format (IPTC), 2.5 to 3.6: one report per document. */
#include "ingest/format/nitf.h"

static bool looks(struct view bytes) { return xml_root_is(bytes, "nitf"); }

static int read_nitf(const struct format_input *in, struct format_output *out,
                     struct diag *diag) {
    struct xml_document document;
    struct report *report;
    struct news news;
    bool says;
    int err = news_read_xml(in, &document, diag);

    if (err)
        return err;
    if (!xml_is(document.root, "nitf")) {
        diag_set(diag, 0, "line %lu: <%.*s> is no NITF",
                 xml_line(&document, document.root), (int)document.root->name.len,
                 document.root->name.at);
        return ERR_FORMAT;
    }
    report = news_report(&format_nitf, in, &document, out, diag);
    news_begin(&news, in, report);
    nitf_read_head(&news, document.root);
    nitf_read_body(&news, document.root);
    says = news_says_something(&news);
    news_end(&news);
    if (!says)
        news_drop(in, out, "nitf without text passed over");
    return 0;
}

const struct format format_nitf = {
    .name = "nitf",
    .looks = looks,
    .read = read_nitf,
};
