/* SPDX-License-Identifier: Apache-2.0 */
/* What changed, and what expires when? */
#include "store/history.h"

#include "store/keyset.h"
#include "store/sql.h"

const char *const expiry_kind_words[] = { "certificate", "registration", "rrsig", "key", NULL };

/* ---- changes ---- */

int change_insert(struct store_tx *tx, struct change_row *row, struct err *err)
{
	return sql_insert(tx, err, &row->no, SQL_CHANGE_INSERT, SQL_INT(row->workspace),
			  SQL_INT(row->domain), SQL_ID(row->scan), SQL_INT(row->at),
			  SQL_INT(row->kind), SQL_TEXT(row->question), SQL_TEXT(row->field),
			  SQL_TEXT_OR_NULL(row->before), SQL_TEXT_OR_NULL(row->after),
			  SQL_INT(row->severity));
}

static int changes_read(struct sql *q, struct change_row **ret, size_t *ret_count)
{
	struct buf rows;
	int code;

	buf_init(&rows, q->tx->a);
	for (code = sql_step(q); code > 0; code = sql_step(q)) {
		struct change_row row = {
			.no = sql_int(q, 0),
			.workspace = sql_int(q, 1),
			.domain = sql_int(q, 2),
			.name = sql_text(q, 3),
			.scan = sql_id(q, 4),
			.at = sql_int(q, 5),
			.kind = (int)sql_int(q, 6),
			.question = sql_text(q, 7),
			.field = sql_text(q, 8),
			.before = sql_text(q, 9),
			.after = sql_text(q, 10),
			.severity = (enum severity)sql_int_in(q, 11, 0, SEVERITY_CRITICAL),
		};

		buf_put(&rows, &row, sizeof row);
	}
	TRY(code);
	*ret = (struct change_row *)rows.data;
	*ret_count = rows.len / sizeof **ret;
	return 0;
}

static struct sql changes_query(struct store_tx *tx, const struct change_filter *filter, int64_t at,
				int64_t no, unsigned limit, struct err *err)
{
	if (filter->domain)
		return sql_query(tx, err, SQL_CHANGE_LIST_DOMAIN, SQL_INT(filter->workspace),
				 SQL_INT(filter->from), SQL_INT(at), SQL_INT(no), SQL_INT(limit),
				 SQL_INT(filter->domain));
	return sql_query(tx, err, SQL_CHANGE_LIST, SQL_INT(filter->workspace),
			 SQL_INT(filter->from), SQL_INT(at), SQL_INT(no), SQL_INT(limit));
}

int change_list(struct store_tx *tx, const struct change_filter *filter, const struct page *page,
		struct change_row **ret, size_t *ret_count, struct str *ret_next, struct err *err)
{
	unsigned limit = page_limit(page->limit);
	int64_t at = filter->to ? filter->to : INT64_MAX, no = INT64_MIN;
	struct str place = page->after;
	struct change_row *rows;
	struct buf next;
	size_t count;

	if (place.len &&
	    (keyset_take_int(&place, &at) < 0 || keyset_take_int(&place, &no) < 0 || place.len))
		return err_set(err, -EINVAL, "this is no place in a list of changes");

	struct sql q SQL_CLOSED = changes_query(tx, filter, at, no, limit + 1, err);

	TRY(changes_read(&q, &rows, &count));
	buf_init(&next, tx->a);
	if (count > limit) {
		keyset_put_int(&next, rows[limit - 1].at);
		keyset_put_int(&next, rows[limit - 1].no);
	}
	*ret = rows;
	*ret_count = MIN(count, (size_t)limit);
	*ret_next = buf_str(&next);
	return 0;
}

int change_expire(struct store_tx *tx, int64_t before, unsigned limit, int64_t *ret_gone,
		  struct err *err)
{
	int gone = sql_run(tx, err, SQL_CHANGE_EXPIRE, SQL_INT(before), SQL_INT(limit));

