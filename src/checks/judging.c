/* SPDX-License-Identifier: Apache-2.0 */
/* How do verdicts become plain data, and is such data what checks could have said? */
#include "checks/judging.h"

/* ---- made ---- */

static struct judged_finding finding_of(struct arena *a, const struct finding *from)
{
	struct judged_finding finding = { .check = str_of(from->check->id),
					  .severity = (uint8_t)from->severity,
					  .subject = from->subject,
					  .text = from->text,
					  .is_accepted = from->accepted != NULL,
					  .lapsed_us = from->lapsed ? from->lapsed->until_us : 0 };

	if (from->accepted)
		finding.acceptance =
			(struct judged_acceptance){ from->accepted->reason, from->accepted->owner,
						    from->accepted->by, from->accepted->until_us };
	finding.evidence = arena_array(a, from->rests_on_count, sizeof *finding.evidence);
	for (size_t i = 0; i < from->rests_on_count && i < JUDGEMENT_EVIDENCE; i++) {
		struct buf key;

		buf_init(&key, a);
		question_key(&key, &from->rests_on[i]->question);
		finding.evidence[finding.evidence_count++] = buf_str(&key);
	}
	return finding;
}

void judgement_make(struct arena *a, const struct verdicts *verdicts, struct judgement *ret)
{
	struct judgement judgement = {
		.checks = arena_array(a, verdicts->result_count, sizeof *judgement.checks),
		.check_count = verdicts->result_count,
		.findings = arena_array(a, verdicts->finding_count, sizeof *judgement.findings),
		.finding_count = verdicts->finding_count,
		.is_incomplete = verdicts->is_incomplete,
	};

	for (size_t i = 0; i < verdicts->result_count; i++) {
		const struct check_result *from = &verdicts->results[i];

		judgement.checks[i] = (struct judged_check){
			.id = str_of(from->check->id),
			.verdict = (uint8_t)from->verdict,
			.is_incomplete = from->is_incomplete,
			.has_gap = from->has_gap,
			.failure = (uint8_t)from->failure,
			.reason = str_first(from->reason, JUDGEMENT_REASON_BYTES),
		};
	}
	for (size_t i = 0; i < verdicts->finding_count; i++)
		judgement.findings[i] = finding_of(a, &verdicts->findings[i]);
	*ret = judgement;
}

/* ---- checked ---- */

/* Checks in the order of families: a name is looked for from where the last one stood. */
struct walk {
	size_t family, check;
};

static const struct check *walk_to(struct walk *walk, struct str id)
{
	for (; families[walk->family]; walk->family++, walk->check = 0) {
		const struct family *family = families[walk->family];

		while (walk->check < family->check_count) {
			const struct check *check = &family->checks[walk->check++];

			if (str_eq(str_of(check->id), id))
				return check;
		}
	}
	return NULL;
}

static int finding_check(const struct judged_finding *finding, struct err *err)
{
	if (finding->severity > SEVERITY_CRITICAL)
		return err_set(err, ERR_SYNTAX, "a finding has no severity");
	if (finding->subject.len > JUDGEMENT_SUBJECT_BYTES ||
	    finding->text.len > JUDGEMENT_TEXT_BYTES ||
	    finding->evidence_count > JUDGEMENT_EVIDENCE)
		return err_set(err, ERR_LIMIT, "a finding is too large");
	if (finding->acceptance.reason.len > POLICY_TEXT_BYTES ||
	    finding->acceptance.owner.len > POLICY_TEXT_BYTES ||
	    finding->acceptance.by.len > POLICY_TEXT_BYTES)
		return err_set(err, ERR_LIMIT, "a finding's acceptance is too large");
	if (!finding->is_accepted && (finding->acceptance.reason.len || finding->acceptance.by.len))
		return err_set(err, ERR_SYNTAX, "a finding that counts has an acceptance");
	for (size_t i = 0; i < finding->evidence_count; i++)
		if (finding->evidence[i].len > JUDGEMENT_EVIDENCE_BYTES)
			return err_set(err, ERR_LIMIT, "a finding's evidence is too large");
	if (finding->since_us)
		return err_set(err, ERR_SYNTAX, "a finding tells since when");
	return 0;
}

