/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Ids: UUID version 7 (RFC 9562 section 5.7), 16 octets inside, in the order of their making. Outside
 * an id is a TypeID (version 0.3): a prefix that tells what it names, "_", and 26 characters of
 * Crockford's base32 in lower case, "scn_01h455vb4pex5vsknk084sn02q". The order of the texts is the
 * order of the octets.
 */
#ifndef DSS_BASE_UUID_H
#define DSS_BASE_UUID_H

#include "base/err.h"
#include "base/str.h"

enum {
	UUID_BYTES = 16,
	ID_PREFIX_MAX = 63,
	ID_SUFFIX_LEN = 26,
	ID_TEXT_BYTES = ID_PREFIX_MAX + 1 + ID_SUFFIX_LEN + 1 /**< with the NUL */
};

/** All zero is the nil id: none. */
struct uuid {
	uint8_t octets[UUID_BYTES];
};

#define UUID_NIL ((struct uuid){ { 0 } })

/**
 * A new id, larger than every one that this process made before, whichever thread did. It carries
 * at_us (microseconds UTC, up to the year 10889) in 48 bits of milliseconds and 12 bits of their
 * fraction (section 6.2, method 3); a time that is not later than the last one's counts on from
 * that. 62 bits are random. Ends the process when the kernel has no randomness.
 */
struct uuid uuid_new(int64_t at_us) MUST_USE;
/** The time that a version 7 id carries, within a microsecond. */
int64_t uuid_time_us(struct uuid id);

static inline int uuid_cmp(struct uuid a, struct uuid b)
{
	return memcmp(a.octets, b.octets, sizeof a.octets);
}
static inline bool uuid_eq(struct uuid a, struct uuid b)
{
	return !uuid_cmp(a, b);
}
static inline bool uuid_is_nil(struct uuid id)
{
	return uuid_eq(id, UUID_NIL);
}

/** "scn" → "scn_…", NUL-terminated; without "_" when the prefix is "". Returns out. The prefix is
 * one of ours: at most ID_PREFIX_MAX of a to z and "_". */
const char *id_format(char out[static ID_TEXT_BYTES], const char *prefix, struct uuid id);
struct str id_text(struct arena *a, const char *prefix, struct uuid id);
/** Exactly what id_format writes for this prefix; else ERR_SYNTAX, and err says what is wrong. */
int id_parse(struct str text, const char *prefix, struct uuid *ret, struct err *err) MUST_USE;

#endif
