/* SPDX-License-Identifier: Apache-2.0 */
/** An answer of the DNS while its line of text is read (facts/text.h has the grammar): shared by the
 * files that read its options and its records. */
#ifndef DSS_FACTS_TEXT_DNS_H
#define DSS_FACTS_TEXT_DNS_H

#include "facts/text.h"

enum section {
	SECTION_ANSWER,
	SECTION_CHAIN,
	SECTION_OTHER,
	SECTION_AUTHORITY,
	SECTION_ADDITIONAL,
	SECTIONS
};

struct dns_text {
	struct fact_text *text;
	struct dns_answer answer;
	struct str name; /* of DATA: the question's, or where cname= leads */
	uint16_t type;   /* the question's */
	uint32_t flags;  /* of a dns_at question */
	uint64_t ttl;
	bool is_at, has_aa, has_rcode, has_option;
	struct dns_rr before; /* the record before this one in its section */
	struct buf sections[SECTIONS];
};

int dns_text_type(struct fact_text *text, uint16_t *ret) MUST_USE;
/** value as a number up to max; name is for the error. */
int dns_text_number(struct dns_text *r, struct str name, struct str value, uint64_t max,
		    uint64_t *ret) MUST_USE;
int dns_text_rcode(struct dns_text *r, struct str value) MUST_USE;
/** Take "from=ADDRESS" when it is next: 1, 0 or an error. */
int dns_text_from(struct fact_text *text, struct fact *fact) MUST_USE;
/** Take all options; behind a failure only those with a value. */
int dns_text_options(struct dns_text *r, struct fact *fact) MUST_USE;

void dns_text_put(struct dns_text *r, enum section section, const struct dns_rr *rr);
/** Take NAME [TTL] [CLASS] TYPE DATA, or, when it is not the first of its section, DATA. */
int dns_text_record(struct dns_text *r, enum section section, bool is_first) MUST_USE;
/** Take DATA and sections to the line's end. */
int dns_text_records(struct dns_text *r) MUST_USE;
/** The records of a section; sorted ones without duplicates. */
struct dns_rr *dns_text_section(struct buf *section, bool is_sorted, size_t *ret_count);

#endif
