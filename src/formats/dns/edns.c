/* SPDX-License-Identifier: Apache-2.0 */
/* What does the OPT record of a response say? */
#include "formats/dns/edns.h"

#include "formats/dns/octet.h"

enum { OPTION_BYTES = 4, COOKIE_BYTES = 8, SERVER_COOKIE_MIN = 8, SERVER_COOKIE_MAX = 32 };

static int cookie_read(struct str value, const struct dns_query *query, struct edns *ret)
{
	struct str server = str_from(value, COOKIE_BYTES);

	if (value.len < COOKIE_BYTES ||
	    (server.len && (server.len < SERVER_COOKIE_MIN || server.len > SERVER_COOKIE_MAX)))
		return ERR_SYNTAX;
	if (query->flags & DNS_QUERY_COOKIE &&
	    memcmp(value.data, query->cookie, sizeof query->cookie) != 0)
		return ERR_SYNTAX;
	ret->cookie = server;
	return 0;
}

static int extended_error_read(struct str value, struct edns *ret)
{
	if (value.len < 2)
		return ERR_SYNTAX;
	if (ret->ede_code_plus_one)
		return 0;
	/* code 65535 does not fit beside the 1 that says "there is one": it becomes 65534 */
	ret->ede_code_plus_one = (uint16_t)(MIN(octet_u16(value.data), UINT16_MAX - 1) + 1);
	ret->ede_text = str_from(value, 2);
	while (ret->ede_text.len && !ret->ede_text.data[ret->ede_text.len - 1])
		ret->ede_text.len--; /* RFC 8914 section 2: it may end in NUL */
	return 0;
}

static int option_read(unsigned code, struct str value, const struct dns_query *query,
		       struct edns *ret)
{
	switch (code) {
	case DNS_OPTION_NSID:
		ret->nsid = value;
		return 0;
	case DNS_OPTION_COOKIE:
		return cookie_read(value, query, ret);
	case DNS_OPTION_EDE:
		return extended_error_read(value, ret);
	case DNS_OPTION_UNKNOWN:
		ret->echoes_option = true;
		return 0;
	default:
		return 0;
	}
}

int dns_edns_read(const struct dns_rr *opt, const struct dns_query *query, struct edns *ret)
{
	struct edns edns = { .rcode_high = (uint8_t)(opt->ttl >> 24),
			     .version = (uint8_t)(opt->ttl >> 16),
			     .flags = (uint16_t)opt->ttl,
			     .size = opt->klass };
	struct str rest = opt->rdata;

	while (rest.len) {
		size_t len;

		if (rest.len < OPTION_BYTES)
			return ERR_SYNTAX;
		len = octet_u16(rest.data + 2);
		if (rest.len - OPTION_BYTES < len)
			return ERR_SYNTAX;
		TRY(option_read(octet_u16(rest.data), str_first(str_from(rest, OPTION_BYTES), len),
				query, &edns));
		rest = str_from(rest, OPTION_BYTES + len);
	}
	*ret = edns;
	return 0;
}

void dns_edns_apply(const struct edns *edns, struct dns_answer *answer)
{
	answer->has_edns = true;
	answer->rcode |= (uint16_t)(edns->rcode_high << 4);
	answer->edns_version = edns->version;
	answer->edns_size = edns->size;
	answer->edns_flags = edns->flags;
	answer->cookie = edns->cookie;
	answer->nsid = edns->nsid;
	answer->ede_code_plus_one = edns->ede_code_plus_one;
	answer->ede_text = edns->ede_text;
	answer->echoes_option = edns->echoes_option;
}
