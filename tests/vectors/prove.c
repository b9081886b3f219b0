/* SPDX-License-Identifier: Apache-2.0 */
/* Do judges keep their rules when facts are missing, different, or come in another order? */
#include "tests/vectors/vectors.h"

#include <stdio.h>

enum { SHUFFLES = 12 };

struct proof {
	const struct vector_file *file;
	const struct vector_case *vc;
	const struct run *original;
	struct arena arena;
	unsigned broken;
};

static void complain(struct proof *proof, const char *rule, const struct check *check,
		     const struct question *question, const char *detail)
{
	struct buf text;

	buf_init(&text, &proof->arena);
	if (question)
		question_text(&text, question);
	printf("%s:%u: case \"%.*s\": %s: %s; %.*s%s\n", proof->file->path, proof->vc->line,
	       STR(proof->vc->name), rule, check->id, STR(buf_str(&text)), detail);
	proof->broken++;
}

/* A gap takes knowledge away: it can add no finding. */
static void check_masked(struct proof *proof, const struct run *masked,
			 const struct question *question)
{
	for (size_t i = 0; i < masked->verdicts.finding_count; i++) {
		const struct finding *finding = &masked->verdicts.findings[i];

		if (!run_has_finding(proof->original, finding->check, finding->subject))
			complain(proof, "masking a fact adds a finding", finding->check, question,
				 "");
	}
}

/* Where a fact decides, its absence must say "unknown". */
static void check_mutated(struct proof *proof, const struct run *masked, const struct run *mutated,
			  const struct question *question, const char *mutation)
{
	for (size_t i = 0; i < mutated->verdicts.result_count; i++) {
		const struct check *check = mutated->verdicts.results[i].check;
		enum verdict before = run_verdict(proof->original, check);
		enum verdict without = run_verdict(masked, check);

		if (mutated->verdicts.results[i].verdict == before || without == VERDICT_UNKNOWN)
			continue;
		if (before == VERDICT_FAIL && without == VERDICT_FAIL)
			continue; /* another subject fails, with or without it */
		complain(proof, "a mutation changes the verdict, but masking does not give unknown",
			 check, question, mutation);
	}
}

static struct fact *mutation_registry(struct proof *proof, struct fact *changed, unsigned which,
				      const char **ret_name)
{
	struct registration *registration = ARENA_NEW(&proof->arena, struct registration);

	*registration = *changed->rdap;
	changed->answer = registration;
	switch (which) {
	case 1:
		*ret_name = " (not registered)";
		*registration = (struct registration){ 0 };
		return changed;
	case 2:
		*ret_name = " (no date)";
		registration->expires_us = 0;
		return changed;
	case 3:
		*ret_name = " (no status)";
		registration->status_count = 0;
		return changed;
	default:
		return NULL;
	}
}

static struct fact *mutation_http(struct proof *proof, struct fact *changed, unsigned which,
				  const char **ret_name)
{
	struct http_answer *answer = ARENA_NEW(&proof->arena, struct http_answer);

	*answer = *changed->http;
	changed->http = answer;
	switch (which) {
	case 1:
		*ret_name = " (404)";
		answer->status = 404;
		return changed;
	case 2:
		*ret_name = " (no body)";
		answer->body = STR_NONE;
		answer->body_bytes = 0;
		return changed;
	case 3:
		*ret_name = " (certificate expired)";
		answer->tls.faults |= TLS_EXPIRED;
		return changed;
	default:
		return NULL;
	}
}

static struct fact *mutation_external(struct proof *proof, struct fact *changed, unsigned which,
				      const char **ret_name)
{
	struct external_answer *answer = ARENA_NEW(&proof->arena, struct external_answer);

	*answer = *changed->api;
	changed->answer = answer;
	switch (which) {
	case 1:
		*ret_name = " (no findings)";
		answer->finding_count = 0;
		return changed;
	case 2:
		*ret_name = " (no rows)";
		answer->row_count = 0;
		return changed;
	case 3:
		*ret_name = " (a row less)";
		answer->row_count -= answer->row_count > 0;
		return changed;
	default:
		return NULL;
	}
}

