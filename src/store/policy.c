/* SPDX-License-Identifier: Apache-2.0 */
/* Which policies does a workspace have, and what did applied files make? */
#include "store/policy.h"

#include "store/cursor.h"
#include "store/sql.h"

static void policy_columns(struct sql *q, struct policy_row *ret)
{
	*ret = (struct policy_row){
		.id = sql_id(q, 0),
		.workspace = sql_int(q, 1),
		.name = sql_text(q, 2),
		.selector = sql_text(q, 3),
		.document = sql_text(q, 4),
		.created_at = sql_int(q, 5),
		.version = sql_int(q, 6),
	};
}

static int one_read(struct sql *q, struct policy_row *ret, struct err *err)
{
	struct policy_row row;
	int code = sql_one(q);

	if (code == -ENOENT)
		return err_set(err, -ENOENT, "no such policy");
	TRY(code);
	policy_columns(q, &row);
	TRY(sql_end(q));
	*ret = row;
	return 0;
}

static int name_taken(const struct policy_row *row, struct err *err)
{
	return err_set(err, -EEXIST, "a policy \"%.*s\" is there already", STR(row->name));
}

int policy_insert(struct store_tx *tx, struct policy_row *row, struct err *err)
{
	struct uuid id = uuid_new(tx->now_us);
	int code = sql_run(tx, err, SQL_POLICY_INSERT, SQL_ID(id), SQL_INT(row->workspace),
			   SQL_TEXT(row->name), SQL_TEXT(row->selector), SQL_TEXT(row->document),
			   SQL_INT(tx->now_us));

	if (code == -EEXIST)
		return name_taken(row, err);
	TRY(code);
	row->id = id;
	row->created_at = tx->now_us;
	row->version = 1;
	return 0;
}

int policy_get(struct store_tx *tx, int64_t workspace, struct uuid id, struct policy_row *ret,
	       struct err *err)
{
	struct sql q SQL_CLOSED =
		sql_query(tx, err, SQL_POLICY_GET, SQL_INT(workspace), SQL_ID(id));

	return one_read(&q, ret, err);
}

int policy_find(struct store_tx *tx, int64_t workspace, struct str name, struct policy_row *ret,
		struct err *err)
{
	struct sql q SQL_CLOSED =
		sql_query(tx, err, SQL_POLICY_FIND, SQL_INT(workspace), SQL_TEXT(name));

	return one_read(&q, ret, err);
}

int policy_count(struct store_tx *tx, int64_t workspace, int64_t *ret, struct err *err)
{
	return sql_number(tx, err, ret, SQL_POLICY_COUNT, SQL_INT(workspace));
}

int policy_list(struct store_tx *tx, int64_t workspace, const struct page *page,
		struct policy_row **ret, size_t *ret_count, struct str *ret_next, struct err *err)
{
	struct policy_row *rows = arena_array(tx->a, page->limit + (size_t)1, sizeof *rows);
	size_t count = 0;
	struct uuid after;
	int code;

	TRY(cursor_read_id(page->after, &after, err));
	struct sql q SQL_CLOSED = sql_query(tx, err, SQL_POLICY_LIST, SQL_INT(workspace),
					    SQL_ID(after), SQL_INT(page->limit + INT64_C(1)));

	for (code = sql_step(&q); code > 0 && count <= page->limit; code = sql_step(&q))
		policy_columns(&q, &rows[count++]);
	TRY(code);
	*ret_next = STR_NONE;
	if (count > page->limit)
		*ret_next = cursor_write_id(tx->a, rows[(count = page->limit) - 1].id);
	*ret = rows;
	*ret_count = count;
	return 0;
}

int policy_all(struct store_tx *tx, int64_t workspace, struct policy_row **ret, size_t *ret_count,
	       struct err *err)
{
	struct sql q SQL_CLOSED = sql_query(tx, err, SQL_POLICY_ALL, SQL_INT(workspace));
	struct policy_row *rows = NULL;
	size_t count = 0, cap = 0;
	int code;

	while ((code = sql_step(&q)) > 0) {
		if (count == cap) {
			rows = arena_grow(tx->a, rows, cap * sizeof *rows,
					  (cap * 2 + 8) * sizeof *rows);
			cap = cap * 2 + 8;
		}
		policy_columns(&q, &rows[count++]);
	}
	TRY(code);
	*ret = rows;
	*ret_count = count;
	return 0;
}

int policy_update(struct store_tx *tx, struct policy_row *row, struct err *err)
{
	int code =
		sql_change(tx, err, SQL_POLICY_UPDATE, SQL_ID(row->id), SQL_INT(row->version),
			   SQL_TEXT(row->name), SQL_TEXT(row->selector), SQL_TEXT(row->document));

	if (code == -ENOENT)
		return err_set(err, -ESTALE, "policy %.*s was changed meanwhile: read it again",
			       STR(row->name));
	if (code == -EEXIST)
		return name_taken(row, err);
	TRY(code);
	row->version++;
	return 0;
}

int policy_delete(struct store_tx *tx, struct uuid id, struct err *err)
{
	return sql_change(tx, err, SQL_POLICY_DELETE, SQL_ID(id));
}

int applied_add(struct store_tx *tx, int64_t workspace, enum applied_kind kind, struct uuid object,
		struct err *err)
{
	return sql_run(tx, err, SQL_APPLIED_INSERT, SQL_INT(workspace), SQL_INT(kind),
		       SQL_ID(object));
}

int applied_remove(struct store_tx *tx, int64_t workspace, enum applied_kind kind,
		   struct uuid object, struct err *err)
{
	return sql_run(tx, err, SQL_APPLIED_DELETE, SQL_INT(workspace), SQL_INT(kind),
		       SQL_ID(object));
}

int applied_list(struct store_tx *tx, int64_t workspace, enum applied_kind kind, struct uuid **ret,
		 size_t *ret_count, struct err *err)
{
	struct sql q SQL_CLOSED =
		sql_query(tx, err, SQL_APPLIED_LIST, SQL_INT(workspace), SQL_INT(kind));
	struct uuid *ids = NULL;
	size_t count = 0, cap = 0;
	int code;

	while ((code = sql_step(&q)) > 0) {
		if (count == cap) {
			ids = arena_grow(tx->a, ids, cap * sizeof *ids,
					 (cap * 2 + 64) * sizeof *ids);
			cap = cap * 2 + 64;
		}
		ids[count++] = sql_id(&q, 0);
	}
	TRY(code);
	*ret = ids;
	*ret_count = count;
	return 0;
}
