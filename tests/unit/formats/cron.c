/* SPDX-License-Identifier: Apache-2.0 */
/* Are cron expressions read as cron.h says, and do they fire when it says? */
#include "formats/cron.h"

#include "formats/civil.h"
#include "tests/test.h"

static const struct str seed = STR_INIT("a schedule");

TEST(a_broken_expression_names_its_field_its_column_and_what_is_allowed)
{
	static const struct {
		const char *text;
		int code;
		const char *message;
	} rows[] = {
		{ "60 * * * *", ERR_SYNTAX,
		  "minute, column 1: \"60\" is not allowed; allowed: 0 to 59" },
		{ "  0 24 * * *", ERR_SYNTAX,
		  "hour, column 5: \"24\" is not allowed; allowed: 0 to 23" },
		{ "0 0 0 * *", ERR_SYNTAX,
		  "day of month, column 5: \"0\" is not allowed; allowed: 1 to 31, L or LW" },
		{ "0 0 * 13 *", ERR_SYNTAX, "month, column 7: \"13\"" },
		{ "0 0 * january *", ERR_SYNTAX, "month, column 7: \"january\"" },
		{ "0 0 * * mon,fry", ERR_SYNTAX,
		  "day of week, column 13: \"fry\" is not allowed; allowed: 0 to 7 or SUN to SAT" },
		{ "0 0 * * 8", ERR_SYNTAX, "day of week, column 9: \"8\"" },
		{ "1,,2 * * * *", ERR_SYNTAX, "minute, column 3: a value is missing" },
		{ "1, * * * *", ERR_SYNTAX, "minute, column 3: a value is missing" },
		{ "-5 * * * *", ERR_SYNTAX, "minute, column 1: \"-5\"" },
		{ "5- * * * *", ERR_SYNTAX, "minute, column 3: a value is missing" },
		{ "0 22-2 * * *", ERR_SYNTAX,
		  "hour, column 3: \"22-2\": the range runs backwards" },
		{ "*/0 * * * *", ERR_SYNTAX,
		  "minute, column 2: \"/0\": a step is a number from 1" },
		{ "*/ * * * *", ERR_SYNTAX, "minute, column 2: \"/\": a step is" },
		{ "*/9999999999999999999 * * * *", ERR_SYNTAX, "minute, column 2:" },
		{ "*5 * * * *", ERR_SYNTAX, "minute, column 1: \"*5\"" },
		{ "? * * * *", ERR_SYNTAX, "minute, column 1: \"?\"" },
		{ "0 0 15W * *", ERR_SYNTAX, "day of month, column 5: \"15W\": W is known as LW" },
		{ "0 0 L-3 * *", ERR_SYNTAX, "day of month, column 5: \"L-3\"" },
		{ "0 L * * *", ERR_SYNTAX, "hour, column 3: \"L\"" },
		{ "0 0 * * MONL", ERR_SYNTAX, "day of week, column 9: \"MONL\"" },
		{ "0 0 * * 1#6", ERR_SYNTAX, "day of week, column 9: \"1#6\": after #" },
		{ "0 0 * * 1-3#2", ERR_SYNTAX, "day of week, column 9: \"1-3#2\"" },
		{ "H(5) * * * *", ERR_SYNTAX,
		  "minute, column 1: \"H(5)\": H is followed by a range" },
		{ "H(5-70) * * * *", ERR_SYNTAX, "minute, column 5: \"70)\"" },
		{ "H(5-7 * * * *", ERR_SYNTAX, "minute, column 1: \"H(5-7\"" },
		{ "", ERR_SYNTAX, "0 fields; a cron expression has 5: minute, hour" },
		{ "* * * *", ERR_SYNTAX, "4 fields" },
		{ "0 0 0 * * *", ERR_SYNTAX, "6 fields; a cron expression has 5" },
		{ "@reboot", ERR_SYNTAX, "column 1: \"@reboot\" is not known; allowed: @hourly" },
		{ "@every 5m", ERR_SYNTAX, "column 1: \"@every 5m\" is not known" },
		{ "TZ=UTC 0 0 * * *", ERR_SYNTAX, "the time zone stands beside the expression" },
		{ "0 0 30 2 *", -EDOM, "never fires: the calendar has no day \"30 2 *\"" },
		{ "0 0 31 4,6,9,11 *", -EDOM, "never fires" },
		{ "0 0 */100 * MON#4", -EDOM, "never fires" },
	};

	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		struct err err = { 0 };
		struct cron cron;
		int code = cron_parse(str_of(rows[i].text), seed, &cron, &err);

		test_row("%s: %s", rows[i].text, err.text);
		CHECK_INT(code, rows[i].code);
		CHECK(strstr(err.text, rows[i].message) != NULL);
	}
}

