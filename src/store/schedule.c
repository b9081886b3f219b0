/* SPDX-License-Identifier: Apache-2.0 */
/* What is scanned when? */
#include "store/schedule.h"

#include "model/profile.h"
#include "store/cursor.h"
#include "store/sql.h"

const char *const missed_policy_words[] = {
	[MISSED_SKIP] = "skip", [MISSED_ONCE] = "once", [MISSED_ALL] = "all", NULL
};

enum { NO_PROFILE = -1 };

static void schedule_columns(struct sql *q, struct schedule_row *ret)
{
	*ret = (struct schedule_row){
		.id = sql_id(q, 0),
		.workspace = sql_int(q, 1),
		.name = sql_text(q, 2),
		.cron = sql_text(q, 3),
		.zone = sql_text(q, 4),
		.blackouts = sql_text(q, 5),
		.selector = sql_text(q, 6),
		.jitter_s = sql_int(q, 7),
		.profile = (int)sql_int_or(q, 8, NO_PROFILE),
		.priority = (int)sql_int(q, 9),
		.missed = (enum missed_policy)sql_int_in(q, 10, MISSED_SKIP, MISSED_ALL),
		.is_enabled = sql_bool(q, 11),
		.next_at = sql_time(q, 12),
		.next_tick = sql_time(q, 13),
		.last_at = sql_time(q, 14),
		.last_tick = sql_time(q, 15),
		.created_at = sql_int(q, 16),
		.version = sql_int(q, 17),
	};
}

static int schedule_read(struct sql *q, struct schedule_row *ret, struct err *err)
{
	struct schedule_row row;
	int code = sql_one(q);

	if (code == -ENOENT)
		return err_set(err, -ENOENT, "no such schedule");
	TRY(code);
	schedule_columns(q, &row);
	TRY(sql_end(q));
	*ret = row;
	return 0;
}

static int name_taken(const struct schedule_row *row, struct err *err)
{
	return err_set(err, -EEXIST, "a schedule \"%.*s\" is there already", STR(row->name));
}

int schedule_insert(struct store_tx *tx, struct schedule_row *row, struct err *err)
{
	struct uuid id = uuid_is_nil(row->id) ? uuid_new(tx->now_us) : row->id;
	int code = sql_run(tx, err, SQL_SCHEDULE_INSERT, SQL_ID(id), SQL_INT(row->workspace),
			   SQL_TEXT(row->name), SQL_TEXT(row->cron), SQL_TEXT(row->zone),
			   SQL_TEXT_OR_NULL(row->blackouts), SQL_TEXT(row->selector),
			   SQL_INT(row->jitter_s), SQL_INT_OR_NULL(row->profile, NO_PROFILE),
			   SQL_INT(row->priority), SQL_INT(row->missed), SQL_INT(row->is_enabled),
			   SQL_TIME(row->next_at), SQL_TIME(row->next_tick), SQL_INT(tx->now_us));

	if (code == -EEXIST)
		return name_taken(row, err);
	TRY(code);
	row->id = id;
	row->created_at = tx->now_us;
	row->version = 1;
	return 0;
}

int schedule_get(struct store_tx *tx, int64_t workspace, struct uuid id, struct schedule_row *ret,
		 struct err *err)
{
	struct sql q SQL_CLOSED =
		sql_query(tx, err, SQL_SCHEDULE_GET, SQL_INT(workspace), SQL_ID(id));

	return schedule_read(&q, ret, err);
}

int schedule_find(struct store_tx *tx, int64_t workspace, struct str name, struct schedule_row *ret,
		  struct err *err)
{
	struct sql q SQL_CLOSED =
		sql_query(tx, err, SQL_SCHEDULE_FIND, SQL_INT(workspace), SQL_TEXT(name));

	return schedule_read(&q, ret, err);
}

int schedule_count(struct store_tx *tx, int64_t workspace, int64_t *ret, struct err *err)
{
	return sql_number(tx, err, ret, SQL_SCHEDULE_COUNT, SQL_INT(workspace));
}

int schedule_list(struct store_tx *tx, int64_t workspace, const struct page *page,
		  struct schedule_row **ret, size_t *ret_count, struct str *ret_next,
		  struct err *err)
{
	struct schedule_row *rows = arena_array(tx->a, page->limit + (size_t)1, sizeof *rows);
	size_t count = 0;
	struct uuid after;
	int code;

	TRY(cursor_read_id(page->after, &after, err));
	struct sql q SQL_CLOSED =
		sql_query(tx, err, SQL_SCHEDULE_LIST, SQL_INT_OR_NULL(workspace, 0), SQL_ID(after),
			  SQL_INT(page->limit + INT64_C(1)));

	for (code = sql_step(&q); code > 0 && count <= page->limit; code = sql_step(&q))
		schedule_columns(&q, &rows[count++]);
	TRY(code);
	*ret_next = STR_NONE;
	if (count > page->limit)
		*ret_next = cursor_write_id(tx->a, rows[(count = page->limit) - 1].id);
	*ret = rows;
	*ret_count = count;
	return 0;
}

int schedule_update(struct store_tx *tx, struct schedule_row *row, struct err *err)
{
	int code =
		sql_change(tx, err, SQL_SCHEDULE_UPDATE, SQL_ID(row->id), SQL_INT(row->version),
			   SQL_TEXT(row->name), SQL_TEXT(row->cron), SQL_TEXT(row->zone),
			   SQL_TEXT_OR_NULL(row->blackouts), SQL_TEXT(row->selector),
			   SQL_INT(row->jitter_s), SQL_INT_OR_NULL(row->profile, NO_PROFILE),
			   SQL_INT(row->priority), SQL_INT(row->missed), SQL_INT(row->is_enabled),
			   SQL_TIME(row->next_at), SQL_TIME(row->next_tick));

	if (code == -ENOENT)
		return err_set(err, -ESTALE, "schedule %.*s was changed meanwhile: read it again",
			       STR(row->name));
	if (code == -EEXIST)
		return name_taken(row, err);
	TRY(code);
	row->version++;
	return 0;
}

int schedule_delete(struct store_tx *tx, struct uuid id, struct err *err)
{
	return sql_change(tx, err, SQL_SCHEDULE_DELETE, SQL_ID(id));
}

int schedule_due(struct store_tx *tx, int64_t now, unsigned limit, struct schedule_row **ret,
		 size_t *ret_count, struct err *err)
{
	struct schedule_row *rows = arena_array(tx->a, limit + (size_t)1, sizeof *rows);
	struct sql q SQL_CLOSED =
		sql_query(tx, err, SQL_SCHEDULE_DUE, SQL_INT(now), SQL_INT(limit));
	size_t count = 0;
	int code;

	for (code = sql_step(&q); code > 0 && count < limit; code = sql_step(&q))
		schedule_columns(&q, &rows[count++]);
	TRY(code);
	*ret = rows;
	*ret_count = count;
	return 0;
}

int schedule_next_due(struct store_tx *tx, int64_t *ret, struct err *err)
{
	return sql_number(tx, err, ret, SQL_SCHEDULE_NEXT_DUE);
}

int schedule_move(struct store_tx *tx, struct uuid id, int64_t tick, int64_t last_tick,
		  int64_t next_tick, int64_t next_at, struct err *err)
{
	int code = sql_change(tx, err, SQL_SCHEDULE_MOVE, SQL_ID(id), SQL_INT(tick),
			      SQL_TIME(next_tick), SQL_TIME(next_at), SQL_TIME(last_tick),
			      SQL_INT(tx->now_us));

	return code == -ENOENT ? err_set(err, -ESTALE, "the schedule waits for another tick by now")
			       : code;
}
