/* SPDX-License-Identifier: Apache-2.0 */
/* At which addresses can a host be reached? */
#include "ask/reach.h"

static void addresses_add(struct reach *reach, const struct fact *fact)
{
	const struct gate_settings *settings = entry_settings(reach->entry);

	if (!fact_is_answer(fact)) {
		if (!reach->failure)
			reach->failure = (enum failure)fact->failure;
		return;
	}
	for (size_t i = 0; i < fact->dns->count; i++) {
		const struct address *address = &fact->dns->rr[i].address;
		struct destination unused;

		if (fact->dns->rr[i].is_malformed || reach->count == REACH_ADDRESSES)
			continue;
		if (destination_approve(settings->egress, address, 1, &unused) < 0)
			reach->was_denied = true;
		else if (address->family == ADDRESS_IPV6 ? settings->lacks_ipv6
							 : settings->lacks_ipv4)
			reach->was_out_of_vantage = true;
		else
			reach->addresses[reach->count++] = *address;
	}
}

/* IPv4 before IPv6, whichever answer came first. */
static int by_family(const void *a, const void *b)
{
	return address_cmp(a, b);
}

static void reached(struct reach *reach)
{
	if (reach->count)
		qsort(reach->addresses, reach->count, sizeof *reach->addresses, by_family);
	else if (reach->was_out_of_vantage)
		reach->failure = FAILURE_VANTAGE;
	else if (reach->was_denied)
		reach->failure = FAILURE_POLICY;
	else if (!reach->failure)
		reach->failure = FAILURE_NO_ADDRESS;
	reach->on_reached(reach);
}

static void on_fact(struct gate_scan *account, const struct fact *fact)
{
	struct reach *reach = (struct reach *)((char *)account - offsetof(struct reach, account));

	addresses_add(reach, fact);
	if (!--reach->waiting)
		reached(reach);
}

void reach_start(struct reach *reach, struct entry *entry, struct str host,
		 void (*on_reached)(struct reach *reach))
{
	static const uint16_t types[2] = { DNS_A, DNS_AAAA };

	*reach = (struct reach){
		.entry = entry,
		.account = { .kinds = 1u << KIND_dns, .questions_left = 2, .on_fact = on_fact },
		.waiting = 3, /* the third is this call */
		.on_reached = on_reached,
	};
	for (size_t i = 0; i < 2; i++) {
		struct question question = { .kind = KIND_dns,
					     .dns = { .name = host, .type = types[i] } };
		const struct fact *fact =
			gate_ask(entry->gate, &reach->account, &question, &reach->waiters[i]);

		if (!fact)
			continue;
		addresses_add(reach, fact);
		reach->waiting--;
	}
	if (!--reach->waiting)
		reached(reach);
}

void reach_stop(struct reach *reach)
{
	for (size_t i = 0; i < 2; i++)
		if (reach->entry)
			gate_forget(reach->entry->gate, &reach->waiters[i]);
}
