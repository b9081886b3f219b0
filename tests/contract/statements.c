/* SPDX-License-Identifier: Apache-2.0 */
/* Do statements take values and give columns as store/sql.h says, and fail as it says? */
#include "tests/contract/fixture.h"

/* Runs a closure on a fresh store; its code is returned, its words stay in the fixture. */
static int write_once(struct fixture *f, store_work *work, void *context)
{
	struct store *store = fixture_store(f);
	int code = store_write(store, work, context, &f->err);

	fixture_check(store);
	store_close(store);
	return code;
}

static const struct uuid some_id = { { 1, 2, 3, 0, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16 } };

static int put_and_get(struct store_tx *tx, void *context, struct err *err)
{
	struct sql q;

	TRY(sql_run(tx, err, ITEM_INSERT, SQL_INT(INT64_MIN), SQL_TEXT(STR_LIT("na\xc3\xafve")),
		    SQL_INT(INT64_MAX), SQL_NULL, SQL_ID(some_id)));
	TRY(sql_run(tx, err, ITEM_INSERT, SQL_INT(2), SQL_TEXT(STR_NONE), SQL_INT(0),
		    SQL_INT(INT64_MIN), SQL_BLOB(STR_NONE)));
	TRY(sql_run(tx, err, ITEM_INSERT, SQL_INT(3), SQL_TEXT(STR_LIT("c")), SQL_INT(1),
		    SQL_INT_OR_NULL(-1, -1), SQL_BLOB_OR_NULL(STR_NONE)));
	q = sql_query(tx, err, ITEM_GET, SQL_INT(INT64_MIN));
	CHECK_INT(sql_step(&q), 1);
	CHECK(sql_int(&q, 0) == INT64_MIN && sql_int(&q, 2) == INT64_MAX);
	CHECK_STR(sql_text(&q, 1), "na\xc3\xafve");
	CHECK(sql_is_null(&q, 3) && !sql_is_null(&q, 4));
	CHECK(uuid_eq(sql_id(&q, 4), some_id));
	CHECK_INT(sql_int_or(&q, 3, -7), -7);
	CHECK_INT(sql_step(&q), 0);
	q = sql_query(tx, err, ITEM_GET, SQL_INT(2));
	CHECK_INT(sql_one(&q), 0);
	CHECK(sql_text(&q, 1).len == 0 && sql_text(&q, 1).data);
	CHECK(!sql_is_null(&q, 4) && sql_view(&q, 4).len == 0);
	CHECK(!sql_bool(&q, 2));
	CHECK_INT(sql_end(&q), 0);
	q = sql_query(tx, err, ITEM_GET, SQL_INT(3));
	CHECK_INT(sql_one(&q), 0);
	CHECK(uuid_is_nil(sql_id(&q, 4)) && sql_bool(&q, 2) && sql_time(&q, 3) == 0);
	CHECK_INT(sql_int_in(&q, 0, 0, 3), 3);
	return sql_end(&q);
}

TEST(values_come_back_as_they_went_in)
{
	struct fixture f;

	fixture_open(&f);
	CHECK_INT(write_once(&f, put_and_get, NULL), 0);
	fixture_close(&f);
}

/* ---- what a closure may go on after ---- */

static int break_rules(struct store_tx *tx, void *context, struct err *err)
{
	struct item again = { 1, "other", 1 }, same = { 2, "one", 1 }, fine = { 3, "three", 3 };

	TRY(item_insert(tx, &(struct item){ 1, "one", 1 }, err));
	CHECK_INT(item_insert(tx, &again, err), -EEXIST);
	CHECK(strstr(err->text, fixture_is_postgres()
					? "ITEM_INSERT: duplicate key value violates unique "
					  "constraint \"item_pkey\""
					: "ITEM_INSERT: UNIQUE constraint failed: item.id"));
	CHECK_INT(item_insert(tx, &same, err), -EEXIST);
	CHECK(strstr(err->text, fixture_is_postgres() ? "item_name_key" : "item.name"));
	CHECK_INT(item_insert(tx, &(struct item){ 4, "four", -1 }, err), ERR_CONSTRAINT);
	CHECK_INT(
		sql_run(tx, err, ITEM_INSERT, SQL_INT(5), SQL_NULL, SQL_INT(1), SQL_NULL, SQL_NULL),
		ERR_CONSTRAINT);
	CHECK_INT(sql_run(tx, err, ITEM_INSERT, SQL_INT(5), SQL_TEXT(STR_LIT("five")),
			  SQL_TEXT(STR_LIT("no number")), SQL_NULL, SQL_NULL),
		  ERR_CONSTRAINT);
	CHECK_INT(sql_run(tx, err, ITEM_INSERT, SQL_INT(6), SQL_TEXT(STR_LIT("six")), SQL_INT(1),
			  SQL_INT(99), SQL_NULL),
		  ERR_REFERENCE);
	CHECK_INT(sql_change(tx, err, ITEM_DELETE, SQL_INT(99)), -ENOENT);
	CHECK_INT(sql_run(tx, err, ITEM_DELETE, SQL_INT(99)), 0);
	return item_insert(tx, &fine, err);
}