static int result_check(const struct judged_check *check, struct err *err)
{
	if (check->verdict > VERDICT_UNKNOWN)
		return err_set(err, ERR_SYNTAX, "a check has no verdict");
	if (check->failure >= FAILURE_COUNT)
		return err_set(err, ERR_SYNTAX, "a gap has no reason");
	if (check->reason.len > JUDGEMENT_REASON_BYTES)
		return err_set(err, ERR_LIMIT, "a gap's reason is too long");
	if (check->verdict != VERDICT_UNKNOWN && (check->reason.len || check->failure))
		return err_set(err, ERR_SYNTAX, "a check that is not unknown has a reason");
	return 0;
}

/* The findings of one check, which stand next. */
static int findings_check(const struct judgement *judgement, const struct judged_check *check,
			  size_t *at, struct err *err)
{
	size_t first = *at;

	while (*at < judgement->finding_count && str_eq(judgement->findings[*at].check, check->id))
		TRY(finding_check(&judgement->findings[(*at)++], err));
	if ((check->verdict == VERDICT_FAIL) != (*at > first))
		return err_set(err, ERR_SYNTAX, "a check's verdict and findings disagree");
	if (*at - first > JUDGEMENT_FINDINGS)
		return err_set(err, ERR_LIMIT, "a check has more than %d findings",
			       JUDGEMENT_FINDINGS);
	return 0;
}

int judgement_check(const struct judgement *judgement, struct err *err)
{
	struct walk walk = { 0 };
	bool is_incomplete = false;
	size_t at = 0;

	for (size_t i = 0; i < judgement->check_count; i++) {
		const struct judged_check *check = &judgement->checks[i];

		if (!walk_to(&walk, check->id))
			return err_set(err, ERR_SYNTAX,
				       "a check is not known, or does not stand in its place");
		TRY(result_check(check, err));
		TRY(findings_check(judgement, check, &at, err));
		is_incomplete |= check->is_incomplete;
	}
	if (at != judgement->finding_count)
		return err_set(err, ERR_SYNTAX, "a finding belongs to no check");
	if (is_incomplete != judgement->is_incomplete)
		return err_set(err, ERR_SYNTAX, "the judgement and its checks disagree");
	if (judgement->limit_count > JUDGEMENT_LIMITS)
		return err_set(err, ERR_LIMIT, "more than %d limits", JUDGEMENT_LIMITS);
	for (size_t i = 0; i < judgement->limit_count; i++)
		if (judgement->limits[i].len > JUDGEMENT_LIMIT_BYTES)
			return err_set(err, ERR_LIMIT, "a limit is too long");
	return 0;
}

/* ---- scored ---- */

/* Facts by the keys of their questions: evidence is named so. */
struct known {
	const struct fact *facts;
	struct str *keys; /* rising */
	size_t count;
};

static struct known known_of(struct arena *a, const struct fact *facts, size_t count)
{
	struct known known = { facts, arena_array(a, count, sizeof *known.keys), count };

	for (size_t i = 0; i < count; i++) {
		struct buf key;

		buf_init(&key, a);
		question_key(&key, &facts[i].question);
		known.keys[i] = buf_str(&key);
	}
	return known;
}

static const struct fact *known_find(const struct known *known, struct str key)
{
	size_t low = 0, high = known->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = str_cmp(known->keys[middle], key);

		if (!order)
			return &known->facts[middle];
		*(order < 0 ? &low : &high) = order < 0 ? middle + 1 : middle;
	}
	return NULL;
}

static const struct policy_rule *rule_from(struct arena *a, const struct judged_acceptance *from)
{
	struct policy_rule *rule = ARENA_NEW(a, struct policy_rule);

	*rule = (struct policy_rule){ .action = POLICY_ACCEPT,
				      .reason = from->reason,
				      .owner = from->owner,
				      .by = from->by,
				      .until_us = from->until_us };
	return rule;
}

static struct finding finding_from(struct arena *a, const struct check *check,
				   const struct judged_finding *from, const struct known *known)
{
	const struct fact **rests_on = arena_array(a, from->evidence_count, sizeof *rests_on);
	struct finding finding = { .check = check,
				   .severity = (enum severity)from->severity,
				   .subject = from->subject,
				   .text = from->text };

	if (from->is_accepted)
		finding.accepted = rule_from(a, &from->acceptance);
	if (from->lapsed_us)
		finding.lapsed =
			rule_from(a, &(struct judged_acceptance){ .until_us = from->lapsed_us });
	for (size_t i = 0; i < from->evidence_count; i++) {
		const struct fact *fact = known_find(known, from->evidence[i]);

		if (fact)
			rests_on[finding.rests_on_count++] = fact;
	}
	finding.rests_on = rests_on;
	finding.evidence = finding.rests_on_count ? rests_on[0] : NULL;
	return finding;
}

