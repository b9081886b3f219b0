/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Places in a list: the octets of `after` and `ret_next` (store/store.h, struct page). A place is the
 * sort key of a row: numbers of 8 octets, ids of 16, and at the end perhaps a text. It comes back from
 * strangers: reading it checks its length, and each repository that all of it was read.
 */
#ifndef DSS_STORE_KEYSET_H
#define DSS_STORE_KEYSET_H

#include "base/uuid.h"

enum { PAGE_LIMIT = 1000 };

static inline unsigned page_limit(unsigned limit)
{
	return MAX(1u, MIN(limit, (unsigned)PAGE_LIMIT));
}

static inline void keyset_put_int(struct buf *out, int64_t value)
{
	for (int shift = 56; shift >= 0; shift -= 8)
		buf_put_char(out, (char)((uint64_t)value >> shift));
}

static inline void keyset_put_id(struct buf *out, struct uuid id)
{
	buf_put(out, id.octets, sizeof id.octets);
}

/** 0, or -EINVAL when too little is left. */
static inline int keyset_take_int(struct str *rest, int64_t *ret)
{
	uint64_t value = 0;

	if (rest->len < 8)
		return -EINVAL;
	for (size_t i = 0; i < 8; i++)
		value = value << 8 | (uint8_t)rest->data[i];
	*rest = str_from(*rest, 8);
	*ret = (int64_t)value;
	return 0;
}

static inline int keyset_take_id(struct str *rest, struct uuid *ret)
{
	if (rest->len < UUID_BYTES)
		return -EINVAL;
	memcpy(ret->octets, rest->data, UUID_BYTES);
	*rest = str_from(*rest, UUID_BYTES);
	return 0;
}

#endif
