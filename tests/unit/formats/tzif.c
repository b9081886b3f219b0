/* SPDX-License-Identifier: Apache-2.0 */
/* Are TZif files read as RFC 9636 says, and local times understood on both sides of a change? */
#include "formats/tzif.h"

#include "formats/civil.h"
#include "tests/file.h"
#include "tests/test.h"

static int64_t at(int64_t year, unsigned month, unsigned day, unsigned hour, unsigned minute)
{
	return civil_days(year, month, day) * DAY_SECONDS + hour * 3600 + minute * 60;
}

static void zone_load(struct arena *a, const char *name, struct tz *tz)
{
	struct str path = str_printf(a, "%s/%s", ZONEINFO_FOLDER, name), bytes;
	struct err err = { 0 };

	test_row("%s (package tzdata)", path.data);
	CHECK_INT(test_file_read(a, path.data, &bytes), 0);
	CHECK_INT(tz_read(a, bytes, tz, &err), 0);
}

TEST(the_calendar_counts_days_both_ways)
{
	CHECK_INT(civil_days(1970, 1, 1), 0);
	CHECK_INT(civil_days(2000, 2, 29), 11016);
	CHECK_INT(civil_days(1, 1, 1), -719162);
	CHECK_INT(civil_weekday(civil_days(2026, 11, 26)), 4);
	CHECK_INT(civil_weekday(civil_days(1969, 12, 28)), 0);
	for (int64_t day = -800000, before = 0; day < 800000; day++) {
		struct civil_date date = civil_of_days(day);
		int64_t key = date.year * 512 + date.month * 32 + date.day;

		CHECK(civil_days(date.year, date.month, date.day) == day);
		CHECK(day == -800000 || key > before);
		CHECK(date.day <= civil_month_days(date.year, date.month));
		before = key;
	}
}

TEST(offsets_from_the_table_and_from_the_rule)
{
	static const struct {
		const char *zone;
		int64_t at_s;
		int32_t offset_s;
		int64_t until_s;
	} rows[] = {
		{ "Europe/Berlin", 1774745999, 3600, 1774746000 }, /* 2026-03-29 00:59:59 */
		{ "Europe/Berlin", 1774746000, 7200, 1792890000 },
		{ "Europe/Berlin", 2177452800, 3600, 2184800400 },        /* 2039: by the rule */
		{ "Europe/Berlin", -5000000000, 3208, -2422054408 },      /* local mean time */
		{ "Australia/Lord_Howe", 1775314800, 37800, 1791041400 }, /* half an hour */
		{ "Asia/Kolkata", 1774746000, 19800, INT64_MAX },
		{ "UTC", 0, 0, INT64_MAX },
		{ "Pacific/Apia", 1325239199, -36000, 1325239200 }, /* a day that never was */
		{ "Pacific/Apia", 1325239200, 50400, 1333202400 },
	};
	struct arena a = { 0 };

	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		struct tz tz;
		int64_t until_s;

		zone_load(&a, rows[i].zone, &tz);
		test_row("%s at %lld", rows[i].zone, (long long)rows[i].at_s);
		CHECK_INT(tz_offset(&tz, rows[i].at_s, &until_s), rows[i].offset_s);
		CHECK_INT(until_s, rows[i].until_s);
	}
	arena_release(&a);
}

