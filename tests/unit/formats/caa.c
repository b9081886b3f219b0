/* SPDX-License-Identifier: Apache-2.0 */
/* Are CAA properties and SVCB parameters read as RFC 8659 and RFC 9460 say? */
#include "formats/caa.h"
#include "formats/svcb.h"
#include "tests/test.h"

TEST(caa_properties_are_read_or_say_what_is_broken)
{
	static const struct {
		uint8_t flags;
		const char *tag, *value;
		const char *error; /* NULL: parses */
		uint8_t kind;
		const char *issuer, *account, *methods, *contact_domain;
	} rows[] = {
		{ 0, "issue", "ca.example", NULL, CAA_ISSUE, "ca.example", "", "", "" },
		{ 128, "ISSUE", " CA.example ; ", NULL, CAA_ISSUE, "ca.example", "", "", "" },
		{ 0, "issue", ";", NULL, CAA_ISSUE, "", "", "", "" },
		{ 0, "issue", "", NULL, CAA_ISSUE, "", "", "", "" },
		{ 0, "issuewild",
		  "ca.example; accounturi=https://ca.example/acct/1; validationmethods=dns-01",
		  NULL, CAA_ISSUEWILD, "ca.example", "https://ca.example/acct/1", "dns-01", "" },
		{ 0, "issuemail", "ca.example", NULL, CAA_ISSUEMAIL, "ca.example", "", "", "" },
		{ 0, "iodef", "mailto:sec@example.com", NULL, CAA_IODEF, "", "", "",
		  "example.com" },
		{ 0, "iodef", "http://iodef.example.com/", NULL, CAA_IODEF, "", "", "", "" },
		{ 0, "contactemail", "sec@example.com", NULL, CAA_CONTACTEMAIL, "", "", "",
		  "example.com" },
		{ 0, "contactphone", "+1 555", NULL, CAA_CONTACTPHONE, "", "", "", "" },
		{ 128, "tbs", "Unknown", NULL, CAA_UNKNOWN, "", "", "", "" },
		{ 0, "issue", "%%%%%", "\"%%%%%\" is not a CA's domain", 0, "", "", "", "" },
		{ 0, "issue", "ca_x.example", "is not a CA's domain", 0, "", "", "", "" },
		{ 0, "issue", "ca.example; foo", "\"foo\" at offset 13: a parameter is name=value",
		  0, "", "", "", "" },
		{ 0, "issue", "ca.example; a_b=1", "not a parameter name", 0, "", "", "", "" },
		{ 0, "issue", "ca.example; a=1 2", "a blank or control", 0, "", "", "", "" },
		{ 0, "iodef", "sec@example.com", "\"mailto:\" is missing", 0, "", "", "", "" },
		{ 0, "is-sue", "x", "letters and digits only (offset 3)", 0, "", "", "", "" },
	};
	struct arena a = { 0 };

	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		struct dns_rr rr = { .type = DNS_CAA };
		struct caa_property property;
		struct err err = { 0 };
		int code;

		rr.caa.flags = rows[i].flags;
		rr.caa.tag = str_of(rows[i].tag);
		rr.caa.value = str_of(rows[i].value);
		code = caa_read(&a, &rr, &property, &err);
		test_row("%s \"%s\": %s", rows[i].tag, rows[i].value, err.text);
		CHECK_INT(code, rows[i].error ? -EBADMSG : 0);
		if (code < 0) {
			CHECK(strstr(err.text, rows[i].error) != NULL);
			continue;
		}
		CHECK_INT(property.tag, rows[i].kind);
		CHECK_INT(property.is_critical, rows[i].flags == 128);
		CHECK_INT(caa_blocks(&property), rows[i].flags == 128 && !rows[i].kind);
		CHECK_STR(property.issuer, rows[i].issuer);
		CHECK_STR(property.account_uri, rows[i].account);
		CHECK_STR(property.validation_methods, rows[i].methods);
		CHECK_STR(property.contact_domain, rows[i].contact_domain);
	}
	arena_release(&a);
}

#define VALUE(literal) STR_INIT(literal)

