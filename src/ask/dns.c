/* SPDX-License-Identifier: Apache-2.0 */
/* How is the DNS asked: through the resolver, and one server directly? */
#include "ask/asker.h"

/* A validator that has failed before tells first where, and last why. */
enum { EDE_TEXT_BYTES = 600 };
enum { TRY_US = 1200000, TRIES = 2, STEP_CHECKED = 0, STEP_UNCHECKED = 1, STEP_PROBE = 2 };

/* An answer's memory follows its packet's size, so that a stranger's packet decides little. */
static struct dns_answer *read_answer(struct entry *entry, const struct dns_query *query,
				      const struct dns_result *result)
{
	struct dns_answer *answer;
	struct err err = { 0 };

	entry->fact.answer = NULL;
	if (entry->asking->step == STEP_CHECKED)
		entry->fact.detail = STR_NONE;
	arena_release(&entry->arena);
	arena_init(&entry->arena, sizeof(struct dns_answer) + 64 + result->packet.len * 2);
	answer = ARENA_NEW(&entry->arena, struct dns_answer);
	if (dns_answer_read(&entry->arena, result->packet, query, answer, &err) < 0) {
		entry->fact.detail = str_copy(&entry->arena, str_of(err.text));
		return NULL;
	}
	answer->is_case_kept = result->is_case_kept;
	answer->is_tcp = result->is_tcp;
	answer->saw_other_source = result->saw_other_source;
	answer->was_truncated = result->was_truncated;
	entry->fact.from = result->from;
	return answer;
}

static void describe(struct entry *entry, const struct dns_answer *answer)
{
	struct str rcode = dns_rcode_text(&entry->arena, answer->rcode);

	if (!answer->ede_code_plus_one)
		entry->fact.detail = rcode;
	else
		entry->fact.detail =
			str_printf(&entry->arena, "%.*s, extended error %u%s%.*s", STR(rcode),
				   answer->ede_code_plus_one - 1u, answer->ede_text.len ? ": " : "",
				   STR(str_first(answer->ede_text, EDE_TEXT_BYTES)));
}

/* ---- through the resolver ---- */

static int send_dns(struct entry *entry);

static struct dns_query resolver_query(const struct entry *entry)
{
	return (struct dns_query){
		.name = entry->fact.question.dns.name,
		.type = entry->fact.question.dns.type,
		.flags = DNS_QUERY_RD | DNS_QUERY_AD |
			 (entry->asking->step == STEP_UNCHECKED ? DNS_QUERY_CD : 0u),
	};
}

/* SERVFAIL may mean that validation failed: then the resolver answers with checking disabled. */
static void judge_servfail(struct entry *entry, const struct dns_answer *answer)
{
	describe(entry, answer);
	/* The next answer resets the arena: keep the reason outside. A resolver that answers again from
	 * its cache has forgotten the text: then the first one stays. */
	if (entry->fact.detail.len > entry->asking->told.len) {
		arena_release(&entry->asking->first);
		arena_init(&entry->asking->first, entry->fact.detail.len);
		entry->asking->told = str_copy(&entry->asking->first, entry->fact.detail);
	}
	entry->fact.detail = entry->asking->told;
	entry->asking->step = STEP_UNCHECKED;
	if (send_dns(entry) < 0)
		entry_fail(entry, FAILURE_SERVFAIL);
}

static int send_probe(struct gate *gate, dns_callback *callback, void *context);

/* A resolver says so after all when this has been asked: then silence was the domain's. */
static void on_alive(void *context, const struct dns_result *result)
{
	entry_end(context, result->failure ? FAILURE_OUT_OF_REACH : FAILURE_TIMEOUT);
}

static void resolver_failed(struct entry *entry, enum failure failure)
{
	if (entry->asking->step == STEP_UNCHECKED)
		entry_fail(entry, FAILURE_SERVFAIL);
	/* Nobody listens where our resolver should be: that is not the domain's fault. */
	else if (failure == FAILURE_REFUSED || failure == FAILURE_NO_ROUTE)
		entry_end(entry, FAILURE_OUT_OF_REACH);
	else if (failure != FAILURE_TIMEOUT || !entry->asking->is_confirming ||
		 send_probe(entry->gate, on_alive, entry) < 0)
		entry_fail(entry, failure);
}