TEST(local_times_are_unique_skipped_or_repeated)
{
	const struct {
		const char *zone;
		int64_t local_s;
		int kind;
		int64_t first_s;
	} rows[] = {
		{ "Europe/Berlin", at(2026, 3, 29, 1, 59), TZ_UNIQUE, at(2026, 3, 29, 0, 59) },
		{ "Europe/Berlin", at(2026, 3, 29, 2, 0), TZ_GAP, at(2026, 3, 29, 1, 0) },
		{ "Europe/Berlin", at(2026, 3, 29, 2, 59), TZ_GAP, at(2026, 3, 29, 1, 0) },
		{ "Europe/Berlin", at(2026, 3, 29, 3, 0), TZ_UNIQUE, at(2026, 3, 29, 1, 0) },
		{ "Europe/Berlin", at(2026, 10, 25, 1, 59), TZ_UNIQUE, at(2026, 10, 24, 23, 59) },
		{ "Europe/Berlin", at(2026, 10, 25, 2, 0), TZ_REPEATED, at(2026, 10, 25, 0, 0) },
		{ "Europe/Berlin", at(2026, 10, 25, 3, 0), TZ_UNIQUE, at(2026, 10, 25, 2, 0) },
		{ "Europe/Berlin", at(2050, 3, 27, 2, 30), TZ_GAP, at(2050, 3, 27, 1, 0) },
		{ "Europe/Berlin", at(2050, 10, 30, 2, 30), TZ_REPEATED, at(2050, 10, 30, 0, 30) },
		{ "Australia/Lord_Howe", at(2026, 10, 4, 2, 15), TZ_GAP, at(2026, 10, 3, 15, 30) },
		{ "Pacific/Apia", at(2011, 12, 30, 12, 0), TZ_GAP, at(2011, 12, 30, 10, 0) },
		{ "America/Sao_Paulo", at(2018, 11, 4, 0, 30), TZ_GAP, at(2018, 11, 4, 3, 0) },
	};
	struct arena a = { 0 };

	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		struct tz tz;
		int64_t first_s = 0;

		zone_load(&a, rows[i].zone, &tz);
		test_row("%s local %lld", rows[i].zone, (long long)rows[i].local_s);
		CHECK_INT(tz_from_local(&tz, rows[i].local_s, &first_s), rows[i].kind);
		CHECK_INT(first_s, rows[i].first_s);
	}
	arena_release(&a);
}

TEST(rules_of_every_form)
{
	const struct {
		const char *text;
		int64_t at_s;
		int32_t offset_s; /* 1: refused */
	} rows[] = {
		{ "UTC0", 0, 0 },
		{ "<+0545>-5:45", 0, 20700 },
		{ "EST5EDT,M3.2.0,M11.1.0", at(2026, 3, 8, 6, 59), -18000 },
		{ "EST5EDT,M3.2.0,M11.1.0", at(2026, 3, 8, 7, 0), -14400 },
		{ "<+1030>-10:30<+11>-11,M10.1.0,M4.1.0", at(2026, 1, 1, 0, 0), 39600 },
		{ "EET-2EEST,M3.4.4/50,M10.4.4/50", at(2026, 3, 27, 23, 59), 7200 }, /* Saturday */
		{ "EET-2EEST,M3.4.4/50,M10.4.4/50", at(2026, 3, 28, 0, 0), 10800 },
		{ "IST-1GMT0,M10.5.0,M3.5.0/1", at(2026, 1, 1, 0, 0),
		  0 }, /* winter time is "dst" */
		{ "<-02>2<-01>,M3.5.0/-1,M10.5.0/0", at(2026, 3, 29, 0, 59), -7200 },
		{ "<-02>2<-01>,M3.5.0/-1,M10.5.0/0", at(2026, 3, 29, 1, 0), -3600 },
		{ "XXX3EDT4,0/0,J365/23", at(2026, 7, 1, 0, 0), -14400 }, /* all year */
		{ "XXX3EDT4,0/0,J365/23", at(2027, 1, 1, 3, 59), -14400 },
		{ "XXX3EDT4,0/0,J365/23", at(2027, 1, 1, 4, 0), -14400 },
		{ "AAA0BBB,J60,J300", at(2028, 3, 1, 1, 59),
		  0 }, /* J60 is 1 March in a leap year too */
		{ "AAA0BBB,J60,J300", at(2028, 3, 1, 2, 0), 3600 },
		{ "AAA0BBB,59,300", at(2028, 2, 29, 2, 0), 3600 },
		{ "AA0", 0, 1 },
		{ "AAA", 0, 1 },
		{ "AAA25", 0, 1 },
		{ "AAA0BBB", 0, 1 },
		{ "AAA0BBB,M13.1.0,M3.1.0", 0, 1 },
		{ "AAA0BBB,M3.6.0,M3.1.0", 0, 1 },
		{ "AAA0BBB,M3.1.7,M3.1.0", 0, 1 },
		{ "AAA0BBB,J0,J1", 0, 1 },
		{ "AAA0BBB,M3.1.0/168,M3.1.0", 0, 1 },
		{ "AAA0BBB,M3.1.0,M3.1.0 ", 0, 1 },
		{ "<AAA0", 0, 1 },
		{ "AAA99999999999999999999", 0, 1 },
	};

	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		struct tz_rule rule;
		int64_t until_s;
		int code = tz_rule_parse(str_of(rows[i].text), &rule);

		test_row("%s at %lld", rows[i].text, (long long)rows[i].at_s);
		CHECK_INT(code, rows[i].offset_s == 1 ? ERR_SYNTAX : 0);
		if (!code)
			CHECK_INT(tz_rule_offset(&rule, rows[i].at_s, &until_s), rows[i].offset_s);
	}
}

