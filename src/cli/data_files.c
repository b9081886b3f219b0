/* SPDX-License-Identifier: Apache-2.0 */
/* How old are the snapshots that were compiled in? */
#include "cli/data_files.h"

#include "base/clock.h"
#include "cli/files_table.h"

static const int64_t day_us = 24 * 3600 * 1000000ll;

const struct data_file *data_files(size_t *ret_count)
{
	*ret_count = ARRAY_COUNT(files);
	return files;
}

int data_file_age(const struct data_file *file, int64_t now_us)
{
	return (int)(now_us / day_us) - file->day;
}

bool data_file_is_doubtful(const struct data_file *file, int64_t now_us)
{
	int age = data_file_age(file, now_us);

	return age < 0 || age > file->good_for_days;
}

struct str data_file_text(struct arena *a, const struct data_file *file, int64_t now_us)
{
	char date[TIME_TEXT_BYTES];
	int age = data_file_age(file, now_us);

	clock_text(file->day * day_us, date);
	if (age < 0)
		return str_printf(a, "%s of %.10s: that is still to come by this clock", file->name,
				  date);
	return str_printf(a, "%s of %.10s: %d day%s old, good for %d%s", file->name, date, age,
			  age == 1 ? "" : "s", file->good_for_days,
			  data_file_is_doubtful(file, now_us)
				  ? ": look for a newer release of dss, or see data/README.md"
				  : "");
}
