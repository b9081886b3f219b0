/* SPDX-License-Identifier: Apache-2.0 */
/**
 * RDAP: where to ask (RFC 9224), how (RFC 9082), and what a reply says (RFC 9083, redaction RFC 9537). Pure.
 */
#ifndef DSS_FORMATS_REGISTRY_RDAP_H
#define DSS_FORMATS_REGISTRY_RDAP_H

#include "formats/registry/registration.h"

enum { RDAP_BYTES = 512 << 10 };

/** Read a reply's JSON. 0; ERR_SYNTAX, ERR_LIMIT: no JSON, or no object that RDAP knows; err says. */
int rdap_read(struct arena *a, struct str text, struct registration *ret, struct err *err) MUST_USE;

/** Where domains under which suffix are asked about: a file of RFC 9224 section 4. */
struct rdap_bootstrap {
	struct rdap_service {
		struct str suffix; /**< "com", "co.uk"; empty: all others */
		struct str base;   /**< URL with a slash at its end */
	} * services;              /**< sorted by suffix */
	size_t count;
};

/** Read a bootstrap file; of several URLs one with https wins. 0, ERR_SYNTAX or ERR_LIMIT with err. */
int rdap_bootstrap_read(struct arena *a, struct str text, struct rdap_bootstrap *ret,
			struct err *err) MUST_USE;

enum rdap_object { RDAP_DOMAIN, RDAP_NAMESERVER, RDAP_IP, RDAP_AUTNUM };

/** What kind of object a name is: an address, "AS64500", or a domain. */
enum rdap_object rdap_object_of(struct str name);
/**
 * The URL to ask. bootstrap: NULL for the list that is compiled in (data/rdap-bootstrap-dns.json); networks
 * and AS are asked of a registry that redirects to the one in charge (RDAP_REDIRECTOR). -ENOENT: no server
 * is known for this suffix.
 */
int rdap_url(struct arena *a, const struct rdap_bootstrap *bootstrap, enum rdap_object object,
	     struct str name, struct str *ret) MUST_USE;

#endif
