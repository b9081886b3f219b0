/* SPDX-License-Identifier: Apache-2.0 */
/* What does the end of a scan leave behind, rule by rule? */
#include "app/scan.h"
#include "facts/fact.h"
#include "model/grade.h"
#include "store/batch.h"
#include "store/event.h"
#include "store/fact.h"
#include "store/finding.h"
#include "tests/contract/scan_rows.h"

enum { LINES = 8, IDS = 8, ROWS_MAX = 64 };

#define NAME "example.com"

/* One scan as a table says it, and what of the store is looked at after it. */
struct step {
	const char *findings[LINES]; /* "check subject severity text" */
	const char *settled[IDS];    /* ids of checks */
	const char *facts[LINES];    /* as vectors write them */
	const char *known[IDS];      /* none: not said */
	enum scan_status status;     /* 0: done */
	int grade;
	const char *recheck;
};

struct world {
	struct rows rows;
	struct app app;
	struct uuid worker;
	int64_t domain, seen_event;
	struct uuid batch;
	struct scan_stored stored;
	struct scan_row last;
	/* for closures */
	struct str recheck;
	struct finding_row *findings;
	struct event_row *events;
	struct change_row *changes;
	size_t finding_count, event_count, change_count;
	struct domain_row row;
};

static int begin_world(struct store_tx *tx, void *context, struct err *err)
{
	struct world *w = context;

	w->domain = rows_domain(tx, NAME);
	return 0;
}

static void world_open(struct world *w)
{
	memset(w, 0, sizeof *w);
	rows_open(&w->rows);
	app_init(&w->app, w->rows.store);
	rows_write(&w->rows, begin_world, w, 0);
}

static void world_close(struct world *w)
{
	rows_close(&w->rows);
}

static int queue_scan(struct store_tx *tx, void *context, struct err *err)
{
	struct world *w = context;
	struct scan_row row = { .workspace = WORKSPACE_DEFAULT,
				.domain = w->domain,
				.batch = w->batch,
				.recheck = w->recheck };

	w->worker = rows_worker(tx);
	TRY(scan_insert(tx, &row, err));
	w->last = row;
	return 0;
}

/* A scan that the worker runs; what was told until now is forgotten. */
static struct scan_row take_scan(struct world *w, const char *recheck)
{
	struct scan_taking taking = { 0 };

	w->recheck = str_of(recheck);
	rows_write(&w->rows, queue_scan, w, 0);
	taking.scan = w->last.id;
	CHECK_INT(app_scan_take(&w->app, &w->rows.a, w->worker, &taking, 1, &w->rows.err), 0);
	CHECK_INT(taking.code, 0);
	return taking.row;
}

static size_t ids_read(const char *const *texts, struct str *ret)
{
	size_t count = 0;

	for (; count < IDS && texts[count]; count++)
		ret[count] = str_of(texts[count]);
	return count;
}

static size_t findings_read(const char *const *lines, struct outcome_finding *ret)
{
	size_t count = 0;

	for (; count < LINES && lines[count]; count++) {
		struct str rest = str_of(lines[count]), severity;

		CHECK(str_word(&rest, &ret[count].check_id));
		CHECK(str_word(&rest, &ret[count].subject));
		if (str_eq(ret[count].subject, STR_LIT("-")))
			ret[count].subject = STR_LIT("");
		CHECK(str_word(&rest, &severity));
		CHECK_INT(severity_parse(severity, &ret[count].severity), 0);
		ret[count].text = str_trim(rest);
	}
	return count;
}

static size_t facts_read(struct arena *a, const char *const *lines, struct str *ret)
{
	size_t count = 0;

	for (; count < LINES && lines[count]; count++) {
		struct fact fact;
		struct buf out;
		struct err err = { 0 };

		if (fact_parse(a, str_of(lines[count]), &fact, &err) < 0)
			fail_msg("%s: %s", lines[count], err.text);
		buf_init(&out, a);
		fact_encode_stable(&out, &fact);
		ret[count] = buf_str(&out);
	}
	return count;
}

static int look(struct store_tx *tx, void *context, struct err *err)
{
	struct world *w = context;
	struct change_filter filter = { .workspace = WORKSPACE_DEFAULT };
	struct page page = { .limit = ROWS_MAX };
	struct str next;

	store_keep(tx, &w->rows.a);
	TRY(finding_of_domain(tx, w->domain, &w->findings, &w->finding_count, err));
	TRY(event_after(tx, 0, w->seen_event, ROWS_MAX, &w->events, &w->event_count, err));
	TRY(change_list(tx, &filter, &page, &w->changes, &w->change_count, &next, err));
	TRY(scan_get(tx, w->last.id, &w->last, err));
	return domain_get(tx, w->domain, &w->row, err);
}

