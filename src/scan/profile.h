/* SPDX-License-Identifier: Apache-2.0 */
/** Profiles: what a scan may ask, and for how long; their names: model/profile.h. */
#ifndef DSS_SCAN_PROFILE_H
#define DSS_SCAN_PROFILE_H

#include "facts/fact.h"

struct profile {
	uint32_t kinds; /**< 1 << enum kind */
	uint32_t deadline_ms;
};

/** NULL: no profile has this name. */
const struct profile *profile_find(struct str name);

#endif
