/* SPDX-License-Identifier: Apache-2.0 */
/* Which content does nobody name any more? */
#include "store/garbage.h"

#include "store/fact.h"
#include "store/sql.h"

#include <stdlib.h>

int garbage_reuse(struct store_tx *tx, enum content kind, int64_t no, struct err *err)
{
	return MIN(sql_run(tx, err, SQL_GARBAGE_DROP, SQL_INT(kind), SQL_INT(no)), 0);
}

int garbage_note(struct store_tx *tx, enum content kind, int64_t no, struct err *err)
{
	TRY(garbage_reuse(tx, kind, no, err));
	return sql_change(tx, err, SQL_GARBAGE_NOTE, SQL_INT(kind), SQL_INT(no));
}

/* ---- what is looked at ---- */

static int by_no(const void *a, const void *b)
{
	const struct garbage_row *left = a, *right = b;

	return (left->no > right->no) - (left->no < right->no);
}

int garbage_list(struct store_tx *tx, enum content kind, unsigned limit, struct garbage *ret,
		 struct err *err)
{
	struct sql q SQL_CLOSED =
		sql_query(tx, err, SQL_GARBAGE_LIST, SQL_INT(kind), SQL_INT(limit));
	struct buf rows;
	int code;

	buf_init(&rows, tx->a);
	for (code = sql_step(&q); code > 0; code = sql_step(&q)) {
		struct garbage_row row = { .sequence = sql_int(&q, 0), .no = sql_int(&q, 1) };

		buf_put(&rows, &row, sizeof row);
	}
	TRY(code);
	*ret = (struct garbage){ (struct garbage_row *)rows.data,
				 rows.len / sizeof(struct garbage_row) };
	if (ret->count)
		qsort(ret->rows, ret->count, sizeof *ret->rows, by_no);
	return 0;
}

/* ---- who names it ---- */

static void mark(struct garbage *garbage, int64_t no)
{
	struct garbage_row key = { .no = no }, *found;

	if (!garbage->count || no < garbage->rows[0].no ||
	    no > garbage->rows[garbage->count - 1].no)
		return;
	found = bsearch(&key, garbage->rows, garbage->count, sizeof key, by_no);
	if (found)
		found->is_named = true;
}

/* Up to limit rows of the statement from *cursor on; each names its number first, then what it names. */
static int walk(struct store_tx *tx, enum sql_statement statement,
		int (*each)(struct garbage *of, struct sql *q, struct err *err), struct garbage *of,
		unsigned limit, int64_t *cursor, bool *ret_is_end, struct err *err)
{
	struct sql q SQL_CLOSED = sql_query(tx, err, statement, SQL_INT(*cursor), SQL_INT(limit));
	int64_t last = *cursor;
	unsigned seen = 0;
	int code;

	for (code = sql_step(&q); code > 0; code = sql_step(&q), seen++) {
		last = sql_int(&q, 0);
		TRY(each(of, &q, err));
	}
	TRY(code);
	*cursor = last;
	*ret_is_end = seen < limit;
	return 0;
}

static int mark_scan(struct garbage *of, struct sql *q, struct err *err)
{
	mark(&of[CONTENT_FACT_SET], sql_int_or(q, 1, 0));
	for (unsigned column = 2; column <= 4; column++)
		mark(&of[CONTENT_DOCUMENT], sql_int_or(q, column, 0));
	return 0;
}

static int mark_domain(struct garbage *of, struct sql *q, struct err *err)
{
	mark(&of[CONTENT_FACT_SET], sql_int_or(q, 1, 0));
	return 0;
}

static int mark_set(struct garbage *of, struct sql *q, struct err *err)
{
	struct str numbers = sql_view(q, 1);
	int64_t no = 0;

	while (numbers.len) {
		TRY(fact_set_number(&numbers, &no, err));
		mark(&of[CONTENT_FACT], no);
	}
	return 0;
}

int garbage_mark_scans(struct store_tx *tx, struct garbage of[CONTENTS], unsigned limit,
		       int64_t *cursor, bool *ret_is_end, struct err *err)
{
	return walk(tx, SQL_GARBAGE_WALK_SCANS, mark_scan, of, limit, cursor, ret_is_end, err);
}

int garbage_mark_domains(struct store_tx *tx, struct garbage of[CONTENTS], unsigned limit,
			 int64_t *cursor, bool *ret_is_end, struct err *err)
{
	return walk(tx, SQL_GARBAGE_WALK_DOMAINS, mark_domain, of, limit, cursor, ret_is_end, err);
}

int garbage_mark_sets(struct store_tx *tx, struct garbage of[CONTENTS], unsigned limit,
		      int64_t *cursor, bool *ret_is_end, struct err *err)
{
	return walk(tx, SQL_GARBAGE_WALK_SETS, mark_set, of, limit, cursor, ret_is_end, err);
}

/* ---- what goes ---- */

static int note_facts(struct store_tx *tx, struct str numbers, struct err *err)
{
	int64_t no = 0;

	while (numbers.len) {
		TRY(fact_set_number(&numbers, &no, err));
		TRY(garbage_note(tx, CONTENT_FACT, no, err));
	}
	return 0;
}

static int delete_set(struct store_tx *tx, int64_t no, struct err *err)
{
	struct sql q SQL_CLOSED = sql_query(tx, err, SQL_GARBAGE_DELETE_SET, SQL_INT(no));
	struct str numbers;
	int code = sql_one(&q);

	if (code == -ENOENT)
		return 0;
	TRY(code);
	numbers = sql_blob(&q, 0);
	TRY(sql_end(&q));
	sql_close(&q);
	TRY(note_facts(tx, numbers, err));
	return 1;
}

static int delete_content(struct store_tx *tx, enum content kind, int64_t no, struct err *err)
{
	switch (kind) {
	case CONTENT_FACT_SET:
		return delete_set(tx, no, err);
	case CONTENT_DOCUMENT:
		return sql_run(tx, err, SQL_GARBAGE_DELETE_DOCUMENT, SQL_INT(no));
	default:
		return sql_run(tx, err, SQL_GARBAGE_DELETE_FACT, SQL_INT(no));
	}
}

int garbage_sweep(struct store_tx *tx, enum content kind, const struct garbage_row *rows,
		  size_t count, int64_t *ret_gone, struct err *err)
{
	int64_t gone = 0;

	for (size_t i = 0; i < count; i++) {
		struct arena_mark mark = arena_mark(tx->a);
		int taken = sql_run(tx, err, SQL_GARBAGE_TAKE, SQL_INT(rows[i].sequence)), deleted;

		TRY(taken);
		if (!taken || rows[i].is_named)
			continue;
		deleted = delete_content(tx, kind, rows[i].no, err);
		TRY(deleted);
		gone += deleted;
		arena_rewind(tx->a, mark);
	}
	*ret_gone = gone;
	return 0;
}
