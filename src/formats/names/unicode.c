/* SPDX-License-Identifier: Apache-2.0 */
/* What does Unicode say of a character, and what is normalization form C? UAX 15. */
#include "formats/names/unicode.h"

#include "unicode_table.h"

/* Hangul syllables compose and decompose by arithmetic (The Unicode Standard, section 3.12). */
enum {
	S_BASE = 0xac00,
	L_BASE = 0x1100,
	V_BASE = 0x1161,
	T_BASE = 0x11a7,
	L_COUNT = 19,
	V_COUNT = 21,
	T_COUNT = 28,
	S_COUNT = L_COUNT * V_COUNT * T_COUNT
};

const char unicode_version[] = UNICODE_VERSION;

/* Index of the last start that is not above point. */
static size_t range_find(const uint32_t *starts, size_t count, uint32_t point)
{
	size_t low = 0, high = count;

	while (high - low > 1) {
		size_t middle = low + (high - low) / 2;

		if (starts[middle] <= point)
			low = middle;
		else
			high = middle;
	}
	return low;
}

enum unicode_status unicode_map(uint32_t point, const uint32_t **ret_mapping, size_t *ret_len)
{
	uint32_t value = map_values[range_find(map_starts, ARRAY_COUNT(map_starts), point)];

	*ret_mapping = map_pool + (value & 0xfffff);
	*ret_len = value >> 20 & 0xff;
	return value >> 28;
}

struct unicode_props unicode_props(uint32_t point)
{
	uint32_t value = prop_values[range_find(prop_starts, ARRAY_COUNT(prop_starts), point)];

	return (struct unicode_props){ .bidi = (uint8_t)value,
				       .joining = value >> 8 & 15,
				       .is_mark = value >> 12 & 1,
				       .ccc = (uint8_t)(value >> 16) };
}

void code_points_put(struct arena *a, struct code_points *run, uint32_t point)
{
	if (run->len == run->cap) {
		size_t cap = run->cap ? run->cap * 2 : 64;

		run->at = arena_grow(a, run->at, run->cap * sizeof *run->at, cap * sizeof *run->at);
		run->cap = cap;
	}
	run->at[run->len++] = point;
}

static void decompose(struct arena *a, uint32_t point, struct code_points *out)
{
	size_t i;

	if (point - S_BASE < S_COUNT) {
		uint32_t s = point - S_BASE;

		code_points_put(a, out, L_BASE + s / (V_COUNT * T_COUNT));
		code_points_put(a, out, V_BASE + s % (V_COUNT * T_COUNT) / T_COUNT);
		if (s % T_COUNT)
			code_points_put(a, out, T_BASE + s % T_COUNT);
		return;
	}
	i = range_find(part_chars, ARRAY_COUNT(part_chars), point);
	if (part_chars[i] != point) {
		code_points_put(a, out, point);
		return;
	}
	decompose(a, part_firsts[i], out); /* at most four deep in all of Unicode */
	if (part_seconds[i])
		code_points_put(a, out, part_seconds[i]);
}

/* Canonical ordering: an insertion sort by combining class between starters. */
static void reorder(struct code_points *run)
{
	for (size_t i = 1; i < run->len; i++) {
		uint32_t point = run->at[i];
		uint8_t ccc = unicode_props(point).ccc;
		size_t k = i;

		if (!ccc)
			continue;
		for (; k && unicode_props(run->at[k - 1]).ccc > ccc; k--)
			run->at[k] = run->at[k - 1];
		run->at[k] = point;
	}
}

/* The primary composite of a pair, or 0. */
static uint32_t compose(uint32_t first, uint32_t second)
{
	uint64_t key = (uint64_t)first << 32 | second;
	size_t low = 0, high = ARRAY_COUNT(pair_keys);

	if (first - L_BASE < L_COUNT && second - V_BASE < V_COUNT)
		return S_BASE + ((first - L_BASE) * V_COUNT + (second - V_BASE)) * T_COUNT;
	if (first - S_BASE < S_COUNT && !((first - S_BASE) % T_COUNT) &&
	    second - T_BASE - 1 < T_COUNT - 1)
		return first + (second - T_BASE);
	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (pair_keys[middle] == key)
			return pair_chars[middle];
		if (pair_keys[middle] < key)
			low = middle + 1;
		else
			high = middle;
	}
	return 0;
}

void unicode_nfc(struct arena *a, struct code_points *run)
{
	struct code_points out = { 0 };
	size_t starter = SIZE_MAX, kept = 0;
	uint8_t last_ccc = 0;

	for (size_t i = 0; i < run->len; i++)
		decompose(a, run->at[i], &out);
	reorder(&out);
	for (size_t i = 0; i < out.len; i++) {
		uint8_t ccc = unicode_props(out.at[i]).ccc;
		uint32_t whole = 0;

		if (starter != SIZE_MAX && (kept == starter + 1 || last_ccc < ccc))
			whole = compose(out.at[starter], out.at[i]);
		if (whole) {
			out.at[starter] = whole;
			continue;
		}
		if (!ccc)
			starter = kept;
		last_ccc = ccc;
		out.at[kept++] = out.at[i];
	}
	out.len = kept;
	*run = out;
}

int utf8_read(struct arena *a, struct str text, struct code_points *run, size_t *ret_offset)
{
	static const uint32_t least[] = { 0, 0x80, 0x800, 0x10000 };

	for (size_t i = 0; i < text.len;) {
		unsigned char lead = (unsigned char)text.data[i];
		unsigned more = lead < 0x80 ? 0 : lead >= 0xf0 ? 3 : lead >= 0xe0 ? 2 : 1;
		uint32_t point = lead < 0x80 ? lead : lead & (0x3fu >> more);
		bool is_bad = (lead >= 0x80 && lead < 0xc2) || lead > 0xf4 || text.len - i <= more;

		for (unsigned k = 1; !is_bad && k <= more; k++) {
			unsigned char next = (unsigned char)text.data[i + k];

			is_bad = (next & 0xc0) != 0x80;
			point = point << 6 | (next & 0x3f);
		}
		if (is_bad || point < least[more] || point >= UNICODE_END ||
		    (point & 0xfffff800) == 0xd800) {
			*ret_offset = i;
			return ERR_SYNTAX;
		}
		code_points_put(a, run, point);
		i += more + 1;
	}
	return 0;
}

void utf8_put(struct buf *out, uint32_t point)
{
	if (point < 0x80) {
		buf_put_char(out, (char)point);
		return;
	}
	if (point < 0x800) {
		buf_put_char(out, (char)(0xc0 | point >> 6));
	} else {
		if (point < 0x10000) {
			buf_put_char(out, (char)(0xe0 | point >> 12));
		} else {
			buf_put_char(out, (char)(0xf0 | point >> 18));
			buf_put_char(out, (char)(0x80 | (point >> 12 & 0x3f)));
		}
		buf_put_char(out, (char)(0x80 | (point >> 6 & 0x3f)));
	}
	buf_put_char(out, (char)(0x80 | (point & 0x3f)));
}
