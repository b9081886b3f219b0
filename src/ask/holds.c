/* SPDX-License-Identifier: Apache-2.0 */
/* Which servers asked us to wait? */
#include "ask/holds.h"

void holds_add(struct holds *holds, struct str host, int64_t until_us)
{
	uint64_t hash = str_hash(host);
	struct hold *hold = &holds->hold[0];

	for (size_t i = 0; i < HOLDS; i++) {
		if (holds->hold[i].host == hash) {
			hold = &holds->hold[i];
			break;
		}
		if (holds->hold[i].until_us < hold->until_us)
			hold = &holds->hold[i];
	}
	*hold = (struct hold){ hash, until_us };
}

bool holds_has(const struct holds *holds, struct str host, int64_t now_us)
{
	uint64_t hash = str_hash(host);

	for (size_t i = 0; i < HOLDS; i++)
		if (holds->hold[i].host == hash && holds->hold[i].until_us > now_us)
			return true;
	return false;
}
