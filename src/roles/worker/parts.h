/* SPDX-License-Identifier: Apache-2.0 */
/** The inside of a worker: what it holds, and which file does what with it. */
#ifndef DSS_ROLES_WORKER_PARTS_H
#define DSS_ROLES_WORKER_PARTS_H

#include "app/lookout.h"
#include "app/scan.h"
#include "bus/bus.h"
#include "loop/timers.h"
#include "roles/worker/pool.h"
#include "roles/worker/worker.h"

struct worker;

/** Work in a thread: run there, over on the loop afterwards. One of a sort at a time. */
struct errand {
	uv_work_t work;
	struct worker *worker;
	bool is_busy;
	void (*run)(struct errand *errand);
	void (*over)(struct errand *errand);
	int code; /**< of run */
	struct err err;
};
void errand_start(struct errand *errand);

enum held_phase {
	HELD_TO_TAKE,  /**< waits for the next taking */
	HELD_TAKING,   /**< in the thread of taking.c */
	HELD_SCANNING, /**< in the pool */
	HELD_TO_END,   /**< waits for the next commit */
	HELD_ENDING    /**< in the thread of ending.c */
};

/** A message that was given to us, and its scan. */
struct held {
	struct worker *worker;
	uint64_t tag; /**< of the message; 0: others have it now */
	int attempt;
	enum held_phase phase;
	struct uuid id;
	char id_text[ID_TEXT_BYTES], trace_id[33];
	struct scan_row row;              /**< once taken; in scan.arena */
	struct check_policy policy;       /**< likewise: what holds for its domain */
	struct expectations expectations; /**< likewise */
	struct pool_scan scan;
	struct pool *pool;  /**< that has it; NULL: none yet */
	int64_t started_us; /**< UTC */
	bool wants_proof;   /**< of control; as app/scan.h has it */
	bool is_to_cancel;  /**< asked for while it was not in the pool yet */
	int take_code;      /**< what became of taking it */
	struct scan_outcome outcome;
	struct scan_stored stored;
	struct scan_progress progress; /**< the last that was heard; telling.c */
	bool has_progress;             /**< it is news */
	struct held *next, **link;     /* of all */
	struct held *next_queued;      /* of those in the same phase */
};

struct held_queue {
	struct held *first, **end;
	size_t count;
};
void held_put(struct held_queue *queue, struct held *held);
struct held *held_take(struct held_queue *queue);

enum { BATCH = 128 /**< scans that are taken, or stored, in one transaction at most */ };

struct batch {
	struct errand errand;
	struct held *held[BATCH];
	size_t count;
	struct arena arena;
};

enum { FRESH = 4 };

/** A resolver and a scanner for scans past all caches (fresh.c). */
struct fresh {
	struct worker *worker;
	struct unbound *unbound;
	struct pool *pool;
	char address[64];
	struct str resolver;
	struct held_queue waiting; /* for the resolver */
	size_t running;
	struct timer idle; /* all have ended: it may go, outside of their callbacks */
	bool is_used;
};