TEST(every_cut_of_a_file_is_refused)
{
	struct arena a = { 0 };
	struct str bytes;
	struct tz tz;

	CHECK_INT(test_file_read(&a, ZONEINFO_FOLDER "/Europe/Berlin", &bytes), 0);
	for (size_t len = 0; len < bytes.len; len++) {
		struct err err = { 0 };

		test_row("%zu bytes", len);
		CHECK_INT(tz_read(&a, str_first(bytes, len), &tz, &err), ERR_SYNTAX);
		CHECK(err.text[0]);
	}
	CHECK_INT(tz_read(&a, bytes, &tz, NULL), 0);
	CHECK(tz.change_count > 100);
	arena_release(&a);
}

TEST(leap_seconds_are_refused_with_the_way_out)
{
	static const char bytes[] = "TZif\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0" /* version 1 */
				    "\0\0\0\0\0\0\0\0\0\0\0\1\0\0\0\0\0\0\0\1\0\0\0\4"
				    "\0\0\0\0\0\0UTC\0"
				    "\4\262\130\0\0\0\0\1";
	struct arena a = { 0 };
	struct err err = { 0 };
	struct tz tz;

	CHECK_INT(tz_read(&a, str_bytes(bytes, sizeof bytes - 1), &tz, &err), -ENOTSUP);
	CHECK(strstr(err.text, "right/") != NULL);
	arena_release(&a);
}

TEST(names_lead_nowhere_else)
{
	static const struct {
		const char *name;
		bool is_good;
	} rows[] = {
		{ "UTC", true },
		{ "Europe/Berlin", true },
		{ "America/Argentina/ComodRivadavia", true },
		{ "Etc/GMT+12", true },
		{ "America/Port-au-Prince", true },
		{ "GMT0", true },
		{ "", false },
		{ "/etc/passwd", false },
		{ "../../etc/passwd", false },
		{ "Europe/../../etc/passwd", false },
		{ "Europe//Berlin", false },
		{ "Europe/", false },
		{ ".hidden", false },
		{ "Europe/.hidden", false },
		{ "zone1970.tab", false },
		{ "Europe\\Berlin", false },
		{ "Europe/Berlin\n", false },
		{ "-x", false },
		{ "Aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", false },
	};

	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		struct err err = { 0 };

		test_row("\"%s\"", rows[i].name);
		CHECK_INT(tz_name_check(str_of(rows[i].name), &err), rows[i].is_good ? 0 : -EINVAL);
		CHECK(rows[i].is_good || err.text[0]);
	}
	CHECK_INT(tz_name_check(str_bytes("UTC\0x", 5), NULL), -EINVAL);
}
