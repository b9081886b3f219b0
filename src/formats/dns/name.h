/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Domain names (RFC 1035 section 3.1, RFC 4343). Inside DSS a name is its presentation form: lower
 * case, no trailing dot, the root is ".", and bytes that are not printable, dots inside a label and
 * backslashes are written \DDD, \. and \\ (RFC 1035 section 5.1). Two names are equal when their
 * bytes are. Whatever enters (packets, vectors, people) is brought into this form once.
 */
#ifndef DSS_FORMATS_DNS_NAME_H
#define DSS_FORMATS_DNS_NAME_H

#include "base/err.h"
#include "base/str.h"

enum {
	DNS_NAME_WIRE_BYTES = 255,
	DNS_NAME_TEXT_BYTES = 1024, /**< more than the longest text: 4 characters an octet */
	DNS_LABEL_BYTES = 63
};

/** Bring text (any case, with or without trailing dot, with escapes) into our form. err names the
 * offset. Octets that are not printable ASCII are refused unless escaped: international names come
 * as A-labels. */
int dns_name_parse(struct arena *a, struct str text, struct str *ret, struct err *err) MUST_USE;
/** Returns the length of the wire form (1 to 255), or ERR_SYNTAX, ERR_LIMIT. Case is lower. */
int dns_name_to_wire(struct str name, uint8_t out[static DNS_NAME_WIRE_BYTES]) MUST_USE;
/**
 * Read a name at *offset of packet, following compression pointers backwards only (RFC 1035 section
 * 4.1.4; at most 127 jumps). On success *offset is behind the name. The text is in the arena.
 */
int dns_name_from_wire(struct arena *a, struct str packet, size_t *offset,
		       struct str *ret) MUST_USE;
/**
 * The same name as uncompressed wire octets in lower case, for whoever copies names out of packets.
 * Pointers lead to offset floor or later. Returns the length; -ENODATA when the packet ends inside
 * the name before its first pointer, ERR_SYNTAX and ERR_LIMIT as above. *offset as above.
 */
int dns_name_expand(struct str packet, size_t floor, size_t *offset,
		    uint8_t out[static DNS_NAME_WIRE_BYTES]) MUST_USE;

/** Labels, not counting the root: "." has 0. */
unsigned dns_name_label_count(struct str name);
/** "b.example" of "a.b.example"; "." of "example"; no data for ".". */
struct str dns_name_parent(struct str name);
/** The leftmost label, escapes kept; empty for ".". */
struct str dns_name_first_label(struct str name);
/** The last count labels of name; all of it when it has fewer. */
struct str dns_name_last_labels(struct str name, unsigned count);
/** "label.name"; label may hold several labels. */
struct str dns_name_child(struct arena *a, struct str label, struct str name);
/** Is name the ancestor itself or below it? Whole labels. Every name is under ".". */
bool dns_name_is_under(struct str name, struct str ancestor);
/** DNSSEC canonical order (RFC 4034 section 6.1): label by label from the right. */
int dns_name_cmp(struct str a, struct str b);
/** Letters, digits and hyphens only, no label starts or ends with a hyphen (RFC 1123 section 2.1).
 */
bool dns_name_is_hostname(struct str name);
/** The name whose PTR describes address: "1.2.0.192.in-addr.arpa" (RFC 1035 section 3.5, RFC 3596
 * section 2.5). */
struct address;
struct str dns_name_reverse(struct arena *a, const struct address *address);

#endif
