/* small_gazetteer.h: a gazetteer of a few lines for tests that need one to run all
 * stages. */
#ifndef WIRETAG_TESTS_SMALL_GAZETTEER_H
#define WIRETAG_TESTS_SMALL_GAZETTEER_H

#include <stdlib.h>

#include "enrich/gazetteer.h"

/* Never freed: it is as good as static. */
static inline const struct gazetteer *small_gazetteer(void) {
    static const char table[] =
        "name\tclass\tgeonameid\tlat\tlon\tfeature\tcountry\tadmin1\tpopulation\talternates\n"
        "Libya\tcountry\t2215636\t28\t17\tPCLI\tLY\t\t6678567\t\n"
        "Tripoli\tcity\t2210247\t32.88743\t13.18733\tPPLC\tLY\t\t1150989\t\n"
        "Tripoli\tcity\t266826\t34.43352\t35.84415\tPPLA\tLB\t\t229398\t\n"
        "Libyan\tgroup\t\t\t\t\tLY\t\t\tLibyans\n"
        "United Nations\torganization\t\t\t\t\t\t\t\tUN\n"
        "General\ttitle\t\t\t\t\t\t\t\tGen.\n"
        "said\tsays\t\t\t\t\t\t\t\t\n"
        "Khalifa\tforename\t\t\t\t\t\t\t\t\n";
    static struct gazetteer *gazetteer;
    static struct buf bytes;
    struct gazetteer_table small = {"small.tsv", {table, sizeof table - 1}};
    struct diag diag = {0};

    if (!gazetteer && (gazetteer_compile(&small, 1, VIEW_LIT("test"), &bytes, &diag) ||
                       gazetteer_from_bytes(buf_view(&bytes), &gazetteer, &diag)))
        abort();
    return gazetteer;
}

#endif
