/* SPDX-License-Identifier: Apache-2.0 */
/* Is it said how old the compiled-in snapshots are, and from when on too old? */
#include "cli/data_files.h"

#include "tests/test.h"

static const int64_t day_us = 24 * 3600 * 1000000ll;

TEST(a_snapshot_is_good_for_so_many_days)
{
	static const struct data_file file = { "list", 20000, 30 };
	static const struct {
		int day;
		bool is_doubtful;
		const char *text;
	} rows[] = {
		{ 19999, true, "list of 2024-10-04: that is still to come by this clock" },
		{ 20000, false, "list of 2024-10-04: 0 days old, good for 30" },
		{ 20001, false, "list of 2024-10-04: 1 day old, good for 30" },
		{ 20030, false, "list of 2024-10-04: 30 days old, good for 30" },
		{ 20031, true,
		  "list of 2024-10-04: 31 days old, good for 30: look for a newer release of dss, "
		  "or see data/README.md" },
	};
	struct arena a = { 0 };

	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		int64_t end_of_day_us = (rows[i].day + 1) * day_us - 1;

		CHECK_INT(data_file_is_doubtful(&file, rows[i].day * day_us), rows[i].is_doubtful);
		CHECK_INT(data_file_is_doubtful(&file, end_of_day_us), rows[i].is_doubtful);
		CHECK_STR(data_file_text(&a, &file, end_of_day_us), rows[i].text);
	}
	arena_release(&a);
}

TEST(every_snapshot_has_a_date_that_can_be)
{
	const struct data_file *files;
	bool has_suffixes = false;
	size_t count;

	files = data_files(&count);
	for (size_t i = 0; i < count; i++) {
		test_row("%s", files[i].name);
		CHECK(files[i].day > 18262 && files[i].day < 47482); /* 2020 to 2099 */
		CHECK(files[i].good_for_days > 0);
		has_suffixes |= str_eq(str_of(files[i].name), STR_LIT("public_suffix_list.dat"));
	}
	CHECK(has_suffixes);
}
