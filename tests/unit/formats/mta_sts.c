/* SPDX-License-Identifier: Apache-2.0 */
/* Are MTA-STS records, policies and patterns read as RFC 8461 says? */
#include "formats/mail/mta_sts.h"
#include "tests/test.h"

TEST(records_of_mta_sts)
{
	static const struct {
		const char *text, *id; /* NULL: senders take it for none, or for broken */
	} rows[] = {
		{ "v=STSv1; id=20160831085700Z;", "20160831085700Z" }, /* section 3.1's own */
		{ "v=STSv1; id=20160831085700Z", "20160831085700Z" },
		{ "v=STSv1;id=1", "1" },
		{ "v=STSv1;  id=1;", "1" },
		{ "v=STSv1 ; id=1", "1" },
		{ "v=STSv1;\tid=1 ;", "1" },
		{ "v=STSv1; id=1; ", "1" },
		{ "v=STSv1; id=abcXYZ019", "abcXYZ019" },
		{ "v=STSv1; id=12345678901234567890123456789012",
		  "12345678901234567890123456789012" },
		{ "v=STSv1; ext=1; id=2", "2" }, /* *(sts-field-delim sts-field) */
		{ "v=STSv1; id=2; ext=a_b.c-d", "2" },
		{ "v=STSv1; id=123456789012345678901234567890123", NULL },
		{ "v=STSv1; id=", NULL },
		{ "v=STSv1; id=a-b", NULL },
		{ "v=STSv1; id=a b", NULL },
		{ "v=STSv1; id=\xc3\xa4", NULL },
		{ "v=STSv1;", NULL },
		{ "v=STSv1", NULL },
		{ "v=STSv2; id=1", NULL },
		{ "v=stsv1; id=1", NULL }, /* %s"STSv1" is of this case */
		{ "V=STSv1; id=1", NULL },
		{ " v=STSv1; id=1", NULL },
		{ "v = STSv1; id=1", NULL },
		{ "v=STSv1; ID=1", NULL },
		{ "v=STSv1; id = 1", NULL },
		{ "v=STSv1 id=1", NULL },
		{ "id=1; v=STSv1", NULL },
		{ "", NULL },
	};

	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		struct arena a = { 0 };
		struct mta_sts_record record = { .id = STR_NONE };
		struct err err = { 0 };
		int code = mta_sts_parse(&a, str_of(rows[i].text), &record, &err);

		test_row("%s", rows[i].text);
		CHECK((code == 0) == (rows[i].id != NULL));
		CHECK((code < 0) == (err.text[0] != 0));
		if (rows[i].id)
			CHECK_STR(record.id, rows[i].id);
		arena_release(&a);
	}
}

#define HEAD "version: STSv1\nmode: enforce\n"