static void end_scan(struct world *w, const struct step *step, const struct scan_row *scan)
{
	struct outcome_finding findings[LINES] = { 0 };
	struct str settled[IDS], known[IDS], facts[LINES];
	struct scan_outcome outcome = {
		.scan = scan->id,
		.token = scan->token,
		.status = step->status ? step->status : SCAN_IS_DONE,
		.started_at = w->rows.now_us,
		.ended_at = w->rows.now_us + SECOND_US,
		.grade = step->grade ? step->grade : GRADE_A,
		.score = 90,
		.algorithm = STR_LIT("2026.1"),
		.findings = findings,
		.finding_count = findings_read(step->findings, findings),
		.settled = settled,
		.settled_count = ids_read(step->settled, settled),
		.facts = facts,
		.fact_count = facts_read(&w->rows.a, step->facts, facts),
		.known = step->known[0] ? known : NULL,
		.known_count = ids_read(step->known, known),
	};

	if (app_scan_end(&w->app, &outcome, 1, &w->stored, &w->rows.err) < 0)
		fail_msg("app_scan_end: %s", w->rows.err.text);
	rows_read(&w->rows, look, w, 0);
}

/* A whole scan; then what it told is in w->events. */
static void scan(struct world *w, const struct step *step)
{
	struct scan_row row = take_scan(w, step->recheck ? step->recheck : "");

	w->rows.now_us += DAY_US;
	rows_read(&w->rows, look, w, 0);
	if (w->event_count)
		w->seen_event = w->events[w->event_count - 1].sequence;
	w->rows.now_us -= DAY_US - SECOND_US;
	end_scan(w, step, &row);
}

static const struct finding_row *finding(const struct world *w, const char *check)
{
	for (size_t i = 0; i < w->finding_count; i++)
		if (str_eq(w->findings[i].check_id, str_of(check)))
			return &w->findings[i];
	fail_msg("no finding of %s", check);
	return NULL;
}

/* The types in order, as words. */
static void check_events(const struct world *w, const char *expected)
{
	struct arena a = { 0 };
	struct buf words;

	buf_init(&words, &a);
	for (size_t i = 0; i < w->event_count; i++) {
		buf_put_str(&words, str_of(i ? " " : ""));
		buf_put_str(&words, str_of(event_word(w->events[i].type)));
		if (i)
			CHECK(w->events[i].sequence > w->events[i - 1].sequence);
	}
	CHECK_STR(buf_str(&words), expected);
	arena_release(&a);
}

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
		scan(&w, &table[i].step);
		CHECK_INT(w.finding_count, 2);
		CHECK_INT(finding(&w, "x.a")->status, table[i].a);
		CHECK_INT(finding(&w, "x.b")->status, table[i].b);
		CHECK_INT(w.row.open[SEVERITY_HIGH], table[i].open_high);
		check_events(&w, table[i].events);
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
	scan(&w, &(struct step){ .findings = { "x.a - high expires in 9 days" } });
	id = finding(&w, "x.a")->id;
	opened_by = w.last.id;
	first = finding(&w, "x.a")->first_seen;
	CHECK(uuid_eq(finding(&w, "x.a")->opened_by, opened_by));
	scan(&w, &(struct step){ .findings = { "x.a - critical expires in 2 days",
					       "x.a - high expires in 9 days" } });
	CHECK_INT(w.finding_count, 1);
	CHECK(uuid_eq(finding(&w, "x.a")->id, id) && first == finding(&w, "x.a")->first_seen);
	CHECK(finding(&w, "x.a")->last_seen > first);
	CHECK(uuid_eq(finding(&w, "x.a")->opened_by, opened_by));
	CHECK_STR(finding(&w, "x.a")->text, "expires in 2 days"); /* the worst stands for both */
	CHECK(w.row.open[SEVERITY_CRITICAL] == 1 && w.row.open[SEVERITY_HIGH] == 0);
	scan(&w, &(struct step){ .settled = { "x.a" } });
	CHECK(uuid_eq(finding(&w, "x.a")->closed_by, w.last.id) && finding(&w, "x.a")->closed_at);
	scan(&w, &(struct step){ .findings = { "x.a - high again" } });
	CHECK(uuid_eq(finding(&w, "x.a")->id, id) && first == finding(&w, "x.a")->first_seen);
	CHECK(uuid_eq(finding(&w, "x.a")->opened_by, w.last.id) && !finding(&w, "x.a")->closed_at);
	world_close(&w);
}

