/* SPDX-License-Identifier: Apache-2.0 */
/**
 * The child `dss-net scanner` as its parent sees it, be that a command or a worker that keeps it
 * alive for days: bodies in, bodies out (children/protocol.h), on the parent's loop. What it sends
 * is checked (children/inbox.h); a bad frame ends that scanner, and on_gone says why.
 */
#ifndef DSS_CHILDREN_SCANNER_H
#define DSS_CHILDREN_SCANNER_H

#include <uv.h>

#include "children/inbox.h"
#include "children/process.h"
#include "children/runner.h"

struct scanner_process;

/** Bodies are valid during the call. Members may be NULL. */
struct scanner_process_events {
	void (*on_ready)(void *data, const struct scanner_ready *ready);
	/** The last word on a scan or judgement; its facts and verdicts came before. */
	void (*on_result)(void *data, const struct scanner_result *result);
	void (*on_verdicts)(void *data, const struct scanner_verdicts *verdicts);
	void (*on_answers)(void *data, const struct scanner_answers *answers);
	void (*on_facts)(void *data, const struct scan_facts *facts, struct str body);
	void (*on_progress)(void *data, const struct scanner_progress *progress);
	void (*on_log)(void *data, const struct scanner_log *log);
	void (*on_drain)(void *data);
	/**
	 * It has left, and nothing comes after this. exit_code 0: its work is done; otherwise why is
	 * one line, and is_crash tells that it did not say so itself. What it had then:
	 * scanner_process_flights(). Close it, here or later.
	 */
	void (*on_gone)(void *data, int exit_code, bool is_crash, const char *why);
};

/**
 * @paces_fd  the map of paces, which it shares with others, if the configuration has one; otherwise
 *            ignored
 * @events    must outlive *ret
 */
int scanner_process_start(uv_loop_t *loop, const struct scanner_configuration *configuration,
			  int paces_fd, const struct scanner_process_events *events, void *data,
			  struct scanner_process **ret, struct err *err) MUST_USE;
/** Whom its runs go to, who must outlive it. Without one they end as RUN_MISSING. */
void scanner_process_join(struct scanner_process *process, struct runner *runner);
/** Kills it if it runs. No event after this. NULL is fine. */
void scanner_process_close(struct scanner_process *process);

/* Requests are queued. When the other side is gone, on_gone tells. */
void scanner_process_scan(struct scanner_process *process, const struct scanner_scan *scan);
void scanner_process_judge(struct scanner_process *process, const struct scanner_judge *judge);
/** @count  lines of it */
void scanner_process_ask(struct scanner_process *process, const struct scanner_ask *ask,
			 uint64_t count);
/** A scan is to end now: its result tells that it was cancelled, unless it came first. */
void scanner_process_cancel(struct scanner_process *process, uint64_t number);
/** No more requests. */
void scanner_process_finish(struct scanner_process *process);
bool scanner_process_is_full(const struct scanner_process *process);

/** Scans and judgements that it has: out, and not ended. Valid until the next call. */
const struct scanner_flight *scanner_process_flights(const struct scanner_process *process,
						     size_t *ret_count);
/** It cannot be believed, or does not move: end it; on_gone says so. why is of ours, one line. */
void scanner_process_blame(struct scanner_process *process, const char *why);
/** 0 after it has left. */
pid_t scanner_process_pid(const struct scanner_process *process);

#endif
