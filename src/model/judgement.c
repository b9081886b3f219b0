/* SPDX-License-Identifier: Apache-2.0 */
/* How is what a scan found written? Numbers are permanent. */
#include "model/judgement.h"

#define WORDS(array) .names = (array)

static const char *const verdicts[] = { "not-applicable", "pass", "fail", "unknown", NULL };
static const char *const severities[] = { "info", "low", "medium", "high", "critical", NULL };

static const struct desc_field check_fields[] = {
	DESC_FIELD(1, DESC_STR, struct judged_check, id),
	DESC_FIELD(2, DESC_ENUM, struct judged_check, verdict, WORDS(verdicts)),
	DESC_NAMED(3, DESC_BOOL, struct judged_check, is_incomplete, "incomplete",
		   .flags = DESC_OPTIONAL),
	DESC_NAMED(4, DESC_BOOL, struct judged_check, has_gap, "gap", .flags = DESC_OPTIONAL),
	DESC_FIELD(5, DESC_UINT, struct judged_check, failure, .flags = DESC_HIDDEN),
	DESC_FIELD(6, DESC_STR, struct judged_check, reason),
};
static const struct desc check_desc = DESC(judged_check, check_fields);

static const struct desc_field acceptance_fields[] = {
	DESC_FIELD(1, DESC_STR, struct judged_acceptance, reason),
	DESC_FIELD(2, DESC_STR, struct judged_acceptance, owner),
	DESC_FIELD(3, DESC_STR, struct judged_acceptance, by),
	DESC_NAMED(4, DESC_TIME, struct judged_acceptance, until_us, "until"),
};
static const struct desc acceptance_desc = DESC(judged_acceptance, acceptance_fields);

static const struct desc_field finding_fields[] = {
	DESC_FIELD(1, DESC_STR, struct judged_finding, check),
	DESC_FIELD(2, DESC_ENUM, struct judged_finding, severity, WORDS(severities)),
	DESC_FIELD(3, DESC_STR, struct judged_finding, subject),
	DESC_FIELD(4, DESC_STR, struct judged_finding, text),
	DESC_ARRAY(5, DESC_BYTES, struct judged_finding, evidence, evidence_count,
		   .flags = DESC_HIDDEN),
	DESC_NAMED(6, DESC_TIME, struct judged_finding, since_us, "since"),
	DESC_NAMED(7, DESC_BOOL, struct judged_finding, is_accepted, "accepted",
		   .flags = DESC_OPTIONAL),
	DESC_FIELD(8, DESC_STRUCT, struct judged_finding, acceptance, .of = &acceptance_desc,
		   .flags = DESC_OPTIONAL),
	DESC_NAMED(9, DESC_TIME, struct judged_finding, lapsed_us, "acceptance_expired",
		   .flags = DESC_OPTIONAL),
};
static const struct desc finding_desc = DESC(judged_finding, finding_fields);

static const struct desc_field since_fields[] = {
	DESC_FIELD(1, DESC_STR, struct judged_since, check),
	DESC_NAMED(2, DESC_TIME, struct judged_since, at_us, "at"),
	DESC_FIELD(3, DESC_UINT, struct judged_since, scans),
	DESC_NAMED(4, DESC_BOOL, struct judged_since, is_all, "all"),
	DESC_NAMED(5, DESC_BOOL, struct judged_since, is_more, "more"),
};
const struct desc judged_since_desc = DESC(judged_since, since_fields);

static const struct desc_field area_fields[] = {
	DESC_FIELD(1, DESC_STR, struct judged_area, area),
	DESC_FIELD(2, DESC_BOOL, struct judged_area, applies),
	DESC_NAMED(3, DESC_BOOL, struct judged_area, is_incomplete, "incomplete"),
	DESC_FIELD(4, DESC_UINT, struct judged_area, points),
	DESC_FIELD(5, DESC_UINT, struct judged_area, points_max),
	DESC_FIELD(6, DESC_UINT, struct judged_area, passed),
	DESC_FIELD(7, DESC_UINT, struct judged_area, failed),
	DESC_FIELD(8, DESC_UINT, struct judged_area, unknown),
	DESC_FIELD(9, DESC_UINT, struct judged_area, not_applicable),
	DESC_FIELD(10, DESC_UINT, struct judged_area, accepted),
};
static const struct desc area_desc = DESC(judged_area, area_fields);

