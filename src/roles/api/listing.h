/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Lists: pages by keyset, as a JSON object of one page with its cursor, or all of it streamed as NDJSON
 * or CSV. An operation gives one page at a time; the rest is done here.
 *
 * A cursor is opaque to clients: the last row's key, the route and the filters that it belongs to, and
 * a keyed hash, so that a cursor of another list, of other filters, or one made up is told from ours.
 */
#ifndef DSS_ROLES_API_LISTING_H
#define DSS_ROLES_API_LISTING_H

#include "roles/api/request.h"

enum { LISTING_LIMIT = 100, LISTING_MOST = 1000 };

/** What an operation's input struct begins with when it is a list's. */
struct listing_input {
	struct str cursor;
	uint32_t limit;
};

/** The two fields of a list; S begins with a struct listing_input called page. */
#define LISTING_FIELDS(S)                                                                          \
	{ .name = "cursor",                                                                        \
	  .type = FIELD_WORD,                                                                      \
	  .in = IN_QUERY,                                                                          \
	  .offset = offsetof(S, page.cursor),                                                      \
	  .most = 2000,                                                                            \
	  .help = "where to go on: next_cursor of the page before" },                              \
	{                                                                                          \
		.name = "limit", .type = FIELD_UINT, .in = IN_QUERY,                               \
		.offset = offsetof(S, page.limit), .size = sizeof(uint32_t), .least = 1,           \
		.most = LISTING_MOST, .fallback = "100", .help = "items of a page"                 \
	}

/** Of a list that takes nothing else. */
struct listing_only {
	struct listing_input page;
};
extern const struct field listing_fields[];

struct listing {
	struct arena *arena; /**< for this page's items */
	/* in */
	struct str after; /**< octets of the row before; empty: the first page */
	unsigned limit;
	/* out */
	const void *items; /**< structs of the operation's shape */
	size_t count;
	struct str next; /**< octets of the last row; empty: this is the last page */
};

/** The page in the store's terms. */
static inline struct page listing_page(const struct listing *list)
{
	return (struct page){ .after = list->after, .limit = list->limit };
}

/** LIST->items become VIEW_OF(arena, &ROWS[i]), one a row. */
#define LISTING_SHOW(LIST, VIEW_OF, ROWS)                                                          \
	do {                                                                                       \
		struct listing *list_ = (LIST);                                                    \
		__typeof__(VIEW_OF(list_->arena, (ROWS))) *views_ =                                \
			arena_array(list_->arena, list_->count + 1, sizeof *views_);               \
		for (size_t i_ = 0; i_ < list_->count; i_++)                                       \
			views_[i_] = VIEW_OF(list_->arena, &(ROWS)[i_]);                           \
		list_->items = views_;                                                             \
	} while (0)

/** Answers a request whose operation has .page. */
int listing_answer(struct request *r);

/** The text of a cursor, and back: 0 or ERR_SYNTAX. @key 32 octets; @scope what it belongs to */
struct str cursor_sign(struct arena *a, struct str key, struct str scope, struct str after);
int cursor_verify(struct arena *a, struct str key, struct str scope, struct str text,
		  struct str *ret_after) MUST_USE;

#endif
