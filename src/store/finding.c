/* SPDX-License-Identifier: Apache-2.0 */
/* Which findings are there, and in which order does one read them? */
#include "store/finding.h"

#include "store/keyset.h"
#include "store/sql.h"

const char *const finding_status_words[] = { "open",     "fixed",          "retired",
					     "accepted", "false-positive", NULL };

enum {
	RARE_DOMAINS = 1000, /* of a tag: read them all */
	SEEN_AT_ONCE = 16    /* values of FINDING_SEEN */
};

/* ---- rows ---- */

static void row_read(struct sql *q, struct finding_row *ret)
{
	*ret = (struct finding_row){
		.id = sql_id(q, 0),
		.workspace = sql_int(q, 1),
		.domain = sql_int(q, 2),
		.name = sql_text(q, 3),
		.check_id = sql_text(q, 4),
		.subject = sql_text(q, 5),
		.severity = (enum severity)sql_int_in(q, 6, 0, SEVERITY_CRITICAL),
		.status = (enum finding_status)sql_int_in(q, 7, 0, FINDING_STATUSES - 1),
		.text = sql_text(q, 8),
		.evidence = sql_text(q, 9),
		.first_seen = sql_int(q, 10),
		.last_seen = sql_int(q, 11),
		.closed_at = sql_time(q, 12),
		.opened_by = sql_id(q, 13),
		.closed_by = sql_id(q, 14),
		.reason = sql_text(q, 15),
		.decided_by = sql_text(q, 16),
		.until = sql_time(q, 17),
		.version = sql_int(q, 18),
	};
}

static int rows_read(struct sql *q, struct buf *rows)
{
	int code;

	for (code = sql_step(q); code > 0; code = sql_step(q)) {
		struct finding_row row;

		row_read(q, &row);
		buf_put(rows, &row, sizeof row);
	}
	return code;
}

static int all_read(struct sql *q, struct finding_row **ret, size_t *ret_count)
{
	struct buf rows;

	buf_init(&rows, q->tx->a);
	TRY(rows_read(q, &rows));
	*ret = (struct finding_row *)rows.data;
	*ret_count = rows.len / sizeof **ret;
	return 0;
}

/* sql_change_values or sql_sure_values. */
typedef int change_values(struct store_tx *tx, struct err *err, unsigned statement,
			  const struct sql_value *values, size_t count);

static int insert(struct store_tx *tx, struct finding_row *row, change_values *change,
		  struct err *err)
{
	struct uuid id = uuid_new(tx->now_us);

	TRY(change(tx, err, SQL_FINDING_INSERT,
		   SQL_VALUES(SQL_ID(id), SQL_INT(row->workspace), SQL_INT(row->domain),
			      SQL_TEXT(row->check_id), SQL_TEXT(row->subject),
			      SQL_INT(row->severity), SQL_INT(row->status), SQL_TEXT(row->text),
			      SQL_TEXT_OR_NULL(row->evidence), SQL_INT(row->first_seen),
			      SQL_INT(row->last_seen), SQL_ID_OR_NULL(row->opened_by),
			      SQL_TEXT_OR_NULL(row->reason), SQL_TIME(row->until),
			      SQL_TEXT_OR_NULL(row->decided_by))));
	row->id = id;
	row->version = 1;
	return 0;
}

int finding_insert(struct store_tx *tx, struct finding_row *row, struct err *err)
{
	return insert(tx, row, sql_change_values, err);
}

int finding_insert_new(struct store_tx *tx, struct finding_row *row, struct err *err)
{
	return insert(tx, row, sql_sure_values, err);
}

static int update(struct store_tx *tx, struct finding_row *row, change_values *change,
		  struct err *err)
{
	int code = change(tx, err, SQL_FINDING_UPDATE,
			  SQL_VALUES(SQL_ID(row->id), SQL_INT(row->version), SQL_INT(row->severity),
				     SQL_INT(row->status), SQL_TEXT(row->text),
				     SQL_TEXT_OR_NULL(row->evidence), SQL_INT(row->last_seen),
				     SQL_TIME(row->closed_at), SQL_ID_OR_NULL(row->opened_by),
				     SQL_ID_OR_NULL(row->closed_by), SQL_TEXT_OR_NULL(row->reason),
				     SQL_TIME(row->until), SQL_TEXT_OR_NULL(row->decided_by)));

	if (code == -ENOENT)
		return err_set(err, -ESTALE, "another version of the finding is stored");
	TRY(code);
	row->version++;
	return 0;
}

