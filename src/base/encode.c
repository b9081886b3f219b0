/* SPDX-License-Identifier: Apache-2.0 */
/* How do octets become hexadecimal, base64 and base32hex, and come back? RFC 4648. */
#include "base/encode.h"

#include "base/err.h"

static const char hex_digits[] = "0123456789abcdef";
static const char base64_digits[] =
	"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
static const char base32hex_digits[] = "0123456789abcdefghijklmnopqrstuv";

void hex_put(struct buf *out, struct str octets)
{
	char *at = buf_reserve(out, octets.len * 2);

	for (size_t i = 0; i < octets.len; i++) {
		unsigned char c = (unsigned char)octets.data[i];

		*at++ = hex_digits[c >> 4];
		*at++ = hex_digits[c & 15];
	}
	out->len += octets.len * 2;
}

/* Digits of `bits` bits each, highest first; a last group is filled with zeroes. */
static void put_digits(struct buf *out, struct str octets, const char *digits, unsigned bits)
{
	uint32_t held = 0;
	unsigned held_bits = 0;

	for (size_t i = 0; i < octets.len; i++) {
		held = held << 8 | (unsigned char)octets.data[i];
		held_bits += 8;
		while (held_bits >= bits) {
			held_bits -= bits;
			buf_put_char(out, digits[held >> held_bits & ((1u << bits) - 1)]);
		}
		held &= (1u << held_bits) - 1;
	}
	if (held_bits)
		buf_put_char(out, digits[held << (bits - held_bits) & ((1u << bits) - 1)]);
}

void base64_put(struct buf *out, struct str octets)
{
	buf_reserve(out, (octets.len + 2) / 3 * 4);
	put_digits(out, octets, base64_digits, 6);
	for (size_t i = octets.len; i % 3; i++)
		buf_put_char(out, '=');
}

void base32hex_put(struct buf *out, struct str octets)
{
	put_digits(out, octets, base32hex_digits, 5);
}

static int value_of_base64(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (char_is_digit(c))
		return c - '0' + 52;
	return c == '+' ? 62 : c == '/' ? 63 : -1;
}

static int value_of_base32hex(char c)
{
	c = char_lower(c);
	if (char_is_digit(c))
		return c - '0';
	return c >= 'a' && c <= 'v' ? c - 'a' + 10 : -1;
}

static int read_digits(struct buf *out, struct str text, int (*value_of)(char), unsigned bits)
{
	uint32_t held = 0;
	unsigned held_bits = 0;

	for (size_t i = 0; i < text.len; i++) {
		int value = value_of(text.data[i]);

		if (value < 0 || (bits == 4 && value > 15))
			return ERR_SYNTAX;
		held = held << bits | (uint32_t)value;
		held_bits += bits;
		if (held_bits >= 8) {
			held_bits -= 8;
			buf_put_char(out, (char)(held >> held_bits));
			held &= (1u << held_bits) - 1;
		}
	}
	/* Section 3.5: left-over bits are fewer than a digit, and zero. */
	return held || held_bits >= bits ? ERR_SYNTAX : 0;
}

int hex_read(struct buf *out, struct str text)
{
	return read_digits(out, text, value_of_base32hex, 4);
}

int base64_read(struct buf *out, struct str text)
{
	size_t padding = 0;

	if (text.len % 4)
		return ERR_SYNTAX;
	while (padding < 2 && padding < text.len && text.data[text.len - 1 - padding] == '=')
		padding++;
	return read_digits(out, str_first(text, text.len - padding), value_of_base64, 6);
}

int base32hex_read(struct buf *out, struct str text)
{
	return read_digits(out, text, value_of_base32hex, 5);
}
