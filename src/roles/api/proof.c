/* SPDX-License-Identifier: Apache-2.0 */
/* Proof of control over a domain: what to publish, and whether it is proven. */
#include "app/domain.h"

#include "roles/api/request.h"

struct prove_domain {
	struct str name;
};

static const struct field prove_fields[] = {
	FIELD_PATH(FIELD_NAME, struct prove_domain, name, "the domain", .example = "example.com"),
	FIELD_END,
};

struct proof_view {
	struct str record, type, text;
	bool is_proven;
	int64_t proven_at;
};

static const struct desc_field proof_fields[] = {
	DESC_FIELD(1, DESC_STR, struct proof_view, record),
	DESC_FIELD(2, DESC_STR, struct proof_view, type),
	DESC_FIELD(3, DESC_STR, struct proof_view, text),
	DESC_NAMED(4, DESC_BOOL, struct proof_view, is_proven, "proven"),
	DESC_FIELD(5, DESC_TIME, struct proof_view, proven_at, .flags = DESC_OPTIONAL),
};
static const struct desc proof_desc = DESC_CALLED("proof", proof_view, proof_fields);

static int proof_answer(struct request *r)
{
	const struct prove_domain *in = r->input.values;
	struct domain_proof proof;
	struct proof_view view;

	TRY_APP(r, app_domain_proof(r->app, &r->actor, &r->arena, in->name, &proof, &r->problem));
	view = (struct proof_view){ .record = proof.record,
				    .type = STR_LIT("TXT"),
				    .text = proof.text,
				    .is_proven = proof.proven_at != 0,
				    .proven_at = proof.proven_at };
	return answer_struct(r, &view);
}

const struct operation operation_domains_proof = {
	.handle = proof_answer,
	.fields = prove_fields,
	.input_size = sizeof(struct prove_domain),
	.shape = &proof_desc,
	.codes = { 404 },
	.help = "Publish the record; from now on each scan of the domain looks for it, and proves "
		"or "
		"unproves control by what it sees. Active checks need it.",
};
