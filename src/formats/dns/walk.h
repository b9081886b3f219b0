/* SPDX-License-Identifier: Apache-2.0 */
/**
 * The records of a message one after the other, in the order in which they came (RFC 1035 section 4.1):
 * for whoever reads streams of messages, where dns_answer_read (message.h) would sort and keep. Hostile
 * bytes: nothing is believed that the packet does not hold. Pure, and without memory of its own.
 */
#ifndef DSS_FORMATS_DNS_WALK_H
#define DSS_FORMATS_DNS_WALK_H

#include "base/err.h"
#include "base/str.h"

enum dns_section {
	DNS_SECTION_QUESTION,
	DNS_SECTION_ANSWER,
	DNS_SECTION_AUTHORITY,
	DNS_SECTION_ADDITIONAL,
	DNS_SECTIONS
};

struct dns_walk {
	struct str packet;
	size_t at;
	uint16_t left[DNS_SECTIONS];
	unsigned section; /**< of the next record, once its own is not empty */
};

/** A record, or a question, which has neither TTL nor data. */
struct dns_walked {
	unsigned section;   /**< enum dns_section */
	size_t owner_start; /**< in the packet: what dns_name_from_wire takes */
	uint16_t type, class;
	uint32_t ttl;
	size_t data_start;
	uint16_t data_len;
};

/** 0; ERR_SYNTAX: it is shorter than a header. */
int dns_walk_begin(struct dns_walk *walk, struct str packet) MUST_USE;
/** 1: *ret is the next one; 0: that was the last, and nothing stands behind it; ERR_SYNTAX, ERR_LIMIT: the
 * message is broken. */
int dns_walk_next(struct dns_walk *walk, struct dns_walked *ret) MUST_USE;

#endif
