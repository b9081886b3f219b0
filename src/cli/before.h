/* SPDX-License-Identifier: Apache-2.0 */
/** Facts of earlier scans (`--before FILE`, as `--facts` wrote it): what new ones are compared with. */
#ifndef DSS_CLI_BEFORE_H
#define DSS_CLI_BEFORE_H

#include "base/err.h"
#include "base/str.h"

enum { BEFORE_FILE_BYTES = 256 << 20 };

struct before {
	struct before_scan *scans; /**< in the order of the file */
	size_t count;
};

/** Of one domain: facts that are compared (facts/compared.h), as fact_encode() wrote them. */
struct before_scan {
	struct str domain;
	struct str *facts;
	size_t fact_count;
};

/** 0; -errno, ERR_SYNTAX, ERR_LIMIT, ERR_VERSION: err names the file. */
int before_read(struct arena *a, const char *path, struct before *ret, struct err *err) MUST_USE;
/** The latest of a domain, or NULL. */
const struct before_scan *before_find(const struct before *before, struct str domain);

#endif
