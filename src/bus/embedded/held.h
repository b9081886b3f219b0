/* SPDX-License-Identifier: Apache-2.0 */
/** What a consumer of the embedded bus holds: jobs by their tags, which are never used twice. */
#ifndef DSS_BUS_EMBEDDED_HELD_H
#define DSS_BUS_EMBEDDED_HELD_H

#include "store/job.h"

struct held_job {
	int64_t no, token;
	int attempt;
	uint64_t tag; /**< 0: a free place */
};

/** All zero is empty. */
struct held {
	struct held_job *job;
	size_t places, count;
	size_t *vacant; /**< places that are free */
	size_t vacant_count;
	uint32_t generation;
};

void held_release(struct held *held);
/** Returns its tag. */
uint64_t held_add(struct held *held, const struct job_row *row);
/** Takes it out: false when the tag is not known (any more). */
bool held_remove(struct held *held, uint64_t tag, struct held_job *ret);

#endif