TEST(an_expression_that_is_too_long_is_refused)
{
	char text[CRON_TEXT_BYTES + 2];
	struct cron cron;

	memset(text, ' ', sizeof text);
	memcpy(text, "* * * * *", 9);
	CHECK_INT(cron_parse(str_bytes(text, CRON_TEXT_BYTES), seed, &cron, NULL), 0);
	CHECK_INT(cron_parse(str_bytes(text, CRON_TEXT_BYTES + 1), seed, &cron, NULL), ERR_LIMIT);
}

TEST(fields_are_the_sets_that_they_say)
{
	static const struct {
		const char *text;
		uint64_t minutes;
		uint32_t hours, days, months;
		uint8_t weekdays;
	} rows[] = {
		{ "0 0 1 1 0", 1, 1, 2, 2, 1 },
		{ "5,7 9-17/4 1-3 jan,DEC Sun-Tue", 0xa0, 0x22200, 0xe, 0x1002, 0x07 },
		{ "50/3 22/1 29/2 11/1 7", (uint64_t)0x9 << 50 | (uint64_t)0x9 << 56, 0xc00000,
		  0xa0000000, 0x1800, 0x01 },
		{ "0 0 1 1 fri-sun", 1, 1, 2, 2, 0x61 },
		{ "0 0 1 1 5-7/2", 1, 1, 2, 2, 0x21 },
		{ "0 0 1 1 mon/2", 1, 1, 2, 2, 0x2a },
		{ "0 0 1 1 sun-sun", 1, 1, 2, 2, 0x01 },
		{ "*/40 */20 */30 */11 */5", 1 | (uint64_t)1 << 40, 0x100001, 0x80000002, 0x1002,
		  0x21 },
	};

	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		struct cron cron;
		struct err err = { 0 };

		CHECK_INT(cron_parse(str_of(rows[i].text), seed, &cron, &err), 0);
		test_row("%s", rows[i].text);
		CHECK(cron.minutes == rows[i].minutes);
		CHECK_INT(cron.hours, rows[i].hours);
		CHECK_INT(cron.days, rows[i].days);
		CHECK_INT(cron.months, rows[i].months);
		CHECK_INT(cron.weekdays, rows[i].weekdays);
	}
}

TEST(nicknames_are_the_fields_that_they_stand_for)
{
	static const char *const rows[][2] = {
		{ "@hourly", "0 * * * *" },     { "@daily", "0 0 * * *" },
		{ "@MIDNIGHT", "0 0 * * *" },   { " @weekly ", "0 0 * * sun" },
		{ "@monthly", "0 0 1 * *" },    { "@yearly", "0 0 1 1 *" },
		{ "@annually", "0 0 1 jan *" },
	};

	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		struct cron cron, same;

		memset(&cron, 0, sizeof cron);
		memset(&same, 0, sizeof same);
		CHECK_INT(cron_parse(str_of(rows[i][0]), seed, &cron, NULL), 0);
		CHECK_INT(cron_parse(str_of(rows[i][1]), seed, &same, NULL), 0);
		test_row("%s", rows[i][0]);
		CHECK(!memcmp(&cron, &same, sizeof cron));
	}
}

static unsigned minute_of(const char *text, unsigned number)
{
	char name[16];
	struct cron cron;

	snprintf(name, sizeof name, "sch-%u", number);
	CHECK_INT(cron_parse(str_of(text), str_of(name), &cron, NULL), 0);
	return (unsigned)__builtin_ctzll(cron.minutes);
}

