/* SPDX-License-Identifier: Apache-2.0 */
/* Which record does somebody want to be there? */
#include "formats/dns/wanted.h"

#include "formats/dns/name.h"
#include "formats/dns/type.h"

static int name_read(struct arena *a, struct str domain, struct str word, struct str *ret,
		     struct err *err)
{
	if (str_eq(word, STR_LIT("@"))) {
		*ret = domain;
		return 0;
	}
	TRY(dns_name_parse(a, word, ret, err));
	if (!str_ends(word, STR_LIT(".")))
		*ret = dns_name_child(a, *ret, domain);
	return dns_name_parse(a, *ret, ret, err); /* it may have become too long */
}

/* Words of a text without quotes are one string. */
static struct str text_quoted(struct arena *a, struct str text)
{
	return str_find_char(text, '"') < 0 ? str_printf(a, "\"%.*s\"", STR(text)) : text;
}

int wanted_record_parse(struct arena *a, struct str domain, struct str text,
			struct wanted_record *ret, struct err *err)
{
	struct wanted_record wanted = { 0 };
	struct str rest = text, name, type;

	if (!str_word(&rest, &name) || !str_word(&rest, &type))
		return err_set(err, ERR_SYNTAX,
			       "a record is NAME TYPE [DATA], such as \"www A 192.0.2.1\"");
	if (dns_type_parse(type, &wanted.type) < 0)
		return err_set(err, ERR_SYNTAX, "\"%.*s\" is no type of record",
			       STR(str_first(type, 40)));
	TRY(name_read(a, domain, name, &wanted.name, err));
	rest = str_trim(rest);
	wanted.has_data = rest.len > 0;
	if (wanted.has_data) {
		if (wanted.type == DNS_TXT)
			rest = text_quoted(a, rest);
		wanted.rr.owner = wanted.name;
		wanted.rr.type = wanted.type;
		TRY(dns_rdata_parse(a, &rest, &wanted.rr, err));
		if (str_trim(rest).len)
			return err_set(err, ERR_SYNTAX, "\"%.*s\" after the record's data",
				       STR(str_first(str_trim(rest), 40)));
	}
	*ret = wanted;
	return 0;
}

bool wanted_record_is(const struct wanted_record *wanted, const struct dns_rr *rr)
{
	if (rr->type != wanted->type)
		return false;
	if (!wanted->has_data)
		return true;
	return wanted->type == DNS_TXT ? str_eq(wanted->rr.txt.text, rr->txt.text)
				       : str_eq(wanted->rr.rdata, rr->rdata);
}
