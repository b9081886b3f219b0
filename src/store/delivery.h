/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Deliveries: one message to one receiver, and the proof of what became of it.
 *
 *	open ──window closes──▶ waiting ──take──▶ sending ──settle──▶ delivered, failed
 *	                           ▲                 │
 *	                           └──────retry──────┘   (also when its notifier died: by lease)
 *
 * A channel gets an event once (delivery_event's key), in a delivery of its own or in the window of a
 * digest. `sending` is committed before anything is sent; whatever is written about it afterwards names
 * its token. First attempts of one channel and domain go in the order of their making.
 */
#ifndef DSS_STORE_DELIVERY_H
#define DSS_STORE_DELIVERY_H

#include "base/uuid.h"
#include "store/event.h"
#include "store/store.h"

/* Stored numbers: append only. */
enum delivery_kind {
	DELIVERY_EVENT,
	DELIVERY_DIGEST,
	DELIVERY_TEST,
	DELIVERY_HEARTBEAT,
	DELIVERY_KINDS
};
enum delivery_state {
	DELIVERY_OPEN,    /**< the window of a digest: events still join */
	DELIVERY_WAITING, /**< for due_at */
	DELIVERY_SENDING,
	DELIVERY_DELIVERED,
	DELIVERY_FAILED,
	DELIVERY_STATES
};
/** By number; end with NULL. */
extern const char *const delivery_kind_words[], *const delivery_state_words[];

enum { DELIVERY_ALONE = -1 };
enum { DELIVERY_EVENTS = 500 /**< that one delivery tells of by name; more are counted */ };

/** What came of an attempt; texts are cut to what is worth keeping before they come here. */
struct attempt_outcome {
	int64_t status; /**< of HTTP or SMTP; 0: none */
	int64_t elapsed_us;
	struct str reply, error, transcript;
};

enum { DELIVERY_ATTEMPTS = 20 /**< of a delivery that are kept: the newest */ };

struct attempt_row {
	int64_t at;
	struct attempt_outcome outcome; /**< without transcript */
};

struct delivery_row {
	int64_t no;
	struct uuid id;
	int64_t workspace, channel;
	struct str channel_name; /**< joined, not stored here */
	struct str recipient;    /**< a domain's owner; empty: whom the channel names */
	enum delivery_kind kind;
	enum delivery_state state;
	int64_t domain;         /**< 0: of several, or none */
	struct str domain_name; /**< joined */
	int64_t events;         /**< that it tells of */
	int64_t created_at, due_at;
	int64_t attempt;  /**< the last one's number; 0: none yet */
	int64_t first_at; /**< when the first attempt had ended; 0: it has not */
	int64_t token;
	int64_t ended_at; /**< 0: it is not final */
	struct attempt_outcome last;
	struct attempt_row *attempts; /**< delivery_attempts(), where that was asked */
	size_t attempt_count;
};

/** Fills no, id, created_at. -EEXIST: its window is open already. */
int delivery_insert(struct store_tx *tx, struct delivery_row *row, struct err *err) MUST_USE;
/** The event goes with it. -EEXIST: the channel has it already. */
int delivery_add_event(struct store_tx *tx, int64_t channel, int64_t event, int64_t delivery,
		       struct err *err) MUST_USE;
/** Was the channel given the event? */
int delivery_has_event(struct store_tx *tx, int64_t channel, int64_t event, bool *ret,
		       struct err *err) MUST_USE;
/** So many more events in a window, which closes at due_at unless it closes before. domain: theirs, 0
 * when they are of several. -ENOENT: it is closed. */
int delivery_grow(struct store_tx *tx, int64_t no, int64_t count, int64_t due_at, int64_t domain,
		  struct err *err) MUST_USE;
/** The open window. -ENOENT. */
int delivery_window(struct store_tx *tx, int64_t channel, struct str recipient,
		    struct delivery_row *ret, struct err *err) MUST_USE;
/** -ENOENT: none, or of another workspace. */
int delivery_get(struct store_tx *tx, int64_t workspace, struct uuid id, struct delivery_row *ret,
		 struct err *err) MUST_USE;
int delivery_by_no(struct store_tx *tx, int64_t no, struct delivery_row *ret,
		   struct err *err) MUST_USE;
/** How many of a channel are not final and not in an open window. */
int delivery_pending(struct store_tx *tx, int64_t channel, int64_t *ret, struct err *err) MUST_USE;
/** The newest first; channel 0: of all; state -1: any. */
int delivery_list(struct store_tx *tx, int64_t workspace, int64_t channel, int state,
		  const struct page *page, struct delivery_row **ret, size_t *ret_count,
		  struct str *ret_next, struct err *err) MUST_USE;
/** What it tells of, in order: at most DELIVERY_EVENTS, those that are still kept. */
int delivery_events(struct store_tx *tx, int64_t no, struct event_row **ret, size_t *ret_count,
		    struct err *err) MUST_USE;
/** Attempts that did not end it, and what it had ended with before it was sent again; the oldest first. The one
 * that delivered it is delivery_row.last. */
int delivery_attempts(struct store_tx *tx, int64_t no, struct attempt_row **ret, size_t *ret_count,
		      struct err *err) MUST_USE;
/** When the next window closes, attempt is due, or lease ends; 0: never. */
int delivery_next_due(struct store_tx *tx, int64_t *ret, struct err *err) MUST_USE;

/* ---- on its way ---- */

/** Windows whose time is over wait to be sent. */
int delivery_close_windows(struct store_tx *tx, int64_t *ret_closed, struct err *err) MUST_USE;
/** Those whose notifier let its lease end wait again. */
int delivery_reclaim(struct store_tx *tx, int64_t *ret_count, struct err *err) MUST_USE;
/** What a notifier has is its own until then. */
int delivery_renew(struct store_tx *tx, struct uuid holder, int64_t lease_until,
		   struct err *err) MUST_USE;
/** The same as delivery_reclaim, of a notifier that is known to be dead. */
int delivery_reclaim_of(struct store_tx *tx, struct uuid holder, int64_t *ret_count,
			struct err *err) MUST_USE;
/** Who is sending? At most limit holders, each once. */
int delivery_holders(struct store_tx *tx, unsigned limit, struct uuid **ret, size_t *ret_count,
		     struct err *err) MUST_USE;
/** How many of a channel are being sent. */
int delivery_sending(struct store_tx *tx, int64_t channel, int64_t *ret, struct err *err) MUST_USE;
/** Those of a channel that may go now, at most `limit`, those due first in front. */
int delivery_ready(struct store_tx *tx, int64_t channel, unsigned limit, struct delivery_row **ret,
		   size_t *ret_count, struct err *err) MUST_USE;
/** It is this notifier's until then; raises attempt and token in *row. */
int delivery_take(struct store_tx *tx, struct delivery_row *row, struct uuid holder,
		  int64_t lease_until, struct err *err) MUST_USE;
/** What came of it: state is waiting (until due_at), delivered or failed. has_tried: the attempt counts.
 * -ESTALE: it is no longer this token's. */
int delivery_settle(struct store_tx *tx, int64_t no, int64_t token, enum delivery_state state,
		    int64_t due_at, bool has_tried, const struct attempt_outcome *outcome,
		    struct err *err) MUST_USE;
/** A final one waits again, as if it were new, with its id. -EALREADY: it is not final. */
int delivery_again(struct store_tx *tx, int64_t no, struct err *err) MUST_USE;
/** Of those that have waited since before: at most limit. */
int delivery_overdue(struct store_tx *tx, int64_t before, unsigned limit, struct delivery_row **ret,
		     size_t *ret_count, struct err *err) MUST_USE;
/** Waits no more: failed, with why. */
int delivery_give_up(struct store_tx *tx, int64_t no, struct str why, struct err *err) MUST_USE;
/** Final ones from before the time go, at most `limit`. */
int delivery_expire(struct store_tx *tx, int64_t before, unsigned limit, int64_t *ret_gone,
		    struct err *err) MUST_USE;

struct delivery_counts {
	int64_t by_state[DELIVERY_STATES];
};
/** Of those that are not final, all workspaces: for metrics. */
int delivery_count_open(struct store_tx *tx, struct delivery_counts *ret, struct err *err) MUST_USE;

/* ---- how far the events were read ---- */

/** 0: never. */
int reader_get(struct store_tx *tx, struct str name, int64_t *ret, struct err *err) MUST_USE;
int reader_set(struct store_tx *tx, struct str name, int64_t sequence, struct err *err) MUST_USE;

#endif
