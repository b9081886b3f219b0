/* SPDX-License-Identifier: Apache-2.0 */
/**
 * The role `dss worker`: takes scan requests from the bus, has its scanners scan them (roles/worker/
 * pool.h), stores what came of them, and only then acks. It holds credentials and reads no byte of a
 * scanned host but through frames.
 *
 * One loop; what the store does happens in threads of libuv, of each sort of work one at a time, so that
 * what ends meanwhile is stored together, in one commit.
 *
 * - Taking a scan gives it a fencing token: a message that comes twice finds it taken or ended and is
 *   acked without effect, and a worker that lost a scan writes nothing of it.
 * - While the store is down nothing more is taken, and what is held is held, to be stored when it is
 *   back.
 * - SIGTERM: no more is taken, what runs may end within DRAIN_MS, the rest goes back to the queue. A
 *   second one: it goes back now. The exit code is 0 either way.
 * - A worker that the others have given up as lost ends with code 5: it must not go on under its id.
 *   It looks after the others in the same way (app/lookout.h).
 */
#ifndef DSS_ROLES_WORKER_WORKER_H
#define DSS_ROLES_WORKER_WORKER_H

#include "base/log.h"
#include "bus/bus.h"
#include "children/protocol.h"
#include "net/unbound.h"
#include "settings/definitions.h"

enum {
	WORKER_IN_FLIGHT = 64, /**< scans at once of one scanner */
	WORKER_SCANNERS_MAX = 256,
	DRAIN_MS = 20000
};

struct worker_options {
	struct str store; /**< as in store/store.h */
	struct bus_address bus;
	/** Resolvers (none: an own Unbound), allowed networks, rate; options are those of scans that say
	 * nothing else: profile, time-out, selectors. */
	struct scanner_configuration scanner;
	const struct external *external;  /**< tools and APIs, with their keys */
	struct unbound_settings resolver; /**< of the own one */
	unsigned scanners;                /**< 0: one a core */
	unsigned in_flight;               /**< scans at once of one scanner; 0: WORKER_IN_FLIGHT */
	int ready_fd; /**< written to, once, when it is registered and asks the queue for work, which its
		       * scanners get as soon as their resolver answers; 0: nobody asks */
	const struct log *log;
};

/** Until it is told to end; returns the exit code. err is set when it is not 0. */
int worker_main(const struct worker_options *options, struct err *err);

#endif
