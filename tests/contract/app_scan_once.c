/* SPDX-License-Identifier: Apache-2.0 */
/* Does a scan say how far it is, and end once, by who has it? */
#include "tests/contract/scan_world.h"

#include "facts/fact.h"
#include "model/profile.h"

#include "store/event.h"

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
	rows_read(&w->rows, world_look, w, 0);
	if (w->event_count)
		w->seen_event = w->events[w->event_count - 1].sequence;
}

TEST(a_running_scan_has_one_event_that_tells_how_far_it_is)
{
	static const struct step step = { .facts = { "dns example.com A 192.0.2.1" } };
	struct scan_row scan;
	struct world w;

	world_open(&w);
	scan = world_take(&w, "");
	rows_read(&w.rows, world_look, &w, 0);
	w.seen_event = w.events[w.event_count - 1].sequence;
	tell(&w, &scan, scan.token, 2);
	world_told(&w, "scan.progress");
	tell(&w, &scan, scan.token + 1, 3); /* another has it */
	CHECK_STR(w.last.progress, "{\"asked\":9,\"answered\":2,\"judged\":1,\"checks\":4}");
	tell(&w, &scan, scan.token, 2); /* nothing new */
	CHECK_INT(w.event_count, 0);
	tell(&w, &scan, scan.token, 7);
	world_told(&w, "scan.progress");
	CHECK_STR(w.last.progress, "{\"asked\":9,\"answered\":7,\"judged\":1,\"checks\":4}");
	world_end(&w, &step, &scan);
	CHECK(!w.last.progress.len && !w.last.progress_event);
	tell(&w, &scan, scan.token, 8);
	w.seen_event = 0;
	rows_read(&w.rows, world_look, &w, 0);
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
	first = world_take(&w, "");
	rows_write(&w.rows, lose_worker, &w, 0);
	taking.scan = first.id;
	CHECK_INT(app_scan_take(&w.app, &w.rows.a, uuid_new(1), &taking, 1, NULL), 0);
	CHECK_INT(taking.code, 0);
	rows_read(&w.rows, world_look, &w, 0);
	w.seen_event = w.events[w.event_count - 1].sequence;
	world_end(&w, &step, &first); /* the one that was thought dead */
	CHECK(w.stored.is_stale);
	CHECK(w.finding_count == 0 && w.event_count == 0 && uuid_is_nil(w.row.scan));
	CHECK(w.last.status == SCAN_IS_RUNNING);
	again = taking.row;
	world_end(&w, &step, &again);
	CHECK(!w.stored.is_stale && w.finding_count == 1);
	world_told(&w, "finding.opened scan.completed");
	world_end(&w, &step, &again); /* the same once more */
	CHECK(w.stored.is_stale);
	world_told(&w, "finding.opened scan.completed");
	world_close(&w);
}

TEST(a_scan_that_five_workers_did_not_end_fails)
{
	struct scan_taking taking = { 0 };
	struct world w;

	world_open(&w);
	taking.scan = world_take(&w, "").id;
	rows_write(&w.rows, lose_worker, &w, 0);
	for (int i = 2; i <= 5; i++) {
		CHECK_INT(app_scan_take(&w.app, &w.rows.a, uuid_new(1), &taking, 1, NULL), 0);
		CHECK_INT(taking.code, 0);
		CHECK_INT(taking.row.attempt, i);
	}
	CHECK_INT(app_scan_take(&w.app, &w.rows.a, uuid_new(1), &taking, 1, NULL), 0);
	CHECK_INT(taking.code, -EALREADY);
	rows_read(&w.rows, world_look, &w, 0);
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

TEST(a_profile_is_told_what_it_may_compare)
{
	static const struct step first = { .facts = {
						   "dns example.com A 192.0.2.1",
						   "api crt.sh example.com row name=a.example.com",
						   "api shodan 192.0.2.1 !timeout",
						   "rdap example.com expires=2027-01-01T00:00:00Z",
						   "http https://www.example.com/ 200" } };
	static const struct step with_policy = {
		.facts = { "dns example.com A 192.0.2.1", "dns example.com TXT \"x\"",
			   "dns _mta-sts.example.com TXT \"v=STSv1; id=1;\"",
			   "http https://mta-sts.example.com/.well-known/mta-sts.txt body brief "
			   "200" }
	};
	static const int profiles[] = { PROFILE_DNS, PROFILE_QUICK, PROFILE_STANDARD,
					PROFILE_PASSIVE, PROFILE_DEEP };
	static const size_t wanted[] = { 0, 0, 3, 3, 3 };
	struct scan_taking taking;
	struct world w;

	world_open(&w);
	w.profile = PROFILE_PASSIVE;
	CHECK_INT(world_taking(&w, "").before_count, 0); /* there was none */
	world_scan(&w, &first);
	for (size_t i = 0; i < ARRAY_COUNT(profiles); i++) {
		w.profile = profiles[i];
		taking = world_taking(&w, "");
		CHECK_INT(taking.before_count, wanted[i]);
		for (size_t k = 0; k < taking.before_count; k++) {
			struct fact fact;

			CHECK_INT(fact_decode(&w.rows.a, taking.before[k], &fact), 0);
			CHECK(fact.question.kind == KIND_api || fact.question.kind == KIND_rdap);
		}
	}
	world_scan(&w, &with_policy); /* and its record, which stands among all the others */
	taking = world_taking(&w, "");
	CHECK_INT(taking.before_count, 2);
	world_close(&w);
}
