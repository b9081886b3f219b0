/* SPDX-License-Identifier: Apache-2.0 */
/** The name servers of a zone as its parent and as the zone itself name them, with their addresses. */
#ifndef DSS_CHECKS_DERIVED_NAME_SERVERS_H
#define DSS_CHECKS_DERIVED_NAME_SERVERS_H

#include "checks/derived/zone.h"

enum { NAME_SERVERS = 32, NAME_SERVER_ADDRESSES = 8 };

struct name_server {
	struct str name;
	bool is_in_parent, is_in_child;
	bool is_alias; /**< the resolver followed a CNAME for its addresses */
	bool has_failed; /**< an address lookup failed: addresses may be incomplete (a gap was noted) */
	struct address
		addresses[NAME_SERVER_ADDRESSES]; /**< as the resolver gives them, A before AAAA */
	size_t address_count;
	struct address glue[NAME_SERVER_ADDRESSES]; /**< as the parent's referral gives them */
	size_t glue_count;
};

struct name_servers {
	struct str zone, parent;
	bool has_referral; /**< one of the parent's servers was asked and answered */
	bool is_delegated; /**< it named servers for exactly this zone */
	const struct dns_answer *referral; /**< the parent's answer; NULL without has_referral */
	bool has_child;              /**< the zone's own NS set could be had through the resolver */
	struct name_server *servers; /**< both sets united, in order of name */
	size_t count;
};

#endif
