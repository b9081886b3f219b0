/* SPDX-License-Identifier: Apache-2.0 */
/* Do octets survive their text forms, and is what is not such a form refused? */
#include "base/encode.h"

#include "base/err.h"
#include "tests/test.h"

/* RFC 4648 section 10. */
static const struct {
	const char *octets, *hex, *base64, *base32hex;
} rows[] = {
	{ "", "", "", "" },
	{ "f", "66", "Zg==", "co" },
	{ "fo", "666f", "Zm8=", "cpng" },
	{ "foo", "666f6f", "Zm9v", "cpnmu" },
	{ "foob", "666f6f62", "Zm9vYg==", "cpnmuog" },
	{ "fooba", "666f6f6261", "Zm9vYmE=", "cpnmuoj1" },
	{ "foobar", "666f6f626172", "Zm9vYmFy", "cpnmuoj1e8" },
};

static void check_code(struct str octets, const char *text, void (*put)(struct buf *, struct str),
		       int (*read)(struct buf *, struct str))
{
	struct arena a = { 0 };
	struct buf written, back;

	buf_init(&written, &a);
	buf_init(&back, &a);
	put(&written, octets);
	CHECK_STR(buf_str(&written), text);
	CHECK_INT(read(&back, buf_str(&written)), 0);
	CHECK(str_eq(buf_str(&back), octets));
	arena_release(&a);
}

TEST(octets_survive_their_text_forms)
{
	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		struct str octets = str_of(rows[i].octets);

		test_row("%s", rows[i].octets);
		check_code(octets, rows[i].hex, hex_put, hex_read);
		check_code(octets, rows[i].base64, base64_put, base64_read);
		check_code(octets, rows[i].base32hex, base32hex_put, base32hex_read);
	}
	check_code((struct str){ "\xff\x00\x80", 3 }, "ff0080", hex_put, hex_read);
	check_code((struct str){ "\xff\xfe\xfd", 3 }, "//79", base64_put, base64_read);
}

TEST(what_is_no_code_is_refused)
{
	static const char *const no_hex[] = { "6", "6g", "66 ", "6v" };
	static const char *const no_base64[] = { "Z",    "Zg",       "Zg=",  "Zh==", "Z===",
						 "====", "Zg==Zg==", "Z-8=", "Zm 9v" };
	static const char *const no_base32hex[] = { "c", "cp", "cow", "cpnmu===", "\xff\xff" };
	struct arena a = { 0 };
	struct buf b;

	buf_init(&b, &a);
	for (size_t i = 0; i < ARRAY_COUNT(no_hex); i++) {
		test_row("%s", no_hex[i]);
		CHECK(hex_read(&b, str_of(no_hex[i])) == ERR_SYNTAX);
	}
	for (size_t i = 0; i < ARRAY_COUNT(no_base64); i++) {
		test_row("%s", no_base64[i]);
		CHECK(base64_read(&b, str_of(no_base64[i])) == ERR_SYNTAX);
	}
	for (size_t i = 0; i < ARRAY_COUNT(no_base32hex); i++) {
		test_row("%s", no_base32hex[i]);
		CHECK(base32hex_read(&b, str_of(no_base32hex[i])) == ERR_SYNTAX);
	}
	arena_release(&a);
}
