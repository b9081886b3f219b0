/* SPDX-License-Identifier: Apache-2.0 */
/* Is a label valid? UTS 46 section 4.1. */
#include "formats/names/label.h"

#include "formats/names/idna.h"

enum { ZWNJ = 0x200c, ZWJ = 0x200d, VIRAMA = 9 };

#define BIT(n) (1u << (n))

bool label_is_bidi(const struct label *label)
{
	for (size_t i = 0; i < label->len; i++)
		if (BIT(unicode_props(label->at[i]).bidi) &
		    (BIT(BIDI_R) | BIT(BIDI_AL) | BIT(BIDI_AN)))
			return true;
	return false;
}

/* The last character that is no nonspacing mark. */
static unsigned last_bidi(const struct label *label)
{
	size_t i = label->len;

	while (i && unicode_props(label->at[i - 1]).bidi == BIDI_NSM)
		i--;
	return i ? unicode_props(label->at[i - 1]).bidi : BIDI_NSM;
}

/* RFC 5893 section 2, conditions 1 to 6. */
static bool is_bidi_ok(const struct label *label)
{
	const unsigned neutral = BIT(BIDI_EN) | BIT(BIDI_ES) | BIT(BIDI_CS) | BIT(BIDI_ET) |
				 BIT(BIDI_ON) | BIT(BIDI_BN) | BIT(BIDI_NSM);
	const unsigned rtl = BIT(BIDI_R) | BIT(BIDI_AL) | BIT(BIDI_AN);
	unsigned first = unicode_props(label->at[0]).bidi, seen = 0, last = last_bidi(label);
	bool is_rtl = first == BIDI_R || first == BIDI_AL;

	if (!is_rtl && first != BIDI_L)
		return false;
	for (size_t i = 0; i < label->len; i++)
		seen |= BIT(unicode_props(label->at[i]).bidi);
	if (is_rtl)
		return !(seen & ~(rtl | neutral)) && (BIT(last) & (rtl | BIT(BIDI_EN))) &&
		       !((seen & BIT(BIDI_EN)) && (seen & BIT(BIDI_AN)));
	return !(seen & ~(BIT(BIDI_L) | neutral)) && (last == BIDI_L || last == BIDI_EN);
}

/* RFC 5892 appendix A.1: between joining characters, transparent ones aside. */
static bool joins(const struct label *label, size_t at)
{
	size_t before = at, after = at + 1;
	uint8_t type = JOINING_NONE;

	while (before && (type = unicode_props(label->at[--before]).joining) == JOINING_T)
		;
	if (type != JOINING_L && type != JOINING_D)
		return false;
	for (type = JOINING_NONE; after < label->len; after++)
		if ((type = unicode_props(label->at[after]).joining) != JOINING_T)
			break;
	return type == JOINING_R || type == JOINING_D;
}

static bool is_joiner_ok(const struct label *label, size_t at)
{
	if (at && unicode_props(label->at[at - 1]).ccc == VIRAMA)
		return true;
	return label->at[at] == ZWNJ && joins(label, at);
}

static const char *hyphen_problem(const struct label *label)
{
	if (label->at[0] == '-' || label->at[label->len - 1] == '-')
		return "a label starts or ends with a hyphen";
	if (label->len >= 4 && label->at[2] == '-' && label->at[3] == '-')
		return "a label has hyphens at third and fourth place";
	return NULL;
}

static bool is_ldh(uint32_t point)
{
	return point >= 0x80 || point == '-' || char_is_digit((char)point) ||
	       (char_is_alpha((char)point) && point >= 'a');
}

static const char *point_problem(const struct label *label, size_t at, unsigned flags)
{
	uint32_t point = label->at[at];
	const uint32_t *mapping;
	size_t len;
	enum unicode_status status = unicode_map(point, &mapping, &len);

	if (point == '.')
		return "a dot inside an encoded label";
	if (status != UNICODE_VALID && status != UNICODE_DEVIATION)
		return "the character is not allowed in domain names";
	if ((flags & IDNA_USE_STD3) && !is_ldh(point))
		return "the character is no letter, digit or hyphen";
	if ((flags & IDNA_CHECK_JOINERS) && (point == ZWNJ || point == ZWJ) &&
	    !is_joiner_ok(label, at))
		return "an invisible joiner where nothing joins";
	return NULL;
}

static bool is_nfc(struct arena *a, const struct label *label)
{
	struct code_points run = { 0 };

	for (size_t i = 0; i < label->len; i++)
		code_points_put(a, &run, label->at[i]);
	unicode_nfc(a, &run);
	return run.len == label->len && !memcmp(run.at, label->at, run.len * sizeof *run.at);
}

static bool starts_encoded(const struct label *label)
{
	return label->len >= 4 && label->at[0] == 'x' && label->at[1] == 'n' &&
	       label->at[2] == '-' && label->at[3] == '-';
}

const char *label_problem(struct arena *a, const struct label *label, unsigned flags, bool is_bidi,
			  uint32_t *ret_point)
{
	const char *problem = NULL;

	*ret_point = 0;
	if (!label->len)
		return NULL; /* a matter of length */
	if (label->was_encoded && !is_nfc(a, label))
		return "an encoded label is not in normalization form C";
	if (flags & IDNA_CHECK_HYPHENS)
		problem = hyphen_problem(label);
	else if (starts_encoded(label))
		problem = "an encoded label holds another";
	if (problem)
		return problem;
	if (unicode_props(label->at[0]).is_mark)
		return "a label starts with a combining mark";
	for (size_t i = 0; i < label->len; i++) {
		problem = point_problem(label, i, flags);
		if (problem) {
			*ret_point = label->at[i];
			return problem;
		}
	}
	if ((flags & IDNA_CHECK_BIDI) && is_bidi && !is_bidi_ok(label))
		return "left-to-right and right-to-left characters are mixed";
	return NULL;
}
