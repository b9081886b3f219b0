/* SPDX-License-Identifier: Apache-2.0 */
/* Which domains does a workspace have, and what is known of each? Lists are in store/domain_list.c. */
#include "store/domain.h"

#include "store/domain_row.h"

static int tag_order(const void *a, const void *b)
{
	return str_cmp(*(const struct str *)a, *(const struct str *)b);
}

static int tags_write(struct store_tx *tx, struct domain_row *row, struct err *err)
{
	size_t kept = 0;

	sql_forget(tx, SQL_DOMAIN_TAG_LIST, SQL_INT(row->no));
	if (row->tag_count)
		qsort(row->tags, row->tag_count, sizeof *row->tags, tag_order);
	for (size_t i = 0; i < row->tag_count; i++)
		if (!kept || !str_eq(row->tags[kept - 1], row->tags[i]))
			row->tags[kept++] = row->tags[i];
	row->tag_count = kept;
	for (size_t i = 0; i < kept; i++)
		TRY(sql_run(tx, err, SQL_DOMAIN_TAG_ADD, SQL_INT(row->workspace),
			    SQL_TEXT(row->tags[i]), SQL_INT(row->no)));
	return 0;
}

static int domain_read(struct sql *q, struct domain_row *ret, struct str name, struct err *err)
{
	struct domain_row row;
	int code = sql_one(q);

	if (code == -ENOENT && !name.len)
		return err_set(err, -ENOENT, "no such domain here");
	if (code == -ENOENT)
		return err_set(err, -ENOENT, "no domain \"%.*s\" here", STR(name));
	TRY(code);
	domain_columns(q, &row);
	TRY(sql_end(q));
	TRY(domain_read_tags(q->tx, &row, err));
	*ret = row;
	return 0;
}

int domain_find(struct store_tx *tx, int64_t workspace, struct str name, struct domain_row *ret,
		struct err *err)
{
	struct sql q SQL_CLOSED =
		sql_query(tx, err, SQL_DOMAIN_FIND, SQL_INT(workspace), SQL_TEXT(name));

	return domain_read(&q, ret, name, err);
}

int domain_find_deleted(struct store_tx *tx, int64_t workspace, struct str name,
			struct domain_row *ret, struct err *err)
{
	struct sql q SQL_CLOSED =
		sql_query(tx, err, SQL_DOMAIN_FIND_DELETED, SQL_INT(workspace), SQL_TEXT(name));

	return domain_read(&q, ret, name, err);
}

int domain_is_busy(struct store_tx *tx, int64_t no, bool *ret, struct err *err)
{
	int64_t is_busy;

	TRY(sql_number(tx, err, &is_busy, SQL_DOMAIN_IS_BUSY, SQL_INT(no)));
	*ret = is_busy != 0;
	return 0;
}

int domain_newest(struct store_tx *tx, int64_t *ret, struct err *err)
{
	return sql_number(tx, err, ret, SQL_DOMAIN_NEWEST);
}

int domain_foresee_name(struct store_tx *tx, int64_t workspace, struct str name, struct err *err)
{
	return sql_foresee(tx, err, SQL_DOMAIN_FIND, SQL_INT(workspace), SQL_TEXT(name));
}

int domain_foresee_rest(struct store_tx *tx, int64_t workspace, struct str name, int64_t *ret_no,
			struct err *err)
{
	int64_t no;
	int code;

	*ret_no = 0;
	if (!sql_foresees(tx))
		return 0;
	code = sql_number(tx, err, &no, SQL_DOMAIN_FIND, SQL_INT(workspace), SQL_TEXT(name));
	if (code == -ENOENT)
		return 0;
	TRY(code);
	TRY(sql_foresee(tx, err, SQL_DOMAIN_TAG_LIST, SQL_INT(no)));
	*ret_no = no;
	return 0;
}

int domain_foresee(struct store_tx *tx, int64_t no, struct err *err)
{
	TRY(sql_foresee(tx, err, SQL_DOMAIN_GET, SQL_INT(no)));
	return sql_foresee(tx, err, SQL_DOMAIN_TAG_LIST, SQL_INT(no));
}

int domain_get(struct store_tx *tx, int64_t no, struct domain_row *ret, struct err *err)
{
	struct sql q SQL_CLOSED = sql_query(tx, err, SQL_DOMAIN_GET, SQL_INT(no));

	return domain_read(&q, ret, STR_LIT("of that number"), err);
}

int domain_by_id(struct store_tx *tx, int64_t workspace, struct uuid id, struct domain_row *ret,
		 struct err *err)
{
	char text[ID_TEXT_BYTES];
	struct sql q SQL_CLOSED =
		sql_query(tx, err, SQL_DOMAIN_BY_ID, SQL_INT(workspace), SQL_ID(id));

	return domain_read(&q, ret, str_of(id_format(text, "dom", id)), err);
}

enum { INSERTED_VALUES = 8 };

static void insert_values(const struct store_tx *tx, const struct domain_row *row,
			  struct sql_value out[static INSERTED_VALUES])
{
	const struct sql_value values[INSERTED_VALUES] = {
		SQL_ID(row->id),
		SQL_INT(row->workspace),
		SQL_TEXT(row->name),
		SQL_TEXT_OR_NULL(row->owner),
		SQL_TEXT_OR_NULL(row->notes),
		SQL_INT_OR_NULL(row->profile, DOMAIN_NO_PROFILE),
		SQL_TEXT_OR_NULL(row->expectations),
		SQL_INT(tx->now_us),
	};

