/* SPDX-License-Identifier: Apache-2.0 */
/* Is what somebody typed the name of a domain, and which one? */
#include "app/domain.h"

#include "formats/names/input.h"
#include "formats/names/psl.h"
#include "facts/fact.h"
#include "store/fact.h"

const char *const delegation_words[] = { "unknown", "delegated", "none", NULL };

static int name_refused(struct arena *a, struct str pointer, const char *code, struct str detail,
			struct field_error *ret)
{
	*ret = (struct field_error){ str_copy(a, pointer), str_of(code), str_copy(a, detail) };
	return -EINVAL;
}

int domain_name_read(struct arena *a, struct str typed, struct str pointer, struct str *ret,
		     struct str *ret_note, struct field_error *ret_error)
{
	struct name_input input;
	struct err err = { 0 };
	int code;

	if (typed.len > NAME_INPUT_BYTES)
		return name_refused(a, pointer, "domain.too-long",
				    STR_LIT("longer than any name: 253 characters at most"),
				    ret_error);
	code = name_input_read(a, typed, &input, &err);
	if (code < 0)
		return name_refused(a, pointer,
				    code == -ENOTSUP ? "domain.address" : "domain.syntax",
				    str_of(err.text), ret_error);
	if (input.kind != NAME_INPUT_PLAIN && input.kind != NAME_INPUT_UNICODE &&
	    public_suffix_is(input.name))
		return name_refused(a, pointer, "domain.public-suffix",
				    str_printf(a,
					       "%.*s is a public suffix, under which anybody "
					       "registers: give the domain itself",
					       STR(input.name)),
				    ret_error);
	*ret = input.name;
	*ret_note = input.note;
	return 0;
}

struct find {
	int64_t workspace;
	struct str name;
	bool is_there, looks;
	enum delegation delegation;
	int64_t delegation_at;
};

/* The answer about its name servers, among the facts that the domain was last compared with. */
static int find_delegation(struct store_tx *tx, struct find *find, const struct domain_row *domain,
			   struct err *err)
{
	struct str *stable;
	size_t count;

	TRY(fact_set_get(tx, domain->fact_set, &stable, &count, err));
	for (size_t i = 0; i < count; i++) {
		const struct question *question;
		struct fact fact;

		if (fact_decode(tx->a, stable[i], &fact) < 0)
			return err_set(err, ERR_CORRUPT, "fact %zu of a set is damaged", i);
		question = &fact.question;
		if (question->kind != KIND_dns || question->dns.type != DNS_NS ||
		    !str_eq(question->dns.name, find->name) || !fact_is_answer(&fact))
			continue;
		find->delegation = fact.dns->count ? DELEGATION_THERE : DELEGATION_MISSING;
		find->delegation_at = domain->scanned_at;
		return 0;
	}
	return 0;
}

static int find_domain(struct store_tx *tx, void *context, struct err *err)
{
	struct find *find = context;
	struct domain_row row;
	int code = domain_find(tx, find->workspace, find->name, &row, err);

	find->is_there = !code;
	find->delegation = DELEGATION_UNKNOWN;
	if (code == -ENOENT)
		return 0;
	TRY(code);
	return find->looks && row.fact_set ? find_delegation(tx, find, &row, err) : 0;
}

int app_name_check(struct app *app, const struct actor *actor, struct arena *a, struct str typed,
		   bool looks, struct name_verdict *ret, struct problem *problem)
{
	struct name_verdict verdict = { 0 };
	struct find find = { .workspace = actor->workspace, .looks = looks };

	TRY(actor_may(actor, SCOPE_DOMAINS_READ, problem));
	if (!domain_name_read(a, typed, STR_LIT("/name"), &verdict.name, &verdict.note,
			      &verdict.error)) {
		verdict.is_valid = true;
		verdict.suffix = public_suffix_of(verdict.name);
		verdict.registrable = registrable_domain(verdict.name);
		verdict.is_suffix = public_suffix_is(verdict.name);
		find.name = verdict.name;
		TRY(store_read(app->store, find_domain, &find, &problem->err));
		verdict.is_there = find.is_there;
		verdict.delegation = find.delegation;
		verdict.delegation_at = find.delegation_at;
	}
	*ret = verdict;
	return 0;
}
