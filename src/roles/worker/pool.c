/* SPDX-License-Identifier: Apache-2.0 */
/* Which scanner gets which scan, and what becomes of the scans of a dead one? */
#include "roles/worker/pool.h"

#include "base/clock.h"
#include "base/fault.h"
#include "roles/worker/member.h"

enum { SILENT_MS = 20000, SLACK_MS = 30000, TICK_MS = 250, DEADLINES = 10, LONGEST_MS = 900000 };

struct pool {
	struct pool_settings settings;
	const struct pool_events *events;
	void *data;
	uv_timer_t *tick;
	struct pool_member *members; /* the loneliest and the retiring ones too */
	struct pool_scan *waiting, **waiting_end;
	struct pool_scan *suspects, **suspects_end; /* wait to be tried alone */
	uint64_t last_number;
	size_t held;
	bool is_pumping, has_news; /* news came amid pumping: once more */
};

/* ---- lists of scans ---- */

static void scan_link(struct pool_scan *scan, struct pool_scan **link)
{
	scan->next = *link;
	scan->link = link;
	if (scan->next)
		scan->next->link = &scan->next;
	*link = scan;
}

static void scan_unlink(struct pool *pool, struct pool_scan *scan)
{
	*scan->link = scan->next;
	if (scan->next)
		scan->next->link = scan->link;
	if (pool->waiting_end == &scan->next)
		pool->waiting_end = scan->link;
	if (pool->suspects_end == &scan->next)
		pool->suspects_end = scan->link;
	if (scan->member)
		scan->member->running--;
	scan->member = NULL;
	scan->link = NULL;
}

static void scan_wait(struct pool *pool, struct pool_scan *scan)
{
	struct pool_scan ***end = scan->deaths ? &pool->suspects_end : &pool->waiting_end;

	scan_link(scan, *end);
	*end = &scan->next;
}

static void scan_end(struct pool *pool, struct pool_scan *scan, enum scan_state state)
{
	scan_unlink(pool, scan);
	scan->number = 0;
	scan->state = state;
	pool->held--;
	pool->events->on_end(pool->data, scan);
}

static void say(struct pool *pool, enum scanner_log_level level, const char *text)
{
	if (pool->events->on_log)
		pool->events->on_log(pool->data, level, str_of(text));
}

/* ---- who gets what ---- */

static void scan_send(struct pool *pool, struct pool_member *member, struct pool_scan *scan)
{
	uint32_t deadline_ms = scan->options.timeout_ms ? scan->options.timeout_ms : LONGEST_MS;
	struct scanner_scan body = { .domain = scan->domain,
				     .has_options = true,
				     .options = scan->options,
				     .before = scan->before,
				     .before_count = scan->before_count };

	scan_unlink(pool, scan);
	scan_link(scan, &member->scans);
	scan->member = member;
	member->running++;
	body.number = scan->number = ++pool->last_number;
	scan->limit_us = clock_monotonic_us() +
			 ((int64_t)deadline_ms * DEADLINES + pool->settings.slack_ms) * 1000;
	scanner_process_scan(member->process, &body);
}

/* The one of its sort with the fewest scans that has room. */
static struct pool_member *member_free(const struct pool *pool, bool is_alone)
{
	size_t room = is_alone ? 1 : pool->settings.in_flight;
	struct pool_member *best = NULL;

	for (struct pool_member *member = pool->members; member; member = member->next)
		if (member->is_ready && !member->is_retiring && member->is_alone == is_alone &&
		    member->running < room && !scanner_process_is_full(member->process) &&
		    (!best || member->running < best->running))
			best = member;
	return best;
}

static size_t members_alone(const struct pool *pool)
{
	size_t count = 0;

	for (const struct pool_member *member = pool->members; member; member = member->next)
		count += member->is_alone && !member->is_retiring;
	return count;
}

static void member_add(struct pool *pool, bool is_alone, unsigned failures)
{
	struct pool_member *member = member_new(pool, is_alone, failures);

	member->next = pool->members;
	member->link = &pool->members;
	if (member->next)
		member->next->link = &member->next;
	pool->members = member;
	member_start(member, pool->settings.loop, &pool->settings.scanner, pool->settings.paces_fd,
		     pool->settings.runner);
}

static void member_remove(struct pool_member *member)
{
	*member->link = member->next;
	if (member->next)
		member->next->link = member->link;
	member_free_storage(member);
}

