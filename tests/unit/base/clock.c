/* SPDX-License-Identifier: Apache-2.0 */
/* Are times and addresses written as their standards have them? */
#include "base/clock.h"

#include "base/address.h"
#include "tests/test.h"

#include <time.h>

static void check_time(int64_t seconds)
{
	char expected[80], text[TIME_TEXT_BYTES];
	time_t time = (time_t)seconds;
	struct tm tm;

	test_row("%lld", (long long)seconds);
	CHECK(gmtime_r(&time, &tm) && tm.tm_year > -1900 && tm.tm_year < 8100);
	snprintf(expected, sizeof expected, "%04d-%02d-%02dT%02d:%02d:%02dZ", tm.tm_year + 1900,
		 tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec);
	CHECK_STR(str_of(clock_text(seconds * 1000000, text)), expected);
	CHECK_STR(str_of(clock_text(seconds * 1000000 + 999999, text)), expected);
}

TEST(times_are_those_of_the_calendar)
{
	static const int64_t edges[] = {
		0,          -1,         951782399,    951782400,    951868800, 4107542399,
		4107542400, 1795376402, -62135596800, 253402300799, 68169600
	};

	for (size_t i = 0; i < ARRAY_COUNT(edges); i++)
		check_time(edges[i]);
	for (int64_t day = -200000; day < 200000; day += 17) /* leap days and centuries */
		check_time(day * 86400 + day % 86400);
}

TEST(times_out_of_the_calendar_have_no_text)
{
	char text[TIME_TEXT_BYTES];

	CHECK_STR(str_of(clock_text(INT64_MAX, text)), "");
	CHECK_STR(str_of(clock_text(INT64_MIN, text)), "");
	CHECK_STR(str_of(clock_text(253402300800 * 1000000, text)), "");
}

TEST(addresses_survive_their_text)
{
	static const char *const rows[] = { "0.0.0.0",     "255.255.255.255", "9.10.99.100",
					    "192.0.2.1",   "1.20.200.0",      "::",
					    "2001:db8::1", "::ffff:192.0.2.0" };

	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		char text[ADDRESS_TEXT_BYTES];
		struct address address;

		test_row("%s", rows[i]);
		CHECK_INT(address_parse(str_of(rows[i]), &address), 0);
		CHECK_STR(str_of(address_text(&address, text)), rows[i]);
	}
	CHECK_STR(str_of(address_text(&(struct address){ 0 }, (char[ADDRESS_TEXT_BYTES]){ 1 })),
		  "");
}
