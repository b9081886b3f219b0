/* SPDX-License-Identifier: Apache-2.0 */
/* Do a stable form and a blob give back each fact exactly, and is the blob small where little changes? */
#include "facts/volatile.h"

#include "tests/test.h"

#include <glob.h>
#include <stdio.h>
#include <stdlib.h>

enum { LINES = 20000, LINE_BYTES = 16384, SPOILT = 2000 };

static struct str lines[LINES];
static size_t line_count;

static uint64_t luck;

static uint64_t draw(uint64_t below)
{
	luck = luck * 6364136223846793005u + 1442695040888963407u;
	return (luck >> 20) % below;
}

/* The facts of all vectors. */
static void read_vectors(struct arena *a)
{
	const char *checks = getenv("DSS_CHECKS");
	char *line = arena_alloc(a, LINE_BYTES);
	glob_t found;

	CHECK(checks);
	CHECK(glob(str_printf(a, "%s/*/*.vectors", checks).data, 0, NULL, &found) == 0);
	line_count = 0;
	for (size_t i = 0; i < found.gl_pathc; i++) {
		FILE *file = fopen(found.gl_pathv[i], "r");

		CHECK(file);
		while (fgets(line, LINE_BYTES, file) && line_count < LINES)
			if (str_starts(str_of(line), STR_LIT("dns")) ||
			    str_starts(str_of(line), STR_LIT("axfr")))
				lines[line_count++] = str_copy(a, str_trim(str_of(line)));
		fclose(file);
	}
	globfree(&found);
	CHECK(line_count > 1000);
}

/* ---- values that change by themselves ---- */

struct filler {
	struct arena *a;
	bool is_wild;
};

static struct str octets(struct arena *a)
{
	char *bytes = arena_alloc(a, 600);
	size_t len = draw(20) ? draw(20) : draw(600);

	for (size_t i = 0; i < len; i++)
		bytes[i] = (char)draw(256);
	return str_bytes(bytes, len);
}

/* Tame ones are as a scan sees them; wild ones anything that fits. */
static int fill(void *context, const void *leaf, enum desc_type type, void *at, size_t size)
{
	const struct filler *filler = context;
	bool is_wild = filler->is_wild && draw(2);
	uint64_t number = is_wild ? luck : draw(4) ? 3600 : draw(300);
	struct str bytes;

	switch (type) {
	case DESC_TIME:
		*(int64_t *)at =
			is_wild ? (int64_t)luck : 1795376402000000 + (int64_t)draw(20) * 100000;
		break;
	case DESC_STR:
	case DESC_BYTES:
		*(struct str *)at = is_wild ? octets(filler->a) : STR_NONE;
		break;
	case DESC_ADDRESS:
		bytes = STR_LIT("\x7f\0\0\1 0123456789abcdef");
		*(struct address *)at = is_wild && draw(2) ? address_ipv6(bytes.data)
					: draw(8)          ? address_ipv4(bytes.data)
							   : (struct address){ 0 };
		break;
	case DESC_BOOL:
		*(bool *)at = draw(2);
		break;
	default:
		memcpy(at, &number, size); /* little end first: the low octets */
		break;
	}
	return 0;
}

static size_t facts_make(struct arena *a, size_t count, bool is_wild, const struct fact **facts)
{
	struct filler filler = { a, is_wild };

	for (size_t i = 0; i < count; i++) {
		struct fact *fact = ARENA_NEW(a, struct fact);

		CHECK(fact_parse(a, lines[draw(line_count)], fact, NULL) == 0);
		CHECK(fact_volatile_walk(fact, fill, &filler) == 0);
		if (fact->question.kind == KIND_dns_at && draw(3))
			fact->from = fact->question.dns_at.server;
		facts[i] = fact;
	}
	return facts_order(a, facts, count);
}

static struct fact **stable_of(struct arena *a, const struct fact *const *facts, size_t count)
{
	struct fact **stable = arena_array(a, count, sizeof(struct fact *));

	for (size_t i = 0; i < count; i++) {
		struct buf bytes;

		buf_init(&bytes, a);
		fact_encode_stable(&bytes, facts[i]);
		stable[i] = ARENA_NEW(a, struct fact);
		CHECK(fact_decode(a, buf_str(&bytes), stable[i]) == 0);
	}
	return stable;
}

static struct str blob_of(struct arena *a, const struct fact *const *facts, size_t count)
{
	struct buf blob;

	buf_init(&blob, a);
	facts_encode_volatile(&blob, facts, count);
	return buf_str(&blob);
}

static struct str whole_of(struct arena *a, const struct fact *fact)
{
	struct buf bytes;

	buf_init(&bytes, a);
	fact_encode(&bytes, fact);
	return buf_str(&bytes);
}

/* ---- */

