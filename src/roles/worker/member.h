/* SPDX-License-Identifier: Apache-2.0 */
/** The inside of a pool: one scanner of it (member.c), and what it tells the pool (pool.c). */
#ifndef DSS_ROLES_WORKER_MEMBER_H
#define DSS_ROLES_WORKER_MEMBER_H

#include "roles/worker/pool.h"

struct pool_member {
	struct pool *pool;
	struct scanner_process *process; /**< NULL: to be started at start_us */
	struct pool_scan *scans;         /**< that it has */
	size_t running;
	bool is_alone; /**< for one suspect at a time */
	bool is_ready;
	bool is_retiring;  /**< gets no more scans, and leaves when it has none */
	bool has_finished; /**< was told that no more will come */
	bool has_worked;   /**< a scan has ended in it */
	unsigned failures; /**< scanners before it, in a row, that died without a result */
	int64_t start_us, heard_us;
	struct pool_member *next, **link;
};

/** What all scanners of a pool have in common. */
void member_configure(struct scanner_configuration *configuration, unsigned in_flight,
		      bool has_paces);
struct pool_member *member_new(struct pool *pool, bool is_alone, unsigned failures);
/** Start its process, unless it has to wait because of its failures; one that cannot be started is tried
 * again later. */
void member_start(struct pool_member *member, uv_loop_t *loop,
		  const struct scanner_configuration *configuration, int paces_fd,
		  struct runner *runner);
/** No more scans; it leaves when those that it has are over. */
void member_retire(struct pool_member *member);
/** Kills its process; of its scans nothing is done. */
void member_free_storage(struct pool_member *member);

/* What it tells. */
void pool_member_ready(struct pool_member *member);
/** NULL: the pool has forgotten it. */
struct pool_scan *pool_scan_of(struct pool_member *member, uint64_t number);
void pool_scan_ended(struct pool_member *member, struct pool_scan *scan, enum scan_state state);
void pool_scan_progress(struct pool_member *member, struct pool_scan *scan,
			const struct scan_progress *progress);
void pool_member_log(struct pool_member *member, enum scanner_log_level level, struct str text);
/** why is empty when it left as it was told to. Frees it. */
void pool_member_gone(struct pool_member *member, const char *why);

#endif
