/* SPDX-License-Identifier: Apache-2.0 */
/* Which events go where? */
#include "store/rule.h"

#include "store/cursor.h"
#include "store/event.h"
#include "store/keyset.h"
#include "store/sql.h"

static void rule_columns(struct sql *q, struct rule_row *ret)
{
	*ret = (struct rule_row){
		.no = sql_int(q, 0),
		.id = sql_id(q, 1),
		.workspace = sql_int(q, 2),
		.name = sql_text(q, 3),
		.events = sql_text(q, 4),
		.immediate = sql_text(q, 5),
		.selector = sql_text(q, 6),
		.area = sql_text(q, 7),
		.severity = (enum severity)sql_int_in(q, 8, SEVERITY_INFO, SEVERITY_CRITICAL),
		.digest_s = sql_int(q, 9),
		.is_enabled = sql_bool(q, 10),
		.since = sql_int(q, 11),
		.created_at = sql_int(q, 12),
		.version = sql_int(q, 13),
		.digest_at = sql_text(q, 14),
	};
}

static int channels_read(struct store_tx *tx, struct rule_row *row, struct err *err)
{
	struct sql q SQL_CLOSED = sql_query(tx, err, SQL_RULE_CHANNELS, SQL_INT(row->no));
	struct buf numbers, names;
	int code;

	buf_init(&numbers, tx->a);
	buf_init(&names, tx->a);
	for (code = sql_step(&q); code > 0; code = sql_step(&q)) {
		int64_t no = sql_int(&q, 0);
		struct str name = sql_text(&q, 1);

		buf_put(&numbers, &no, sizeof no);
		buf_put(&names, &name, sizeof name);
	}
	TRY(code);
	row->channels = (int64_t *)numbers.data;
	row->names = (struct str *)names.data;
	row->channel_count = numbers.len / sizeof(int64_t);
	return 0;
}

static int rules_read(struct store_tx *tx, struct sql *q, struct rule_row **ret, size_t *ret_count,
		      struct err *err)
{
	struct rule_row *rows;
	struct buf found;
	size_t count;
	int code;

	buf_init(&found, tx->a);
	for (code = sql_step(q); code > 0; code = sql_step(q)) {
		struct rule_row row;

		rule_columns(q, &row);
		buf_put(&found, &row, sizeof row);
	}
	TRY(code);
	rows = (struct rule_row *)found.data;
	count = found.len / sizeof *rows;
	for (size_t i = 0; i < count; i++)
		TRY(channels_read(tx, &rows[i], err));
	*ret = rows;
	*ret_count = count;
	return 0;
}

static int rule_read(struct store_tx *tx, struct sql *q, struct rule_row *ret, struct err *err)
{
	struct rule_row *rows;
	size_t count;

	TRY(rules_read(tx, q, &rows, &count, err));
	if (!count)
		return err_set(err, -ENOENT, "no such rule");
	*ret = rows[0];
	return 0;
}

static int channels_write(struct store_tx *tx, const struct rule_row *row, struct err *err)
{
	TRY(sql_run(tx, err, SQL_RULE_CHANNELS_CLEAR, SQL_INT(row->no)));
	for (size_t i = 0; i < row->channel_count; i++)
		TRY(sql_run(tx, err, SQL_RULE_CHANNEL_ADD, SQL_INT(row->no),
			    SQL_INT(row->channels[i])));
	return 0;
}

static int name_taken(const struct rule_row *row, struct err *err)
{
	return err_set(err, -EEXIST, "a rule \"%.*s\" is there already", STR(row->name));
}

