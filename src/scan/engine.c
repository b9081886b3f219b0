/* SPDX-License-Identifier: Apache-2.0 */
/* When does each judge of each scan run, and when has a scan ended? */
#include "scan/engine.h"

#include "base/clock.h"

enum { QUESTIONS = 2000, MEMORY_BYTES = 16 << 20 };

struct engine {
	uv_loop_t *loop;
	struct timers *timers;
	struct gate *gate;
	uv_check_t *after_poll;    /* scans with news run after the answers of a turn were read */
	uv_prepare_t *before_poll; /* and before the loop sleeps, as timers make news too */
	uv_idle_t *awake;          /* runs while there is news: the loop does not sleep then */
	struct scan *scans;
	struct scan *dirty;
	size_t running;
};

struct scan {
	struct gate_scan account; /* first: on_fact is given it */
	struct engine *engine;
	struct evaluation evaluation;
	const struct scan_request *request;
	struct scan_limits limits;
	scan_callback *callback;
	void *context;
	struct arena arena; /* waiters */
	struct gate_waiter *waiters;
	struct timer deadline, debounce;
	int64_t began_us, paced_counted_us;
	size_t asked;     /* questions under way */
	size_t questions; /* that were ever asked */
	bool is_dirty;
	struct scan *next_dirty;
	struct scan *next, **link;
};

static void stay_awake(uv_idle_t *handle)
{
	(void)handle;
}

static void wake(struct scan *scan)
{
	struct engine *engine = scan->engine;

	if (scan->is_dirty)
		return;
	scan->is_dirty = true;
	scan->next_dirty = engine->dirty;
	engine->dirty = scan;
	uv_idle_start(engine->awake, stay_awake);
}

static void calm(struct scan *scan)
{
	struct scan **link = &scan->engine->dirty;

	if (!scan->is_dirty)
		return;
	while (*link != scan)
		link = &(*link)->next_dirty;
	*link = scan->next_dirty;
	scan->is_dirty = false;
}

static void scan_free(struct scan *scan)
{
	struct engine *engine = scan->engine;

	calm(scan);
	timer_stop(engine->timers, &scan->deadline);
	timer_stop(engine->timers, &scan->debounce);
	for (struct gate_waiter *waiter = scan->waiters; waiter; waiter = waiter->next_of_scan)
		gate_forget(engine->gate, waiter);
	evaluation_release(&scan->evaluation);
	arena_release(&scan->arena);
	*scan->link = scan->next;
	if (scan->next)
		scan->next->link = scan->link;
	engine->running--;
	memory_free(scan);
}

static void finish(struct scan *scan)
{
	struct arena arena = { 0 };
	struct verdicts verdicts;
	struct scan_outcome outcome = {
		.request = scan->request,
		.verdicts = &verdicts,
		.elapsed_us = clock_monotonic_us() - scan->began_us,
		.arena = &arena,
	};
	const struct fact **facts;

	evaluation_verdicts(&scan->evaluation, &arena, &verdicts);
	outcome.fact_count = evaluation_facts(&scan->evaluation, &arena, &facts);
	outcome.facts = facts;
	scan->callback(scan->context, &outcome);
	arena_release(&arena);
	scan_free(scan);
}

static void close_questions(struct scan *scan, enum failure reason)
{
	if (scan->evaluation.is_closed)
		return;
	evaluation_close(&scan->evaluation, reason);
	evaluation_settle(&scan->evaluation);
	wake(scan);
}

static bool is_over_budget(const struct scan *scan)
{
	return arena_held(&scan->evaluation.work) + arena_held(&scan->evaluation.slots_arena) +
		       arena_held(&scan->arena) + scan->account.held_bytes >
	       scan->limits.memory_bytes;
}

