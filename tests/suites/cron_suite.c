/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Answers questions on cron expressions for the suites: a line in, a line out, fields between tabs.
 *
 *	parse	EXPRESSION	ok	eleven numbers in the order of print_sets, or: error CODE TEXT
 *	next	ZONE	AFTER	COUNT	EXPRESSION	ok	that many instants, or: error CODE TEXT
 *	all	ZONE	AFTER	UNTIL	EXPRESSION	ok	every fire in (AFTER, UNTIL]
 *
 * Instants are seconds since 1970 UTC.
 */
#include "formats/cron.h"
#include "tests/file.h"

enum { FIELDS = 5, LINE_BYTES = 65536, ERROR_BYTES = 400 };

static int zone_read(struct arena *a, struct str name, struct tz *ret, struct err *err)
{
	struct str bytes;

	TRY(tz_name_check(name, err));
	TRY(test_file_read(a, str_printf(a, "%s/%.*s", ZONEINFO_FOLDER, STR(name)).data, &bytes));
	return tz_read(a, bytes, ret, err);
}

static int number(struct str text, int64_t *ret)
{
	bool is_negative = str_starts(text, STR_LIT("-"));
	uint64_t value;

	TRY(str_to_uint(is_negative ? str_from(text, 1) : text, INT64_MAX, &value));
	*ret = is_negative ? -(int64_t)value : (int64_t)value;
	return 0;
}

static void print_sets(const struct cron *cron)
{
	printf("ok\t%llu\t%u\t%u\t%u\t%u\t%u\t", (unsigned long long)cron->minutes, cron->hours,
	       cron->days, cron->months, cron->weekdays, cron->last_weekdays);
	for (size_t i = 0; i < ARRAY_COUNT(cron->nth_weekdays); i++)
		printf("%s%u", i ? "," : "", cron->nth_weekdays[i]);
	printf("\t%d\t%d\t%d\t%d\n", cron->has_last_day, cron->has_last_workday,
	       cron->needs_both_days, cron->is_by_elapsed_time);
}

static int fires(struct arena *a, const struct str field[static FIELDS], struct err *err)
{
	int64_t after_s, limit, until_s = INT64_MAX, count = INT64_MAX;
	struct cron cron;
	struct tz tz;

	TRY(zone_read(a, field[1], &tz, err));
	TRY(number(field[2], &after_s));
	TRY(number(field[3], &limit));
	TRY(cron_parse(field[4], STR_LIT("seed"), &cron, err));
	*(str_eq(field[0], STR_LIT("next")) ? &count : &until_s) = limit;
	TRY(cron_next(&cron, &tz, after_s, &after_s));
	printf("ok\t");
	for (int64_t i = 0; i < count && after_s <= until_s; i++) {
		printf("%s%lld", i ? " " : "", (long long)after_s);
		if (cron_next(&cron, &tz, after_s, &after_s) < 0)
			break;
	}
	printf("\n");
	return 0;
}

static int answer(struct arena *a, struct str line, struct err *err)
{
	struct str field[FIELDS] = { 0 };
	struct cron cron;

	for (size_t i = 0; i < FIELDS; i++)
		(void)str_split(&line, '\t', &field[i]);
	if (!str_eq(field[0], STR_LIT("parse")))
		return fires(a, field, err);
	TRY(cron_parse(field[1], STR_LIT("seed"), &cron, err));
	print_sets(&cron);
	return 0;
}

int main(void)
{
	static char line[LINE_BYTES];
	struct arena a = { 0 };

	for (; fgets(line, sizeof line, stdin); arena_release(&a)) {
		struct err err = { 0 };
		int code;

		code = answer(&a, (struct str){ line, strcspn(line, "\n") }, &err);
		if (code < 0)
			printf("error\t%d\t%s\n", code, err.text);
		fflush(stdout);
	}
	return 0;
}
