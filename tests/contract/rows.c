/* SPDX-License-Identifier: Apache-2.0 */
/* What do all tests of repositories begin and end with? */
#include "tests/contract/rows.h"

#include "store/workspace.h"

static int64_t rows_now(void *context)
{
	return ((struct rows *)context)->now_us;
}

void rows_open(struct rows *rows)
{
	*rows = (struct rows){ .now_us = ROWS_START };
	fixture_open_schema(&rows->fixture);
	rows->store = fixture_store(&rows->fixture);
	store_set_clock(rows->store, rows_now, rows);
}

void rows_close(struct rows *rows)
{
	fixture_check(rows->store);
	store_close(rows->store);
	fixture_close(&rows->fixture);
	arena_release(&rows->a);
}

static void check_code(struct rows *rows, int got, int want)
{
	if (got != want)
		fail_msg("got %d, want %d: %s", got, want, rows->err.text);
}

void rows_write(struct rows *rows, store_work *work, void *context, int code)
{
	check_code(rows, store_write(rows->store, work, context, &rows->err), code);
}

void rows_read(struct rows *rows, store_work *work, void *context, int code)
{
	check_code(rows, store_read(rows->store, work, context, &rows->err), code);
}

void rows_run(store_work *work)
{
	struct rows rows;

	rows_open(&rows);
	rows_write(&rows, work, &rows, 0);
	rows_close(&rows);
}

int64_t rows_workspace(struct store_tx *tx, const char *name)
{
	struct workspace_row row = { .name = str_of(name) };

	CHECK_INT(workspace_insert(tx, &row, NULL), 0);
	return row.no;
}
