/* SPDX-License-Identifier: Apache-2.0 */
/* Which domains match, in which order, page by page? */
#include "store/domain_row.h"

#include "store/cursor.h"

#include <limits.h>

enum {
	FILTER_VALUES = 9, /* ?1 to ?9 of DOMAIN_FILTER */
	FEW = 5000,        /* so many of a tag or owner are sorted; of more the order is walked */
	DAYS_30_S = 30 * 86400
};

void domain_columns(struct sql *q, struct domain_row *ret)
{
	*ret = (struct domain_row){
		.no = sql_int(q, 0),
		.id = sql_id(q, 1),
		.workspace = sql_int(q, 2),
		.name = sql_text(q, 3),
		.owner = sql_text(q, 4),
		.notes = sql_text(q, 5),
		.profile = (int)sql_int_or(q, 6, DOMAIN_NO_PROFILE),
		.expectations = sql_text(q, 7),
		.version = sql_int(q, 8),
		.created_at = sql_int(q, 9),
		.updated_at = sql_int(q, 10),
		.deleted_at = sql_time(q, 11),
		.proof_token = sql_text(q, 12),
		.proven_at = sql_time(q, 13),
		.scan = sql_id(q, 14),
		.scanned_at = sql_time(q, 15),
		.grade = sql_int_in(q, 16, 0, DOMAIN_GRADES - 1),
		.score = (int)sql_int_or(q, 17, -1),
		.fact_set = sql_int_or(q, 18, 0),
		.expires_at = sql_time(q, 24),
	};
	for (unsigned i = 0; i <= SEVERITY_CRITICAL; i++)
		ret->open[i] = sql_int(q, 19 + i);
}

int domain_read_tags(struct store_tx *tx, struct domain_row *row, struct err *err)
{
	struct sql q SQL_CLOSED = sql_query(tx, err, SQL_DOMAIN_TAG_LIST, SQL_INT(row->no));
	size_t room = 0;
	int code;

	row->tags = NULL;
	row->tag_count = 0;
	while ((code = sql_step(&q)) > 0) {
		if (row->tag_count == room) {
			row->tags = arena_grow(tx->a, row->tags, room * sizeof *row->tags,
					       (room + 8) * sizeof *row->tags);
			room += 8;
		}
		row->tags[row->tag_count++] = sql_text(&q, 0);
	}
	return code;
}

/* "*.example.com" as a pattern of LIKE. */
static struct str like_of(struct arena *a, struct str glob)
{
	struct buf out;

	buf_init(&out, a);
	for (size_t i = 0; i < glob.len; i++) {
		char c = glob.data[i];

		if (c == '%' || c == '_' || c == '\\')
			buf_put_char(&out, '\\');
		buf_put_char(&out, c == '*' ? '%' : c);
	}
	return buf_str(&out);
}

static void filter_values(struct store_tx *tx, const struct domain_filter *filter,
			  struct sql_value values[static FILTER_VALUES])
{
	values[0] = SQL_INT(filter->workspace);
	values[1] = SQL_TEXT_OR_NULL(filter->contains);
	values[2] = SQL_TEXT_OR_NULL(like_of(tx->a, filter->name_glob));
	values[3] = SQL_TEXT_OR_NULL(filter->tag);
	values[4] = SQL_TEXT_OR_NULL(filter->owner);
	values[5] = SQL_INT_OR_NULL(filter->grade, 0);
	values[6] = SQL_INT(filter->expires_before ? filter->expires_before - 1 : INT64_MAX);
	values[7] = SQL_TIME(filter->changed_since);
	values[8] = SQL_INT(filter->scanned_before ? filter->scanned_before : INT64_MAX);
}

static int source(unsigned *ret, unsigned first_statement)
{
	*ret = first_statement;
	return 0;
}

/* The first statement of the source from which this filter's rows are soonest found. */
static int list_source(struct store_tx *tx, const struct domain_filter *filter, unsigned *ret,
		       struct err *err)
{
	int64_t count;