int rule_insert(struct store_tx *tx, struct rule_row *row, struct err *err)
{
	struct uuid id = uuid_new(tx->now_us);
	int64_t first, since, no;
	int code;

	TRY(event_bounds(tx, &first, &since, err));
	code = sql_insert(tx, err, &no, SQL_RULE_INSERT, SQL_ID(id), SQL_INT(row->workspace),
			  SQL_TEXT(row->name), SQL_TEXT(row->events), SQL_TEXT(row->immediate),
			  SQL_TEXT(row->selector), SQL_TEXT_OR_NULL(row->area),
			  SQL_INT(row->severity), SQL_INT(row->digest_s), SQL_INT(row->is_enabled),
			  SQL_INT(since), SQL_INT(tx->now_us), SQL_TEXT_OR_NULL(row->digest_at));
	if (code == -EEXIST)
		return name_taken(row, err);
	TRY(code);
	row->no = no;
	row->id = id;
	row->since = since;
	row->created_at = tx->now_us;
	row->version = 1;
	return channels_write(tx, row, err);
}

int rule_get(struct store_tx *tx, int64_t workspace, struct uuid id, struct rule_row *ret,
	     struct err *err)
{
	struct sql q SQL_CLOSED = sql_query(tx, err, SQL_RULE_GET, SQL_INT(workspace), SQL_ID(id));

	return rule_read(tx, &q, ret, err);
}

int rule_find(struct store_tx *tx, int64_t workspace, struct str name, struct rule_row *ret,
	      struct err *err)
{
	struct sql q SQL_CLOSED =
		sql_query(tx, err, SQL_RULE_FIND, SQL_INT(workspace), SQL_TEXT(name));

	return rule_read(tx, &q, ret, err);
}

int rule_count(struct store_tx *tx, int64_t workspace, int64_t *ret, struct err *err)
{
	return sql_number(tx, err, ret, SQL_RULE_COUNT, SQL_INT(workspace));
}

int rule_list(struct store_tx *tx, int64_t workspace, const struct page *page,
	      struct rule_row **ret, size_t *ret_count, struct str *ret_next, struct err *err)
{
	unsigned limit = page_limit(page->limit);
	struct str next = STR_NONE;
	struct rule_row *rows;
	int64_t after;
	size_t count;

	TRY(cursor_read_number(page->after, 0, &after, err));

	struct sql q SQL_CLOSED = sql_query(tx, err, SQL_RULE_LIST, SQL_INT(workspace),
					    SQL_INT(after), SQL_INT(limit + INT64_C(1)));

	TRY(rules_read(tx, &q, &rows, &count, err));
	if (count > limit)
		next = cursor_write_number(tx->a, rows[limit - 1].no);
	*ret = rows;
	*ret_count = MIN(count, (size_t)limit);
	*ret_next = next;
	return 0;
}

int rule_active(struct store_tx *tx, struct rule_row **ret, size_t *ret_count, struct err *err)
{
	struct sql q SQL_CLOSED = sql_query(tx, err, SQL_RULE_ACTIVE);

	return rules_read(tx, &q, ret, ret_count, err);
}

int rule_update(struct store_tx *tx, struct rule_row *row, struct err *err)
{
	int code =
		sql_change(tx, err, SQL_RULE_UPDATE, SQL_INT(row->no), SQL_INT(row->version),
			   SQL_TEXT(row->name), SQL_TEXT(row->events), SQL_TEXT(row->immediate),
			   SQL_TEXT(row->selector), SQL_TEXT_OR_NULL(row->area),
			   SQL_INT(row->severity), SQL_INT(row->digest_s), SQL_INT(row->is_enabled),
			   SQL_INT(row->since), SQL_TEXT_OR_NULL(row->digest_at));

	if (code == -ENOENT)
		return err_set(err, -ESTALE, "rule %.*s was changed meanwhile: read it again",
			       STR(row->name));
	if (code == -EEXIST)
		return name_taken(row, err);
	TRY(code);
	row->version++;
	return channels_write(tx, row, err);
}

int rule_delete(struct store_tx *tx, int64_t no, struct err *err)
{
	return sql_change(tx, err, SQL_RULE_DELETE, SQL_INT(no));
}
