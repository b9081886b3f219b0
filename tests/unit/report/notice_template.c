/* SPDX-License-Identifier: Apache-2.0 */
/* What do templates make, and which are refused? */
#include "report/notice.h"
#include "tests/test.h"

static const struct notice_event events[] = {
	{ .domain = STR_INIT("a.example"),
	  .type = STR_INIT("finding.opened"),
	  .severity = SEVERITY_HIGH,
	  .text = STR_INIT("say \"x\" & <b>"),
	  .before = STR_INIT("old") },
	{ .domain = STR_INIT("b.example"),
	  .type = STR_INIT("scan.failed"),
	  .severity = NOTICE_NO_SEVERITY,
	  .text = STR_INIT("line\nbreak") },
};

static const struct notice notice = { .id = STR_INIT("dlv_1"),
				      .kind = NOTICE_DIGEST,
				      .at_us = 1795000000ll * 1000000,
				      .channel = STR_INIT("ops"),
				      .events = events,
				      .event_count = 2,
				      .omitted = 3 };

TEST(templates_are_filled_in)
{
	static const struct {
		const char *media_type, *text, *made;
	} rows[] = {
		{ "", "{\"n\":{{count}},\"k\":\"{{kind}}\"}", "{\"n\":5,\"k\":\"digest\"}" },
		{ "text/plain", "", "" },
		{ "text/plain", "no tag } { {", "no tag } { {" },
		{ "text/plain", "{{ title }}|{{severity}}|{{time}}",
		  "5 events, 1 high: a.example and 1 more|high|2026-11-18T11:06:40Z" },
		{ "text/plain", "{{#events}}{{domain}}:{{severity}}{{^last}};{{/last}}{{/events}}",
		  "a.example:high;b.example:" },
		{ "text/plain",
		  "{{#events}}{{#before}}was "
		  "{{before}}{{/before}}{{^before}}-{{/before}}{{/events}}",
		  "was old-" },
		{ "text/plain", "{{#rule}}rule{{/rule}}{{^rule}}none{{/rule}}", "none" },
		{ "text/plain", "{{^events}}quiet{{/events}}", "" },
		{ "text/plain", "{{#events}}{{text}}\n{{/events}}",
		  "say \"x\" & <b>\nline\\x0Abreak\n" },
		{ "application/json", "{{#events}}{{text}}|{{/events}}",
		  "say \\\"x\\\" & <b>|line\\\\x0Abreak|" },
		{ "application/vnd.x+json", "{{#events}}{{before}}{{/events}}", "old" },
		{ "application/x-www-form-urlencoded",
		  "a={{channel}}&t={{#events}}{{text}}{{/events}}",
		  "a=ops&t=say%20%22x%22%20%26%20%3Cb%3Eline%5Cx0Abreak" },
		{ "text/html; charset=utf-8", "{{#events}}<i>{{text}}</i>{{/events}}",
		  "<i>say &quot;x&quot; &amp; &lt;b&gt;</i><i>line\\x0Abreak</i>" },
		/* of the notice, where the event has no such value */
		{ "text/plain", "{{#events}}{{channel}} {{/events}}", "ops ops " },
	};

	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		struct err err = { 0 };
		struct buf out;

		test_row("row %zu: %s", i, rows[i].text);
		buf_init(&out, NULL);
		CHECK_INT(notice_template(&out, &notice, str_of(rows[i].text),
					  str_of(rows[i].media_type), &err),
			  0);
		CHECK_STR(buf_str(&out), rows[i].made);
		buf_release(&out);
	}
}

TEST(what_is_no_template_is_refused_with_its_place)
{
	static const struct {
		const char *text, *says;
	} rows[] = {
		{ "ab{{domain}}", "octet 3 of the template: no value is called \"domain\"" },
		{ "{{nothing}}", "no value is called \"nothing\"" },
		{ "{{#events}}{{nothing}}{{/events}}", "octet 12" },
		{ "{{#events}}", "this section has no end: \"events\"" },
		{ "{{/events}}", "no section is open" },
		{ "{{#events}}{{/rule}}", "another section is open" },
		{ "{{#events}}{{#events}}{{/events}}{{/events}}", "events have no events" },
		{ "{{{title}}}", "this tag is not known here" },
		{ "{{&title}}", "this tag is not known here" },
		{ "{{!comment}}", "this tag is not known here" },
		{ "{{>partial}}", "this tag is not known here" },
		{ "{{=<% %>=}}", "this tag is not known here" },
		{ "{{}}", "this tag is not known here" },
		{ "{{title", "without" },
		{ "{{#rule}}{{#rule}}{{#rule}}{{#rule}}{{#rule}}{{#rule}}{{#rule}}{{#rule}}{{#rule}"
		  "}",
		  "nested too deep" },
	};

	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		struct err err = { 0 };
		struct buf out;

		test_row("row %zu: %s", i, rows[i].text);
		buf_init(&out, NULL);
		buf_put_lit(&out, "kept");
		CHECK(notice_template(&out, &notice, str_of(rows[i].text), STR_NONE, &err) < 0);
		CHECK(strstr(err.text, rows[i].says));
		CHECK_STR(buf_str(&out), "kept");
		buf_release(&out);
	}
}

TEST(a_template_that_makes_no_json_is_noticed_before_it_is_used)
{
	struct arena a = { 0 };
	struct err err = { 0 };
	const struct str json = STR_LIT("application/json");

	CHECK(notice_template_check(&a, STR_LIT("{\"t\":\"{{title}}\"}"), json, &err) == 0);
	CHECK(notice_template_check(&a, STR_LIT("{\"t\":{{title}}}"), json, &err) < 0);
	CHECK(notice_template_check(
		      &a, STR_LIT("[{{#events}}\"{{text}}\"{{^last}},{{/last}}{{/events}}]"), json,
		      &err) == 0);
	/* with none and one event it is JSON, with two it is not */
	CHECK(notice_template_check(&a, STR_LIT("[{{#events}}\"{{text}}\"{{/events}}]"), json,
				    &err) < 0);
	CHECK(strstr(err.text, "with 2 events"));
	arena_release(&a);
}

TEST(a_template_cannot_make_more_than_a_message)
{
	static char text[16 << 10];
	struct notice many = notice;
	static struct notice_event lots[NOTICE_EVENTS];
	struct err err = { 0 };
	struct buf out;

	memset(text, 'x', sizeof text);
	memcpy(text, "{{#events}}", 11);
	memcpy(text + sizeof text - 11, "{{/events}}", 11);
	many.events = lots;
	many.event_count = NOTICE_EVENTS;
	buf_init(&out, NULL);
	CHECK_INT(notice_template(&out, &many, str_bytes(text, sizeof text), STR_LIT("text/plain"),
				  &err),
		  ERR_LIMIT);
	buf_release(&out);
}