static const struct desc_field deduction_fields[] = {
	DESC_FIELD(1, DESC_STR, struct judged_deduction, check),
	DESC_FIELD(2, DESC_STR, struct judged_deduction, area),
	DESC_FIELD(3, DESC_ENUM, struct judged_deduction, severity, WORDS(severities)),
	DESC_FIELD(4, DESC_UINT, struct judged_deduction, points),
	DESC_FIELD(5, DESC_UINT, struct judged_deduction, points_asked),
	DESC_FIELD(6, DESC_UINT, struct judged_deduction, findings),
};
static const struct desc deduction_desc = DESC(judged_deduction, deduction_fields);

static const struct desc_field cap_fields[] = {
	DESC_FIELD(1, DESC_STR, struct judged_cap, at_most),
	DESC_FIELD(2, DESC_ENUM, struct judged_cap, severity, WORDS(severities)),
	DESC_FIELD(3, DESC_UINT, struct judged_cap, findings),
	DESC_FIELD(4, DESC_STR, struct judged_cap, check),
	DESC_NAMED(5, DESC_BOOL, struct judged_cap, is_felt, "felt"),
};
static const struct desc cap_desc = DESC(judged_cap, cap_fields);

static const struct desc_field score_fields[] = {
	DESC_FIELD(1, DESC_STR, struct judged_score, algorithm),
	DESC_FIELD(2, DESC_BOOL, struct judged_score, has_score, .flags = DESC_HIDDEN),
	DESC_NAMED(3, DESC_BOOL, struct judged_score, is_incomplete, "incomplete"),
	DESC_FIELD(4, DESC_UINT, struct judged_score, value),
	DESC_FIELD(5, DESC_STR, struct judged_score, grade),
	DESC_FIELD(6, DESC_UINT, struct judged_score, points),
	DESC_FIELD(7, DESC_UINT, struct judged_score, points_max),
	DESC_ARRAY(8, DESC_STRUCT, struct judged_score, areas, area_count, .of = &area_desc),
	DESC_ARRAY(9, DESC_STRUCT, struct judged_score, deductions, deduction_count,
		   .of = &deduction_desc),
	DESC_ARRAY(10, DESC_STRUCT, struct judged_score, caps, cap_count, .of = &cap_desc),
};
static const struct desc score_desc = DESC(judged_score, score_fields);

static const struct desc_field judgement_fields[] = {
	DESC_ARRAY(1, DESC_STRUCT, struct judgement, checks, check_count, .of = &check_desc),
	DESC_ARRAY(2, DESC_STRUCT, struct judgement, findings, finding_count, .of = &finding_desc),
	DESC_NAMED(3, DESC_BOOL, struct judgement, is_incomplete, "incomplete"),
	DESC_ARRAY(4, DESC_STR, struct judgement, limits, limit_count),
	DESC_FIELD(5, DESC_STRUCT, struct judgement, score, .of = &score_desc),
};
const struct desc judgement_desc = DESC(judgement, judgement_fields);

void verdicts_encode(struct buf *out, const struct judgement *judgement)
{
	desc_encode(out, &judgement_desc, judgement);
}

int verdicts_decode(struct arena *a, struct str bytes, struct judgement *ret)
{
	struct judgement judgement;

	TRY(desc_decode(a, &judgement_desc, bytes, &judgement));
	*ret = judgement;
	return 0;
}

int judgement_worst(const struct judgement *judgement)
{
	int worst = -1;

	for (size_t i = 0; i < judgement->finding_count; i++)
		if (!judgement->findings[i].is_accepted)
			worst = MAX(worst, (int)judgement->findings[i].severity);
	return worst;
}
