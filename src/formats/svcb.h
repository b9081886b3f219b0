/* SPDX-License-Identifier: Apache-2.0 */
/**
 * SVCB and HTTPS records (RFC 9460): are the parameters well-formed and consistent, and what do
 * they say? Pure.
 */
#ifndef DSS_FORMATS_SVCB_H
#define DSS_FORMATS_SVCB_H

#include "formats/dns/rr.h"

enum svcb_key {
	SVCB_MANDATORY = 0,
	SVCB_ALPN = 1,
	SVCB_NO_DEFAULT_ALPN = 2,
	SVCB_PORT = 3,
	SVCB_IPV4HINT = 4,
	SVCB_ECH = 5,
	SVCB_IPV6HINT = 6,
	SVCB_DOHPATH = 7, /**< RFC 9461 */
	SVCB_OHTTP = 8    /**< RFC 9540 */
};

struct svcb_service {
	bool is_alias;           /**< priority 0 (section 2.4.2) */
	bool has_ignored_params; /**< an alias with parameters: recipients ignore them */
	struct str *alpn;        /**< protocol ids, without the default one */
	size_t alpn_count;
	bool has_no_default; /**< no-default-alpn */
	bool has_port;
	uint16_t port;
	struct address *hints; /**< ipv4hint, then ipv6hint */
	size_t hint_count;
	struct str ech;             /**< an ECHConfigList, octets; empty when absent */
	bool has_unknown_mandatory; /**< clients that do not know the key skip the record */
	uint16_t unknown_mandatory;
};

/** 0; -EBADMSG: not well-formed (sections 2.2, 7, 8); err names the key, also of a
 * record whose rdata did not parse. Clients then ignore the whole RRset (section 2.2). */
int svcb_read(struct arena *a, const struct dns_rr *rr, struct svcb_service *ret,
	      struct err *err) MUST_USE;
#endif
