/* SPDX-License-Identifier: Apache-2.0 */
/** The child `dss-net scanner` as commands see it: bodies in, bodies out (roles/scanner/protocol.h). */
#ifndef DSS_CLI_SCANNER_PROCESS_H
#define DSS_CLI_SCANNER_PROCESS_H

#include <uv.h>

#include "roles/scanner/protocol.h"

struct scanner_process;

/** Bodies are valid during the call. Members may be NULL. */
struct scanner_process_events {
	void (*on_ready)(void *data, const struct scanner_ready *ready);
	void (*on_result)(void *data, const struct scanner_result *result);
	void (*on_answers)(void *data, const struct scanner_answers *answers);
	void (*on_facts)(void *data, const struct scan_facts *facts, struct str body);
	void (*on_progress)(void *data, const struct scanner_progress *progress);
	void (*on_log)(void *data, const struct scanner_log *log);
	void (*on_drain)(void *data);
	/**
	 * It has left, and nothing comes after this. exit_code 0: its work is done; otherwise why is
	 * one line, and is_crash tells that it did not say so itself. Close it, here or later.
	 */
	void (*on_gone)(void *data, int exit_code, bool is_crash, const char *why);
};

/** @events  must outlive *ret */
int scanner_process_start(uv_loop_t *loop, const struct scanner_configuration *configuration,
			  const struct scanner_process_events *events, void *data,
			  struct scanner_process **ret, struct err *err) MUST_USE;
/** Kills it if it runs. No event after this. NULL is fine. */
void scanner_process_close(struct scanner_process *process);

/** Queue a body. When the other side is gone, on_gone tells. */
void scanner_process_send(struct scanner_process *process, enum scanner_frame type, uint64_t number,
			  const struct desc *desc, const void *body);
/** No more requests. */
void scanner_process_finish(struct scanner_process *process);
bool scanner_process_is_full(const struct scanner_process *process);

/** Where is dss-net? Beside this program, or in ../lib/dss. The path is in the arena; NULL: nowhere. */
const char *scanner_program(struct arena *a);

#endif
