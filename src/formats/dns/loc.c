/* SPDX-License-Identifier: Apache-2.0 */
/* How is a LOC record written and read? RFC 1876. */
#include "formats/dns/rdata.h"

enum { EQUATOR = 1u << 31, ALTITUDE_BASE_CM = 10000000 };

static bool angle_is_valid(uint32_t value, uint32_t max_degrees)
{
	return value >= EQUATOR - max_degrees * 3600000 && value <= EQUATOR + max_degrees * 3600000;
}

bool loc_is_valid(const char octets[static 16])
{
	for (size_t i = 1; i < 4; i++)
		if ((uint8_t)octets[i] >> 4 > 9 || ((uint8_t)octets[i] & 15) > 9)
			return false;
	return !octets[0] && angle_is_valid(rdata_u32(octets + 4), 90) &&
	       angle_is_valid(rdata_u32(octets + 8), 180);
}

static uint64_t power_of_ten(unsigned exponent)
{
	uint64_t value = 1;

	while (exponent--)
		value *= 10;
	return value;
}

/* Section 2: mantissa in the high nibble, power of ten in the low one, centimetres. */
static void put_size(struct buf *out, uint8_t octet)
{
	uint64_t cm = (octet >> 4) * power_of_ten(octet & 15);

	buf_printf(out, " %llu.%02llum", (unsigned long long)(cm / 100),
		   (unsigned long long)(cm % 100));
}

static void put_angle(struct buf *out, uint32_t value, char positive, char negative)
{
	uint32_t ms = value >= EQUATOR ? value - EQUATOR : EQUATOR - value;

	buf_printf(out, "%u %u %u.%03u %c ", ms / 3600000, ms / 60000 % 60, ms / 1000 % 60,
		   ms % 1000, value >= EQUATOR ? positive : negative);
}

void loc_text(struct buf *out, const char octets[static 16])
{
	int64_t altitude = (int64_t)rdata_u32(octets + 12) - ALTITUDE_BASE_CM;
	uint64_t size = (uint64_t)(altitude < 0 ? -altitude : altitude);

	put_angle(out, rdata_u32(octets + 4), 'N', 'S');
	put_angle(out, rdata_u32(octets + 8), 'E', 'W');
	buf_printf(out, "%s%llu.%02llum", altitude < 0 ? "-" : "", (unsigned long long)(size / 100),
		   (unsigned long long)(size % 100));
	put_size(out, (uint8_t)octets[1]);
	put_size(out, (uint8_t)octets[2]);
	put_size(out, (uint8_t)octets[3]);
}

/* A decimal with up to `places` digits behind the point, as an integer of the smallest unit. */
static int decimal_read(struct str word, unsigned places, uint64_t max, uint64_t *ret)
{
	ptrdiff_t point = str_find_char(word, '.');
	struct str whole = point < 0 ? word : str_first(word, (size_t)point);
	struct str part = point < 0 ? STR_NONE : str_from(word, (size_t)point + 1);
	uint64_t value = 0, fraction = 0;

	if ((!whole.len && !part.len) || part.len > places)
		return ERR_SYNTAX;
	if (whole.len)
		TRY(str_to_uint(whole, max, &value));
	if (part.len)
		TRY(str_to_uint(part, UINT32_MAX, &fraction));
	*ret = value * power_of_ten(places) + fraction * power_of_ten(places - (unsigned)part.len);
	return 0;
}

static void put_u32(struct buf *out, uint32_t value)
{
	buf_put(out,
		(char[]){ (char)(value >> 24), (char)(value >> 16), (char)(value >> 8),
			  (char)value },
		4);
}

/* Degrees, then minutes and seconds when given, then the direction. */
static int angle_read(struct str *rest, const char directions[2], uint64_t max_degrees,
		      struct buf *out)
{
	static const struct {
		unsigned places;
		uint64_t max, ms;
	} parts[] = { { 0, 180, 3600000 }, { 0, 59, 60000 }, { 3, 59, 1 } };
	uint64_t ms = 0, value;
	struct str word;

	for (size_t i = 0; i <= ARRAY_COUNT(parts); i++) {
		if (!str_word(rest, &word))
			return ERR_SYNTAX;
		if (i && word.len == 1 && char_is_alpha(word.data[0])) {
			char c = char_lower(word.data[0]);

			if (ms > max_degrees * 3600000 ||
			    (c != directions[0] && c != directions[1]))
				return ERR_SYNTAX;
			put_u32(out, (uint32_t)(c == directions[0] ? EQUATOR + ms : EQUATOR - ms));
			return 0;
		}
		if (i == ARRAY_COUNT(parts))
			return ERR_SYNTAX;
		TRY(decimal_read(word, parts[i].places, parts[i].max, &value));
		ms += value * parts[i].ms;
	}
	return ERR_SYNTAX;
}

static struct str without_metre(struct str word)
{
	return str_ends_nocase(word, STR_LIT("m")) ? str_first(word, word.len - 1) : word;
}

static int altitude_read(struct str *rest, struct buf *out)
{
	bool is_negative;
	struct str word;
	uint64_t cm;

	if (!str_word(rest, &word))
		return ERR_SYNTAX;
	word = without_metre(word);
	is_negative = str_starts(word, STR_LIT("-"));
	TRY(decimal_read(str_from(word, is_negative), 2, 42849672, &cm));
	if (is_negative ? cm > ALTITUDE_BASE_CM : cm > UINT32_MAX - ALTITUDE_BASE_CM)
		return ERR_LIMIT;
	put_u32(out, (uint32_t)(is_negative ? ALTITUDE_BASE_CM - cm : ALTITUDE_BASE_CM + cm));
	return 0;
}

/* Size and two precisions may be left out (section 3). */
static int size_read(struct str *rest, uint8_t otherwise, struct buf *out)
{
	struct str before = *rest, word;
	unsigned exponent = 0;
	uint64_t cm;

	if (!str_word(rest, &word) || !char_is_digit(word.data[0])) {
		*rest = before;
		buf_put_char(out, (char)otherwise);
		return 0;
	}
	TRY(decimal_read(without_metre(word), 2, 90000000, &cm));
	for (; cm > 9; exponent++)
		cm /= 10;
	buf_put_char(out, (char)(cm << 4 | exponent));
	return 0;
}

int loc_parse(struct str *rest, struct buf *out, struct err *err)
{
	struct buf position, sizes;
	int code;

	buf_init(&position, out->arena);
	buf_init(&sizes, out->arena);
	buf_put_char(&sizes, 0); /* version */
	code = angle_read(rest, "ns", 90, &position);
	if (!code)
		code = angle_read(rest, "ew", 180, &position);
	if (!code)
		code = altitude_read(rest, &position);
	if (!code)
		code = size_read(rest, 0x12, &sizes); /* 1 m */
	if (!code)
		code = size_read(rest, 0x16, &sizes); /* 10,000 m */
	if (!code)
		code = size_read(rest, 0x13, &sizes); /* 10 m */
	if (code)
		return err_set(err, code, "not a location as \"52 22 23.0 N 4 53 32.0 E -2.0m\"");
	buf_put_str(out, buf_str(&sizes));
	buf_put_str(out, buf_str(&position));
	return 0;
}
