/* SPDX-License-Identifier: Apache-2.0 */
/**
 * The cage of one external program: it and all that it starts can read what programs are made of, write
 * into a directory of their own, compute, and nothing else. Layers, each of which holds alone:
 *
 * - namespaces, where user namespaces may be made: a process tree of its own, whose end takes all of it
 *   along; a /proc that shows only that; an empty /tmp; a count of processes of its own. Elsewhere it is
 *   `bare`: the caller must be a subreaper, and cage_end hunts down what is left; processes are limited to
 *   as many more than its user has at the start;
 * - Landlock: files below /usr, what of /etc programs need (never what holds secrets), devices without
 *   state, and what the settings add; no TCP port to listen on; no signal outside. Needed: without it
 *   nothing is started;
 * - seccomp: no mounts, namespaces, tracing, keys, BPF, io_uring, listening; sockets are Unix, TCP and UDP
 *   over IPv4 and IPv6 only, and each connect and addressed send waits for the word of whoever holds the
 *   listener (net/guard.h); with CAGE_NETWORK_NONE there are no sockets but Unix pairs;
 * - rlimits: address space and CPU time of each process, processes, descriptors, size of a file, no core;
 * - no capability, no right by a set-uid program, a session of its own, an empty environment but for PATH,
 *   HOME, TMPDIR, LANG, TERM and NO_COLOR, and no descriptor but 0 (/dev/null), 1 and 2.
 *
 * What it does not hold: bytes sent to an approved address, the kernel's own faults, CPU beside others.
 */
#ifndef DSS_LOOP_CAGE_H
#define DSS_LOOP_CAGE_H

#include <sys/types.h>

#include "base/err.h"
#include "base/str.h"

enum cage_network {
	CAGE_NETWORK_NONE,
	CAGE_NETWORK_GUARDED /**< by the holder of cage.listener */
};

enum { CAGE_ARGUMENTS = 64, CAGE_PATHS = 32, CAGE_TEMPORARY_BYTES = 64 << 20 };

struct cage_settings {
	const char *const *argv; /**< ended by NULL; argv[0] is an absolute path */
	enum cage_network network;
	uint64_t memory_bytes; /**< address space of each process */
	uint32_t processes;    /**< at once */
	uint32_t cpu_s;        /**< of each process */
	const char *const
		*reads; /**< more files and folders that it may read; ended by NULL, or NULL */
	const char *resolv_conf; /**< text of its /etc/resolv.conf; NULL: the system's */
	const char *file;        /**< made in its directory, for it to read; NULL: none */
	struct str file_text;
	const char *temporary; /**< bare only: its directory to write in */
	bool is_bare;          /**< without namespaces, though they could be made; for tests */
};

struct cage {
	pid_t pid;    /**< the program's parent, first process of the cage */
	int listener; /**< of seccomp: who serves it guards the network; -1: nothing to serve */
	int told;     /**< where cage_told reads; readable when the program has ended */
	bool is_bare;
};

/** How the program ended. */
struct cage_ending {
	int step_error; /**< 0: it was started; otherwise -errno of the step that failed */
	char step[24];  /**< "exec", "landlock", … */
	int code;       /**< exit status; -1 after a signal */
	int signal;
};

/**
 * Start it; its outputs are the caller's 1 and 2. One thread only; SIGCHLD stays as it is.
 * 0, and then cage_end must follow; -errno: nothing was started.
 */
int cage_start(const struct cage_settings *settings, struct cage *ret, struct err *err) MUST_USE;
/** False: it is still running, or was killed before it could tell. */
bool cage_told(const struct cage *cage, struct cage_ending *ret);
/** Kill what is left of it, reap it, and close its descriptors. */
void cage_end(struct cage *cage);

/** Can user namespaces be made here? Tries it. */
bool cage_has_namespaces(void);

#endif
