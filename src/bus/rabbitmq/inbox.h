/* SPDX-License-Identifier: Apache-2.0 */
/**
 * What a broker says, put together from its frames: methods, and messages of one method, one header and
 * any number of bodies (AMQP 0-9-1, section 4.2.6). Pure: bytes in, items out. Memory: the reader's
 * 64 KiB, two frames, and a body of at most INBOX_BODY_MOST.
 */
#ifndef DSS_BUS_RABBITMQ_INBOX_H
#define DSS_BUS_RABBITMQ_INBOX_H

#include "bus/rabbitmq/wire.h"

enum { INBOX_BODY_MOST = 256 << 10 /**< a longer body is read and dropped */ };

enum inbox_kind { INBOX_METHOD, INBOX_CONTENT, INBOX_HEARTBEAT };

/** Valid until the next call of inbox_next. */
struct inbox_item {
	enum inbox_kind kind;
	uint16_t channel;
	struct wire_method method;
	const amqp_basic_properties_t *properties; /**< of a content */
	struct str body;
	bool is_cut; /**< its body was too long, and is empty */
};

/** Begins and ends with inbox_init and inbox_release. */
struct inbox {
	struct wire_reader reader;
	struct arena a; /**< the frames of the content that is under way */
	amqp_pool_t pool;
	bool is_content, has_header;
	uint16_t channel;
	struct str method, header;
	uint64_t body_bytes, body_there;
	struct buf body;
};

void inbox_init(struct inbox *inbox);
void inbox_release(struct inbox *inbox);
/** A new stream. */
void inbox_reset(struct inbox *inbox);
/** 1: *ret is set; 0: more bytes are needed (inbox->reader); negative: the stream is lost. */
int inbox_next(struct inbox *inbox, struct inbox_item *ret, struct err *err) MUST_USE;

#endif
