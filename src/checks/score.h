/* SPDX-License-Identifier: Apache-2.0 */
/**
 * What verdicts are worth: points by area, every deduction, caps, one grade. Pure and in integers:
 * points are hundredths, and one rounding at the end makes the score of 0 to 100.
 *
 * An area applies when at least one of its checks passed or failed; the others leave the sum, and
 * the rest is scaled to 100. A failed check takes a share of its area's points once, by the
 * severity of its worst finding: critical all, high 40 %, medium 15 %, low 5 %, info nothing. What
 * an area no longer has cannot be taken: such a deduction is clipped and says so. For each area
 * that applies, max minus what its deductions took is its points, always.
 *
 * Findings that are accepted count for nothing; a check of which all are neither passed nor failed.
 * `unknown` takes nothing. Where a time-out, a budget or the deadline left a check unknown, its
 * area and the whole are marked incomplete.
 */
#ifndef DSS_CHECKS_SCORE_H
#define DSS_CHECKS_SCORE_H

#include "checks/evaluation.h"
#include "model/grade.h"

/** Stored with every score: the same verdicts and version give the same score for ever. */
#define SCORE_ALGORITHM "2026.1"

enum { AREA_COUNT = AREA_NONE };

struct area_score {
	bool applies;
	bool is_incomplete;
	int max, points; /**< hundredths; unscaled */
	/** Checks; accepted ones failed, and all that they found is accepted. */
	size_t passed, failed, unknown, not_applicable, accepted;
};

/** What one failed check took. */
struct deduction {
	const struct check *check;
	enum area area;                /**< AREA_NONE: takes no points, may cap */
	enum severity severity;        /**< of its worst finding */
	const struct finding *finding; /**< that finding */
	size_t finding_count;
	int asked; /**< hundredths: its share of the area */
	int taken; /**< what the area still had of it; less than asked: clipped */
};

/** A limit of the grade, whatever the points. */
struct grade_cap {
	enum grade at_most;
	enum severity severity; /**< of the findings that cause it */
	size_t finding_count;
	const struct check *check; /**< the first of them */
	bool is_felt;              /**< the points alone would give a better grade */
};

enum { GRADE_CAPS = 3 };

struct score {
	bool has_score; /**< at least one area applies */
	bool is_incomplete;
	unsigned value;   /**< 0 to 100 */
	int points, max;  /**< hundredths, over the areas that apply; value is their ratio */
	enum grade grade; /**< GRADE_NONE when there is no score */
	struct area_score areas[AREA_COUNT];
	struct deduction *deductions; /**< worst severity first, then in the order of the results */
	size_t deduction_count;
	struct grade_cap caps[GRADE_CAPS]; /**< strictest first */
	size_t cap_count;
	size_t check_count;                        /**< that settled as pass, fail or unknown */
	size_t by_severity[SEVERITY_CRITICAL + 1]; /**< findings that count */
	size_t accepted_count;                     /**< findings that do not */
};

/** ret points into verdicts, which must outlive it. */
void score_compute(struct arena *a, const struct verdicts *verdicts, struct score *ret);

#endif