TEST(after_a_broken_rule_the_closure_goes_on)
{
	struct fixture f;
	struct store *store;

	fixture_open(&f);
	CHECK_INT(write_once(&f, break_rules, NULL), 0);
	store = fixture_store(&f);
	CHECK_INT(fixture_count(store), 2);
	store_close(store);
	fixture_close(&f);
}

/* ---- what spoils the transaction, whatever the closure says after ---- */

static int misread(struct store_tx *tx, void *context, struct err *err)
{
	struct sql q SQL_CLOSED = sql_query(tx, err, ITEM_GET, SQL_INT(1));
	int which = *(int *)context;

	TRY(sql_one(&q));
	switch (which) {
	case 0:
		return sql_int(&q, 1) ? 0 : 0; /* it is text */
	case 1:
		return sql_text(&q, 0).len ? 0 : 0;
	case 2:
		return sql_int(&q, 3) ? 0 : 0; /* NULL */
	case 3:
		return sql_int_in(&q, 2, 0, 9) ? 0 : 0; /* 10 */
	case 4:
		return sql_bool(&q, 2) ? 0 : 0;
	case 5:
		return sql_int(&q, 5) ? 0 : 0; /* no such column */
	case 6:
		return uuid_is_nil(sql_id(&q, 4)) ? 0 : 0; /* three octets */
	case 7:
		CHECK_INT(sql_end(&q), 0);
		return sql_int(&q, 0) ? 0 : 0; /* no row any more */
	default:
		return 1;
	}
}

static int misread_after_write(struct store_tx *tx, void *context, struct err *err)
{
	struct sql q SQL_CLOSED = sql_query(tx, err, ITEM_REAL);
	int code;

	TRY(sql_run(tx, err, ITEM_INSERT, SQL_INT(1), SQL_TEXT(STR_LIT("one")), SQL_INT(10),
		    SQL_NULL, SQL_BLOB(STR_LIT("abc"))));
	if (*(int *)context >= 0)
		return misread(tx, context, err);
	TRY(sql_one(&q));
	CHECK(sql_int(&q, 0) == 0);
	CHECK_INT(sql_step(&q), ERR_CORRUPT);
	code = sql_run(tx, err, ITEM_DELETE, SQL_INT(1)); /* all that follows gives the same */
	CHECK_INT(code, ERR_CORRUPT);
	return 0;
}

TEST(a_column_that_is_not_as_wanted_spoils_the_transaction)
{
	static const char *const says[] = {
		"column 1: it is text, not an integer",
		"column 0: it is an integer, not text",
		"column 3: it is NULL",
		"column 2: 10 is not in 0 to 9",
		"column 2: 10 is not in 0 to 1",
		"column 5: no such column",
		"column 4: an id has 16 octets",
		"column 0: read without a row",
	};
	struct fixture f;

	for (int which = -1; which < (int)ARRAY_COUNT(says); which++) {
		struct store *store;

		test_row("%d", which);
		fixture_open(&f);
		CHECK_INT(write_once(&f, misread_after_write, &which), ERR_CORRUPT);
		if (which >= 0 && !strstr(f.err.text, says[which]))
			fail_msg("%s: %s", says[which], f.err.text);
		store = fixture_store(&f);
		CHECK_INT(fixture_count(store), 0);
		store_close(store);
		fixture_close(&f);
	}
}