static void check_set(size_t count, bool is_wild)
{
	struct arena a = { 0 };
	const struct fact **facts = arena_array(&a, count, sizeof *facts);
	struct fact **stable;
	struct str blob;

	count = facts_make(&a, count, is_wild, facts);
	stable = stable_of(&a, facts, count);
	blob = blob_of(&a, facts, count);
	CHECK(facts_apply_volatile(blob, stable, count) == 0);
	for (size_t i = 0; i < count; i++)
		CHECK(str_eq(whole_of(&a, facts[i]), whole_of(&a, stable[i])));
	arena_release(&a);
}

TEST(stable_form_and_blob_give_back_each_fact)
{
	struct arena a = { 0 };

	read_vectors(&a);
	for (luck = 1; luck < 60; luck++) {
		uint64_t seed = luck;

		test_row("seed %llu", (unsigned long long)seed);
		check_set(draw(seed < 50 ? 40 : 400), seed & 1);
		luck = seed;
	}
	check_set(0, false);
	check_set(1, true);
	arena_release(&a);
}

TEST(every_fact_of_the_vectors_comes_back_alone)
{
	struct arena vectors = { 0 }, a = { 0 };
	struct filler filler = { &a, true };

	luck = 7;
	read_vectors(&vectors);
	for (size_t i = 0; i < line_count; i++) {
		struct fact fact;
		const struct fact *facts[] = { &fact };
		struct fact **stable;

		test_row("%.*s", STR(lines[i]));
		CHECK(fact_parse(&a, lines[i], &fact, NULL) == 0);
		CHECK(fact_volatile_walk(&fact, fill, &filler) == 0);
		stable = stable_of(&a, facts, 1);
		CHECK(facts_apply_volatile(blob_of(&a, facts, 1), stable, 1) == 0);
		CHECK(str_eq(whole_of(&a, &fact), whole_of(&a, stable[0])));
		arena_release(&a);
	}
	arena_release(&vectors);
}

TEST(a_blob_of_other_facts_or_none_is_refused_inside_its_bounds)
{
	struct arena vectors = { 0 };

	read_vectors(&vectors);
	for (luck = 1; luck < SPOILT; luck++) {
		uint64_t seed = luck;
		struct arena a = { 0 };
		const struct fact *facts[12];
		size_t count = facts_make(&a, draw(12) + 1, true, facts);
		struct fact **stable = stable_of(&a, facts, count);
		struct str blob = str_copy(&a, blob_of(&a, facts, count));
		size_t at = draw(blob.len);

		test_row("seed %llu", (unsigned long long)seed);
		((char *)(uintptr_t)blob.data)[at] ^= (char)(1 << draw(8));
		(void)!facts_apply_volatile(blob, stable, count);
		(void)!facts_apply_volatile(str_first(blob, at), stable, count);
		CHECK(facts_apply_volatile(STR_NONE, stable, count) < 0);
		CHECK(facts_apply_volatile(STR_LIT("\xff\xff\xff\xff\xff"), stable, count) < 0);
		arena_release(&a);
		luck = seed;
	}
	arena_release(&vectors);
}

TEST(the_blob_of_a_calm_scan_is_small)
{
	struct arena a = { 0 };
	const struct fact **facts = arena_array(&a, 100, sizeof *facts);
	size_t count;

	luck = 3;
	read_vectors(&a);
	count = facts_make(&a, 100, false, facts);
	CHECK(count > 30);
	CHECK(blob_of(&a, facts, count).len < count * 6); /* each fact has five leaves and more */
	arena_release(&a);
}

TEST(facts_stand_in_the_order_of_their_questions_each_once)
{
	static const char *const texts[] = { "dns example.com MX 10 a.",
					     "dns_at 192.0.2.1 example.com A 192.0.2.2",
					     "dns a.example.com A 192.0.2.1", "dns example.com A",
					     "dns example.com MX 20 b." };
	struct arena a = { 0 };
	struct fact all[ARRAY_COUNT(texts)];
	const struct fact *facts[ARRAY_COUNT(texts)], *again[ARRAY_COUNT(texts)];
	size_t count;

	for (size_t i = 0; i < ARRAY_COUNT(texts); i++) {
		CHECK(fact_parse(&a, str_of(texts[i]), &all[i], NULL) == 0);
		facts[i] = &all[i];
		again[ARRAY_COUNT(texts) - 1 - i] = &all[i];
	}
	count = facts_order(&a, facts, ARRAY_COUNT(texts));
	CHECK_INT(count, 4);
	CHECK_INT(facts_order(&a, again, ARRAY_COUNT(texts)), 4);
	for (size_t i = 0; i < count; i++) {
		struct buf one, other;

		buf_init(&one, &a);
		buf_init(&other, &a);
		question_key(&one, &facts[i]->question);
		question_key(&other, &again[i]->question);
		CHECK(str_eq(buf_str(&one), buf_str(&other)));
		CHECK(facts[i] != &all[4] && again[i] != &all[0]);
	}
	arena_release(&a);
}
