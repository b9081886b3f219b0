/* SPDX-License-Identifier: Apache-2.0 */
/* Are DKIM key records read, and their keys measured, as RFC 6376 says? */
#include "formats/mail/dkim.h"
#include "formats/mail/dkim_selectors.h"
#include "tests/test.h"

/* RFC 6376 appendix C. */
#define RSA_1024                                                                                   \
	"MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDwIRP/UC3SBsEmGqZ9ZJW3/DkM"                         \
	"oGeLnQg1fWn7/zYtIxN2SnFCjxOCKG9v3b4jYfcTNh5ijSsq631uBItLa7od+v/R"                         \
	"tdC2UzJ1lWT947qR+Rcac2gbto/NMqJ0fzfVjH4OuKhitdY9tf6mcwGjaNBcWToI"                         \
	"MmPSPDdQPNUYckcQ2QIDAQAB"
#define RSA_2048                                                                                   \
	"MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEA9cKlXGlhqQzTq5xZPVEG2bIoZbFcR+"               \
	"m57a5tsz4i4qdERAQ9G8HJU0/P3RUZ0VK9iXG5U8TR8sgXlW1eQ9udkVV/D9AiNOh/"                       \
	"2fZXjOfFMX+"                                                                              \
	"0Fq6ody05Jf0Duio2t2ejo15o4SSfLS9VX8FvTwLv9wMtSgjZT3IaL6jmdlAP9nL1pJU9ryt41TLGnoUuIlAqkBa" \
	"mv0G+ee8/"                                                                                \
	"2znbphpPcJvyFS1MGdfEiPlENwqcDG0TybiSUrYodauMMbjr6qZSTJTPNJN9CJQG60a2iuHIDahaPaoIo8r1R3yN" \
	"2kRyHMHEkQfMvm78J9/10UpY/dxTMAELxSL46cxoezMpXKUhrwIDAQAB"
#define RSA_512_PKCS1                                                                              \
	"MEgCQQCyrpPllW/lrwNf6ot2Yr34A05BfI5frVj4XkWTu0puzqkfynNenxrsIYhoKoxNjL1SLlZgbx/"          \
	"AXZWU+RV8Zio1AgMBAAE="
/* RFC 8463 appendix A. */
#define ED25519 "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="

TEST(dkim_keys_are_measured)
{
	static const struct {
		const char *text;
		uint8_t type;
		unsigned bits;
		uint64_t exponent;
		bool is_pkcs1;
		const char *problem; /* NULL: none */
	} rows[] = {
		{ "v=DKIM1; k=rsa; p=" RSA_1024, DKIM_KEY_RSA, 1024, 65537, false, NULL },
		{ "p=" RSA_2048 ";", DKIM_KEY_RSA, 2048, 65537, false, NULL },
		{ "v=DKIM1;p=" RSA_512_PKCS1, DKIM_KEY_RSA, 512, 65537, true, NULL },
		{ "v=DKIM1; k=ed25519; p=" ED25519, DKIM_KEY_ED25519, 0, 0, false, NULL },
		{ "v=DKIM1; k=ed25519; p=" RSA_1024, DKIM_KEY_ED25519, 0, 0, false,
		  "holds 162 octets" },
		{ "v=DKIM1; k=rsa; p=" ED25519, DKIM_KEY_RSA, 0, 0, false, "does not decode" },
		{ "v=DKIM1; p=MIGf*", DKIM_KEY_RSA, 0, 0, false, "not base64" },
		{ "v=DKIM1; p=MIGf", DKIM_KEY_RSA, 0, 0, false, "does not decode" },
		{ "v=DKIM1; p=MAYCAQECAQA=", DKIM_KEY_RSA, 0, 0, false, "does not decode" },
		{ "v=DKIM1; k=dsa; p=MIGf", DKIM_KEY_OTHER, 0, 0, false, "k=dsa is no key type" },
		{ "v=DKIM1; p=", DKIM_KEY_RSA, 0, 0, false, NULL },
	};
	struct arena a = { 0 };

	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		struct dkim_key key;
		struct err err = { 0 };

		test_row("%s", rows[i].text);
		CHECK_INT(dkim_key_parse(&a, str_of(rows[i].text), &key, &err), 0);
		CHECK_INT(key.type, rows[i].type);
		CHECK(rows[i].problem ? str_find(key.key_problem, str_of(rows[i].problem)) >= 0
				      : !key.key_problem.len);
		if (rows[i].problem)
			continue;
		CHECK_INT(key.rsa_bits, rows[i].bits);
		CHECK_INT(key.rsa_exponent, rows[i].exponent);
		CHECK_INT(key.is_pkcs1, rows[i].is_pkcs1);
	}
	arena_release(&a);
}

