/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Between verdicts, which point into checks and facts, and a judgement, which is plain data
 * (model/judgement.h): made where it was judged, checked and scored where it is read.
 */
#ifndef DSS_CHECKS_JUDGING_H
#define DSS_CHECKS_JUDGING_H

#include "base/err.h"
#include "checks/score.h"
#include "model/judgement.h"

/** What no honest scanner exceeds. */
enum {
	JUDGEMENT_FINDINGS = 100,       /**< of one check */
	JUDGEMENT_SUBJECT_BYTES = 1100, /**< a domain name with all of its octets escaped */
	JUDGEMENT_TEXT_BYTES = 600,     /**< of a finding */
	JUDGEMENT_REASON_BYTES = 2048,
	JUDGEMENT_EVIDENCE = 16,         /**< facts of one finding */
	JUDGEMENT_EVIDENCE_BYTES = 1400, /**< of one question's key */
	JUDGEMENT_LIMITS = 8,
	JUDGEMENT_LIMIT_BYTES = 64
};

/** Without limits and score, which others fill. Texts are shared with the verdicts; the rest is in
 * the arena. */
void judgement_make(struct arena *a, const struct verdicts *verdicts, struct judgement *ret);

/**
 * Is this what today's checks could have said? Every check is known, each stands once, in the order
 * of families; a check has findings if and only if it failed; lengths and counts are as above.
 * 0; or ERR_SYNTAX, ERR_LIMIT, and err names what is wrong without repeating any of its bytes.
 */
int judgement_check(const struct judgement *judgement, struct err *err) MUST_USE;

/**
 * The way back, for reports of what is stored: checks that do not exist any more are left out with
 * their findings. Texts and facts are shared.
 * @facts  for evidence, in the order of their questions' keys; what is not there is not named
 */
void judgement_verdicts(struct arena *a, const struct judgement *judgement,
			const struct fact *facts, size_t fact_count, struct verdicts *ret);

/** Compute the score of a judgement that judgement_check has passed, whatever it held before. */
void judgement_score(struct arena *a, struct judgement *judgement);

#endif