	TRY(gone);
	*ret_gone = gone;
	return 0;
}

/* ---- expiries ---- */

static int expiries_read(struct sql *q, struct expiry_row **ret, size_t *ret_count)
{
	struct buf rows;
	int code;

	buf_init(&rows, q->tx->a);
	for (code = sql_step(q); code > 0; code = sql_step(q)) {
		struct expiry_row row = {
			.workspace = sql_int(q, 0),
			.domain = sql_int(q, 1),
			.name = sql_text(q, 2),
			.kind = (enum expiry_kind)sql_int_in(q, 3, 0, EXPIRY_KINDS - 1),
			.subject = sql_text(q, 4),
			.at = sql_int(q, 5),
		};

		buf_put(&rows, &row, sizeof row);
	}
	TRY(code);
	*ret = (struct expiry_row *)rows.data;
	*ret_count = rows.len / sizeof **ret;
	return 0;
}

int expiry_foresee(struct store_tx *tx, int64_t domain, struct err *err)
{
	return sql_foresee(tx, err, SQL_EXPIRY_OF_DOMAIN, SQL_INT(domain));
}

int expiry_of_domain(struct store_tx *tx, int64_t domain, struct expiry_row **ret,
		     size_t *ret_count, struct err *err)
{
	struct sql q SQL_CLOSED = sql_query(tx, err, SQL_EXPIRY_OF_DOMAIN, SQL_INT(domain));

	return expiries_read(&q, ret, ret_count);
}

static const struct expiry_row *find(const struct expiry_row *rows, size_t count,
				     const struct expiry_row *wanted)
{
	for (size_t i = 0; i < count; i++)
		if (rows[i].kind == wanted->kind && str_eq(rows[i].subject, wanted->subject))
			return &rows[i];
	return NULL;
}

int expiry_replace(struct store_tx *tx, int64_t workspace, int64_t domain,
		   const struct expiry_row *rows, size_t count, struct err *err)
{
	struct expiry_row *old;
	size_t old_count;

	TRY(expiry_of_domain(tx, domain, &old, &old_count, err));
	sql_forget(tx, SQL_EXPIRY_OF_DOMAIN, SQL_INT(domain));
	for (size_t i = 0; i < old_count; i++)
		if (!find(rows, count, &old[i]))
			TRY(sql_change(tx, err, SQL_EXPIRY_DELETE, SQL_INT(domain),
				       SQL_INT(old[i].kind), SQL_TEXT(old[i].subject)));
	for (size_t i = 0; i < count; i++) {
		const struct expiry_row *same = find(old, old_count, &rows[i]);
		int64_t remind_at;

		if (same && same->at == rows[i].at)
			continue;
		remind_at = expiry_reminder(rows[i].kind, rows[i].at,
					    same ? rows[i].at - tx->now_us : 0, tx->now_us);
		TRY(sql_run(tx, err, SQL_EXPIRY_PUT, SQL_INT(domain), SQL_INT(rows[i].kind),
			    SQL_TEXT(rows[i].subject), SQL_INT(workspace), SQL_INT(rows[i].at),
			    SQL_TIME(remind_at)));
	}
	return 0;
}

/* ---- reminders ---- */

static const int64_t reminder_day_us = INT64_C(86400000000);

/* What is left when it is time, in parts of a lifetime; 0 at the end: when it is over. */
static const struct {
	int64_t days; /* of a lifetime that is not known, and the longest that counts */
	int64_t parts[4];
} reminders[EXPIRY_KINDS] = {
	[EXPIRY_CERTIFICATE] = { 90, { 3, 9, 30, 0 } },
	[EXPIRY_REGISTRATION] = { 365, { 12, 52, 365, 0 } },
	[EXPIRY_RRSIG] = { 14, { 5, 14, 0 } },
};

