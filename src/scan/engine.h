/* SPDX-License-Identifier: Apache-2.0 */
/**
 * The engine: runs many scans on one loop. For each scan it runs every judge, asks at once what they want
 * (each question once), and runs a judge again when all it waits for is in, or DEBOUNCE_US after its first
 * new answer and not before 20 times its last run's cost. There are no rounds: a slow host delays only what
 * depends on it.
 *
 * At the deadline open questions settle as ours, and each waiting judge runs once more. Time spent waiting
 * for pacing does not count, but a scan ends at the latest after PACED_DEADLINES times its deadline.
 */
#ifndef DSS_SCAN_ENGINE_H
#define DSS_SCAN_ENGINE_H

#include "ask/gate.h"
#include "checks/evaluation.h"
#include "loop/timers.h"

enum { DEBOUNCE_US = 50000, DEBOUNCE_COSTS = 20, PACED_DEADLINES = 10 };

struct engine;
struct scan;

struct scan_limits {
	uint32_t kinds;                  /**< 1 << kind: what the profile asks */
	bool is_fresh;                   /**< takes nothing that was asked before it began */
	int64_t deadline_us;             /**< after its start */
	uint32_t questions;              /**< backstop for a whole scan; 0: 2,000 */
	size_t memory_bytes;             /**< likewise, of judging and facts; 0: 16 MiB */
	const struct fact *const *given; /**< known without asking; they outlive the scan */
	size_t given_count;
};

/** What is left of a scan when it has ended; all of it goes when the callback returns. */
struct scan_outcome {
	const struct scan_request *request;
	const struct verdicts *verdicts;
	const struct fact *const *facts; /**< what judges read, in program order */
	size_t fact_count;
	int64_t elapsed_us;
	struct arena *arena; /**< for the callback's own needs */
};

typedef void scan_callback(void *context, const struct scan_outcome *outcome);

int engine_open(uv_loop_t *loop, struct timers *timers, struct gate *gate,
		struct engine **ret) MUST_USE;
/** Scans that run are dropped without a callback. Not from within one. */
void engine_close(struct engine *engine);

/** request outlives the scan. The callback is called once, from the loop; it may start scans. What is
 * returned names the scan until then. */
struct scan *engine_scan(struct engine *engine, const struct scan_request *request,
			 struct selection selection, const struct scan_limits *limits,
			 scan_callback *callback, void *context);
/** Drop it: its callback is not called. Not from within a callback. */
void engine_cancel(struct engine *engine, struct scan *scan);

/** How far a running scan is. */
struct engine_progress {
	size_t asked, answered; /**< questions; of what is answered some may be failures */
	size_t judged, checks;  /**< checks whose verdict stands, of all that take part */
	int64_t elapsed_us;
};
struct engine_progress engine_progress(const struct scan *scan);

size_t engine_running(const struct engine *engine);

#endif
