/* SPDX-License-Identifier: Apache-2.0 */
/* Does the leader let go what is older than the settings keep, and nothing younger? */
#include "roles/scheduler/duty.h"
#include "store/audit.h"
#include "store/batch.h"
#include "store/event.h"
#include "store/fact.h"
#include "store/job.h"
#include "store/key.h"
#include "store/session.h"
#include "store/user.h"
#include "tests/contract/scan_rows.h"

enum { KEPT_DAYS = 10, ROUNDS = 200 };

static const char *const tables[] = { "scan", "batch", "event",   "audit",      "key",
				      "job",  "fact",  "session", "login_link", "document" };

static void count_all(struct rows *rows, int64_t ret[ARRAY_COUNT(tables)])
{
	for (size_t i = 0; i < ARRAY_COUNT(tables); i++) {
		char text[64];

		snprintf(text, sizeof text, "SELECT count(*) FROM %s", tables[i]);
		ret[i] = fixture_ask(&rows->fixture, text);
	}
}

/* ---- one of each ---- */

static int make_letter(struct store_tx *tx, struct err *err)
{
	struct uuid consumer = uuid_new(tx->now_us);
	struct job_row *jobs;
	size_t count;
	int64_t no;

	TRY(job_insert(tx, PRIORITY_BULK, STR_LIT("{}"), tx->now_us, &no, err));
	TRY(job_take(tx, PRIORITY_BULK, consumer, 1, WORKER_LEASE_US, &jobs, &count, err));
	CHECK_INT(count, 1);
	return job_bury(tx, jobs[0].no, jobs[0].token, STR_LIT("poison"), err);
}

static int make_people(struct store_tx *tx, struct str salt, struct err *err)
{
	struct user_row user = { .workspace = WORKSPACE_DEFAULT,
				 .name = salt,
				 .role = ROLE_VIEWER };
	struct key_row key = { .workspace = WORKSPACE_DEFAULT,
			       .name = salt,
			       .hash = salt,
			       .prefix = salt,
			       .role = ROLE_VIEWER },
		       expiring = key;
	struct session_row session = { .hash = salt,
				       .csrf = STR_LIT("c"),
				       .expires_at = tx->now_us + SECOND_US };

	TRY(user_insert(tx, &user, err));
	session.user = user.id;
	TRY(session_insert(tx, &session, err));
	TRY(login_link_insert(tx, salt, user.id, tx->now_us + SECOND_US, err));
	TRY(key_insert(tx, &key, err));
	TRY(key_revoke(tx, key.id, err));
	expiring.hash = str_printf(tx->a, "%.*s expiring", STR(salt));
	expiring.expires_at = tx->now_us + SECOND_US;
	return key_insert(tx, &expiring, err);
}

static int make_scan(struct store_tx *tx, int64_t domain, struct err *err)
{
	struct batch_row batch = { .workspace = WORKSPACE_DEFAULT, .profile = BATCH_NO_PROFILE };
	struct scan_row scan = { .workspace = WORKSPACE_DEFAULT, .domain = domain };
	struct str fact = str_printf(tx->a, "seen at %lld", (long long)tx->now_us);
	struct uuid worker = rows_worker(tx);
	bool is_done;

	TRY(batch_insert(tx, &batch, err));
	scan.batch = batch.id;
	TRY(scan_insert(tx, &scan, err));
	TRY(batch_advance(tx, batch.id, 0, 1, 1, true, &is_done, err));
	TRY(scan_take(tx, scan.id, worker, &scan, err));
	TRY(fact_set_put(tx, &fact, 1, &scan.fact_set, err));
	TRY(document_put(tx, fact, &scan.verdicts, err));
	scan.status = SCAN_IS_DONE;
	TRY(scan_end(tx, &scan, STR_NONE, err));
	return batch_count_end(tx, batch.id, SCAN_IS_DONE, 1, &is_done, err);
}