int finding_update(struct store_tx *tx, struct finding_row *row, struct err *err)
{
	return update(tx, row, sql_change_values, err);
}

int finding_update_read(struct store_tx *tx, struct finding_row *row, struct err *err)
{
	return update(tx, row, sql_sure_values, err);
}

int finding_foresee(struct store_tx *tx, int64_t domain, struct err *err)
{
	return sql_foresee(tx, err, SQL_FINDING_OF_DOMAIN, SQL_INT(domain));
}

void finding_forget(struct store_tx *tx, int64_t domain)
{
	sql_forget(tx, SQL_FINDING_OF_DOMAIN, SQL_INT(domain));
}

int finding_seen(struct store_tx *tx, const struct uuid *ids, size_t count, int64_t at,
		 struct err *err)
{
	struct sql_value values[1 + SEEN_AT_ONCE];

	values[0] = SQL_INT(at);
	for (size_t from = 0; from < count; from += SEEN_AT_ONCE) {
		for (size_t i = 0; i < SEEN_AT_ONCE; i++)
			values[1 + i] = from + i < count ? SQL_ID(ids[from + i]) : SQL_NULL;
		TRY(sql_run_values(tx, err, SQL_FINDING_SEEN, values, ARRAY_COUNT(values)));
	}
	return 0;
}

int finding_get(struct store_tx *tx, int64_t workspace, struct uuid id, struct finding_row *ret,
		struct err *err)
{
	struct sql q SQL_CLOSED =
		sql_query(tx, err, SQL_FINDING_GET, SQL_ID(id), SQL_INT(workspace));
	struct finding_row row;

	TRY(sql_one(&q));
	row_read(&q, &row);
	TRY(sql_end(&q));
	*ret = row;
	return 0;
}

int finding_of_domain(struct store_tx *tx, int64_t domain, struct finding_row **ret,
		      size_t *ret_count, struct err *err)
{
	struct sql q SQL_CLOSED = sql_query(tx, err, SQL_FINDING_OF_DOMAIN, SQL_INT(domain));

	return all_read(&q, ret, ret_count);
}

int finding_foresee_decided(struct store_tx *tx, int64_t domain, struct err *err)
{
	return sql_foresee(tx, err, SQL_FINDING_DECIDED, SQL_INT(domain));
}

int finding_decided(struct store_tx *tx, int64_t domain, struct finding_row **ret,
		    size_t *ret_count, struct err *err)
{
	struct sql q SQL_CLOSED = sql_query(tx, err, SQL_FINDING_DECIDED, SQL_INT(domain));

	return all_read(&q, ret, ret_count);
}

int finding_lapsed(struct store_tx *tx, int64_t now, unsigned limit, struct finding_row **ret,
		   size_t *ret_count, struct err *err)
{
	struct sql q SQL_CLOSED =
		sql_query(tx, err, SQL_FINDING_LAPSED, SQL_INT(now), SQL_INT(limit));

	return all_read(&q, ret, ret_count);
}

/* ---- lists ---- */

struct listing {
	const struct finding_filter *filter;
	int64_t severity; /* the place after which it goes on */
	struct uuid id;
	unsigned limit;
	struct buf rows;
};

static int list_by(struct store_tx *tx, struct listing *l, unsigned statement, int status,
		   struct err *err)
{
	struct sql q SQL_CLOSED = sql_query(tx, err, statement, SQL_INT(l->filter->workspace),
					    SQL_INT(status), SQL_INT(l->filter->min_severity),
					    SQL_INT(l->severity), SQL_ID(l->id), SQL_INT(l->limit));

	return rows_read(&q, &l->rows);
}

static int list_of_domain(struct store_tx *tx, struct listing *l, struct err *err)
{
	struct sql q SQL_CLOSED =
		sql_query(tx, err, SQL_FINDING_LIST_DOMAIN, SQL_INT(l->filter->workspace),
			  SQL_INT(l->filter->status), SQL_INT(l->filter->min_severity),
			  SQL_INT(l->severity), SQL_ID(l->id), SQL_INT(l->limit),
			  SQL_INT(l->filter->domain), SQL_TEXT(l->filter->check_prefix));

	return rows_read(&q, &l->rows);
}

static bool has_tag(const struct finding_filter *filter)
{
	return filter->tag.len > 0;
}

