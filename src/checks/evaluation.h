/* SPDX-License-Identifier: Apache-2.0 */
/**
 * The pure half of a scan: which judges want which questions, and what they found once all is there.
 * No I/O, no clock: the engine (scan/) brings facts and decides when to run; the vector runner and
 * `dss judge` do the same from stored facts.
 *
 *	evaluation_init(&e, request, selection);
 *	while (!evaluation_is_done(&e)) {
 *		run each job that is ready:	evaluation_job_ready(), evaluation_run()
 *		ask each new question:		evaluation_next_question()
 *		add each fact that came:	evaluation_add()
 *	}
 *
 * A job is a family or one derived fact. It waits for slots: a slot is a question (or a derived fact)
 * and, once there, its fact. Jobs and slots are kept in the order in which they were made, which is
 * the judges' program order, so that a replay makes the same.
 */
#ifndef DSS_CHECKS_EVALUATION_H
#define DSS_CHECKS_EVALUATION_H

#include "checks/derived.h"
#include "checks/families.h"
#include "model/policy.h"

struct slot;
struct outcome;

struct finding {
	const struct check *check;
	enum severity severity;
	struct str subject;
	struct str text;
	const struct fact *evidence;        /**< that shows it; NULL: none */
	const struct fact *const *rests_on; /**< all that it rests on, that one first */
	size_t rests_on_count;
	const struct policy_rule *accepted; /**< it leaves the totals; NULL: it counts */
	const struct policy_rule *lapsed;   /**< accepted it once; NULL: none did */
};

struct check_result {
	const struct check *check;
	enum verdict verdict;
	bool is_incomplete;   /**< unknown because of a time-out, a budget or the deadline */
	bool has_gap;         /**< something that it reads could not be had, whatever the verdict */
	enum failure failure; /**< of unknown: the first gap's; FAILURE_NONE: unknown by nature */
	struct str reason;    /**< of unknown, for people */
};

/** One job's waiting state; the fields are for the engine to read. */
struct job {
	const struct family *family; /**< NULL: a derived fact */
	enum derived derived;
	struct slot *product; /**< the derived fact that it makes */
	size_t waiting;       /**< slots that are not there yet */
	size_t news;          /**< slots that came since its last run */
	unsigned depth;       /**< derived facts of derived facts */
	bool is_settled;
	int64_t last_cost_us;  /**< the engine's */
	int64_t first_news_us; /**< the engine's: when news became 1 */
	struct job *next;
	struct outcome *outcomes; /**< one a check of the family */
};

/** Which checks take part. A family none of whose checks is selected is not run. */
struct selection {
	bool (*has)(const void *context, const struct check *check); /**< NULL: all */
	const void *context;
};

struct evaluation {
	const struct scan_request *request;
	struct selection selection;
	struct arena slots_arena; /* slots, jobs: made during runs, kept */
	struct arena work;        /* what runs make: kept when the run settles its job */
	struct buf key;
	struct slot **table;
	size_t table_size, slot_count;
	struct slot *slots, *slots_last, *handed_out;
	struct question question; /* of handed_out */
	struct job *jobs, *jobs_last;
	size_t unsettled;
	uint64_t runs;
	bool is_closed, is_cutting;
	enum failure close_reason;
};

void evaluation_init(struct evaluation *e, const struct scan_request *request,
		     struct selection selection);
void evaluation_release(struct evaluation *e);
/** Derive it, and so ask for what it reads, whether or not a judge wants it. */
void evaluation_derive(struct evaluation *e, enum derived derived, struct str subject);

/** The next question that nobody asked yet, each once, in program order; NULL: none now. It is valid
 * until the next call; what it views, until the evaluation is released. */
const struct question *evaluation_next_question(struct evaluation *e);
/**
 * A fact has come. It must outlive the evaluation. A second fact for one question is ignored: the
 * scan keeps what it read first. One that nobody asked for is kept for who asks later. Returns
 * whether it was taken.
 */
bool evaluation_add(struct evaluation *e, const struct fact *fact);
/** Run one job now. It settles if nothing that it read was missing. */
void evaluation_run(struct evaluation *e, struct job *job);
/** First job; walk with ->next. New jobs (derived facts) are appended while others run. */
struct job *evaluation_jobs(const struct evaluation *e);
/** Not settled, and not waiting for anything. */
bool evaluation_job_ready(const struct job *job);
bool evaluation_is_done(const struct evaluation *e);
/** How many checks take part, and of how many the verdict stands. */
void evaluation_progress(const struct evaluation *e, size_t *ret_judged, size_t *ret_checks);
/** From now on whatever is missing is a gap of this (ours) reason; each waiting job may run once
 * more. */
void evaluation_close(struct evaluation *e, enum failure reason);
/** Run what is ready until nothing is: for callers without a clock. */
void evaluation_settle(struct evaluation *e);

/** Facts that some job read, in program order of asking. */
size_t evaluation_facts(const struct evaluation *e, struct arena *a, const struct fact ***ret);

/** Once done: one result per selected check, and all findings, in order of families and checks. */
struct verdicts {
	struct check_result *results;
	size_t result_count;
	struct finding *findings;
	size_t finding_count;
	bool is_incomplete; /**< a time-out, a budget or the deadline left a check unknown */
};
void evaluation_verdicts(const struct evaluation *e, struct arena *a, struct verdicts *ret);
/** Severities and acceptances of a policy, at the time of the scan. What it switches off is for the
 * selection to leave out. The policy must outlive the verdicts. */
void verdicts_apply_policy(struct verdicts *verdicts, const struct check_policy *policy,
			   const struct scan_request *request);

#endif
