/* SPDX-License-Identifier: Apache-2.0 */
/* Are blackout windows read as blackout.h says, and where do they end? */
#include "formats/blackout.h"

#include "formats/civil.h"
#include "tests/test.h"

static int64_t at(unsigned month, unsigned day, unsigned hour, unsigned minute)
{
	return civil_days(2026, month, day) * DAY_SECONDS + hour * 3600 + minute * 60;
}

TEST(broken_windows_say_where_and_what_is_allowed)
{
	static const struct {
		const char *text;
		int code;
		const char *message;
	} rows[] = {
		{ "MON-FRI 08:00", ERR_SYNTAX,
		  "column 1: \"MON-FRI 08:00\": two times are joined" },
		{ "MON-FRY 08:00-09:00", ERR_SYNTAX,
		  "column 1: \"MON-FRY 08:00-09:00\": not a range" },
		{ "08:00-09:00; MOO 08:00-09:00", ERR_SYNTAX,
		  "column 14: \"MOO 08:00-09:00\": not a day" },
		{ "8:00-9:00", ERR_SYNTAX,
		  "column 1: \"8:00-9:00\": not a time from 00:00 to 24:00" },
		{ "08:00-24:01", ERR_SYNTAX, "column 7: \"24:01\": not a time" },
		{ "08:60-09:00", ERR_SYNTAX, "column 1:" },
		{ "08:00-08:00", ERR_SYNTAX, "holds no time" },
		{ "24:00-08:00", ERR_SYNTAX, "holds no time" },
		{ "08:00-09:00 10:00-11:00", ERR_SYNTAX, "more than a window" },
		{ "2026-02-29", ERR_SYNTAX, "column 1: \"2026-02-29\": not a date" },
		{ "2026-12-24-2027-01-01", ERR_SYNTAX, "more than a window" },
		{ "2026-12-24..2026-12-23", ERR_SYNTAX, "ends before it begins" },
		{ "00:00-24:00", -EDOM, "no time" },
		{ "MON-SUN 06:00-05:00; 05:00-06:00", -EDOM, "no time" },
	};

	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		struct err err = { 0 };
		struct blackouts blackouts;

		CHECK_INT(blackouts_parse(str_of(rows[i].text), &blackouts, &err), rows[i].code);
		test_row("%s: %s", rows[i].text, err.text);
		CHECK(strstr(err.text, rows[i].message) != NULL);
	}
}

/* 2026-11-26 is a Thursday; Europe/Berlin changes its clock on 29 March and 25 October at 01:00 UTC. */
TEST(windows_hold_what_they_say_and_end_where_they_say)
{
	const struct {
		const char *text;
		int64_t at_s, end_s; /* end 0: not covered */
	} rows[] = {
		{ "", at(11, 26, 3, 0), 0 },
		{ "MON-FRI 08:00-18:00", at(11, 26, 6, 59), 0 },
		{ "MON-FRI 08:00-18:00", at(11, 26, 7, 0), at(11, 26, 17, 0) },
		{ "mon-fri 08:00-18:00", at(11, 26, 16, 59), at(11, 26, 17, 0) },
		{ "MON-FRI 08:00-18:00", at(11, 26, 17, 0), 0 },
		{ "MON-FRI 08:00-18:00", at(11, 28, 12, 0), 0 },
		{ "FRI-MON 08:00-18:00", at(11, 29, 12, 0), at(11, 29, 17, 0) },
		{ "FRI-MON 08:00-18:00", at(11, 26, 12, 0), 0 },
		{ "THU 22:00-06:00", at(11, 26, 21, 0), at(11, 27, 5, 0) },
		{ "THU 22:00-06:00", at(11, 27, 4, 59), at(11, 27, 5, 0) },
		{ "THU 22:00-06:00", at(11, 26, 4, 59), 0 },
		{ "THU 22:00-06:00; 06:00-07:00; FRI 07:00-24:00; SAT 00:00-01:00",
		  at(11, 26, 22, 0), at(11, 28, 0, 0) },
		{ "2026-11-26..2026-11-27", at(11, 25, 23, 0), at(11, 27, 23, 0) },
		{ "2026-11-26", at(11, 26, 23, 0), 0 },
		{ "02:30-03:30", at(3, 29, 1, 0), at(3, 29, 1, 30) },
		{ "01:30-02:30", at(3, 29, 0, 45), at(3, 29, 1, 0) },
		{ "02:00-02:30", at(10, 25, 0, 10), at(10, 25, 0, 30) },
		{ "02:00-02:30", at(10, 25, 1, 10), at(10, 25, 1, 30) },
	};
	struct tz berlin = { .has_rule = true };

	CHECK_INT(tz_rule_parse(STR_LIT("CET-1CEST,M3.5.0,M10.5.0/3"), &berlin.rule), 0);
	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		struct blackouts blackouts;
		int64_t end_s = 0;

		test_row("row %zu: %s", i, rows[i].text);
		CHECK_INT(blackouts_parse(str_of(rows[i].text), &blackouts, NULL), 0);
		CHECK_INT(blackouts_cover(&blackouts, &berlin, rows[i].at_s, &end_s),
			  rows[i].end_s != 0);
		CHECK_INT(end_s, rows[i].end_s ? rows[i].end_s : rows[i].at_s);
	}
}
