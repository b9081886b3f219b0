/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Is a domain registered? What the DNS knows is; of what it does not know, the registry is asked: so that
 * neither a lame delegation nor a name on hold is taken for one that anybody could register.
 */
#ifndef DSS_CHECKS_DERIVED_REGISTERED_H
#define DSS_CHECKS_DERIVED_REGISTERED_H

#include "checks/derived.h"

struct registered {
	bool is_registered;
	bool is_sure; /**< false: there is no such name in the DNS, and the registry has no server to ask */
};

/** Judges the check for a host's name: one that resolves is registered; of others the registry is asked. */
void judge_registered(struct judge *j, unsigned check, struct str name, bool resolves);

#endif