static int run_defect(struct store_tx *tx, void *context, struct err *err)
{
	struct item first = { 1, "one", 1 };

	TRY(item_insert(tx, &first, err));
	switch (*(int *)context) {
	case 0:
		(void)!sql_run(tx, err, ITEM_BROKEN);
		break;
	case 1:
		(void)!sql_run(tx, err, ITEM_TWO);
		break;
	case 2:
		(void)!sql_run(tx, err, ITEM_STATEMENTS);
		break;
	case 3:
		(void)!sql_run(tx, err, ITEM_DELETE);
		break;
	case 4:
		(void)!sql_run(tx, err, ITEM_DELETE, SQL_INT(1), SQL_INT(2));
		break;
	default:
		break;
	}
	return 0;
}

TEST(a_defect_of_ours_commits_nothing)
{
	const bool is_postgres = fixture_is_postgres();
	const char *const says[] = { is_postgres ? "ITEM_BROKEN: syntax error at or near \"WHERE\""
						 : "ITEM_BROKEN: near \"FROM\"",
				     is_postgres ? "ITEM_TWO: cannot insert multiple commands"
						 : "ITEM_TWO: not exactly one",
				     "statement 11: there is none",
				     "ITEM_DELETE: 1 values wanted, 0 given",
				     "ITEM_DELETE: 1 values wanted, 2 given" };
	struct fixture f;

	fixture_open(&f);
	for (int which = 0; which < (int)ARRAY_COUNT(says); which++) {
		struct store *store = fixture_store(&f);

		test_row("%s", says[which]);
		CHECK_INT(store_write(store, run_defect, &which, &f.err), -EINVAL);
		if (!strstr(f.err.text, says[which]))
			fail_msg("%s", f.err.text);
		CHECK_INT(fixture_count(store), 0);
		store_close(store);
	}
	fixture_close(&f);
}

/* ---- cursors ---- */

static int nest(struct store_tx *tx, void *context, struct err *err)
{
	struct sql outer SQL_CLOSED = sql_query(tx, err, ITEM_ALL);
	int64_t pairs = 0;
	int code;

	for (code = sql_step(&outer); code > 0; code = sql_step(&outer)) {
		struct sql inner SQL_CLOSED = sql_query(tx, err, ITEM_ALL);

		while (sql_step(&inner) > 0)
			pairs += sql_int(&inner, 0) <= sql_int(&outer, 0);
	}
	*(int64_t *)context = pairs;
	return code;
}

static int leave_open(struct store_tx *tx, void *context, struct err *err)
{
	struct sql q = sql_query(tx, err, ITEM_ALL), other = sql_query(tx, err, ITEM_ALL);
	struct item item = { 10, "ten", 10 };

	CHECK(sql_step(&q) == 1 && sql_step(&other) == 1);
	TRY(item_insert(tx, &item, err));
	return *(int *)context;
}

TEST(a_statement_may_run_within_itself_and_may_be_left_open)
{
	struct fixture f;
	struct store *store;
	int64_t pairs = 0;

	fixture_open(&f);
	store = fixture_store(&f);
	for (int64_t i = 1; i <= 4; i++) {
		char name[8];
		struct item item = { i, name, i };

		snprintf(name, sizeof name, "%d", (int)i);
		CHECK_INT(store_write(store, item_insert, &item, &f.err), 0);
	}
	CHECK_INT(store_read(store, nest, &pairs, &f.err), 0);
	CHECK_INT(pairs, 10);
	CHECK_INT(store_write(store, leave_open, &(int){ -ECANCELED }, &f.err), -ECANCELED);
	CHECK_INT(fixture_count(store), 4);
	CHECK_INT(store_write(store, leave_open, &(int){ 0 }, &f.err), 0);
	CHECK_INT(fixture_count(store), 5);
	store_close(store);
	fixture_close(&f);
}

static int add_returning(struct store_tx *tx, void *context, struct err *err)
{
	return sql_number(tx, err, context, ITEM_ADD, SQL_TEXT(STR_LIT("added")), SQL_INT(1));
}

TEST(returning_gives_the_number_of_a_row_that_stays)
{
	struct fixture f;
	struct store *store;
	int64_t id = 0;

	fixture_open(&f);
	store = fixture_store(&f);
	CHECK_INT(store_write(store, add_returning, &id, &f.err), 0);
	CHECK_INT(id, 1);
	CHECK_INT(fixture_count(store), 1);
	CHECK_INT(store_read(store, add_returning, &id, &f.err), -EROFS);
	store_close(store);
	fixture_close(&f);
}

