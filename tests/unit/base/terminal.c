/* SPDX-License-Identifier: Apache-2.0 */
/* Are foreign bytes inert on a terminal, and readable where they may be? */
#include "base/terminal.h"
#include "tests/test.h"

TEST(hostile_bytes_are_shown_not_obeyed)
{
	static const struct {
		struct str in;
		const char *out;
	} rows[] = {
		{ STR_INIT("plain text 1.5"), "plain text 1.5" },
		{ STR_INIT("\033[31mred\a"), "\\x1B[31mred\\x07" },
		{ STR_INIT("two\nlines\r\tend"), "two\\x0Alines\\x0D\\x09end" },
		{ STR_INIT("nul\0del\177"), "nul\\x00del\\x7F" },
		{ STR_INIT("b\xc3\xbc"
			   "cher \xe2\x82\xac"),
		  "b\xc3\xbc"
		  "cher \xe2\x82\xac" },
		{ STR_INIT("\xc2\x9b"
			   "31m"),
		  "\\u{009B}31m" },
		{ STR_INIT("\xe2\x80\xae"
			   "evil"),
		  "\\u{202E}evil" },
		{ STR_INIT("\xe2\x81\xa6x\xe2\x81\xa9"), "\\u{2066}x\\u{2069}" },
		{ STR_INIT("\xe2\x80\x8e\xe2\x80\x8f\xd8\x9c"), "\\u{200E}\\u{200F}\\u{061C}" },
		{ STR_INIT("\xff\xfe\x80"), "\\xFF\\xFE\\x80" },
		{ STR_INIT("\xc0\xaf"), "\\xC0\\xAF" },                   /* overlong '/' */
		{ STR_INIT("\xe0\x80\xaf"), "\\xE0\\x80\\xAF" },          /* overlong */
		{ STR_INIT("\xed\xa0\x80"), "\\u{D800}" },                /* surrogate */
		{ STR_INIT("\xf4\x90\x80\x80"), "\\xF4\\x90\\x80\\x80" }, /* beyond U+10FFFF */
		{ STR_INIT("cut \xe2\x82"), "cut \\xE2\\x82" },
		{ STR_INIT("\xf3\xa0\x80\xa1"), "\\u{E0021}" }, /* tag character */
		{ STR_INIT("\xf0\x9f\x98\x80"), "\xf0\x9f\x98\x80" },
	};
	struct arena a = { 0 };

	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		struct buf out;
		size_t columns;

		test_row("%s", rows[i].out);
		buf_init(&out, &a);
		columns = terminal_put(&out, rows[i].in);
		CHECK_INT(columns, terminal_columns(buf_str(&out)));
		CHECK_STR(buf_str(&out), rows[i].out);
	}
	arena_release(&a);
}

TEST(no_byte_sequence_gives_a_control)
{
	struct arena a = { 0 };
	struct buf out;
	char pair[3];

	buf_init(&out, &a);
	for (unsigned first = 0; first < 256; first++)
		for (unsigned second = 0; second < 256; second++) {
			pair[0] = (char)first;
			pair[1] = (char)second;
			pair[2] = '\200';
			terminal_put(&out, str_bytes(pair, 3));
		}
	for (size_t i = 0; i < out.len; i++) {
		unsigned char c = (unsigned char)out.data[i];

		CHECK(c >= 0x20 && c != 0x7f);
		if (c == 0xc2) /* C1 would be C2 80 to C2 9F */
			CHECK((unsigned char)out.data[i + 1] >= 0xa0);
	}
	arena_release(&a);
}

TEST(text_is_wrapped_at_spaces)
{
	struct arena a = { 0 };
	struct buf out;

	buf_init(&out, &a);
	terminal_wrap(&out, STR_LIT("one two three  four veryverylongword five"), 4, 2, 12);
	CHECK_STR(buf_str(&out), "one two\n  three four\n  veryverylongword\n  five");
	arena_release(&a);
}

TEST(a_log_line_is_one_line)
{
	struct arena a = { 0 };

	CHECK_STR(terminal_line(&a, "dss: ", STR_LIT("bad\nname")), "dss: bad\\x0Aname\n");
	arena_release(&a);
}
