/* SPDX-License-Identifier: Apache-2.0 */
/**
 * The inside of an evaluation, shared by evaluation.c (who waits for what), judge.c (what judges
 * call) and verdicts.c (what came out). Not for families.
 */
#ifndef DSS_CHECKS_SLOT_H
#define DSS_CHECKS_SLOT_H

#include "checks/evaluation.h"

struct waiter {
	struct job *job;
	struct waiter *next;
};

/** Something that could not be had, and which checks of the reading family that touches. */
struct gap {
	enum failure failure;
	const struct slot *slot; /**< what was asked; NULL: text says it */
	const char *text;
	uint64_t mask;
	struct gap *next;
};

/** A question or a derived fact and, once there, what it gave. */
struct slot {
	struct str key;
	uint64_t hash;
	bool is_there, is_read;
	uint64_t counted_in_run; /**< a question counts once a run against the job's budget */
	const struct fact *fact;
	/* Derived facts: */
	struct job *maker;
	const void *derived;
	struct gap *gaps;
	const void *cited;         /**< as struct judge has it */
	struct evidence *evidence; /**< what it was derived from; NULL: nothing */
	struct waiter *waiters;
	struct slot *next;
};

struct finding_link {
	struct finding finding;
	struct finding_link *next;
};

/** What the last run of a judge said of one check. */
struct outcome {
	bool has_passed;
	struct finding_link *findings, *findings_last;
	const struct gap *gap; /**< the first that touched it */
	bool is_incomplete;    /**< any that did would go away with more time */
};

/** What a job has read, the latest first to be left out; NULL: nothing. */
struct evidence *evidence_of_reads(const struct judge *j);
bool gap_leaves_incomplete(enum failure failure);
bool evaluation_selects(const struct evaluation *e, const struct check *check);
struct slot *evaluation_slot(struct evaluation *e, struct str key);
struct slot *evaluation_question_slot(struct evaluation *e, const struct question *question);
struct slot *evaluation_derived_slot(struct evaluation *e, enum derived derived, struct str subject,
				     unsigned depth);
void evaluation_wait(struct evaluation *e, struct job *job, struct slot *slot);

#endif
