/* countries.h: what countries are called, and the codes that GDELT knows them by.
 *
 * From the table of countries of GeoNames (https://www.geonames.org, CC BY 4.0; NOTICE),
 * which has the FIPS 10-4 codes beside the ISO ones. */
#ifndef WIRETAG_SINK_COUNTRIES_H
#define WIRETAG_SINK_COUNTRIES_H

#include "proto/view.h"

struct country {
    char iso[3];  /* ISO 3166-1 alpha-2 */
    char fips[3]; /* FIPS 10-4; empty where it has none */
    const char *name;
};

/* NULL: no such country. */
const struct country *country_of(struct view iso);

#endif
