/* SPDX-License-Identifier: Apache-2.0 */
/* Do documents stand in columns, and can nothing foreign break them? */
#include "cli/table.h"

#include "tests/test.h"

static const struct column columns[] = {
	{ "NAME", "name", COLUMN_TEXT }, { "SCORE", "score", COLUMN_NUMBER },
	{ "SEEN", "seen", COLUMN_TIME }, { "DAY", "seen", COLUMN_DATE },
	{ "NONE", "none", COLUMN_TEXT }, { "TAGS", "tags", COLUMN_TEXT },
};

static struct str table_of(struct arena *a, const char *json, unsigned flags, unsigned width)
{
	struct document rows;
	struct buf out;

	CHECK_INT(document_parse(a, str_of(json), &rows), 0);
	buf_init(&out, a);
	table_put(&out, columns, ARRAY_COUNT(columns), rows.items, rows.count, flags, width);
	return buf_str(&out);
}

TEST(columns_are_as_wide_as_what_is_in_them)
{
	static const char rows[] = "[{\"name\":\"a.example\",\"score\":7,\"seen\":\"2026-11-22T19:"
				   "40:02Z\",\"tags\":[\"x\","
				   "\"y\"]},{\"name\":\"longer.example\",\"score\":100},{}]";
	struct arena a = { 0 };

	CHECK_STR(table_of(&a, rows, TABLE_TITLES | TABLE_DROPS_EMPTY, 0),
		  "NAME            SCORE  SEEN              DAY         TAGS\n"
		  "a.example           7  2026-11-22 19:40  2026-11-22  x, y\n"
		  "longer.example    100\n"
		  "\n");
	CHECK_STR(table_of(&a, "[{\"name\":\"a\"}]", TABLE_TITLES, 0),
		  "NAME  SCORE  SEEN  DAY  NONE  TAGS\na\n");
	CHECK_STR(table_of(&a, "[{\"name\":\"a\"}]", 0, 0), "a\n");
	arena_release(&a);
}

TEST(changes_have_signs)
{
	static const struct column signs[] = { { "", "kind", COLUMN_SIGN },
					       { "N", "n", COLUMN_COUNT },
					       { "C", "", COLUMN_CHANGE } };
	struct arena a = { 0 };
	struct document rows;
	struct buf out;

	CHECK_INT(document_parse(&a,
				 STR_LIT("[{\"kind\":\"added\",\"after\":\"x\"},{\"kind\":"
					 "\"removed\",\"n\":12,\"before\":\"y\"},"
					 "{\"kind\":\"changed\",\"before\":\"y\",\"after\":\"x\"},{"
					 "\"kind\":\"other\"}]"),
				 &rows),
		  0);
	buf_init(&out, &a);
	table_put(&out, signs, ARRAY_COUNT(signs), rows.items, rows.count, TABLE_TITLES, 0);
	CHECK_STR(buf_str(&out),
		  "        N  C\n+       0  x\n-      12  y\n~       0  y → x\nother   0\n");
	arena_release(&a);
}

TEST(long_cells_are_cut_between_characters)
{
	struct arena a = { 0 };
	struct str table =
		table_of(&a,
			 "[{\"name\":\"\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\","
			 "\"tags\":\"0123456789012345678901234567890123456789\"}]",
			 TABLE_DROPS_EMPTY, 30);

	CHECK_STR(table, "\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9  "
			 "0123456789012345678...\n");
	arena_release(&a);
}

TEST(foreign_bytes_are_encoded)
{
	struct arena a = { 0 };
	struct str table =
		table_of(&a, "[{\"name\":\"a\\u001b[31m\\nb\",\"tags\":[\"\\u202e\",\"\\u009b\"]}]",
			 TABLE_DROPS_EMPTY, 0);
	struct document document;
	struct buf out;

	CHECK_STR(table, "a\\x1B[31m\\x0Ab  \\u{202E}, \\u{009B}\n");
	CHECK_INT(document_parse(&a, STR_LIT("{\"name\":\"a\\u001b\\r\",\"score\":3}"), &document),
		  0);
	buf_init(&out, &a);
	table_put_one(&out, columns, ARRAY_COUNT(columns), &document);
	CHECK_STR(buf_str(&out), " NAME   a\\x1B\\x0D\n SCORE  3\n");
	arena_release(&a);
}
