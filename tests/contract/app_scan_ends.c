/* SPDX-License-Identifier: Apache-2.0 */
/* What does the end of a scan leave behind, rule by rule? */
#include "tests/contract/scan_world.h"

#include "model/grade.h"
#include "store/batch.h"
#include "store/event.h"
#include "store/finding.h"

/* ---- findings ---- */

TEST(findings_open_stay_close_and_open_again)
{
	static const struct {
		const char *name;
		struct step step;
		enum finding_status a, b;
		int64_t open_high;
		const char *events;
	} table[] = {
		{ "two are seen",
		  { .findings = { "x.a - high no A", "x.b ns1 low no B" } },
		  FINDING_OPEN,
		  FINDING_OPEN,
		  1,
		  "finding.opened finding.opened scan.completed" },
		{ "both are seen again",
		  { .findings = { "x.b ns1 low no B", "x.a - high no A" } },
		  FINDING_OPEN,
		  FINDING_OPEN,
		  1,
		  "scan.completed" },
		{ "neither is seen, but nobody looked",
		  { .settled = { "x.c" } },
		  FINDING_OPEN,
		  FINDING_OPEN,
		  1,
		  "scan.completed" },
		{ "one has settled",
		  { .settled = { "x.a" } },
		  FINDING_FIXED,
		  FINDING_OPEN,
		  0,
		  "finding.fixed scan.completed" },
		{ "it is fixed once",
		  { .settled = { "x.a" } },
		  FINDING_FIXED,
		  FINDING_OPEN,
		  0,
		  "scan.completed" },
		{ "it is back",
		  { .findings = { "x.a - high no A" } },
		  FINDING_OPEN,
		  FINDING_OPEN,
		  1,
		  "finding.reopened scan.completed" },
		{ "the other check is no more",
		  { .findings = { "x.a - high no A" }, .known = { "x.a", "x.c" } },
		  FINDING_OPEN,
		  FINDING_RETIRED,
		  1,
		  "finding.retired scan.completed" },
		{ "an incomplete scan closes what settled",
		  { .settled = { "x.a" }, .status = SCAN_IS_INCOMPLETE },
		  FINDING_FIXED,
		  FINDING_RETIRED,
		  0,
		  "finding.fixed scan.incomplete" },
		{ "a failed one judges nothing",
		  { .findings = { "x.a - high no A" }, .status = SCAN_IS_FAILED },
		  FINDING_FIXED,
		  FINDING_RETIRED,
		  0,
		  "scan.failed" },
	};
	struct world w;

	world_open(&w);
	for (size_t i = 0; i < ARRAY_COUNT(table); i++) {
		test_row("%s", table[i].name);
		world_scan(&w, &table[i].step);
		CHECK_INT(w.finding_count, 2);
		CHECK_INT(world_finding(&w, "x.a")->status, table[i].a);
		CHECK_INT(world_finding(&w, "x.b")->status, table[i].b);
		CHECK_INT(w.row.open[SEVERITY_HIGH], table[i].open_high);
		world_told(&w, table[i].events);
		CHECK(w.last.status ==
		      (table[i].step.status ? table[i].step.status : SCAN_IS_DONE));
	}
	world_close(&w);
}

TEST(a_finding_keeps_its_first_sight_and_says_its_last)
{
	struct world w;
	struct uuid id, opened_by;
	int64_t first;

	world_open(&w);
	world_scan(&w, &(struct step){ .findings = { "x.a - high expires in 9 days" } });
	id = world_finding(&w, "x.a")->id;
	opened_by = w.last.id;
	first = world_finding(&w, "x.a")->first_seen;
	CHECK(uuid_eq(world_finding(&w, "x.a")->opened_by, opened_by));
	world_scan(&w, &(struct step){ .findings = { "x.a - critical expires in 2 days",
						     "x.a - high expires in 9 days" } });
	CHECK_INT(w.finding_count, 1);
	CHECK(uuid_eq(world_finding(&w, "x.a")->id, id) &&
	      first == world_finding(&w, "x.a")->first_seen);
	CHECK(world_finding(&w, "x.a")->last_seen > first);
	CHECK(uuid_eq(world_finding(&w, "x.a")->opened_by, opened_by));
	CHECK_STR(world_finding(&w, "x.a")->text,
		  "expires in 2 days"); /* the worst stands for both */
	CHECK(w.row.open[SEVERITY_CRITICAL] == 1 && w.row.open[SEVERITY_HIGH] == 0);
	world_scan(&w, &(struct step){ .settled = { "x.a" } });
	CHECK(uuid_eq(world_finding(&w, "x.a")->closed_by, w.last.id) &&
	      world_finding(&w, "x.a")->closed_at);
	world_scan(&w, &(struct step){ .findings = { "x.a - high again" } });
	CHECK(uuid_eq(world_finding(&w, "x.a")->id, id) &&
	      first == world_finding(&w, "x.a")->first_seen);
	CHECK(uuid_eq(world_finding(&w, "x.a")->opened_by, w.last.id) &&
	      !world_finding(&w, "x.a")->closed_at);
	world_close(&w);
}

