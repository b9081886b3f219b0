/* SPDX-License-Identifier: Apache-2.0 */
/** Unpredictable numbers for identifiers on the wire: the kernel's generator, taken in bulk. */
#ifndef DSS_NET_RANDOM_H
#define DSS_NET_RANDOM_H

#include "base/str.h"

/** All zero is valid: the first call fills it. One per client; not shared between threads. */
struct random {
	size_t left;
	uint8_t pool[2048];
};

/** Fill out with len octets (at most the pool's size). Ends the process when the kernel has none:
 * guessable identifiers are no alternative. */
void random_bytes(struct random *random, void *out, size_t len);

#endif
