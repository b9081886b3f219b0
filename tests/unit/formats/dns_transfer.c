/* SPDX-License-Identifier: Apache-2.0 */
/* Are keys of transfers, TSIG records and streams of zones read as they are? RFC 5936, RFC 8945. */
#include "formats/dns/tsig.h"
#include "formats/dns/walk.h"
#include "formats/dns/zone_stream.h"
#include "tests/test.h"

TEST(keys_are_read_in_every_form)
{
	static const struct {
		const char *text, *name, *algorithm, *secret; /* name NULL: none */
	} rows[] = {
		{ "key \"a.key\" { algorithm hmac-sha256; secret \"AAEC\"; };", "a.key",
		  "hmac-sha256", "\x00\x01\x02" },
		{ "// of BIND\nkey A.Key. {\n /* or\n so */ secret \"AAEC\"; # last\n algorithm "
		  "HMAC-SHA512;\n};\n",
		  "a.key", "hmac-sha512", "\x00\x01\x02" },
		{ "key:\n  - id: a.key\n    algorithm: hmac-sha384\n    secret: AAEC\n", "a.key",
		  "hmac-sha384", "\x00\x01\x02" },
		{ "key:\n\tname: \"a.key\"\n\talgorithm: hmac-sha224\n\tsecret: \"AAEC\"\n",
		  "a.key", "hmac-sha224", "\x00\x01\x02" },
		{ "key:\n - secret: AAEC\n   id: a.key # no algorithm\n", "a.key", "hmac-sha256",
		  "\x00\x01\x02" },
		{ "hmac-sha1:a.key:AAEC", "a.key", "hmac-sha1", "\x00\x01\x02" },
		{ "a.key:AAEC\n", "a.key", "hmac-sha256", "\x00\x01\x02" },
		{ "hmac-sha256.:a.key.:AAEC", "a.key", "hmac-sha256", "\x00\x01\x02" },
		{ "key a { secret \"//8A\"; };", "a", "hmac-sha256", "\xff\xff\x00" },
		{ "", NULL, NULL, NULL },
		{ "# nothing", NULL, NULL, NULL },
		{ "/* never ends", NULL, NULL, NULL },
		{ "key \"a", NULL, NULL, NULL },
		{ "key \"a\" { algorithm hmac-sha256; };", NULL, NULL, NULL },
		{ "key \"a\" { secret \"AAEC\"", "a", "hmac-sha256", "\x00\x01\x02" },
		{ "key \"a\" { secret \"AAE\"; };", NULL, NULL, NULL },
		{ "key \"a\" { secret \"\"; };", NULL, NULL, NULL },
		{ "key \"a\" { secret AAEC; }; key \"b\" { secret AAEC; };", NULL, NULL, NULL },
		{ "key \"a..b\" { secret AAEC; };", NULL, NULL, NULL },
		{ "key \"a\" { algorithm hmac-md5.sig-alg.reg.int; secret AAEC; };", NULL, NULL,
		  NULL },
		{ "key \"a\" { colour red; secret AAEC; };", NULL, NULL, NULL },
		{ "one:two:three:four", NULL, NULL, NULL },
		{ "secret:", NULL, NULL, NULL },
	};

	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		struct arena a = { 0 };
		struct tsig_key key = { 0 };
		struct err err = { 0 };
		int code = tsig_key_read(&a, str_of(rows[i].text), &key, &err);

		test_row("%s", rows[i].text);
		CHECK((code == 0) == (rows[i].name != NULL));
		CHECK((code < 0) == (err.text[0] != 0));
		CHECK(!strstr(err.text, "AAE"));
		if (code == 0) {
			CHECK_STR(key.name, rows[i].name);
			CHECK_STR(key.algorithm, rows[i].algorithm);
			CHECK(str_eq(key.secret, str_bytes(rows[i].secret, 3)));
		}
		arena_release(&a);
	}
}

/* A message with this many answers counted, without any. */
static void message_begin(struct buf *out, uint16_t answers, uint16_t additional)
{
	const uint8_t head[DNS_HEADER_BYTES] = { 0,
						 7,
						 0x84,
						 0,
						 0,
						 0,
						 (uint8_t)(answers >> 8),
						 (uint8_t)answers,
						 0,
						 0,
						 0,
						 (uint8_t)additional };

	buf_put(out, head, sizeof head);
}

static void record_put(struct buf *out, const char *owner, uint16_t type, struct str data)
{
	uint8_t name[DNS_NAME_WIRE_BYTES];
	int len = dns_name_to_wire(str_of(owner), name);
	const uint8_t fixed[] = { (uint8_t)(type >> 8),     (uint8_t)type,    0, 1, 0, 0, 0, 60,
				  (uint8_t)(data.len >> 8), (uint8_t)data.len };

	CHECK(len > 0);
	buf_put(out, name, (size_t)len);
	buf_put(out, fixed, sizeof fixed);
	buf_put_str(out, data);
}

static void soa_put(struct buf *out, uint8_t serial)
{
	const uint8_t data[22] = { 0, 0, 0, 0, 0, serial };

	record_put(out, "example", DNS_SOA, str_bytes(data, sizeof data));
}

static int take(struct zone_stream *stream, struct buf *message, struct buf *names)
{
	struct err err = { 0 };
	int code = zone_stream_take(stream, buf_str(message), names, &err);

	CHECK((code < 0) == (err.text[0] != 0));
	message->len = 0;
	return code;
}

