/* SPDX-License-Identifier: Apache-2.0 */
/* Do questions and facts survive their keys and bytes, and does JSON show them? */
#include "facts/fact.h"

#include "base/desc.h"
#include "tests/test.h"

static struct arena arena;

static struct fact fact_of(const char *line)
{
	struct err err = { 0 };
	struct fact fact = { 0 };

	test_row("%s", line);
	CHECK_INT(fact_parse(&arena, str_of(line), &fact, &err), 0);
	return fact;
}

static struct str bytes_of(const struct fact *fact,
			   void (*encode)(struct buf *, const struct fact *))
{
	struct buf b;

	buf_init(&b, &arena);
	encode(&b, fact);
	return buf_str(&b);
}

static struct str key_of(const struct question *question)
{
	struct buf b;

	buf_init(&b, &arena);
	question_key(&b, question);
	return buf_str(&b);
}

static struct str json_of(const struct fact *fact)
{
	struct buf b;
	struct json w;

	buf_init(&b, &arena);
	json_init(&w, &b);
	fact_json(&w, fact);
	return buf_str(&b);
}

static const char *const lines[] = {
	"dns example.com MX secure 10 a.example.com. 20 b.example.com.",
	"dns a.example.com AAAA",
	"dns nx.example.com A !nxdomain authority example.com SOA a. b. 1 2 3 4 5",
	"dns example.com A !bogus ede=7 ede-text=\"signature expired\" why",
	"dns example.com TYPE65280 \\# 3 010203",
	"dns example.com MX \\# 1 00",
	"dns_at 192.0.2.53 example.com A tcp do 192.0.2.1 | additional a. AAAA 2001:db8::1",
	"dns_at 2001:db8::53 example.com A !timeout",
	"dns_at 192.0.2.53 example.com A was-tc other-source udp nsid=x cookie=01 edns-version=3",
	"axfr 192.0.2.53 example.com rcode=REFUSED",
	"axfr 192.0.2.53 example.com records=9 a. A 192.0.2.1",
};

TEST(facts_survive_their_bytes)
{
	for (size_t i = 0; i < ARRAY_COUNT(lines); i++) {
		struct fact fact = fact_of(lines[i]), loaded;
		struct str bytes;

		fact.seen_us = 1795376402000000;
		bytes = bytes_of(&fact, fact_encode);
		CHECK_INT(fact_decode(&arena, bytes, &loaded), 0);
		CHECK(str_eq(bytes_of(&loaded, fact_encode), bytes));
		CHECK(str_eq(json_of(&loaded), json_of(&fact)));
		CHECK(!loaded.answer == !fact.answer && loaded.seen_us == fact.seen_us);
		for (size_t cut = 0; cut < bytes.len;
		     cut++) /* read inside its bounds, or refused */
			(void)!fact_decode(&arena, str_first(bytes, cut), &loaded);
	}
	arena_release(&arena);
}

TEST(questions_survive_their_keys_and_differ_when_they_differ)
{
	struct str keys[ARRAY_COUNT(lines)];

	for (size_t i = 0; i < ARRAY_COUNT(lines); i++) {
		struct fact fact = fact_of(lines[i]);
		struct question question, copy = question_copy(&arena, &fact.question);

		keys[i] = key_of(&fact.question);
		CHECK_INT(question_from_key(&arena, keys[i], &question), 0);
		CHECK(str_eq(key_of(&question), keys[i]) && str_eq(key_of(&copy), keys[i]));
	}
	CHECK(!str_eq(keys[0], keys[1]));
	CHECK(str_eq(keys[9], keys[10]));
	CHECK(question_from_key(&arena, STR_NONE, &(struct question){ 0 }) == ERR_SYNTAX);
	CHECK(question_from_key(&arena, STR_LIT("\xff"), &(struct question){ 0 }) == ERR_VERSION);
	arena_release(&arena);
}

TEST(a_question_reads_as_people_write_it)
{
	static const struct {
		const char *line, *text;
	} rows[] = {
		{ "dns Example.com. mx", "dns example.com MX" },
		{ "dns_at 192.0.2.1 example.com SOA tcp do",
		  "dns_at 192.0.2.1 example.com SOA do tcp" },
		{ "dns_at 2001:DB8::1 . NS", "dns_at 2001:db8::1 . NS" },
		{ "axfr 192.0.2.1 example.com", "axfr 192.0.2.1 example.com" },
	};

	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		struct fact fact = fact_of(rows[i].line);
		struct buf text;

		buf_init(&text, &arena);
		question_text(&text, &fact.question);
		CHECK_STR(buf_str(&text), rows[i].text);
	}
	arena_release(&arena);
}

