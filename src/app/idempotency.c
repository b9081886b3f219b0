/* SPDX-License-Identifier: Apache-2.0 */
/* Was this request answered before? */
#include "app/idempotency.h"

#include "app/token.h"

struct call {
	const struct app *app;
	const struct actor *actor;
	struct arena *a;
	struct idempotency_row row;
};

/* Two actors of a workspace may choose the same key: theirs are apart. */
static int key_read(struct arena *a, const struct actor *actor, struct str key, struct str *ret,
		    struct problem *problem)
{
	static const struct str pointer = STR_INIT("/header/Idempotency-Key");

	if (!key.len || key.len > IDEMPOTENCY_KEY_BYTES)
		return problem_add(problem, pointer, "too-long", "1 to %d characters",
				   IDEMPOTENCY_KEY_BYTES);
	for (size_t i = 0; i < key.len; i++)
		if (key.data[i] < ' ' || key.data[i] > '~')
			return problem_add(problem, pointer, "control",
					   "column %zu: printable ASCII only", i + 1);
	*ret = str_printf(a, "%.*s %.*s", STR(actor_text(a, actor)), STR(key));
	return 0;
}

static int find_row(struct store_tx *tx, void *context, struct err *err)
{
	struct call *call = context;

	store_keep(tx, call->a);
	return idempotency_find(tx, call->actor->workspace, call->row.key, &call->row, err);
}

int app_idempotency_find(struct app *app, const struct actor *actor, struct arena *a,
			 struct str key, struct str request, struct idempotency_row *ret,
			 struct problem *problem)
{
	struct call call = { .actor = actor, .a = a };

	TRY(key_read(a, actor, key, &call.row.key, problem));
	TRY(store_read(app->store, find_row, &call, &problem->err));
	if (!str_eq(call.row.request, token_hash(a, request)))
		return problem_add(problem, STR_LIT("/header/Idempotency-Key"), "reused",
				   "this key came with another request before: use a new one");
	*ret = call.row;
	return 0;
}

static int insert_row(struct store_tx *tx, void *context, struct err *err)
{
	struct call *call = context;

	call->row.expires_at = tx->now_us + call->app->idempotency_us;
	return idempotency_insert(tx, &call->row, err);
}

int app_idempotency_keep(struct app *app, const struct actor *actor, struct str key,
			 struct str request, int status, struct str response, struct str location,
			 struct problem *problem)
{
	struct call call = { .app = app, .actor = actor };

	TRY(key_read(problem->a, actor, key, &call.row.key, problem));
	if (response.len > IDEMPOTENCY_RESPONSE_BYTES)
		return 0;
	call.row.workspace = actor->workspace;
	call.row.request = token_hash(problem->a, request);
	call.row.status = status;
	call.row.response = response;
	call.row.location = location;
	return store_write(app->store, insert_row, &call, &problem->err);
}
