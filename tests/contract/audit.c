/* SPDX-License-Identifier: Apache-2.0 */
/* Does the audit trail show every change of it? */
#include "tests/contract/rows.h"

#include "store/audit.h"
#include "store/workspace.h"

enum { ROWS = 20 };

static int write_rows(struct store_tx *tx, void *context, struct err *err)
{
	for (int i = 1; i <= ROWS; i++) {
		struct audit_row row = {
			.workspace = i % 3 ? WORKSPACE_DEFAULT : 7,
			.actor = STR_LIT("command"),
			.action = STR_LIT("domain.update"),
			.subject = str_printf(tx->a, "d%d.example", i),
			.before = i % 2 ? STR_LIT("{\"owner\":\"a\"}") : STR_NONE,
			.after = STR_LIT("{\"owner\":\"b\"}"),
		};

		TRY(audit_insert(tx, &row, err));
		CHECK_INT(row.sequence, i);
		CHECK_INT(row.hash.len, AUDIT_HASH_BYTES);
	}
	return 0;
}

struct verify {
	unsigned step;
	struct audit_walk walk;
	int steps;
};

static int verify(struct store_tx *tx, void *context, struct err *err)
{
	struct verify *v = context;
	bool is_end = false;

	v->walk = (struct audit_walk){ 0 };
	for (v->steps = 0; !is_end; v->steps++)
		TRY(audit_verify(tx, &v->walk, v->step, &is_end, err));
	return 0;
}

/* As somebody with the file and without us would. */
static void tamper(struct rows *rows, const char *text)
{
	fixture_ask(&rows->fixture, text);
}

TEST(a_changed_audit_row_is_found_at_its_place)
{
	static const struct {
		const char *text, *says;
		int64_t fits; /* rows before it */
	} rows[] = {
		{ "UPDATE audit SET after = '{\"owner\":\"c\"}' WHERE sequence = 7",
		  "row 7 was changed", 6 },
		{ "UPDATE audit SET before = NULL WHERE sequence = 1", "row 1 was changed", 0 },
		{ "UPDATE audit SET actor = 'commanddomain', action = '.update' WHERE sequence = 9",
		  "row 9 was changed", 8 },
		{ "UPDATE audit SET workspace = 8 WHERE sequence = 20", "row 20 was changed", 19 },
		{ "UPDATE audit SET at = at + 1 WHERE sequence = 12", "row 12 was changed", 11 },
		{ "UPDATE audit SET hash = substr(hash, 2) WHERE sequence = 12",
		  "row 12 was changed", 11 },
		{ "UPDATE audit SET hash = substr(hash, 1, 1) WHERE sequence = 12",
		  "row 12 was changed", 11 },
		{ "DELETE FROM audit WHERE sequence = 5", "row 5 is missing", 4 },
		{ "DELETE FROM audit WHERE sequence = 1", "row 1 is missing", 0 },
		{ "UPDATE audit SET sequence = 30 WHERE sequence = 20", "row 20 is missing", 19 },
		{ "INSERT INTO audit (sequence, workspace, at, actor, action, subject, hash) "
		  "VALUES (21, 1, 0, 'x', 'y', 'z', (SELECT hash FROM audit WHERE sequence = 1))",
		  "row 21 was changed", 20 },
	};

	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		struct verify v = { .step = 3 };
		struct rows store;

		test_row("%s", rows[i].text);
		rows_open(&store);
		rows_write(&store, write_rows, NULL, 0);
		rows_read(&store, verify, &v, 0);
		CHECK_INT(v.walk.rows, ROWS);
		CHECK_INT(v.steps, ROWS / 3 + 1);
		tamper(&store, rows[i].text);
		rows_read(&store, verify, &v, ERR_SYNTAX);
		if (!strstr(store.err.text, rows[i].says))
			fail_msg("%s", store.err.text);
		CHECK_INT(v.walk.sequence, rows[i].fits);
		rows_close(&store);
	}
}

TEST(rows_cut_off_at_the_end_are_seen_by_who_kept_the_last_hash)
{
	struct verify v = { .step = 1000 }, kept = { .step = 1000 };
	struct rows store;

	rows_open(&store);
	rows_read(&store, verify, &v, 0); /* an empty chain is whole */
	CHECK_INT(v.walk.rows, 0);
	rows_write(&store, write_rows, NULL, 0);
	rows_read(&store, verify, &kept, 0);
	tamper(&store, "DELETE FROM audit WHERE sequence = 20");
	v.step = 1000;
	rows_read(&store, verify, &v, 0);
	CHECK(v.walk.sequence == 19 && memcmp(v.walk.hash, kept.walk.hash, AUDIT_HASH_BYTES) != 0);
	rows_close(&store);
}

/* ---- old rows go ---- */

enum { CUT_STEP = 7 };