TEST(the_stable_form_knows_no_ttl_time_or_cookie)
{
	struct fact one = fact_of("dns_at 192.0.2.53 a. A ttl=300 cookie=01 size=99 192.0.2.1");
	struct fact two = fact_of("dns_at 192.0.2.53 a. A ttl=299 cookie=02 size=98 192.0.2.1");
	struct fact three = fact_of("dns_at 192.0.2.53 a. A ttl=300 cookie=01 size=99 192.0.2.2");

	two.seen_us = 5;
	CHECK(str_eq(bytes_of(&one, fact_encode_stable), bytes_of(&two, fact_encode_stable)));
	CHECK(!str_eq(bytes_of(&one, fact_encode_stable), bytes_of(&three, fact_encode_stable)));
	CHECK(!str_eq(bytes_of(&one, fact_encode), bytes_of(&two, fact_encode)));
	arena_release(&arena);
}

TEST(json_shows_question_answer_and_failure)
{
	struct fact fact =
		fact_of("dns example.com MX secure ttl=300 from=127.0.0.1 10 a.example.com.");

	fact.seen_us = 1795376402000000;
	CHECK_STR(json_of(&fact),
		  "{\"question\":{\"kind\":\"dns\",\"name\":\"example.com\",\"type\":\"MX\"},"
		  "\"seen\":\"2026-11-22T19:40:02Z\",\"from\":\"127.0.0.1\",\"rcode\":\"NOERROR\","
		  "\"recursion\":true,\"secure\":true,\"records\":[{\"name\":\"example.com\","
		  "\"type\":\"MX\",\"ttl\":300,\"data\":\"10 a.example.com.\"}],\"edns\":true,"
		  "\"edns_size\":1232,\"size\":69}");
	fact = fact_of("dns_at 192.0.2.53 example.com A tcp !timeout \"quoted\"");
	CHECK_STR(json_of(&fact),
		  "{\"question\":{\"kind\":\"dns_at\",\"server\":\"192.0.2.53\",\"name\":"
		  "\"example.com\",\"type\":\"A\",\"flags\":\"tcp\"},\"seen\":\"1970-01-01T00:00:"
		  "00Z\","
		  "\"from\":\"192.0.2.53\",\"failure\":\"timeout\",\"end\":\"theirs\",\"detail\":"
		  "\"\\\"quoted\\\"\"}");
	fact = fact_of("dns a. TXT no-ra no-opt ede=7 size=1 \"a\\\"b\\\\\" \"\\233\"");
	CHECK_STR(json_of(&fact),
		  "{\"question\":{\"kind\":\"dns\",\"name\":\"a\",\"type\":\"TXT\"},"
		  "\"seen\":\"1970-01-01T00:00:00Z\",\"rcode\":\"NOERROR\",\"secure\":false,"
		  "\"records\":[{\"name\":\"a\",\"type\":\"TXT\",\"ttl\":3600,\"data\":"
		  "\"\\\"a\\\\\\\"b\\\\\\\\\\\" "
		  "\\\"\\\\233\\\"\"}],\"extended_error\":\"7\",\"size\":1}");
	arena_release(&arena);
}

TEST(failures_have_words_and_ends)
{
	for (unsigned i = 0; i < FAILURE_COUNT; i++) {
		enum failure failure;

		CHECK_INT(failure_parse(str_of(failure_word((enum failure)i)), &failure), 0);
		CHECK_INT(failure, i);
	}
	CHECK(failure_end(FAILURE_TIMEOUT) == END_THEIRS &&
	      failure_end(FAILURE_BUDGET) == END_OURS);
	CHECK(failure_end((enum failure)200) == END_OURS);
	CHECK(failure_parse(STR_LIT("late"), &(enum failure){ 0 }) == ERR_SYNTAX);
}

TEST(bytes_that_are_no_fact_are_refused)
{
	static const struct str rows[] = {
		STR_INIT(""),             /* no question */
		STR_INIT("\x05\x00"),     /* an empty question */
		STR_INIT("\x05\x01\xff"), /* a kind of a newer version */
		STR_INIT("\x05\x01\x01"), /* an answer without a value */
		STR_INIT("\x19\x00"),     /* an answer before its question */
		STR_INIT("\x05\x7f\x01"), /* longer than it is */
	};

	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		struct fact fact;

		test_row("%zu", i);
		CHECK(fact_decode(&arena, rows[i], &fact) < 0);
	}
	arena_release(&arena);
}
