/* SPDX-License-Identifier: Apache-2.0 */
/* Does what no scan names any more go, and nothing else, whatever is stored meanwhile? */
#include "app/collect.h"

#include "store/fact.h"
#include "tests/contract/scan_rows.h"

enum { MANY = 2000 };

/* ---- a scan with content of a pool: `what` says which facts, verdicts and times it saw ---- */

struct seen {
	int64_t domain;
	unsigned what;
	struct scan_row row; /* filled */
};

static struct str blob_of(struct arena *a, unsigned salt)
{
	struct buf out;

	buf_init(&out, a);
	for (unsigned i = 0; i < 60; i++)
		buf_printf(&out, "time %u of %u; ", i, salt);
	return buf_str(&out);
}

static int put_content(struct store_tx *tx, struct seen *seen, struct err *err)
{
	struct str facts[3] = { str_printf(tx->a, "fact %u", seen->what),
				str_printf(tx->a, "fact %u", seen->what / 2),
				STR_LIT("a fact of all") };

	TRY(fact_set_put(tx, facts, ARRAY_COUNT(facts), &seen->row.fact_set, err));
	return document_put(tx, str_printf(tx->a, "verdicts %u", seen->what), &seen->row.verdicts,
			    err);
}

static int store_scan(struct store_tx *tx, void *context, struct err *err)
{
	struct seen *seen = context;
	struct uuid worker = rows_worker(tx);
	struct domain_row domain;

	seen->row = rows_scan(tx, seen->domain);
	TRY(scan_take(tx, seen->row.id, worker, &seen->row, err));
	TRY(put_content(tx, seen, err));
	seen->row.status = SCAN_IS_DONE;
	seen->row.algorithm = str_printf(tx->a, "algorithm %u", seen->what / 4);
	seen->row.areas[0] = (struct area_points){ .applies = 1, .points = seen->what };
	TRY(scan_end(tx, &seen->row, blob_of(tx->a, (unsigned)seen->row.no), err));
	TRY(domain_get(tx, seen->domain, &domain, err));
	domain.scan = seen->row.id;
	domain.fact_set = seen->row.fact_set;
	return domain_summarise(tx, &domain, err);
}

static int drop_scan(struct store_tx *tx, void *context, struct err *err)
{
	return sql_change(tx, err, SQL_SCAN_DELETE, SQL_INT(((struct seen *)context)->row.no));
}

/* What the scan names is there, as it was. */
static int check_scan(struct store_tx *tx, void *context, struct err *err)
{
	const struct seen *seen = context;
	struct str *facts, verdicts, blob;
	struct scan_row row;
	size_t count;

	TRY(scan_get(tx, seen->row.id, &row, err));
	TRY(fact_set_get(tx, row.fact_set, &facts, &count, err));
	CHECK_INT(count, 3);
	CHECK_STR(facts[0], str_printf(tx->a, "fact %u", seen->what).data);
	CHECK_STR(facts[2], "a fact of all");
	TRY(document_get(tx, row.verdicts, &verdicts, err));
	CHECK_STR(verdicts, str_printf(tx->a, "verdicts %u", seen->what).data);
	CHECK_STR(row.algorithm, str_printf(tx->a, "algorithm %u", seen->what / 4).data);
	CHECK_INT(row.areas[0].points, seen->what);
	TRY(scan_volatile(tx, row.id, &blob, err));
	CHECK(str_eq(blob, blob_of(tx->a, (unsigned)row.no)));
	return 0;
}

static int64_t count_of(struct rows *rows, const char *table)
{
	char text[64];

	snprintf(text, sizeof text, "SELECT count(*) FROM %s", table);
	return fixture_ask(&rows->fixture, text);
}

struct kept {
	int64_t sets, documents, facts, notes;
};

static struct kept kept_in(struct rows *rows)
{
	return (struct kept){ count_of(rows, "fact_set"), count_of(rows, "document"),
			      count_of(rows, "fact"), count_of(rows, "garbage") };
}

static bool collect_once(struct rows *rows, struct collect *collect)
{
	bool is_end;

	if (collect_step(rows->store, NULL, collect, &is_end, &rows->err) < 0)
		fail_msg("%s", rows->err.text);
	return is_end;
}

static void collect_all(struct rows *rows, struct collect *collect)
{
	while (!collect_once(rows, collect))
		;
}

static int make_domain(struct store_tx *tx, void *context, struct err *err)
{
	static unsigned number;
	char name[32];

	snprintf(name, sizeof name, "d%u.example", ++number);
	((struct seen *)context)->domain = rows_domain(tx, name);
	return 0;
}

static struct seen scan_new(struct rows *rows, unsigned what)
{
	struct seen seen = { .what = what };

