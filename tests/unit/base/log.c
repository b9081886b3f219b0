/* SPDX-License-Identifier: Apache-2.0 */
/* Is an event one line that holds what was said, and nothing that moves a cursor? */
#include "base/log.h"
#include "tests/test.h"

static struct buf lines;

static void keep(void *data, struct str line)
{
	buf_put_str(&lines, line);
}

/* Without the time, which is another each time. */
static struct str behind_time(const char *mark)
{
	struct str line = str_trim(buf_str(&lines));
	ptrdiff_t at = str_find(line, str_of(mark));

	return at < 0 ? line : str_from(line, (size_t)at);
}

static const struct log_ids ids = { STR_INIT("scn_1"), STR_INIT("req_2"), STR_INIT("") };

TEST(an_event_is_one_line_of_json)
{
	struct log log = { .role = "worker", .level = LEVEL_INFO, .write = keep };

	buf_init(&lines, NULL);
	log_event(&log, LEVEL_WARNING, "scan.failed", &ids, LOG_TEXT("reason", "no \"answer\""),
		  LOG_INT("delta", -3), LOG_UINT("ms", 1200), LOG_BOOL("is_last", true));
	CHECK(str_starts(buf_str(&lines), STR_LIT("{\"time\":\"20")));
	CHECK(lines.data[lines.len - 1] == '\n');
	CHECK_STR(behind_time("\"level\""),
		  "\"level\":\"warning\",\"role\":\"worker\",\"event\":\"scan.failed\","
		  "\"scan_id\":\"scn_1\",\"request_id\":\"req_2\",\"reason\":\"no \\\"answer\\\"\","
		  "\"delta\":-3,\"ms\":1200,\"is_last\":true}");
	buf_release(&lines);
}

TEST(an_event_is_one_line_of_text)
{
	struct log log = { .role = "api", .level = LEVEL_DEBUG, .is_text = true, .write = keep };

	buf_init(&lines, NULL);
	log_event(&log, LEVEL_INFO, "request.done", &ids, LOG_TEXT("path", "/api/v1/scans"),
		  LOG_TEXT("agent", "curl 7.88"), LOG_TEXT("empty", ""), LOG_UINT("status", 202));
	CHECK_STR(
		behind_time("info"),
		"info    api       request.done path=/api/v1/scans agent=\"curl 7.88\" empty=\"\" "
		"status=202 scan_id=scn_1 request_id=req_2");
	buf_release(&lines);
}

TEST(events_below_the_level_are_dropped)
{
	struct log log = { .level = LEVEL_WARNING, .write = keep };

	buf_init(&lines, NULL);
	log_event(&log, LEVEL_INFO, "a.b", NULL, LOG_BOOL("x", true));
	log_event(NULL, LEVEL_ERROR, "a.b", NULL, LOG_BOOL("x", true));
	CHECK_INT(lines.len, 0);
	log_event(&log, LEVEL_WARNING, "a.b", NULL, LOG_BOOL("x", true));
	CHECK(lines.len > 0);
	CHECK(!log_has(&log, LEVEL_DEBUG) && log_has(&log, LEVEL_ERROR));
	buf_release(&lines);
}

TEST(foreign_bytes_cannot_break_a_line_or_move_a_cursor)
{
	/* ESC, CR LF, C1 CSI, turned text, NUL, a broken sequence, a quote and a brace */
	static const char foreign[] = "a\x1b[31mb\r\n{\"level\":\"error\"}\xc2\x9b"
				      "2J\xe2\x80\xae"
				      "c\0d\xff\x7f";
	struct log log = { .role = "worker", .level = LEVEL_DEBUG, .write = keep };
	struct log_ids hostile = { .request_id = str_bytes(foreign, sizeof foreign - 1) };

	for (int is_text = 0; is_text < 2; is_text++) {
		log.is_text = is_text;
		buf_init(&lines, NULL);
		log_event(&log, LEVEL_INFO, "a.b", &hostile,
			  LOG_STR("foreign", str_bytes(foreign, sizeof foreign - 1)));
		test_row("%s", is_text ? "text" : "json");
		for (size_t i = 0; i + 1 < lines.len; i++)
			CHECK((unsigned char)lines.data[i] >= 0x20 && lines.data[i] != 0x7f);
		CHECK(str_find(buf_str(&lines), STR_LIT("\xe2\x80\xae")) < 0);
		CHECK(str_find(buf_str(&lines), STR_LIT("\xc2\x9b")) < 0);
		CHECK(str_find(buf_str(&lines), STR_LIT("\xff")) < 0);
		CHECK(str_find(buf_str(&lines), STR_LIT("\"level\":\"error\"")) < 0);
		buf_release(&lines);
	}
}

TEST(long_values_are_cut)
{
	struct log log = { .level = LEVEL_DEBUG, .write = keep };
	char big[LOG_VALUE_BYTES_MAX * 3];

	memset(big, 'y', sizeof big);
	buf_init(&lines, NULL);
	log_event(&log, LEVEL_INFO, "a.b", NULL, LOG_STR("big", str_bytes(big, sizeof big)));
	CHECK(lines.len < LOG_VALUE_BYTES_MAX + 200);
	CHECK(str_ends(buf_str(&lines), STR_LIT("yyy...\"}\n")));
	buf_release(&lines);
}
