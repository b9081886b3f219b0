/* SPDX-License-Identifier: Apache-2.0 */
/* What does a TZif file say, and which instant is a local time? RFC 9636 section 3. */
#include "formats/tzif.h"

#include "formats/civil.h"

enum { HEADER_BYTES = 44, TYPE_BYTES = 6, TYPES = 256 };

/* The counts of a header, in its order (section 3.1). */
enum { IS_UT, IS_STD, LEAPS, TIMES, TYPE, CHARS, COUNTS };

struct block {
	uint32_t count[COUNTS];
	unsigned time_bytes; /* 4 in version 1, else 8 */
	char version;
	struct str data;
};

static uint32_t read_u32(struct str bytes, size_t at)
{
	const unsigned char *p = (const unsigned char *)bytes.data + at;

	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static int64_t read_time(const struct block *block, size_t index)
{
	size_t at = index * block->time_bytes;

	if (block->time_bytes == 4)
		return (int32_t)read_u32(block->data, at);
	return (int64_t)((uint64_t)read_u32(block->data, at) << 32 | read_u32(block->data, at + 4));
}

/* Cut one header and its data off the front of *rest. */
static int block_read(struct str *rest, unsigned time_bytes, struct block *ret)
{
	struct block block = { .time_bytes = time_bytes };
	uint64_t bytes;

	if (rest->len < HEADER_BYTES || !str_starts(*rest, STR_LIT("TZif")))
		return ERR_SYNTAX;
	block.version = rest->data[4];
	for (size_t i = 0; i < COUNTS; i++)
		block.count[i] = read_u32(*rest, 20 + 4 * i);
	bytes = (uint64_t)block.count[TIMES] * (time_bytes + 1) +
		(uint64_t)block.count[TYPE] * TYPE_BYTES + block.count[CHARS] +
		(uint64_t)block.count[LEAPS] * (time_bytes + 4) + block.count[IS_STD] +
		block.count[IS_UT];
	*rest = str_from(*rest, HEADER_BYTES);
	if (bytes > rest->len)
		return ERR_SYNTAX;
	block.data = str_first(*rest, bytes);
	*rest = str_from(*rest, bytes);
	*ret = block;
	return 0;
}

static int types_read(const struct block *block, int32_t offset_s[static TYPES], struct err *err)
{
	struct str records =
		str_from(block->data, (size_t)block->count[TIMES] * (block->time_bytes + 1));

	if (!block->count[TYPE] || block->count[TYPE] > TYPES)
		return err_set(err, ERR_SYNTAX,
			       "time zone file: %u local time types, 1 to %d may be",
			       block->count[TYPE], TYPES);
	for (size_t i = 0; i < block->count[TYPE]; i++) {
		offset_s[i] = (int32_t)read_u32(records, i * TYPE_BYTES);
		if (offset_s[i] <= -TZ_OFFSET_LIMIT_S || offset_s[i] >= TZ_OFFSET_LIMIT_S)
			return err_set(err, ERR_SYNTAX, "time zone file: an offset of %d seconds",
				       offset_s[i]);
	}
	return 0;
}

static int block_use(struct arena *a, const struct block *block, struct tz *tz, struct err *err)
{
	size_t count = block->count[TIMES];
	int64_t *change_at_s = arena_array(a, count, sizeof *change_at_s);
	int32_t *offsets = arena_array(a, count, sizeof *offsets);
	int32_t of_type[TYPES];

	TRY(types_read(block, of_type, err));
	for (size_t i = 0; i < count; i++) {
		unsigned char type = (unsigned char)block->data.data[count * block->time_bytes + i];

		change_at_s[i] = read_time(block, i);
		if (type >= block->count[TYPE] || (i && change_at_s[i] <= change_at_s[i - 1]))
			return err_set(err, ERR_SYNTAX, "time zone file: change %zu is broken", i);
		offsets[i] = of_type[type];
	}
	tz->change_at_s = change_at_s;
	tz->offset_s = offsets;
	tz->change_count = count;
	tz->first_offset_s = of_type[0];
	return 0;
}

/* Section 3.3: a newline, the rule or nothing, a newline. */
static int footer_read(struct str rest, struct tz *tz)
{
	ptrdiff_t end;

	if (!rest.len || rest.data[0] != '\n')
		return ERR_SYNTAX;
	rest = str_from(rest, 1);
	end = str_find_char(rest, '\n');
	if (end < 0)
		return ERR_SYNTAX;
	if (!end)
		return 0;
	tz->has_rule = true;
	return tz_rule_parse(str_first(rest, (size_t)end), &tz->rule);
}

int tz_read(struct arena *a, struct str bytes, struct tz *ret, struct err *err)
{
	struct str rest = bytes;
	struct block block;
	struct tz tz = { 0 };

	if (bytes.len > TZ_FILE_BYTES)
		return err_set(err, ERR_LIMIT, "time zone file: more than %d bytes", TZ_FILE_BYTES);
	if (block_read(&rest, 4, &block) < 0)
		return err_set(err, ERR_SYNTAX, "not a time zone file (RFC 9636)");
	if (block.version && block_read(&rest, 8, &block) < 0)
		return err_set(err, ERR_SYNTAX, "time zone file: its 64-bit part is broken");
	if (block.count[LEAPS])
		return err_set(err, -ENOTSUP,
			       "the zone counts leap seconds; use the one of the same "
			       "name without \"right/\"");
	TRY(block_use(a, &block, &tz, err));
	if (block.version && footer_read(rest, &tz) < 0)
		return err_set(err, ERR_SYNTAX, "time zone file: the rule at its end is broken");
	*ret = tz;
	return 0;
}

int tz_name_check(struct str name, struct err *err)
{
	bool is_start = true;

	if (!name.len || name.len > TZ_NAME_BYTES)
		return err_set(err, -EINVAL,
			       "a time zone's name has 1 to %d characters, such as "
			       "Europe/Berlin or UTC",
			       TZ_NAME_BYTES);
	for (size_t i = 0; i < name.len; i++) {
		char c = name.data[i];
		bool is_word = char_is_alpha(c) || char_is_digit(c);

		if (is_start ? !is_word : !is_word && c != '/' && c != '_' && c != '+' && c != '-')
			return err_set(err, -EINVAL,
				       "time zone \"%.*s\", column %zu: names look like "
				       "Europe/Berlin or UTC",
				       STR(name), i + 1);
		is_start = c == '/';
	}
	if (is_start)
		return err_set(err, -EINVAL, "time zone \"%.*s\" ends with a slash", STR(name));
	return 0;
}

/* Index of the first change after at_s. */
static size_t change_after(const struct tz *tz, int64_t at_s)
{
	size_t low = 0, high = tz->change_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (tz->change_at_s[middle] <= at_s)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

int32_t tz_offset(const struct tz *tz, int64_t at_s, int64_t *ret_until_s)
{
	size_t next = change_after(tz, at_s);

	if (next < tz->change_count) {
		*ret_until_s = tz->change_at_s[next];
		return next ? tz->offset_s[next - 1] : tz->first_offset_s;
	}
	if (tz->has_rule)
		return tz_rule_offset(&tz->rule, at_s, ret_until_s);
	*ret_until_s = INT64_MAX;
	return next ? tz->offset_s[next - 1] : tz->first_offset_s;
}

/* Walks the spans of one offset that the local time may lie in. */
enum tz_local_kind tz_from_local(const struct tz *tz, int64_t local_s, int64_t *ret_first_s)
{
	int64_t at_s = local_s - TZ_OFFSET_LIMIT_S, until_s, gap_s = 0;
	bool has_gap = false;
	unsigned found = 0;

	for (; at_s <= local_s + TZ_OFFSET_LIMIT_S; at_s = until_s) {
		int32_t offset_s = tz_offset(tz, at_s, &until_s);
		int64_t instant_s = local_s - offset_s;

		if (instant_s >= at_s && instant_s < until_s && !found++)
			*ret_first_s = instant_s;
		if (until_s > local_s + 2 * TZ_OFFSET_LIMIT_S)
			break;
		if (!has_gap && until_s + offset_s <= local_s) {
			int64_t ignored;

			has_gap = until_s + tz_offset(tz, until_s, &ignored) > local_s;
			gap_s = until_s;
		}
	}
	if (found)
		return found > 1 ? TZ_REPEATED : TZ_UNIQUE;
	*ret_first_s = has_gap ? gap_s : local_s;
	return TZ_GAP;
}
