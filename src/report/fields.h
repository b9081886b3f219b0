/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Choosing members of a JSON document: "domain,grade,findings.id" keeps these and the objects
 * around them; arrays are passed through, their elements are chosen from.
 */
#ifndef DSS_REPORT_FIELDS_H
#define DSS_REPORT_FIELDS_H

#include "base/err.h"
#include "base/str.h"

enum { FIELD_PATHS_MAX = 64, FIELDS_DEPTH = 24 };

struct fields {
	struct str *paths;
	size_t count; /**< 0: everything */
};

/**
 * Parse a list of comma-separated paths. Paths are letters, digits, '_' and '-' between dots.
 * @known  NULL-terminated list of paths that exist, or NULL: any. A path of an object is known when
 *         one of its members is.
 * ERR_SYNTAX, ERR_LIMIT: err says which, and what was meant.
 */
int fields_parse(struct arena *a, struct str list, const char *const *known, struct fields *ret,
		 struct err *err) MUST_USE;

/**
 * Copy the chosen members of one JSON value. document is our own output (base/json.h) without
 * spaces between tokens; what is malformed or nested too deep is copied no further.
 */
void fields_project(struct buf *out, struct str document, const struct fields *fields);

/** All paths of a scan's JSON document, NULL-terminated: what --fields takes. */
extern const char *const scan_fields[];

#endif
