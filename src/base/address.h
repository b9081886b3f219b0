/* SPDX-License-Identifier: Apache-2.0 */
/** IP addresses and networks as plain values: parsing, printing, membership. */
#ifndef DSS_BASE_ADDRESS_H
#define DSS_BASE_ADDRESS_H

#include "base/err.h"
#include "base/str.h"

#include <sys/socket.h>

enum address_family { ADDRESS_NONE = 0, ADDRESS_IPV4 = 4, ADDRESS_IPV6 = 6 };

/** Bytes in network order; IPv4 uses the first four and the others are zero, so that == by bytes is
 * equality. */
struct address {
	uint8_t family; /**< enum address_family */
	uint8_t bytes[16];
};

struct network {
	struct address base;
	uint8_t prefix; /**< bits */
};

enum { ADDRESS_TEXT_BYTES = 46 };

static inline bool address_is_set(const struct address *address)
{
	return address->family != ADDRESS_NONE;
}

bool address_eq(const struct address *a, const struct address *b);
/** Order by family, then bytes. */
int address_cmp(const struct address *a, const struct address *b);

struct address address_ipv4(const void *four_bytes);
struct address address_ipv6(const void *sixteen_bytes);

/** Strict: dotted quad of four decimals without leading zeros, or RFC 4291 section 2.2; no zone
 * index. */
int address_parse(struct str text, struct address *ret) MUST_USE;
/** ADDRESS, or ADDRESS/PREFIX; host bits must be zero. */
int network_parse(struct str text, struct network *ret, struct err *err) MUST_USE;
bool network_has(const struct network *network, const struct address *address);

/** Writes at most ADDRESS_TEXT_BYTES with the NUL (RFC 5952 form); returns out. */
const char *address_text(const struct address *address, char out[static ADDRESS_TEXT_BYTES]);
struct str address_str(struct arena *a, const struct address *address);

/** "192.0.2.1", "192.0.2.1:53", "[2001:db8::1]:53" or "2001:db8::1"; *ret_port keeps its value when
 * none is given. */
int address_port_parse(struct str text, struct address *ret, uint16_t *ret_port,
		       struct err *err) MUST_USE;

/** Returns the length of the socket address. */
socklen_t address_to_sockaddr(const struct address *address, uint16_t port,
			      struct sockaddr_storage *ret);
/** Family ADDRESS_NONE for anything but INET and INET6. */
struct address address_from_sockaddr(const struct sockaddr *sa, uint16_t *ret_port);

#endif
