/* SPDX-License-Identifier: Apache-2.0 */
/** The OPT record of a response (RFC 6891 section 6) and the options that we read. */
#ifndef DSS_FORMATS_DNS_EDNS_H
#define DSS_FORMATS_DNS_EDNS_H

#include "formats/dns/message.h"

enum dns_edns_option {
	DNS_OPTION_NSID = 3,
	DNS_OPTION_COOKIE = 10,
	DNS_OPTION_EDE = 15,
	DNS_OPTION_UNKNOWN = 65001
};

/** Views point into the OPT record's rdata. */
struct edns {
	uint8_t rcode_high, version;
	uint16_t size, flags;
	struct str cookie, nsid, ede_text;
	uint16_t ede_code_plus_one;
	bool echoes_option;
};

/**
 * ERR_SYNTAX: options that do not fill the rdata exactly, a cookie of a length that RFC 7873 section
 * 5.3 does not allow, or, where we sent one, a cookie that does not begin with ours: such a response
 * is not from whom we asked. Of several extended errors the first counts.
 */
int dns_edns_read(const struct dns_rr *opt, const struct dns_query *query,
		  struct edns *ret) MUST_USE;
/** Into the answer's fields, as views. */
void dns_edns_apply(const struct edns *edns, struct dns_answer *answer);

#endif
