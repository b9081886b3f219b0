/* SPDX-License-Identifier: Apache-2.0 */
/* Which addresses of a zone's servers answer at all? */
#include "checks/derived/responders.h"

/* Asked by other families as well: no question here is for this purpose alone. */
static const struct {
	uint16_t type;
	uint32_t flags;
} questions[] = {
	{ DNS_SOA, 0 },
	{ DNS_NS, 0 },
	{ DNS_SOA, DNS_QUERY_TCP },
};

static void ask(struct judge *j, struct responder *server)
{
	size_t failed = 0;

	for (size_t i = 0; i < ARRAY_COUNT(questions); i++) {
		const struct fact *fact = try_dns_at(j, server->address, j->domain,
						     questions[i].type, questions[i].flags);

		if (fact && (fact_is_answer(fact) || fact->failure == FAILURE_SERVFAIL))
			server->has_answered = true;
		else if (fact)
			failed++;
	}
	server->has_left_all = failed == ARRAY_COUNT(questions);
}

/* A gap touches the readers only where no other question was answered. */
static void ask_server(struct judge *j, struct responder *server)
{
	about_none(j);
	ask(j, server);
	about_all(j);
	if (!server->has_answered)
		ask(j, server);
}

static void add_addresses(struct responders *ret, const struct name_server *server)
{
	for (size_t i = 0; i < server->address_count && ret->count < RESPONDERS; i++)
		ret->servers[ret->count++] = (struct responder){
			.name = server->name,
			.address = server->addresses[i],
			.is_in_parent = server->is_in_parent,
			.is_in_child = server->is_in_child,
		};
	for (size_t i = 0; !server->address_count && i < server->glue_count; i++)
		if (ret->count < RESPONDERS)
			ret->servers[ret->count++] = (struct responder){
				.name = server->name,
				.address = server->glue[i],
				.is_in_parent = server->is_in_parent,
				.is_in_child = server->is_in_child,
			};
}

const void *derived_responders(struct judge *j)
{
	struct responders *ret = ARENA_NEW(j->arena, struct responders);
	const struct name_servers *servers = derive_name_servers(j, j->domain);
	size_t count = 0;

	if (!servers)
		return NULL;
	for (size_t i = 0; i < servers->count; i++)
		count += servers->servers[i].address_count + servers->servers[i].glue_count;
	ret->servers = arena_array(j->arena, MIN(count, (size_t)RESPONDERS), sizeof *ret->servers);
	for (size_t i = 0; i < servers->count; i++)
		add_addresses(ret, &servers->servers[i]);
	for (size_t i = 0; i < ret->count; i++) {
		ask_server(j, &ret->servers[i]);
		ret->answering += ret->servers[i].has_answered;
	}
	/* Where nobody answered it may be our side of the line. */
	for (size_t i = 0; i < ret->count; i++)
		ret->servers[i].is_silent = ret->servers[i].has_left_all && ret->answering;
	return ret;
}
