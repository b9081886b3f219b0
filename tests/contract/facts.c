/* SPDX-License-Identifier: Apache-2.0 */
/* Are facts and documents kept once by content, and do they come back as they were? */
#include "store/fact.h"
#include "tests/contract/rows.h"

static int keeps_sets(struct store_tx *tx, void *context, struct err *err)
{
	char large[5000];
	struct str first[3] = { STR_INIT(""), STR_INIT("short"), { large, sizeof large } },
		   other[2] = { STR_INIT("short"), STR_INIT("new") }, *got;
	int64_t set, same, different, none;
	size_t count;

	for (size_t i = 0; i < sizeof large; i++)
		large[i] = (char)(i * i >> 3);
	TRY(fact_set_put(tx, first, 3, &set, err));
	TRY(fact_set_put(tx, first, 3, &same, err));
	CHECK_INT(set, same);
	TRY(fact_set_put(tx, other, 2, &different, err));
	CHECK(set != different);
	TRY(fact_set_get(tx, set, &got, &count, err));
	CHECK_INT(count, 3);
	for (size_t i = 0; i < 3; i++)
		CHECK(str_eq(got[i], first[i]));
	TRY(fact_set_get(tx, different, &got, &count, err));
	CHECK(count == 2 && str_eq(got[0], other[0]) && str_eq(got[1], other[1]));
	TRY(fact_set_put(tx, NULL, 0, &none, err));
	TRY(fact_set_get(tx, none, &got, &count, err));
	CHECK_INT(count, 0);
	CHECK_INT(fact_set_get(tx, 99, &got, &count, err), -ENOENT);
	return 0;
}

TEST(a_set_of_facts_comes_back_and_equal_ones_are_one)
{
	rows_run(keeps_sets);
}

static int keeps_documents(struct store_tx *tx, void *context, struct err *err)
{
	struct str got, huge = { arena_zalloc(tx->a, FACT_BYTES + 1), FACT_BYTES };
	int64_t no, again;

	TRY(document_put(tx, huge, &no, err));
	TRY(document_get(tx, no, &got, err));
	CHECK(str_eq(got, huge));
	TRY(document_put(tx, huge, &again, err));
	CHECK_INT(again, no);
	TRY(document_put(tx, STR_NONE, &again, err));
	TRY(document_get(tx, again, &got, err));
	CHECK_INT(got.len, 0);
	huge.len++;
	CHECK_INT(document_put(tx, huge, &no, err), ERR_LIMIT);
	CHECK_INT(document_get(tx, 99, &got, err), -ENOENT);
	return 0;
}

TEST(a_document_comes_back_whatever_its_size)
{
	rows_run(keeps_documents);
}

TEST(damaged_content_is_said_to_be_damaged)
{
	static const struct str damaged[] = {
		STR_INIT(""),
		STR_INIT("\2abc"),
		STR_INIT("\1abc"),
		STR_INIT("\1\x28\xb5\x2f\xfd\x04\x58\x41\x00\x00"),
		STR_INIT("\1\x28\xb5\x2f\xfd\xe0\xff\xff\xff\xff\xff\xff\xff\x7f"),
	};
	struct arena a = { 0 };
	struct str got;

	for (size_t i = 0; i < ARRAY_COUNT(damaged); i++) {
		test_row("%zu", i);
		CHECK_INT(document_decode(&a, damaged[i], &got, NULL), ERR_CORRUPT);
	}
	arena_release(&a);
}
