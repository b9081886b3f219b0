/* SPDX-License-Identifier: Apache-2.0 */
/**
 * AMQP 0-9-1 on a stream of bytes: frames (specification section 4.2) around librabbitmq's codec of
 * methods, properties and tables. Nothing here reads or writes a socket.
 *
 * What a broker sends is hostile until it was read: a frame is at most WIRE_FRAME_MAX bytes, which is
 * what we ask for in connection.tune-ok and enough for what comes before it; the reader's memory is
 * fixed. The codec walks nested tables by recursion: the size of a frame bounds it.
 */
#ifndef DSS_BUS_RABBITMQ_WIRE_H
#define DSS_BUS_RABBITMQ_WIRE_H

#include <amqp.h>
#include <amqp_framing.h>

#include "base/err.h"
#include "base/str.h"

enum {
	WIRE_FRAME_MAX = 16384, /**< with its 7 octets of header and its end octet */
	WIRE_FRAME_EXTRA = 8,
	WIRE_BUFFER = 4 * WIRE_FRAME_MAX
};

static inline amqp_bytes_t wire_bytes(struct str s)
{
	return (amqp_bytes_t){ .len = s.len, .bytes = (void *)s.data };
}
static inline struct str wire_str(amqp_bytes_t bytes)
{
	return str_bytes(bytes.bytes, bytes.len);
}

/* ---- writing ---- */

void wire_put_hello(struct buf *out);
/** @decoded  the method's struct; ERR_LIMIT: it does not fit into a frame, nothing is written */
int wire_put_method(struct buf *out, unsigned channel, amqp_method_number_t method, void *decoded,
		    struct err *err) MUST_USE;
/** The header and body frames that follow a basic.publish. */
int wire_put_content(struct buf *out, unsigned channel, amqp_basic_properties_t *properties,
		     struct str body, struct err *err) MUST_USE;
void wire_put_heartbeat(struct buf *out);

/* ---- reading ---- */

struct wire_frame {
	uint8_t type; /**< AMQP_FRAME_METHOD … */
	uint16_t channel;
	struct str payload; /**< valid until the next wire_space */
};

/** All zero is a valid start. */
struct wire_reader {
	char *data;
	size_t start, end;
};

void wire_reader_release(struct wire_reader *reader);
/** Where the next bytes of the stream go; at least one. */
char *wire_space(struct wire_reader *reader, size_t *ret_size) MUST_USE;
void wire_added(struct wire_reader *reader, size_t size);
/** 1: *ret is set; 0: more bytes are needed; ERR_SYNTAX, ERR_LIMIT: it is no frame, the stream is
 * lost. */
int wire_next(struct wire_reader *reader, struct wire_frame *ret, struct err *err) MUST_USE;

/** A method; what it points to lies in the payload and in the pool. ERR_SYNTAX. */
struct wire_method {
	amqp_method_number_t number;
	void *decoded;
};
int wire_method(struct str payload, amqp_pool_t *pool, struct wire_method *ret,
		struct err *err) MUST_USE;

struct wire_header {
	uint64_t body_bytes;
	const amqp_basic_properties_t *properties;
};
int wire_header(struct str payload, amqp_pool_t *pool, struct wire_header *ret,
		struct err *err) MUST_USE;

/* ---- tables ---- */

/** A member of a table by its name; NULL: none. */
const amqp_field_value_t *wire_find(const amqp_table_t *table, const char *name);
/** Any integer kind, within [0, most]; `otherwise` when it is missing or another. */
int64_t wire_find_number(const amqp_table_t *table, const char *name, int64_t most,
			 int64_t otherwise);
/** A text; empty when it is missing or another kind. */
struct str wire_find_text(const amqp_table_t *table, const char *name);

/** A member with a number, a text, a switch. */
amqp_table_entry_t entry_number(const char *name, int64_t value);
amqp_table_entry_t entry_text(const char *name, struct str value);
amqp_table_entry_t entry_switch(const char *name, bool value);

#endif
