/* SPDX-License-Identifier: Apache-2.0 */
/* May people decide about findings, start batches, read history and the queue, and what follows? */
#include "app/batch.h"
#include "app/expand.h"
#include "app/finding.h"
#include "app/history.h"
#include "app/queue.h"
#include "app/scan.h"
#include "facts/volatile.h"
#include "store/domain.h"
#include "store/event.h"
#include "tests/contract/desk.h"

static int add_finding(struct store_tx *tx, void *context, struct err *err)
{
	struct finding_row *row = context;
	struct domain_row domain = { .workspace = 1,
				     .name = STR_LIT("example.com"),
				     .profile = DOMAIN_NO_PROFILE };

	TRY(domain_insert(tx, &domain, err));
	*row = (struct finding_row){ .workspace = 1,
				     .domain = domain.no,
				     .check_id = STR_LIT("mail.spf.present"),
				     .subject = STR_LIT(""),
				     .severity = SEVERITY_HIGH,
				     .text = STR_LIT("no SPF"),
				     .first_seen = 1,
				     .last_seen = 1 };
	TRY(finding_insert(tx, row, err));
	domain.open[SEVERITY_HIGH] = 1;
	return domain_summarise(tx, &domain, err);
}

static int open_high(struct store_tx *tx, void *context, struct err *err)
{
	struct domain_row domain;

	TRY(domain_find(tx, 1, STR_LIT("example.com"), &domain, err));
	*(int64_t *)context = domain.open[SEVERITY_HIGH];
	return 0;
}

static void check_open(struct desk *desk, int64_t expected)
{
	int64_t open = -1;

	rows_read(&desk->rows, open_high, &open, 0);
	CHECK_INT(open, expected);
}

static int decide(struct desk *desk, const struct actor *actor, struct str id, int64_t version,
		  struct finding_decision decision, struct finding_row *ret)
{
	return app_finding_decide(&desk->app, actor, desk->a, id, version, &decision, ret,
				  desk_fresh(desk));
}

TEST(a_finding_is_accepted_until_its_time_and_then_open_again)
{
	struct finding_row row;
	struct desk desk;
	struct str id;
	size_t count;

	desk_open(&desk);
	rows_write(&desk.rows, add_finding, &row, 0);
	id = id_text(desk.a, "fnd", row.id);
	DESK_CHECK(&desk,
		   decide(&desk, &desk.admin, id, 1,
			  (struct finding_decision){ .status = STR_LIT("accepted"),
						     .reason = STR_LIT("moving on Monday"),
						     .until = desk.rows.now_us + DAY_US },
			  &row),
		   0);
	CHECK(row.status == FINDING_ACCEPTED && row.version == 2);
	CHECK_STR(desk_audited(&desk), "finding.decide");
	check_open(&desk, 0);
	CHECK_INT(app_finding_lapse(&desk.app, 10, &count, NULL), 0);
	CHECK_INT(count, 0);
	desk.rows.now_us += DAY_US;
	CHECK_INT(app_finding_lapse(&desk.app, 10, &count, NULL), 0);
	CHECK_INT(count, 1);
	check_open(&desk, 1);
	DESK_CHECK(&desk,
		   app_finding_get(&desk.app, &desk.admin, desk.a, id, &row, desk_fresh(&desk)), 0);
	CHECK(row.status == FINDING_OPEN && !row.reason.len && !row.until && !row.decided_by.len);
	desk_close(&desk);
}

TEST(decisions_that_are_none_are_refused)
{
	static const struct {
		struct finding_decision decision;
		int code;
		const char *error;
	} table[] = {
		{ { .status = STR_INIT("closed") }, -EINVAL, "/status enum" },
		{ { .status = STR_INIT("fixed") }, -EINVAL, "/status enum" },
		{ { .status = STR_INIT("accepted") }, -EINVAL, "/reason required" },
		{ { .status = STR_INIT("accepted"), .reason = STR_INIT("x"), .until = 5 },
		  -EINVAL,
		  "/until range" },
		{ { .status = STR_INIT("false-positive"), .reason = STR_INIT("x"), .until = 5 },
		  -EINVAL,
		  "/until not-allowed" },
		{ { .status = STR_INIT("false-positive"), .reason = STR_INIT("a\001b") },
		  -EINVAL,
		  "/reason control" },
	};
	struct finding_row row;
	struct desk desk;
	struct str id;

	desk_open(&desk);
	rows_write(&desk.rows, add_finding, &row, 0);
	id = id_text(desk.a, "fnd", row.id);
	for (size_t i = 0; i < ARRAY_COUNT(table); i++) {
		test_row("%s", table[i].error);
		CHECK_INT(decide(&desk, &desk.admin, id, 0, table[i].decision, &row),
			  table[i].code);
		CHECK_STR(desk_error(&desk, 0), table[i].error);
	}
	desk_close(&desk);
}

