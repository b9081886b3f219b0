/* SPDX-License-Identifier: Apache-2.0 */
/* Messages, turns, back-off. */
#include "bus/backend.h"
#include "bus/message.h"
#include "bus/turns.h"
#include "tests/test.h"

TEST(a_message_says_what_was_written)
{
	struct scan_message out = { .scan = uuid_new(1700000000000000) }, in;
	struct arena a = { 0 };
	struct buf body;

	out.trace = STR_LIT("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
	buf_init(&body, &a);
	scan_message_write(&body, &out);
	CHECK_INT(scan_message_read(&a, buf_str(&body), &in, NULL), 0);
	CHECK(uuid_eq(in.scan, out.scan) && str_eq(in.trace, out.trace));
	out.trace = STR_LIT("\",\"v\":2");
	body.len = 0;
	scan_message_write(&body, &out);
	CHECK_INT(scan_message_read(&a, buf_str(&body), &in, NULL), 0);
	CHECK(uuid_eq(in.scan, out.scan) && !in.trace.len);
	arena_release(&a);
}

TEST(other_messages_are_refused_with_a_reason)
{
	static const struct {
		const char *body;
		int code;
		const char *says;
	} rows[] = {
		{ "", ERR_SYNTAX, "no JSON object" },
		{ "[1]", ERR_SYNTAX, "no JSON object" },
		{ "{\"v\":1", ERR_SYNTAX, "no JSON object" },
		{ "{\"v\":1,\"v\":1}", ERR_SYNTAX, "no JSON object" },
		{ "{\"scan\":\"scn_01h455vb4pex5vsknk084sn02q\"}", ERR_SYNTAX, "version" },
		{ "{\"v\":\"1\"}", ERR_SYNTAX, "version" },
		{ "{\"v\":2,\"scan\":\"scn_01h455vb4pex5vsknk084sn02q\"}", ERR_VERSION, "2" },
		{ "{\"v\":1}", ERR_SYNTAX, "" },
		{ "{\"v\":1,\"scan\":7}", ERR_SYNTAX, "" },
		{ "{\"v\":1,\"scan\":\"bat_01h455vb4pex5vsknk084sn02q\"}", ERR_SYNTAX, "" },
	};

	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		struct arena a = { 0 };
		struct scan_message in;
		struct err err = { 0 };

		test_row("%s", rows[i].body);
		CHECK_INT(scan_message_read(&a, str_of(rows[i].body), &in, &err), rows[i].code);
		CHECK(strstr(err.text, rows[i].says));
		arena_release(&a);
	}
}

TEST(members_that_are_not_known_are_ignored)
{
	struct arena a = { 0 };
	struct scan_message in;

	CHECK_INT(scan_message_read(&a,
				    STR_LIT("{\"v\":1,\"x\":[{}],\"scan\":"
					    "\"scn_01h455vb4pex5vsknk084sn02q\"}"),
				    &in, NULL),
		  0);
	arena_release(&a);
}

TEST(turns_are_8_3_1_and_smooth)
{
	struct turns turns = { 0 };
	int of[BUS_QUEUES] = { 0 }, longest = 0, since = 0;

	for (int i = 0; i < 1200; i++) {
		enum bus_queue queue = turns_next(&turns, 7);

		of[queue]++;
		since = queue == BUS_SCAN_BULK ? 0 : since + 1;
		longest = MAX(longest, since);
	}
	CHECK_INT(of[BUS_SCAN_HIGH], 800);
	CHECK_INT(of[BUS_SCAN_NORMAL], 300);
	CHECK_INT(of[BUS_SCAN_BULK], 100);
	CHECK(longest <= 12);
	for (int i = 0; i < 10; i++)
		CHECK_INT(turns_next(&turns, 1u << BUS_SCAN_BULK), BUS_SCAN_BULK);
}

TEST(back_off_doubles_to_five_minutes_and_half_of_it_is_jitter)
{
	CHECK_INT(bus_backoff_us(1, 0), 500000);
	CHECK_INT(bus_backoff_us(1, UINT32_MAX), 999999);
	CHECK_INT(bus_backoff_us(2, 0), 1000000);
	CHECK_INT(bus_backoff_us(4, 0), 4000000);
	CHECK_INT(bus_backoff_us(20, 0), 150000000);
	CHECK(bus_backoff_us(20, UINT32_MAX) < 300000000);
}
