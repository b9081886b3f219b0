/* SPDX-License-Identifier: Apache-2.0 */
/**
 * How fast may an address be asked by all scanners of this machine together? A map in shared memory,
 * made before them, shared by all workers on one data folder (paces_share), and handed to each as a
 * descriptor: for each server and each network the
 * theoretical arrival time of its next question (generic cell rate algorithm), one number a bucket.
 *
 * No locks: buckets are taken with compare-and-swap, and a scanner that is killed amid it leaves
 * nothing undone. Its size is sealed. What a scanner that was taken over writes into it can at worst
 * hold an address back for PACES_FARTHEST_US, over which a time counts as nonsense.
 *
 * When the buckets that a key may use are all busy, it gets none here, and the caller's own counts.
 */
#ifndef DSS_NET_PACES_H
#define DSS_NET_PACES_H

#include "base/address.h"
#include "base/err.h"

enum {
	PACES_BUCKETS = 1 << 16,
	PACES_WAYS = 8,
	PACES_FARTHEST_US = 120000000,
	PACES_MACHINES = 1000 /**< more divide no further */
};

struct paces;

/** An empty map: its descriptor, to hand on. */
int paces_create(int *ret_fd, struct err *err) MUST_USE;
/**
 * The map that other processes of this user have, or an empty one. @file says which processes have it:
 * lines "PID DESCRIPTOR", read and written under its lock, by which one finds the map through /proc as
 * long as any of them lives. Nothing of it is on disk.
 */
int paces_share(const char *file, int *ret_fd, struct err *err) MUST_USE;
/** Map it; the descriptor stays the caller's. -EINVAL: it is no such map. */
int paces_open(int fd, struct paces **ret, struct err *err) MUST_USE;
void paces_close(struct paces *paces);

/**
 * How many machines share the rates, this one among them: each asks so much less often. Who made the map
 * says it as often as it knows better, the scanners read it with each question; 1 before it was said.
 */
void paces_divide(struct paces *paces, int64_t machines);
int64_t paces_divisor(const struct paces *paces);

/** Of a server, or (port 0) of a network, whose host part is zero. Never 0. */
uint64_t paces_key(const struct address *address, uint16_t port);
/**
 * One question more. interval_us apart on average, and the first `burst` at once.
 * Sets the time of the next arrival, which is before `now` + the wait + interval × burst; false: no
 * bucket is free.
 */
bool paces_take(struct paces *paces, uint64_t key, int64_t now_us, int64_t interval_us,
		int64_t *ret_arrival_us);

#endif
