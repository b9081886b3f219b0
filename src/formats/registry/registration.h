/* SPDX-License-Identifier: Apache-2.0 */
/**
 * What a registry says of a domain, name server, network or autonomous system: the same shape whether it
 * came by RDAP (RFC 9083) or WHOIS (RFC 3912), so that checks need not care. What it does not say is empty
 * or zero. Strings are bounded by REGISTRATION_TEXT_BYTES, lists by REGISTRATION_ITEMS.
 */
#ifndef DSS_FORMATS_REGISTRY_REGISTRATION_H
#define DSS_FORMATS_REGISTRY_REGISTRATION_H

#include "base/err.h"
#include "base/str.h"

enum { REGISTRATION_ITEMS = 32, REGISTRATION_TEXT_BYTES = 256 };

struct registration {
	bool is_found;     /**< false: the registry knows no such object */
	struct str object; /**< "example.com", "AS64500", "192.0.2.0 - 192.0.2.255" */
	struct str handle;
	struct str holder;  /**< registrant's organisation or name; of a network or AS: its name */
	struct str country; /**< two letters, of a network or AS */
	struct str registrar, registrar_id; /**< id: the number that IANA gave */
	struct str abuse_email, abuse_phone;
	int64_t created_us, changed_us, expires_us; /**< 0: the registry gives no date */
	struct str *status; /**< words of RFC 8056, lower case: "client transfer prohibited" */
	size_t status_count;
	struct str *name_servers; /**< in the form of formats/dns/name.h */
	size_t name_server_count;
	bool says_signed, is_signed; /**< whether it says so; whether there is a DS */
	struct str *ds;              /**< "12345 13 2 ab…": tag, algorithm, digest type, digest */
	size_t ds_count;
	struct str *redacted; /**< what is withheld, and said to be (RFC 9537) */
	size_t redacted_count;
	struct str referral; /**< the registrar's RDAP URL, or its WHOIS server */
};

bool registration_has_status(const struct registration *registration, const char *word);

/** Append to a list: trimmed, cut, none twice; nothing when the list is full or text is empty. */
void registration_add(struct arena *a, struct str **items, size_t *count, struct str text);
/** Set once: later texts do not count. */
void registration_set(struct arena *a, struct str *field, struct str text);
/** A status as written by anybody, "clientTransferProhibited https://icann.org/epp#…", as RFC 8056 has it. */
struct str registration_status(struct arena *a, struct str text);
/** "ns1.example.com. 192.0.2.1" and the like: the name, or empty. */
struct str registration_name_server(struct arena *a, struct str text);

/**
 * Dates of all shapes: "2024-01-31T10:00:00Z", "2024-01-31 10:00:00+03", "2024/01/31", "20240131",
 * "31.01.2024", "31-Jan-2024", "January 31, 2024", "Wed Jan 31 10:00:00 GMT 2024", "before Aug-1996". Of
 * two small numbers before a year the day comes first unless only the other reading is a date. 0 or
 * ERR_SYNTAX.
 */
int registry_date_parse(struct str text, int64_t *ret_utc_us) MUST_USE;

#endif