/* Only where the findings of one check and status stand in the list. */
static int places_of(struct store_tx *tx, struct listing *l, struct str check, int status,
		     struct err *err)
{
	const struct finding_filter *filter = l->filter;
	struct sql q SQL_CLOSED =
		has_tag(filter) ? sql_query(tx, err, SQL_FINDING_PLACES_OF_CHECK_TAG,
					    SQL_INT(filter->workspace), SQL_INT(status),
					    SQL_INT(filter->min_severity), SQL_INT(l->severity),
					    SQL_ID(l->id), SQL_INT(l->limit), SQL_TEXT(check),
					    SQL_TEXT(filter->tag))
				: sql_query(tx, err, SQL_FINDING_PLACES_OF_CHECK,
					    SQL_INT(filter->workspace), SQL_INT(status),
					    SQL_INT(filter->min_severity), SQL_INT(l->severity),
					    SQL_ID(l->id), SQL_INT(l->limit), SQL_TEXT(check));
	int code;

	for (code = sql_step(&q); code > 0; code = sql_step(&q)) {
		struct finding_row row = {
			.severity = (enum severity)sql_int_in(&q, 0, 0, SEVERITY_CRITICAL),
			.id = sql_id(&q, 1),
		};

		buf_put(&l->rows, &row, sizeof row);
	}
	return code;
}

static int list_of_check(struct store_tx *tx, struct listing *l, struct str check, struct err *err)
{
	int first = MAX(l->filter->status, 0),
	    last = l->filter->status < 0 ? FINDING_STATUSES - 1 : l->filter->status;

	for (int status = first; status <= last; status++)
		TRY(places_of(tx, l, check, status, err));
	return 0;
}

/* The first check of the workspace after this id; -ENOENT: none. */
static int next_check(struct store_tx *tx, int64_t workspace, struct str after, struct str *ret,
		      struct err *err)
{
	struct sql q SQL_CLOSED =
		sql_query(tx, err, SQL_FINDING_NEXT_CHECK, SQL_INT(workspace), SQL_TEXT(after));
	struct str check;

	TRY(sql_one(&q));
	check = sql_text(&q, 0);
	TRY(sql_end(&q));
	*ret = check;
	return 0;
}

static int worst_first(const void *a, const void *b)
{
	const struct finding_row *left = a, *right = b;

	if (left->severity != right->severity)
		return left->severity > right->severity ? -1 : 1;
	return uuid_cmp(right->id, left->id);
}

/* Of all places the first, as rows. */
static int fill_first(struct store_tx *tx, struct listing *l, struct err *err)
{
	struct finding_row *rows = (struct finding_row *)l->rows.data;
	size_t count = l->rows.len / sizeof *rows;

	if (count)
		qsort(rows, count, sizeof *rows, worst_first);
	count = MIN(count, (size_t)l->limit);
	for (size_t i = 0; i < count; i++)
		TRY(finding_get(tx, l->filter->workspace, rows[i].id, &rows[i], err));
	l->rows.len = count * sizeof *rows;
	return 0;
}

/* Each check that begins so gives its own list. */
static int list_of_checks(struct store_tx *tx, struct listing *l, struct err *err)
{
	struct str prefix = l->filter->check_prefix, check = prefix;
	int64_t has_it;
	int code;

	TRY(sql_number(tx, err, &has_it, SQL_FINDING_HAS_CHECK, SQL_INT(l->filter->workspace),
		       SQL_TEXT(prefix)));
	if (has_it)
		TRY(list_of_check(tx, l, prefix, err));
	while ((code = next_check(tx, l->filter->workspace, check, &check, err)) == 0 &&
	       str_starts(check, prefix))
		TRY(list_of_check(tx, l, check, err));
	return code == -ENOENT || code == 0 ? fill_first(tx, l, err) : code;
}

static int list_of_rare_tag(struct store_tx *tx, struct listing *l, struct err *err)
{
	const struct finding_filter *filter = l->filter;
	struct sql q SQL_CLOSED =
		sql_query(tx, err, SQL_FINDING_LIST_RARE_TAG, SQL_INT(filter->workspace),
			  SQL_INT(filter->status), SQL_INT(filter->min_severity),
			  SQL_INT(l->severity), SQL_ID(l->id), SQL_INT(l->limit),
			  SQL_TEXT(filter->tag), SQL_TEXT(filter->check_prefix));

	return rows_read(&q, &l->rows);
}

static int list_of_common_tag(struct store_tx *tx, struct listing *l, struct err *err)
{
	const struct finding_filter *filter = l->filter;
	struct sql q SQL_CLOSED = sql_query(
		tx, err, SQL_FINDING_LIST_TAG, SQL_INT(filter->workspace), SQL_INT(filter->status),
		SQL_INT(filter->min_severity), SQL_INT(l->severity), SQL_ID(l->id),
		SQL_INT(l->limit), SQL_TEXT(filter->tag));

	return rows_read(&q, &l->rows);
}

