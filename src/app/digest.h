/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Digests at an hour of the day, in a time zone (app/zone.h), through both clock changes:
 *
 *	daily 08:00 Europe/Berlin
 *	weekly mon 07:30		UTC, where no zone is named
 *
 * What is gathered goes at the first such time after it came.
 */
#ifndef DSS_APP_DIGEST_H
#define DSS_APP_DIGEST_H

#include "formats/cron.h"

enum { DIGEST_AT_BYTES = 100 };

struct digest {
	struct cron cron;
	struct tz tz; /**< its memory is the arena's */
};

/** ERR_SYNTAX, ERR_LIMIT, or the code of zone_load; err says what is allowed. */
int digest_read(struct arena *a, struct str text, struct digest *ret, struct err *err) MUST_USE;

/** The first time after one, UTC microseconds. -ERANGE: none. */
int digest_next(const struct digest *digest, int64_t after_us, int64_t *ret_at_us) MUST_USE;

#endif
