/* SPDX-License-Identifier: Apache-2.0 */
/* Are DMARC, TLS-RPT, MTA-STS and BIMI records read as their standards say? */
#include "formats/mail/bimi.h"
#include "formats/mail/dmarc.h"
#include "formats/mail/mta_sts.h"
#include "formats/mail/tls_rpt.h"
#include "tests/test.h"

TEST(dmarc_policies_are_read_and_the_rest_is_noted)
{
	static const struct {
		const char *text;
		uint8_t p, sp, np;
		bool is_defaulted, is_ignored, is_testing;
		size_t rua_valid, problems;
		const char *first_problem;
	} rows[] = {
		{ "v=DMARC1; p=none", DMARC_NONE, 0, 0, false, false, false, 0, 0, NULL },
		{ "v=DMARC1;p=Reject;sp=quarantine;np=reject;t=y;", DMARC_REJECT, DMARC_QUARANTINE,
		  DMARC_REJECT, false, false, true, 0, 0, NULL },
		{ "v = DMARC1 ; p = quarantine ; rua = mailto:a@example.com , mailto:b@Example.NET",
		  DMARC_QUARANTINE, 0, 0, false, false, false, 2, 0, NULL },
		{ "v=DMARC1; rua=mailto:a@example.com", 0, 0, 0, true, false, false, 1, 0, NULL },
		{ "v=DMARC1; rua=a@example.com", 0, 0, 0, false, true, false, 0, 1,
		  "\"mailto:\" is missing" },
		{ "v=DMARC1", 0, 0, 0, false, true, false, 0, 0, NULL },
		{ "v=DMARC1; p=block; rua=mailto:a@example.com", 0, 0, 0, true, false, false, 1, 1,
		  "not none, quarantine or reject" },
		{ "v=DMARC1; p=reject; sp=foo", DMARC_REJECT, 0, 0, false, true, false, 0, 1,
		  "not none" },
		{ "v=DMARC1; p=reject; p=none", DMARC_REJECT, 0, 0, false, false, false, 0, 1,
		  "came before" },
		{ "v=DMARC1; p=reject; rua=mailto:a@example.com!10m", DMARC_REJECT, 0, 0, false,
		  false, false, 1, 1, "size limit" },
		{ "v=DMARC1; p=reject rua=mailto:a@example.com", 0, 0, 0, false, true, false, 0, 1,
		  "not none" },
		{ "v=DMARC1; p=none; x=y; psd=q", DMARC_NONE, 0, 0, false, false, false, 0, 2,
		  "unknown tag" },
	};
	struct arena a = { 0 };

	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		struct dmarc_record record;

		test_row("%s", rows[i].text);
		CHECK(dmarc_is_record(str_of(rows[i].text)));
		dmarc_read(&a, str_of(rows[i].text), &record);
		CHECK_INT(record.p, rows[i].p);
		CHECK_INT(record.sp, rows[i].sp);
		CHECK_INT(record.np, rows[i].np);
		CHECK_INT(record.is_defaulted, rows[i].is_defaulted);
		CHECK_INT(record.is_ignored, rows[i].is_ignored);
		CHECK_INT(record.is_testing, rows[i].is_testing);
		CHECK_INT(record.rua_valid, rows[i].rua_valid);
		CHECK_INT(record.problem_count, rows[i].problems);
		if (rows[i].first_problem)
			CHECK(str_find(record.problems[0].text, str_of(rows[i].first_problem)) >=
			      0);
	}
	arena_release(&a);
}

TEST(dmarc_defaults_removed_tags_and_report_addresses)
{
	struct arena a = { 0 };
	struct dmarc_record record;

	dmarc_read(&a, STR_LIT("v=DMARC1; p=none"), &record);
	CHECK_INT(record.adkim, 'r');
	CHECK_INT(record.aspf, 'r');
	CHECK_INT(record.psd, 'u');
	CHECK_INT(record.pct, 100);
	CHECK(!record.has_pct && !record.has_rua && !record.fo_any);
	dmarc_read(&a,
		   STR_LIT("v=DMARC1; p=none; adkim=s; aspf=S; psd=n; pct=50; rf=afrf; ri=3600; "
			   "fo=1:d; "
			   "ruf=mailto:x%2Cy@sub.example.org"),
		   &record);
	CHECK_INT(record.adkim, 's');
	CHECK_INT(record.aspf, 's');
	CHECK_INT(record.psd, 'n');
	CHECK_INT(record.pct, 50);
	CHECK(record.has_pct && record.has_rf && record.has_ri && record.fo_any && record.fo_dkim);
	CHECK(!record.fo_spf);
	CHECK_INT(record.ruf_count, 1);
	CHECK_STR(record.ruf[0].address, "x,y@sub.example.org");
	CHECK_STR(record.ruf[0].domain, "sub.example.org");
	CHECK_INT(record.problem_count, 0);
	arena_release(&a);
}

/* One answer with these texts, up to the first NULL. */
static struct dns_answer answer_of(struct dns_rr rr[static 3], const char *const texts[static 3])
{
	struct dns_answer answer = { .rr = rr };

	for (size_t i = 0; i < 3 && texts[i]; i++) {
		rr[i] = (struct dns_rr){ .type = DNS_TXT };
		rr[i].txt.text = str_of(texts[i]);
		answer.count++;
	}
	return answer;
}

