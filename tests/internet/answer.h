/* SPDX-License-Identifier: Apache-2.0 */
/**
 * From a query to the bytes of its answer. query_read() takes a packet apart; answer_build() finds
 * what the zones say (RFC 1034 section 4.3.2) and is slow; answer_find() keeps what was built, by
 * server, name, type and DO; respond() puts the pieces together with EDNS and the server's faults.
 */
#ifndef INTERNET_ANSWER_H
#define INTERNET_ANSWER_H

#include "fault.h"
#include "world.h"

enum { MESSAGE_BYTES = 65535, COOKIE_BYTES = 40 };

struct query {
	const struct server *server;
	const uint8_t *packet;
	size_t packet_length;
	uint8_t name[NAME_BYTES]; /* lower case */
	size_t name_length;
	uint16_t id, type, class, flags;
	uint8_t opcode;
	bool is_tcp, has_edns, is_do, wants_nsid, has_unknown_flag;
	unsigned unknown_option; /* its code; 0: none */
	uint8_t edns_version;
	uint16_t edns_size, edns_flags;
	uint8_t cookie[COOKIE_BYTES];
	uint8_t cookie_length;
};

/** The part of an answer that depends on the name asked only: flags, counts, and what follows the
 * question. */
struct answer {
	struct answer *next;
	uint64_t hash;
	uint16_t flags; /* AA and rcode */
	uint16_t count[3], short_additional;
	uint32_t length, short_length; /* with and without the optional additional records */
	uint16_t key_length;
	uint8_t bytes[]; /* key, body */
};

/** What happens to the response besides its bytes. */
struct delivery {
	long delay_ms;
	const char *source; /* address to send from instead, or NULL */
	long drip_ms;       /* TCP: one octet every so often; 0 off */
	bool is_closing, is_length_wrong;
};

/** 0: malformed beyond answering; 1: FORMERR; 2: can be answered. */
int query_read(const uint8_t *packet, size_t length, struct query *ret);

struct answer *answer_build(const struct query *query);
const struct answer *answer_find(const struct query *query);

/** Writes the response; 0 means that none is sent. Faults may change what the query asks for. */
size_t respond(struct query *query, uint8_t out[MESSAGE_BYTES + 1024], struct delivery *delivery);
/** Header, question, body and OPT; the rcode may have its extended bits. */
size_t respond_with(const struct query *query, uint16_t flags, uint16_t rcode, uint8_t *out);
/** Adds a record without compression and counts it in that section (1 to 3); returns the new length. */
size_t response_add(uint8_t *out, size_t length, int section, const uint8_t *owner, uint16_t type,
		    uint32_t ttl, const void *data, size_t data_length);
size_t response_add_opt(const struct query *query, uint8_t *out, size_t length, uint16_t rcode);

/* misbehave.c: true when the fault has settled the response (its length in *ret_length). */
bool misbehave_before(struct query *query, uint8_t *out, size_t *ret_length,
		      struct delivery *delivery);
size_t misbehave_after(const struct query *query, uint8_t *out, size_t length,
		       struct delivery *delivery);
extern const struct world *the_world; /* a server with open recursion looks elsewhere */

/** Sends the whole zone in one or more messages: calls send for each. */
void transfer(const struct query *query, const struct zone *zone,
	      void (*send)(void *context, const uint8_t *message, size_t length), void *context);
const struct zone *server_zone(const struct server *server, const uint8_t *lower_name);

/* journal.c: a line a query, for who counts them; without INTERNET_JOURNAL nothing */
void journal_open(void);
void journal_query(const struct query *query);

/* message.c */
struct message;
struct message *message_start(const uint8_t *question_name, size_t name_length);
void message_add(struct message *message, const uint8_t *owner, uint16_t type, uint32_t ttl,
		 const void *data, size_t length);
size_t message_length(const struct message *message);
const uint8_t *message_body(const struct message *message, size_t *ret_length);
bool message_is_full(const struct message *message);

#endif
