/* SPDX-License-Identifier: Apache-2.0 */
/* Which servers asked us to wait, and whose turn is when? */
#include "ask/holds.h"

#include "net/paces.h"

/* Of this host, or the one that can be forgotten first. */
static struct hold *hold_of(struct hold *holds, uint64_t hash)
{
	struct hold *hold = &holds[0];

	for (size_t i = 0; i < HOLDS; i++) {
		if (holds[i].host == hash)
			return &holds[i];
		if (holds[i].until_us < hold->until_us)
			hold = &holds[i];
	}
	*hold = (struct hold){ .host = hash };
	return hold;
}

void holds_add(struct holds *holds, struct str host, int64_t until_us)
{
	hold_of(holds->hold, str_hash(host))->until_us = until_us;
}

int64_t holds_until(const struct holds *holds, struct str host, int64_t now_us)
{
	uint64_t hash = str_hash(host);

	for (size_t i = 0; i < HOLDS; i++)
		if (holds->hold[i].host == hash && holds->hold[i].until_us > now_us)
			return holds->hold[i].until_us;
	return 0;
}

/* The generic cell rate algorithm, as for DNS servers (net/dns_servers.c). */
int64_t holds_pace(struct holds *holds, struct paces *paces, uint32_t rate, struct str host,
		   int64_t now_us)
{
	int64_t machines = paces ? paces_divisor(paces) : 1;
	int64_t per_second = rate ? rate : HOST_RATE;
	int64_t interval_us = 1000000 * machines / per_second;
	int64_t burst = MAX(per_second / machines, INT64_C(1));
	struct hold *arrival = hold_of(holds->arrival, str_hash(host));

	if (!paces ||
	    !paces_take(paces, str_hash(host) | 1, now_us, interval_us, &arrival->until_us))
		arrival->until_us = MAX(arrival->until_us, now_us) + interval_us;
	return MAX(arrival->until_us - now_us - interval_us * burst, INT64_C(0));
}
