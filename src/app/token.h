/* SPDX-License-Identifier: Apache-2.0 */
/** Random texts that are secrets, and what is stored of them. */
#ifndef DSS_APP_TOKEN_H
#define DSS_APP_TOKEN_H

#include "base/str.h"

enum {
	TOKEN_CHARS = 43, /**< of 0-9 A-Z a-z: 256 bits */
	TOKEN_HASH_BYTES = 32,
	KEY_CHARS = 47,      /**< "dss_", 37 random characters (220 bits), 6 of a checksum */
	KEY_SHOWN_CHARS = 10 /**< the first ones, which are no secret: they tell keys apart */
};

/** TOKEN_CHARS random characters. */
struct str token_new(struct arena *a);
/** BLAKE2b-256: what is stored. A token has more bits than can be tried: no salt, no stretching. */
struct str token_hash(struct arena *a, struct str token);
/** In time that does not depend on where they differ. */
bool token_eq(struct str a, struct str b);

/** An API key. Its shape tells scanners for leaked secrets what it is: dss_[0-9A-Za-z]{43}, of which
 * the last six are the CRC-32 (ISO-HDLC) of what is before, in base 62, most significant first. */
struct str key_new(struct arena *a);
/** Has it that shape and checksum? Says nothing about whether there is such a key. */
bool key_is_one(struct str text);

#endif
