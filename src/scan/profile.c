/* SPDX-License-Identifier: Apache-2.0 */
/* Which kinds of question does each profile ask? */
#include "scan/profile.h"

#include "model/profile.h"

/* A zone transfer needs consent as well: the gate sees to that. */
enum {
	ASKS_RESOLVER = 1u << KIND_dns,
	ASKS_WEB = 1u << KIND_http,
	ASKS_REGISTRIES = 1u << KIND_rdap | 1u << KIND_whois,
	ASKS_SERVERS = ASKS_RESOLVER | 1u << KIND_dns_at | 1u << KIND_axfr,
	ASKS_ALL = ASKS_SERVERS | ASKS_WEB | ASKS_REGISTRIES,
	ASKS_APIS = 1u << KIND_api | 1u << KIND_external,
	ASKS_TOOLS = 1u << KIND_tool
};

static const struct profile profiles[PROFILE_COUNT] = {
	[PROFILE_STANDARD] = { ASKS_ALL, 60000 },
	[PROFILE_DNS] = { ASKS_SERVERS, 15000 },
	[PROFILE_MAIL] = { ASKS_RESOLVER | ASKS_WEB, 60000 },
	[PROFILE_QUICK] = { ASKS_RESOLVER, 15000 },
	[PROFILE_PASSIVE] = { ASKS_RESOLVER | ASKS_REGISTRIES | ASKS_APIS, 60000 },
	[PROFILE_DEEP] = { ASKS_ALL | ASKS_APIS | ASKS_TOOLS, 900000 },
};

const struct profile *profile_find(struct str name)
{
	for (size_t i = 0; i < ARRAY_COUNT(profiles); i++)
		if (str_eq(name, str_of(profile_words[i])))
			return &profiles[i];
	return NULL;
}
