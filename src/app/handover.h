/* SPDX-License-Identifier: Apache-2.0 */
/**
 * What a scheduler hands to a bus outside of the store, step by step: choosing, publishing (not in here),
 * and noting what the bus has confirmed. A scan is published when its row says so, and its row says so
 * after the confirm: who dies in between publishes twice, and the second message finds the scan taken.
 *
 * The table of jobs holds nothing then but dead letters, which the scheduler brings there from the
 * broker (handover_keep), and those that somebody revived, which go out again. So does what an
 * installation that had the embedded bus until now left in it.
 */
#ifndef DSS_APP_HANDOVER_H
#define DSS_APP_HANDOVER_H

#include "app/leader.h"
#include "app/relay.h"
#include "bus/bus.h"

enum { HANDOVER_LEASE_US = 60000000, HANDOVER_LOST_US = 900000000 };

/** A message to publish: of a scan, or a job that was revived. */
struct handing {
	struct uuid scan;  /**< nil: a job */
	int64_t no, token; /**< of the job */
	int queue;         /**< enum bus_queue */
	struct str body;
	int code; /**< what the bus said of it: 0, it is confirmed */
};

/** Up to RELAY_STEP messages, scans by fair turns; *relay moves on. In the arena. Cheap when there is
 * nothing to do. -ESTALE: another leads. */
int handover_choose(struct store *store, const struct leader *leader, struct relay *relay,
		    struct arena *a, struct handing **ret, size_t *ret_count,
		    struct err *err) MUST_USE;
/** Those with a code of 0 are published, or gone from the jobs; the others wait for another turn. */
int handover_note(struct store *store, const struct leader *leader, const struct handing *handings,
		  size_t count, struct err *err) MUST_USE;

/** Dead letters of the broker become rows of the store. */
int handover_keep(struct store *store, const struct leader *leader,
		  const struct bus_letter *letters, size_t count, struct err *err) MUST_USE;

/** Scans that were published HANDOVER_LOST_US ago and that nobody took since wait for the relay again:
 * a broker whose disk was lost, another vhost. */
int handover_again(struct store *store, const struct leader *leader, int64_t *ret_count,
		   struct err *err) MUST_USE;

#endif
