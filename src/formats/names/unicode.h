/* SPDX-License-Identifier: Apache-2.0 */
/**
 * What internationalised names need of Unicode: the UTS 46 mapping, normalization form C, bidi
 * classes, joining types. From data/unicode.txt, compiled in. Code points are uint32_t.
 */
#ifndef DSS_FORMATS_NAMES_UNICODE_H
#define DSS_FORMATS_NAMES_UNICODE_H

#include "base/err.h"
#include "base/str.h"

enum unicode_status {
	UNICODE_VALID,
	UNICODE_DEVIATION, /**< valid: processing is nontransitional */
	UNICODE_MAPPED,
	UNICODE_IGNORED,
	UNICODE_DISALLOWED
};

/* In the order of tools/data/unicode_table.py. */
enum unicode_bidi {
	BIDI_L,
	BIDI_R,
	BIDI_AL,
	BIDI_EN,
	BIDI_ES,
	BIDI_ET,
	BIDI_AN,
	BIDI_CS,
	BIDI_NSM,
	BIDI_BN,
	BIDI_B,
	BIDI_S,
	BIDI_WS,
	BIDI_ON /* formatting characters follow */
};
enum unicode_joining {
	JOINING_NONE,
	JOINING_C,
	JOINING_D,
	JOINING_L,
	JOINING_R,
	JOINING_T,
	JOINING_U
};

struct unicode_props {
	uint8_t bidi;    /**< enum unicode_bidi, or more */
	uint8_t joining; /**< enum unicode_joining */
	bool is_mark;    /**< General_Category M */
	uint8_t ccc;     /**< Canonical_Combining_Class; 9 is a virama */
};

/** A growing run of code points in an arena. */
struct code_points {
	uint32_t *at;
	size_t len, cap;
};

enum { UNICODE_END = 0x110000 };

extern const char unicode_version[];

/** Status of a code point; when it is mapped, *ret_mapping points at *ret_len code points. */
enum unicode_status unicode_map(uint32_t point, const uint32_t **ret_mapping, size_t *ret_len);
struct unicode_props unicode_props(uint32_t point);
/** Bring the run into normalization form C (UAX 15). */
void unicode_nfc(struct arena *a, struct code_points *run);

void code_points_put(struct arena *a, struct code_points *run, uint32_t point);
/** Append all of text; ERR_SYNTAX when it is no UTF-8 (RFC 3629), *ret_offset is where. */
int utf8_read(struct arena *a, struct str text, struct code_points *run,
	      size_t *ret_offset) MUST_USE;
void utf8_put(struct buf *out, uint32_t point);

#endif