TEST(who_may_decide_and_about_which_version)
{
	struct finding_decision fine = { .status = STR_INIT("false-positive"),
					 .reason = STR_INIT("a parked name") };
	struct finding_row row;
	struct desk desk;
	struct str id;

	desk_open(&desk);
	rows_write(&desk.rows, add_finding, &row, 0);
	id = id_text(desk.a, "fnd", row.id);
	CHECK_INT(decide(&desk, &desk.roles[ROLE_VIEWER], id, 0, fine, &row), -EACCES);
	CHECK_INT(decide(&desk, &desk.stranger, id, 0, fine, &row), -ENOENT);
	CHECK_INT(decide(&desk, &desk.admin, STR_LIT("fnd_1"), 0, fine, &row), -ENOENT);
	CHECK_INT(decide(&desk, &desk.admin, id, 7, fine, &row), -ESTALE);
	CHECK_INT(desk.problem.version, 1);
	DESK_CHECK(&desk, decide(&desk, &desk.roles[ROLE_OPERATOR], id, 1, fine, &row), 0);
	check_open(&desk, 0);
	DESK_CHECK(&desk, decide(&desk, &desk.admin, id, 0, fine, &row), 0);
	CHECK_INT(row.version, 2); /* it said so already */
	DESK_CHECK(&desk,
		   decide(&desk, &desk.admin, id, 0,
			  (struct finding_decision){ .status = STR_LIT("open") }, &row),
		   0);
	CHECK(row.status == FINDING_OPEN && !row.reason.len);
	check_open(&desk, 1);
	desk_close(&desk);
}

TEST(a_recheck_asks_for_its_check_alone)
{
	struct finding_row row;
	struct scan_row scan;
	struct desk desk;

	desk_open(&desk);
	rows_write(&desk.rows, add_finding, &row, 0);
	DESK_CHECK(&desk,
		   app_finding_recheck(&desk.app, &desk.admin, desk.a,
				       id_text(desk.a, "fnd", row.id), &scan, desk_fresh(&desk)),
		   0);
	CHECK_STR(scan.recheck, "mail.spf.present");
	CHECK(scan.flags == SCAN_IS_FRESH_FLAG);
	desk_close(&desk);
}

TEST(findings_are_listed_and_grouped_for_who_may_see_them)
{
	struct finding_choice choice = { .domain = STR_LIT("Example.com"),
					 .check = STR_LIT("mail."),
					 .status = STR_LIT("open"),
					 .min_severity = STR_LIT("medium") };
	struct page page = { .limit = 10 };
	struct finding_group *groups;
	struct finding_row row, *rows;
	struct desk desk;
	struct str next;
	size_t count;

	desk_open(&desk);
	rows_write(&desk.rows, add_finding, &row, 0);
	DESK_CHECK(&desk,
		   app_finding_list(&desk.app, &desk.roles[ROLE_VIEWER], desk.a, &choice, &page,
				    &rows, &count, &next, desk_fresh(&desk)),
		   0);
	CHECK_INT(count, 1);
	CHECK_INT(app_finding_list(&desk.app, &desk.stranger, desk.a, &choice, &page, &rows, &count,
				   &next, desk_fresh(&desk)),
		  -ENOENT); /* no such domain there */
	choice.min_severity = STR_LIT("worst");
	CHECK_INT(app_finding_list(&desk.app, &desk.admin, desk.a, &choice, &page, &rows, &count,
				   &next, desk_fresh(&desk)),
		  -EINVAL);
	CHECK_STR(desk_error(&desk, 0), "/min_severity enum");
	DESK_CHECK(&desk,
		   app_finding_groups(&desk.app, &desk.admin, desk.a, STR_NONE, &groups, &count,
				      desk_fresh(&desk)),
		   0);
	CHECK(count == 1 && groups[0].findings == 1);
	DESK_CHECK(&desk,
		   app_finding_groups(&desk.app, &desk.stranger, desk.a, STR_NONE, &groups, &count,
				      desk_fresh(&desk)),
		   0);
	CHECK_INT(count, 0);
	desk_close(&desk);
}

/* ---- batches ---- */

