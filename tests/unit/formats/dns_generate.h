/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Valid DNS responses from a seed, with records of every type of type.h, written octet by octet and
 * with no help of the code under test; and what may happen to them on the road.
 */
#ifndef DSS_TESTS_DNS_GENERATE_H
#define DSS_TESTS_DNS_GENERATE_H

#include "base/str.h"

struct generator {
	uint64_t state;
	struct buf *out;
	uint16_t names[128]; /**< offsets of names in out */
	unsigned name_count;
};

/** Append a response to out, which must be empty. The same seed gives the same octets. */
void dns_generate(struct buf *out, uint64_t seed);
/** Change a few octets, cut, insert or repeat some. */
void dns_mutate(struct buf *packet, uint64_t seed);

#endif
