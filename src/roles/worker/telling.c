/* SPDX-License-Identifier: Apache-2.0 */
/* How far are scans that run for a while? Told once a second, and lost when the store has no time for it. */
#include "roles/worker/parts.h"

enum { TELL_MS = 1000 };

static void tell_run(struct errand *errand)
{
	struct telling *telling = (struct telling *)errand;

	errand->code =
		app_scan_tell(&errand->worker->app, telling->scans, telling->count, &errand->err);
}

static void tell_later(struct worker *worker)
{
	if (!timer_is_running(&worker->tell) && !worker->telling.errand.is_busy)
		timer_start(&worker->timers, &worker->tell, worker_in_ms(TELL_MS));
}

static bool has_news(const struct worker *worker)
{
	for (const struct held *held = worker->held; held; held = held->next)
		if (held->has_progress)
			return true;
	return false;
}

static void tell_over(struct errand *errand)
{
	struct worker *worker = errand->worker;

	if (!worker->is_parting && has_news(worker))
		tell_later(worker);
}

static void on_tell(struct timer *timer)
{
	struct worker *worker = OF_TIMER(timer, tell);
	struct telling *telling = &worker->telling;

	telling->count = 0;
	for (struct held *held = worker->held; held && telling->count < BATCH; held = held->next) {
		if (!held->has_progress || held->phase != HELD_SCANNING)
			continue;
		held->has_progress = false;
		telling->scans[telling->count++] = (struct scan_telling){
			.scan = held->id,
			.token = held->row.token,
			.asked = held->progress.asked,
			.answered = held->progress.answered,
			.judged = held->progress.judged,
			.checks = held->progress.checks,
		};
	}
	if (telling->count && !worker->store_failures && !worker->is_parting)
		errand_start(&telling->errand);
}

void telling_init(struct worker *worker)
{
	worker->telling.errand =
		(struct errand){ .worker = worker, .run = tell_run, .over = tell_over };
	worker->tell.on_due = on_tell;
}

void telling_heard(struct held *held, const struct scan_progress *progress)
{
	held->progress = *progress;
	held->has_progress = true;
	tell_later(held->worker);
}