/* Suspects get scanners of their own, as many at most as there are others; idle ones leave. */
static void suspects_serve(struct pool *pool)
{
	struct pool_member *member;

	while (pool->suspects && (member = member_free(pool, true)))
		scan_send(pool, member, pool->suspects);
	if (pool->suspects && members_alone(pool) < pool->settings.scanners) {
		for (member = pool->members; member; member = member->next)
			if (member->is_alone && !member->is_ready && !member->is_retiring)
				return; /* one is on its way */
		member_add(pool, true, 0);
	}
	if (pool->suspects)
		return;
	for (member = pool->members; member; member = member->next)
		if (member->is_alone && !member->running)
			member_retire(member);
}

static void pump_once(struct pool *pool)
{
	struct pool_member *member;

	pool->has_news = false;
	while (pool->waiting && (member = member_free(pool, false)))
		scan_send(pool, member, pool->waiting);
	suspects_serve(pool);
	if (pool->held < pool_capacity(pool) && pool->events->on_room)
		pool->events->on_room(pool->data);
}

static void pump(struct pool *pool)
{
	pool->has_news = true;
	if (pool->is_pumping)
		return;
	pool->is_pumping = true;
	while (pool->has_news)
		pump_once(pool);
	pool->is_pumping = false;
}

/* ---- what scanners say (member.c) ---- */

void pool_member_ready(struct pool_member *member)
{
	pump(member->pool);
}

struct pool_scan *pool_scan_of(struct pool_member *member, uint64_t number)
{
	for (struct pool_scan *scan = member->scans; scan; scan = scan->next)
		if (scan->number == number)
			return scan;
	return NULL;
}

void pool_scan_ended(struct pool_member *member, struct pool_scan *scan, enum scan_state state)
{
	struct pool *pool = member->pool;

	scan_end(pool, scan, state);
	if (member->is_retiring && !member->running)
		member_retire(member);
	pump(pool);
}

void pool_scan_progress(struct pool_member *member, struct pool_scan *scan,
			const struct scan_progress *progress)
{
	struct pool *pool = member->pool;

	if (pool->events->on_progress && !scan->is_cancelled)
		pool->events->on_progress(pool->data, scan, progress);
}

void pool_member_log(struct pool_member *member, enum scanner_log_level level, struct str text)
{
	struct pool *pool = member->pool;

	if (pool->events->on_log)
		pool->events->on_log(pool->data, level, text);
}

static void scan_survived(struct pool *pool, struct pool_scan *scan, const char *why)
{
	if (scan->is_cancelled) {
		scan_end(pool, scan, SCAN_CANCELLED);
		return;
	}
	scan->deaths++;
	scan->fact_count = 0;
	scan->verdicts = STR_NONE;
	if (pool->events->on_death)
		pool->events->on_death(pool->data, scan, why);
	if (FAULT_IS_OFF("poison-limit") ||
	    (scan->deaths < POOL_DEATHS && !FAULT_IS_OFF("retry-alone"))) {
		scan_unlink(pool, scan);
		scan_wait(pool, scan);
		return;
	}
	scan->is_poison = true;
	scan->error = str_printf(&scan->arena, "%u scanners died of it, the last one so: %s",
				 scan->deaths, why);
	scan_end(pool, scan, SCAN_FAILED);
}

void pool_member_gone(struct pool_member *member, const char *why)
{
	struct pool *pool = member->pool;
	bool is_alone = member->is_alone, is_retiring = member->is_retiring;
	/* Dying of a scan is not dying of oneself. */
	unsigned failures = member->has_worked || member->scans ? 0 : member->failures + 1;

	pool->is_pumping = true;
	if (why[0])
		say(pool, SCANNER_LOG_WARNING, why);
	while (member->scans)
		scan_survived(pool, member->scans, why);
	member_remove(member);
	if (!is_retiring && (!is_alone || pool->suspects))
		member_add(pool, is_alone, failures);
	pool->is_pumping = false;
	pump(pool);
}

/* ---- what nobody says ---- */

