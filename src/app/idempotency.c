/* SPDX-License-Identifier: Apache-2.0 */
/* Was this request answered before? */
#include "app/idempotency.h"

#include "app/token.h"
#include "base/fault.h"

struct call {
	const struct actor *actor;
	struct arena *a;
	struct idempotency_row row;
};

/* Two actors of a workspace may choose the same key: theirs are apart. */
static struct str key_text(struct arena *a, const struct actor *actor, struct str key)
{
	return str_printf(a, "%.*s %.*s", STR(actor_text(a, actor)), STR(key));
}

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
	*ret = key_text(a, actor, key);
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
	if (FAULT_IS_OFF("idempotency"))
		return -ENOENT;
	TRY(store_read(app->store, find_row, &call, &problem->err));
	if (!str_eq(call.row.request, token_hash(a, request)))
		return problem_add(problem, STR_LIT("/header/Idempotency-Key"), "reused",
				   "this key came with another request before: use a new one");
	*ret = call.row;
	return 0;
}

int claim_keep(struct store_tx *tx, const struct app *app, const struct actor *actor,
	       const void *made, bool is_new, struct err *err)
{
	const struct claim *claim = actor->claim;
	struct idempotency_row row = { .workspace = actor->workspace };
	int code;

	if (!claim || FAULT_IS_OFF("idempotency"))
		return 0;
	claim->answer(claim->context, tx->a, made, is_new, &row);
	if (row.response.len > IDEMPOTENCY_RESPONSE_BYTES)
		return err_set(err, ERR_LIMIT, "an answer of %zu octets is not kept",
			       row.response.len);
	row.key = key_text(tx->a, actor, claim->key);
	row.request = token_hash(tx->a, claim->request);
	row.expires_at = tx->now_us + app->idempotency_us;
	code = idempotency_insert(tx, &row, err);
	return code == -EEXIST ? -EINPROGRESS : code;
}
