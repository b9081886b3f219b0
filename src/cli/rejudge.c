/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What do today's checks say of the scans that are stored, and since when has failed what fails?
 *
 * One domain after the other, one judgement of the scanner at a time: of the last scan as plain data,
 * then of older ones while a check that fails today fails there too, then of the last one again, to be
 * rendered with what was found.
 *
 * Scans in a row that saw the same (a streak: their facts are one set) are judged by the oldest of them;
 * where a check does not fail in that, one by one: time itself makes checks fail, as what expires.
 */
#include "app/domain.h"
#include "app/history.h"
#include "app/policy.h"
#include "cli/judge.h"
#include "facts/compared.h"
#include "model/profile.h"

enum {
	SCANS_LISTED = 1000, /* of one domain; older ones are not looked at */
	SCANS_JUDGED = 200,  /* of one domain */
	DOMAINS_LISTED = 200
};

enum step { STEP_LAST, STEP_OLDEST_OF_STREAK, STEP_ONE, STEP_SHOW };

/* A check that fails today. */
struct failing {
	struct judged_since since;
	bool is_open;         /* it has failed in every scan that was looked at so far */
	bool fails_in_streak; /* in the oldest of the streak at hand */
	bool fails;           /* in the scan that was judged last */
};

struct rejudge {
	struct run run;
	struct store *store;
	struct app app;
	struct actor actor;
	/* which domains */
	struct str *names;
	size_t name_count, next_name;
	struct domain_filter filter;
	struct str after;
	struct arena page_arena;
	bool is_listing;
	/* the domain at hand */
	struct arena arena;
	struct scan_row *scans; /* newest first, those that have facts */
	size_t scan_count;
	bool has_more; /* scans that are not listed */
	size_t streak, at,
		end; /* first scan that is not counted yet, the one judged, its streak's last */
	size_t judged;
	enum step step;
	struct failing *failing;
	size_t failing_count;
	struct str *selectors;
	size_t selector_count;
	uint64_t sent;
};

static int domain_begin(struct rejudge *re, struct str name);

/* ---- sending ---- */

static void since_fill(struct rejudge *re, struct scanner_judge *body)
{
	bool has_seen_all = re->streak == re->scan_count && !re->has_more;

	body->since = arena_array(&re->arena, re->failing_count, sizeof *body->since);
	body->since_count = re->failing_count;
	for (size_t i = 0; i < re->failing_count; i++) {
		body->since[i] = re->failing[i].since;
		body->since[i].is_all = re->failing[i].is_open && has_seen_all;
		body->since[i].is_more = re->failing[i].is_open && !has_seen_all;
	}
}

/* What holds for the domain's next scan, unless --policy says what holds instead. */
static int policy_set(struct rejudge *re, struct str name, struct scanner_options *options)
{
	struct problem problem;

	if (call_value(re->run.call, SETTING_POLICY)->text.len)
		return 0;
	problem_init(&problem, &re->arena);
	if (app_policy_of_domain(&re->app, &re->actor, &re->arena, name, &options->policy,
				 &options->expectations, &problem) == 0)
		return 0;
	run_break(&re->run, EXIT_BROKEN, "%s", problem.err.text);
	return -EIO;
}

/* What the scan before it saw of what judges compare. */
static int before_set(struct rejudge *re, size_t index, struct scanner_judge *body)
{
	struct stored_facts facts = { .count = 0 };
	struct problem problem;

	if (index + 1 == re->scan_count)
		return 0;
	problem_init(&problem, &re->arena);
	if (app_scan_facts(&re->app, &re->actor, &re->arena, &re->scans[index + 1], &facts,
			   &problem) < 0) {
		run_break(&re->run, EXIT_BROKEN, "%s", problem.err.text);
		return -EIO;
	}
	facts.count = facts_compared(facts.stable, facts.count);
	body->before = facts.stable;
	body->before_count = MIN(facts.count, (size_t)SCANNER_BEFORE);
	return 0;
}

