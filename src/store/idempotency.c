/* SPDX-License-Identifier: Apache-2.0 */
/* Which requests were answered already, and how? */
#include "store/idempotency.h"

#include "store/sql.h"

int idempotency_find(struct store_tx *tx, int64_t workspace, struct str key,
		     struct idempotency_row *ret, struct err *err)
{
	struct sql q SQL_CLOSED = sql_query(tx, err, SQL_IDEMPOTENCY_FIND, SQL_INT(workspace),
					    SQL_TEXT(key), SQL_INT(tx->now_us));
	struct idempotency_row row;

	TRY(sql_one(&q));
	row = (struct idempotency_row){
		.workspace = workspace,
		.key = key,
		.request = sql_blob(&q, 0),
		.status = sql_int_in(&q, 1, 100, 599),
		.response = sql_blob(&q, 2),
		.location = sql_text(&q, 3),
		.expires_at = sql_int(&q, 4),
	};
	TRY(sql_end(&q));
	*ret = row;
	return 0;
}

int idempotency_insert(struct store_tx *tx, const struct idempotency_row *row, struct err *err)
{
	int written = sql_run(tx, err, SQL_IDEMPOTENCY_INSERT, SQL_INT(row->workspace),
			      SQL_TEXT(row->key), SQL_BLOB(row->request), SQL_INT(row->status),
			      SQL_BLOB(row->response), SQL_TEXT_OR_NULL(row->location),
			      SQL_INT(row->expires_at), SQL_INT(tx->now_us));

	TRY(written);
	return written ? 0 : err_set(err, -EEXIST, "this Idempotency-Key was used already");
}

int idempotency_expire(struct store_tx *tx, unsigned limit, int64_t *ret_gone, struct err *err)
{
	int gone = sql_run(tx, err, SQL_IDEMPOTENCY_EXPIRE, SQL_INT(tx->now_us), SQL_INT(limit));

	TRY(gone);
	*ret_gone = gone;
	return 0;
}
