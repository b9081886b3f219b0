/* SPDX-License-Identifier: Apache-2.0 */
/** Replies of APIs that are still good: for the same definition and values, as long as the definition says.
 * The oldest make room. */
#ifndef DSS_ROLES_RUNNER_REPLIES_H
#define DSS_ROLES_RUNNER_REPLIES_H

#include "base/str.h"

enum { REPLIES_BYTES = 32 << 20, REPLIES_ENTRIES = 4096 };

struct replies;

/** What came; output is copied when it is kept. */
struct reply {
	int64_t status;
	struct str output;
	bool is_truncated;
};

void replies_open(struct replies **ret);
void replies_close(struct replies *replies);
/** Views are valid until the next call. */
bool replies_find(const struct replies *replies, struct str key, int64_t now_us, struct reply *ret);
void replies_keep(struct replies *replies, struct str key, const struct reply *reply,
		  int64_t until_us);

#endif
