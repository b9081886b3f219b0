/* SPDX-License-Identifier: Apache-2.0 */
/* What does one scanner of the pool say of its scans? */
#include "roles/worker/member.h"

#include "base/clock.h"
#include "facts/volatile.h"

enum { PROGRESS_MS = 1000, FIRST_DELAY_MS = 100, LAST_DELAY_MS = 30000 };

void member_configure(struct scanner_configuration *configuration, unsigned in_flight,
		      bool has_paces)
{
	configuration->work = SCANNER_WORK_SCAN;
	configuration->format = STR_NONE;
	configuration->wants_facts = true;
	configuration->progress_ms = PROGRESS_MS;
	configuration->in_flight = in_flight;
	configuration->has_paces = has_paces;
	if (!configuration->options.profile.len)
		configuration->options.profile = STR_LIT("standard");
}

static void hear(struct pool_member *member)
{
	member->heard_us = clock_monotonic_us();
}

static void on_ready(void *data, const struct scanner_ready *ready)
{
	struct pool_member *member = data;

	hear(member);
	member->is_ready = true;
	pool_member_ready(member);
}

static void on_progress(void *data, const struct scanner_progress *progress)
{
	struct pool_member *member = data;

	hear(member);
	for (size_t i = 0; i < progress->scan_count; i++) {
		struct pool_scan *scan = pool_scan_of(member, progress->scans[i].number);

		if (scan)
			pool_scan_progress(member, scan, &progress->scans[i]);
	}
}

static void on_log(void *data, const struct scanner_log *log)
{
	hear(data);
	pool_member_log(data, (enum scanner_log_level)log->level, log->text);
}

static int facts_read(struct pool_scan *scan, const struct scan_facts *facts)
{
	scan->facts = arena_array(&scan->arena, facts->fact_count, sizeof *scan->facts);
	for (size_t i = 0; i < facts->fact_count; i++) {
		struct fact *fact = ARENA_NEW(&scan->arena, struct fact);

		TRY(fact_decode(&scan->arena, str_copy(&scan->arena, facts->facts[i]), fact));
		scan->facts[i] = fact;
	}
	scan->fact_count = facts_order(&scan->arena, scan->facts, facts->fact_count);
	return scan->fact_count == facts->fact_count ? 0 : ERR_SYNTAX;
}

static void on_facts(void *data, const struct scan_facts *facts, struct str body)
{
	struct pool_member *member = data;
	struct pool_scan *scan = pool_scan_of(member, facts->number);

	hear(member);
	if (scan && facts_read(scan, facts) < 0)
		scanner_process_blame(
			member->process,
			"the scanner cannot be believed: it sends facts that are none");
}

static void on_verdicts(void *data, const struct scanner_verdicts *verdicts)
{
	struct pool_member *member = data;
	struct pool_scan *scan = pool_scan_of(member, verdicts->number);
	struct buf bytes;

	hear(member);
	if (!scan)
		return;
	buf_init(&bytes, &scan->arena);
	verdicts_encode(&bytes, &verdicts->judgement);
	scan->verdicts = buf_str(&bytes);
	scan->elapsed_us = verdicts->elapsed_us;
	if (verdicts_decode(&scan->arena, scan->verdicts, &scan->judgement) < 0)
		scanner_process_blame(member->process, "verdicts of ours cannot be read again");
}

static void on_result(void *data, const struct scanner_result *result)
{
	struct pool_member *member = data;
	struct pool_scan *scan = pool_scan_of(member, result->number);

	hear(member);
	member->has_worked = true;
	if (!scan)
		return;
	scan->error = str_copy(&scan->arena, result->error);
	pool_scan_ended(member, scan, (enum scan_state)result->state);
}

static void on_drain(void *data)
{
	pool_member_ready(data);
}

static void on_gone(void *data, int exit_code, bool is_crash, const char *why)
{
	pool_member_gone(data, exit_code ? why : "");
}

static const struct scanner_process_events events = {
	.on_ready = on_ready,
	.on_result = on_result,
	.on_verdicts = on_verdicts,
	.on_facts = on_facts,
	.on_progress = on_progress,
	.on_log = on_log,
	.on_drain = on_drain,
	.on_gone = on_gone,
};

static int64_t delay_us(unsigned failures)
{
	int64_t delay_ms = FIRST_DELAY_MS;

	if (failures < 2) /* the first successor comes at once */
		return 0;
	for (unsigned i = 2; i < failures && delay_ms < LAST_DELAY_MS; i++)
		delay_ms *= 2;
	return MIN(delay_ms, (int64_t)LAST_DELAY_MS) * 1000;
}

struct pool_member *member_new(struct pool *pool, bool is_alone, unsigned failures)
{
	struct pool_member *member = memory_alloc(sizeof *member);

	*member = (struct pool_member){
		.pool = pool,
		.is_alone = is_alone,
		.failures = failures,
		.start_us = clock_monotonic_us() + delay_us(failures),
	};
	return member;
}

void member_start(struct pool_member *member, uv_loop_t *loop,
		  const struct scanner_configuration *configuration, int paces_fd,
		  struct runner *runner)
{
	int64_t now = clock_monotonic_us();
	struct err err = { 0 };

	if (now < member->start_us)
		return;
	member->heard_us = now;
	if (scanner_process_start(loop, configuration, paces_fd, &events, member, &member->process,
				  &err) == 0) {
		if (runner)
			scanner_process_join(member->process, runner);
		return;
	}
	member->process = NULL;
	member->failures++;
	member->start_us = now + MAX(delay_us(member->failures), FIRST_DELAY_MS * 1000ll);
	pool_member_log(member, SCANNER_LOG_WARNING, str_of(err.text));
}

void member_retire(struct pool_member *member)
{
	member->is_retiring = true;
	if (member->process && !member->running && !member->has_finished) {
		member->has_finished = true;
		scanner_process_finish(member->process);
	}
}

void member_free_storage(struct pool_member *member)
{
	scanner_process_close(member->process);
	memory_free(member);
}
