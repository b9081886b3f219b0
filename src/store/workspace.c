/* SPDX-License-Identifier: Apache-2.0 */
/* Which workspaces are there, and what of their quotas is used? */
#include "store/workspace.h"

#include "store/cursor.h"
#include "store/sql.h"

#include <inttypes.h>

static int64_t day_of(int64_t utc_us)
{
	return utc_us / INT64_C(86400000000);
}

static void workspace_columns(struct sql *q, struct workspace_row *ret)
{
	*ret = (struct workspace_row){
		.no = sql_int(q, 0),
		.id = sql_id(q, 1),
		.name = sql_text(q, 2),
		.created_at = sql_int(q, 3),
		.version = sql_int(q, 4),
		.quotas = { sql_int(q, 5), sql_int(q, 6), sql_int(q, 7), sql_int(q, 8) },
		.domains = sql_int(q, 9),
		.scans_today = sql_int(q, 10) == day_of(q->tx->now_us) ? sql_int(q, 11) : 0,
	};
}

static int workspace_read(struct sql *q, struct workspace_row *ret, struct err *err)
{
	struct workspace_row row;
	int code = sql_one(q);

	if (code == -ENOENT)
		return err_set(err, -ENOENT, "no such workspace");
	TRY(code);
	workspace_columns(q, &row);
	TRY(sql_end(q));
	*ret = row;
	return 0;
}

int workspace_insert(struct store_tx *tx, struct workspace_row *row, struct err *err)
{
	const struct quotas *quotas = &row->quotas;
	struct uuid id = uuid_new(tx->now_us);
	int64_t no;
	int code =
		sql_number(tx, err, &no, SQL_WORKSPACE_INSERT, SQL_ID(id), SQL_TEXT(row->name),
			   SQL_INT(tx->now_us), SQL_INT(quotas->max_domains),
			   SQL_INT(quotas->max_scans_per_day), SQL_INT(quotas->max_scans_in_flight),
			   SQL_INT(quotas->max_requests_per_minute));

	if (code == -EEXIST)
		return err_set(err, -EEXIST, "a workspace \"%.*s\" is there already",
			       STR(row->name));
	TRY(code);
	*row = (struct workspace_row){ .no = no,
				       .id = id,
				       .name = row->name,
				       .quotas = *quotas,
				       .created_at = tx->now_us,
				       .version = 1 };
	return 0;
}

int workspace_get(struct store_tx *tx, int64_t no, struct workspace_row *ret, struct err *err)
{
	struct sql q SQL_CLOSED = sql_query(tx, err, SQL_WORKSPACE_GET, SQL_INT(no));

	return workspace_read(&q, ret, err);
}

int workspace_find(struct store_tx *tx, struct str name, struct workspace_row *ret, struct err *err)
{
	struct sql q SQL_CLOSED = sql_query(tx, err, SQL_WORKSPACE_FIND, SQL_TEXT(name));

	return workspace_read(&q, ret, err);
}

int workspace_by_id(struct store_tx *tx, struct uuid id, struct workspace_row *ret, struct err *err)
{
	struct sql q SQL_CLOSED = sql_query(tx, err, SQL_WORKSPACE_BY_ID, SQL_ID(id));

	return workspace_read(&q, ret, err);
}

int workspace_list(struct store_tx *tx, const struct page *page, struct workspace_row **ret,
		   size_t *ret_count, struct str *ret_next, struct err *err)
{
	struct workspace_row *rows = arena_array(tx->a, page->limit + (size_t)1, sizeof *rows);
	size_t count = 0;
	int64_t after;
	int code;

	TRY(cursor_read_number(page->after, 0, &after, err));
	struct sql q SQL_CLOSED = sql_query(tx, err, SQL_WORKSPACE_LIST, SQL_INT(after),
					    SQL_INT(page->limit + INT64_C(1)));

	for (code = sql_step(&q); code > 0 && count <= page->limit; code = sql_step(&q))
		workspace_columns(&q, &rows[count++]);
	TRY(code);
	*ret_next = STR_NONE;
	if (count > page->limit)
		*ret_next = cursor_write_number(tx->a, rows[(count = page->limit) - 1].no);
	*ret = rows;
	*ret_count = count;
	return 0;
}

int workspace_update(struct store_tx *tx, struct workspace_row *row, struct err *err)
{
	const struct quotas *quotas = &row->quotas;
	int code =
		sql_change(tx, err, SQL_WORKSPACE_UPDATE, SQL_INT(row->no), SQL_INT(row->version),
			   SQL_TEXT(row->name), SQL_INT(quotas->max_domains),
			   SQL_INT(quotas->max_scans_per_day), SQL_INT(quotas->max_scans_in_flight),
			   SQL_INT(quotas->max_requests_per_minute));

	if (code == -ENOENT)
		return err_set(err, -ESTALE, "the workspace was changed meanwhile: read it again");
	if (code == -EEXIST)
		return err_set(err, -EEXIST, "a workspace \"%.*s\" is there already",
			       STR(row->name));
	TRY(code);
	row->version++;
	return 0;
}

