/* SPDX-License-Identifier: Apache-2.0 */
/**
 * The gate that every question passes: profile, consent, budget, cache with single flight, then the
 * asker of its kind. One gate serves all scans of a process.
 *
 * A question is asked once per freshness window, whoever wants it: later askers get the fact, or wait
 * for the same asking. Facts are shared and counted: a scan holds those that it read until it ends.
 * Failures of ours (END_OURS) are given to who asked, and never cached.
 *
 * What the asked party does wrong is confirmed by the asker before it is given out: asked again, at
 * least CONFIRM_US apart.
 */
#ifndef DSS_ASK_GATE_H
#define DSS_ASK_GATE_H

#include "ask/runs.h"
#include "facts/fact.h"
#include "net/dns_client.h"
#include "loop/timers.h"

enum { CONFIRM_US = 5000000, GATE_RESOLVERS = DNS_DESTINATIONS };

struct gate;
struct trust;
struct rdap_bootstrap;
struct definitions;
struct gate_scan;
struct entry;

struct gate_settings {
	uv_loop_t *loop;
	struct timers *timers;
	const struct egress *egress; /**< the resolvers are trusted in it already */
	struct dns_destination resolvers[GATE_RESOLVERS];
	size_t resolver_count;
	uint32_t rate;               /**< questions a second to one address; 0: 50 */
	struct paces *paces;         /**< shared with other scanners (net/paces.h); or NULL */
	int64_t fresh_us;            /**< how long a fact is given out again; 0: 300 s */
	size_t cache_bytes;          /**< of facts that no scan holds; 0: 32 MiB */
	bool lacks_ipv4, lacks_ipv6; /**< no route: questions to such addresses end as VANTAGE */
	uint32_t in_flight;          /**< questions under way at once; 0: 4,096 */
	int64_t confirm_us;          /**< between the askings of a confirmation; 0: CONFIRM_US */
	struct trust *trust;         /**< for HTTPS; NULL: questions over HTTP end as MISSING */
	const char *agent;           /**< who we say that we are; NULL: "dss" */
	struct gate_runs runs;       /**< start NULL: what needs a run ends as MISSING */
	const struct definitions *definitions; /**< of tools and APIs; NULL: there are none */
	const struct rdap_bootstrap *rdap; /**< where registries are asked; NULL: as compiled in */
};

/** What one scan may ask, and its account. Storage is the scan's. */
struct gate_scan {
	uint32_t kinds;  /**< 1 << kind: what the profile asks */
	bool is_active;  /**< consent to active questions */
	bool is_passing; /**< a stream of names: what only it asked is not kept for others */
	uint32_t questions_left;
	int64_t fresh_from_us;  /**< facts that were asked before are asked again; 0: any will do */
	int64_t paced_us;       /**< time spent waiting for pacing: not the scan's fault */
	int64_t paced_until_us; /* of the monotonic clock, so that overlaps count once */
	size_t held_bytes;      /**< of the facts that it was given */
	/** Called for each waiter whose question has ended: from the loop, or from within gate_ask when the
	 * asker could not even begin. */
	void (*on_fact)(struct gate_scan *scan, const struct fact *fact);
};

/** One scan's interest in one fact. */
struct gate_waiter {
	struct gate_scan *scan;
	struct entry *entry;
	struct gate_waiter *next, **link; /* in the entry's list while it waits */
	struct gate_waiter *next_of_scan;
};

int gate_open(const struct gate_settings *settings, struct gate **ret) MUST_USE;
/** What is under way is dropped. No scan may be waiting, or hold a fact. */
void gate_close(struct gate *gate);

/**
 * Ask. Returns the fact when it can be told at once; else NULL, and on_fact will hear of it.
 * waiter's storage is the scan's and lasts until gate_forget(waiter); it holds the fact.
 */
const struct fact *gate_ask(struct gate *gate, struct gate_scan *scan,
			    const struct question *question, struct gate_waiter *waiter);
/** Stop waiting, or give the fact back. */
void gate_forget(struct gate *gate, struct gate_waiter *waiter);

/** Is any resolver there at all? Storage is the caller's until on_probed, or gate_close. */
struct gate_probe {
	/** Called once, from the loop. FAILURE_NONE: one answers; FAILURE_RCODE: it answers REFUSED;
	 * FAILURE_REFUSED: nobody listens there; or another failure. */
	void (*on_probed)(struct gate_probe *probe, enum failure failure);
};
int gate_probe(struct gate *gate, struct gate_probe *probe) MUST_USE;

struct gate_counts {
	uint64_t questions; /**< wanted by scans */
	uint64_t asked;     /**< sent on to an asker */
	uint64_t shared;    /**< answered by the cache or by another's asking */
	uint64_t refused;   /**< ours */
	uint64_t answered, theirs;
	uint32_t running;
};
const struct gate_counts *gate_counts(const struct gate *gate);
const struct dns_client_counts *gate_dns_counts(const struct gate *gate);

#endif