static void on_dns(void *context, const struct dns_result *result)
{
	struct entry *entry = context;
	struct dns_query query = resolver_query(entry);
	struct dns_answer *answer;
	bool is_answer;

	if (result->failure) {
		resolver_failed(entry, ask_failure(result->failure));
		return;
	}
	answer = read_answer(entry, &query, result);
	if (!answer) {
		entry_fail(entry, FAILURE_GARBAGE);
		return;
	}
	is_answer = answer->rcode == DNS_NOERROR || answer->rcode == DNS_NXDOMAIN;
	if (entry->asking->step == STEP_UNCHECKED) {
		entry_fail(entry, is_answer ? FAILURE_BOGUS : FAILURE_SERVFAIL);
	} else if (is_answer) {
		entry->fact.dns = answer;
		entry_end(entry, FAILURE_NONE);
	} else if (answer->rcode == DNS_SERVFAIL) {
		judge_servfail(entry, answer);
	} else {
		describe(entry, answer);
		entry_fail(entry, answer->rcode == DNS_REFUSED ? FAILURE_REFUSED : FAILURE_RCODE);
	}
}

static int send_dns(struct entry *entry)
{
	const struct gate_settings *settings = entry_settings(entry);
	struct dns_request request = {
		.destinations = settings->resolvers,
		.count = settings->resolver_count,
		.query = resolver_query(entry),
		/* The resolver itself asks strangers and waits for them. */
		.timeout_us = TRY_US * 2,
		.tries = TRIES,
	};

	return dns_client_ask(entry_dns_client(entry), &request, on_dns, entry, NULL);
}

static int start_dns(struct entry *entry)
{
	entry->asking->step = STEP_CHECKED;
	return send_dns(entry);
}

/* Every resolver knows the servers of the root. */
static int send_probe(struct gate *gate, dns_callback *callback, void *context)
{
	const struct gate_settings *settings = gate_settings_of(gate);
	struct dns_request request = {
		.destinations = settings->resolvers,
		.count = settings->resolver_count,
		.query = { .name = STR_LIT("."), .type = DNS_NS, .flags = DNS_QUERY_RD },
		.tries = (uint32_t)settings->resolver_count + 1,
	};

	return dns_client_ask(gate_dns_client(gate), &request, callback, context, NULL);
}

static void on_probed(void *context, const struct dns_result *result)
{
	struct gate_probe *probe = context;
	struct dns_header header;
	enum failure failure = ask_failure(result->failure);

	if (!failure && dns_header_read(result->packet, &header) == 0 &&
	    header.rcode == DNS_REFUSED)
		failure = FAILURE_RCODE;
	probe->on_probed(probe, failure);
}

int gate_probe(struct gate *gate, struct gate_probe *probe)
{
	return send_probe(gate, on_probed, probe);
}

const struct asker ask_dns_asker = { .kind = KIND_dns, .start = start_dns };

/* ---- one authoritative server ---- */

static struct dns_query server_query(const struct entry *entry)
{
	return (struct dns_query){
		.name = entry->fact.question.dns_at.name,
		.type = entry->fact.question.dns_at.type,
		.flags = entry->fact.question.dns_at.flags,
	};
}

static void on_dns_at(void *context, const struct dns_result *result)
{
	struct entry *entry = context;
	struct dns_query query = server_query(entry);
	struct dns_answer *answer;

	if (result->failure) {
		/* What came from elsewhere is no answer, but it says where from. */
		if (result->saw_other_source) {
			answer = ARENA_NEW(&entry->arena, struct dns_answer);
			answer->saw_other_source = true;
			entry->fact.dns_at = answer;
		}
		entry_fail(entry, ask_failure(result->failure));
		return;
	}
	answer = read_answer(entry, &query, result);
	if (!answer) {
		entry_fail(entry, FAILURE_GARBAGE);
		return;
	}
	entry->fact.dns_at = answer;
	if (answer->rcode != DNS_SERVFAIL) {
		entry_end(entry, FAILURE_NONE);
		return;
	}
	describe(entry, answer);
	entry_fail(entry, FAILURE_SERVFAIL);
}

static int start_dns_at(struct entry *entry)
{
	struct dns_destination server = { .address = entry->fact.question.dns_at.server };
	struct dns_request request = {
		.destinations = &server,
		.count = 1,
		.query = server_query(entry),
		.timeout_us = TRY_US,
		.tries = TRIES,
	};

	return dns_client_ask(entry_dns_client(entry), &request, on_dns_at, entry, NULL);
}

const struct asker ask_dns_at_asker = { .kind = KIND_dns_at, .start = start_dns_at };