TEST(H_spreads_evenly_and_stays_where_it_is)
{
	unsigned seen[60] = { 0 };
	struct cron cron;

	for (unsigned i = 0; i < 6000; i++)
		seen[minute_of("H * * * *", i)]++;
	for (unsigned i = 0; i < 60; i++)
		CHECK(seen[i] > 50 && seen[i] < 160); /* 100 each, by chance 10 more or less */
	/* Published values: a release that changes them moves people's schedules. */
	CHECK_INT(cron_parse(STR_LIT("H H H H H"), STR_LIT("sch_1"), &cron, NULL), 0);
	CHECK(cron.minutes == (uint64_t)1 << 51);
	CHECK_INT(cron.hours, 1 << 23);
	CHECK_INT(cron.days, 1 << 11);
	CHECK_INT(cron.months, 1 << 6);
	CHECK_INT(cron.weekdays, 1 << 4);
	for (unsigned i = 0; i < 200; i++) {
		struct str name = { (const char *)&i, sizeof i };

		CHECK_INT(cron_parse(STR_LIT("H/15 H(2-4) H * *"), name, &cron, NULL), 0);
		CHECK_INT(__builtin_popcountll(cron.minutes), 4);
		CHECK_INT(cron.minutes >> 15 & 0x7fff, cron.minutes & 0x7fff);
		CHECK(!(cron.hours & ~0x1cu));
		CHECK(!(cron.days & 0xe0000001u));
		CHECK_INT(cron_parse(STR_LIT("H(10-29)/10,59 * * * *"), name, &cron, NULL), 0);
		CHECK_INT(__builtin_popcountll(cron.minutes & 0x3ffffc00), 2);
	}
}

static int64_t at(int64_t year, unsigned month, unsigned day, unsigned hour, unsigned minute)
{
	return civil_days(year, month, day) * DAY_SECONDS + hour * 3600 + minute * 60;
}

TEST(the_next_fire_in_UTC)
{
	const struct {
		const char *text;
		int64_t after, next;
	} rows[] = {
		{ "* * * * *", at(2026, 11, 26, 3, 15), at(2026, 11, 26, 3, 16) },
		{ "* * * * *", at(2026, 11, 26, 3, 15) - 1, at(2026, 11, 26, 3, 15) },
		{ "30 2 * * *", at(2026, 12, 31, 2, 30), at(2027, 1, 1, 2, 30) },
		{ "0 0 29 2 *", at(2024, 2, 29, 0, 0), at(2028, 2, 29, 0, 0) },
		{ "0 0 29 2 *", at(2097, 1, 1, 0, 0), at(2104, 2, 29, 0, 0) },
		{ "0 0 29 2 1#5", at(2024, 1, 1, 0, 0), at(2024, 2, 29, 0, 0) },
		{ "0 0 31 * *", at(2026, 1, 31, 0, 0), at(2026, 3, 31, 0, 0) },
		{ "0 0 L * *", at(2027, 1, 31, 0, 0), at(2027, 2, 28, 0, 0) },
		{ "0 0 LW * *", at(2026, 1, 1, 0, 0), at(2026, 1, 30, 0, 0) },
		{ "0 0 LW * *", at(2026, 5, 1, 0, 0), at(2026, 5, 29, 0, 0) },
		{ "0 0 LW * *", at(2026, 6, 1, 0, 0), at(2026, 6, 30, 0, 0) },
		{ "0 0 * * 5L", at(2026, 1, 1, 0, 0), at(2026, 1, 30, 0, 0) },
		{ "0 0 * * MON#2", at(2026, 1, 1, 0, 0), at(2026, 1, 12, 0, 0) },
		{ "0 0 * * 7L", at(2026, 1, 1, 0, 0), at(2026, 1, 25, 0, 0) },
		{ "0 0 1,15 * MON", at(2026, 1, 1, 0, 0), at(2026, 1, 5, 0, 0) },
		{ "0 0 1,15 * MON", at(2026, 1, 12, 0, 0), at(2026, 1, 15, 0, 0) },
		{ "0 0 */2 * SUN", at(2026, 1, 1, 0, 0), at(2026, 1, 11, 0, 0) },
		{ "0 0 ? * SUN", at(2026, 1, 1, 0, 0), at(2026, 1, 4, 0, 0) },
		{ "0 0 13 * FRI", at(2026, 2, 6, 0, 0), at(2026, 2, 13, 0, 0) },
		{ "15 12 * * *", at(2038, 1, 19, 3, 15), at(2038, 1, 19, 12, 15) },
		{ "15 12 * * *", at(1899, 12, 31, 13, 0), at(1900, 1, 1, 12, 15) },
		{ "0 0 1 1 *", at(9999, 6, 1, 0, 0), at(10000, 1, 1, 0, 0) },
	};
	static const struct tz utc;

	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		struct cron cron;
		int64_t next = 0;

		CHECK_INT(cron_parse(str_of(rows[i].text), seed, &cron, NULL), 0);
		CHECK_INT(cron_next(&cron, &utc, rows[i].after, &next), 0);
		test_row("%s after %lld", rows[i].text, (long long)rows[i].after);
		CHECK_INT(next, rows[i].next);
	}
}