static int list_of_tag(struct store_tx *tx, struct listing *l, struct err *err)
{
	const struct finding_filter *filter = l->filter;
	int64_t domains;

	TRY(sql_number(tx, err, &domains, SQL_FINDING_TAGGED, SQL_INT(filter->workspace),
		       SQL_TEXT(filter->tag), SQL_INT(RARE_DOMAINS)));
	if (domains < RARE_DOMAINS)
		return list_of_rare_tag(tx, l, err);
	return filter->check_prefix.len ? list_of_checks(tx, l, err)
					: list_of_common_tag(tx, l, err);
}

static int list_rows(struct store_tx *tx, struct listing *l, struct err *err)
{
	const struct finding_filter *filter = l->filter;

	if (filter->domain)
		return list_of_domain(tx, l, err);
	if (has_tag(filter))
		return list_of_tag(tx, l, err);
	if (filter->check_prefix.len)
		return list_of_checks(tx, l, err);
	return list_by(tx, l, filter->status < 0 ? SQL_FINDING_LIST : SQL_FINDING_LIST_STATUS,
		       filter->status, err);
}

static struct str place_of(struct arena *a, const struct finding_row *row)
{
	struct buf place;

	buf_init(&place, a);
	keyset_put_int(&place, row->severity);
	keyset_put_id(&place, row->id);
	return buf_str(&place);
}

int finding_list(struct store_tx *tx, const struct finding_filter *filter, const struct page *page,
		 struct finding_row **ret, size_t *ret_count, struct str *ret_next, struct err *err)
{
	unsigned limit = page_limit(page->limit);
	struct listing l = { .filter = filter,
			     .severity = SEVERITY_CRITICAL + 1,
			     .limit = limit + 1 };
	struct str place = page->after, next = STR_NONE;
	struct finding_row *rows;
	size_t read;

	if (place.len && (keyset_take_int(&place, &l.severity) < 0 ||
			  keyset_take_id(&place, &l.id) < 0 || place.len))
		return err_set(err, -EINVAL, "this is no place in a list of findings");
	buf_init(&l.rows, tx->a);
	TRY(list_rows(tx, &l, err));
	rows = (struct finding_row *)l.rows.data;
	read = l.rows.len / sizeof *rows;
	if (read)
		qsort(rows, read, sizeof *rows, worst_first);
	if (read > limit)
		next = place_of(tx->a, &rows[limit - 1]);
	*ret = rows;
	*ret_count = MIN(read, (size_t)limit);
	*ret_next = next;
	return 0;
}

/* ---- groups ---- */

static int worst_group_first(const void *a, const void *b)
{
	const struct finding_group *left = a, *right = b;

	if (left->severity != right->severity)
		return left->severity > right->severity ? -1 : 1;
	if (left->findings != right->findings)
		return left->findings > right->findings ? -1 : 1;
	return str_cmp(left->check_id, right->check_id);
}

static int group_read(struct store_tx *tx, const struct finding_filter *filter, struct str check,
		      struct buf *groups, struct err *err)
{
	struct sql q SQL_CLOSED = sql_query(tx, err, SQL_FINDING_GROUP, SQL_INT(filter->workspace),
					    SQL_TEXT(check), SQL_INT(filter->status));
	struct finding_group group = { .check_id = check };

	TRY(sql_one(&q));
	group.findings = sql_int(&q, 2);
	if (!group.findings)
		return sql_end(&q);
	group.severity = (enum severity)sql_int_in(&q, 0, 0, SEVERITY_CRITICAL);
	group.domains = sql_int(&q, 1);
	TRY(sql_end(&q));
	buf_put(groups, &group, sizeof group);
	return 0;
}

int finding_groups(struct store_tx *tx, const struct finding_filter *filter,
		   struct finding_group **ret, size_t *ret_count, struct err *err)
{
	struct str check = STR_LIT("");
	struct buf groups;
	int code;

	buf_init(&groups, tx->a);
	while ((code = next_check(tx, filter->workspace, check, &check, err)) == 0)
		TRY(group_read(tx, filter, check, &groups, err));
	if (code != -ENOENT)
		return code;
	*ret = (struct finding_group *)groups.data;
	*ret_count = groups.len / sizeof **ret;
	if (*ret_count)
		qsort(*ret, *ret_count, sizeof **ret, worst_group_first);
	return 0;
}
