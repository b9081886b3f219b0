/* SPDX-License-Identifier: Apache-2.0 */
/* Which scans wait to be handed over, and what has the bus? */
#include "store/scan.h"

#include "store/sql.h"

int scan_waiting_workspaces(struct store_tx *tx, int priority, int64_t **ret, size_t *ret_count,
			    struct err *err)
{
	struct buf found;
	int64_t workspace = 0;
	int code;

	buf_init(&found, tx->a);
	while ((code = sql_number(tx, err, &workspace, SQL_SCAN_NEXT_WAITING_WORKSPACE,
				  SQL_INT(priority), SQL_INT(workspace))) == 0)
		buf_put(&found, &workspace, sizeof workspace);
	if (code != -ENOENT)
		return code;
	*ret = (int64_t *)found.data;
	*ret_count = found.len / sizeof **ret;
	return 0;
}

int scan_foresee_waiting(struct store_tx *tx, struct err *err)
{
	for (int priority = 0; priority < PRIORITY_COUNT; priority++)
		TRY(sql_foresee(tx, err, SQL_SCAN_NEXT_WAITING_WORKSPACE, SQL_INT(priority),
				SQL_INT(0)));
	return 0;
}

int scan_waiting_list(struct store_tx *tx, int priority, int64_t workspace, unsigned limit,
		      struct scan_waiting **ret, size_t *ret_count, struct err *err)
{
	struct sql q SQL_CLOSED = sql_query(tx, err, SQL_SCAN_WAITING_LIST, SQL_INT(priority),
					    SQL_INT(workspace), SQL_INT(limit));
	struct buf rows;
	int code;

	buf_init(&rows, tx->a);
	for (code = sql_step(&q); code > 0; code = sql_step(&q)) {
		struct scan_waiting row = { .id = sql_id(&q, 0),
					    .workspace = sql_int(&q, 1),
					    .priority = (int)sql_int(&q, 2),
					    .trace = sql_text(&q, 3) };

		buf_put(&rows, &row, sizeof row);
	}
	TRY(code);
	*ret = (struct scan_waiting *)rows.data;
	*ret_count = rows.len / sizeof **ret;
	return 0;
}

int scan_published(struct store_tx *tx, struct uuid id, struct err *err)
{
	return MIN(sql_run(tx, err, SQL_SCAN_PUBLISHED, SQL_ID(id), SQL_INT(tx->now_us)), 0);
}

int scan_unpublish(struct store_tx *tx, int64_t before, unsigned limit, int64_t *ret_count,
		   struct err *err)
{
	int count = sql_run(tx, err, SQL_SCAN_UNPUBLISH, SQL_INT(before), SQL_INT(limit));

	TRY(count);
	*ret_count = count;
	return 0;
}

int scan_waiting_count(struct store_tx *tx, int priority, int64_t workspace, int64_t *ret,
		       struct err *err)
{
	return sql_number(tx, err, ret, SQL_SCAN_WAITING_COUNT, SQL_INT(priority),
			  SQL_INT(workspace));
}

int scan_backlog_reaches(struct store_tx *tx, int64_t most, bool *ret, struct err *err)
{
	int64_t count;

	TRY(sql_number(tx, err, &count, SQL_SCAN_BACKLOG, SQL_INT(most)));
	*ret = count >= most;
	return 0;
}

int scan_in_flight(struct store_tx *tx, int64_t workspace, int64_t *ret_on_bus,
		   int64_t *ret_running, struct err *err)
{
	struct sql q SQL_CLOSED =
		workspace ? sql_query(tx, err, SQL_SCAN_IN_FLIGHT, SQL_INT(workspace))
			  : sql_query(tx, err, SQL_SCAN_IN_FLIGHT_ALL);
	int64_t on_bus, running;

	TRY(sql_one(&q));
	on_bus = sql_int(&q, 0);
	running = sql_int(&q, 1);
	TRY(sql_end(&q));
	*ret_on_bus = on_bus;
	*ret_running = running;
	return 0;
}

int scan_foresee_in_flight(struct store_tx *tx, struct err *err)
{
	return sql_foresee(tx, err, SQL_SCAN_IN_FLIGHT_ALL);
}

int scan_on_bus(struct store_tx *tx, struct scan_on_bus ret[PRIORITY_COUNT], struct err *err)
{
	struct sql q SQL_CLOSED = sql_query(tx, err, SQL_SCAN_ON_BUS);
	int code;

	memset(ret, 0, PRIORITY_COUNT * sizeof *ret);
	for (code = sql_step(&q); code > 0; code = sql_step(&q)) {
		int64_t priority = sql_int(&q, 0);

		if (priority >= 0 && priority < PRIORITY_COUNT)
			ret[priority] = (struct scan_on_bus){ sql_int(&q, 1), sql_int(&q, 2),
							      sql_int(&q, 3) };
	}
	return code;
}