/* Scans of any profile are judged as the last one was, so that they can be compared. */
static int scan_send(struct rejudge *re, size_t index, enum step step)
{
	const struct scan_row *scan = &re->scans[index];
	struct arena_mark mark = arena_mark(&re->arena);
	struct str profile = str_of(profile_words[re->scans[0].profile]);
	struct scanner_judge body = { .number = ++re->sent,
				      .has_options = true,
				      .options = re->run.configuration.options,
				      .wants_verdicts = step != STEP_SHOW };
	struct stored_facts facts = { .count = 0 };
	struct problem problem;

	problem_init(&problem, &re->arena);
	if (app_scan_facts(&re->app, &re->actor, &re->arena, scan, &facts, &problem) < 0) {
		run_break(&re->run, EXIT_BROKEN, "%s", problem.err.text);
		return -EIO;
	}
	if (policy_set(re, scan->name, &body.options) < 0 || before_set(re, index, &body) < 0)
		return -EIO;
	body.options.profile = profile;
	body.options.selectors = re->selectors;
	body.options.selector_count = re->selector_count;
	body.facts = (struct scan_facts){ .number = body.number,
					  .domain = scan->name,
					  .at_us = scan->started_at,
					  .is_active = scan->flags & SCAN_IS_ACTIVE_FLAG,
					  .profile = profile,
					  .facts = facts.stable,
					  .fact_count = facts.count,
					  .volatile_blob = facts.volatile_blob };
	if (step == STEP_SHOW)
		since_fill(re, &body);
	re->step = step;
	re->at = index;
	for (size_t i = 0; i < re->failing_count; i++)
		re->failing[i].fails = false;
	scanner_process_judge(re->run.scanner, &body);
	arena_rewind(&re->arena, mark);
	return 0;
}

/* ---- since when ---- */

static size_t streak_end(const struct rejudge *re, size_t first)
{
	size_t end = first;

	while (end + 1 < re->scan_count && re->scans[end + 1].fact_set == re->scans[first].fact_set)
		end++;
	return end;
}

/* It fails in the scans before this one that are not counted yet, and in this. */
static void failing_count(struct rejudge *re, struct failing *failing, size_t scan)
{
	failing->since.at_us = re->scans[scan].started_at;
	failing->since.scans = scan + 1;
}

/* Checks that are open and fail in the streak's oldest do so in all of it; are there others? */
static bool streak_divides(const struct rejudge *re)
{
	for (size_t i = 0; i < re->failing_count; i++)
		if (re->failing[i].is_open && !re->failing[i].fails_in_streak)
			return true;
	return false;
}

static void streak_pass(struct rejudge *re)
{
	for (size_t i = 0; i < re->failing_count; i++)
		if (re->failing[i].is_open)
			failing_count(re, &re->failing[i], re->end);
	re->streak = re->end + 1;
}

/* The next judgement that is needed of this domain. */
static int streak_next(struct rejudge *re)
{
	bool is_any_open = false;

	for (size_t i = 0; i < re->failing_count; i++)
		is_any_open |= re->failing[i].is_open;
	if (!is_any_open || re->streak == re->scan_count || re->judged >= SCANS_JUDGED)
		return scan_send(re, 0, STEP_SHOW);
	re->judged++;
	re->end = streak_end(re, re->streak);
	return scan_send(re, re->end, STEP_OLDEST_OF_STREAK);
}

static int oldest_judged(struct rejudge *re)
{
	for (size_t i = 0; i < re->failing_count; i++)
		re->failing[i].fails_in_streak = re->failing[i].fails;
	if (streak_divides(re) && re->streak < re->end)
		return scan_send(re, re->streak, STEP_ONE);
	for (size_t i = 0; i < re->failing_count; i++)
		re->failing[i].is_open &= re->failing[i].fails;
	streak_pass(re);
	return streak_next(re);
}

static int one_judged(struct rejudge *re)
{
	for (size_t i = 0; i < re->failing_count; i++) {
		struct failing *failing = &re->failing[i];

		failing->is_open &= failing->fails || failing->fails_in_streak;
		if (failing->is_open)
			failing_count(re, failing, re->at);
	}
	if (!streak_divides(re)) {
		streak_pass(re);
		return streak_next(re);
	}
	re->streak = re->at + 1;
	if (++re->judged >= SCANS_JUDGED)
		return scan_send(re, 0, STEP_SHOW);
	return scan_send(re, re->streak, STEP_ONE);
}