/* Ask what judges want by now; true when something could be told at once. */
static bool ask_wanted(struct scan *scan)
{
	const struct question *question;
	bool has_news = false;

	while (!scan->evaluation.is_closed &&
	       (question = evaluation_next_question(&scan->evaluation))) {
		struct gate_waiter *waiter = ARENA_NEW(&scan->arena, struct gate_waiter);
		const struct fact *fact;

		scan->asked++;
		scan->questions++;
		fact = gate_ask(scan->engine->gate, &scan->account, question, waiter);
		waiter->next_of_scan = scan->waiters;
		scan->waiters = waiter;
		if (!fact)
			continue;
		scan->asked--;
		has_news |= evaluation_add(&scan->evaluation, fact);
	}
	return has_news;
}

/* A job that still waits runs early when its first news is old enough, and it is cheap enough. */
static int64_t early_run_at(const struct job *job)
{
	return job->first_news_us + MAX((int64_t)DEBOUNCE_US, job->last_cost_us * DEBOUNCE_COSTS);
}

static bool run_job(struct scan *scan, struct job *job)
{
	bool is_ready = evaluation_job_ready(job);
	int64_t now;

	if (job->is_settled || (!is_ready && !job->news))
		return false;
	now = clock_monotonic_us();
	if (!is_ready && !job->first_news_us)
		job->first_news_us = now;
	if (!is_ready && now < early_run_at(job))
		return false;
	evaluation_run(&scan->evaluation, job);
	job->first_news_us = 0;
	job->last_cost_us = clock_monotonic_us() - now;
	return true;
}

static void on_debounce(struct timer *timer)
{
	wake((struct scan *)((char *)timer - offsetof(struct scan, debounce)));
}

static bool run_jobs(struct scan *scan)
{
	int64_t next = INT64_MAX;
	bool has_run = false;

	for (struct job *job = evaluation_jobs(&scan->evaluation); job; job = job->next) {
		has_run |= run_job(scan, job);
		if (!job->is_settled && job->first_news_us)
			next = MIN(next, early_run_at(job));
	}
	if (next != INT64_MAX)
		timer_start(scan->engine->timers, &scan->debounce, next);
	return has_run;
}

static void advance(struct scan *scan)
{
	bool has_news = true;

	while (has_news && !evaluation_is_done(&scan->evaluation)) {
		has_news = run_jobs(scan);
		has_news |= ask_wanted(scan);
		if (is_over_budget(scan))
			close_questions(scan, FAILURE_BUDGET);
	}
	/* Derived facts that wait for one another, and for nothing else. */
	if (!evaluation_is_done(&scan->evaluation) && !scan->asked &&
	    !timer_is_running(&scan->debounce))
		close_questions(scan, FAILURE_BUDGET);
	if (evaluation_is_done(&scan->evaluation))
		finish(scan);
}

static void advance_dirty(struct engine *engine)
{
	while (engine->dirty) {
		struct scan *scan = engine->dirty;

		engine->dirty = scan->next_dirty;
		scan->is_dirty = false;
		advance(scan);
	}
	uv_idle_stop(engine->awake);
}

static void on_after_poll(uv_check_t *handle)
{
	advance_dirty(handle->data);
}

/* A scan that ends here writes frames, and the handle that sends them was started too late for this
 * turn of the loop: without another turn it would sleep on them until something else happens. */
static void on_before_poll(uv_prepare_t *handle)
{
	struct engine *engine = handle->data;
	bool had_work = engine->dirty != NULL;

	advance_dirty(engine);
	if (had_work)
		uv_idle_start(engine->awake, stay_awake); /* until on_after_poll */
}

static void on_fact(struct gate_scan *account, const struct fact *fact)
{
	struct scan *scan = (struct scan *)account;

	scan->asked--;
	(void)evaluation_add(&scan->evaluation, fact);
	wake(scan);
}

/* Waiting for pacing is not the domain's fault: the clock stopped meanwhile. */
static void on_deadline(struct timer *timer)
{
	struct scan *scan = (struct scan *)((char *)timer - offsetof(struct scan, deadline));
	int64_t paced_us = scan->account.paced_us - scan->paced_counted_us;
	int64_t now = clock_monotonic_us();
	int64_t last = scan->began_us + scan->limits.deadline_us * PACED_DEADLINES;

	if (paced_us > 0 && now < last) {
		scan->paced_counted_us = scan->account.paced_us;
		timer_start(scan->engine->timers, timer, MIN(now + paced_us, last));
		return;
	}
	close_questions(scan, FAILURE_DEADLINE);
}