	*ret = SQL_DOMAIN_LIST_ALL_BY_NAME_UP;
	if (filter->tag.len) {
		TRY(sql_number(tx, err, &count, SQL_DOMAIN_TAG_FEW, SQL_INT(filter->workspace),
			       SQL_TEXT(filter->tag), SQL_INT(FEW + 1)));
		if (count <= FEW)
			return source(ret, SQL_DOMAIN_LIST_TAG_BY_NAME_UP);
	}
	if (filter->owner.len) {
		TRY(sql_number(tx, err, &count, SQL_DOMAIN_OWNER_FEW, SQL_INT(filter->workspace),
			       SQL_TEXT(filter->owner), SQL_INT(FEW + 1)));
		if (count <= FEW || filter->order == DOMAIN_BY_NAME)
			return source(ret, SQL_DOMAIN_LIST_OWNER_BY_NAME_UP);
	}
	if (filter->grade) {
		TRY(sql_number(tx, err, &count, SQL_DOMAIN_GRADE_FEW, SQL_INT(filter->workspace),
			       SQL_INT(filter->grade), SQL_INT(FEW + 1)));
		if (count <= FEW || filter->order == DOMAIN_BY_NAME)
			return source(ret, SQL_DOMAIN_LIST_GRADE_BY_NAME_UP);
	}
	return 0;
}

static int64_t order_key(const struct domain_row *row, enum domain_order order)
{
	switch (order) {
	case DOMAIN_BY_GRADE:
		return row->grade;
	case DOMAIN_BY_SCANNED:
		return row->scanned_at;
	case DOMAIN_BY_EXPIRY:
		return row->expires_at ? row->expires_at : INT64_MAX;
	default:
		return 0;
	}
}

/* Before all rows, or after them. A name is ASCII: DEL is above each of its characters. */
static const struct cursor first[] = { { INT64_MIN, STR_INIT("") },
				       { INT64_MAX, STR_INIT("\x7f") } };

/* Who looks for a part of names may find it nowhere: a page looks at so many names, and the next one
 * goes on from there. *ret_end: the last of them; empty: there are no more than that. */
static int walk_end(struct store_tx *tx, const struct domain_filter *filter, unsigned statement,
		    struct str after, struct str *ret_end, struct err *err)
{
	*ret_end = STR_NONE;
	if (statement != SQL_DOMAIN_LIST_ALL_BY_NAME_UP || filter->order != DOMAIN_BY_NAME ||
	    (!filter->contains.len && !filter->name_glob.len))
		return 0;
	struct sql q SQL_CLOSED = sql_query(
		tx, err,
		filter->is_descending ? SQL_DOMAIN_NAME_FURTHER_DOWN : SQL_DOMAIN_NAME_FURTHER_UP,
		SQL_INT(filter->workspace), SQL_TEXT(after), SQL_INT(DOMAIN_NAMES_A_PAGE - 1));
	int code = sql_step(&q);

	if (code > 0)
		*ret_end = sql_text(&q, 0);
	return MIN(code, 0);
}

int domain_list(struct store_tx *tx, const struct domain_filter *filter, const struct page *page,
		struct domain_row **ret, size_t *ret_count, struct str *ret_next, struct err *err)
{
	struct cursor after = first[filter->is_descending];
	uint8_t kind = (uint8_t)(filter->order * 2 + filter->is_descending);
	struct sql_value values[FILTER_VALUES + 3];
	struct domain_row *rows = arena_array(tx->a, page->limit + (size_t)1, sizeof *rows);
	struct str end;
	size_t count = 0;
	unsigned statement;
	int code;

