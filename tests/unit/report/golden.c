/* SPDX-License-Identifier: Apache-2.0 */
/* Do reports look as they did? GOLDEN_WRITE=1 writes the files anew: look at the difference. */
#include "report/report.h"
#include "tests/test.h"
#include "tests/unit/report/golden_file.h"

/* 2026-11-22T19:40:02Z */
static const int64_t at_us = 1795376402ll * 1000000;

static const struct check checks[] = {
	{ .id = "dns.delegation.exists",
	  .severity = SEVERITY_CRITICAL,
	  .title = "The parent zone delegates the domain" },
	{ .id = "dns.soa.timers",
	  .severity = SEVERITY_LOW,
	  .title = "SOA timers are in the usual range",
	  .why = "Secondaries refresh too rarely." },
	{ .id = "mail.spf.lookup-limit",
	  .severity = SEVERITY_HIGH,
	  .title = "SPF needs at most 10 DNS lookups",
	  .source = "RFC 7208 section 4.6.4",
	  .why = "Mail from this domain fails SPF at every strict receiver.",
	  .fix = { { "any", "Remove what no longer sends." },
		   { "bind", "example.com. TXT \"v=spf1 include:_spf.a.example -all\"" } } },
	{ .id = "mail.mx.resolvable",
	  .severity = SEVERITY_MEDIUM,
	  .title = "Each mail host has an address",
	  .why = "Mail waits until its sender gives up." },
	{ .id = "mail.dmarc.present", .severity = SEVERITY_MEDIUM, .title = "There is a policy" },
	{ .id = "tls.cert.expiring", .severity = SEVERITY_MEDIUM, .title = "Not expiring" },
	{ .id = "caa.present", .severity = SEVERITY_INFO, .title = "CAA says who may issue" },
	{ .id = "reg.lock", .severity = SEVERITY_LOW, .title = "The registry locks transfers" },
};

static const enum verdict found[] = { VERDICT_PASS, VERDICT_FAIL,          VERDICT_FAIL,
				      VERDICT_FAIL, VERDICT_UNKNOWN,       VERDICT_PASS,
				      VERDICT_FAIL, VERDICT_NOT_APPLICABLE };

struct sample {
	struct arena arena;
	struct scan_request request;
	struct check_result results[ARRAY_COUNT(checks)];
	struct finding findings[8];
	struct verdicts verdicts;
	struct score score;
	struct fact fact, other;
	const struct fact *rests_on[2];
	struct str limits[1];
	struct report_input input;
};

static void finding_add(struct sample *s, size_t check, struct str subject, struct str text)
{
	s->findings[s->verdicts.finding_count++] =
		(struct finding){ .check = &checks[check],
				  .severity = checks[check].severity,
				  .subject = subject,
				  .text = text };
}

/* 2027-03-01, 2026-03-01 */
static const struct policy_rule accepted = { .check = STR_INIT("mail"),
					     .action = POLICY_ACCEPT,
					     .reason = STR_INIT("the host\033 <b>moves</b>"),
					     .owner = STR_INIT("mail@example.com"),
					     .by = STR_INIT("corporate"),
					     .until_us = 1803859200ll * 1000000 },
				lapsed = { .action = POLICY_ACCEPT,
					   .until_us = 1772323200ll * 1000000 };