static uv_handle_t *handle_new(size_t size, void *data)
{
	uv_handle_t *handle = memory_alloc(size);

	memset(handle, 0, size);
	handle->data = data;
	return handle;
}

int engine_open(uv_loop_t *loop, struct timers *timers, struct gate *gate, struct engine **ret)
{
	struct engine *engine = memory_alloc(sizeof *engine);

	*engine = (struct engine){ .loop = loop, .timers = timers, .gate = gate };
	engine->after_poll = (uv_check_t *)handle_new(sizeof *engine->after_poll, engine);
	engine->before_poll = (uv_prepare_t *)handle_new(sizeof *engine->before_poll, engine);
	engine->awake = (uv_idle_t *)handle_new(sizeof *engine->awake, engine);
	uv_check_init(loop, engine->after_poll);
	uv_prepare_init(loop, engine->before_poll);
	uv_idle_init(loop, engine->awake);
	uv_check_start(engine->after_poll, on_after_poll);
	uv_prepare_start(engine->before_poll, on_before_poll);
	/* Scans keep the loop alive through their timers; these two watch only. */
	uv_unref((uv_handle_t *)engine->after_poll);
	uv_unref((uv_handle_t *)engine->before_poll);
	*ret = engine;
	return 0;
}

static void on_handle_closed(uv_handle_t *handle)
{
	memory_free(handle);
}

void engine_close(struct engine *engine)
{
	if (!engine)
		return;
	while (engine->scans)
		scan_free(engine->scans);
	uv_close((uv_handle_t *)engine->after_poll, on_handle_closed);
	uv_close((uv_handle_t *)engine->before_poll, on_handle_closed);
	uv_close((uv_handle_t *)engine->awake, on_handle_closed);
	memory_free(engine);
}

struct scan *engine_scan(struct engine *engine, const struct scan_request *request,
			 struct selection selection, const struct scan_limits *limits,
			 scan_callback *callback, void *context)
{
	struct scan *scan = memory_alloc(sizeof *scan);

	*scan = (struct scan){
		.account = { .kinds = limits->kinds,
			     .is_active = request->is_active,
			     .questions_left = limits->questions ? limits->questions : QUESTIONS,
			     .on_fact = on_fact },
		.engine = engine,
		.request = request,
		.limits = *limits,
		.callback = callback,
		.context = context,
		.began_us = clock_monotonic_us(),
		.deadline = { .on_due = on_deadline },
		.debounce = { .on_due = on_debounce },
	};
	if (!scan->limits.memory_bytes)
		scan->limits.memory_bytes = MEMORY_BYTES;
	scan->next = engine->scans;
	scan->link = &engine->scans;
	if (scan->next)
		scan->next->link = &scan->next;
	engine->scans = scan;
	engine->running++;
	evaluation_init(&scan->evaluation, request, selection);
	if (request->wants_proof)
		evaluation_derive(&scan->evaluation, DERIVED_control_proof, request->domain);
	for (size_t i = 0; i < limits->given_count; i++)
		(void)evaluation_add(&scan->evaluation, limits->given[i]);
	if (limits->is_fresh)
		scan->account.fresh_from_us = scan->began_us;
	timer_start(engine->timers, &scan->deadline, scan->began_us + limits->deadline_us);
	wake(scan);
	return scan;
}

void engine_cancel(struct engine *engine, struct scan *scan)
{
	(void)engine;
	scan_free(scan);
}

struct engine_progress engine_progress(const struct scan *scan)
{
	struct engine_progress progress = { .asked = scan->questions,
					    .answered = scan->questions - scan->asked,
					    .elapsed_us = clock_monotonic_us() - scan->began_us };

	evaluation_progress(&scan->evaluation, &progress.judged, &progress.checks);
	return progress;
}

size_t engine_running(const struct engine *engine)
{
	return engine->running;
}