	if (page->after.len)
		TRY(cursor_read(page->after, kind, &after, err));
	TRY(list_source(tx, filter, &statement, err));
	TRY(walk_end(tx, filter, statement, after.text, &end, err));
	filter_values(tx, filter, values);
	values[FILTER_VALUES] = filter->order != DOMAIN_BY_NAME ? SQL_INT(after.number)
				: end.len                       ? SQL_TEXT(end)
					  : SQL_TEXT(first[!filter->is_descending].text);
	values[FILTER_VALUES + 1] = SQL_TEXT(after.text);
	values[FILTER_VALUES + 2] = SQL_INT(page->limit + INT64_C(1));
	{
		struct sql q SQL_CLOSED =
			sql_query_values(tx, err, statement + kind, values, ARRAY_COUNT(values));

		for (code = sql_step(&q); code > 0 && count <= page->limit; code = sql_step(&q))
			domain_columns(&q, &rows[count++]);
		TRY(code);
	}
	*ret_next = STR_NONE;
	if (count > page->limit) {
		struct domain_row *last = &rows[(count = page->limit) - 1];

		*ret_next = cursor_write(
			tx->a, kind, (struct cursor){ order_key(last, filter->order), last->name });
	} else if (end.len) {
		*ret_next = cursor_write(tx->a, kind, (struct cursor){ 0, end });
	}
	for (size_t i = 0; i < count; i++)
		TRY(domain_read_tags(tx, &rows[i], err));
	*ret = rows;
	*ret_count = count;
	return 0;
}

int domain_walk(struct store_tx *tx, const struct domain_filter *filter, int64_t after_no,
		unsigned limit, struct domain_row **ret, size_t *ret_count, struct err *err)
{
	struct sql_value values[FILTER_VALUES + 2];
	struct domain_row *rows = arena_array(tx->a, limit + (size_t)1, sizeof *rows);
	size_t count = 0;
	int code;

	filter_values(tx, filter, values);
	values[FILTER_VALUES] = SQL_INT(after_no);
	values[FILTER_VALUES + 1] = SQL_INT(limit);
	struct sql q SQL_CLOSED =
		sql_query_values(tx, err, filter->tag.len ? SQL_DOMAIN_WALK_TAG : SQL_DOMAIN_WALK,
				 values, ARRAY_COUNT(values));

	for (code = sql_step(&q); code > 0 && count < limit; code = sql_step(&q))
		rows[count++] = (struct domain_row){
			.no = sql_int(&q, 0),
			.id = sql_id(&q, 1),
			.workspace = filter->workspace,
			.name = sql_text(&q, 2),
			.profile = (int)sql_int_or(&q, 3, DOMAIN_NO_PROFILE),
			.proven_at = sql_time(&q, 4),
			.score = -1,
		};
	TRY(code);
	*ret = rows;
	*ret_count = count;
	return 0;
}

int domain_tags(struct store_tx *tx, int64_t workspace, unsigned limit, struct tag_count **ret,
		size_t *ret_count, struct err *err)
{
	struct tag_count *rows = arena_array(tx->a, limit + (size_t)1, sizeof *rows);
	struct sql q SQL_CLOSED =
		sql_query(tx, err, SQL_DOMAIN_TAGS, SQL_INT(workspace), SQL_INT(limit));
	size_t count = 0;
	int code;

	for (code = sql_step(&q); code > 0 && count < limit; code = sql_step(&q))
		rows[count++] = (struct tag_count){ sql_text(&q, 0), sql_int(&q, 1) };
	TRY(code);
	*ret = rows;
	*ret_count = count;
	return 0;
}

int domain_stats(struct store_tx *tx, int64_t workspace, struct portfolio_stats *ret,
		 struct err *err)
{
	struct portfolio_stats stats = { 0 };
	struct sql q SQL_CLOSED = sql_query(tx, err, SQL_DOMAIN_STATS, SQL_INT(workspace),
					    SQL_INT(tx->now_us + DAYS_30_S * INT64_C(1000000)));
	int code;

	while ((code = sql_step(&q)) > 0) {
		int grade = sql_int_in(&q, 0, 0, DOMAIN_GRADES - 1);

		stats.domains += sql_int(&q, 1);
		stats.by_grade[grade] += sql_int(&q, 1);
		stats.scanned += sql_int(&q, 2);
		for (unsigned i = 0; i <= SEVERITY_CRITICAL; i++)
			stats.open[i] += sql_int(&q, 3 + i);
		stats.expiring_30d += sql_int(&q, 8);
	}
	TRY(code);
	*ret = stats;
	return 0;
}