/* Today's check of that id, wherever it stands today. */
static const struct check *check_now(struct walk *walk, struct str id)
{
	struct walk here = *walk, start = { 0 };
	const struct check *check = walk_to(walk, id);

	if (check)
		return check;
	*walk = here;
	return walk_to(&start, id);
}

void judgement_verdicts(struct arena *a, const struct judgement *judgement,
			const struct fact *facts, size_t fact_count, struct verdicts *ret)
{
	struct known known = known_of(a, facts, fact_count);
	struct walk walk = { 0 };
	size_t at = 0;

	*ret = (struct verdicts){
		.results = arena_array(a, judgement->check_count, sizeof *ret->results),
		.findings = arena_array(a, judgement->finding_count, sizeof *ret->findings),
		.is_incomplete = judgement->is_incomplete,
	};
	for (size_t i = 0; i < judgement->check_count; i++) {
		const struct judged_check *from = &judgement->checks[i];
		const struct check *check = check_now(&walk, from->id);

		if (check)
			ret->results[ret->result_count++] =
				(struct check_result){ .check = check,
						       .verdict = (enum verdict)from->verdict,
						       .reason = from->reason,
						       .is_incomplete = from->is_incomplete };
		for (; at < judgement->finding_count &&
		       str_eq(judgement->findings[at].check, from->id);
		     at++)
			if (check)
				ret->findings[ret->finding_count++] =
					finding_from(a, check, &judgement->findings[at], &known);
	}
}

static void areas_of(struct arena *a, const struct score *from, struct judged_score *score)
{
	score->areas = arena_array(a, AREA_COUNT, sizeof *score->areas);
	score->area_count = AREA_COUNT;
	for (size_t i = 0; i < AREA_COUNT; i++) {
		const struct area_score *area = &from->areas[i];

		score->areas[i] = (struct judged_area){
			.area = str_of(area_word((enum area)i)),
			.applies = area->applies,
			.is_incomplete = area->is_incomplete,
			.points = (uint32_t)area->points,
			.points_max = (uint32_t)area->max,
			.passed = (uint32_t)area->passed,
			.failed = (uint32_t)area->failed,
			.unknown = (uint32_t)area->unknown,
			.not_applicable = (uint32_t)area->not_applicable,
			.accepted = (uint32_t)area->accepted,
		};
	}
}

static void deductions_of(struct arena *a, const struct score *from, struct judged_score *score)
{
	score->deductions = arena_array(a, from->deduction_count, sizeof *score->deductions);
	for (size_t i = 0; i < from->deduction_count; i++) {
		const struct deduction *deduction = &from->deductions[i];

		if (!deduction->asked)
			continue;
		score->deductions[score->deduction_count++] = (struct judged_deduction){
			.check = str_of(deduction->check->id),
			.area = str_of(area_word(deduction->area)),
			.severity = (uint8_t)deduction->severity,
			.points = (uint32_t)deduction->taken,
			.points_asked = (uint32_t)deduction->asked,
			.findings = (uint32_t)deduction->finding_count,
		};
	}
}

static void caps_of(struct arena *a, const struct score *from, struct judged_score *score)
{
	score->caps = arena_array(a, from->cap_count, sizeof *score->caps);
	score->cap_count = from->cap_count;
	for (size_t i = 0; i < from->cap_count; i++)
		score->caps[i] = (struct judged_cap){
			.at_most = str_of(grade_word(from->caps[i].at_most)),
			.severity = (uint8_t)from->caps[i].severity,
			.findings = (uint32_t)from->caps[i].finding_count,
			.check = str_of(from->caps[i].check->id),
			.is_felt = from->caps[i].is_felt,
		};
}

void judgement_score(struct arena *a, struct judgement *judgement)
{
	struct verdicts verdicts;
	struct score score;

	judgement_verdicts(a, judgement, NULL, 0, &verdicts);
	score_compute(a, &verdicts, &score);
	judgement->score = (struct judged_score){
		.algorithm = STR_LIT(SCORE_ALGORITHM),
		.has_score = score.has_score,
		.is_incomplete = score.is_incomplete,
		.value = score.value,
		.grade = str_of(grade_word(score.grade)),
		.points = (uint32_t)score.points,
		.points_max = (uint32_t)score.max,
	};
	areas_of(a, &score, &judgement->score);
	deductions_of(a, &score, &judgement->score);
	caps_of(a, &score, &judgement->score);
}