	rows_write(rows, make_domain, &seen, 0);
	rows_write(rows, store_scan, &seen, 0);
	return seen;
}

static struct seen scan_again(struct rows *rows, const struct seen *before, unsigned what)
{
	struct seen seen = { .domain = before->domain, .what = what };

	rows_write(rows, store_scan, &seen, 0);
	return seen;
}

/* ---- what goes and what stays ---- */

TEST(content_goes_with_the_last_scan_that_names_it)
{
	struct rows rows;
	struct collect collect = { 0 };
	struct seen first, same, other;
	struct kept kept;

	rows_open(&rows);
	first = scan_new(&rows, 1);
	same = scan_again(&rows, &first, 1); /* its times are coded against the first one's */
	other = scan_again(&rows, &first, 9);
	kept = kept_in(&rows);
	CHECK(kept.sets == 2 && kept.documents == 6 && kept.facts == 5 && kept.notes == 0);
	rows_write(&rows, drop_scan, &first, 0);
	collect_all(&rows, &collect);
	rows_read(&rows, check_scan, &same, 0);
	CHECK_INT(kept_in(&rows).sets, 2);
	rows_write(&rows, drop_scan, &same, 0);
	CHECK_INT(kept_in(&rows).notes, 4); /* set, verdicts, areas, algorithm */
	collect_all(&rows, &collect);
	CHECK(collect.gone[CONTENT_FACT_SET] == 1 && collect.gone[CONTENT_DOCUMENT] == 3 &&
	      collect.gone[CONTENT_FACT] == 2);
	kept = kept_in(&rows);
	CHECK(kept.sets == 1 && kept.documents == 3 && kept.facts == 3 && kept.notes == 0);
	rows_read(&rows, check_scan, &other, 0);
	collect_release(&collect);
	rows_close(&rows);
}

static int purge(struct store_tx *tx, void *context, struct err *err)
{
	return domain_delete(tx, ((struct seen *)context)->domain, true, err);
}

TEST(what_a_domain_is_compared_with_outlives_its_scan_and_goes_with_the_domain)
{
	struct rows rows;
	struct collect collect = { 0 };
	struct seen seen;
	struct kept kept;

	rows_open(&rows);
	seen = scan_new(&rows, 1);
	rows_write(&rows, drop_scan, &seen, 0);
	collect_all(&rows, &collect);
	kept = kept_in(&rows);
	CHECK(kept.sets == 1 && kept.documents == 0 && kept.facts == 3 && kept.notes == 0);
	seen = scan_again(&rows, &seen, 3); /* compared with another set from now on */
	collect_all(&rows, &collect);
	kept = kept_in(&rows);
	CHECK(kept.sets == 1 && kept.documents == 3 && kept.facts == 3);
	rows_write(&rows, purge, &seen, 0);
	collect_all(&rows, &collect);
	kept = kept_in(&rows);
	CHECK(kept.sets == 0 && kept.documents == 0 && kept.facts == 0 && kept.notes == 0);
	collect_release(&collect);
	rows_close(&rows);
}

/* ---- while scans are stored ---- */

/* A scan that takes up what is being collected comes before each step in turn. */
TEST(a_scan_that_takes_content_up_again_keeps_it_whenever_it_comes)
{
	bool is_past = false;

	for (unsigned when = 0; !is_past; when++) {
		struct rows rows;
		struct collect collect = { 0 };
		struct seen seen, again;
		bool is_end = false;

		test_row("before step %u", when);
		rows_open(&rows);
		seen = scan_new(&rows, 5);
		again = scan_again(&rows, &seen, 6);
		rows_write(&rows, drop_scan, &seen, 0);
		for (unsigned i = 0; i < when && !is_end; i++)
			is_end = collect_once(&rows, &collect);
		again = scan_again(&rows, &again, 5);
		is_past = is_end;
		while (!is_end)
			is_end = collect_once(&rows, &collect);
		rows_read(&rows, check_scan, &again, 0);
		collect_all(&rows, &collect);
		rows_read(&rows, check_scan, &again, 0);
		collect_release(&collect);
		rows_close(&rows);
	}
}

/* The walk has passed; the scan that took it up went again: what was noted anew is not what was
 * looked at. */
TEST(a_note_that_came_anew_is_looked_at_anew)
{
	struct rows rows;
	struct collect collect = { 0 };
	struct seen seen, keeper, again;

	rows_open(&rows);
	seen = scan_new(&rows, 5);
	keeper = scan_new(&rows, 40);
	rows_write(&rows, drop_scan, &seen, 0);
	rows_write(&rows, purge, &seen, 0);
	while (collect.phase < 4) /* both walks are over */
		CHECK(!collect_once(&rows, &collect));
	again = scan_again(&rows, &keeper, 5);
	keeper = scan_again(&rows, &keeper, 5); /* names it, and the walk did not see it */
	rows_write(&rows, drop_scan, &again, 0);
	collect_all(&rows, &collect);
	rows_read(&rows, check_scan, &keeper, 0);
	collect_release(&collect);
	rows_close(&rows);
}