	memcpy(out, values, sizeof values);
}

int domain_foresee_insert(struct store_tx *tx, struct domain_row *row, struct err *err)
{
	struct sql_value values[INSERTED_VALUES];

	row->id = uuid_new(tx->now_us);
	insert_values(tx, row, values);
	return sql_foresee_values(tx, err, SQL_DOMAIN_INSERT, values, ARRAY_COUNT(values));
}

/* 1: inserted or brought back; 0: it is there. */
static int row_insert(struct store_tx *tx, struct domain_row *row, struct err *err)
{
	struct sql_value values[INSERTED_VALUES];
	struct sql q SQL_CLOSED = { .tx = tx };
	int code;

	insert_values(tx, row, values);
	q = sql_query_values(tx, err, SQL_DOMAIN_INSERT, values, ARRAY_COUNT(values));
	code = sql_step(&q);

	if (code <= 0)
		return code;
	row->no = sql_int(&q, 0);
	row->version = sql_int(&q, 1);
	TRY(sql_end(&q));
	return 1;
}

int domain_insert(struct store_tx *tx, struct domain_row *row, struct err *err)
{
	struct domain_row fresh = *row;

	fresh.id = uuid_new(tx->now_us);
	TRY(domain_insert_foreseen(tx, &fresh, err));
	*row = fresh;
	return 0;
}

int domain_insert_foreseen(struct store_tx *tx, struct domain_row *row, struct err *err)
{
	struct domain_row fresh = *row;
	int code;

	sql_forget(tx, SQL_DOMAIN_FIND, SQL_INT(row->workspace), SQL_TEXT(row->name));
	code = row_insert(tx, &fresh, err);
	TRY(code);
	if (!code)
		return err_set(err, -EEXIST, "%.*s is there already", STR(row->name));
	TRY(tags_write(tx, &fresh, err));
	if (fresh.version > 1)
		return domain_get(tx, fresh.no, row, err);
	*row = (struct domain_row){
		.no = fresh.no,
		.id = fresh.id,
		.workspace = row->workspace,
		.name = row->name,
		.owner = row->owner,
		.notes = row->notes,
		.profile = row->profile,
		.expectations = row->expectations,
		.version = 1,
		.created_at = tx->now_us,
		.updated_at = tx->now_us,
		.score = -1,
		.tags = fresh.tags,
		.tag_count = fresh.tag_count,
	};
	return 0;
}

int domain_update(struct store_tx *tx, struct domain_row *row, struct err *err)
{
	int code =
		sql_change(tx, err, SQL_DOMAIN_UPDATE, SQL_INT(row->no), SQL_INT(row->version),
			   SQL_TEXT_OR_NULL(row->owner), SQL_TEXT_OR_NULL(row->notes),
			   SQL_INT_OR_NULL(row->profile, DOMAIN_NO_PROFILE),
			   SQL_TEXT_OR_NULL(row->expectations), SQL_TEXT_OR_NULL(row->proof_token),
			   SQL_TIME(row->proven_at), SQL_INT(tx->now_us));

	if (code == -ENOENT)
		return err_set(err, -ESTALE, "%.*s was changed meanwhile: read it again",
			       STR(row->name));
	TRY(code);
	sql_forget(tx, SQL_DOMAIN_GET, SQL_INT(row->no));
	sql_forget(tx, SQL_DOMAIN_TAG_LIST, SQL_INT(row->no));
	TRY(sql_run(tx, err, SQL_DOMAIN_TAG_CLEAR, SQL_INT(row->no)));
	TRY(tags_write(tx, row, err));
	row->version++;
	row->updated_at = tx->now_us;
	return 0;
}

int domain_summarise(struct store_tx *tx, const struct domain_row *row, struct err *err)
{
	sql_forget(tx, SQL_DOMAIN_GET, SQL_INT(row->no));
	return sql_change(tx, err, SQL_DOMAIN_SUMMARISE, SQL_INT(row->no),
			  SQL_ID_OR_NULL(row->scan), SQL_TIME(row->scanned_at), SQL_INT(row->grade),
			  SQL_INT_OR_NULL(row->score, -1), SQL_INT_OR_NULL(row->fact_set, 0),
			  SQL_INT(row->open[SEVERITY_INFO]), SQL_INT(row->open[SEVERITY_LOW]),
			  SQL_INT(row->open[SEVERITY_MEDIUM]), SQL_INT(row->open[SEVERITY_HIGH]),
			  SQL_INT(row->open[SEVERITY_CRITICAL]), SQL_TIME(row->expires_at));
}

int domain_delete(struct store_tx *tx, int64_t no, bool purges, struct err *err)
{
	if (purges)
		return sql_change(tx, err, SQL_DOMAIN_PURGE, SQL_INT(no));
	TRY(sql_change(tx, err, SQL_DOMAIN_DELETE, SQL_INT(no), SQL_INT(tx->now_us)));
	sql_forget(tx, SQL_DOMAIN_TAG_LIST, SQL_INT(no));
	TRY(sql_run(tx, err, SQL_DOMAIN_TAG_CLEAR, SQL_INT(no)));
	return 0;
}
