/* SPDX-License-Identifier: Apache-2.0 */
/**
 * What a scan found, as plain data: what a scanner's frame carries and the store keeps. Nothing in
 * it points into checks or facts: checks are named by id, facts by the keys of their questions. The
 * compact form is canonical (base/desc.h): equal findings give equal bytes, so that an unchanged
 * rescan has the bytes of the one before.
 *
 * What comes from a scanner is hostile until judgement_check (checks/judging.h) has read it; what a
 * store gives back may name checks that do not exist any more.
 */
#ifndef DSS_MODEL_JUDGEMENT_H
#define DSS_MODEL_JUDGEMENT_H

#include "base/desc.h"
#include "model/check.h"

/** One check of the scan's selection. */
struct judged_check {
	struct str id;
	uint8_t verdict;    /**< enum verdict */
	bool is_incomplete; /**< unknown because of a time-out, a budget or the deadline */
	/** Something that it reads could not be had, whatever the verdict: when it failed for one
	 * subject, the others are not known to be well. */
	bool has_gap;
	uint8_t failure;   /**< of unknown: enum failure of the first gap; 0: unknown by nature */
	struct str reason; /**< of unknown, for people */
};

/** Why a finding does not count (model/policy.h). */
struct judged_acceptance {
	struct str reason, owner;
	struct str by;    /**< a policy's name, or who decided */
	int64_t until_us; /**< 0: it has no end */
};

struct judged_finding {
	struct str check;
	uint8_t severity;     /**< enum severity */
	struct str subject;   /**< empty: the domain itself */
	struct str text;      /**< may hold foreign bytes: the sink encodes them */
	struct str *evidence; /**< question_key() of the facts that show it */
	size_t evidence_count;
	int64_t since_us; /**< since when it is so, as far as is known; 0: not told */
	bool is_accepted; /**< it leaves the totals */
	struct judged_acceptance acceptance;
	int64_t lapsed_us; /**< when an acceptance ended, and none holds; 0: none did */
};

struct judged_area {
	struct str area; /**< area_word() */
	bool applies, is_incomplete;
	uint32_t points, points_max; /**< hundredths */
	uint32_t passed, failed, unknown, not_applicable, accepted;
};

/** What one failed check took. */
struct judged_deduction {
	struct str check, area;
	uint8_t severity;              /**< of its worst finding */
	uint32_t points, points_asked; /**< hundredths; less than asked: the area had no more */
	uint32_t findings;
};

/** A limit of the grade, whatever the points. */
struct judged_cap {
	struct str at_most; /**< a grade */
	uint8_t severity;
	uint32_t findings;
	struct str check; /**< the first of them */
	bool is_felt;     /**< the points alone would give a better grade */
};

struct judged_score {
	struct str
		algorithm; /**< SCORE_ALGORITHM: the same verdicts give the same score for ever */
	bool has_score;    /**< at least one area applies */
	bool is_incomplete;
	uint32_t value;              /**< 0 to 100 */
	struct str grade;            /**< "A+" … "F"; "-": none */
	uint32_t points, points_max; /**< hundredths */
	struct judged_area *areas;
	size_t area_count;
	struct judged_deduction *deductions; /**< worst severity first */
	size_t deduction_count;
	struct judged_cap *caps; /**< strictest first */
	size_t cap_count;
};

struct judgement {
	struct judged_check *checks; /**< in the order of families and their checks */
	size_t check_count;
	struct judged_finding *findings; /**< in the order of checks */
	size_t finding_count;
	bool is_incomplete; /**< a time-out, a budget or the deadline left a check unknown */
	struct str *limits; /**< what the machine could not ask at all: "IPv6" */
	size_t limit_count;
	struct judged_score score;
};

/** Since when a check has failed, as far as stored scans tell. */
struct judged_since {
	struct str check;
	int64_t at_us;  /**< of the oldest scan in which it has failed ever since */
	uint64_t scans; /**< so many in a row, the last one among them */
	bool is_all;    /**< all that are stored */
	bool is_more;   /**< older ones were not looked at */
};

extern const struct desc judgement_desc, judged_since_desc;

void verdicts_encode(struct buf *out, const struct judgement *judgement);
/** Views point into bytes, which must outlive *ret. 0, or ERR_SYNTAX, ERR_LIMIT. */
int verdicts_decode(struct arena *a, struct str bytes, struct judgement *ret) MUST_USE;

/** The worst severity of the findings that count; -1: there is none. */
int judgement_worst(const struct judgement *judgement);

#endif
