/* SPDX-License-Identifier: Apache-2.0 */
/**
 * How what a workspace has is read, whatever it is: one by its name or id, or a page of all. Each line
 * below makes one function, which the aggregate's header declares and describes. What takes filters, or
 * looks beyond its own workspace, is written out where it stands.
 *
 * Only for the .c files of app/.
 */
#ifndef DSS_APP_NAMED_H
#define DSS_APP_NAMED_H

#include "app/app.h"

/* Lets each of these lines end with a semicolon. */
#define NAMED_END _Static_assert(true, "")

/**
 * int FUNCTION(tx, workspace, name_or_id, ROW *ret, err): the row that an id with this prefix, or else a
 * name means. -ENOENT says what is not there.
 * @GET   the store's, by id    @FIND  the store's, by name
 */
#define APP_NAMED(FUNCTION, ROW, NOUN, PREFIX, GET, FIND)                                          \
	int FUNCTION(struct store_tx *tx, int64_t workspace, struct str name_or_id, ROW *ret,      \
		     struct err *err)                                                              \
	{                                                                                          \
		struct uuid id;                                                                    \
		int code = id_parse(name_or_id, PREFIX, &id, NULL) == 0                            \
				   ? GET(tx, workspace, id, ret, err)                              \
				   : FIND(tx, workspace, name_or_id, ret, err);                    \
                                                                                                   \
		return code == -ENOENT ? named_missing(NOUN, name_or_id, err) : code;              \
	}                                                                                          \
	NAMED_END

/** int FUNCTION(app, actor, a, name_or_id, ROW *ret, problem): for who has the scope. @NAMED as above */
#define APP_GET(FUNCTION, SCOPE, ROW, NAMED)                                                       \
	struct FUNCTION##_call {                                                                   \
		int64_t workspace;                                                                 \
		struct arena *a;                                                                   \
		struct str name_or_id;                                                             \
		ROW row;                                                                           \
	};                                                                                         \
	static int FUNCTION##_read(struct store_tx *tx, void *context, struct err *err)            \
	{                                                                                          \
		struct FUNCTION##_call *call = context;                                            \
                                                                                                   \
		store_keep(tx, call->a);                                                           \
		return NAMED(tx, call->workspace, call->name_or_id, &call->row, err);              \
	}                                                                                          \
	int FUNCTION(struct app *app, const struct actor *actor, struct arena *a,                  \
		     struct str name_or_id, ROW *ret, struct problem *problem)                     \
	{                                                                                          \
		struct FUNCTION##_call call = { .workspace = actor->workspace,                     \
						.a = a,                                            \
						.name_or_id = name_or_id };                        \
                                                                                                   \
		TRY(actor_may(actor, SCOPE, problem));                                             \
		TRY(store_read(app->store, FUNCTION##_read, &call, &problem->err));                \
		*ret = call.row;                                                                   \
		return 0;                                                                          \
	}                                                                                          \
	NAMED_END

/**
 * int FUNCTION(app, actor, a, page, ROW **ret, ret_count, ret_next, problem): a page for who has the scope.
 * @LIST  the store's: (tx, workspace, page, ROW **ret, ret_count, ret_next, err)
 */
#define APP_LIST(FUNCTION, SCOPE, ROW, LIST)                                                       \
	struct FUNCTION##_call {                                                                   \
		int64_t workspace;                                                                 \
		struct arena *a;                                                                   \
		const struct page *page;                                                           \
		ROW *rows;                                                                         \
		size_t count;                                                                      \
		struct str next;                                                                   \
	};                                                                                         \
	static int FUNCTION##_read(struct store_tx *tx, void *context, struct err *err)            \
	{                                                                                          \
		struct FUNCTION##_call *call = context;                                            \
                                                                                                   \
		store_keep(tx, call->a);                                                           \
		return LIST(tx, call->workspace, call->page, &call->rows, &call->count,            \
			    &call->next, err);                                                     \
	}                                                                                          \
	int FUNCTION(struct app *app, const struct actor *actor, struct arena *a,                  \
		     const struct page *page, ROW **ret, size_t *ret_count, struct str *ret_next,  \
		     struct problem *problem)                                                      \
	{                                                                                          \
		struct FUNCTION##_call call = { .workspace = actor->workspace,                     \
						.a = a,                                            \
						.page = page };                                    \
                                                                                                   \
		TRY(actor_may(actor, SCOPE, problem));                                             \
		TRY(page_check(page, problem));                                                    \
		TRY(page_code(store_read(app->store, FUNCTION##_read, &call, &problem->err),       \
			      problem));                                                           \
		*ret = call.rows;                                                                  \
		*ret_count = call.count;                                                           \
		*ret_next = call.next;                                                             \
		return 0;                                                                          \
	}                                                                                          \
	NAMED_END

/** -ENOENT: there is no NOUN "NAME_OR_ID". */
int named_missing(const char *noun, struct str name_or_id, struct err *err);

/**
 * May this version be written over? 0 when the caller named that which is stored, or none (0); -ESTALE,
 * with the stored one in problem->version.
 */
int version_check(int64_t named, int64_t stored, struct str name, struct problem *problem,
		  struct err *err) MUST_USE;

#endif