TEST(dmarc_selection_discards_several)
{
	static const struct {
		const char *texts[3];
		int code;
		const char *error;
	} rows[] = {
		{ { "v=spf1 -all", "v=DMARC1; p=none" }, 0, NULL },
		{ { "v=DMARC1; p=none", "v=DMARC1; p=none" }, -EEXIST, "all are discarded" },
		{ { "v=DMARC10; p=none" }, -ENOMSG, "does not start with v=DMARC1 exactly" },
		{ { "v=dmarc1; p=none" }, -ENOMSG, "does not start with v=DMARC1 exactly" },
		{ { "p=none; v=DMARC1" }, -ENOMSG, "no TXT record" },
	};
	struct arena a = { 0 };

	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		struct dns_rr rr[3];
		struct dns_answer answer = answer_of(rr, rows[i].texts);
		struct dmarc_record record;
		struct err err = { 0 };

		test_row("%s", rows[i].texts[0]);
		CHECK_INT(dmarc_select(&a, &answer, &record, &err), rows[i].code);
		CHECK(!rows[i].error || strstr(err.text, rows[i].error));
	}
	arena_release(&a);
}

TEST(report_addresses_say_why_they_are_of_no_use)
{
	static const struct {
		const char *text, *problem, *domain;
	} rows[] = {
		{ "mailto:a@example.com", "", "example.com" },
		{ "MAILTO:a%40b@Example.Com?subject=x", "", "example.com" },
		{ "https://reports.example.com/v1", "", "reports.example.com" },
		{ "https://reports.example.com:8443", "", "reports.example.com" },
		{ "", "empty", "" },
		{ "mailto:", "no mail address", "" },
		{ "mailto:@example.com", "no mail address", "" },
		{ "mailto:a@exa mple.com", "a character that URIs", "" },
		{ "mailto:a@example", "no valid domain", "example" },
		{ "mailto:a@-x-.com", "no valid domain", "-x-.com" },
		{ "mailto:a%zz@example.com", "percent", "" },
		{ "mailto:a@example.com!10m", "\"!\"", "" },
		{ "http://example.com/", "neither", "" },
		{ "https:///x", "no valid host", "" },
	};
	struct arena a = { 0 };

	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		struct mail_uri uri;

		test_row("%s", rows[i].text);
		mail_uri_read(&a, str_of(rows[i].text), false, &uri);
		CHECK(*rows[i].problem ? str_find(uri.problem, str_of(rows[i].problem)) >= 0
				       : !uri.problem.len);
		CHECK_STR(uri.domain, rows[i].domain);
	}
	arena_release(&a);
}

enum { TLS_RPT, MTA_STS, BIMI };

static int select_any(struct arena *a, int what, const struct dns_answer *txt, struct err *err)
{
	struct tls_rpt_record tls_rpt;
	struct mta_sts_record mta_sts;
	struct bimi_record bimi;

	return what == TLS_RPT   ? tls_rpt_select(a, txt, &tls_rpt, err)
	       : what == MTA_STS ? mta_sts_select(a, txt, &mta_sts, err)
				 : bimi_select(a, txt, &bimi, err);
}

TEST(other_mail_policy_records_are_valid_or_say_why_not)
{
	static const struct {
		int what;
		const char *texts[3];
		int code;
		const char *error;
	} rows[] = {
		{ TLS_RPT, { "v=TLSRPTv1; rua=mailto:a@example.com" }, 0, NULL },
		{ TLS_RPT,
		  { "x", "v=TLSRPTv1;rua=https://r.example.com/x,mailto:a@example.com;" },
		  0,
		  NULL },
		{ TLS_RPT,
		  { "v=TLSRPTv1; rua=mailto:a@example.com", "v=TLSRPTv1;" },
		  -EEXIST,
		  "more than one" },
		{ TLS_RPT, { "v=TLSRPTv1" }, -EBADMSG, "rua= is missing" },
		{ TLS_RPT, { "v=TLSRPTv1; rua=a@example.com" }, -EBADMSG, "mailto" },
		{ TLS_RPT, { "v=TLSRPTv1; rua = mailto:a@example.com" }, -EBADMSG, "blanks" },
		{ TLS_RPT, { "v=TLSRPTv2; rua=x" }, -ENOMSG, "no TXT" },
		{ MTA_STS, { "v=STSv1; id=20160831085700Z;" }, 0, NULL },
		{ MTA_STS,
		  { "v=STSv1; id=2016-08-31" },
		  -EBADMSG,
		  "at offset 10: not 1 to 32 letters" },
		{ MTA_STS, { "v=STSv1;" }, -EBADMSG, "id= is missing" },
		{ MTA_STS, { "v=STSv1; id=1; id=2" }, -EBADMSG, "came before" },
		{ MTA_STS, { "v=STSv1; id=1", "v=STSv1; id=2" }, -EEXIST, "more than one" },
		{ MTA_STS, { NULL }, -ENOMSG, "no TXT" },
		{ BIMI,
		  { "v=BIMI1; l=https://example.com/x.svg; a=https://example.com/v.pem" },
		  0,
		  NULL },
		{ BIMI, { "v=BIMI1; l=; a=;" }, 0, NULL },
		{ BIMI, { "v=BIMI1; a=https://example.com/v.pem" }, -EBADMSG, "l= is missing" },
		{ BIMI, { "v=BIMI1; l=http://example.com/x.svg" }, -EBADMSG, "not an https URL" },
		{ BIMI, { "v=BIMI1; l=; avp=me" }, -EBADMSG, "not brand" },
	};
	struct arena a = { 0 };

	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		struct dns_rr rr[3];
		struct dns_answer answer = answer_of(rr, rows[i].texts);
		struct err err = { 0 };

		test_row("%zu %s", i, rows[i].texts[0] ? rows[i].texts[0] : "");
		CHECK_INT(select_any(&a, rows[i].what, &answer, &err), rows[i].code);
		CHECK(!rows[i].error || strstr(err.text, rows[i].error));
	}
	arena_release(&a);
}
