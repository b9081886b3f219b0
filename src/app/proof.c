/* SPDX-License-Identifier: Apache-2.0 */
/* Does whoever added a domain control it? A TXT record says so, as RFC 8555 section 8.4 does it. */
#include "app/domain.h"

#include "app/domain_fields.h"
#include "app/record.h"
#include "app/token.h"

#define PROOF_LABEL "_dss-challenge"
#define PROOF_PREFIX "dss-proof="

struct prove {
	const struct actor *actor;
	struct arena *a;
	struct str name;
	const struct str *texts;
	size_t count;
	bool is_proven;
	struct domain_row row;
};

static int name_of(struct prove *prove, struct str typed, struct problem *problem)
{
	struct field_error error;
	struct str note;

	if (!domain_name_read(prove->a, typed, STR_LIT("/name"), &prove->name, &note, &error))
		return 0;
	return problem_add(problem, error.pointer, error.code.data, "%.*s", STR(error.detail));
}

static int write_row(struct store_tx *tx, struct prove *prove, const char *action,
		     struct str before, struct err *err)
{
	TRY(domain_update(tx, &prove->row, err));
	return record_audit(tx, prove->actor, action, prove->name, before,
			    domain_json(tx->a, &prove->row), err);
}

static int make_token(struct store_tx *tx, void *context, struct err *err)
{
	struct prove *prove = context;

	store_keep(tx, prove->a);
	TRY(domain_find(tx, prove->actor->workspace, prove->name, &prove->row, err));
	if (prove->row.proof_token.len)
		return 0;
	prove->row.proof_token = token_new(tx->a);
	return write_row(tx, prove, "domain.challenge", domain_json(tx->a, &prove->row), err);
}

int app_domain_proof(struct app *app, const struct actor *actor, struct arena *a, struct str name,
		     struct domain_proof *ret, struct problem *problem)
{
	struct prove prove = { .actor = actor, .a = a };

	TRY(actor_may(actor, SCOPE_DOMAINS_WRITE, problem));
	TRY(name_of(&prove, name, problem));
	TRY(store_write(app->store, make_token, &prove, &problem->err));
	*ret = (struct domain_proof){
		.record = str_printf(a, PROOF_LABEL ".%.*s", STR(prove.name)),
		.text = str_printf(a, PROOF_PREFIX "%.*s", STR(prove.row.proof_token)),
		.proven_at = prove.row.proven_at,
	};
	return 0;
}

static bool says_token(const struct prove *prove)
{
	for (size_t i = 0; i < prove->count; i++) {
		struct str text = str_trim(prove->texts[i]);

		if (str_starts(text, STR_LIT(PROOF_PREFIX)) &&
		    str_eq(str_from(text, sizeof PROOF_PREFIX - 1), prove->row.proof_token))
			return true;
	}
	return false;
}

static int judge_texts(struct store_tx *tx, void *context, struct err *err)
{
	struct prove *prove = context;
	struct str before;

	store_keep(tx, prove->a);
	TRY(domain_find(tx, prove->actor->workspace, prove->name, &prove->row, err));
	if (!prove->row.proof_token.len)
		return err_set(err, -EALREADY, "no proof of %.*s was asked for", STR(prove->name));
	prove->is_proven = says_token(prove);
	if (prove->is_proven == (prove->row.proven_at > 0))
		return 0;
	before = domain_json(tx->a, &prove->row);
	prove->row.proven_at = prove->is_proven ? tx->now_us : 0;
	TRY(write_row(tx, prove, prove->is_proven ? "domain.prove" : "domain.unprove", before,
		      err));
	return record_event(tx, prove->actor,
			    (struct event_row){ .type = EVENT_DOMAIN_UPDATED,
						.domain = prove->row.no,
						.object = prove->row.id,
						.severity = -1 },
			    err);
}

int app_domain_prove(struct app *app, const struct actor *actor, struct str name,
		     const struct str *texts, size_t count, bool *ret_is_proven,
		     struct problem *problem)
{
	struct prove prove = { .actor = actor, .a = problem->a, .texts = texts, .count = count };

	TRY(actor_may(actor, SCOPE_SCANS_WRITE, problem));
	TRY(name_of(&prove, name, problem));
	TRY(store_write(app->store, judge_texts, &prove, &problem->err));
	*ret_is_proven = prove.is_proven;
	return 0;
}