int64_t expiry_reminder(enum expiry_kind kind, int64_t at, int64_t lifetime_us, int64_t after)
{
	int64_t longest_us = reminders[kind].days * reminder_day_us;

	if (!longest_us)
		return 0;
	if (lifetime_us <= 0 || lifetime_us > longest_us)
		lifetime_us = longest_us;
	for (size_t i = 0; i < ARRAY_COUNT(reminders[kind].parts); i++) {
		int64_t part = reminders[kind].parts[i],
			when = at - (part ? lifetime_us / part : 0);

		if (when > after)
			return when;
		if (!part)
			break;
	}
	return 0;
}

int expiry_due(struct store_tx *tx, unsigned limit, struct expiry_due **ret, size_t *ret_count,
	       struct err *err)
{
	struct sql q SQL_CLOSED =
		sql_query(tx, err, SQL_EXPIRY_DUE, SQL_INT(tx->now_us), SQL_INT(limit));
	struct buf rows;
	int code;

	buf_init(&rows, tx->a);
	for (code = sql_step(&q); code > 0; code = sql_step(&q)) {
		struct expiry_due due = {
			.row = { .workspace = sql_int(&q, 0),
				 .domain = sql_int(&q, 1),
				 .name = sql_text(&q, 2),
				 .kind = (enum expiry_kind)sql_int_in(&q, 3, 0, EXPIRY_KINDS - 1),
				 .subject = sql_text(&q, 4),
				 .at = sql_int(&q, 5) },
			.is_planned = sql_int(&q, 6) > 1,
			.is_deleted = !sql_is_null(&q, 7),
		};

		buf_put(&rows, &due, sizeof due);
	}
	TRY(code);
	*ret = (struct expiry_due *)rows.data;
	*ret_count = rows.len / sizeof **ret;
	return 0;
}

int expiry_remind(struct store_tx *tx, const struct expiry_row *row, int64_t remind_at,
		  struct err *err)
{
	return sql_change(tx, err, SQL_EXPIRY_REMIND, SQL_INT(row->domain), SQL_INT(row->kind),
			  SQL_TEXT(row->subject), SQL_TIME(remind_at));
}

/* A place: at, domain, kind, subject. */
static int place_read(struct str place, struct expiry_row *ret)
{
	int64_t kind;

	TRY(keyset_take_int(&place, &ret->at));
	TRY(keyset_take_int(&place, &ret->domain));
	TRY(keyset_take_int(&place, &kind));
	ret->kind = (enum expiry_kind)(kind & 0xff);
	ret->subject = place;
	return 0;
}

static struct str place_write(struct arena *a, const struct expiry_row *row)
{
	struct buf place;

	buf_init(&place, a);
	keyset_put_int(&place, row->at);
	keyset_put_int(&place, row->domain);
	keyset_put_int(&place, row->kind);
	buf_put_str(&place, row->subject);
	return buf_str(&place);
}

int expiry_list(struct store_tx *tx, int64_t workspace, int64_t before, const struct page *page,
		struct expiry_row **ret, size_t *ret_count, struct str *ret_next, struct err *err)
{
	unsigned limit = page_limit(page->limit);
	struct expiry_row after = { .at = INT64_MIN }, *rows;
	struct str next = STR_NONE;
	size_t count;

	if (page->after.len && place_read(page->after, &after) < 0)
		return err_set(err, -EINVAL, "this is no place in a list of expiries");

	struct sql q SQL_CLOSED = sql_query(tx, err, SQL_EXPIRY_LIST, SQL_INT(workspace),
					    SQL_INT(before ? before : INT64_MAX), SQL_INT(after.at),
					    SQL_INT(after.domain), SQL_INT(after.kind),
					    SQL_TEXT(after.subject), SQL_INT(limit + 1));

	TRY(expiries_read(&q, &rows, &count));
	if (count > limit)
		next = place_write(tx->a, &rows[limit - 1]);
	*ret = rows;
	*ret_count = MIN(count, (size_t)limit);
	*ret_next = next;
	return 0;
}