static int cut(struct store_tx *tx, void *context, struct err *err)
{
	int64_t gone = CUT_STEP, *all = context;

	for (*all = 0; gone == CUT_STEP; *all += gone)
		TRY(audit_expire(tx, ROWS_START + DAY_US, CUT_STEP, &gone, err));
	return 0;
}

/* ROWS of the first day, of which those of the second say that they went: three steps. */
static void cut_open(struct rows *store, struct verify *v)
{
	int64_t gone;

	rows_open(store);
	rows_write(store, write_rows, NULL, 0);
	store->now_us += DAY_US;
	rows_write(store, cut, &gone, 0);
	CHECK_INT(gone, ROWS);
	rows_read(store, verify, v, 0);
}

TEST(a_chain_whose_beginning_was_let_go_is_whole)
{
	struct verify v = { .step = 1 };
	struct rows store;
	int64_t gone;

	cut_open(&store, &v);
	CHECK(v.walk.head == ROWS && v.walk.rows == 3 && v.walk.sequence == ROWS + 3);
	rows_write(&store, cut, &gone, 0); /* nothing is old any more, and nothing is written */
	rows_read(&store, verify, &v, 0);
	CHECK(gone == 0 && v.walk.rows == 3);
	rows_close(&store);
}

TEST(rows_taken_out_after_a_cut_are_found)
{
	static const struct {
		const char *text, *says;
	} rows[] = {
		{ "DELETE FROM audit WHERE sequence = 21", "row 21 is missing" },
		{ "UPDATE audit SET at = at + 1 WHERE sequence = 21", "row 21 was changed" },
		{ "UPDATE audit_head SET sequence = 21", "row 22 was changed" },
		{ "UPDATE audit_head SET hash = (SELECT hash FROM audit WHERE sequence = 21)",
		  "row 21 was changed" },
		{ "UPDATE audit_head SET hash = substr(hash, 1, 1)",
		  "head of the audit trail is damaged" },
		{ "DELETE FROM audit_head", "row 1 is missing" },
		/* the head moved on, with the right hash: but no row says so */
		{ "UPDATE audit_head SET sequence = 21, "
		  "hash = (SELECT hash FROM audit WHERE sequence = 21)",
		  "no row says that they were let go" },
		{ "DELETE FROM audit WHERE sequence = 23", "no row says that they were let go" },
	};

	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		struct verify v = { .step = 2 };
		struct rows store;

		test_row("%s", rows[i].text);
		cut_open(&store, &v);
		tamper(&store, rows[i].text);
		rows_read(&store, verify, &v, ERR_SYNTAX);
		if (!strstr(store.err.text, rows[i].says))
			fail_msg("%s", store.err.text);
		rows_close(&store);
	}
}

/* The walk stands in the middle of what goes. */
static int verify_around_a_cut(struct store_tx *tx, void *context, struct err *err)
{
	struct audit_walk walk = { 0 };
	int64_t gone;
	bool is_end;

	TRY(audit_verify(tx, &walk, 5, &is_end, err));
	CHECK(!is_end && walk.sequence == 5);
	TRY(cut(tx, &gone, err));
	CHECK_INT(gone, ROWS);
	TRY(audit_verify(tx, &walk, 100, &is_end, err));
	CHECK(is_end && walk.sequence == ROWS + 3 && walk.head == ROWS);
	return 0;
}

TEST(a_walk_goes_on_when_rows_go_under_it)
{
	struct rows store;

	rows_open(&store);
	rows_write(&store, write_rows, NULL, 0);
	store.now_us += DAY_US;
	rows_write(&store, verify_around_a_cut, NULL, 0);
	rows_close(&store);
}

static int lists_newest_first(struct store_tx *tx, void *context, struct err *err)
{
	struct page page = { .limit = 3 };
	int64_t last = INT64_MAX;
	size_t seen = 0;

	TRY(write_rows(tx, NULL, err));
	do {
		struct audit_row *rows, more = { .workspace = WORKSPACE_DEFAULT,
						 .actor = STR_LIT("system"),
						 .action = STR_LIT("a"),
						 .subject = STR_LIT("s") };
		size_t count;

		TRY(audit_list(tx, WORKSPACE_DEFAULT, &page, &rows, &count, &page.after, err));
		for (size_t i = 0; i < count; i++) {
			CHECK(rows[i].sequence < last && rows[i].workspace == WORKSPACE_DEFAULT);
			last = rows[i].sequence;
		}
		seen += count;
		TRY(audit_insert(tx, &more, err)); /* newer than where the reader stands */
	} while (page.after.len);
	CHECK_INT(seen, 14);
	page.after = STR_LIT("nine octe");
	struct audit_row *rows;
	size_t count;

	CHECK_INT(audit_list(tx, WORKSPACE_DEFAULT, &page, &rows, &count, &page.after, err),
		  -EINVAL);
	return 0;
}

TEST(the_trail_of_a_workspace_is_listed_newest_first)
{
	rows_run(lists_newest_first);
}
