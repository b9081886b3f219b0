/* SPDX-License-Identifier: Apache-2.0 */
/**
 * The parts of the RabbitMQ backend and what they share: a connection that publishes (publisher.c), one
 * that consumes (consumer.c, held.c), and what is to be told to the bus's user, which is told from the
 * loop only (rabbitmq.c).
 */
#ifndef DSS_BUS_RABBITMQ_PARTS_H
#define DSS_BUS_RABBITMQ_PARTS_H

#include "bus/backend.h"
#include "bus/rabbitmq/credit.h"
#include "bus/rabbitmq/session.h"

enum {
	PUBLISH_WINDOW = 1024,   /**< messages without a confirm */
	PUBLISH_QUEUED = 20000,  /**< messages that wait for the window, or for the broker */
	PUBLISH_WAIT_MS = 10000, /**< how long they wait */
	DEAD_QUEUE = BUS_QUEUES, /**< the queue of dead letters among a consumer's */
	CONSUMERS_MOST = 24,     /**< AMQP consumers at a time */
	HOLD_MS = 1500000,       /**< the broker takes back what is held for 30 min */
	AHEAD_MS = 2000          /**< what waits here for a free place goes back after so long */
};

/* ---- what is published ---- */

struct letter {
	struct letter *next;
	enum bus_queue queue; /**< whose message it is */
	bool is_dead;         /**< to the dead letters */
	unsigned delay_ms;    /**< 0: at once */
	int attempts;         /**< deliveries that count so far */
	int64_t first_us;     /**< when it was published first */
	struct str body, reason;
	/* whom it serves: a publisher, or what is held and settled by it */
	void (*done)(void *context, int code);
	void *context;
	uint64_t tag; /**< of the delivery; 0: a publisher's */
	/* under way */
	int64_t deadline_us; /**< monotonic; of a publisher's */
	uint64_t number;     /**< its delivery tag, from 1 in each channel */
	bool is_returned;
};

struct publisher {
	struct session *session;
	struct session_events events;
	unsigned awaited; /**< answers about the topology */
	unsigned depths;  /**< answers about how many messages there are */
	bool is_ready;
	struct letter *first, **last; /**< that wait */
	size_t waiting;
	struct letter *sent[PUBLISH_WINDOW]; /**< by number % PUBLISH_WINDOW */
	uint64_t next_number, oldest_number;
};

/* ---- what is held ---- */

enum delivery_state {
	DELIVERY_FREE,
	DELIVERY_WAITING,  /**< came, and the user has no free place for it yet */
	DELIVERY_GIVEN,    /**< the user has it */
	DELIVERY_SETTLING, /**< a letter of it is under way */
	DELIVERY_RENEWING  /**< given, and a letter of it is under way: it was held for long */
};

struct delivery {
	enum delivery_state state;
	uint64_t tag;
	uint64_t broker_tag; /**< 0: the broker has it no more as this delivery */
	unsigned consumer;   /**< whose it is, by number */
	int queue;           /**< enum bus_queue, or DEAD_QUEUE */
	enum bus_queue from; /**< of a dead letter: where it died */
	int attempt;
	int64_t first_us, dead_us, since_us; /**< since_us: monotonic */
	struct str body, reason;
};

/** Deliveries by their tags, which are never used twice. All zero is empty. */
struct deliveries {
	struct delivery *row;
	size_t places, count;
	size_t *vacant;
	size_t vacant_count;
	uint64_t generation;
};

void deliveries_release(struct deliveries *deliveries);
/** Copies body and reason; its tag is set. */
struct delivery *deliveries_add(struct deliveries *deliveries, const struct delivery *delivery);
/** NULL: unknown. */
struct delivery *deliveries_find(struct deliveries *deliveries, uint64_t tag);
void deliveries_remove(struct deliveries *deliveries, struct delivery *delivery);

/** A consumer in AMQP's sense: its own prefetch on one queue. */
struct tap {
	unsigned number; /**< of its consumer tag; 0: a free row */
	int queue;
	unsigned prefetch, out;
	bool is_cancelled, is_gone; /**< cancelled by us; the broker has said so too */
};