static int decide(struct store_tx *tx, void *context, struct err *err)
{
	struct world *w = context;
	struct finding_row row = *world_finding(w, "x.a");

	row.status = row.severity == SEVERITY_HIGH ? FINDING_ACCEPTED : FINDING_FALSE_POSITIVE;
	row.reason = STR_LIT("known");
	return finding_update(tx, &row, err);
}

TEST(what_a_person_decided_outlives_scans)
{
	static const struct {
		const char *name, *line;
		enum finding_status status;
	} table[] = { { "accepted", "x.a - high it is so", FINDING_ACCEPTED },
		      { "false positive", "x.a - low it is so", FINDING_FALSE_POSITIVE } };

	for (size_t i = 0; i < ARRAY_COUNT(table); i++) {
		struct world w;

		test_row("%s", table[i].name);
		world_open(&w);
		world_scan(&w, &(struct step){ .findings = { table[i].line } });
		rows_write(&w.rows, decide, &w, 0);
		world_scan(&w, &(struct step){ .findings = { table[i].line } });
		CHECK_INT(world_finding(&w, "x.a")->status, table[i].status);
		CHECK(w.row.open[SEVERITY_HIGH] == 0 && w.row.open[SEVERITY_LOW] == 0);
		world_told(&w, "scan.completed");
		world_scan(&w, &(struct step){ .settled = { "x.a" } }); /* gone for once */
		CHECK_INT(world_finding(&w, "x.a")->status, table[i].status);
		world_scan(&w, &(struct step){ .findings = { table[i].line } });
		CHECK_INT(world_finding(&w, "x.a")->status, table[i].status);
		CHECK_STR(world_finding(&w, "x.a")->reason, "known");
		world_told(&w, "scan.completed");
		world_close(&w);
	}
}

/* ---- changes ---- */

TEST(changes_are_told_against_the_facts_before)
{
	static const struct {
		const char *name;
		struct step step;
		size_t changes; /* in all */
		bool is_new_set;
		const char *events;
	} table[] = {
		{ "the first scan is a silent baseline",
		  { .facts = { "dns example.com A 192.0.2.1",
			       "dns example.com MX 10 a.example.net.",
			       "dns example.com NS ns1.example.net." } },
		  0,
		  true,
		  "scan.completed" },
		{ "nothing changed",
		  { .facts = { "dns example.com A 192.0.2.1",
			       "dns example.com MX 10 a.example.net.",
			       "dns example.com NS ns1.example.net." } },
		  0,
		  false,
		  "scan.completed" },
		{ "another address, another server for mail",
		  { .facts = { "dns example.com A 192.0.2.2",
			       "dns example.com MX 10 b.example.net.",
			       "dns example.com NS ns1.example.net." } },
		  4,
		  true,
		  "record.changed mx.changed scan.completed" },
		{ "an incomplete scan that could not ask: nothing is known of it",
		  { .facts = { "dns example.com A 192.0.2.2",
			       "dns example.com MX 10 b.example.net.",
			       "dns example.com NS !deadline" },
		    .status = SCAN_IS_INCOMPLETE },
		  4,
		  true,
		  "scan.incomplete" },
		{ "what changed meanwhile is found by the next",
		  { .facts = { "dns example.com A 192.0.2.2",
			       "dns example.com MX 10 b.example.net.",
			       "dns example.com NS ns2.example.net." } },
		  6,
		  true,
		  "nameserver.changed scan.completed" },
		{ "a narrower scan says nothing of what it did not ask",
		  { .facts = { "dns example.com A 192.0.2.2" } },
		  6,
		  true,
		  "scan.completed" },
	};
	struct world w;

	world_open(&w);
	for (size_t i = 0; i < ARRAY_COUNT(table); i++) {
		test_row("%s", table[i].name);
		world_scan(&w, &table[i].step);
		world_told(&w, table[i].events);
		CHECK_INT(w.change_count, table[i].changes);
		CHECK_INT(w.stored.is_new_set, table[i].is_new_set);
	}
	CHECK_STR(w.changes[w.change_count - 1].name, NAME);
	world_close(&w);
}

TEST(a_change_says_what_was_and_what_is)
{
	struct world w;

	world_open(&w);
	world_scan(&w, &(struct step){ .facts = { "dns example.com MX 10 a.example.net." } });
	world_scan(&w, &(struct step){ .facts = { "dns example.com MX 10 b.example.net." } });
	CHECK_INT(w.change_count, 2);
	for (size_t i = 0; i < 2; i++) {
		CHECK_STR(w.changes[i].question, "dns example.com MX");
		CHECK(w.changes[i].severity == SEVERITY_MEDIUM);
		CHECK(uuid_eq(w.changes[i].scan, w.last.id));
		CHECK(!w.changes[i].before.len != !w.changes[i].after.len);
	}
	CHECK(str_find(w.events[0].data, STR_LIT("a.example.net")) > 0);
	CHECK(str_find(w.events[0].data, STR_LIT("b.example.net")) > 0);
	world_close(&w);
}

