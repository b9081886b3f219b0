/* SPDX-License-Identifier: Apache-2.0 */
/**
 * What we declare in the broker's vhost, all of it durable; each connection declares it anew, which
 * changes nothing where it is there.
 *
 *	dss.jobs   topic   scan.high|normal|bulk → dss.scan.high|normal|bulk
 *	                   retry.N.scan.…        → dss.retry.N
 *	dss.back   topic   #.scan.…              → dss.scan.…		what has waited long enough
 *	dss.dead   topic   #                     → dss.dead		what was given up
 *	dss.events topic   nothing of ours is bound: who wants events binds a queue (bus/exchange.h)
 *
 * Queues are quorum queues. Those of scans give up what the broker has delivered TOPOLOGY_DELIVERIES
 * times without an ack; that is a safety net above our own BUS_ATTEMPTS, for consumers that die before
 * they can count. dss.retry.N holds messages with a time limit of their own, at most its N seconds:
 * one may be late behind another in the same queue, never early. Dead-lettering is at-least-once,
 * which needs overflow reject-publish.
 *
 * Lengths, memory and placement are the operators' (a policy); a queue that is there with other
 * arguments than these is refused with PRECONDITION_FAILED.
 */
#ifndef DSS_BUS_RABBITMQ_TOPOLOGY_H
#define DSS_BUS_RABBITMQ_TOPOLOGY_H

#include "bus/bus.h"
#include "bus/rabbitmq/session.h"

enum { TOPOLOGY_DELIVERIES = 20, TOPOLOGY_RETRIES = 6 };

#define TOPOLOGY_JOBS STR_LIT("dss.jobs")
#define TOPOLOGY_DEAD STR_LIT("dss.dead")

/** Puts all declarations on the channel; returns how many answers they have. */
unsigned topology_put(struct session *session);
/** Ask how many messages each queue has and its dead letters; returns how many answers will come. */
unsigned topology_put_depths(struct session *session);
/** Is it an answer to one of them? */
bool topology_is_answer(amqp_method_number_t method);

/** The routing key of a queue: "scan.normal". */
const char *topology_key(enum bus_queue queue);
/** Through the queue of delayed messages for so long: "retry.4.scan.normal". */
const char *topology_delayed_key(enum bus_queue queue, unsigned delay_ms, char out[static 40]);
/** "dss.scan.normal" or a key that ends so; BUS_QUEUES: none of ours. */
enum bus_queue topology_queue(struct str name);

#endif
