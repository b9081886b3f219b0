/* SPDX-License-Identifier: Apache-2.0 */
/* Does whoever added a domain control it? A TXT record says so, as RFC 8555 section 8.4 does it. */
#include "app/proof.h"

#include "app/domain.h"
#include "app/domain_fields.h"
#include "app/record.h"
#include "app/token.h"
#include "model/proof.h"

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

static int write_row(struct store_tx *tx, const struct actor *actor, struct domain_row *row,
		     const char *action, struct str before, struct err *err)
{
	TRY(domain_update(tx, row, err));
	return record_audit(tx, actor, action, row->name, before, domain_json(tx->a, row), err);
}

static int make_token(struct store_tx *tx, void *context, struct err *err)
{
	struct prove *prove = context;
	struct str before;

	store_keep(tx, prove->a);
	TRY(domain_find(tx, prove->actor->workspace, prove->name, &prove->row, err));
	if (prove->row.proof_token.len)
		return 0;
	before = domain_json(tx->a, &prove->row);
	prove->row.proof_token = token_new(tx->a);
	return write_row(tx, prove->actor, &prove->row, "domain.challenge", before, err);
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

static bool says_token(struct str token, const struct str *texts, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct str text = str_trim(texts[i]);

		if (str_starts(text, STR_LIT(PROOF_PREFIX)) &&
		    str_eq(str_from(text, sizeof PROOF_PREFIX - 1), token))
			return true;
	}
	return false;
}

int proof_judge(struct store_tx *tx, const struct actor *actor, struct domain_row *row,
		const struct str *texts, size_t count, bool *ret_is_proven, struct err *err)
{
	bool is_proven;
	struct str before;

	if (!row->proof_token.len)
		return err_set(err, -EALREADY, "no proof of %.*s was asked for", STR(row->name));
	is_proven = says_token(row->proof_token, texts, count);
	*ret_is_proven = is_proven;
	if (is_proven == (row->proven_at > 0))
		return 0;
	before = domain_json(tx->a, row);
	row->proven_at = is_proven ? tx->now_us : 0;
	TRY(write_row(tx, actor, row, is_proven ? "domain.prove" : "domain.unprove", before, err));
	return record_event(tx, actor,
			    (struct event_row){ .type = EVENT_DOMAIN_UPDATED,
						.domain = row->no,
						.object = row->id,
						.severity = -1 },
			    err);
}

static int judge_texts(struct store_tx *tx, void *context, struct err *err)
{
	struct prove *prove = context;

	store_keep(tx, prove->a);
	TRY(domain_find(tx, prove->actor->workspace, prove->name, &prove->row, err));
	return proof_judge(tx, prove->actor, &prove->row, prove->texts, prove->count,
			   &prove->is_proven, err);
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
