/* SPDX-License-Identifier: Apache-2.0 */
/* Which servers do we know, and how fast may each be asked? */
#include "net/dns_table.h"

/* One operator's servers often share a network, and its line. */
enum { NETWORK_RATES = 4, IPV4_NETWORK_BYTES = 3, IPV6_NETWORK_BYTES = 6 };

static uint32_t chain_of(const struct dns_client *client, const struct address *address,
			 uint16_t port)
{
	uint64_t words[2];

	memcpy(words, address->bytes, sizeof words);
	words[0] = (words[0] ^ words[1] * 0x9e3779b97f4a7c15u ^ port) * 0x9e3779b97f4a7c15u;
	return (uint32_t)(words[0] >> 32) & client->server_mask;
}

static void server_forget(struct dns_client *client, uint32_t index)
{
	struct dns_server *server = &client->servers[index];
	uint32_t *link = &client->server_heads[chain_of(client, &server->address, server->port)];

	while (*link != index + 1)
		link = &client->servers[*link - 1].next;
	*link = server->next;
	if (server->network)
		client->servers[server->network - 1].refs--;
	server->next = client->server_free;
	client->server_free = index + 1;
}

/* One turn over the table, from where the last one stopped. Servers whose bucket is not full again
 * stay: forgetting them would forget the pace. */
static bool make_room(struct dns_client *client)
{
	for (uint32_t i = 0; i < client->server_cap; i++) {
		uint32_t index = client->server_hand++ % client->server_cap;
		struct dns_server *server = &client->servers[index];

		if (!server->refs && server->arrival_us <= client->now_us) {
			server_forget(client, index);
			return true;
		}
	}
	return false;
}

static uint32_t take_free(struct dns_client *client)
{
	uint32_t index;

	if (!client->server_free && client->server_used < client->server_cap)
		return client->server_used++;
	index = client->server_free - 1;
	client->server_free = client->servers[index].next;
	return index;
}

/* The one that is known, with a reference taken; false: none is. */
static bool find(struct dns_client *client, const struct address *address, uint16_t port,
		 uint32_t *ret)
{
	uint32_t at = client->server_heads[chain_of(client, address, port)];

	for (; at; at = client->servers[at - 1].next) {
		struct dns_server *server = &client->servers[at - 1];

		if (server->port == port && address_eq(&server->address, address)) {
			server->refs++;
			*ret = at - 1;
			return true;
		}
	}
	return false;
}

static int add(struct dns_client *client, const struct dns_server *fresh, uint32_t *ret)
{
	uint32_t chain = chain_of(client, &fresh->address, fresh->port), index;

	if (!client->server_free && client->server_used == client->server_cap && !make_room(client))
		return -EAGAIN;
	index = take_free(client);
	client->servers[index] = *fresh;
	client->servers[index].next = client->server_heads[chain];
	client->server_heads[chain] = index + 1;
	*ret = index;
	return 0;
}

static int network_hold(struct dns_client *client, const struct address *address, uint32_t *ret)
{
	size_t kept = address->family == ADDRESS_IPV6 ? IPV6_NETWORK_BYTES : IPV4_NETWORK_BYTES;
	struct dns_server fresh = { .address = *address, .refs = 1 };

	memset(fresh.address.bytes + kept, 0, sizeof fresh.address.bytes - kept);
	fresh.pace_key = paces_key(&fresh.address, 0);
	return find(client, &fresh.address, 0, ret) ? 0 : add(client, &fresh, ret);
}

int server_hold(struct dns_client *client, const struct address *address, uint16_t port,
		uint32_t *ret)
{
	struct dns_server fresh = { .address = *address, .port = port, .refs = 1 };
	uint32_t network = 0;
	bool is_resolver;
	int code;

	if (find(client, address, port, ret))
		return 0;
	TRY(destination_approve(client->settings.egress, address, port, &fresh.to));
	fresh.pace_key = paces_key(address, port);
	fresh.lane = address->family == ADDRESS_IPV6 ? LANE_IPV6 : LANE_IPV4;
	is_resolver = fresh.to.is_trusted && !client->resolver;
	if (is_resolver) {
		fresh.lane = LANE_RESOLVER;
		fresh.refs++; /* it stays */
	}
	if (!fresh.to.is_trusted) {
		TRY(network_hold(client, address, &network));
		fresh.network = network + 1;
	}
	code = add(client, &fresh, ret);
	if (code < 0 && fresh.network)
		client->servers[network].refs--;
	if (code == 0 && is_resolver)
		client->resolver = *ret + 1;
	return code;
}

void server_release(struct dns_client *client, uint32_t server)
{
	client->servers[server].refs--;
}

/* The generic cell rate algorithm: one number a server says all. Shared among scanners, it is kept
 * in both places, so that a server under way is not forgotten here. */
static int64_t bucket_take(const struct dns_client *client, struct dns_server *bucket,
			   int64_t multiple)
{
	struct paces *paces = client->settings.paces;
	int64_t machines = paces ? paces_divisor(paces) : 1;
	int64_t interval = 1000000 * machines / (client->settings.rate * multiple);
	int64_t burst = MAX(client->settings.burst * multiple / machines, INT64_C(1));

	if (!paces ||
	    !paces_take(paces, bucket->pace_key, client->now_us, interval, &bucket->arrival_us)) {
		if (bucket->arrival_us < client->now_us)
			bucket->arrival_us = client->now_us;
		bucket->arrival_us += interval;
	}
	return bucket->arrival_us - client->now_us - interval * burst;
}

int64_t server_pace(struct dns_client *client, struct dns_server *server)
{
	int64_t own, shared;

	if (server->to.is_trusted)
		return 0;
	own = bucket_take(client, server, 1);
	shared = bucket_take(client, &client->servers[server->network - 1], NETWORK_RATES);
	return MAX(MAX(own, shared), 0);
}