static int decide(struct store_tx *tx, void *context, struct err *err)
{
	struct world *w = context;
	struct finding_row row = *finding(w, "x.a");

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
		scan(&w, &(struct step){ .findings = { table[i].line } });
		rows_write(&w.rows, decide, &w, 0);
		scan(&w, &(struct step){ .findings = { table[i].line } });
		CHECK_INT(finding(&w, "x.a")->status, table[i].status);
		CHECK(w.row.open[SEVERITY_HIGH] == 0 && w.row.open[SEVERITY_LOW] == 0);
		check_events(&w, "scan.completed");
		scan(&w, &(struct step){ .settled = { "x.a" } }); /* gone for once */
		CHECK_INT(finding(&w, "x.a")->status, table[i].status);
		scan(&w, &(struct step){ .findings = { table[i].line } });
		CHECK_INT(finding(&w, "x.a")->status, table[i].status);
		CHECK_STR(finding(&w, "x.a")->reason, "known");
		check_events(&w, "scan.completed");
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
		scan(&w, &table[i].step);
		check_events(&w, table[i].events);
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
	scan(&w, &(struct step){ .facts = { "dns example.com MX 10 a.example.net." } });
	scan(&w, &(struct step){ .facts = { "dns example.com MX 10 b.example.net." } });
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
	scan(&w, &(struct step){ .grade = GRADE_B });
	CHECK(w.row.grade == GRADE_B && w.row.score == 90 && w.row.scanned_at);
	CHECK(uuid_eq(w.row.scan, w.last.id));
	check_events(&w, "scan.completed"); /* the first grade is no change */
	scan(&w, &(struct step){ .grade = GRADE_C });
	second = w.last.id;
	check_events(&w, "grade.changed scan.completed");
	CHECK_STR(w.events[0].data, "{\"before\":\"B\",\"after\":\"C\"}");
	scan(&w, &(struct step){ .status = SCAN_IS_FAILED, .grade = GRADE_A });
	CHECK(w.row.grade == GRADE_C && uuid_eq(w.row.scan, second));
	CHECK(w.last.grade == GRADE_NONE && w.last.score == -1);
	world_close(&w);
}

TEST(a_recheck_changes_findings_and_nothing_else)
{
	struct world w;
	struct uuid whole;

	world_open(&w);
	scan(&w, &(struct step){ .findings = { "x.a - high no A" },
				 .facts = { "dns example.com A 192.0.2.1" },
				 .grade = GRADE_C });
	whole = w.last.id;
	scan(&w, &(struct step){ .settled = { "x.a" },
				 .facts = { "dns example.com A 192.0.2.9" },
				 .grade = GRADE_A,
				 .recheck = "x.a" });
	CHECK_INT(finding(&w, "x.a")->status, FINDING_FIXED);
	CHECK(w.row.grade == GRADE_C && uuid_eq(w.row.scan, whole));
	CHECK(w.row.open[SEVERITY_HIGH] == 0);
	CHECK_INT(w.change_count, 0);
	check_events(&w, "finding.fixed scan.completed");
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
	scan(&w, &(struct step){ .status = SCAN_IS_CANCELLED });
	check_events(&w, "scan.cancelled batch.completed");
	CHECK(uuid_eq(w.events[1].object, w.batch));
	world_close(&w);
}

/* ---- how far it is ---- */

static void tell(struct world *w, const struct scan_row *scan, int64_t token, unsigned answered)
{
	struct scan_telling telling = { .scan = scan->id,
					.token = token,
					.asked = 9,
					.answered = answered,
					.judged = 1,
					.checks = 4 };

	CHECK_INT(app_scan_tell(&w->app, &telling, 1, &w->rows.err), 0);
	rows_read(&w->rows, look, w, 0);
	if (w->event_count)
		w->seen_event = w->events[w->event_count - 1].sequence;
}

