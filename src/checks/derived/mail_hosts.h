/* SPDX-License-Identifier: Apache-2.0 */
/** The hosts that take a domain's mail, with addresses (RFC 5321 section 5.1, RFC 7505). */
#ifndef DSS_CHECKS_DERIVED_MAIL_HOSTS_H
#define DSS_CHECKS_DERIVED_MAIL_HOSTS_H

#include "checks/derived.h"

enum { MAIL_HOSTS = 30, MAIL_HOST_ADDRESSES = 16 };

struct mail_host {
	struct str name;
	uint16_t preference;
	bool is_alias; /**< the resolver followed a CNAME (RFC 2181 section 10.3 forbids it) */
	bool has_failed; /**< an address lookup failed: addresses may be incomplete (a gap was noted) */
	struct address *addresses; /**< A before AAAA */
	size_t address_count;
};

struct mail_hosts {
	bool is_null_mx;         /**< a null MX is among the records */
	bool is_implicit;        /**< no MX: the domain's own addresses take the mail */
	struct mail_host *hosts; /**< in order of preference, then name; without a null MX */
	size_t count;
	const struct dns_answer *mx;
};

/** Does it take mail at all? */
static inline bool mail_hosts_take_mail(const struct mail_hosts *hosts)
{
	return !hosts->is_null_mx && hosts->count > 0;
}

#endif