static uint32_t next_random(uint32_t *state)
{
	*state = *state * 1664525 + 1013904223;
	return *state >> 8;
}

enum { POOL = 12, LIVE = 24, OPERATIONS = 120, SEEDS = 6 };

struct play {
	struct rows rows;
	struct collect collect;
	struct seen live[LIVE];
	size_t count;
	uint32_t random;
};

static void play_one(struct play *play)
{
	uint32_t dice = next_random(&play->random) % 8;
	size_t chosen = play->count ? next_random(&play->random) % play->count : 0;
	unsigned what = next_random(&play->random) % POOL;

	if (dice < 3 && play->count < LIVE) {
		play->live[play->count] =
			play->count && dice ? scan_again(&play->rows, &play->live[chosen], what)
					    : scan_new(&play->rows, what);
		play->count++;
	} else if (dice < 5 && play->count) {
		rows_write(&play->rows, drop_scan, &play->live[chosen], 0);
		play->live[chosen] = play->live[--play->count];
	} else {
		collect_once(&play->rows, &play->collect);
	}
}

static int purge_all(struct store_tx *tx, void *context, struct err *err)
{
	int64_t newest;

	TRY(domain_newest(tx, &newest, err));
	for (int64_t no = 1; no <= newest; no++)
		TRY(domain_delete(tx, no, true, err));
	return 0;
}

TEST(in_any_order_nothing_is_lost_and_in_the_end_nothing_is_left)
{
	for (uint32_t seed = 1; seed <= SEEDS; seed++) {
		struct play play = { .random = seed };
		struct kept kept;

		test_row("seed %u", seed);
		rows_open(&play.rows);
		for (unsigned i = 0; i < OPERATIONS; i++) {
			play_one(&play);
			for (size_t k = 0; k < play.count; k++)
				rows_read(&play.rows, check_scan, &play.live[k], 0);
		}
		rows_write(&play.rows, purge_all, NULL, 0);
		collect_all(&play.rows, &play.collect);
		collect_all(&play.rows, &play.collect);
		kept = kept_in(&play.rows);
		CHECK(kept.sets == 0 && kept.documents == 0 && kept.facts == 0 && kept.notes == 0);
		collect_release(&play.collect);
		rows_close(&play.rows);
	}
}

/* ---- bounds ---- */

static int note_many(struct store_tx *tx, void *context, struct err *err)
{
	for (int i = 0; i < MANY; i++) {
		int64_t no;

		TRY(document_put(tx, str_printf(tx->a, "document %d", i), &no, err));
		TRY(garbage_note(tx, CONTENT_DOCUMENT, no, err));
	}
	return 0;
}

TEST(a_step_lets_go_no_more_than_it_may)
{
	struct rows rows;
	struct collect collect = { 0 };
	int64_t before = MANY;
	unsigned steps = 0;
	bool is_end;

	rows_open(&rows);
	rows_write(&rows, note_many, NULL, 0);
	do {
		int64_t left;

		is_end = collect_once(&rows, &collect);
		left = kept_in(&rows).documents;
		CHECK(before - left <= COLLECT_SWEEP);
		steps += left < before;
		before = left;
	} while (!is_end);
	CHECK_INT(before, 0);
	CHECK_INT(steps, MANY / COLLECT_SWEEP);
	collect_release(&collect);
	rows_close(&rows);
}

TEST(what_scans_of_an_earlier_release_left_behind_is_noted)
{
	struct postgres_schema server = postgres_schema();
	struct sqlite_schema earlier = sqlite_schema();
	struct fixture f;
	struct rows rows = { 0 };

	earlier.migration_count = server.migration_count = 1;
	fixture_open(&f);
	sqlite_schema_replace(&earlier);
	postgres_schema_replace(&server);
	store_close(fixture_store(&f));
	rows.fixture = f;
	/* neither empty nor what a hash is: nobody reads them */
	fixture_ask(&f, "INSERT INTO fact_set (hash, facts) SELECT id, id FROM workspace");
	fixture_ask(&f, "INSERT INTO document (hash, bytes) SELECT id, id FROM workspace");
	sqlite_schema_replace(NULL);
	postgres_schema_replace(NULL);
	rows.store = fixture_store(&rows.fixture);
	CHECK(kept_in(&rows).notes == 2 && kept_in(&rows).sets == 1);
	rows_close(&rows);
}
