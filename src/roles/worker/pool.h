/* SPDX-License-Identifier: Apache-2.0 */
/**
 * The scanners of a worker, one a core, kept alive for days: scans go in, ended scans come out. All on
 * one loop; callbacks come from the loop, but for what pool_put and pool_cancel say.
 *
 * When a scanner dies, or says what cannot be believed, or falls silent, or holds a scan far beyond its
 * deadline, it is replaced at once, and all scans that it had come under suspicion: each is tried again
 * alone, in a scanner of its own kind beside the others, which go on meanwhile. A scan of which a second
 * scanner dies is poison and ends as failed.
 *
 * A scanner that dies again and again without a result is started again after 0.1 s doubling to 30 s.
 * No byte of a scanned host is read here but through frames and descriptors.
 */
#ifndef DSS_ROLES_WORKER_POOL_H
#define DSS_ROLES_WORKER_POOL_H

#include <uv.h>

#include "children/scanner.h"
#include "facts/fact.h"

enum { POOL_DEATHS = 2 /**< of scanners, that make a scan poison */ };

struct pool;
struct pool_member;

/** A scan; storage is the caller's, from pool_put until on_end or pool_forget. */
struct pool_scan {
	/* Set before pool_put: */
	struct str domain;
	struct scanner_options options; /**< what it points to must last as long */
	struct str *before;             /**< facts of the scan before (children/protocol.h) */
	size_t before_count;
	unsigned deaths;    /**< of scanners that had it, on other workers too */
	void *context;      /**< the caller's */
	struct arena arena; /**< what comes of it lives here; the caller releases it */
	/* What came of it: */
	enum scan_state state;
	bool is_poison;
	struct str error;    /**< for people, when failed */
	struct str verdicts; /**< of done and incomplete: as they are stored (model/judgement.h) */
	struct judgement judgement; /**< the same, read */
	const struct fact **facts;  /**< in the order of a stored set (facts/volatile.h) */
	size_t fact_count;
	int64_t elapsed_us; /**< of scanning */
	/* The pool's: */
	uint64_t number;            /* 0: not in a pool */
	struct pool_member *member; /* NULL: it waits */
	bool is_cancelled;
	int64_t limit_us;
	struct pool_scan *next, **link;
};

struct pool_settings {
	uv_loop_t *loop;
	/** Resolvers, allowed networks, rate; the rest is the pool's. Must outlive it. */
	struct scanner_configuration scanner;
	unsigned scanners;     /**< processes */
	unsigned in_flight;    /**< scans at once of each */
	struct runner *runner; /**< of all its scanners' runs, must outlive it; or NULL */
	int paces_fd;          /**< their map of paces (net/paces.h), or -1 */
	unsigned silent_ms;    /**< without a word it counts as dead; 0: 20 s */
	unsigned slack_ms;     /**< beyond ten times its deadline a scan counts as stuck; 0: 30 s */
};

/** None may close the pool. */
struct pool_events {
	/** It has ended and is the caller's again; may put scans. */
	void (*on_end)(void *data, struct pool_scan *scan);
	/** A scanner died that had it, its deaths are counted already; on_end follows at once when they are
	 * POOL_DEATHS. */
	void (*on_death)(void *data, struct pool_scan *scan, const char *why);
	/** It runs for a while, and so far it is. May be NULL. */
	void (*on_progress)(void *data, struct pool_scan *scan,
			    const struct scan_progress *progress);
	/** There is room for more. */
	void (*on_room)(void *data);
	/** A scanner's own words, or what became of it. text may hold foreign bytes. */
	void (*on_log)(void *data, enum scanner_log_level level, struct str text);
};

int pool_open(const struct pool_settings *settings, const struct pool_events *events, void *data,
	      struct pool **ret, struct err *err) MUST_USE;
/** Kills the scanners; scans are dropped without a callback. NULL is fine. */
void pool_close(struct pool *pool);

/** Scan it, now or when there is room. */
void pool_put(struct pool *pool, struct pool_scan *scan);
/** End it as cancelled: from within when it still waits, soon otherwise. */
void pool_cancel(struct pool *pool, struct pool_scan *scan);
/** Drop it: no callback, and it is the caller's again. */
void pool_forget(struct pool *pool, struct pool_scan *scan);
/** Another resolver: scanners are replaced as their scans end. Views must last as long as the pool. */
void pool_set_resolvers(struct pool *pool, struct str *resolvers, size_t count);

/** Scans that it can have at once. */
size_t pool_capacity(const struct pool *pool);
/** Scans that it has, those that wait included. */
size_t pool_held(const struct pool *pool);
/** Scanners that are ready. */
size_t pool_ready(const struct pool *pool);
/** Process ids of its scanners, at most `size` of them; returns how many there are. */
size_t pool_pids(const struct pool *pool, pid_t *ret, size_t size);

#endif
