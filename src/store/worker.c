/* SPDX-License-Identifier: Apache-2.0 */
/* Which workers live? */
#include "store/worker.h"

#include "store/sql.h"

int worker_register(struct store_tx *tx, struct worker_row *row, struct err *err)
{
	row->started_at = tx->now_us;
	row->lease_until = tx->now_us + WORKER_LEASE_US;
	return sql_change(tx, err, SQL_WORKER_INSERT, SQL_ID(row->id), SQL_TEXT(row->host),
			  SQL_INT(row->pid), SQL_INT(row->started_at), SQL_INT(row->lease_until),
			  SQL_INT(row->capacity), SQL_INT(row->running), SQL_INT(row->is_draining));
}

int worker_beat(struct store_tx *tx, struct uuid id, int64_t running, bool is_draining,
		struct err *err)
{
	return sql_change(tx, err, SQL_WORKER_BEAT, SQL_ID(id),
			  SQL_INT(tx->now_us + WORKER_LEASE_US), SQL_INT(running),
			  SQL_INT(is_draining));
}

int worker_expire(struct store_tx *tx, struct uuid id, struct err *err)
{
	return MIN(sql_run(tx, err, SQL_WORKER_EXPIRE, SQL_ID(id)), 0);
}

int worker_remove(struct store_tx *tx, struct uuid id, struct err *err)
{
	return MIN(sql_run(tx, err, SQL_WORKER_DELETE, SQL_ID(id)), 0);
}

static int workers_read(struct sql *q, struct worker_row **ret, size_t *ret_count)
{
	struct buf rows;
	int code;

	buf_init(&rows, q->tx->a);
	for (code = sql_step(q); code > 0; code = sql_step(q)) {
		struct worker_row row = {
			.id = sql_id(q, 0),
			.host = sql_text(q, 1),
			.pid = sql_int(q, 2),
			.started_at = sql_int(q, 3),
			.lease_until = sql_int(q, 4),
			.capacity = sql_int(q, 5),
			.running = sql_int(q, 6),
			.is_draining = sql_bool(q, 7),
		};

		buf_put(&rows, &row, sizeof row);
	}
	TRY(code);
	*ret = (struct worker_row *)rows.data;
	*ret_count = rows.len / sizeof **ret;
	return 0;
}

int worker_list(struct store_tx *tx, struct worker_row **ret, size_t *ret_count, struct err *err)
{
	struct sql q SQL_CLOSED = sql_query(tx, err, SQL_WORKER_LIST);

	return workers_read(&q, ret, ret_count);
}

int worker_lost(struct store_tx *tx, struct worker_row **ret, size_t *ret_count, struct err *err)
{
	struct sql q SQL_CLOSED = sql_query(tx, err, SQL_WORKER_LOST, SQL_INT(tx->now_us));

	return workers_read(&q, ret, ret_count);
}

int worker_capacity(struct store_tx *tx, int64_t *ret, struct err *err)
{
	return sql_number(tx, err, ret, SQL_WORKER_CAPACITY);
}

int worker_foresee_capacity(struct store_tx *tx, struct err *err)
{
	return sql_foresee(tx, err, SQL_WORKER_CAPACITY);
}

int worker_count(struct store_tx *tx, int64_t *ret, struct err *err)
{
	return sql_number(tx, err, ret, SQL_WORKER_COUNT);
}