static struct fact *mutation(struct proof *proof, const struct fact *fact, unsigned which,
			     const char **ret_name)
{
	struct fact *changed = ARENA_NEW(&proof->arena, struct fact);
	struct dns_answer *answer;

	*changed = *fact;
	if (which == 0) {
		*ret_name = " (timeout)";
		changed->failure = FAILURE_TIMEOUT;
		changed->answer = NULL;
		return fact->failure == FAILURE_TIMEOUT ? NULL : changed;
	}
	if ((fact->question.kind == KIND_rdap || fact->question.kind == KIND_whois) && fact->answer)
		return mutation_registry(proof, changed, which, ret_name);
	if ((fact->question.kind == KIND_api || fact->question.kind == KIND_tool) && fact->answer)
		return mutation_external(proof, changed, which, ret_name);
	if (fact->question.kind == KIND_http && fact->answer)
		return mutation_http(proof, changed, which, ret_name);
	if ((fact->question.kind != KIND_dns && fact->question.kind != KIND_dns_at) ||
	    !fact->answer)
		return NULL;
	answer = ARENA_NEW(&proof->arena, struct dns_answer);
	*answer = *fact->dns;
	changed->answer = answer;
	switch (which) {
	case 1:
		*ret_name = " (no data)";
		answer->count = answer->chain_count = answer->other_count = 0;
		break;
	case 2:
		*ret_name = " (NXDOMAIN)";
		answer->count = answer->chain_count = answer->other_count = 0;
		answer->rcode = DNS_NXDOMAIN;
		break;
	case 3:
		*ret_name = " (REFUSED)";
		if (fact->question.kind != KIND_dns_at)
			return NULL;
		answer->count = answer->chain_count = answer->other_count =
			answer->authority_count = 0;
		answer->is_authoritative = false;
		answer->rcode = DNS_REFUSED;
		break;
	default:
		*ret_name = " (a record less)";
		if (which - 4 >= answer->count || answer->count < 2)
			return NULL;
		answer->rr = arena_array(&proof->arena, answer->count, sizeof *answer->rr);
		answer->count = 0;
		for (size_t i = 0; i < fact->dns->count; i++)
			if (i != which - 4)
				answer->rr[answer->count++] = fact->dns->rr[i];
		break;
	}
	return changed;
}

static void prove_fact(struct proof *proof, const struct fact *fact)
{
	struct fact masked_fact = { .question = fact->question, .failure = FAILURE_VANTAGE };
	struct replacement replacement = { .fact = &masked_fact };
	struct run masked, mutated;
	struct buf key;
	const char *name;

	buf_init(&key, &proof->arena);
	question_key(&key, &fact->question);
	replacement.key = buf_str(&key);
	run_case(&masked, proof->file, proof->vc, &replacement, 0);
	check_masked(proof, &masked, &fact->question);
	for (unsigned which = 0; which < 10; which++) {
		replacement.fact = mutation(proof, fact, which, &name);
		if (!replacement.fact)
			continue;
		run_case(&mutated, proof->file, proof->vc, &replacement, 0);
		check_mutated(proof, &masked, &mutated, &fact->question, name);
		run_release(&mutated);
	}
	run_release(&masked);
}

static void prove_order(struct proof *proof, uint64_t seed)
{
	struct run shuffled;

	run_case(&shuffled, proof->file, proof->vc, NULL, seed);
	for (size_t i = 0; i < shuffled.verdicts.result_count; i++) {
		const struct check *check = shuffled.verdicts.results[i].check;

		if (shuffled.verdicts.results[i].verdict != run_verdict(proof->original, check))
			complain(proof, "another order of arrival changes the verdict", check, NULL,
				 "");
	}
	if (shuffled.verdicts.finding_count != proof->original->verdicts.finding_count) {
		printf("%s:%u: case \"%.*s\": another order of arrival changes the findings\n",
		       proof->file->path, proof->vc->line, STR(proof->vc->name));
		proof->broken++;
	}
	run_release(&shuffled);
}

unsigned prove_case(const struct vector_file *file, const struct vector_case *vc,
		    const struct run *original)
{
	struct proof proof = { .file = file, .vc = vc, .original = original };

	for (size_t i = 0; i < original->fact_count; i++)
		/* Which definitions there are the scanner tells itself: that is never lost. */
		if (original->facts[i]->failure != FAILURE_MISSING &&
		    original->facts[i]->question.kind != KIND_external)
			prove_fact(&proof, original->facts[i]);
	for (uint64_t seed = 1; seed <= SHUFFLES; seed++)
		prove_order(&proof, seed);
	arena_release(&proof.arena);
	return proof.broken;
}