static void sample_fill(struct sample *s)
{
	memset(s, 0, sizeof *s);
	s->request = (struct scan_request){ .domain = STR_LIT("example.com"), .at_us = at_us };
	s->verdicts = (struct verdicts){ s->results, ARRAY_COUNT(checks), s->findings, 0, true };
	for (size_t i = 0; i < ARRAY_COUNT(checks); i++)
		s->results[i] = (struct check_result){ .check = &checks[i], .verdict = found[i] };
	s->results[4].is_incomplete = true;
	s->results[4].reason = STR_LIT("timeout: dns _dmarc.example.com TXT");
	CHECK_INT(fact_parse(&s->arena,
			     STR_LIT("dns example.com TXT \"v=spf1 include:_spf.a.example mx "
				     "\\027[31m -all\""),
			     &s->fact, NULL),
		  0);
	s->fact.seen_us = at_us;
	CHECK_INT(address_parse(STR_LIT("192.0.2.53"), &s->fact.from), 0);
	finding_add(s, 1, STR_LIT("example.com"), STR_LIT("refresh is 31536000 s"));
	finding_add(s, 2, STR_NONE, STR_LIT("13 lookups; receivers stop at 10"));
	s->findings[1].evidence = &s->fact;
	CHECK_INT(fact_parse(&s->arena, STR_LIT("dns b.example.com TXT !timeout"), &s->other, NULL),
		  0);
	s->rests_on[0] = &s->fact;
	s->rests_on[1] = &s->other;
	s->findings[1].rests_on = s->rests_on;
	s->findings[1].rests_on_count = 2;
	finding_add(s, 2, STR_LIT("b.example.com"), STR_LIT("12 lookups; receivers stop at 10"));
	s->findings[2].evidence = &s->fact;
	s->findings[2].rests_on = s->rests_on;
	s->findings[2].rests_on_count = 2;
	finding_add(s, 3, STR_LIT("mx1.example.com"), STR_LIT("no A and no AAAA"));
	finding_add(s, 3, STR_LIT("mx2.exa\033[2Jmple.com"), STR_LIT("NXDOMAIN \xe2\x80\xaetxet"));
	finding_add(s, 3, STR_LIT("mx3.example.com"), STR_LIT("no A and no AAAA"));
	finding_add(s, 3, STR_LIT("mx4.example.com"), STR_LIT("no A and no AAAA"));
	finding_add(s, 6, STR_NONE, STR_LIT("no CAA record"));
	s->findings[0].lapsed = &lapsed;
	s->findings[2].accepted = s->findings[6].accepted = s->findings[7].accepted = &accepted;
	score_compute(&s->arena, &s->verdicts, &s->score);
	s->limits[0] = STR_LIT("mail hosts (port 25 is blocked on this network)");
	s->input = (struct report_input){ .request = &s->request,
					  .place = { .input = STR_LIT("Example.COM"),
						     .list = STR_LIT("lists/our domains.txt"),
						     .line = 17 },
					  .profile = STR_LIT("standard"),
					  .elapsed_us = 4123456,
					  .verdicts = &s->verdicts,
					  .score = &s->score,
					  .limits = s->limits,
					  .limit_count = 1 };
}

/* One more report of a run, as its writer does it. */
static void report_add(struct buf *out, const struct report_format *format, struct buf *report)
{
	if (!report->len)
		return;
	report_lead(out, format, !out->len);
	buf_put_str(out, buf_str(report));
	report->len = 0;
}

static struct str rendered(struct sample *s, const char *format_name)
{
	const struct report_format *format = report_format_find(str_of(format_name));
	const struct report_place place = { .input = STR_LIT("exa mple"), .line = 18 };
	struct buf out, report;

	buf_init(&out, &s->arena);
	buf_init(&report, &s->arena);
	format->render(&report, &s->input);
	report_add(&out, format, &report);
	s->input.error = STR_LIT("the scanner was killed twice");
	format->render(&report, &s->input);
	report_add(&out, format, &report);
	s->input.error = STR_NONE;
	if (format->reject)
		format->reject(&report, &place, STR_LIT("a space, column 4"));
	report_add(&out, format, &report);
	if (!out.len)
		report_lead(&out, format, true);
	buf_put_str(&out, str_of(format->suffix));
	return buf_str(&out);
}

TEST(reports_look_as_they_did)
{
	struct sample s;

	sample_fill(&s);
	golden_check(&s.arena, "scan.json", rendered(&s, "json"));
	golden_check(&s.arena, "scan.jsonl", rendered(&s, "jsonl"));
	golden_check(&s.arena, "scan.txt", rendered(&s, "text"));
	golden_check(&s.arena, "scan.csv", rendered(&s, "csv"));
	golden_check(&s.arena, "scan.md", rendered(&s, "md"));
	golden_check(&s.arena, "scan.html", rendered(&s, "html"));
	golden_check(&s.arena, "scan.defectdojo.json", rendered(&s, "defectdojo"));
	s.input.options = (struct report_options){
		.is_verbose = true, .is_single = true, .width = 72, .verdict_mask = 15
	};
	golden_check(&s.arena, "scan-verbose.txt", rendered(&s, "text"));
	arena_release(&s.arena);
}

/* What a zone's owner may write, and what of it may not be in a format's report. */
TEST(hostile_text_is_inert)
{
	static const struct {
		const char *format, *text, *never;
	} rows[] = {
		{ "html", "<script>alert(1)</script>", "<script" },
		{ "html", "<img src=x onerror=alert(1)>", "<img" },
		{ "html", "\" onmouseover=\"alert(1)", "\" onmouseover" },
		{ "html", "&lt;b&gt;", ">&lt;b&gt;" },
		{ "md", "<script>alert(1)</script>", "<script" },
		{ "md", "[click](javascript:alert(1))", "[click]" },
		{ "md", "![x](https://tracker.example/a.png)", "![" },
		{ "md", "https://evil.example", "https://" },
		{ "md", "www.evil.example", "www." },
		{ "md", "@everyone", " @everyone" },
		{ "md", "a | b", " | b" },
		{ "md", "````", "````" },
		{ "csv", "=HYPERLINK(\"http://evil.example\")", ",=H" },
		{ "csv", "+1", ",+1" },
		{ "csv", "@SUM(1)", ",@" },
		{ "csv", "-2+3+cmd|' /C calc'!A0", ",-2" },
		{ "sarif", "\"},{\"", "\"},{\"\"" },
		{ "defectdojo", "a\xff\xfe\033[2J", "\xff" },
		{ "text", "\033]0;title\007", "\033" },
		{ "html",
		  "a\xe2\x80\xae"
		  "b",
		  "\xe2\x80\xae" },
	};

	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		struct sample s;
		struct str text;

		test_row("%s: %s", rows[i].format, rows[i].text);
		sample_fill(&s);
		s.verdicts.finding_count = 0;
		memset(s.findings, 0, sizeof s.findings);
		finding_add(&s, 2, str_of(rows[i].text), str_of(rows[i].text));
		s.findings[0].evidence = NULL;
		s.findings[0].check = &checks[7]; /* without a fix of ours between fences */
		for (size_t k = 0; k < ARRAY_COUNT(checks); k++)
			s.results[k].verdict = k == 7 ? VERDICT_FAIL : VERDICT_PASS;
		score_compute(&s.arena, &s.verdicts, &s.score);
		text = rendered(&s, rows[i].format);
		CHECK(str_find(text, STR_LIT("example")) >= 0);
		CHECK(str_find(text, str_of(rows[i].never)) < 0);
		arena_release(&s.arena);
	}
}