static void member_watch(struct pool *pool, struct pool_member *member, int64_t now)
{
	if (!member->process) {
		if (member->is_retiring)
			member_remove(member);
		else
			member_start(member, pool->settings.loop, &pool->settings.scanner,
				     pool->settings.paces_fd, pool->settings.runner);
		return;
	}
	if (now - member->heard_us > pool->settings.silent_ms * 1000ll) {
		scanner_process_blame(member->process, "the scanner has fallen silent");
		return;
	}
	for (const struct pool_scan *scan = member->scans; scan; scan = scan->next)
		if (now > scan->limit_us) {
			scanner_process_blame(member->process, "the scanner does not end a scan");
			return;
		}
}

static void on_tick(uv_timer_t *timer)
{
	struct pool *pool = timer->data;
	int64_t now = clock_monotonic_us();

	for (struct pool_member *member = pool->members, *next; member; member = next) {
		next = member->next;
		member_watch(pool, member, now);
	}
	pump(pool);
}

/* ---- outside ---- */

int pool_open(const struct pool_settings *settings, const struct pool_events *events, void *data,
	      struct pool **ret, struct err *err)
{
	struct pool *pool;
	struct arena scratch = { 0 };
	bool is_there = process_program(&scratch);

	arena_release(&scratch);
	if (!is_there)
		return err_set(err, -ENOENT, "dss-net is missing: it belongs beside dss");
	pool = memory_alloc(sizeof *pool);
	*pool = (struct pool){ .settings = *settings, .events = events, .data = data };
	pool->waiting_end = &pool->waiting;
	pool->suspects_end = &pool->suspects;
	if (!pool->settings.silent_ms)
		pool->settings.silent_ms = SILENT_MS;
	if (!pool->settings.slack_ms)
		pool->settings.slack_ms = SLACK_MS;
	member_configure(&pool->settings.scanner, pool->settings.in_flight,
			 settings->paces_fd >= 0);
	pool->tick = memory_alloc(sizeof *pool->tick);
	if (uv_timer_init(settings->loop, pool->tick) < 0)
		memory_exhausted();
	pool->tick->data = pool;
	uv_timer_start(pool->tick, on_tick, TICK_MS, TICK_MS);
	for (unsigned i = 0; i < settings->scanners; i++)
		member_add(pool, false, 0);
	*ret = pool;
	return 0;
}

void pool_close(struct pool *pool)
{
	if (!pool)
		return;
	while (pool->members)
		member_remove(pool->members);
	uv_close((uv_handle_t *)pool->tick, (uv_close_cb)memory_free);
	memory_free(pool);
}

void pool_put(struct pool *pool, struct pool_scan *scan)
{
	scan->number = ++pool->last_number;
	scan->member = NULL;
	scan->is_cancelled = scan->is_poison = false;
	pool->held++;
	scan_wait(pool, scan);
	pump(pool);
}

void pool_cancel(struct pool *pool, struct pool_scan *scan)
{
	scan->is_cancelled = true;
	if (scan->member)
		scanner_process_cancel(scan->member->process, scan->number);
	else
		scan_end(pool, scan, SCAN_CANCELLED);
}

void pool_forget(struct pool *pool, struct pool_scan *scan)
{
	struct pool_member *member = scan->member;

	if (member)
		scanner_process_cancel(member->process, scan->number);
	scan_unlink(pool, scan);
	scan->number = 0;
	pool->held--;
}

void pool_set_resolvers(struct pool *pool, struct str *resolvers, size_t count)
{
	unsigned fresh = 0;

	pool->settings.scanner.resolvers = resolvers;
	pool->settings.scanner.resolver_count = count;
	for (struct pool_member *member = pool->members; member; member = member->next) {
		fresh += !member->is_alone && !member->is_retiring;
		member_retire(member);
	}
	for (unsigned i = 0; i < fresh; i++)
		member_add(pool, false, 0);
}

size_t pool_capacity(const struct pool *pool)
{
	return (size_t)pool->settings.scanners * pool->settings.in_flight;
}

size_t pool_held(const struct pool *pool)
{
	return pool->held;
}

size_t pool_ready(const struct pool *pool)
{
	size_t count = 0;

	for (const struct pool_member *member = pool->members; member; member = member->next)
		count += member->is_ready && !member->is_retiring;
	return count;
}

size_t pool_pids(const struct pool *pool, pid_t *ret, size_t size)
{
	size_t count = 0;

	for (const struct pool_member *member = pool->members; member; member = member->next) {
		pid_t pid = member->process ? scanner_process_pid(member->process) : 0;

		if (pid && count++ < size)
			ret[count - 1] = pid;
	}
	return count;
}
