/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Child processes: fork and exec with nothing inherited that was not named.
 *
 * - The environment holds what is given and nothing else. Debug builds also pass ASAN_OPTIONS,
 *   UBSAN_OPTIONS, LSAN_OPTIONS, TSAN_OPTIONS and LD_PRELOAD (sanitizers, fault libraries).
 * - All descriptors are closed but the named ones; 0, 1 and 2 are /dev/null unless named.
 * - Signals are unblocked and have their default actions; the file mode mask is 077; stopped
 *   terminals do not matter, as the child may have a process group of its own.
 * - The child dies with its parent, kill -9 included (PR_SET_PDEATHSIG). The kernel ties this to
 *   the parent's *thread* that forked: start children from a thread that stays, the loop's. It is
 *   undone when the child changes its uid later, so change it here.
 *
 * Exit is noticed through a pidfd on the loop; no SIGCHLD handler, so several loops may have
 * children.
 */
#ifndef DSS_LOOP_CHILD_H
#define DSS_LOOP_CHILD_H

#include <sys/resource.h>
#include <sys/types.h>
#include <uv.h>

#include "base/err.h"
#include "base/str.h"

/** A descriptor of the parent and its number in the child. */
struct child_descriptor {
	int from, to; /**< to: below CHILD_DESCRIPTORS */
};

struct child_limit {
	int resource; /**< RLIMIT_… */
	rlim_t soft, hard;
};

enum { CHILD_DESCRIPTORS = 16 };

struct child_settings {
	const char *const *argv;        /**< ended by NULL; argv[0] is an absolute path */
	const char *const *environment; /**< NAME=VALUE, ended by NULL; NULL: empty */
	const struct child_descriptor *descriptors;
	size_t descriptor_count;
	const struct child_limit *limits;
	size_t limit_count;
	bool has_identity; /**< become uid and gid, with no other groups; needs root */
	uid_t uid;
	gid_t gid;
	bool has_own_group;    /**< own process group: a terminal's Ctrl-C does not reach it, and
				* child_stop reaches all of the group */
	const char *directory; /**< NULL: "/" */
};

enum { CHILD_STATUS_UNKNOWN = -1 };

/** How it ended; of waitpid(2). */
struct child_exit {
	int code;   /**< exit code, or CHILD_STATUS_UNKNOWN after a signal */
	int signal; /**< 0: it exited by itself */
};

struct child;

/**
 * Start it. Blocks until exec has succeeded or failed, about a millisecond.
 *
 * @on_exit  called once, on the loop, when it is gone and reaped; child_release may follow in it
 * 0; or -errno, err says which step failed ("exec /usr/sbin/x: No such file or directory").
 */
int child_start(uv_loop_t *loop, const struct child_settings *settings,
		void (*on_exit)(struct child *child, struct child_exit how, void *data), void *data,
		struct child **ret, struct err *err) MUST_USE;

/** 0 after it has exited. */
pid_t child_pid(const struct child *child);
/** Does nothing after it has exited: no other process that got its pid is ever hit. */
void child_signal(struct child *child, int signal);
/** SIGTERM now, SIGKILL when it is still there after grace_ms; on_exit tells. May be called again
 * with a shorter grace. */
void child_stop(struct child *child, unsigned grace_ms);
/**
 * Forget it: on_exit is not called any more. A child that runs is killed (SIGKILL) and reaped here.
 * NULL is fine.
 */
void child_release(struct child *child);

/**
 * Where is a program? Looks for name in the directories that hold Debian's programs and then in
 * $PATH's absolute directories; a name with a slash is taken as it is.
 * Returns false when none is executable.
 */
bool child_find_program(const char *name, char *ret_path, size_t size);

#endif