/* A run of reports with nothing to tell is a whole document, too. */
TEST(an_empty_list_of_findings_is_whole)
{
	struct sample s;
	struct str text;

	sample_fill(&s);
	s.verdicts.finding_count = 0;
	text = rendered(&s, "defectdojo");
	CHECK_STR(text, "{\"findings\":[\n\n]}\n");
	arena_release(&s.arena);
}

TEST(only_colours_bring_escapes)
{
	struct sample s;
	struct str text;

	sample_fill(&s);
	s.input.options.is_verbose = true;
	CHECK(str_find_char(rendered(&s, "text"), '\033') < 0);
	CHECK(str_find_char(rendered(&s, "json"), '\033') < 0);
	s.input.options.has_colour = true;
	text = rendered(&s, "text");
	CHECK(str_find_char(text, '\033') >= 0);
	CHECK(str_find(text, STR_LIT("\033[2J")) < 0);
	arena_release(&s.arena);
}

TEST(a_failed_check_tells_since_when)
{
	static const struct {
		struct judged_since since;
		const char *text, *json;
	} rows[] = {
		{ { .scans = 1 }, "since   2026-11-22, in 1 scan\n", "\"scans\":1,\"all\":false}" },
		{ { .scans = 4 },
		  "since   2026-11-22, in 4 scans\n",
		  "\"scans\":4,\"all\":false}" },
		{ { .scans = 4, .is_more = true },
		  "since   2026-11-22 or longer, in 4 scans\n",
		  "\"scans\":4,\"all\":false,\"more\":true}" },
		{ { .scans = 4, .is_all = true },
		  "since   2026-11-22, in all 4 stored scans\n",
		  "\"scans\":4,\"all\":true}" },
		{ { .scans = 1, .is_all = true },
		  "since   2026-11-22: it is the only stored scan\n",
		  "\"since\":{\"at\":\"2026-11-22T19:40:02Z\",\"scans\":1,\"all\":true}" },
	};

	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		struct judged_since since = rows[i].since;
		struct sample s;

		test_row("%s", rows[i].text);
		sample_fill(&s);
		since.check = STR_LIT("mail.spf.lookup-limit");
		since.at_us = at_us;
		s.input.since = &since;
		s.input.since_count = 1;
		CHECK(str_find(rendered(&s, "text"), str_of(rows[i].text)) >= 0);
		CHECK(str_find(rendered(&s, "json"), str_of(rows[i].json)) >= 0);
		arena_release(&s.arena);
	}
}

/* What --fields offers is what there is: each known path projects to something. */
TEST(every_known_field_is_in_the_document)
{
	struct sample s;
	struct str document;

	sample_fill(&s);
	s.request.is_active = true;
	s.input.since = &(struct judged_since){ .check = str_of(checks[2].id), .is_more = true };
	s.input.since_count = 1;
	document = rendered(&s, "jsonl");
	for (size_t i = 0; scan_fields[i]; i++) {
		struct str rest = document, line;
		bool is_there = false;
		struct fields fields;

		test_row("%s", scan_fields[i]);
		CHECK_INT(
			fields_parse(&s.arena, str_of(scan_fields[i]), scan_fields, &fields, NULL),
			0);
		while (rest.len && str_split(&rest, '\n', &line)) {
			const char *word = strrchr(scan_fields[i], '.');
			struct buf out;

			buf_init(&out, &s.arena);
			fields_project(&out, line, &fields);
			is_there |= str_find(buf_str(&out),
					     str_printf(&s.arena, "\"%s\":",
							word ? word + 1 : scan_fields[i])) >= 0;
		}
		CHECK(is_there);
	}
	arena_release(&s.arena);
}
