/* SPDX-License-Identifier: Apache-2.0 */
/**
 * The records of one section while a message is read: scratch memory of the message's size, then
 * sorted, without duplicates, then copied into arrays of exactly their number.
 */
#ifndef DSS_FORMATS_DNS_SECTION_H
#define DSS_FORMATS_DNS_SECTION_H

#include "formats/dns/rr.h"

enum { DNS_SECTION_FEW = 16 };

/** Not to be moved: rr and order point to few and few_order, or to the heap. */
struct dns_section {
	struct dns_rr *rr;
	struct dns_rr **order; /**< canonical order, kept of them */
	size_t count, kept, room;
	struct dns_rr few[DNS_SECTION_FEW];
	struct dns_rr *few_order[DNS_SECTION_FEW];
};

/** Leaves few as it is. */
void dns_section_init(struct dns_section *section);
/** Empty it, with room for count records; the caller has bounded count by the packet. */
void dns_section_make_room(struct dns_section *section, size_t count);
void dns_section_release(struct dns_section *section);
/** Owner, type, class, rdata (RFC 4034 section 6). Of equal records the lowest TTL is kept (RFC 2181
 * section 5.2). */
void dns_section_sort(struct dns_section *section);
/** NULL for none; contents undefined. count is that of a message. */
struct dns_rr *dns_rr_array(struct arena *a, size_t count) MUST_USE;
struct dns_rr *dns_section_copy(struct arena *a, const struct dns_section *section,
				size_t *ret_count) MUST_USE;

#endif