static int start(struct desk *desk, const struct actor *actor, struct batch_input input,
		 struct batch_row *ret)
{
	return app_batch_start(&desk->app, actor, desk->a, &input, ret, desk_fresh(desk));
}

TEST(a_batch_is_of_names_or_a_selector)
{
	static const struct str names[] = { STR_INIT("a.example"), STR_INIT("b example") };
	static const struct {
		struct batch_input input;
		const char *error;
	} table[] = {
		{ { 0 }, " choice" },
		{ { .selector = STR_INIT("all"), .names = names, .name_count = 1 }, " choice" },
		{ { .names = names, .name_count = 2 }, "/names/1 domain.syntax" },
		{ { .names = names, .name_count = BATCH_NAMES + 1 }, "/names too-long" },
		{ { .selector = STR_INIT("tags:x") }, "/selector selector" },
		{ { .selector = STR_INIT("all"), .profile = STR_INIT("x") }, "/profile enum" },
		{ { .selector = STR_INIT("all"), .priority = STR_INIT("x") }, "/priority enum" },
	};
	struct batch_row row;
	struct desk desk;

	desk_open(&desk);
	for (size_t i = 0; i < ARRAY_COUNT(table); i++) {
		test_row("%s", table[i].error);
		CHECK_INT(start(&desk, &desk.admin, table[i].input, &row), -EINVAL);
		CHECK_STR(desk_error(&desk, 0), table[i].error);
	}
	CHECK_INT(start(&desk, &desk.roles[ROLE_VIEWER], table[1].input, &row), -EACCES);
	desk_close(&desk);
}

TEST(a_cancelled_batch_ends_every_scan_once)
{
	static const struct str names[] = { STR_INIT("a.example"), STR_INIT("b.example"),
					    STR_INIT("c.example") };
	struct scan_choice choice = { .status = STR_INIT("cancelled") };
	struct page page = { .limit = 10 };
	struct expand_outcome outcome;
	struct batch_row row, *rows;
	struct scan_row *scans;
	struct desk desk;
	struct str id, next;
	size_t count;

	desk_open(&desk);
	DESK_CHECK(&desk,
		   start(&desk, &desk.admin,
			 (struct batch_input){ .names = names, .name_count = 3 }, &row),
		   0);
	CHECK(row.state == BATCH_EXPANDING && row.priority == PRIORITY_BULK);
	CHECK_STR(desk_audited(&desk), "batch.create");
	id = id_text(desk.a, "bat", row.id);
	CHECK_INT(expand_step(desk.rows.store, NULL, row.id, 0, &outcome, NULL), 0);
	CHECK_INT(outcome.made, 3);
	CHECK_INT(app_batch_cancel(&desk.app, &desk.stranger, desk.a, id, &row, desk_fresh(&desk)),
		  -ENOENT);
	DESK_CHECK(&desk,
		   app_batch_cancel(&desk.app, &desk.admin, desk.a, id, &row, desk_fresh(&desk)),
		   0);
	CHECK(row.state == BATCH_CANCELLED && row.cancelled == 3 && row.total == 3);
	CHECK_INT(app_batch_cancel(&desk.app, &desk.admin, desk.a, id, &row, desk_fresh(&desk)),
		  -EALREADY);
	choice.batch = id;
	DESK_CHECK(&desk,
		   app_scan_list(&desk.app, &desk.admin, desk.a, &choice, &page, &scans, &count,
				 &next, desk_fresh(&desk)),
		   0);
	CHECK_INT(count, 3);
	DESK_CHECK(&desk,
		   app_batch_list(&desk.app, &desk.admin, desk.a, &page, &rows, &count, &next,
				  desk_fresh(&desk)),
		   0);
	CHECK(count == 1 && uuid_eq(rows[0].id, row.id));
	DESK_CHECK(&desk,
		   app_batch_get(&desk.app, &desk.admin, desk.a, id, &row, desk_fresh(&desk)), 0);
	desk_close(&desk);
}

static int cancel_only_the_batch(struct store_tx *tx, void *context, struct err *err)
{
	return batch_cancel(tx, *(struct uuid *)context, err);
}

