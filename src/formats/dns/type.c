/* SPDX-License-Identifier: Apache-2.0 */
/* What are the numbers of the DNS called? */
#include "formats/dns/type.h"

#include "base/err.h"

struct number_name {
	uint16_t number;
	struct str name;
};

static const struct number_name types[] = {
#define X(name, number) { number, STR_INIT(#name) },
	DNS_TYPES(X)
#undef X
};

/* IANA "DNS RCODEs"; 16 is BADVERS in answers and BADSIG only inside TSIG. */
static const struct number_name rcodes[] = {
	{ DNS_NOERROR, STR_INIT("NOERROR") },
	{ DNS_FORMERR, STR_INIT("FORMERR") },
	{ DNS_SERVFAIL, STR_INIT("SERVFAIL") },
	{ DNS_NXDOMAIN, STR_INIT("NXDOMAIN") },
	{ DNS_NOTIMP, STR_INIT("NOTIMP") },
	{ DNS_REFUSED, STR_INIT("REFUSED") },
	{ DNS_YXDOMAIN, STR_INIT("YXDOMAIN") },
	{ 7, STR_INIT("YXRRSET") },
	{ 8, STR_INIT("NXRRSET") },
	{ DNS_NOTAUTH, STR_INIT("NOTAUTH") },
	{ 10, STR_INIT("NOTZONE") },
	{ 11, STR_INIT("DSOTYPENI") },
	{ DNS_BADVERS, STR_INIT("BADVERS") },
	{ 17, STR_INIT("BADKEY") },
	{ 18, STR_INIT("BADTIME") },
	{ 19, STR_INIT("BADMODE") },
	{ 20, STR_INIT("BADNAME") },
	{ 21, STR_INIT("BADALG") },
	{ 22, STR_INIT("BADTRUNC") },
	{ DNS_BADCOOKIE, STR_INIT("BADCOOKIE") },
};

static struct str number_text(struct arena *a, const struct number_name *names, size_t count,
			      const char *prefix, uint16_t number)
{
	for (size_t i = 0; i < count; i++)
		if (names[i].number == number)
			return names[i].name;
	return str_printf(a, "%s%u", prefix, (unsigned)number);
}

static int number_parse(const struct number_name *names, size_t count, struct str prefix,
			struct str text, uint16_t *ret)
{
	uint64_t number;

	for (size_t i = 0; i < count; i++) {
		if (str_eq_nocase(names[i].name, text)) {
			*ret = names[i].number;
			return 0;
		}
	}
	if (!str_starts_nocase(text, prefix) ||
	    str_to_uint(str_from(text, prefix.len), UINT16_MAX, &number) < 0)
		return ERR_SYNTAX;
	*ret = (uint16_t)number;
	return 0;
}

struct str dns_type_text(struct arena *a, uint16_t type)
{
	return number_text(a, types, ARRAY_COUNT(types), "TYPE", type);
}

int dns_type_parse(struct str text, uint16_t *ret)
{
	return number_parse(types, ARRAY_COUNT(types), STR_LIT("TYPE"), text, ret);
}

struct str dns_rcode_text(struct arena *a, uint16_t rcode)
{
	return number_text(a, rcodes, ARRAY_COUNT(rcodes), "RCODE", rcode);
}

int dns_rcode_parse(struct str text, uint16_t *ret)
{
	return number_parse(rcodes, ARRAY_COUNT(rcodes), STR_LIT("RCODE"), text, ret);
}
