/* SPDX-License-Identifier: Apache-2.0 */
/* Who may log in? */
#include "store/user.h"

#include "store/cursor.h"
#include "store/sql.h"
#include "store/user_row.h"

void user_columns(struct sql *q, struct user_row *ret)
{
	*ret = (struct user_row){
		.id = sql_id(q, 0),
		.workspace = sql_int(q, 1),
		.name = sql_text(q, 2),
		.role = (enum role)sql_int_in(q, 3, 0, ROLE_COUNT - 1),
		.password = sql_text(q, 4),
		.is_disabled = sql_bool(q, 5),
		.created_at = sql_int(q, 6),
		.last_login_at = sql_time(q, 7),
		.failures = sql_int(q, 8),
		.locked_until = sql_time(q, 9),
		.version = sql_int(q, 10),
	};
}

static int user_read(struct sql *q, struct user_row *ret, struct err *err)
{
	struct user_row row;
	int code = sql_one(q);

	if (code == -ENOENT)
		return err_set(err, -ENOENT, "no such user");
	TRY(code);
	user_columns(q, &row);
	TRY(sql_end(q));
	*ret = row;
	return 0;
}

int user_insert(struct store_tx *tx, struct user_row *row, struct err *err)
{
	struct uuid id = uuid_new(tx->now_us);
	int code = sql_run(tx, err, SQL_USER_INSERT, SQL_ID(id), SQL_INT(row->workspace),
			   SQL_TEXT(row->name), SQL_INT(row->role), SQL_TEXT_OR_NULL(row->password),
			   SQL_INT(row->is_disabled), SQL_INT(tx->now_us));

	if (code == -EEXIST)
		return err_set(err, -EEXIST, "a user \"%.*s\" is there already", STR(row->name));
	TRY(code);
	row->id = id;
	row->created_at = tx->now_us;
	row->version = 1;
	return 0;
}

int user_find(struct store_tx *tx, struct str name, struct user_row *ret, struct err *err)
{
	struct sql q SQL_CLOSED = sql_query(tx, err, SQL_USER_FIND, SQL_TEXT(name));

	return user_read(&q, ret, err);
}

int user_get(struct store_tx *tx, struct uuid id, struct user_row *ret, struct err *err)
{
	struct sql q SQL_CLOSED = sql_query(tx, err, SQL_USER_GET, SQL_ID(id));

	return user_read(&q, ret, err);
}

int user_list(struct store_tx *tx, int64_t workspace, const struct page *page,
	      struct user_row **ret, size_t *ret_count, struct str *ret_next, struct err *err)
{
	struct user_row *rows = arena_array(tx->a, page->limit + (size_t)1, sizeof *rows);
	size_t count = 0;
	struct uuid after;
	int code;

	TRY(cursor_read_id(page->after, &after, err));
	struct sql q SQL_CLOSED = sql_query(tx, err, SQL_USER_LIST, SQL_INT(workspace),
					    SQL_ID(after), SQL_INT(page->limit + INT64_C(1)));

	for (code = sql_step(&q); code > 0 && count <= page->limit; code = sql_step(&q))
		user_columns(&q, &rows[count++]);
	TRY(code);
	*ret_next = STR_NONE;
	if (count > page->limit)
		*ret_next = cursor_write_id(tx->a, rows[(count = page->limit) - 1].id);
	*ret = rows;
	*ret_count = count;
	return 0;
}

int user_update(struct store_tx *tx, struct user_row *row, struct err *err)
{
	int code = sql_change(tx, err, SQL_USER_UPDATE, SQL_ID(row->id), SQL_INT(row->version),
			      SQL_TEXT(row->name), SQL_INT(row->role),
			      SQL_TEXT_OR_NULL(row->password), SQL_INT(row->is_disabled));

	if (code == -ENOENT)
		return err_set(err, -ESTALE, "user %.*s was changed meanwhile: read it again",
			       STR(row->name));
	if (code == -EEXIST)
		return err_set(err, -EEXIST, "a user \"%.*s\" is there already", STR(row->name));
	TRY(code);
	row->version++;
	return 0;
}

int user_count_login(struct store_tx *tx, struct uuid id, bool succeeded, int64_t locked_until,
		     struct err *err)
{
	if (succeeded)
		return sql_change(tx, err, SQL_USER_LOGGED_IN, SQL_ID(id), SQL_INT(tx->now_us));
	return sql_change(tx, err, SQL_USER_FAILED, SQL_ID(id), SQL_TIME(locked_until));
}

int user_delete(struct store_tx *tx, struct uuid id, struct err *err)
{
	return sql_change(tx, err, SQL_USER_DELETE, SQL_ID(id));
}

int user_count_admins(struct store_tx *tx, int64_t workspace, int64_t *ret, struct err *err)
{
	return sql_number(tx, err, ret, SQL_USER_COUNT_ADMINS, SQL_INT(workspace),
			  SQL_INT(ROLE_ADMIN));
}