/* ---- the domain's summary, rechecks, batches ---- */

TEST(the_summary_is_the_last_judging_scans)
{
	struct world w;
	struct uuid second;

	world_open(&w);
	world_scan(&w, &(struct step){ .grade = GRADE_B });
	CHECK(w.row.grade == GRADE_B && w.row.score == 90 && w.row.scanned_at);
	CHECK(uuid_eq(w.row.scan, w.last.id));
	world_told(&w, "scan.completed"); /* the first grade is no change */
	world_scan(&w, &(struct step){ .grade = GRADE_C });
	second = w.last.id;
	world_told(&w, "grade.changed scan.completed");
	CHECK_STR(w.events[0].data, "{\"before\":\"B\",\"after\":\"C\"}");
	world_scan(&w, &(struct step){ .status = SCAN_IS_FAILED, .grade = GRADE_A });
	CHECK(w.row.grade == GRADE_C && uuid_eq(w.row.scan, second));
	CHECK(w.last.grade == GRADE_NONE && w.last.score == -1);
	world_close(&w);
}

TEST(a_recheck_changes_findings_and_nothing_else)
{
	struct world w;
	struct uuid whole;

	world_open(&w);
	world_scan(&w, &(struct step){ .findings = { "x.a - high no A" },
				       .facts = { "dns example.com A 192.0.2.1" },
				       .grade = GRADE_C });
	whole = w.last.id;
	world_scan(&w, &(struct step){ .settled = { "x.a" },
				       .facts = { "dns example.com A 192.0.2.9" },
				       .grade = GRADE_A,
				       .recheck = "x.a" });
	CHECK_INT(world_finding(&w, "x.a")->status, FINDING_FIXED);
	CHECK(w.row.grade == GRADE_C && uuid_eq(w.row.scan, whole));
	CHECK(w.row.open[SEVERITY_HIGH] == 0);
	CHECK_INT(w.change_count, 0);
	world_told(&w, "finding.fixed scan.completed");
	world_close(&w);
}

static int begin_batch(struct store_tx *tx, void *context, struct err *err)
{
	struct world *w = context;
	struct batch_row batch = { .workspace = WORKSPACE_DEFAULT };
	bool is_done;

	TRY(batch_insert(tx, &batch, err));
	w->batch = batch.id;
	return batch_advance(tx, batch.id, 0, 1, 1, true, &is_done, err);
}

TEST(the_last_scan_ends_its_batch)
{
	struct world w;

	world_open(&w);
	rows_write(&w.rows, begin_batch, &w, 0);
	world_scan(&w, &(struct step){ .status = SCAN_IS_CANCELLED });
	world_told(&w, "scan.cancelled batch.completed");
	CHECK(uuid_eq(w.events[1].object, w.batch));
	world_close(&w);
}

TEST(what_changes_of_the_registration_is_told_by_its_name)
{
	static const struct {
		const char *name;
		struct step step;
		const char *events;
	} table[] = {
		{ "first sight",
		  { .facts = { "rdap example.com registrar=\"R Ltd\" expires=2027-01-01T00:00:00Z "
			       "status=\"client transfer prohibited\" ns=a.example.net" } },
		  "scan.completed" },
		{ "a renewal is for the record",
		  { .facts = { "rdap example.com registrar=\"R Ltd\" expires=2028-01-01T00:00:00Z "
			       "status=\"client transfer prohibited\" ns=a.example.net" } },
		  "record.changed scan.completed" },
		{ "another server",
		  { .facts = { "rdap example.com registrar=\"R Ltd\" expires=2028-01-01T00:00:00Z "
			       "status=\"client transfer prohibited\" ns=b.example.net" } },
		  "registration.changed scan.completed" },
		{ "the lock is gone",
		  { .facts = { "rdap example.com registrar=\"R Ltd\" expires=2028-01-01T00:00:00Z "
			       "status=active ns=b.example.net" } },
		  "registration.lock_removed scan.completed" },
		{ "another registrar",
		  { .facts = { "rdap example.com registrar=\"S Inc\" expires=2028-01-01T00:00:00Z "
			       "status=active ns=b.example.net" } },
		  "registration.changed scan.completed" },
	};
	struct world w;

	world_open(&w);
	for (size_t i = 0; i < ARRAY_COUNT(table); i++) {
		test_row("%s", table[i].name);
		world_scan(&w, &table[i].step);
		world_told(&w, table[i].events);
	}
	world_close(&w);
}
