/* SPDX-License-Identifier: Apache-2.0 */
/** Questions to the DNS: through the resolver (dns), to one server (dns_at), a zone transfer
 * (axfr). */
#ifndef DSS_FACTS_DNS_H
#define DSS_FACTS_DNS_H

#include "formats/dns/message.h"

/**
 * What the world's resolvers see: asked of the validating resolver, CNAMEs followed. NOERROR and
 * NXDOMAIN are answers; SERVFAIL, REFUSED and others are theirs, and FAILURE_BOGUS when the
 * resolver answers with checking disabled only.
 */
struct dns_question {
	struct str name;
	uint16_t type;
};

/**
 * What one authoritative server says. Any well-formed response is an answer, whatever its rcode
 * (REFUSED is what a well-run server says to what it does not serve), except SERVFAIL: theirs, it
 * may pass.
 */
struct dns_at_question {
	struct address server;
	struct str name;
	uint16_t type;
	uint32_t flags; /**< enum dns_query_flag */
};

struct axfr_question {
	struct address server;
	struct str zone;
};

/** A zone transfer is judged, not kept: how far it went, and the first records as evidence. */
struct axfr_answer {
	uint16_t rcode;
	bool is_transferred;   /**< a second SOA, or at least one record besides the SOA, came */
	uint32_t record_count; /**< counted up to 10,000, then the connection is closed */
	struct dns_rr *rr;     /**< at most the first 5 */
	size_t count;
};

/** "tcp", "do" …: the word of one bit of enum dns_query_flag, or NULL. */
const char *dns_query_flag_word(unsigned bit);

extern const struct desc dns_question_desc, dns_at_question_desc, axfr_question_desc;
extern const struct desc axfr_answer_desc;

#endif
