/* SPDX-License-Identifier: Apache-2.0 */
/* Which kinds of question does each profile ask? */
#include "scan/profile.h"

/* A zone transfer needs consent as well: the gate sees to that. */
enum {
	ASKS_RESOLVER = 1u << KIND_dns,
	ASKS_SERVERS = ASKS_RESOLVER | 1u << KIND_dns_at | 1u << KIND_axfr
};

static const struct profile profiles[] = {
	{ "standard", ASKS_SERVERS, 60000 }, { "dns", ASKS_SERVERS, 15000 },
	{ "mail", ASKS_RESOLVER, 60000 },    { "quick", ASKS_RESOLVER, 15000 },
	{ "passive", ASKS_RESOLVER, 60000 }, { "deep", ASKS_SERVERS, 900000 },
};

const struct profile *profile_find(struct str name)
{
	for (size_t i = 0; i < ARRAY_COUNT(profiles); i++)
		if (str_eq(name, str_of(profiles[i].name)))
			return &profiles[i];
	return NULL;
}
