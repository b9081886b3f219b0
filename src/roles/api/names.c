/* SPDX-License-Identifier: Apache-2.0 */
/* Which of these texts are names, before anything is stored? */
#include "app/domain.h"

#include "roles/api/request.h"

enum { NAMES = 1000, LOOKED_AT = 50 /* of them for their delegation */ };

struct validate_names {
	struct str *names;
	size_t name_count;
};

static const struct field validate_fields[] = {
	FIELD_ARRAY(IN_BODY, FIELD_TEXT, struct validate_names, names, name_count, FIELD_REQUIRED,
		    "names as people type them", .least = 0, .most = 2048, .items_most = NAMES),
	FIELD_END,
};

struct verdict_view {
	struct str given, name, note, suffix, registrable;
	bool is_valid, is_suffix, is_there;
	int delegation;
	int64_t delegation_at;
	struct str code, detail;
};

static const struct desc_field verdict_fields[] = {
	DESC_FIELD(1, DESC_STR, struct verdict_view, given),
	DESC_NAMED(2, DESC_BOOL, struct verdict_view, is_valid, "valid"),
	DESC_FIELD(3, DESC_STR, struct verdict_view, name),
	DESC_FIELD(4, DESC_STR, struct verdict_view, note),
	DESC_FIELD(5, DESC_STR, struct verdict_view, suffix),
	DESC_FIELD(6, DESC_STR, struct verdict_view, registrable),
	DESC_NAMED(7, DESC_BOOL, struct verdict_view, is_suffix, "public_suffix"),
	DESC_NAMED(8, DESC_BOOL, struct verdict_view, is_there, "there"),
	DESC_FIELD(9, DESC_STR, struct verdict_view, code),
	DESC_FIELD(10, DESC_STR, struct verdict_view, detail),
	DESC_FIELD(11, DESC_ENUM, struct verdict_view, delegation, .names = delegation_words),
	DESC_NAMED(12, DESC_TIME, struct verdict_view, delegation_at, "delegation_seen_at",
		   .flags = DESC_OPTIONAL),
};
static const struct desc verdict_desc = DESC_CALLED("name_verdict", verdict_view, verdict_fields);

struct verdicts_view {
	struct verdict_view *names;
	size_t name_count;
};

static const struct desc_field verdicts_fields[] = {
	DESC_ARRAY(1, DESC_STRUCT, struct verdicts_view, names, name_count, .of = &verdict_desc),
};
static const struct desc verdicts_desc =
	DESC_CALLED("name_verdicts", verdicts_view, verdicts_fields);

static int validate_answer(struct request *r)
{
	const struct validate_names *in = r->input.values;
	struct verdicts_view view = { .name_count = in->name_count };

	view.names = arena_array(&r->arena, in->name_count + 1, sizeof *view.names);
	for (size_t i = 0; i < in->name_count; i++) {
		struct name_verdict verdict = { 0 };

		TRY_APP(r, app_name_check(r->app, &r->actor, &r->arena, in->names[i], i < LOOKED_AT,
					  &verdict, &r->problem));
		view.names[i] = (struct verdict_view){
			.given = in->names[i],
			.name = verdict.name,
			.note = verdict.note,
			.suffix = verdict.suffix,
			.registrable = verdict.registrable,
			.is_valid = verdict.is_valid,
			.is_suffix = verdict.is_suffix,
			.is_there = verdict.is_there,
			.delegation = (int)verdict.delegation,
			.delegation_at = verdict.delegation_at,
			.code = verdict.is_valid ? STR_NONE : verdict.error.code,
			.detail = verdict.is_valid ? STR_NONE : verdict.error.detail,
		};
	}
	return answer_struct(r, &view);
}

const struct operation operation_domains_validate = {
	.handle = validate_answer,
	.fields = validate_fields,
	.input_size = sizeof(struct validate_names),
	.shape = &verdicts_desc,
	.codes = { 422 },
	.help = "Nothing is stored, and nothing is asked of the network: the delegation of a "
		"domain "
		"that is there is as its last scan saw it, looked up for the first 50 names; of "
		"others it is unknown.",
};
