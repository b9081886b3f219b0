/* SPDX-License-Identifier: Apache-2.0 */
/**
 * The sender: a process that brings messages to receivers over HTTP and SMTP, and can do nothing else. It is
 * told everything by frames (children/sender_protocol.h) on descriptor PROCESS_FD, enters its sandbox before
 * the first delivery, and leaves when its parent does. Secrets are in its memory only, which no core file and
 * no other process of its user can show (loop/sandbox.h).
 *
 * sender.c is the process and its frames; targets.c says whose turn it is; delivery.c what all deliveries
 * have in common: finding the receiver, its addresses one after the other, the transcript; one file a
 * transport: webhook.c, mail.c.
 */
#ifndef DSS_ROLES_SENDER_SENDER_H
#define DSS_ROLES_SENDER_SENDER_H

#include "children/sender_protocol.h"
#include "formats/web/url.h"
#include "loop/frames.h"
#include "net/http.h"
#include "net/resolve.h"
#include "net/transfer.h"

struct delivery;
struct target;

enum { SENDER_CONNECTIONS = 128 /**< at once, to all receivers */ };

struct sender {
	uv_loop_t loop;
	struct frames *channel;
	struct arena arena; /* what lives as long as the process */
	struct sender_configuration configuration;
	struct network *allowed;
	struct egress egress;
	struct trust *trust;
	struct resolve_files files;
	struct dns_client *dns;
	struct resolve resolve;
	struct transfers *transfers;
	struct http_client *http;
	char helo[256];
	struct delivery *deliveries; /* that have not ended, oldest first */
	size_t count, running;
	struct target *targets; /* targets.c */
	bool is_configured, is_finishing;
	bool is_over;  /* no frame counts any more */
	bool is_alone; /* dss is gone: nobody reads what is queued */
	int exit_code;
};

/** Runs until its work is done; returns the exit code of the process. */
int sender_main(void);

/** A body by its descriptor, as a frame to dss. */
void sender_send(struct sender *sender, enum sender_frame type, uint64_t number,
		 const struct desc *desc, const void *body);
/** A delivery has ended: when all have and FINISH has come, the process leaves. */
void sender_ended(struct sender *sender);

/** One way of sending. All of it is called by delivery.c. */
struct transport {
	/** Read what is its own of the request; sets host, address, port of the delivery. err: why not. */
	int (*read)(struct delivery *delivery, struct err *err);
	/** Begin with delivery->addresses[delivery->tried - 1]. ERR_DENIED; or another negative code. */
	int (*start)(struct delivery *delivery, uint32_t timeout_ms);
	void (*cancel)(struct delivery *delivery);
};
extern const struct transport webhook_transport, mail_transport;

struct delivery {
	struct sender *sender;
	struct delivery *next;
	const struct transport *transport;
	struct arena arena;
	struct sender_delivery request;
	struct web_url url;
	struct str host;        /* of the receiver */
	struct address address; /* set when that is one */
	uint16_t port;
	struct target *target;
	struct delivery *next_waiting;
	bool is_running;
	int64_t began_us;
	struct resolving *resolving;
	struct address addresses[RESOLVE_ADDRESSES];
	size_t address_count, tried, denied;
	void *exchange; /* of the transport */
	struct sender_delivered result;
	struct str transcript[SENDER_LINES];
};

/** A DELIVER frame came; a bad one is fatal. */
int delivery_take(struct sender *sender, const struct frame *frame) MUST_USE;
/** Begin: its turn has come. */
void delivery_start(struct delivery *delivery);
/** It could not be connected to: goes on with the next address, or ends it as failed. */
void delivery_next(struct delivery *delivery, const char *why);
/** result is complete but for number and times; tells dss and frees it. */
void delivery_end(struct delivery *delivery, enum sender_outcome outcome);
/** The same with the one line for people. */
void delivery_fail(struct delivery *delivery, enum sender_outcome outcome, const char *format, ...)
	PRINTF(3, 4);
/** A line of the transcript: foreign bytes, cut; those beyond SENDER_LINES are dropped. */
void delivery_note(struct delivery *delivery, const char *format, ...) PRINTF(2, 3);
/** Without a word to anybody: the process ends. */
void delivery_drop(struct delivery *delivery);

/** It waits for its turn at its host and port. */
void targets_add(struct delivery *delivery);
/** It has ended. */
void targets_remove(struct delivery *delivery);
/** Start those whose turn it is. */
void targets_turn(struct sender *sender);

#endif