TEST(a_scan_left_by_a_cancel_that_died_ends_when_it_is_taken)
{
	static const struct str name = STR_INIT("a.example");
	struct scan_choice choice = { .status = STR_INIT("open") };
	struct scan_taking taking = { 0 };
	struct page page = { .limit = 10 };
	struct expand_outcome outcome;
	struct scan_row *scans;
	struct batch_row row;
	struct desk desk;
	struct str next;
	size_t count;

	desk_open(&desk);
	DESK_CHECK(&desk,
		   start(&desk, &desk.admin,
			 (struct batch_input){ .names = &name, .name_count = 1 }, &row),
		   0);
	CHECK_INT(expand_step(desk.rows.store, NULL, row.id, 0, &outcome, NULL), 0);
	rows_write(&desk.rows, cancel_only_the_batch, &row.id, 0);
	DESK_CHECK(&desk,
		   app_scan_list(&desk.app, &desk.admin, desk.a, &choice, &page, &scans, &count,
				 &next, desk_fresh(&desk)),
		   0);
	CHECK_INT(count, 1);
	taking.scan = scans[0].id;
	CHECK_INT(app_scan_take(&desk.app, desk.a, uuid_new(1), &taking, 1, NULL), 0);
	CHECK_INT(taking.code, -EALREADY);
	CHECK(taking.row.status == SCAN_IS_CANCELLED);
	desk_close(&desk);
}

/* ---- history ---- */

static struct str stable_of(struct arena *a, const struct fact *fact)
{
	struct buf out;

	buf_init(&out, a);
	fact_encode_stable(&out, fact);
	return buf_str(&out);
}

/* One scan of a domain with one fact, seen at that time. */
static struct uuid scan_once(struct desk *desk, const char *text, int64_t seen_us)
{
	struct scan_input input = { .name = STR_LIT("example.com") };
	struct scan_taking taking = { 0 };
	struct scan_stored stored;
	const struct fact *facts[1];
	struct fact fact;
	struct buf blob;
	struct str stable;
	struct scan_outcome outcome = { .status = SCAN_IS_DONE,
					.ended_at = desk->rows.now_us,
					.grade = 5,
					.score = 80,
					.verdicts = STR_LIT("verdicts") };

	DESK_CHECK(desk,
		   app_scan_start(&desk->app, &desk->admin, desk->a, &input, &taking.row,
				  desk_fresh(desk)),
		   0);
	taking.scan = taking.row.id;
	CHECK_INT(app_scan_take(&desk->app, desk->a, uuid_new(1), &taking, 1, NULL), 0);
	CHECK_INT(fact_parse(desk->a, str_of(text), &fact, NULL), 0);
	fact.seen_us = seen_us;
	facts[0] = &fact;
	buf_init(&blob, desk->a);
	facts_encode_volatile(&blob, facts, 1);
	stable = stable_of(desk->a, &fact);
	outcome.scan = taking.scan;
	outcome.token = taking.row.token;
	outcome.facts = &stable;
	outcome.fact_count = 1;
	outcome.volatile_blob = buf_str(&blob);
	CHECK_INT(app_scan_end(&desk->app, &outcome, 1, &stored, NULL), 0);
	CHECK(!stored.is_stale);
	return taking.scan;
}

TEST(history_gives_back_what_each_scan_saw)
{
	struct page page = { .limit = 10 };
	struct change_choice choice = { .domain = STR_INIT("example.com") };
	struct observations seen;
	struct change_row *changes;
	struct scan_row *scans;
	struct uuid ids[3];
	struct desk desk;
	struct str next, verdicts;
	size_t count;

	desk_open(&desk);
	for (int i = 0; i < 3; i++) {
		desk.rows.now_us += SECOND_US;
		ids[i] = scan_once(&desk,
				   i < 2 ? "dns example.com A 192.0.2.1"
					 : "dns example.com A 192.0.2.2",
				   desk.rows.now_us + i);
	}
	for (int i = 0; i < 3; i++) {
		test_row("scan %d", i);
		DESK_CHECK(&desk,
			   app_observations(&desk.app, &desk.admin, desk.a,
					    id_text(desk.a, "scn", ids[i]), &seen,
					    desk_fresh(&desk)),
			   0);
		CHECK_INT(seen.count, 1);
		CHECK_INT(seen.fact[0].seen_us, ROWS_START + (i + 1) * SECOND_US + i);
	}
	DESK_CHECK(&desk,
		   app_score_list(&desk.app, &desk.admin, desk.a, STR_LIT("example.com"), &page,
				  &scans, &count, &next, desk_fresh(&desk)),
		   0);
	CHECK(count == 3 && scans[0].score == 80 && uuid_eq(scans[0].id, ids[2]));
	DESK_CHECK(&desk,
		   app_change_list(&desk.app, &desk.admin, desk.a, &choice, &page, &changes, &count,
				   &next, desk_fresh(&desk)),
		   0);
	CHECK_INT(count, 2);
	DESK_CHECK(&desk,
		   app_scan_verdicts(&desk.app, &desk.admin, desk.a, id_text(desk.a, "scn", ids[0]),
				     &scans[0], &verdicts, desk_fresh(&desk)),
		   0);
	CHECK_STR(verdicts, "verdicts");
	CHECK_INT(app_observations(&desk.app, &desk.stranger, desk.a,
				   id_text(desk.a, "scn", ids[0]), &seen, desk_fresh(&desk)),
		  -ENOENT);
	CHECK_INT(app_score_list(&desk.app, &desk.stranger, desk.a, STR_LIT("example.com"), &page,
				 &scans, &count, &next, desk_fresh(&desk)),
		  -ENOENT);
	desk_close(&desk);
}

