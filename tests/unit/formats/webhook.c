/* SPDX-License-Identifier: Apache-2.0 */
/* Secrets of webhooks, and addresses of mails. */
#include "formats/web/webhook.h"

#include "formats/mail/address.h"
#include "tests/test.h"

TEST(webhook_secrets_are_read_strictly)
{
	static const struct {
		const char *secret;
		int code;
		size_t len;
	} rows[] = {
		{ "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", 0, 24 },
		{ "whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=", 0, 32 },
		{ "whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", ERR_SYNTAX, 0 },
		{ "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", ERR_SYNTAX, 0 },
		{ "whsec_", ERR_LIMIT, 0 },
		{ "whsec_AAAA", ERR_LIMIT, 0 },
		{ "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\r\nX: y", ERR_SYNTAX, 0 },
		{ "", ERR_SYNTAX, 0 },
	};

	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		struct err err = { 0 };
		struct buf key;

		test_row("row %zu", i);
		buf_init(&key, NULL);
		CHECK_INT(webhook_secret_read(&key, str_of(rows[i].secret), &err), rows[i].code);
		CHECK_INT(key.len, rows[i].len);
		CHECK(!strstr(err.text, "MfKQ"));
		buf_release(&key);
	}
}

TEST(what_is_signed_is_id_time_and_body)
{
	struct buf out;

	buf_init(&out, NULL);
	webhook_content_put(&out, STR_LIT("msg_1"), 1614265330, STR_LIT("{\"test\": 2432232314}"));
	CHECK_STR(buf_str(&out), "msg_1.1614265330.{\"test\": 2432232314}");
	out.len = 0;
	webhook_secret_put(&out, STR_LIT("0123456789abcdef01234567"));
	CHECK_STR(buf_str(&out), "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3");
	buf_release(&out);
}

TEST(only_plain_addresses_get_mail)
{
	static const struct {
		const char *address;
		bool is_plain;
	} rows[] = {
		{ "it@example.com", true },
		{ "first.last+tag@sub.example.com", true },
		{ "o'neil@example.com", true },
		{ "a@[192.0.2.1]", true },
		{ "a@[IPv6:2001:db8::1]", true },
		{ "a@[2001:db8::1]", false },
		{ "a@[192.0.2.1", false },
		{ "it@localhost", false },
		{ "it@example.com.", false },
		{ "@example.com", false },
		{ "it@", false },
		{ "it", false },
		{ "", false },
		{ ".it@example.com", false },
		{ "i..t@example.com", false },
		{ "it.@example.com", false },
		{ "i t@example.com", false },
		{ "it@exa mple.com", false },
		{ "it@example.com\r\nBcc: x@example.org", false },
		{ "it@example.com\n", false },
		{ "it\r\n@example.com", false },
		{ "<it@example.com>", false },
		{ "IT <it@example.com>", false },
		{ "it@example.com,x@example.org", false },
		{ "\"i t\"@example.com", false },
		{ "it@-example.com", false },
		{ "it@ex_ample.com", false },
		{ "it@b\xc3\xbc"
		  "cher.example",
		  false },
		{ "it\xe2\x80\xae@example.com", false },
		{ "0123456789012345678901234567890123456789012345678901234567890123@example.com",
		  true },
		{ "01234567890123456789012345678901234567890123456789012345678901234@example.com",
		  false },
	};

	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		test_row("row %zu: %s", i, rows[i].address);
		CHECK(mail_address_is_plain(str_of(rows[i].address)) == rows[i].is_plain);
	}
	CHECK(!mail_address_is_plain(str_bytes("a\0b@example.com", 15)));
}