/* ---- what is asked before it is needed ---- */

static int foresee_items(struct store_tx *tx, void *context, struct err *err)
{
	struct sql q;
	int64_t id;

	TRY(item_insert(tx, &(struct item){ 1, "one", 1 }, err));
	for (int i = 0; i < 2; i++) /* the same twice is once */
		TRY(sql_foresee(tx, err, ITEM_GET, SQL_INT(1)));
	TRY(sql_foresee(tx, err, ITEM_GET, SQL_INT(2)));
	TRY(sql_foresee(tx, err, ITEM_GET, SQL_INT(3))); /* nobody asks for it */
	CHECK_INT(sql_number(tx, err, &id, ITEM_GET, SQL_INT(2)), -ENOENT);
	for (int i = 0; i < 2; i++) { /* it may be asked more than once */
		q = sql_query(tx, err, ITEM_GET, SQL_INT(1));
		CHECK_INT(sql_one(&q), 0);
		CHECK_STR(sql_text(&q, 1), "one");
		CHECK_INT(sql_end(&q), 0);
	}
	TRY(item_insert(tx, &(struct item){ 2, "two", 2 }, err));
	sql_forget(tx, ITEM_GET, SQL_INT(2));
	CHECK_INT(sql_number(tx, err, &id, ITEM_GET, SQL_INT(2)), 0);
	CHECK_INT(id, 2);
	return 0;
}

static int foresee_change(struct store_tx *tx, void *context, struct err *err)
{
	int64_t id;

	CHECK_INT(sql_number(tx, err, &id, ITEM_GET, SQL_INT(2)), 0); /* not what was said before */
	TRY(sql_foresee(tx, err, ITEM_DELETE, SQL_INT(1)));
	TRY(sql_foresee(tx, err, ITEM_DELETE, SQL_INT(99)));
	CHECK_INT(sql_run(tx, err, ITEM_DELETE, SQL_INT(1)), 1);
	CHECK_INT(sql_run(tx, err, ITEM_DELETE, SQL_INT(1)), 0);
	CHECK_INT(sql_run(tx, err, ITEM_DELETE, SQL_INT(99)), 0);
	return 0;
}

/* One that breaks a rule, between others that were sent and not asked for. */
static int foresee_around_a_broken_rule(struct store_tx *tx, void *context, struct err *err)
{
	int64_t id;

	TRY(sql_foresee(tx, err, ITEM_GET, SQL_INT(2)));
	CHECK_INT(item_insert(tx, &(struct item){ 2, "again", 1 }, err), -EEXIST);
	TRY(sql_foresee(tx, err, ITEM_GET, SQL_INT(3)));
	CHECK_INT(sql_number(tx, err, &id, ITEM_GET, SQL_INT(2)), 0);
	CHECK_INT(sql_number(tx, err, &id, ITEM_GET, SQL_INT(3)), -ENOENT);
	return item_insert(tx, &(struct item){ 3, "three", 3 }, err);
}

TEST(what_was_foreseen_is_answered_as_what_is_asked)
{
	struct fixture f;
	struct store *store;

	fixture_open(&f);
	store = fixture_store(&f);
	CHECK_INT(store_write(store, foresee_items, NULL, &f.err), 0);
	CHECK_INT(store_write(store, foresee_change, NULL, &f.err), 0);
	CHECK_INT(store_write(store, foresee_around_a_broken_rule, NULL, &f.err), 0);
	CHECK_INT(fixture_count(store), 2);
	store_close(store);
	fixture_close(&f);
}

/* ---- sure of it ---- */

static int delete_surely(struct store_tx *tx, void *context, struct err *err)
{
	TRY(item_insert(tx, &(struct item){ 7, "seven", 1 }, err));
	return sql_sure(tx, err, ITEM_DELETE, SQL_INT(*(int *)context));
}

TEST(who_was_sure_and_is_wrong_leaves_nothing_behind)
{
	struct fixture f;
	struct store *store;
	int there = 7, not_there = 8;

	fixture_open(&f);
	store = fixture_store(&f);
	CHECK(store_write(store, delete_surely, &not_there, &f.err) < 0);
	CHECK_INT(fixture_count(store), 0);
	CHECK_INT(store_write(store, delete_surely, &there, &f.err), 0);
	CHECK_INT(fixture_count(store), 0);
	store_close(store);
	fixture_close(&f);
}
