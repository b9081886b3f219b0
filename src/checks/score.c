/* SPDX-License-Identifier: Apache-2.0 */
/* What are verdicts worth? */
#include "checks/score.h"

/* Share of an area's points, in percent. */
static const int shares[] = {
	[SEVERITY_INFO] = 0,  [SEVERITY_LOW] = 5,        [SEVERITY_MEDIUM] = 15,
	[SEVERITY_HIGH] = 40, [SEVERITY_CRITICAL] = 100,
};

static const struct {
	unsigned at_least;
	enum grade grade;
} grades[] = {
	{ 97, GRADE_A_PLUS }, { 90, GRADE_A }, { 80, GRADE_B }, { 65, GRADE_C },
	{ 50, GRADE_D },      { 30, GRADE_E }, { 0, GRADE_F },
};

static const struct {
	enum severity severity;
	enum grade at_most;
	bool is_shown_only_when_felt; /* what a medium finding forbids is news near 97 points only
				       */
} caps[] = {
	{ SEVERITY_CRITICAL, GRADE_D, false },
	{ SEVERITY_HIGH, GRADE_B, false },
	{ SEVERITY_MEDIUM, GRADE_A, true },
};

/* Did it fail, and is all that it found accepted? */
static bool is_accepted(const struct verdicts *verdicts, const struct check_result *result)
{
	size_t count = 0;

	if (result->verdict != VERDICT_FAIL)
		return false;
	for (size_t i = 0; i < verdicts->finding_count; i++)
		if (verdicts->findings[i].check == result->check) {
			if (!verdicts->findings[i].accepted)
				return false;
			count++;
		}
	return count > 0;
}

static void area_count(struct area_score *area, const struct verdicts *verdicts,
		       const struct check_result *result)
{
	if (is_accepted(verdicts, result)) {
		area->accepted++;
		return;
	}
	switch (result->verdict) {
	case VERDICT_PASS:
		area->passed++;
		area->applies = true;
		break;
	case VERDICT_FAIL:
		area->failed++;
		area->applies = true;
		break;
	case VERDICT_UNKNOWN:
		area->unknown++;
		break;
	case VERDICT_NOT_APPLICABLE:
		area->not_applicable++;
		break;
	}
	if (result->is_incomplete)
		area->is_incomplete = true;
}

/* Findings of one check stand together: the search goes on from the last match. */
static struct deduction *deduction_find(struct deduction *found, size_t count, size_t *cursor,
					const struct check *check)
{
	for (size_t i = 0; i < count; i++, *cursor = (*cursor + 1) % count)
		if (found[*cursor].check == check)
			return &found[*cursor];
	return NULL;
}

static size_t deductions_find(const struct verdicts *verdicts, struct deduction *found)
{
	size_t count = 0, cursor = 0;

	for (size_t i = 0; i < verdicts->result_count; i++) {
		const struct check *check = verdicts->results[i].check;

		if (verdicts->results[i].verdict == VERDICT_FAIL &&
		    !is_accepted(verdicts, &verdicts->results[i]))
			found[count++] = (struct deduction){ .check = check,
							     .severity = check->severity,
							     .area = area_of(str_of(check->id)) };
	}
	for (size_t i = 0; i < verdicts->finding_count; i++) {
		const struct finding *finding = &verdicts->findings[i];
		struct deduction *of =
			finding->accepted ? NULL
					  : deduction_find(found, count, &cursor, finding->check);

		if (!of)
			continue;
		of->finding_count++;
		if (!of->finding || finding->severity > of->severity) {
			of->finding = finding;
			of->severity = finding->severity;
		}
	}
	return count;
}

static void deductions_list(struct arena *a, const struct verdicts *verdicts, struct score *score)
{
	struct deduction *found = arena_array(a, verdicts->result_count, sizeof *found);
	size_t count = deductions_find(verdicts, found);

	score->deductions = arena_array(a, count, sizeof *found);
	for (int severity = SEVERITY_CRITICAL; severity >= SEVERITY_INFO; severity--)
		for (size_t i = 0; i < count; i++)
			if (found[i].severity == (enum severity)severity)
				score->deductions[score->deduction_count++] = found[i];
}

static void points_take(struct score *score)
{
	for (size_t i = 0; i < score->deduction_count; i++) {
		struct deduction *deduction = &score->deductions[i];
		struct area_score *area;

		if (deduction->area == AREA_NONE)
			continue;
		area = &score->areas[deduction->area];
		deduction->asked = area->max * shares[deduction->severity] / 100;
		deduction->taken = MIN(deduction->asked, area->points);
		area->points -= deduction->taken;
	}
}

static void value_compute(struct score *score)
{
	for (size_t i = 0; i < AREA_COUNT; i++) {
		if (!score->areas[i].applies)
			continue;
		score->has_score = true;
		score->points += score->areas[i].points;
		score->max += score->areas[i].max;
	}
	if (!score->has_score)
		return;
	score->value = (unsigned)((score->points * 100 + score->max / 2) / score->max);
	for (size_t i = 0; i < ARRAY_COUNT(grades); i++)
		if (score->value >= grades[i].at_least) {
			score->grade = grades[i].grade;
			return;
		}
}

static void caps_apply(const struct verdicts *verdicts, struct score *score)
{
	enum grade by_points = score->grade;

	for (size_t i = 0; i < verdicts->finding_count; i++)
		if (verdicts->findings[i].accepted)
			score->accepted_count++;
		else
			score->by_severity[verdicts->findings[i].severity]++;
	if (!score->has_score)
		return;
	for (size_t i = 0; i < ARRAY_COUNT(caps); i++) {
		struct grade_cap cap = { .at_most = caps[i].at_most,
					 .severity = caps[i].severity,
					 .finding_count = score->by_severity[caps[i].severity],
					 .is_felt = by_points > caps[i].at_most };

		if (!cap.finding_count || (caps[i].is_shown_only_when_felt && !cap.is_felt))
			continue;
		for (size_t k = 0; !cap.check; k++)
			if (verdicts->findings[k].severity == cap.severity &&
			    !verdicts->findings[k].accepted)
				cap.check = verdicts->findings[k].check;
		score->grade = MIN(score->grade, cap.at_most);
		score->caps[score->cap_count++] = cap;
	}
}

void score_compute(struct arena *a, const struct verdicts *verdicts, struct score *ret)
{
	struct score score = { .is_incomplete = verdicts->is_incomplete };

	for (size_t i = 0; i < AREA_COUNT; i++) {
		score.areas[i].max = (int)area_points((enum area)i) * 100;
		score.areas[i].points = score.areas[i].max;
	}
	for (size_t i = 0; i < verdicts->result_count; i++) {
		const struct check_result *result = &verdicts->results[i];
		enum area area = area_of(str_of(result->check->id));

		if (area != AREA_NONE)
			area_count(&score.areas[area], verdicts, result);
		if (result->verdict != VERDICT_NOT_APPLICABLE)
			score.check_count++;
	}
	deductions_list(a, verdicts, &score);
	points_take(&score);
	value_compute(&score);
	caps_apply(verdicts, &score);
	*ret = score;
}
