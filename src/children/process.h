/* SPDX-License-Identifier: Apache-2.0 */
/**
 * A child `dss-net ROLE` as its parent holds it: it is started with one end of a stream of frames, gets
 * bodies, says frames, and leaves. What every role needs and no more; what a role says is its own file
 * (scanner.h, sender.h).
 *
 * What comes is hostile: events->on_frame reads it, and a negative code of it ends the child, which is not
 * believed any more. Gone is when both the process and its last frames are through.
 */
#ifndef DSS_CHILDREN_PROCESS_H
#define DSS_CHILDREN_PROCESS_H

#include <uv.h>

#include "base/desc.h"
#include "loop/frame.h"

enum { PROCESS_FD = 3 /**< the child's end of the stream; 2 is standard error */ };

struct process;

struct process_role {
	const char *name; /**< "scanner": of `dss-net scanner`, and for people */
	uint8_t version;  /**< of its frames */
};

struct process_events {
	/** May close the process, and then returns 0. A negative code with err: it is ended. */
	int (*on_frame)(void *data, const struct frame *frame, struct err *err);
	void (*on_drain)(void *data); /**< may be NULL */
	/**
	 * It has left, and nothing comes after this. exit_code 0: its work is done; otherwise why is one
	 * line, and is_crash tells that it did not say so itself. Close it, here or later.
	 */
	void (*on_gone)(void *data, int exit_code, bool is_crash, const char *why);
};

/**
 * @role, @events  must outlive *ret
 * @spare_fd  one more descriptor for it, at PROCESS_FD + 1; -1: none
 */
int process_start(uv_loop_t *loop, const struct process_role *role, int spare_fd,
		  const struct process_events *events, void *data, struct process **ret,
		  struct err *err) MUST_USE;
/** Kills it if it runs. No event after this. NULL is fine. */
void process_close(struct process *process);

/** Queue a frame; desc NULL: without a body. When the other side is gone, on_gone tells. */
void process_send(struct process *process, uint8_t type, uint64_t number, const struct desc *desc,
		  const void *body);
/** The same of a body that was encoded before. */
void process_send_body(struct process *process, uint8_t type, uint64_t number, struct str body);
/** Read no more frames for a while, so that its queue fills. */
void process_pause(struct process *process);
void process_resume(struct process *process);
/** It has been told that nothing more will come: from now on it may leave. */
void process_expect_end(struct process *process);
/** It said why it leaves. */
void process_note_fatal(struct process *process, int exit_code, struct str why);
/** It cannot be believed, or does not move: end it; on_gone says so. why is of ours, one line. */
void process_blame(struct process *process, const char *why);
bool process_is_full(const struct process *process);
/** 0 after it has left. */
pid_t process_pid(const struct process *process);

/** Where is dss-net? Beside this program, or in ../lib/dss. The path is in the arena; NULL: nowhere. */
const char *process_program(struct arena *a);

#endif
