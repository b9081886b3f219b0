/* SPDX-License-Identifier: Apache-2.0 */
/* What do today's checks say of stored facts? */
#include "cli/judge.h"

#include "base/clock.h"
#include "cli/policy_file.h"
#include "cli/selection.h"
#include "facts/file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum { JUDGED_AT_ONCE = 16 };

struct judge_run {
	struct run run;
	size_t next_operand;
	struct facts_file file; /* what is left of the file at hand */
	struct str bytes;       /* all of it */
	uint64_t sent, received;
	bool is_ready, is_finishing, is_text;
};

static void file_close(struct judge_run *judge)
{
	if (judge->bytes.len)
		munmap((void *)(uintptr_t)judge->bytes.data, judge->bytes.len);
	judge->bytes = STR_NONE;
	judge->file = (struct facts_file){ 0 };
}

static int file_open(struct judge_run *judge, const char *path, struct err *err)
{
	int fd = strcmp(path, "-") != 0 ? open(path, O_RDONLY | O_CLOEXEC) : STDIN_FILENO;
	struct stat stat;
	void *bytes = MAP_FAILED;

	if (fd < 0)
		return err_set(err, -errno, "cannot open %s: %s", path, strerror(errno));
	if (!fstat(fd, &stat) && stat.st_size > 0)
		bytes = mmap(NULL, (size_t)stat.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (fd != STDIN_FILENO)
		close(fd);
	if (bytes == MAP_FAILED)
		return err_set(err, -EINVAL, "cannot read %s: an empty file, or none at all", path);
	judge->bytes = str_bytes(bytes, (size_t)stat.st_size);
	judge->file = (struct facts_file){ .rest = judge->bytes };
	judge->is_text = !str_starts(judge->bytes, STR_LIT("dss-facts "));
	return 0;
}

/* It is judged as what it was scanned as. The selectors that the user gave then count, and those given now. */
static void facts_send(struct judge_run *judge, const struct scan_facts *facts,
		       const struct facts_scan *scan)
{
	struct scanner_judge body = { .number = ++judge->sent,
				      .facts = *facts,
				      .options = judge->run.configuration.options };

	body.facts.number = body.number;
	if (scan && scan->profile.len && profile_number(scan->profile) >= 0) {
		body.has_options = true;
		body.options.profile = scan->profile;
	}
	if (scan && !body.options.selector_count && scan->dkim_selector_count) {
		body.has_options = true;
		body.options.selectors = (struct str *)(uintptr_t)scan->dkim_selectors;
		body.options.selector_count = scan->dkim_selector_count;
	}
	scanner_process_judge(judge->run.scanner, &body);
}

/* Lines as vectors have them; the domain is the first name that is asked for. */
static int text_send(struct judge_run *judge, struct err *err)
{
	struct str rest = judge->file.rest, line, word, domain = STR_NONE;

	while (!domain.len && str_split(&rest, '\n', &line))
		if (str_word(&line, &word) && str_eq(word, STR_LIT("dns")))
			str_word(&line, &domain);
	judge->file.rest = STR_NONE;
	if (!domain.len)
		return err_set(err, ERR_SYNTAX, "no line that starts with \"dns\": no facts");
	if (judge->bytes.len > 8 << 20)
		return err_set(err, ERR_LIMIT, "facts in text of more than 8 MiB");
	facts_send(judge,
		   &(struct scan_facts){ .domain = domain,
					 .at_us = clock_utc_us(),
					 .is_active = judge->run.configuration.options.is_active,
					 .text = judge->bytes },
		   NULL);
	return 1;
}

/* 1: a scan was sent; 0: the file has no more. Facts are passed on unread. */
static int scan_send(struct judge_run *judge, struct err *err)
{
	struct arena a = { 0 };
	struct scan_facts facts = { 0 };
	struct facts_scan scan;
	struct str fact;
	size_t cap = 0;
	int code = facts_file_scan(&a, &judge->file, &scan, err);

	if (code > 0) {
		facts.domain = scan.domain;
		facts.at_us = scan.at_us;
		facts.is_active = scan.is_active;
		while ((code = facts_file_encoded(&judge->file, &fact, err)) > 0) {
			if (facts.fact_count == cap) {
				facts.facts = arena_grow(&a, facts.facts, cap * sizeof fact,
							 (cap * 2 + 64) * sizeof fact);
				cap = cap * 2 + 64;
			}
			facts.facts[facts.fact_count++] = fact;
		}
		if (code == 0) {
			facts_send(judge, &facts, &scan);
			code = 1;
		}
	}
	arena_release(&a);
	return code;
}

static int next_send(struct judge_run *judge, struct err *err)
{
	const struct settings *settings = judge->run.call->settings;
	int code = 0;

	for (;;) {
		if (judge->file.rest.len)
			code = judge->is_text ? text_send(judge, err) : scan_send(judge, err);
		if (code)
			return code;
		file_close(judge);
		if (judge->next_operand == settings->operand_count)
			return 0;
		TRY(file_open(judge,
			      str_cstring(judge->run.call->arena,
					  settings->operands[judge->next_operand++]),
			      err));
	}
}

static void judge_pump(struct judge_run *judge)
{
	struct err err = { 0 };
	int code = 1;

	if (!judge->is_ready || judge->is_finishing)
		return;
	while (code > 0 && !judge->run.is_over && judge->sent - judge->received < JUDGED_AT_ONCE &&
	       !scanner_process_is_full(judge->run.scanner))
		code = next_send(judge, &err);
	if (code < 0) {
		run_break(&judge->run, EXIT_USAGE, "%s", err.text);
	} else if (!code) {
		judge->is_finishing = true;
		scanner_process_finish(judge->run.scanner);
	}
}

static void on_ready(void *data, const struct scanner_ready *ready)
{
	struct judge_run *judge = data;

	judge->is_ready = true;
	judge_pump(judge);
}

static void on_drain(void *data)
{
	judge_pump(data);
}

static void on_result(void *data, const struct scanner_result *result)
{
	struct judge_run *judge = data;

	judge->received++;
	judge_note(&judge->run, result);
	run_report(&judge->run, result->output);
	judge->run.progress.finished++;
	judge_pump(judge);
}

static const struct scanner_process_events events = {
	.on_ready = on_ready,
	.on_result = on_result,
	.on_log = run_on_log,
	.on_drain = on_drain,
	.on_gone = run_on_gone,
};

int judge_open(struct run *run, const struct call *call)
{
	struct str output = call_value(call, SETTING_OUTPUT)->text;
	struct err err = { 0 };
	int code = run_open(run, call, SCANNER_WORK_JUDGE);

	if (code == EXIT_DONE)
		code = selection_check(call, scan_fields);
	if (code == EXIT_DONE)
		code = policy_file_read(call, &run->configuration.options.policy);
	if (code != EXIT_DONE)
		return code;
	if (output_open(&run->output, output.len ? str_cstring(call->arena, output) : NULL, &err) <
	    0) {
		console_say("%s", err.text);
		return EXIT_BROKEN;
	}
	run->configuration.in_flight = JUDGED_AT_ONCE;
	run->configuration.has_colour =
		console_has_colour(call->settings, run->output.is_file ? -1 : run->output.fd);
	run->configuration.width = console_width(run->output.fd);
	return EXIT_DONE;
}

void judge_note(struct run *run, const struct scanner_result *result)
{
	const struct setting_value *fail_on = call_value(run->call, SETTING_FAIL_ON);

	if (fail_on->text.len && result->has_findings && result->worst >= fail_on->number)
		run->has_reached_fail_on = true;
	if (result->state != SCAN_DONE)
		run->is_incomplete = true;
}

int judge_run(const struct call *call)
{
	struct judge_run *judge = ARENA_NEW(call->arena, struct judge_run);
	int code;

	if (call_value(call, SETTING_OF_STORE)->is_on)
		return rejudge_run(call);
	if (!call->settings->operand_count)
		return console_usage("judge",
				     "no file of facts: dss scan DOMAIN --facts FILE makes one, "
				     "or --store judges what is stored");
	code = judge_open(&judge->run, call);
	if (code == EXIT_DONE)
		code = run_start_scanner(&judge->run, &events, judge);
	if (code == EXIT_DONE) {
		progress_open(&judge->run.progress, &judge->run.loop, call->settings,
			      judge->run.output.fd);
		run_wait(&judge->run);
		run_report_end(&judge->run);
	}
	file_close(judge);
	if (code == EXIT_DONE)
		return run_close(&judge->run);
	run_close(&judge->run);
	return code;
}