static void failing_begin(struct rejudge *re, const struct judgement *judgement)
{
	re->failing = arena_array(&re->arena, judgement->check_count, sizeof *re->failing);
	for (size_t i = 0; i < judgement->check_count; i++) {
		struct failing *failing = &re->failing[re->failing_count];

		if (judgement->checks[i].verdict != VERDICT_FAIL)
			continue;
		*failing = (struct failing){
			.since.check = str_copy(&re->arena, judgement->checks[i].id),
			.is_open = true,
		};
		failing_count(re, failing, 0);
		re->failing_count++;
	}
	re->streak = 1;
}

static void on_verdicts(void *data, const struct scanner_verdicts *verdicts)
{
	const struct judgement *judgement = &verdicts->judgement;
	struct rejudge *re = data;
	size_t next = 0;

	if (re->step == STEP_LAST) {
		failing_begin(re, judgement);
		return;
	}
	/* Both are in the order of families. */
	for (size_t i = 0; i < judgement->check_count && next < re->failing_count; i++)
		if (str_eq(judgement->checks[i].id, re->failing[next].since.check))
			re->failing[next++].fails = judgement->checks[i].verdict == VERDICT_FAIL;
}

/* ---- which domains ---- */

static int page_read(struct rejudge *re)
{
	struct page page = { .after = str_copy(&re->arena, re->after), .limit = DOMAINS_LISTED };
	struct domain_row *rows;
	struct problem problem;
	size_t count;

	arena_release(&re->page_arena);
	problem_init(&problem, &re->page_arena);
	if (app_domain_list(&re->app, &re->actor, &re->page_arena, &re->filter, &page, &rows,
			    &count, &re->after, &problem) < 0) {
		run_break(&re->run, EXIT_BROKEN, "%s", problem.err.text);
		return -EIO;
	}
	re->names = arena_array(&re->page_arena, count, sizeof *re->names);
	for (size_t i = 0; i < count; i++)
		re->names[i] = rows[i].name;
	re->name_count = count;
	re->next_name = 0;
	re->is_listing = re->after.len > 0;
	return 0;
}

/* 0, also when none is left: then the scanner is told. */
static int domain_next(struct rejudge *re)
{
	int code = 0;

	while (code == 0) {
		arena_release(&re->arena);
		if (re->next_name == re->name_count && re->is_listing)
			TRY(page_read(re));
		if (re->next_name == re->name_count)
			break;
		code = domain_begin(re, re->names[re->next_name++]);
	}
	if (code == 0)
		scanner_process_finish(re->run.scanner);
	return code;
}

/* 1: it is being judged; 0: no scan of it is stored. */
static int domain_begin(struct rejudge *re, struct str name)
{
	struct page page = { .limit = SCANS_LISTED };
	struct problem problem;
	struct str next;
	size_t count, kept = 0;
	int code;

	problem_init(&problem, &re->arena);
	code = app_score_list(&re->app, &re->actor, &re->arena, name, &page, &re->scans, &count,
			      &next, &problem);
	if (code < 0) {
		if (code == -ENOENT)
			run_break(&re->run, EXIT_USAGE, "%.*s is no domain of this store",
				  STR(name));
		else
			run_break(&re->run, code == -EINVAL ? EXIT_USAGE : EXIT_BROKEN, "%s",
				  problem.count ? problem.errors[0].detail.data : problem.err.text);
		return code;
	}
	for (size_t i = 0; i < count; i++)
		if (re->scans[i].fact_set)
			re->scans[kept++] = re->scans[i];
	re->scan_count = kept;
	re->has_more = next.len > 0;
	re->failing_count = re->judged = re->streak = 0;
	if (!kept) {
		run_warn(&re->run, "%.*s: no scan of it is stored", STR(name));
		return 0;
	}
	TRY(scan_send(re, 0, STEP_LAST));
	return 1;
}

/* ---- the scanner ---- */

static void result_write(struct rejudge *re, const struct scanner_result *result)
{
	judge_note(&re->run, result);
	run_report(&re->run, result->output);
	re->run.progress.finished++;
}

