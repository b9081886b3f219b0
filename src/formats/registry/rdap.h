/* SPDX-License-Identifier: Apache-2.0 */
/**
 * RDAP: where to ask (RFC 9224), how (RFC 9082), and what a reply says (RFC 9083, redaction RFC 9537). Pure.
 */
#ifndef DSS_FORMATS_REGISTRY_RDAP_H
#define DSS_FORMATS_REGISTRY_RDAP_H

#include "base/address.h"
#include "formats/registry/registration.h"

enum { RDAP_BYTES = 512 << 10 };

/** Read a reply's JSON. 0; ERR_SYNTAX, ERR_LIMIT: no JSON, or no object that RDAP knows; err says. */
int rdap_read(struct arena *a, struct str text, struct registration *ret, struct err *err) MUST_USE;

/** Who is asked about what: files of RFC 9224. */
struct rdap_bootstrap {
	struct rdap_service {
		struct str suffix; /**< "com", "co.uk"; empty: all others */
		struct str base;   /**< URL with a slash at its end */
	} * services;              /**< sorted by suffix (section 4) */
	size_t count;
	struct rdap_network {
		struct network network;
		struct str base;
	} * networks; /**< section 5.1, 5.2 */
	size_t network_count;
	struct rdap_numbers {
		uint32_t first, last;
		struct str base;
	} * numbers; /**< of autonomous systems: section 5.3 */
	size_t number_count;
};

/**
 * Read a bootstrap file into *ret, which is all zero or has what other files said: dns.json, ipv4.json,
 * ipv6.json and asn.json have one shape and tell themselves apart by their entries. Of several URLs one
 * with https wins. 0, ERR_SYNTAX or ERR_LIMIT with err.
 */
int rdap_bootstrap_read(struct arena *a, struct str text, struct rdap_bootstrap *ret,
			struct err *err) MUST_USE;

enum rdap_object { RDAP_DOMAIN, RDAP_NAMESERVER, RDAP_IP, RDAP_AUTNUM };

/** What kind of object a name is: an address, "AS64500", or a domain. */
enum rdap_object rdap_object_of(struct str name);
/**
 * The URL to ask. bootstrap: NULL, or without a kind of entries, for those that are compiled in
 * (data/rdap-bootstrap-*.json). Of suffixes the longest wins, of networks the smallest. -ENOENT: no server is
 * in charge of it.
 */
int rdap_url(struct arena *a, const struct rdap_bootstrap *bootstrap, enum rdap_object object,
	     struct str name, struct str *ret) MUST_USE;

#endif
