/* SPDX-License-Identifier: Apache-2.0 */
/* Does the table of DNSSEC algorithms say what the registry says, and are keys measured rightly? */
#include "formats/dns/algorithm.h"
#include "tests/test.h"

static struct arena a;

TEST(the_registry_is_known)
{
	CHECK(dnssec_algorithm_of(13)->use == DNSSEC_RECOMMENDED);
	CHECK(dnssec_algorithm_of(13)->octets == 64);
	CHECK(dnssec_algorithm_of(5)->use == DNSSEC_MUST_NOT);
	CHECK(dnssec_algorithm_of(5)->validation == DNSSEC_RECOMMENDED);
	CHECK(dnssec_algorithm_of(10)->use == DNSSEC_NOT_RECOMMENDED);
	CHECK(!dnssec_algorithm_of(200));
	CHECK(dnssec_digest_of(1)->use == DNSSEC_MUST_NOT);
	CHECK(dnssec_digest_of(2)->octets == 32);
	CHECK(str_eq(dnssec_algorithm_text(&a, 77), STR_LIT("algorithm 77")));
	CHECK(str_eq(dnssec_digest_text(&a, 4), STR_LIT("SHA-384")));
	arena_release(&a);
}

TEST(rsa_keys_are_measured)
{
	static const struct {
		const char *key;
		size_t len;
		unsigned bits;
	} rows[] = {
		{ "\3\1\0\1\x80\0", 6, 16 },  { "\3\1\0\1\0\1\0", 7, 9 },
		{ "\0\0\3\1\0\1\xff", 7, 8 }, { "\3\1\0\1", 4, 0 },
		{ "\0\xff\xff\1", 4, 0 },     { "\0", 1, 0 },
		{ "\0\0\0\1\1", 5, 0 },       { "\3\1\0\1\0\0", 6, 0 },
	};

	for (size_t i = 0; i < ARRAY_COUNT(rows); i++)
		CHECK(dnssec_rsa_bits(str_bytes(rows[i].key, rows[i].len)) == rows[i].bits);
}

TEST(a_revoked_key_has_another_tag)
{
	struct str text = STR_LIT("385 3 13 AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=");
	struct dns_rr rr = { .owner = STR_LIT("example.com"), .type = DNS_DNSKEY, .klass = 1 };
	struct err err = { 0 };

	CHECK(dns_rdata_parse(&a, &text, &rr, &err) == 0);
	CHECK(rr.dnskey.flags & DNSKEY_REVOKED);
	CHECK(dnskey_tag_with(&rr, rr.dnskey.flags) == rr.dnskey.key_tag);
	CHECK(dnskey_tag_with(&rr, 257) == rr.dnskey.key_tag - 128);
	arena_release(&a);
}
