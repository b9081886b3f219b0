/* SPDX-License-Identifier: Apache-2.0 */
/**
 * One of several processes leads: it holds a lease in the store, with a token that grows each time
 * the lease goes to another. What only the leader may do calls leader_check in its transaction: a
 * leader that was paused, and replaced meanwhile, changes nothing when it wakes up.
 *
 * Whether the lease of another is over is not told by clocks that may be set. It is over when it was
 * given back; when its holder's lock file is released (a process of this machine that died): at
 * once; or when its row stayed as it is for LEADER_LEASE_US by our own monotonic clock.
 */
#ifndef DSS_APP_LEADER_H
#define DSS_APP_LEADER_H

#include "base/uuid.h"
#include "store/lease.h"

enum { LEADER_LEASE_US = 15000000, LEADER_RENEW_US = 5000000 };

struct leader {
	struct store *store;
	struct str name;   /**< of the lease */
	struct str folder; /**< the data folder, for lock files; empty: there is none */
	struct uuid id;    /**< of this process; its lock (store/folder.h) is the caller's */
	int64_t token;     /**< 0: not the leader */
	int64_t renewed_us;
	struct lease_row seen; /**< another's lease, and since when it is as it is */
	int64_t seen_us;
};

/**
 * Renew the lease, or try to get it. Call it every second; it reads, and writes only where there is
 * something to write.
 * @monotonic_us  clock_monotonic_us()
 * 1: this process leads; 0: another does; else the store's code: then nobody leads here.
 */
int leader_hold(struct leader *leader, int64_t monotonic_us, struct err *err) MUST_USE;
/** In a write closure: 0, or -ESTALE: another leads by now. */
int leader_check(struct store_tx *tx, const struct leader *leader, struct err *err) MUST_USE;
/** Give the lease back. */
void leader_resign(struct leader *leader);

#endif
