/* SPDX-License-Identifier: Apache-2.0 */
/* Are ids unique, ordered, and written as their standards say? */
#include "base/uuid.h"

#include "base/encode.h"
#include "tests/test.h"

#include <pthread.h>

/* ---- the text: the TypeID specification's published examples, version 0.3.0 ---- */

static const struct {
	const char *text, *prefix, *hex;
} valid[] = {
	{ "00000000000000000000000000", "", "00000000000000000000000000000000" },
	{ "00000000000000000000000001", "", "00000000000000000000000000000001" },
	{ "0000000000000000000000000a", "", "0000000000000000000000000000000a" },
	{ "0000000000000000000000000g", "", "00000000000000000000000000000010" },
	{ "00000000000000000000000010", "", "00000000000000000000000000000020" },
	{ "7zzzzzzzzzzzzzzzzzzzzzzzzz", "", "ffffffffffffffffffffffffffffffff" },
	{ "prefix_0123456789abcdefghjkmnpqrs", "prefix", "0110c8531d0952d8d73e1194e95b5f19" },
	{ "prefix_01h455vb4pex5vsknk084sn02q", "prefix", "01890a5dac96774bbcceb302099a8057" },
	{ "pre_fix_00000000000000000000000000", "pre_fix", "00000000000000000000000000000000" },
};

TEST(published_ids_are_read_and_written)
{
	struct arena a = { 0 };

	for (size_t i = 0; i < ARRAY_COUNT(valid); i++) {
		struct buf hex;
		struct uuid id;

		test_row("%s", valid[i].text);
		CHECK_INT(id_parse(str_of(valid[i].text), valid[i].prefix, &id, NULL), 0);
		buf_init(&hex, &a);
		hex_put(&hex, str_bytes(id.octets, sizeof id.octets));
		CHECK_STR(buf_str(&hex), valid[i].hex);
		CHECK_STR(id_text(&a, valid[i].prefix, id), valid[i].text);
	}
	arena_release(&a);
}

static const struct {
	const char *text, *prefix, *says;
} invalid[] = {
	/* of the specification, each read with the prefix that it is nearest to */
	{ "PREFIX_00000000000000000000000000", "prefix", "must begin with \"prefix_\"" },
	{ "12345_00000000000000000000000000", "prefix", "must begin with" },
	{ "pre.fix_00000000000000000000000000", "prefix", "must begin with" },
	{ "pr\xc3\xa9"
	  "fix_00000000000000000000000000",
	  "prefix", "must begin with" },
	{ "  prefix_00000000000000000000000000", "prefix", "must begin with" },
	{ "_00000000000000000000000000", "", "27 characters, there must be 26" },
	{ "_", "", "1 characters, there must be 26" },
	{ "prefix_1234567890123456789012345", "prefix", "25 characters after \"prefix_\"" },
	{ "prefix_123456789012345678901234567", "prefix", "27 characters after" },
	{ "prefix_1234567890123456789012345 ", "prefix", "character 33 is none of" },
	{ "prefix_0123456789ABCDEFGHJKMNPQRS", "prefix", "character 18 is none of" },
	{ "prefix_123456789-123456789-123456", "prefix", "character 17 is none of" },
	{ "prefix_ooooooiiiiiiuuuuuuulllllll", "prefix", "character 8 is none of" },
	{ "prefix_i23456789ol23456789oi23456", "prefix", "character 8 is none of" },
	{ "prefix_123456789-0123456789-0123456", "prefix", "28 characters after" },
	{ "prefix_8zzzzzzzzzzzzzzzzzzzzzzzzz", "prefix", "more than 128 bits" },
	{ "_prefix_00000000000000000000000000", "prefix", "must begin with" },
	{ "prefix__00000000000000000000000000", "prefix", "27 characters after" },
	/* ours */
	{ "", "", "0 characters, there must be 26" },
	{ "scn", "scn", "must begin with \"scn_\"" },
	{ "scn_", "scn", "0 characters after \"scn_\"" },
	{ "dom_01h455vb4pex5vsknk084sn02q", "scn", "must begin with \"scn_\"" },
	{ "scn01h455vb4pex5vsknk084sn02q", "scn", "must begin with \"scn_\"" },
};