TEST(svcb_parameters_are_well_formed_or_say_which_is_not)
{
	static const struct {
		uint16_t priority;
		struct dns_svcb_param params[3];
		size_t count;
		const char *error;
		size_t alpn, hints;
	} rows[] = {
		{ 0, { { 0 } }, 0, NULL, 0, 0 },
		{ 1, { { 1, VALUE("\2h2\2h3") }, { 3, VALUE("\x20\xfb") } }, 2, NULL, 2, 0 },
		{ 1, { { 0, VALUE("\0\1") }, { 1, VALUE("\2h2") } }, 2, NULL, 1, 0 },
		{ 1,
		  { { 4, VALUE("\xc0\0\2\1\xc0\0\2\2") }, { 6, VALUE("0123456789abcdef") } },
		  2,
		  NULL,
		  0,
		  3 },
		{ 1, { { 5, VALUE("\0\6\xfe\x0d\0\2ab") } }, 1, NULL, 0, 0 },
		{ 1, { { 1, VALUE("\2h2") }, { 2, VALUE("") } }, 2, NULL, 1, 0 },
		{ 1, { { 0, VALUE("\0\0") } }, 1, "mandatory: lists itself", 0, 0 },
		{ 1,
		  { { 0, VALUE("\0\3") }, { 1, VALUE("\2h2") } },
		  2,
		  "mandatory: lists a key",
		  0,
		  0 },
		{ 1, { { 0, VALUE("\0") } }, 1, "mandatory: not a list", 0, 0 },
		{ 1, { { 1, VALUE("") } }, 1, "alpn: is empty", 0, 0 },
		{ 1, { { 1, VALUE("\3h2") } }, 1, "alpn: a protocol id", 0, 0 },
		{ 1, { { 2, VALUE("") } }, 1, "no-default-alpn: stands without", 0, 0 },
		{ 1, { { 3, VALUE("1") } }, 1, "port: is not two", 0, 0 },
		{ 1, { { 4, VALUE("123") } }, 1, "ipv4hint: not a list", 0, 0 },
		{ 1, { { 5, VALUE("\0\6\xfe\x0d\0\3ab") } }, 1, "ech: a configuration", 0, 0 },
		{ 1, { { 3, VALUE("12") }, { 3, VALUE("12") } }, 2, "port: stands twice", 0, 0 },
		{ 1,
		  { { 3, VALUE("12") }, { 1, VALUE("\2h2") } },
		  2,
		  "alpn: the keys are not",
		  0,
		  0 },
		{ 1, { { 65535, VALUE("") } }, 1, "key65535: is reserved", 0, 0 },
	};
	struct arena a = { 0 };

	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		struct dns_rr rr = { .type = DNS_HTTPS };
		struct svcb_service service;
		struct err err = { 0 };
		int code;

		rr.svcb.priority = rows[i].priority;
		rr.svcb.params = rows[i].params;
		rr.svcb.param_count = rows[i].count;
		code = svcb_read(&a, &rr, &service, &err);
		test_row("row %zu: %s", i, err.text);
		CHECK_INT(code, rows[i].error ? -EBADMSG : 0);
		if (code < 0) {
			CHECK(strstr(err.text, rows[i].error) != NULL);
			continue;
		}
		CHECK_INT(service.is_alias, !rows[i].priority);
		CHECK_INT(service.alpn_count, rows[i].alpn);
		CHECK_INT(service.hint_count, rows[i].hints);
	}
	arena_release(&a);
}

TEST(svcb_records_that_did_not_parse_say_why)
{
	static const struct {
		struct str rdata;
		const char *error;
	} rows[] = {
		{ STR_INIT("\0\1\0\0\3\0\1x"), "port: is not two octets" },
		{ STR_INIT("\0\1\1a\0\0\3\0\2xy\0\1\0\3\2h2"),
		  "alpn: the keys are not in ascending order" },
		{ STR_INIT("\0\1\0\0\3\0\2x"), "a parameter is cut off" },
		{ STR_INIT("\0\1\2a"), "priority or target is cut off" },
		{ STR_INIT(""), "priority or target is cut off" },
	};
	struct arena a = { 0 };

	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		struct dns_rr rr = { .type = DNS_HTTPS, .rdata = rows[i].rdata };
		struct svcb_service service;
		struct err err = { 0 };

		dns_rr_parse(&a, &rr);
		test_row("row %zu", i);
		CHECK(rr.is_malformed);
		CHECK_INT(svcb_read(&a, &rr, &service, &err), -EBADMSG);
		test_row("row %zu: %s", i, err.text);
		CHECK(strstr(err.text, rows[i].error) != NULL);
	}
	arena_release(&a);
}

TEST(caa_records_that_did_not_parse_say_why)
{
	static const struct {
		struct str rdata;
		const char *error;
	} rows[] = {
		{ STR_INIT("\0\6is-sueca.example"),
		  "tag \"is-sue\": letters and digits only (offset 3)" },
		{ STR_INIT("\0\0ca.example"), "the tag is empty" },
		{ STR_INIT("\0\6iss"), "does not follow the CAA format" },
	};
	struct arena a = { 0 };

	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		struct dns_rr rr = { .type = DNS_CAA, .rdata = rows[i].rdata };
		struct caa_property property;
		struct err err = { 0 };

		dns_rr_parse(&a, &rr);
		test_row("row %zu", i);
		CHECK(rr.is_malformed);
		CHECK_INT(caa_read(&a, &rr, &property, &err), -EBADMSG);
		test_row("row %zu: %s", i, err.text);
		CHECK(strstr(err.text, rows[i].error) != NULL);
	}
	arena_release(&a);
}
