/* SPDX-License-Identifier: Apache-2.0 */
/* Are large bodies kept, and given back record by record? */
#include "tests/test.h"

#include "base/err.h"
#include "roles/api/spool.h"

static void cells_check(const char *record, int wanted, const char *shown)
{
	struct arena a = { 0 };
	struct str cells[4];
	struct buf out;
	size_t count = 0;

	test_row("%s", record);
	CHECK_INT(csv_cells(&a, str_of(record), ARRAY_COUNT(cells), cells, &count), wanted);
	buf_init(&out, &a);
	for (size_t i = 0; wanted == 0 && i < count; i++)
		buf_printf(&out, "[%.*s]", STR(cells[i]));
	CHECK_STR(buf_str(&out), shown);
	arena_release(&a);
}

TEST(records_have_cells)
{
	static const struct {
		const char *record;
		int code;
		const char *cells;
	} rows[] = {
		{ "a", 0, "[a]" },
		{ "a,b", 0, "[a][b]" },
		{ "", 0, "[]" },
		{ ",", 0, "[][]" },
		{ "a,", 0, "[a][]" },
		{ "\"a,b\",c", 0, "[a,b][c]" },
		{ "\"a\"\"b\"", 0, "[a\"b]" },
		{ "\"a\nb\"", 0, "[a\nb]" },
		{ "\"\"", 0, "[]" },
		{ "\"\",\"\"", 0, "[][]" },
		{ "a,b,c,d", 0, "[a][b][c][d]" },
		{ "a,b,c,d,e", ERR_LIMIT, "" },
		{ "\"a", ERR_SYNTAX, "" },
		{ "\"a\"b", ERR_SYNTAX, "" },
		{ "a\"b", ERR_SYNTAX, "" },
		{ "a,\"b\"\"", ERR_SYNTAX, "" },
	};

	for (size_t i = 0; i < ARRAY_COUNT(rows); i++)
		cells_check(rows[i].record, rows[i].code, rows[i].cells);
}

/* "line:record;" of all records, or "line:!;" for one that is too long. */
static void records_check(struct str body, bool is_csv, const char *shown)
{
	struct err err = { 0 };
	struct spool spool;
	struct str record;
	struct buf out = { 0 };
	size_t line;
	int code;

	CHECK_INT(spool_open(&spool, "/tmp", &err), 0);
	/* In uneven parts, as they come. */
	for (size_t at = 0, part = 1; at < body.len; at += part, part = part * 3 % 7919 + 1)
		CHECK_INT(spool_put(&spool, str_first(str_from(body, at), part), &err), 0);
	for (int turn = 0; turn < 2; turn++) { /* and again from the beginning */
		out.len = 0;
		spool_rewind(&spool);
		while ((code = spool_record(&spool, is_csv, &record, &line)) != 0) {
			if (code > 0)
				buf_printf(&out, "%zu:%.*s;", line, STR(str_first(record, 20)));
			else
				buf_printf(&out, "%zu:!;", line);
		}
		CHECK_STR(buf_str(&out), shown);
	}
	spool_close(&spool);
	buf_release(&out);
}

TEST(bodies_come_back_in_records)
{
	records_check(STR_LIT(""), false, "");
	records_check(STR_LIT("a"), false, "1:a;");
	records_check(STR_LIT("a\nb\r\n\nc\n"), false, "1:a;2:b;3:;4:c;");
	records_check(STR_LIT("\"a\nb\",c\nd\n"), true, "1:\"a\nb\",c;3:d;");
	records_check(STR_LIT("\"a\nb\",c\nd\n"), false, "1:\"a;2:b\",c;3:d;");
	records_check(STR_LIT("a\"b\nc\n"), true, "1:a\"b;2:c;");
	records_check(STR_LIT("\"open\nnever\nclosed"), true, "1:\"open\nnever\nclosed;");
}

TEST(records_that_are_too_long_spoil_no_other)
{
	struct buf body = { 0 };

	buf_put_lit(&body, "first\n");
	for (int i = 0; i < RECORD_BYTES + 1; i++)
		buf_put_char(&body, 'x');
	buf_put_lit(&body, "\nsecond\n");
	for (int i = 0; i < 5 * SPOOL_BUFFER; i++)
		buf_put_char(&body, 'y');
	buf_put_lit(&body, "\nthird\n");
	for (int i = 0; i < RECORD_BYTES; i++)
		buf_put_char(&body, 'z');
	buf_put_lit(&body, "\nlast");
	records_check(buf_str(&body), false,
		      "1:first;2:!;3:second;4:!;5:third;6:zzzzzzzzzzzzzzzzzzzz;7:last;");
	buf_release(&body);
}