TEST(the_clock_changes_by_the_rule_in_the_manual)
{
	/* Europe/Berlin goes from 02:00 to 03:00 on 2026-03-29 at 01:00 UTC, and from 03:00 back to
	 * 02:00 on 2026-10-25 at 01:00 UTC. */
	const int64_t spring = at(2026, 3, 29, 1, 0), autumn = at(2026, 10, 25, 1, 0);
	const struct {
		const char *text;
		int64_t after, next[3];
	} rows[] = {
		{ "30 2 * * *", spring - 7200, { spring, at(2026, 3, 30, 0, 30), 0 } },
		{ "10,50 2 * * *", spring - 7200, { spring, at(2026, 3, 30, 0, 10), 0 } },
		{ "0 2,3 * * *", spring - 3600, { spring, at(2026, 3, 30, 0, 0), 0 } },
		{ "30 * * * *", spring - 3600, { spring - 1800, spring + 1800, spring + 5400 } },
		{ "*/30 2 * * *", spring - 3600, { at(2026, 3, 30, 0, 0), 0, 0 } },
		{ "30 2 * * *", autumn - 7200, { autumn - 1800, at(2026, 10, 26, 1, 30), 0 } },
		{ "30 2 * * *", autumn - 1800, { at(2026, 10, 26, 1, 30), 0, 0 } },
		{ "30 2,3 * * *", autumn - 7200, { autumn - 1800, autumn + 5400, 0 } },
		{ "30 * * * *", autumn - 3600, { autumn - 1800, autumn + 1800, autumn + 5400 } },
		{ "*/30 2 * * *", autumn - 3601, { autumn - 3600, autumn - 1800, autumn } },
		{ "*/30 2 25 10 *",
		  autumn - 1800,
		  { autumn, autumn + 1800, at(2027, 10, 25, 0, 0) } },
	};
	struct tz berlin = { .has_rule = true };

	CHECK_INT(tz_rule_parse(STR_LIT("CET-1CEST,M3.5.0,M10.5.0/3"), &berlin.rule), 0);
	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		int64_t after = rows[i].after;
		struct cron cron;

		CHECK_INT(cron_parse(str_of(rows[i].text), seed, &cron, NULL), 0);
		for (size_t k = 0; k < 3 && rows[i].next[k]; k++) {
			test_row("row %zu, %s, fire %zu", i, rows[i].text, k);
			CHECK_INT(cron_next(&cron, &berlin, after, &after), 0);
			CHECK_INT(after, rows[i].next[k]);
		}
	}
}

TEST(an_instant_outside_the_years_is_refused)
{
	static const struct tz utc;
	struct cron cron;
	int64_t next;

	CHECK_INT(cron_parse(STR_LIT("@daily"), seed, &cron, NULL), 0);
	CHECK_INT(cron_next(&cron, &utc, INT64_MAX, &next), -ERANGE);
	CHECK_INT(cron_next(&cron, &utc, INT64_MIN, &next), -ERANGE);
	CHECK_INT(cron_next(&cron, &utc, at(10000, 1, 1, 0, 0), &next), -ERANGE);
}