/* A code below 0 was said, and ends the run. */
static void on_result(void *data, const struct scanner_result *result)
{
	struct rejudge *re = data;

	if (re->run.is_over)
		return;
	switch (re->step) {
	case STEP_LAST:
		(void)!streak_next(re);
		break;
	case STEP_OLDEST_OF_STREAK:
		(void)!oldest_judged(re);
		break;
	case STEP_ONE:
		(void)!one_judged(re);
		break;
	case STEP_SHOW:
		result_write(re, result);
		if (!re->run.is_over)
			(void)!domain_next(re);
		break;
	}
}

static void on_ready(void *data, const struct scanner_ready *ready)
{
	(void)!domain_next(data);
}

static const struct scanner_process_events events = {
	.on_ready = on_ready,
	.on_result = on_result,
	.on_verdicts = on_verdicts,
	.on_log = run_on_log,
	.on_gone = run_on_gone,
};

/* ---- the command ---- */

/* The worker's settings say where the store is and which selectors were looked for. */
static int store_find(struct rejudge *re, const struct call *call, struct err *err)
{
	const struct setting_value *data = call_value(call, SETTING_DATA);
	const struct setting_value *selectors = call_value(call, SETTING_DKIM_SELECTOR);
	struct settings of_worker;
	char *words[2] = { "--data", NULL };
	int count = data->origin == ORIGIN_FLAG ? 2 : 0;

	words[1] = (char *)(uintptr_t)str_cstring(call->arena, data->text);
	TRY(settings_load(call->arena, FOR_WORKER, count, words, &of_worker, err));
	if (count)
		of_worker.values[SETTING_STORE].text =
			str_printf(call->arena, "sqlite:%.*s", STR(data->text));
	if (!selectors->count)
		selectors = &of_worker.values[SETTING_DKIM_SELECTOR];
	re->selectors = arena_array(call->arena, selectors->count, sizeof *re->selectors);
	re->selector_count = selectors->count;
	for (size_t i = 0; i < selectors->count; i++)
		re->selectors[i] = selectors->list[i];
	return store_open(of_worker.values[SETTING_STORE].text,
			  STORE_READ_ONLY | STORE_NO_MIGRATION, &re->store, err);
}

static int domains_choose(struct rejudge *re, const struct call *call)
{
	const struct settings *settings = call->settings;
	const struct setting_value *tags = call_value(call, SETTING_TAG);
	bool is_all = settings->operand_count == 1 && str_eq(settings->operands[0], STR_LIT("all"));

	if (call_value(call, SETTING_SERVER)->text.len)
		return console_usage("judge", "--store reads the store itself: run it beside the "
					      "data folder, without --server");
	if (tags->count > 1 || (tags->count && settings->operand_count))
		return console_usage("judge", "either names, or one --tag");
	if (settings->operand_count && !is_all) {
		re->names = settings->operands;
		re->name_count = settings->operand_count;
		return EXIT_DONE;
	}
	re->is_listing = true;
	if (tags->count)
		re->filter.tag = tags->list[0];
	return EXIT_DONE;
}

static int rejudge_open(struct rejudge *re, const struct call *call)
{
	struct err err = { 0 };

	if (store_find(re, call, &err) < 0) {
		console_say("%s", err.text);
		return EXIT_BROKEN;
	}
	app_init(&re->app, re->store);
	re->actor = actor_of_machine(ACTOR_COMMAND, 1, STR_LIT("command"));
	return run_start_scanner(&re->run, &events, re);
}

int rejudge_run(const struct call *call)
{
	struct rejudge *re = ARENA_NEW(call->arena, struct rejudge);
	int code = domains_choose(re, call), closed;

	if (code != EXIT_DONE)
		return code;
	code = judge_open(&re->run, call);
	if (code == EXIT_DONE)
		code = rejudge_open(re, call);
	if (code == EXIT_DONE) {
		progress_open(&re->run.progress, &re->run.loop, call->settings, re->run.output.fd);
		run_wait(&re->run);
		run_report_end(&re->run);
	}
	closed = run_close(&re->run);
	store_close(re->store);
	arena_release(&re->arena);
	arena_release(&re->page_arena);
	return code == EXIT_DONE ? closed : code;
}
