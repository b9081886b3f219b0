/* SPDX-License-Identifier: Apache-2.0 */
/* Which API keys are there? */
#include "store/key.h"

#include "store/cursor.h"
#include "store/sql.h"

static void key_columns(struct sql *q, struct key_row *ret)
{
	*ret = (struct key_row){
		.id = sql_id(q, 0),
		.workspace = sql_int(q, 1),
		.name = sql_text(q, 2),
		.hash = sql_blob(q, 3),
		.prefix = sql_text(q, 4),
		.role = (enum role)sql_int_in(q, 5, 0, ROLE_COUNT - 1),
		.scopes = (uint32_t)sql_int(q, 6),
		.created_by = sql_id(q, 7),
		.created_at = sql_int(q, 8),
		.expires_at = sql_time(q, 9),
		.used_at = sql_time(q, 10),
		.revoked_at = sql_time(q, 11),
	};
}

static int key_read(struct sql *q, struct key_row *ret, struct err *err)
{
	struct key_row row;
	int code = sql_one(q);

	if (code == -ENOENT)
		return err_set(err, -ENOENT, "no such key");
	TRY(code);
	key_columns(q, &row);
	TRY(sql_end(q));
	*ret = row;
	return 0;
}

int key_insert(struct store_tx *tx, struct key_row *row, struct err *err)
{
	struct uuid id = uuid_new(tx->now_us);

	TRY(sql_run(tx, err, SQL_KEY_INSERT, SQL_ID(id), SQL_INT(row->workspace),
		    SQL_TEXT(row->name), SQL_BLOB(row->hash), SQL_TEXT(row->prefix),
		    SQL_INT(row->role), SQL_INT(row->scopes), SQL_ID_OR_NULL(row->created_by),
		    SQL_INT(tx->now_us), SQL_TIME(row->expires_at)));
	row->id = id;
	row->created_at = tx->now_us;
	return 0;
}

int key_find(struct store_tx *tx, struct str hash, struct key_row *ret, struct err *err)
{
	struct sql q SQL_CLOSED = sql_query(tx, err, SQL_KEY_FIND, SQL_BLOB(hash));

	return key_read(&q, ret, err);
}

int key_get(struct store_tx *tx, int64_t workspace, struct uuid id, struct key_row *ret,
	    struct err *err)
{
	struct sql q SQL_CLOSED = sql_query(tx, err, SQL_KEY_GET, SQL_INT(workspace), SQL_ID(id));

	return key_read(&q, ret, err);
}

int key_list(struct store_tx *tx, int64_t workspace, const struct page *page, struct key_row **ret,
	     size_t *ret_count, struct str *ret_next, struct err *err)
{
	struct key_row *rows = arena_array(tx->a, page->limit + (size_t)1, sizeof *rows);
	size_t count = 0;
	struct uuid after;
	int code;

	TRY(cursor_read_id(page->after, &after, err));
	struct sql q SQL_CLOSED = sql_query(tx, err, SQL_KEY_LIST, SQL_INT(workspace),
					    SQL_ID(after), SQL_INT(page->limit + INT64_C(1)));

	for (code = sql_step(&q); code > 0 && count <= page->limit; code = sql_step(&q))
		key_columns(&q, &rows[count++]);
	TRY(code);
	*ret_next = STR_NONE;
	if (count > page->limit)
		*ret_next = cursor_write_id(tx->a, rows[(count = page->limit) - 1].id);
	*ret = rows;
	*ret_count = count;
	return 0;
}

int key_used(struct store_tx *tx, struct uuid id, struct err *err)
{
	return sql_change(tx, err, SQL_KEY_USED, SQL_ID(id), SQL_INT(tx->now_us));
}

int key_revoke(struct store_tx *tx, struct uuid id, struct err *err)
{
	int code = sql_change(tx, err, SQL_KEY_REVOKE, SQL_ID(id), SQL_INT(tx->now_us));

	return code == -ENOENT ? err_set(err, -EALREADY, "the key is revoked already") : code;
}

int key_expire(struct store_tx *tx, int64_t before, unsigned limit, int64_t *ret_gone,
	       struct err *err)
{
	int gone = sql_run(tx, err, SQL_KEY_EXPIRE, SQL_INT(before), SQL_INT(limit));

	TRY(gone);
	*ret_gone = gone;
	return 0;
}