struct consumer {
	struct session *session; /**< NULL: nothing is consumed */
	struct session_events events;
	unsigned awaited;
	bool is_ready;
	unsigned prefetch, letters; /**< as asked for: scans, dead letters */
	size_t given;               /**< scans that the user has */
	struct tap tap[CONSUMERS_MOST];
	unsigned last_tap;
	struct deliveries held;
	struct buf waiting[BUS_QUEUES + 1]; /**< tags, in the order of their coming */
	size_t waiting_at[BUS_QUEUES + 1];
	struct turns turns;
	int64_t used_us[BUS_QUEUES]; /**< when its limit was used up or changed; monotonic */
	unsigned planned;            /**< the prefetch that was shared out */
	unsigned letters_planned;
	unsigned limits_awaited; /**< answers to basic.qos */
	bool is_closing;
};

/* ---- what is told ---- */

enum { TOLD_TEXTS = 8, STATE_BYTES = 400 };

struct event {
	void (*done)(void *context, int code);
	void *context;
	int code;
	uint64_t lost; /**< a tag */
	char *state;   /**< memory_alloc'ed */
};

struct rabbit {
	struct bus bus;
	struct bus_handlers on;
	struct arena arena;
	struct broker_url url;
	struct link_tls *tls;
	struct session_settings settings;
	struct uuid id;
	const char *folder; /**< where id's lock is; NULL: there is none */
	int lock_fd;
	unsigned hold_ms;
	struct publisher publisher;
	struct consumer consumer;
	struct event *event;
	size_t event_count, event_room;
	uv_timer_t *soon, *later, *second;
	bool is_soon;
	unsigned seconds;
	bool is_closed;
	/* the state as it is, and what of it was told */
	char publisher_text[STATE_BYTES], consumer_text[STATE_BYTES], blocked_text[STATE_BYTES];
	uint64_t told[TOLD_TEXTS];
	size_t told_count;
	bool is_told;
};

/** Go on when the callbacks of this turn of the loop have said what they want. */
void rabbit_soon(struct rabbit *rabbit);
void rabbit_later(struct rabbit *rabbit, unsigned ms);
void rabbit_tell_done(struct rabbit *rabbit, void (*done)(void *context, int code), void *context,
		      int code);
void rabbit_tell_lost(struct rabbit *rabbit, uint64_t tag);
/** `which` is one of the three texts of rabbit. */
void rabbit_state(struct rabbit *rabbit, char which[static STATE_BYTES], struct str text);

/* ---- publisher.c ---- */

void publisher_open(struct rabbit *rabbit);
void publisher_close(struct rabbit *rabbit);
/** The letter's body and reason are copied. */
void publisher_put(struct rabbit *rabbit, const struct letter *letter);
/** What the window has room for goes out. */
void publisher_go(struct rabbit *rabbit);
/** Those that waited too long. */
void publisher_look(struct rabbit *rabbit);
/** How full the queues are, for who wants to know. */
void publisher_ask_depths(struct rabbit *rabbit);
bool publisher_is_idle(const struct publisher *publisher);

/* ---- consumer.c ---- */

void consumer_open(struct rabbit *rabbit);
void consumer_close(struct rabbit *rabbit);
/** Gives what waits as far as the user has room, and shares out what the broker may send. */
void consumer_go(struct rabbit *rabbit);
/** Once a second: what is held for long, what waits for long. */
void consumer_look(struct rabbit *rabbit);
void consumer_settle(struct rabbit *rabbit, uint64_t tag, enum bus_settling how, unsigned delay_ms,
		     struct str reason);
/** The letter of a delivery was confirmed. */
void consumer_settled(struct rabbit *rabbit, uint64_t tag);
/** Is there still something that this letter settles? */
bool consumer_needs(struct rabbit *rabbit, uint64_t tag);
/** Everything that the user or we hold goes back. */
void consumer_give_all_back(struct rabbit *rabbit);

/* ---- taps.c ---- */

/** One turn of sharing out. */
void taps_go(struct rabbit *rabbit);
void taps_cancel_all(struct rabbit *rabbit);
/** By the consumer tag that a broker named; NULL: none of ours. */
struct tap *tap_find(struct consumer *consumer, struct str consumer_tag);
struct tap *tap_numbered(struct consumer *consumer, unsigned number);
/** basic.qos: its answer says that the channel has done all that came before. */
void taps_limit(struct consumer *consumer, unsigned prefetch);

#endif
