/* SPDX-License-Identifier: Apache-2.0 */
/* How is the end of a page written down? */
#include "store/cursor.h"

enum { NUMBER_BYTES = 8, HEAD_BYTES = 1 + NUMBER_BYTES };

static int cursor_bad(struct err *err)
{
	return err_set(err, -EINVAL,
		       "the cursor is not one that this list gave: start at the first page");
}

static void number_put(struct buf *out, int64_t number)
{
	for (int shift = 56; shift >= 0; shift -= 8)
		buf_put_char(out, (char)((uint64_t)number >> shift));
}

static int64_t number_get(const char *octets)
{
	uint64_t number = 0;

	for (size_t i = 0; i < NUMBER_BYTES; i++)
		number = number << 8 | (uint8_t)octets[i];
	return (int64_t)number;
}

struct str cursor_write(struct arena *a, uint8_t kind, struct cursor cursor)
{
	struct buf out;

	buf_init(&out, a);
	buf_put_char(&out, (char)kind);
	number_put(&out, cursor.number);
	buf_put_str(&out, cursor.text);
	return buf_str(&out);
}

int cursor_read(struct str octets, uint8_t kind, struct cursor *ret, struct err *err)
{
	struct str text = str_from(octets, HEAD_BYTES);

	if (octets.len < HEAD_BYTES || text.len > CURSOR_TEXT_MAX ||
	    (uint8_t)octets.data[0] != kind)
		return cursor_bad(err);
	for (size_t i = 0; i < text.len; i++)
		if (text.data[i] <= ' ' || text.data[i] > '~')
			return cursor_bad(err);
	*ret = (struct cursor){ number_get(octets.data + 1), text };
	return 0;
}

int cursor_read_id(struct str octets, struct uuid *ret, struct err *err)
{
	*ret = UUID_NIL;
	if (!octets.len)
		return 0;
	if (octets.len != UUID_BYTES)
		return cursor_bad(err);
	memcpy(ret->octets, octets.data, UUID_BYTES);
	return 0;
}

struct str cursor_write_id(struct arena *a, struct uuid id)
{
	return str_copy(a, str_bytes(id.octets, UUID_BYTES));
}

int cursor_read_number(struct str octets, int64_t first, int64_t *ret, struct err *err)
{
	*ret = first;
	if (!octets.len)
		return 0;
	if (octets.len != NUMBER_BYTES)
		return cursor_bad(err);
	*ret = number_get(octets.data);
	return 0;
}

struct str cursor_write_number(struct arena *a, int64_t number)
{
	struct buf out;

	buf_init(&out, a);
	number_put(&out, number);
	return buf_str(&out);
}