TEST(policies_of_mta_sts)
{
	static const struct {
		const char *text;
		int mode; /* -1: no policy */
		uint32_t max_age_s;
		size_t mx_count;
	} rows[] = {
		/* section 3.2's own */
		{ HEAD "mx: mail.example.com\nmx: *.example.net\nmx: backupmx.example.com\n"
		       "max_age: 604800\n",
		  MTA_STS_ENFORCE, 604800, 3 },
		{ "version: STSv1\r\nmode: testing\r\nmx: a.example\r\nmax_age: 1\r\n",
		  MTA_STS_TESTING, 1, 1 },
		{ "version: STSv1\r\nmode: testing\nmx: a.example\r\nmax_age: 1", MTA_STS_TESTING,
		  1, 1 },
		{ "version: STSv1\nmode: none\nmax_age: 86400\n", MTA_STS_NONE, 86400, 0 },
		{ "version: STSv1\nmode: none\nmx: a.example\nmax_age: 0\n", MTA_STS_NONE, 0, 1 },
		{ "max_age: 5\nmx: a.example\nmode: enforce\nversion: STSv1\n", MTA_STS_ENFORCE, 5,
		  1 }, /* any order */
		{ HEAD "mx:a.example\nmax_age:5\n", MTA_STS_ENFORCE, 5, 1 },
		{ HEAD "mx: \t a.example \t\nmax_age:   5  \n", MTA_STS_ENFORCE, 5, 1 },
		{ HEAD "mx: A.EXAMPLE\nmax_age: 5\n", MTA_STS_ENFORCE, 5, 1 },
		{ HEAD "mx: a.example.\nmax_age: 5\n", MTA_STS_ENFORCE, 5, 1 },
		{ HEAD "mx: xn--bcher-kva.example\nmax_age: 5\n", MTA_STS_ENFORCE, 5, 1 },
		{ HEAD "mx: a.example\nmax_age: 31557600\n", MTA_STS_ENFORCE, 31557600, 1 },
		{ HEAD "mx: a.example\nmax_age: 5\nfuture: yes\n", MTA_STS_ENFORCE, 5, 1 },
		{ HEAD "x-1.a_b: c: d\nmx: a.example\nmax_age: 5\n", MTA_STS_ENFORCE, 5, 1 },
		/* of what may stand once the first counts */
		{ HEAD "mode: none\nmx: a.example\nmax_age: 5\n", MTA_STS_ENFORCE, 5, 1 },
		{ HEAD "mx: a.example\nmax_age: 5\nmax_age: 6\n", MTA_STS_ENFORCE, 5, 1 },
		{ HEAD "version: STSv2\nmx: a.example\nmax_age: 5\n", MTA_STS_ENFORCE, 5, 1 },
		{ HEAD "\n\nmx: a.example\n\nmax_age: 5\n\n", MTA_STS_ENFORCE, 5, 1 },
		{ HEAD "mx: a.example\n", -1, 0, 0 },
		{ HEAD "max_age: 5\n", -1, 0, 0 },
		{ "version: STSv1\nmx: a.example\nmax_age: 5\n", -1, 0, 0 },
		{ "mode: enforce\nmx: a.example\nmax_age: 5\n", -1, 0, 0 },
		{ "version: STSv2\nmode: enforce\nmx: a.example\nmax_age: 5\n", -1, 0, 0 },
		{ "version: stsv1\nmode: enforce\nmx: a.example\nmax_age: 5\n", -1, 0, 0 },
		{ "version: STSv1\nmode: Enforce\nmx: a.example\nmax_age: 5\n", -1, 0, 0 },
		{ "version: STSv1\nmode: report\nmx: a.example\nmax_age: 5\n", -1, 0, 0 },
		{ "version: STSv1\nmode:\nmx: a.example\nmax_age: 5\n", -1, 0, 0 },
		{ HEAD "mx: a.example\nmax_age: 31557601\n", -1, 0, 0 },
		{ HEAD "mx: a.example\nmax_age: -5\n", -1, 0, 0 },
		{ HEAD "mx: a.example\nmax_age: 5s\n", -1, 0, 0 },
		{ HEAD "mx: a.example\nmax_age: \n", -1, 0, 0 },
		{ HEAD "mx: a.example\nmax_age: 00000000005\n", -1, 0, 0 }, /* 1*10(DIGIT) */
		{ HEAD "mx:\nmax_age: 5\n", -1, 0, 0 },
		{ HEAD "mx: a b.example\nmax_age: 5\n", -1, 0, 0 },
		{ HEAD "mx: a..example\nmax_age: 5\n", -1, 0, 0 },
		{ HEAD "mx: a.*.example\nmax_age: 5\n", -1, 0, 0 },
		{ HEAD "mx: *a.example\nmax_age: 5\n", -1, 0, 0 },
		{ HEAD "mx: *\nmax_age: 5\n", -1, 0, 0 },
		{ HEAD "mx: .example\nmax_age: 5\n", -1, 0, 0 }, /* an older draft's */
		{ HEAD "mx: a.example, b.example\nmax_age: 5\n", -1, 0, 0 },
		{ HEAD "mx: user@a.example\nmax_age: 5\n", -1, 0, 0 },
		{ HEAD "mx: b\xc3\xbc"
		       "cher.example\nmax_age: 5\n",
		  -1, 0, 0 },
		{ HEAD "mx a.example\nmax_age: 5\n", -1, 0, 0 },
		{ HEAD " mx: a.example\nmax_age: 5\n", -1, 0, 0 },
		{ "v=STSv1; id=1\n", -1, 0, 0 },
		{ "<!DOCTYPE html>\n<html></html>\n", -1, 0, 0 },
		{ "", -1, 0, 0 },
	};

	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		struct arena a = { 0 };
		struct mta_sts_policy policy = { 0 };
		struct err err = { 0 };
		int code = mta_sts_policy_parse(&a, str_of(rows[i].text), &policy, &err);

		test_row("%s", rows[i].text);
		CHECK((code == 0) == (rows[i].mode >= 0));
		CHECK((code < 0) == (err.text[0] != 0));
		if (code == 0) {
			CHECK_INT(policy.mode, rows[i].mode);
			CHECK_INT(policy.max_age_s, rows[i].max_age_s);
			CHECK_INT(policy.mx_count, rows[i].mx_count);
		}
		arena_release(&a);
	}
}

TEST(patterns_of_mta_sts)
{
	/* Section 4.1: a wildcard is the whole leftmost label, and one label only (RFC 6125). */
	static const struct {
		const char *pattern, *host;
		bool is_covered;
	} rows[] = {
		{ "mail.example.com", "mail.example.com", true },
		{ "MAIL.example.com", "mail.example.com", true },
		{ "mail.example.com.", "mail.example.com", true },
		{ "mail.example.com", "mail2.example.com", false },
		{ "mail.example.com", "a.mail.example.com", false },
		{ "mail.example.com", "example.com", false },
		{ "*.example.com", "mail.example.com", true },
		{ "*.example.com", "a.b.example.com", false },
		{ "*.example.com", "example.com", false },
		{ "*.example.com", "mail.example.net", false },
		{ "*.example.com", "mailexample.com", false },
		{ "*.mail.example.com", "a.mail.example.com", true },
		{ "*.com", "example.com", true },
		{ "*.com", "com", false },
	};

	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		struct arena a = { 0 };
		struct mta_sts_policy policy;
		struct err err = { 0 };
		struct str text = str_printf(&a, HEAD "mx: %s\nmax_age: 5\n", rows[i].pattern);

		test_row("%s %s", rows[i].pattern, rows[i].host);
		CHECK_INT(mta_sts_policy_parse(&a, text, &policy, &err), 0);
		CHECK(mta_sts_covers(&policy, str_of(rows[i].host)) == rows[i].is_covered);
		arena_release(&a);
	}
}
