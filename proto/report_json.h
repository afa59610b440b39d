/* report_json.h: the parts of reading feed records (report.h, report_from_json), for
 * readers who have the document as a tree already. */
#ifndef WIRETAG_PROTO_REPORT_JSON_H
#define WIRETAG_PROTO_REPORT_JSON_H

#include "proto/json_tree.h"
#include "proto/report.h"

/* json_tree_read, its diag begun with "not JSON: ". */
int report_json_tree(struct view json, struct json_tree *out, struct arena *arena,
                     struct diag *diag);
/* report_from_json for a value of a tree. *out points into the tree's input and arena as
 * well. */
int report_from_node(const struct json_node *record, struct report *out,
                     struct arena *arena, struct diag *diag);
/* Says in the report's warning what the tree's reader had to mend. */
void report_warn_mended(struct report *report, const struct json_tree *tree,
                        struct arena *arena);
/* Is it a key of the feed record? Such a one must not stand in a format's `extra`:
 * written and read again, it would be taken for the field. */
bool report_json_owns(struct view key);

#endif