int workspace_delete(struct store_tx *tx, int64_t no, struct err *err)
{
	int64_t is_used;

	if (no == WORKSPACE_DEFAULT)
		return err_set(err, -EPERM, "the default workspace stays");
	TRY(sql_number(tx, err, &is_used, SQL_WORKSPACE_IN_USE, SQL_INT(no)));
	if (is_used)
		return err_set(
			err, -EALREADY,
			"the workspace has domains, users or keys: purge the domains, delete "
			"the users and revoke the keys first");
	TRY(sql_run(tx, err, SQL_WORKSPACE_KEYS_DELETE, SQL_INT(no)));
	TRY(sql_run(tx, err, SQL_WORKSPACE_SCHEDULES_DELETE, SQL_INT(no)));
	TRY(sql_run(tx, err, SQL_WORKSPACE_POLICIES_DELETE, SQL_INT(no)));
	TRY(sql_run(tx, err, SQL_WORKSPACE_APPLIED_DELETE, SQL_INT(no)));
	TRY(sql_run(tx, err, SQL_WORKSPACE_BATCHES_DELETE, SQL_INT(no)));
	return sql_change(tx, err, SQL_WORKSPACE_DELETE, SQL_INT(no));
}

static int domains_refused(const struct workspace_row *row, int64_t count, struct err *err)
{
	return err_set(err, -EDQUOT,
		       "quota of domains: %" PRId64 " of %" PRId64 " are used, %" PRId64
		       " more are asked for",
		       row->domains, row->quotas.max_domains, count);
}

static int scans_refused(const struct workspace_row *row, int64_t count, struct err *err)
{
	return err_set(err, -EDQUOT,
		       "quota of scans a day: %" PRId64 " of %" PRId64 " are used, %" PRId64
		       " more are asked for; it starts again at midnight UTC",
		       row->scans_today, row->quotas.max_scans_per_day, count);
}

static int quota_refused(struct store_tx *tx, int64_t no, int64_t count, bool is_scans,
			 struct err *err)
{
	struct workspace_row row;

	TRY(workspace_get(tx, no, &row, err));
	return (is_scans ? scans_refused : domains_refused)(&row, count, err);
}

int workspace_use_domains(struct store_tx *tx, int64_t no, int64_t count, struct err *err)
{
	int code = sql_change(tx, err, SQL_WORKSPACE_USE_DOMAINS, SQL_INT(no), SQL_INT(count));

	return code == -ENOENT ? quota_refused(tx, no, count, false, err) : code;
}

int workspace_use_scans(struct store_tx *tx, int64_t no, int64_t count, struct err *err)
{
	int code = sql_change(tx, err, SQL_WORKSPACE_USE_SCANS, SQL_INT(no), SQL_INT(count),
			      SQL_INT(day_of(tx->now_us)));

	return code == -ENOENT ? quota_refused(tx, no, count, true, err) : code;
}

int workspace_foresee(struct store_tx *tx, int64_t no, struct err *err)
{
	return sql_foresee(tx, err, SQL_WORKSPACE_GET, SQL_INT(no));
}

/* What the statements ask is asked here, so that nobody waits for them. */
int workspace_use(struct store_tx *tx, int64_t no, int64_t domains, int64_t scans, struct err *err)
{
	struct workspace_row row;

	if (!sql_foresees(tx)) {
		TRY(domains ? workspace_use_domains(tx, no, domains, err) : 0);
		return scans ? workspace_use_scans(tx, no, scans, err) : 0;
	}
	TRY(workspace_get(tx, no, &row, err));
	sql_forget(tx, SQL_WORKSPACE_GET, SQL_INT(no));
	if (domains > 0 && row.quotas.max_domains && row.domains + domains > row.quotas.max_domains)
		return domains_refused(&row, domains, err);
	if (scans > 0 && row.quotas.max_scans_per_day &&
	    row.scans_today + scans > row.quotas.max_scans_per_day)
		return scans_refused(&row, scans, err);
	if (domains)
		TRY(sql_sure(tx, err, SQL_WORKSPACE_USE_DOMAINS, SQL_INT(no), SQL_INT(domains)));
	return scans ? sql_sure(tx, err, SQL_WORKSPACE_USE_SCANS, SQL_INT(no), SQL_INT(scans),
				SQL_INT(day_of(tx->now_us)))
		     : 0;
}