/* ---- the queue ---- */

static int bury_one(struct store_tx *tx, void *context, struct err *err)
{
	struct job_row *jobs;
	size_t count;
	int64_t no;

	TRY(job_insert(tx, BUS_SCAN_BULK, STR_LIT("{}"), 0, &no, err));
	TRY(job_take(tx, BUS_SCAN_BULK, uuid_new(1), 1, SECOND_US, &jobs, &count, err));
	return job_bury(tx, no, jobs[0].token, STR_LIT("no scan"), err);
}

TEST(who_runs_no_installation_sees_his_own_scans_in_the_queue)
{
	static const struct scan_input own = { .name = STR_LIT("own.example"),
					       .priority = STR_LIT("bulk") };
	struct queue_view view;
	struct scan_row scan;
	struct desk desk;

	desk_open(&desk);
	for (int i = 0; i < 2; i++) {
		const struct actor *actor = i ? &desk.stranger : &desk.admin;

		DESK_CHECK(&desk,
			   app_scan_start(&desk.app, actor, desk.a, &own, &scan, desk_fresh(&desk)),
			   0);
		DESK_CHECK(
			&desk,
			app_queue_view(&desk.app, &desk.stranger, desk.a, &view, desk_fresh(&desk)),
			0);
		CHECK_INT(view.depth[BUS_SCAN_BULK].ready, i); /* the admin's is not his */
		CHECK(view.depth[BUS_SCAN_HIGH].ready == 0 && view.running == 0 &&
		      !view.worker_count);
	}
	desk_close(&desk);
}

TEST(dead_letters_are_for_those_who_run_the_installation)
{
	struct page page = { .limit = 10 };
	struct queue_view view;
	struct job_row *rows;
	struct desk desk;
	struct str next;
	size_t count;

	desk_open(&desk);
	rows_write(&desk.rows, bury_one, NULL, 0);
	DESK_CHECK(&desk,
		   app_queue_view(&desk.app, &desk.stranger, desk.a, &view, desk_fresh(&desk)), 0);
	CHECK(view.dead == 0 && view.depth[BUS_SCAN_BULK].dead == 0);
	DESK_CHECK(&desk, app_queue_view(&desk.app, &desk.admin, desk.a, &view, desk_fresh(&desk)),
		   0);
	CHECK(view.dead == 1 && view.depth[BUS_SCAN_BULK].dead == 1 && view.worker_count == 0);
	CHECK_INT(app_queue_dead(&desk.app, &desk.stranger, desk.a, &page, &rows, &count, &next,
				 desk_fresh(&desk)),
		  -EACCES);
	DESK_CHECK(&desk,
		   app_queue_dead(&desk.app, &desk.admin, desk.a, &page, &rows, &count, &next,
				  desk_fresh(&desk)),
		   0);
	CHECK_INT(count, 1);
	CHECK_STR(rows[0].reason, "no scan");
	CHECK_INT(app_queue_revive(&desk.app, &desk.roles[ROLE_OPERATOR], rows[0].no,
				   desk_fresh(&desk)),
		  -EACCES);
	CHECK_INT(app_queue_revive(&desk.app, &desk.stranger, rows[0].no, desk_fresh(&desk)),
		  -EACCES);
	DESK_CHECK(&desk, app_queue_revive(&desk.app, &desk.admin, rows[0].no, desk_fresh(&desk)),
		   0);
	CHECK_STR(desk_audited(&desk), "queue.revive");
	CHECK_INT(app_queue_discard(&desk.app, &desk.admin, rows[0].no, desk_fresh(&desk)),
		  -ENOENT);
	desk_close(&desk);
}