TEST(a_running_scan_has_one_event_that_tells_how_far_it_is)
{
	static const struct step step = { .facts = { "dns example.com A 192.0.2.1" } };
	struct scan_row scan;
	struct world w;

	world_open(&w);
	scan = take_scan(&w, "");
	rows_read(&w.rows, look, &w, 0);
	w.seen_event = w.events[w.event_count - 1].sequence;
	tell(&w, &scan, scan.token, 2);
	check_events(&w, "scan.progress");
	tell(&w, &scan, scan.token + 1, 3); /* another has it */
	CHECK_STR(w.last.progress, "{\"asked\":9,\"answered\":2,\"judged\":1,\"checks\":4}");
	tell(&w, &scan, scan.token, 2); /* nothing new */
	CHECK_INT(w.event_count, 0);
	tell(&w, &scan, scan.token, 7);
	check_events(&w, "scan.progress");
	CHECK_STR(w.last.progress, "{\"asked\":9,\"answered\":7,\"judged\":1,\"checks\":4}");
	end_scan(&w, &step, &scan);
	CHECK(!w.last.progress.len && !w.last.progress_event);
	tell(&w, &scan, scan.token, 8);
	w.seen_event = 0;
	rows_read(&w.rows, look, &w, 0);
	for (size_t i = 0; i < w.event_count; i++)
		CHECK(w.events[i].type != EVENT_SCAN_PROGRESS);
	world_close(&w);
}

/* ---- once, and only by who has it ---- */

static int lose_worker(struct store_tx *tx, void *context, struct err *err)
{
	return worker_expire(tx, ((struct world *)context)->worker, err);
}

TEST(a_stale_token_writes_nothing)
{
	static const struct step step = { .findings = { "x.a - high no A" },
					  .facts = { "dns example.com A 192.0.2.1" } };
	struct scan_row first, again;
	struct scan_taking taking;
	struct world w;

	world_open(&w);
	first = take_scan(&w, "");
	rows_write(&w.rows, lose_worker, &w, 0);
	taking.scan = first.id;
	CHECK_INT(app_scan_take(&w.app, &w.rows.a, uuid_new(1), &taking, 1, NULL), 0);
	CHECK_INT(taking.code, 0);
	rows_read(&w.rows, look, &w, 0);
	w.seen_event = w.events[w.event_count - 1].sequence;
	end_scan(&w, &step, &first); /* the one that was thought dead */
	CHECK(w.stored.is_stale);
	CHECK(w.finding_count == 0 && w.event_count == 0 && uuid_is_nil(w.row.scan));
	CHECK(w.last.status == SCAN_IS_RUNNING);
	again = taking.row;
	end_scan(&w, &step, &again);
	CHECK(!w.stored.is_stale && w.finding_count == 1);
	check_events(&w, "finding.opened scan.completed");
	end_scan(&w, &step, &again); /* the same once more */
	CHECK(w.stored.is_stale);
	check_events(&w, "finding.opened scan.completed");
	world_close(&w);
}

TEST(a_scan_that_five_workers_did_not_end_fails)
{
	struct scan_taking taking = { 0 };
	struct world w;

	world_open(&w);
	taking.scan = take_scan(&w, "").id;
	rows_write(&w.rows, lose_worker, &w, 0);
	for (int i = 2; i <= 5; i++) {
		CHECK_INT(app_scan_take(&w.app, &w.rows.a, uuid_new(1), &taking, 1, NULL), 0);
		CHECK_INT(taking.code, 0);
		CHECK_INT(taking.row.attempt, i);
	}
	CHECK_INT(app_scan_take(&w.app, &w.rows.a, uuid_new(1), &taking, 1, NULL), 0);
	CHECK_INT(taking.code, -EALREADY);
	rows_read(&w.rows, look, &w, 0);
	CHECK(w.last.status == SCAN_IS_FAILED);
	CHECK(str_starts(w.last.error, STR_LIT("given up: 5 workers")));
	CHECK(w.events[w.event_count - 1].type == EVENT_SCAN_FAILED);
	CHECK_INT(app_scan_take(&w.app, &w.rows.a, uuid_new(1), &taking, 1, NULL), 0);
	CHECK_INT(taking.code, -EALREADY);
	taking.scan = uuid_new(1);
	CHECK_INT(app_scan_take(&w.app, &w.rows.a, uuid_new(1), &taking, 1, NULL), 0);
	CHECK_INT(taking.code, -ENOENT);
	world_close(&w);
}

TEST(an_end_that_is_none_is_refused)
{
	struct scan_outcome outcome = { .status = SCAN_IS_RUNNING };
	struct world w;

	world_open(&w);
	CHECK_INT(app_scan_end(&w.app, &outcome, 1, &w.stored, &w.rows.err), -EINVAL);
	world_close(&w);
}
