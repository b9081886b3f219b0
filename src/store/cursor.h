/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Where a page of a list ended, as octets: an octet that says which list and order, eight of a number,
 * then a text. Whoever gives them to strangers signs them; they are checked all the same.
 */
#ifndef DSS_STORE_CURSOR_H
#define DSS_STORE_CURSOR_H

#include "base/err.h"
#include "base/str.h"
#include "base/uuid.h"

enum { CURSOR_TEXT_MAX = 1024 };

struct cursor {
	int64_t number;
	struct str text; /**< printable ASCII without blanks */
};

struct str cursor_write(struct arena *a, uint8_t kind, struct cursor cursor);
/** text is a view. -EINVAL: not written by cursor_write, or with another kind. */
int cursor_read(struct str octets, uint8_t kind, struct cursor *ret, struct err *err) MUST_USE;

/** Lists in the order of ids: the octets are the id; empty is the nil id. -EINVAL. */
int cursor_read_id(struct str octets, struct uuid *ret, struct err *err) MUST_USE;
struct str cursor_write_id(struct arena *a, struct uuid id);
/** Lists in the order of a number: the same with eight octets; `first` when empty. */
int cursor_read_number(struct str octets, int64_t first, int64_t *ret, struct err *err) MUST_USE;
struct str cursor_write_number(struct arena *a, int64_t number);

#endif
