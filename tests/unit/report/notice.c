/* SPDX-License-Identifier: Apache-2.0 */
/* What does a notice say, and is what strangers wrote inert in it? */
#include "report/notice_parts.h"
#include "tests/test.h"

enum { AT = 1795000000 };

static const struct notice_event opened = {
	.id = STR_INIT("evt_01"),
	.sequence = 41,
	.type = STR_INIT("finding.opened"),
	.at_us = AT * 1000000ll,
	.domain = STR_INIT("example.com"),
	.severity = SEVERITY_HIGH,
	.check = STR_INIT("mail.spf.lookup-limit"),
	.text = STR_INIT("SPF needs 13 DNS lookups"),
	.fix = STR_INIT("remove what no longer sends"),
	.data = STR_INIT("{\"n\":1}"),
};

static struct notice notice_of(enum notice_kind kind, const struct notice_event *events,
			       size_t count)
{
	return (struct notice){ .id = STR_LIT("dlv_01"),
				.kind = kind,
				.at_us = AT * 1000000ll,
				.channel = STR_LIT("ops"),
				.events = events,
				.event_count = count };
}

TEST(a_title_is_one_plain_line)
{
	static const struct {
		enum notice_kind kind;
		const char *domain, *text;
		int severity;
		size_t count, omitted;
		const char *title;
	} rows[] = {
		{ NOTICE_EVENT, "example.com", "gone", SEVERITY_HIGH, 1, 0,
		  "example.com: high, gone" },
		{ NOTICE_EVENT, "", "worker lost", NOTICE_NO_SEVERITY, 1, 0, "worker lost" },
		{ NOTICE_EVENT, "example.com", "a\r\nBcc: x@example.org\x1b[2J", SEVERITY_LOW, 1, 0,
		  "example.com: low, a\\x0D\\x0ABcc: x@example.org\\x1B[2J" },
		{ NOTICE_EVENT, "example.com",
		  "a\xe2\x80\xae"
		  "b",
		  SEVERITY_LOW, 1, 0, "example.com: low, a\\u{202E}b" },
		{ NOTICE_DIGEST, "example.com", "gone", SEVERITY_HIGH, 2, 0,
		  "2 events, 2 high: example.com" },
		{ NOTICE_DIGEST, "example.com", "gone", SEVERITY_INFO, 2, 5,
		  "7 events: example.com" },
		{ NOTICE_DIGEST, "", "", NOTICE_NO_SEVERITY, 0, 0, "0 events" },
		{ NOTICE_TEST, "", "", NOTICE_NO_SEVERITY, 0, 0, "Test of the channel: ops" },
	};

	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		struct arena a = { 0 };
		struct notice_event events[2];
		struct notice notice = notice_of(rows[i].kind, events, rows[i].count);

		test_row("row %zu", i);
		for (size_t k = 0; k < 2; k++)
			events[k] = (struct notice_event){ .type = STR_LIT("finding.opened"),
							   .domain = str_of(rows[i].domain),
							   .text = str_of(rows[i].text),
							   .severity = (int8_t)rows[i].severity };
		notice.omitted = rows[i].omitted;
		CHECK_STR(notice_title(&a, &notice), rows[i].title);
		arena_release(&a);
	}
}

TEST(json_has_one_shape_for_one_event_and_for_many)
{
	struct notice notice = notice_of(NOTICE_EVENT, &opened, 1);
	struct buf out;

	buf_init(&out, NULL);
	notice_json(&out, &notice);
	CHECK_STR(buf_str(&out),
		  "{\"type\":\"finding.opened\",\"timestamp\":\"2026-11-18T11:06:40Z\",\"data\":{"
		  "\"id\":\"dlv_01\",\"title\":\"example.com: high, SPF needs 13 DNS lookups\","
		  "\"channel\":\"ops\",\"severity\":\"high\",\"omitted\":0,\"events\":[{"
		  "\"id\":\"evt_01\",\"sequence\":41,\"type\":\"finding.opened\","
		  "\"time\":\"2026-11-18T11:06:40Z\",\"domain\":\"example.com\","
		  "\"severity\":\"high\",\"check\":\"mail.spf.lookup-limit\","
		  "\"text\":\"SPF needs 13 DNS lookups\",\"fix\":\"remove what no longer sends\","
		  "\"data\":{\"n\":1}}]}}");
	out.len = 0;
	notice = notice_of(NOTICE_TEST, NULL, 0);
	notice_json(&out, &notice);
	CHECK_STR(buf_str(&out),
		  "{\"type\":\"test\",\"timestamp\":\"2026-11-18T11:06:40Z\",\"data\":{"
		  "\"id\":\"dlv_01\",\"title\":\"Test of the channel: ops\",\"channel\":\"ops\","
		  "\"omitted\":0,\"events\":[]}}");
	buf_release(&out);
}

TEST(events_are_grouped_by_domain_worst_first)
{
	struct arena a = { 0 };
	struct notice_event events[4] = { opened, opened, opened, opened };
	struct notice notice = notice_of(NOTICE_DIGEST, events, 4);
	struct notice_domain *domains;
	size_t count;

	events[0].severity = SEVERITY_LOW;
	events[1].domain = STR_LIT("b.example");
	events[1].severity = SEVERITY_CRITICAL;
	events[3].subject = STR_LIT("elsewhere");
	domains = notice_by_domain(&a, &notice, &count);
	CHECK_INT(count, 2);
	CHECK_STR(domains[0].name, "b.example");
	CHECK_STR(domains[1].name, "example.com");
	CHECK_INT(domains[1].group_count, 2);
	CHECK_INT(domains[1].groups[0].first->severity, SEVERITY_HIGH);
	CHECK_INT(domains[1].groups[0].count, 2); /* the same fix of two subjects */
	CHECK(domains[1].groups[0].events[0] == &events[2]);
	CHECK(domains[1].groups[0].events[1] == &events[3]);
	arena_release(&a);
}

TEST(only_links_of_the_web_are_links)
{
	CHECK_STR(notice_link(STR_LIT("https://dss.example/x?y=1#z")),
		  "https://dss.example/x?y=1#z");
	CHECK(!notice_link(STR_LIT("javascript:alert(1)")).len);
	CHECK(!notice_link(STR_LIT("https://x/\"onclick=\"")).len);
	CHECK(!notice_link(STR_LIT("https://x/<b>")).len);
	CHECK(!notice_link(STR_LIT("https://x/|y")).len);
	CHECK(!notice_link(STR_LIT("https://x/\xe2\x80\xae")).len);
}
