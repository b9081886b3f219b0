/* SPDX-License-Identifier: Apache-2.0 */
/**
 * What a scanner may say now: its frames are read as hostile, for a process that was taken over by
 * a stranger's bytes writes them. Pure: frames in, bodies out. Checked are
 *
 * - sizes: of each type of frame, and of what stands in it;
 * - that a scan is one which the scanner has, that its facts and verdicts come once each and before
 *   its result, and that no more lines end than were asked;
 * - that a run has a number of its own and is within the limits of children/runner_protocol.h;
 * - that verdicts are what today's checks could have said (checks/judging.h); their score is
 *   computed here;
 * - that numbers that name something name what exists.
 *
 * Texts stay foreign bytes: whoever shows them encodes them. Facts stay encoded: fact_decode() is
 * hostile to them. After a bad frame the scanner is not to be believed any more: end it.
 */
#ifndef DSS_CHILDREN_INBOX_H
#define DSS_CHILDREN_INBOX_H

#include "children/protocol.h"
#include "children/runner_protocol.h"
#include "loop/frame.h"

enum {
	SCANNER_VERDICTS_BYTES = 4 << 20, /**< body of a VERDICTS frame */
	SCANNER_FACT_COUNT = 16384,       /**< of one scan */
	SCANNER_TEXT_BYTES = 1024         /**< errors, log lines, last words */
};

/** A scan or judgement that the scanner has. */
struct scanner_flight {
	uint64_t number;
	bool wants_verdicts; /**< the configuration's; who sends it may want them all the same */
	bool has_facts, has_verdicts, is_incomplete, is_cancelled;
};

/** All zero is a valid start. */
struct scanner_inbox {
	bool wants_verdicts, wants_facts; /**< of the configuration */
	bool is_ready;
	struct scanner_flight *flights; /**< in no order; on the heap */
	size_t count, cap;
	uint64_t lines;    /**< of ASK that have not ended */
	uint64_t last_run; /**< number of the last RUN */
};

struct scanner_body {
	enum scanner_frame type;
	union {
		struct scanner_ready ready;
		struct scanner_result result;
		struct scanner_verdicts verdicts;
		struct scanner_answers answers;
		struct scan_facts facts;
		struct scanner_progress progress;
		struct scanner_log log;
		struct scanner_fatal fatal;
		struct run_request run;
		struct run_number unrun;
	};
};

void scanner_inbox_release(struct scanner_inbox *inbox);
/** A scan or judgement went out. */
void scanner_inbox_expect(struct scanner_inbox *inbox, uint64_t number);
/** NULL: the scanner does not have it. Valid until the next call. */
struct scanner_flight *scanner_inbox_find(struct scanner_inbox *inbox, uint64_t number);

/**
 * Read a frame. Views point into it and into the arena.
 * 1: *ret is to be delivered; 0: of a type that only a newer scanner knows; otherwise a negative
 * code, and err says what was wrong with it, in words of ours only.
 */
int scanner_inbox_read(struct arena *a, struct scanner_inbox *inbox, const struct frame *frame,
		       struct scanner_body *ret, struct err *err) MUST_USE;

#endif