static int make_one_of_each(struct store_tx *tx, void *context, struct err *err)
{
	struct str salt = str_printf(tx->a, "at %lld", (long long)tx->now_us);
	struct audit_row row = { .workspace = WORKSPACE_DEFAULT,
				 .actor = STR_LIT("system"),
				 .action = STR_LIT("test"),
				 .subject = salt };
	struct event_row event = { .workspace = WORKSPACE_DEFAULT };

	TRY(make_letter(tx, err));
	TRY(make_people(tx, salt, err));
	TRY(make_scan(tx, *(int64_t *)context, err));
	TRY(event_insert(tx, &event, err));
	return audit_insert(tx, &row, err);
}

static int make_domain(struct store_tx *tx, void *context, struct err *err)
{
	*(int64_t *)context = rows_domain(tx, "kept.example");
	return 0;
}

/* ---- the leader ---- */

struct leading {
	struct rows rows;
	struct leader leader;
	struct scheduler_options options;
	struct log log;
	struct duties duties;
};

static void leading_open(struct leading *leading)
{
	rows_open(&leading->rows);
	leading->leader = (struct leader){ .store = leading->rows.store,
					   .name = STR_LIT("scheduler"),
					   .id = uuid_new(ROWS_START) };
	leading->duties = (struct duties){ .options = &leading->options,
					   .store = leading->rows.store,
					   .leader = &leading->leader,
					   .now_us = SECOND_US };
	app_init(&leading->duties.app, leading->rows.store);
	leading->log.level = LEVEL_ERROR;
	leading->options.log = &leading->log;
}

static void lead(struct leading *leading)
{
	struct err err = { 0 };
	bool again;

	for (int i = 0; i < ROUNDS; i++) {
		leading->duties.now_us += SECOND_US;
		CHECK_INT(leader_hold(&leading->leader, leading->duties.now_us, &err), 1);
		if (duty_expire(&leading->duties, &again, &err) < 0 ||
		    duty_collect(&leading->duties, &again, &err) < 0)
			fail_msg("%s", err.text);
	}
}

static void leading_close(struct leading *leading)
{
	collect_release(&leading->duties.collect);
	rows_close(&leading->rows);
}

TEST(what_is_older_than_it_is_kept_goes)
{
	struct leading leading = { .options = { .keep_scans = KEPT_DAYS,
						.keep_events = KEPT_DAYS,
						.keep_audit = KEPT_DAYS,
						.keep_keys = KEPT_DAYS,
						.keep_letters = KEPT_DAYS } };
	int64_t before[ARRAY_COUNT(tables)], after[ARRAY_COUNT(tables)], domain;

	leading_open(&leading);
	rows_write(&leading.rows, make_domain, &domain, 0);
	rows_write(&leading.rows, make_one_of_each, &domain, 0);
	leading.rows.now_us += (KEPT_DAYS + 2) * DAY_US;
	rows_write(&leading.rows, make_one_of_each, &domain, 0);
	leading.rows.now_us += 2 * SECOND_US; /* the newer session and link are over too */
	count_all(&leading.rows, before);
	lead(&leading);
	count_all(&leading.rows, after);
	for (size_t i = 0; i < ARRAY_COUNT(tables); i++) {
		bool is_timed = i == 7 || i == 8, is_audit = i == 3;

		test_row("%s: %lld before, %lld after", tables[i], (long long)before[i],
			 (long long)after[i]);
		CHECK(before[i] >= 2);
		/* the row about the audit rows that went is one more */
		CHECK_INT(after[i], is_timed ? 0 : before[i] / 2 + is_audit);
	}
	leading_close(&leading);
}

TEST(with_no_term_nothing_goes_but_what_has_its_own)
{
	struct leading leading = { 0 };
	int64_t before[ARRAY_COUNT(tables)], after[ARRAY_COUNT(tables)], domain;

	leading_open(&leading);
	rows_write(&leading.rows, make_domain, &domain, 0);
	rows_write(&leading.rows, make_one_of_each, &domain, 0);
	leading.rows.now_us += 9000 * DAY_US;
	rows_write(&leading.rows, make_one_of_each, &domain, 0);
	count_all(&leading.rows, before);
	lead(&leading);
	count_all(&leading.rows, after);
	for (size_t i = 0; i < ARRAY_COUNT(tables); i++) {
		test_row("%s", tables[i]);
		CHECK_INT(after[i], i == 7 || i == 8 ? 1 : before[i]);
	}
	leading_close(&leading);
}