TEST(dkim_records_are_refused_where_the_tag_list_is_broken)
{
	static const struct {
		const char *text;
		int code;
		const char *error;
	} rows[] = {
		{ "v=DKIM2; p=", -ENOMSG, "not DKIM1" },
		{ "v=spf1 -all", -ENOMSG, "not DKIM1" },
		{ "hello", -ENOMSG, "no DKIM key record" },
		{ "", -ENOMSG, "no DKIM key record" },
		{ "v=DKIM1; k=rsa", -EBADMSG, "p= is missing" },
		{ "k=rsa; v=DKIM1; p=", -EBADMSG, "v= at offset 8: it must be the first" },
		{ "v=DKIM1; p=; p=", -EBADMSG, "\"p\" at offset 14: the tag came before" },
		{ "v=DKIM1;; p=", -EBADMSG, "at offset 9: an empty tag" },
		{ "v=DKIM1; rsa; p=", -EBADMSG, "\"rsa\" at offset 10: a tag without" },
		{ "v=DKIM1; 1k=rsa; p=", -EBADMSG, "\"1k\" at offset 10: not a tag name" },
		{ "v=DKIM1; n=\x01; p=", -EBADMSG, "not allowed in a value" },
	};
	struct arena a = { 0 };

	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		struct dkim_key key;
		struct err err = { 0 };

		test_row("%s", rows[i].text);
		CHECK_INT(dkim_key_parse(&a, str_of(rows[i].text), &key, &err), rows[i].code);
		test_row("%s: %s", rows[i].text, err.text);
		CHECK(strstr(err.text, rows[i].error) != NULL);
	}
	arena_release(&a);
}

TEST(dkim_flags_are_read)
{
	struct arena a = { 0 };
	struct dkim_key key;

	CHECK_INT(dkim_key_parse(&a,
				 STR_LIT(" v = DKIM1 ; h = sha1 : x ; t = y : s ; s = tlsrpt ; "
					 "n=a note; p=\r\n " ED25519 "; k=ed25519 ;"),
				 &key, NULL),
		  0);
	CHECK(key.has_hashes && key.allows_sha1 && !key.allows_sha256);
	CHECK(key.is_testing && key.is_strict && !key.serves_mail && !key.is_revoked);
	CHECK_STR(key.notes, "a note");
	CHECK_INT(key.octets.len, 32);
	arena_release(&a);
}

TEST(one_dkim_key_is_picked_among_txt_records)
{
	static const struct {
		const char *texts[3];
		int code;
	} rows[] = {
		{ { "v=spf1 -all", "v=DKIM1; p=", "x" }, 0 },
		{ { "v=DKIM1; p=", "v=DKIM1; p=", "x" }, -EEXIST },
		{ { "v=spf1 -all", "x", "y" }, -ENOMSG },
		{ { "x", "v=DKIM1", "y" }, -EBADMSG },
	};
	struct arena a = { 0 };

	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		struct dns_rr rr[3] = { 0 };
		struct dns_answer answer = { .rr = rr, .count = 3 };
		struct dkim_key key;

		for (unsigned k = 0; k < 3; k++) {
			rr[k].type = DNS_TXT;
			rr[k].txt.text = str_of(rows[i].texts[k]);
		}
		test_row("%s, %s", rows[i].texts[0], rows[i].texts[1]);
		CHECK_INT(dkim_select(&a, &answer, &key, NULL), rows[i].code);
	}
	arena_release(&a);
}

TEST(known_dkim_selectors_make_names)
{
	size_t count;
	const struct str *selectors = dkim_selectors(&count);
	struct arena a = { 0 };

	CHECK(count >= 50);
	for (size_t i = 0; i < count; i++) {
		struct str name = str_printf(&a, "%.*s._domainkey.example.com", STR(selectors[i]));
		struct str parsed;

		test_row("%.*s", STR(selectors[i]));
		CHECK(dns_name_parse(&a, name, &parsed, NULL) == 0 && str_eq(name, parsed));
	}
	arena_release(&a);
}
