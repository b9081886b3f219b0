/* SPDX-License-Identifier: Apache-2.0 */
/* How are code points written as letters and digits? RFC 3492. */
#include "formats/names/punycode.h"

enum {
	BASE = 36,
	T_MIN = 1,
	T_MAX = 26,
	SKEW = 38,
	DAMP = 700,
	INITIAL_BIAS = 72,
	INITIAL_N = 128,
	LABEL_MAX = 1024
};

/* Section 6.1. */
static uint32_t bias_adapt(uint32_t delta, uint32_t points, bool is_first)
{
	uint32_t k = 0;

	delta = is_first ? delta / DAMP : delta / 2;
	delta += delta / points;
	for (; delta > ((BASE - T_MIN) * T_MAX) / 2; k += BASE)
		delta /= BASE - T_MIN;
	return k + (BASE - T_MIN + 1) * delta / (delta + SKEW);
}

static uint32_t threshold(uint32_t k, uint32_t bias)
{
	return k <= bias ? T_MIN : k >= bias + T_MAX ? T_MAX : k - bias;
}

static void put_digit(struct buf *out, uint32_t digit)
{
	buf_put_char(out, (char)(digit < 26 ? 'a' + digit : '0' + digit - 26));
}

static void put_number(struct buf *out, uint32_t number, uint32_t bias)
{
	for (uint32_t k = BASE;; k += BASE) {
		uint32_t t = threshold(k, bias);

		if (number < t)
			break;
		put_digit(out, t + (number - t) % (BASE - t));
		number = (number - t) / (BASE - t);
	}
	put_digit(out, number);
}

static uint32_t next_larger(const uint32_t *points, size_t len, uint32_t n)
{
	uint32_t best = UINT32_MAX;

	for (size_t i = 0; i < len; i++)
		if (points[i] >= n && points[i] < best)
			best = points[i];
	return best;
}

/* Section 6.3. */
int punycode_encode(const uint32_t *points, size_t len, struct buf *out)
{
	uint32_t n = INITIAL_N, delta = 0, bias = INITIAL_BIAS, basic = 0, handled;

	if (len > LABEL_MAX)
		return ERR_LIMIT;
	for (size_t i = 0; i < len; i++) {
		if (points[i] >= 0x80)
			continue;
		buf_put_char(out, (char)points[i]);
		basic++;
	}
	if (basic)
		buf_put_char(out, '-');
	for (handled = basic; handled < len; delta++, n++) {
		uint32_t next = next_larger(points, len, n), step;

		if (__builtin_mul_overflow(next - n, handled + 1, &step) ||
		    __builtin_add_overflow(delta, step, &delta))
			return ERR_LIMIT;
		n = next;
		for (size_t i = 0; i < len; i++) {
			delta += points[i] < n;
			if (points[i] != n)
				continue;
			put_number(out, delta, bias);
			bias = bias_adapt(delta, handled + 1, handled == basic);
			delta = 0;
			handled++;
		}
	}
	return 0;
}

static int digit_of(char c)
{
	return char_is_digit(c) ? c - '0' + 26 : char_is_alpha(c) ? char_lower(c) - 'a' : -1;
}

static int take_number(struct str *rest, uint32_t bias, uint32_t *ret)
{
	uint32_t number = 0, weight = 1, step;

	for (uint32_t k = BASE;; k += BASE) {
		uint32_t t = threshold(k, bias);
		int digit = rest->len ? digit_of(rest->data[0]) : -1;

		if (digit < 0 || __builtin_mul_overflow((uint32_t)digit, weight, &step) ||
		    __builtin_add_overflow(number, step, &number))
			return ERR_SYNTAX;
		*rest = str_from(*rest, 1);
		if ((uint32_t)digit < t)
			break;
		if (__builtin_mul_overflow(weight, BASE - t, &weight))
			return ERR_SYNTAX;
	}
	*ret = number;
	return 0;
}

/* Section 6.2. */
int punycode_decode(struct arena *a, struct str text, struct code_points *out)
{
	ptrdiff_t hyphen = str_find_last_char(text, '-');
	uint32_t n = INITIAL_N, i = 0, bias = INITIAL_BIAS, number;
	struct str rest = hyphen > 0 ? str_from(text, (size_t)hyphen + 1) : text;

	if (text.len > LABEL_MAX)
		return ERR_SYNTAX;
	for (ptrdiff_t k = 0; k < hyphen; k++) {
		if (text.data[k] < 0)
			return ERR_SYNTAX;
		code_points_put(a, out, (uint32_t)text.data[k]);
	}
	while (rest.len) {
		uint32_t len = (uint32_t)out->len + 1, from = i;

		TRY(take_number(&rest, bias, &number));
		if (__builtin_add_overflow(i, number, &i))
			return ERR_SYNTAX;
		bias = bias_adapt(i - from, len, !from);
		if (i / len > UNICODE_END - 1 - n)
			return ERR_SYNTAX;
		n += i / len;
		i %= len;
		if ((n & 0xfffff800) == 0xd800)
			return ERR_SYNTAX;
		code_points_put(a, out, n);
		memmove(out->at + i + 1, out->at + i, (len - 1 - i) * sizeof *out->at);
		out->at[i++] = n;
	}
	return 0;
}
