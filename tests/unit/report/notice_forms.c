/* SPDX-License-Identifier: Apache-2.0 */
/* Do notices look as they did, for mail, Slack, programs and brokers? */
#include "report/notice.h"
#include "tests/test.h"
#include "tests/unit/report/golden_file.h"

/* 2026-11-22T19:40:02Z */
enum { SECOND = 1795376402 };
#define AT(seconds) ((SECOND + (int64_t)(seconds)) * 1000000)

static const struct notice_event events[] = {
	{ .id = STR_INIT("evt_01"),
	  .sequence = 41,
	  .type = STR_INIT("finding.opened"),
	  .at_us = AT(-600),
	  .domain = STR_INIT("example.com"),
	  .severity = SEVERITY_HIGH,
	  .check = STR_INIT("mail.spf.lookup-limit"),
	  .text = STR_INIT("SPF needs 13 DNS lookups"),
	  .fix = STR_INIT("Remove what no longer sends.\nexample.com. TXT \"v=spf1 -all\""),
	  .link = STR_INIT("https://dss.example.org/api/v1/domains/example.com/report") },
	{ .id = STR_INIT("evt_02"),
	  .sequence = 42,
	  .type = STR_INIT("record.changed"),
	  .at_us = AT(-590),
	  .domain = STR_INIT("example.com"),
	  .severity = SEVERITY_MEDIUM,
	  .subject = STR_INIT("_dmarc.example.com"),
	  .text = STR_INIT("TXT of _dmarc.example.com changed"),
	  .before = STR_INIT("\"v=DMARC1; p=reject\""),
	  .after = STR_INIT("\"v=DMARC1; p=none\"") },
	{ .id = STR_INIT("evt_03"),
	  .sequence = 43,
	  .type = STR_INIT("finding.opened"),
	  .at_us = AT(-580),
	  .domain = STR_INIT("xn--bcher-kva.example"),
	  .severity = SEVERITY_CRITICAL,
	  .check = STR_INIT("dns.delegation.lame"),
	  .subject = STR_INIT("ns1.evil.example"),
	  .text = STR_INIT(
		  "b\xc3\xbc\x63her \xe2\x80\xae<b>&*x*\r\nBcc: x@example.org <!channel>") },
	{ .id = STR_INIT("evt_04"),
	  .sequence = 44,
	  .type = STR_INIT("worker.lost"),
	  .at_us = AT(-570),
	  .severity = NOTICE_NO_SEVERITY,
	  .text = STR_INIT("a worker is gone") },
};

static const struct notice digest = { .id = STR_INIT("dlv_01jd8q2v7tfx9rz5m3kc6h4b0a"),
				      .kind = NOTICE_DIGEST,
				      .at_us = AT(0),
				      .workspace = STR_INIT("default"),
				      .channel = STR_INIT("desk"),
				      .rule = STR_INIT("all of it"),
				      .from_us = AT(-900),
				      .until_us = AT(0),
				      .link = STR_INIT(
					      "https://dss.example.org/api/v1/deliveries/x"),
				      .events = events,
				      .event_count = ARRAY_COUNT(events),
				      .omitted = 2 };

TEST(a_digest_looks_as_it_did)
{
	const struct str to[] = { STR_LIT("it@example.org"), STR_LIT("second@example.org") };
	const struct notice_mail mail = { .from = STR_LIT("dss@example.org"),
					  .to = to,
					  .to_count = ARRAY_COUNT(to),
					  .host = STR_LIT("dss.example.org") };
	struct arena a = { 0 };
	struct err err = { 0 };
	struct buf out;

	buf_init(&out, &a);
	CHECK_INT(notice_mail(&out, &digest, &mail, &err), 0);
	golden_check(&a, "digest.eml", buf_str(&out));
	out.len = 0;
	notice_slack(&out, &digest);
	buf_put_char(&out, '\n');
	golden_check(&a, "digest.slack.json", buf_str(&out));
	out.len = 0;
	notice_json(&out, &digest);
	buf_put_char(&out, '\n');
	golden_check(&a, "digest.json", buf_str(&out));
	arena_release(&a);
}

TEST(an_event_for_a_broker_has_its_attributes_in_headers)
{
	static const char *const wanted[][2] = {
		{ "cloudEvents:specversion", "1.0" },
		{ "cloudEvents:id", "evt_01" },
		{ "cloudEvents:source", "/dss" },
		{ "cloudEvents:type", "dev.dss.finding.opened.v1" },
		{ "cloudEvents:subject", "example.com" },
		{ "cloudEvents:time", "2026-11-22T19:30:02.000000Z" },
		{ "cloudEvents:sequence", "41" },
	};
	struct notice_cloud_event event;
	struct arena a = { 0 };

	notice_cloud_event(&a, &digest, &events[0], &event);
	CHECK_STR(event.key, "finding.opened.high");
	CHECK_INT(event.header_count, ARRAY_COUNT(wanted));
	for (size_t i = 0; i < ARRAY_COUNT(wanted); i++) {
		CHECK_STR(str_of(event.headers[i].name), wanted[i][0]);
		CHECK_STR(event.headers[i].value, wanted[i][1]);
	}
	CHECK(str_find(event.body, STR_LIT("\"id\":\"evt_01\"")) >= 0);
	CHECK(str_find(event.body, STR_LIT("evt_02")) < 0);
	notice_cloud_event(&a, &digest, &events[3], &event);
	CHECK_STR(event.key, "worker.lost.none");
	arena_release(&a);
}

/* What is no address or id never becomes a header. */
TEST(a_mail_to_or_from_nobody_is_not_written)
{
	static const char *const bad[] = { "", "it", "it@example.org\r\nX: y", "a b@example.org" };
	struct str to = STR_LIT("it@example.org");
	struct notice_mail mail = { .from = STR_LIT("dss@example.org"),
				    .to = &to,
				    .to_count = 1,
				    .host = STR_LIT("dss.example.org") };
	struct notice notice = digest;
	struct err err = { 0 };
	struct buf out;

	buf_init(&out, NULL);
	for (size_t i = 0; i < ARRAY_COUNT(bad); i++) {
		to = str_of(bad[i]);
		CHECK_INT(notice_mail(&out, &digest, &mail, &err), ERR_SYNTAX);
		to = STR_LIT("it@example.org");
		mail.from = str_of(bad[i]);
		CHECK_INT(notice_mail(&out, &digest, &mail, &err), ERR_SYNTAX);
		mail.from = to;
	}
	mail.to_count = 0;
	CHECK_INT(notice_mail(&out, &digest, &mail, &err), ERR_SYNTAX);
	mail.to_count = 1;
	mail.host = STR_LIT("dss.example.org\r\nX: y");
	CHECK_INT(notice_mail(&out, &digest, &mail, &err), ERR_SYNTAX);
	mail.host = STR_LIT("dss.example.org");
	notice.id = STR_LIT("dlv_1\r\nX: y");
	CHECK_INT(notice_mail(&out, &notice, &mail, &err), ERR_SYNTAX);
	CHECK_INT(out.len, 0);
	buf_release(&out);
}
