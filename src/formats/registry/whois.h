/* SPDX-License-Identifier: Apache-2.0 */
/**
 * WHOIS replies (RFC 3912): text without a format. Read line by line: "Key: value", "[Key] value",
 * "key....: value", "Key   value" behind known keys, and values on indented lines below their key. Which
 * keys mean what is data (data/whois.tsv). Pure.
 */
#ifndef DSS_FORMATS_REGISTRY_WHOIS_H
#define DSS_FORMATS_REGISTRY_WHOIS_H

#include "formats/registry/registration.h"

enum { WHOIS_BYTES = 128 << 10 };

/** Read a reply about a domain. Octets that are not UTF-8 stay as they are. A reply without any known key
 * is ERR_SYNTAX; one that says that there is no such domain gives is_found false. */
int whois_read(struct arena *a, struct str text, struct registration *ret) MUST_USE;
/** The WHOIS server that a reply refers to ("whois:", "refer:", "Registrar WHOIS Server:"): a host name, or
 * empty. */
struct str whois_referral(struct arena *a, struct str text);
/** What is sent to a server that is asked about a name, without CR LF. */
struct str whois_query(struct arena *a, struct str server, struct str name);

#endif