TEST(what_is_no_id_is_refused_with_the_reason)
{
	const struct uuid before = { { 42 } };

	for (size_t i = 0; i < ARRAY_COUNT(invalid); i++) {
		struct uuid id = before;
		struct err err = { 0 };

		test_row("%s: %s", invalid[i].text, invalid[i].says);
		CHECK_INT(id_parse(str_of(invalid[i].text), invalid[i].prefix, &id, &err),
			  ERR_SYNTAX);
		CHECK(strstr(err.text, invalid[i].says));
		CHECK(uuid_eq(id, before));
	}
}

TEST(a_nul_octet_is_no_digit)
{
	static const char text[] = "scn_01h455vb4pex5vsk\0k084sn02q";
	struct uuid id;

	CHECK_INT(id_parse(str_bytes(text, sizeof text - 1), "scn", &id, NULL), ERR_SYNTAX);
}

TEST(random_ids_survive_their_text_and_keep_their_order)
{
	char before[ID_TEXT_BYTES] = "", text[ID_TEXT_BYTES];

	for (int i = 0; i < 10000; i++) {
		struct uuid id = uuid_new(1700000000000000 + i * (int64_t)37), back;

		id_format(text, "evt", id);
		CHECK_INT(id_parse(str_of(text), "evt", &back, NULL), 0);
		CHECK(uuid_eq(id, back));
		CHECK(strcmp(before, text) < 0);
		memcpy(before, text, sizeof text);
	}
}

/* ---- making ---- */

TEST(an_id_has_version_variant_and_time)
{
	/* RFC 9562 appendix A.6: 2022-02-22 14:22:22.00 GMT-05:00 */
	const int64_t of_appendix = 1645557742000000;
	const struct uuid example = { { 0x01, 0x7f, 0x22, 0xe2, 0x79, 0xb0, 0x7c, 0xc3, 0x98, 0xc4,
					0xdc, 0x0c, 0x0c, 0x07, 0x39, 0x8f } };
	/* later than what any test of this program made before */
	int64_t at = uuid_time_us(uuid_new(0)) / 1000 * 1000 + 5000000;

	CHECK_INT(uuid_time_us(example) / 1000, of_appendix / 1000);
	for (int i = 0; i < 1000; i++, at += 1001) {
		struct uuid id = uuid_new(at);

		test_row("%lld", (long long)at);
		CHECK_INT(id.octets[6] >> 4, 7);
		CHECK_INT(id.octets[8] >> 6, 2);
		CHECK_INT(uuid_time_us(id), at);
	}
}

TEST(a_clock_that_stands_or_goes_back_does_not_break_the_order)
{
	struct uuid first = uuid_new(0), last = first;
	int64_t at = uuid_time_us(first);
	const int64_t times[] = { at, at, at - 1, at - 3600 * 1000000LL, 0, -1, INT64_MIN, at + 5 };

	for (size_t i = 0; i < ARRAY_COUNT(times); i++) {
		struct uuid id = uuid_new(times[i]);

		test_row("%zu", i);
		CHECK(uuid_cmp(last, id) < 0);
		last = id;
	}
	CHECK(uuid_time_us(last) - at < 1000);
}

enum { THREADS = 4, EACH = 20000 };

static void *make_ids(void *arg)
{
	struct uuid *ids = arg;

	for (size_t i = 0; i < EACH; i++)
		ids[i] = uuid_new(1700000000000000);
	return NULL;
}

static int by_octets(const void *a, const void *b)
{
	return memcmp(a, b, UUID_BYTES);
}

TEST(threads_make_no_id_twice_and_each_sees_its_own_in_order)
{
	static struct uuid ids[THREADS * EACH];
	pthread_t threads[THREADS];

	for (size_t i = 0; i < THREADS; i++)
		CHECK_INT(pthread_create(&threads[i], NULL, make_ids, ids + i * EACH), 0);
	for (size_t i = 0; i < THREADS; i++)
		CHECK_INT(pthread_join(threads[i], NULL), 0);
	for (size_t i = 0; i < THREADS * EACH; i++)
		CHECK(i % EACH == 0 || uuid_cmp(ids[i - 1], ids[i]) < 0);
	qsort(ids, THREADS * EACH, sizeof ids[0], by_octets);
	for (size_t i = 1; i < THREADS * EACH; i++) /* even without their random bits */
		CHECK(memcmp(ids[i - 1].octets, ids[i].octets, 8) < 0);
}
