/* SPDX-License-Identifier: Apache-2.0 */
/** Events, written in the transaction that made them true. CloudEvents fields are made on reading. */
#ifndef DSS_STORE_EVENT_H
#define DSS_STORE_EVENT_H

#include "base/uuid.h"
#include "store/store.h"

/* X(NAME, number, "noun.verb"). The numbers are stored: append only. */
#define EVENTS(X)                                                                                  \
	X(DOMAIN_CREATED, 1, "domain.created")                                                     \
	X(DOMAIN_UPDATED, 2, "domain.updated")                                                     \
	X(DOMAIN_DELETED, 3, "domain.deleted")                                                     \
	X(DOMAIN_UNREACHABLE, 4, "domain.unreachable")                                             \
	X(BATCH_CREATED, 10, "batch.created")                                                      \
	X(BATCH_COMPLETED, 11, "batch.completed")                                                  \
	X(SCAN_REQUESTED, 20, "scan.requested")                                                    \
	X(SCAN_STARTED, 21, "scan.started")                                                        \
	X(SCAN_COMPLETED, 22, "scan.completed")                                                    \
	X(SCAN_INCOMPLETE, 23, "scan.incomplete")                                                  \
	X(SCAN_FAILED, 24, "scan.failed")                                                          \
	X(SCAN_CANCELLED, 25, "scan.cancelled")                                                    \
	X(SCAN_PROGRESS, 26, "scan.progress")                                                      \
	X(FINDING_OPENED, 30, "finding.opened")                                                    \
	X(FINDING_FIXED, 31, "finding.fixed")                                                      \
	X(FINDING_REOPENED, 32, "finding.reopened")                                                \
	X(FINDING_ACCEPTED, 33, "finding.accepted")                                                \
	X(FINDING_FALSE_POSITIVE, 34, "finding.false_positive")                                    \
	X(FINDING_RETIRED, 35, "finding.retired")                                                  \
	X(ACCEPTANCE_EXPIRED, 36, "finding.acceptance_expired")                                    \
	X(GRADE_CHANGED, 40, "grade.changed")                                                      \
	X(RECORD_CHANGED, 41, "record.changed")                                                    \
	X(NAMESERVER_CHANGED, 42, "nameserver.changed")                                            \
	X(MX_CHANGED, 43, "mx.changed")                                                            \
	X(DNSSEC_BROKEN, 44, "dnssec.broken")                                                      \
	X(SIGNATURE_EXPIRING, 45, "dnssec.signature_expiring")                                     \
	X(TAKEOVER_SUSPECTED, 46, "takeover.suspected")                                            \
	X(SCHEDULE_FIRED, 50, "schedule.fired")                                                    \
	X(SCHEDULE_MISSED, 51, "schedule.missed")                                                  \
	X(WORKER_LOST, 60, "worker.lost")                                                          \
	X(DEAD_LETTERED, 61, "queue.dead_lettered")                                                \
	X(DELIVERY_FAILED, 70, "delivery.failed")                                                  \
	X(DELIVERY_DISABLED, 71, "delivery.disabled")                                              \
	X(REGISTRATION_EXPIRING, 80, "registration.expiring")                                      \
	X(REGISTRATION_EXPIRED, 81, "registration.expired")                                        \
	X(CERTIFICATE_EXPIRING, 82, "certificate.expiring")                                        \
	X(CERTIFICATE_EXPIRED, 83, "certificate.expired")                                          \
	X(REGISTRATION_CHANGED, 84, "registration.changed")                                        \
	X(LOCK_REMOVED, 85, "registration.lock_removed")

enum event_type {
#define EVENT_NUMBER(name, number, word) EVENT_##name = (number),
	EVENTS(EVENT_NUMBER)
#undef EVENT_NUMBER
};

struct event_row {
	int64_t sequence;
	struct uuid id;
	int64_t workspace;
	int type; /**< enum event_type */
	int64_t at;
	int64_t domain;  /**< 0: none */
	struct str name; /**< of the domain: joined, not stored here */
	struct uuid scan, object;
	int severity;     /**< enum severity, -1: none */
	struct str data;  /**< JSON object; empty: none */
	struct str trace; /**< W3C traceparent */
};

/** The id of an event is made of its sequence and time, and stored nowhere: a version 7 UUID. */
struct uuid event_id(int64_t sequence, int64_t at_us) MUST_USE;

/** Fills id, sequence, at. trace may be left out where scan is given: it is the scan's. */
int event_insert(struct store_tx *tx, struct event_row *row, struct err *err) MUST_USE;
/** One that something newer stands for goes. No error when it is not there. */
int event_drop(struct store_tx *tx, int64_t sequence, struct err *err) MUST_USE;
/** In order, after `sequence`; workspace 0: all. */
int event_after(struct store_tx *tx, int64_t workspace, int64_t sequence, unsigned limit,
		struct event_row **ret, size_t *ret_count, struct err *err) MUST_USE;
/** The sequence of the first event at or after a time, as far as they are kept; one after the newest when
 * there is none. */
int event_since(struct store_tx *tx, int64_t at_us, int64_t *ret, struct err *err) MUST_USE;
/** The oldest that is kept and the newest ever; 0 and 0 before the first. */
int event_bounds(struct store_tx *tx, int64_t *ret_first, int64_t *ret_last,
		 struct err *err) MUST_USE;
/** Those before the time go, at most `limit` of them, oldest first. */
int event_expire(struct store_tx *tx, int64_t before, unsigned limit, int64_t *ret_gone,
		 struct err *err) MUST_USE;
/** "noun.verb"; NULL: no such type. */
const char *event_word(int type);

#endif
