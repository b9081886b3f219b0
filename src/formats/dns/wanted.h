/* SPDX-License-Identifier: Apache-2.0 */
/**
 * A record that somebody wants to be there, as text: NAME TYPE [DATA]. NAME is "@" for the domain, a name
 * below it ("www"), or a whole name with its last dot; without DATA any record of the type will do. DATA is
 * as in a zone file, names in it absolute; of TXT it may be written without quotes. Pure.
 *
 *	@ TXT google-site-verification=abc
 *	www A 192.0.2.1
 *	_dmarc TXT
 */
#ifndef DSS_FORMATS_DNS_WANTED_H
#define DSS_FORMATS_DNS_WANTED_H

#include "base/err.h"
#include "formats/dns/rr.h"

struct wanted_record {
	struct str name;
	uint16_t type;
	bool has_data;
	struct dns_rr rr; /**< with has_data */
};

/** 0; ERR_SYNTAX: err says what is wrong. */
int wanted_record_parse(struct arena *a, struct str domain, struct str text,
			struct wanted_record *ret, struct err *err) MUST_USE;
/** Is this one of those? Of TXT the whole text counts, however it is cut into strings. */
bool wanted_record_is(const struct wanted_record *wanted, const struct dns_rr *rr);

#endif
