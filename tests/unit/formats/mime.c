/* SPDX-License-Identifier: Apache-2.0 */
/* How are fields and bodies of mails written? RFC 5322, RFC 2045, RFC 2047. */
#include "formats/mail/mime.h"
#include "tests/test.h"

TEST(a_field_stays_one_field)
{
	static const struct {
		const char *text, *field;
	} rows[] = {
		{ "hello", "Subject: hello\r\n" },
		{ "a\r\nBcc: x", "Subject: a  Bcc: x\r\n" },
		{ "a\nb", "Subject: a b\r\n" },
		{ "  a\t\t", "Subject: a\r\n" },
		{ "caf\xc3\xa9", "Subject: =?UTF-8?B?Y2Fmw6k=?=\r\n" },
		{ "=?utf-8?q?x?=", "Subject: =?UTF-8?B?PT91dGYtOD9xP3g/PQ==?=\r\n" },
		{ "1234567890 1234567890 1234567890 1234567890 1234567890 1234567890 1234567890",
		  "Subject: 1234567890 1234567890 1234567890 1234567890 1234567890 1234567890\r\n"
		  " 1234567890\r\n" },
		{ "\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9"
		  "\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9"
		  "x\xc3\xa9",
		  "Subject: "
		  "=?UTF-8?B?w6nDqcOpw6nDqcOpw6nDqcOpw6nDqcOpw6nDqcOpw6nDqcOpw6nDqXg=?=\r\n"
		  " =?UTF-8?B?w6k=?=\r\n" },
	};

	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		struct buf out;

		test_row("row %zu", i);
		buf_init(&out, NULL);
		mime_field_text(&out, "Subject", str_of(rows[i].text));
		CHECK_STR(buf_str(&out), rows[i].field);
		buf_release(&out);
	}
}

TEST(mailboxes_and_dates)
{
	const struct str both[] = { STR_LIT("a@example.org"), STR_LIT("b@example.org") };
	struct buf out;

	buf_init(&out, NULL);
	mime_field_mailbox(&out, "From", STR_LIT("D \"S\" \\ <x>"), both[0]);
	mime_field_mailbox(&out, "From", STR_NONE, both[0]);
	mime_field_mailbox(&out, "From", STR_LIT("\xc3\xa9\r\nX: y"), both[0]);
	mime_field_addresses(&out, "To", both, 2);
	mime_field_date(&out, 0);
	mime_field_date(&out, 1709208000ll * 1000000 + 999999);
	CHECK_STR(buf_str(&out), "From: \"D \\\"S\\\" \\\\ <x>\"\r\n <a@example.org>\r\n"
				 "From: a@example.org\r\n"
				 "From: =?UTF-8?B?w6kgIFg6IHk=?=\r\n <a@example.org>\r\n"
				 "To: a@example.org,\r\n b@example.org\r\n"
				 "Date: Thu, 01 Jan 1970 00:00:00 +0000\r\n"
				 "Date: Thu, 29 Feb 2024 12:00:00 +0000\r\n");
	buf_release(&out);
}

TEST(bodies_are_quoted_printable)
{
	static const struct {
		const char *text, *body;
	} rows[] = {
		{ "", "" },
		{ "a\nb\n", "a\r\nb\r\n" },
		{ "a \nb\t", "a=20\r\nb=09\r\n" },
		{ "=\xc3\xa9\r", "=3D=C3=A9=0D\r\n" },
		{ ".\nFrom x\n..", "=2E\r\n=46rom x\r\n=2E.\r\n" },
		{ "1234567890123456789012345678901234567890123456789012345678901234567890123456",
		  "1234567890123456789012345678901234567890123456789012345678901234567890123456\r"
		  "\n" },
		{ "12345678901234567890123456789012345678901234567890123456789012345678901234567",
		  "123456789012345678901234567890123456789012345678901234567890123456789012345=\r\n"
		  "67\r\n" },
		{ "123456789012345678901234567890123456789012345678901234567890123456789012345=",
		  "123456789012345678901234567890123456789012345678901234567890123456789012345=\r\n"
		  "=3D\r\n" },
	};

	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		struct buf out;

		test_row("row %zu", i);
		buf_init(&out, NULL);
		mime_quoted_printable(&out, str_of(rows[i].text));
		CHECK_STR(buf_str(&out), rows[i].body);
		buf_release(&out);
	}
}