struct worker {
	const struct worker_options *options;
	struct uuid id;
	char id_text[ID_TEXT_BYTES];
	uv_loop_t loop;
	struct timers timers;
	struct signals *signals;
	struct store *store;
	struct app app;
	struct bus *bus;
	struct runner *runner; /* of all its scanners' runs; running.c */
	struct pool *pool;
	int paces_fd;
	struct paces *own_paces; /**< NULL: others on this machine share the map */
	int64_t machines;        /**< as far as known, that share the rates with it */
	struct unbound *unbound; /* resolver.c */
	bool is_resolver_gone;   /**< it died, and the next one is not ready */
	char resolver_address[64];
	struct str resolver_text;
	unsigned resolver_failures;
	struct timer resolver_timer;
	struct str *check_ids; /* of all checks of today, sorted; in arena */
	size_t check_count;
	struct arena arena; /* of the whole life */
	struct held *held;
	size_t held_count;
	struct held_queue to_take, to_freshen, to_end;
	struct fresh fresh[FRESH];
	struct batch taking, ending;
	struct errand beating, looking, parting;
	struct telling {
		struct errand errand;
		struct scan_telling scans[BATCH];
		size_t count;
	} telling;
	struct timer beat, look, tell, again, drain_over;
	uv_poll_t *wake; /* of the store: somebody may want a scan cancelled */
	int wake_fd;
	struct uuid *cancelled; /* what looking found; in look_arena */
	size_t cancelled_count;
	struct arena look_arena;
	struct lookout lookout;  /* after other workers; the looking errand's */
	int64_t wrote_us;        /* when the last beat was stored; monotonic */
	int64_t looked_wrote_us; /* the looking errand's copy */
	unsigned store_failures; /* in a row; 0: it is there */
	unsigned wanted;         /* messages that the bus was told to hold ready */
	bool is_draining, is_parting, is_over;
	int exit_code;
	struct err *err;
};

#define OF_TIMER(timer, member) ((struct worker *)((char *)(timer)-offsetof(struct worker, member)))

/* running.c */
void running_open(struct worker *worker);
/** The resolver is another one. */
void running_configure(struct worker *worker);

/* worker.c */
/** So far from now, for timers. */
int64_t worker_in_ms(int64_t ms);
extern const struct pool_events worker_pool_events;
/** How many workers with maps of their own live; a store_work. And the part of the rates that is ours. */
int worker_count_machines(struct store_tx *tx, void *context, struct err *err) MUST_USE;
void worker_divide(struct worker *worker);
struct log_ids worker_ids(const struct held *held);
/** The message is settled, or lost: forget it. */
void held_free(struct held *held);
/** The store did not do its work: hold on, and try again later. err says why. */
void worker_store_failed(struct worker *worker, const struct err *err);
void worker_store_works(struct worker *worker);
/** Is it the store that cannot, whatever is asked of it? */
bool is_store_trouble(int code);
/** Tell the bus how many messages are wanted now. */
void worker_consume(struct worker *worker);
void worker_end(struct worker *worker, int exit_code, const struct err *err);

/* taking.c: from the bus to the scanners */
void taking_init(struct worker *worker);
void taking_message(struct worker *worker, const struct bus_message *message);
void taking_go(struct worker *worker);

/* ending.c: from the scanners to the store, and the ack */
void ending_init(struct worker *worker);
void ending_put(struct held *held);
void ending_go(struct worker *worker);

/* vigil.c: signs of life, of others too, and scans that are to be cancelled */
int vigil_open(struct worker *worker, struct err *err) MUST_USE;
void vigil_close(struct worker *worker);

/* telling.c: how far scans are */
void telling_init(struct worker *worker);
void telling_heard(struct held *held, const struct scan_progress *progress);

/* drain.c: the end */
void drain_init(struct worker *worker);
void drain_signal(int number, void *data);
/** After something has ended: is a drain through? */
void drain_check(struct worker *worker);

/* outcome.c */
/** What is stored of an ended scan, in its arena. */
void outcome_make(struct held *held, int64_t now_us);
/** The same for a scan that ends without having been scanned, or whose result cannot be stored. */
void outcome_fail(struct held *held, enum scan_status status, int64_t now_us, struct str error);

/** All checks' ids, sorted. */
size_t outcome_known(struct arena *a, struct str **ret);

/* fresh.c: scans past all caches */
void fresh_put(struct held *held);
/** A scan of any pool has ended, or is forgotten. */
void fresh_ended(struct held *held);
/** It waits, and is to be scanned no more. */
void fresh_drop(struct held *held);
void fresh_go(struct worker *worker);
void fresh_close(struct worker *worker);

/* resolver.c */
/** "127.0.0.1:40001" */
void worker_resolver_text(const struct unbound *unbound, char out[static 64]);
int resolver_open(struct worker *worker, struct err *err) MUST_USE;
void resolver_close(struct worker *worker);

#endif
