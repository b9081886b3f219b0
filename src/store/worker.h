/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Workers that live. A worker that does not beat within its lease is lost: it may not go on under its
 * id, others may take its scans (store/scan.h, scan_take), and somebody removes its row.
 *
 * Whether a lease is over is not told by the clock of the rows, which may be set: a worker counts as
 * alive until somebody who watched it by a monotonic clock, or found its lock released, says
 * otherwise (worker_expire, worker_remove).
 */
#ifndef DSS_STORE_WORKER_H
#define DSS_STORE_WORKER_H

#include "base/uuid.h"
#include "store/store.h"

enum { WORKER_LEASE_US = 15000000, WORKER_BEAT_MS = 5000 };

struct worker_row {
	struct uuid id;
	struct str host;
	int64_t pid;
	int64_t started_at, lease_until; /**< filled by worker_register */
	int64_t capacity;                /**< scans in flight that it takes */
	int64_t running;
	bool is_draining;
};

/** -EEXIST: the id is there already. */
int worker_register(struct store_tx *tx, struct worker_row *row, struct err *err) MUST_USE;
/** Renews the lease, also one that the clock says is over: -ENOENT only when somebody gave the worker
 * up. */
int worker_beat(struct store_tx *tx, struct uuid id, int64_t running, bool is_draining,
		struct err *err) MUST_USE;
/** Its process is known to be dead: the lease is over now. No error when there is no such row. */
int worker_expire(struct store_tx *tx, struct uuid id, struct err *err) MUST_USE;
/** No error when there is no such row. */
int worker_remove(struct store_tx *tx, struct uuid id, struct err *err) MUST_USE;
/** All, lost ones too, in the order of their start. */
int worker_list(struct store_tx *tx, struct worker_row **ret, size_t *ret_count,
		struct err *err) MUST_USE;
int worker_lost(struct store_tx *tx, struct worker_row **ret, size_t *ret_count,
		struct err *err) MUST_USE;
/** Sum of the capacity of workers that do not drain and were not given up: whatever the clock says. */
int worker_capacity(struct store_tx *tx, int64_t *ret, struct err *err) MUST_USE;
/** sql_foresee of it. */
int worker_foresee_capacity(struct store_tx *tx, struct err *err) MUST_USE;
/** How many were not given up, those that drain included: they ask questions still. */
int worker_count(struct store_tx *tx, int64_t *ret, struct err *err) MUST_USE;

#endif