TEST(a_record_of_tsig_is_what_was_put)
{
	struct tsig put = { .key = STR_LIT("a.key"),
			    .algorithm = STR_LIT("hmac-sha256"),
			    .signed_s = 0x123456789abc,
			    .fudge_s = 300,
			    .mac = STR_LIT("0123456789abcdef0123456789abcdef"),
			    .original_id = 7,
			    .error = TSIG_BADTIME,
			    .other = STR_LIT("123456") };
	struct arena a = { 0 };
	struct buf message, plain, again;
	struct tsig got;

	buf_init(&message, &a);
	buf_init(&again, &a);
	message_begin(&message, 1, 0);
	soa_put(&message, 1);
	CHECK_INT(tsig_read(&a, buf_str(&message), &got), 0);
	buf_init(&plain, &a);
	buf_put_str(&plain, buf_str(&message));
	CHECK_INT(tsig_put(&message, &put), 0);
	CHECK_INT(tsig_read(&a, buf_str(&message), &got), 1);
	CHECK_STR(got.key, "a.key");
	CHECK_STR(got.algorithm, "hmac-sha256");
	CHECK(got.signed_s == put.signed_s && got.fudge_s == 300 && got.original_id == 7);
	CHECK_INT(got.error, TSIG_BADTIME);
	CHECK(str_eq(got.mac, put.mac) && str_eq(got.other, put.other));
	CHECK_INT(got.start, plain.len);
	tsig_message_put(&again, buf_str(&message), &got);
	CHECK(str_eq(buf_str(&again), buf_str(&plain)));
	for (size_t len = 0; len < message.len; len++) /* none of its beginnings is one */
		CHECK_INT(tsig_read(&a, str_first(buf_str(&message), len), &got), ERR_SYNTAX);
	arena_release(&a);
}

TEST(names_of_a_zone_come_over_many_messages)
{
	struct zone_stream stream = { .zone = STR_LIT("example"), .id = 7 };
	struct arena a = { 0 };
	struct buf message, names;

	buf_init(&message, &a);
	buf_init(&names, &a);
	message_begin(&message, 3, 0);
	soa_put(&message, 1);
	record_put(&message, "example", DNS_NS, STR_LIT("\1a\0"));
	record_put(&message, "B.Example", DNS_NS, STR_LIT("\1a\0"));
	CHECK_INT(take(&stream, &message, &names), 0);
	message_begin(&message, 4, 0);
	record_put(&message, "b.example", DNS_NS, STR_LIT("\1b\0")); /* the same again */
	record_put(&message, "w.example", DNS_A, STR_LIT("\1\2\3\4"));
	record_put(&message, "*.c.example", DNS_NS, STR_LIT("\1b\0"));
	record_put(&message, "_s.example", DNS_NS, STR_LIT("\1b\0"));
	CHECK_INT(take(&stream, &message, &names), 0);
	message_begin(&message, 2, 0);
	record_put(&message, "a\\.b.example", DNS_NS, STR_LIT("\1b\0"));
	soa_put(&message, 1);
	CHECK_INT(take(&stream, &message, &names), 1);
	CHECK_STR(buf_str(&names), "b.example\na\\.b.example\n");
	CHECK(stream.is_complete && stream.records == 9 && stream.messages == 3 &&
	      stream.serial == 1);
	message_begin(&message, 1, 0);
	soa_put(&message, 1);
	CHECK_INT(take(&stream, &message, &names), ERR_SYNTAX);
	arena_release(&a);
}

TEST(a_zone_has_an_end)
{
	struct zone_stream stream = { .zone = STR_LIT("example"), .id = 7 };
	struct arena a = { 0 };
	struct buf message, names;

	buf_init(&message, &a);
	buf_init(&names, &a);
	message_begin(&message, 1, 0);
	soa_put(&message, 1);
	CHECK_INT(take(&stream, &message, &names), 0);
	stream.records = ZONE_STREAM_RECORDS - 1;
	message_begin(&message, 1, 0);
	record_put(&message, "b.example", DNS_NS, STR_LIT("\1b\0"));
	CHECK_INT(take(&stream, &message, &names), 0);
	message_begin(&message, 1, 0);
	record_put(&message, "c.example", DNS_NS, STR_LIT("\1b\0"));
	CHECK_INT(take(&stream, &message, &names), ERR_LIMIT);
	arena_release(&a);
}

TEST(records_are_walked_in_their_order)
{
	static const unsigned wanted[] = { DNS_SECTION_ANSWER, DNS_SECTION_ANSWER,
					   DNS_SECTION_ADDITIONAL };
	struct arena a = { 0 };
	struct dns_walked record;
	struct dns_walk walk;
	struct buf message;

	buf_init(&message, &a);
	message_begin(&message, 2, 1);
	record_put(&message, "a", DNS_A, STR_LIT("1234"));
	record_put(&message, "b", DNS_A, STR_LIT("1234"));
	record_put(&message, "c", DNS_A, STR_LIT(""));
	CHECK_INT(dns_walk_begin(&walk, buf_str(&message)), 0);
	for (size_t i = 0; i < ARRAY_COUNT(wanted); i++) {
		CHECK_INT(dns_walk_next(&walk, &record), 1);
		CHECK_INT(record.section, wanted[i]);
	}
	CHECK_INT(dns_walk_next(&walk, &record), 0);
	buf_put_char(&message, 0);
	CHECK_INT(dns_walk_begin(&walk, buf_str(&message)), 0);
	for (size_t i = 0; i < ARRAY_COUNT(wanted); i++)
		CHECK_INT(dns_walk_next(&walk, &record), 1);
	CHECK_INT(dns_walk_next(&walk, &record), ERR_SYNTAX); /* an octet behind the last */
	CHECK_INT(dns_walk_begin(&walk, STR_LIT("12345678901")), ERR_SYNTAX);
	arena_release(&a);
}
