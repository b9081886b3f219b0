/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Block lists over DNS (RFC 5782): which there are (data/dnsbl.tsv), how they are asked, and what their answers
 * mean. Pure.
 */
#ifndef DSS_FORMATS_NAMES_DNSBL_H
#define DSS_FORMATS_NAMES_DNSBL_H

#include "base/address.h"

enum dnsbl_what { DNSBL_IPV4 = 1, DNSBL_IPV6 = 2, DNSBL_DOMAIN = 4 };

struct dnsbl {
	struct str zone;
	uint32_t what;               /**< enum dnsbl_what */
	struct str listed, unlisted; /**< test points (section 5), before the zone */
	struct str name;             /**< for people */
};

struct dnsbl_meaning {
	uint8_t severity; /**< 0 to 4, as enum severity */
	bool is_error;    /**< the question was refused: nothing is said about what was asked */
	struct str text;
};

const struct dnsbl *dnsbl_lists(size_t *ret_count);
/** What to ask about an address: its octets or nibbles in reverse, and the zone (sections 2.1, 2.4). */
struct str dnsbl_address_name(struct arena *a, const struct dnsbl *list,
			      const struct address *address);
/** "example.com" and the zone (section 3); "2.0.0.127" likewise. */
struct str dnsbl_name(struct arena *a, const struct dnsbl *list, struct str name);
/** Is it an answer of a block list at all? 127.0.0.0/8 (section 2.1). */
bool dnsbl_is_code(const struct address *answer);
/** What a code means; one that the list does not explain is "listed", high. */
struct dnsbl_meaning dnsbl_meaning_of(const struct dnsbl *list, const struct address *answer);

#endif
