/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Members of answers that are no plain fields: ids with their prefix, objects that are JSON already,
 * numbers that may be missing.
 *
 *	DESC_FIELD(1, DESC_CUSTOM, struct scan_view, id, .custom = &wire_id_scn),
 */
#ifndef DSS_ROLES_API_WIRE_H
#define DSS_ROLES_API_WIRE_H

#include "base/desc.h"
#include "base/uuid.h"

/* X(PREFIX): of ids outside (base/uuid.h) */
#define WIRE_IDS(X)                                                                                \
	X(scn)                                                                                     \
	X(bat)                                                                                     \
	X(fnd) X(dom) X(sch) X(key) X(usr) X(wsp) X(evt) X(ses) X(wrk) X(chn) X(rul) X(dlv) X(pol)

#define X(PREFIX) extern const struct desc_custom wire_id_##PREFIX;
WIRE_IDS(X)
#undef X

/** struct str that holds a JSON object; empty: none. */
extern const struct desc_custom wire_object;
/** struct str that holds any JSON; empty: none. */
extern const struct desc_custom wire_any;
/** struct str that holds a JSON number; empty: none. */
extern const struct desc_custom wire_number;
/** int64_t; negative: none. */
extern const struct desc_custom wire_count;

/** Hundredths as a number: 1425 is 14.25. */
struct str wire_hundredths(struct arena *a, int64_t hundredths);
/** An id as text in the arena; empty for the nil id. */
struct str wire_id(struct arena *a, const char *prefix, struct uuid id);
/** "/api/v1/scans/scn_…"; a NUL follows. */
struct str wire_location(struct arena *a, const char *collection, struct str id);

#endif
