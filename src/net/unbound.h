/* SPDX-License-Identifier: Apache-2.0 */
/**
 * The private resolver: an `unbound` daemon of our own on a free loopback port, started by `dss`
 * before the scanners and shared by them. It validates (AD bit), caches for all, explains failures
 * (extended errors, RFC 8914), and never asks an address that the policy denies.
 *
 * Nothing of it is on disk: configuration, root hints and trust anchor are handed over as memory
 * files, so nothing is left behind whatever is killed, and files that only we may read work after
 * the daemon has lost its privileges. As root it runs as user "unbound", or as 65534 when there is
 * none. It dies with the process that started it, kill -9 included.
 *
 * It is ready when it answers a question that only this instance can know; typically 30–100 ms
 * after the start. A port that someone takes between choosing and binding is replaced by another.
 */
#ifndef DSS_NET_UNBOUND_H
#define DSS_NET_UNBOUND_H

#include <sys/types.h>
#include <uv.h>

#include "net/policy.h"

/** All zero is fine. Paths are read before unbound_start returns. */
struct unbound_settings {
	const char *program;      /**< NULL: where Debian has it, or in $PATH */
	const char *root_hints;   /**< zone file of name servers of the root; NULL: built in */
	const char *trust_anchor; /**< DS or DNSKEY records of the root; NULL: Debian's, else those
				      * built in (keys 20326 and 38696); "": do not validate */
	const struct policy *policy; /**< exceptions from the denied blocks; NULL: none */
	unsigned threads;            /**< 0: one per processor, at most 4 */
	size_t cache_bytes;          /**< of RRsets, messages and keys together; 0: 96 MiB */
};

struct unbound;

struct unbound_events {
	/** It answers from now on. */
	void (*on_ready)(struct unbound *unbound, void *data);
	/**
	 * It could not become ready, or is gone; called once, nothing after it. why is one line, its
	 * own last words if it had any. Close it, here or later.
	 */
	void (*on_gone)(struct unbound *unbound, const char *why, void *data);
};

/**
 * Start it; the loop does the rest. Blocks for about a millisecond (fork and exec).
 *
 * @events  members may be NULL; NULL: unbound_wait is all
 * 0; -ENOENT: not installed, or a file of the settings is missing; -errno.
 */
int unbound_start(uv_loop_t *loop, const struct unbound_settings *settings,
		  const struct unbound_events *events, void *data, struct unbound **ret,
		  struct err *err) MUST_USE;

/** Run the loop until it is ready or gone: for the beginning of a program. 0, -ETIMEDOUT, -EIO. */
int unbound_wait(struct unbound *unbound, int64_t deadline_us, struct err *err) MUST_USE;

/** Where it listens, UDP and TCP; final once it is ready. */
struct address unbound_address(const struct unbound *unbound, uint16_t *ret_port);
/** 0 when it does not run. */
pid_t unbound_pid(const struct unbound *unbound);

/** Kills it: it holds nothing but a cache. No event after this. NULL is fine. */
void unbound_close(struct unbound *unbound);

#endif
