/* SPDX-License-Identifier: Apache-2.0 */
/* How are domains scanned from the command line? */
#include "cli/scan.h"

#include "cli/name.h"
#include "cli/policy_file.h"
#include "cli/selection.h"

enum { IN_FLIGHT = 64, IN_FLIGHT_MOST = 4096 };

static void on_more(void *data)
{
	scan_pump(data);
}

static int settings_check(struct scan_run *scan)
{
	const struct call *call = scan->run.call;
	const struct setting_value *state = call_value(call, SETTING_STATE);

	if (state->text.len && scan->run.format->suffix[0])
		return console_usage("scan",
				     "--state needs -f text, md, jsonl or csv: %s is one document",
				     scan->run.format->name);
	return selection_check(call, scan_fields);
}

static bool is_named(const struct setting_value *words, struct str check)
{
	for (size_t i = 0; i < words->count; i++)
		if (selection_names(words->list[i], check.data))
			return true;
	return false;
}

/* Does this run ask it, had it its key? */
static bool is_wanted(const struct scan_run *scan, const struct definition *d)
{
	const struct call *call = scan->run.call;
	const struct setting_value *only = call_value(call, SETTING_ONLY);
	const struct setting_value *skip = call_value(call, SETTING_SKIP);
	bool has_profile = false, has_check = false;

	for (size_t i = 0; i < d->profile_count; i++)
		has_profile |= str_eq(d->profiles[i], scan->run.configuration.options.profile);
	for (size_t i = 0; i < d->check_count; i++) {
		struct str check = str_of(str_cstring(call->arena, d->checks[i]));

		has_check |= (!only->count || is_named(only, check)) && !is_named(skip, check);
	}
	return !d->is_off && has_profile && has_check &&
	       (!d->is_active || call_value(call, SETTING_ACTIVE)->is_on);
}

/* Once for all domains of the run. */
static void keys_say(struct scan_run *scan)
{
	const struct call *call = scan->run.call;
	const struct definitions *definitions = &scan->run.external.definitions;

	for (size_t i = 0; i < definitions->count; i++) {
		const struct definition *d = &definitions->list[i];

		if (d->lacks_secret && is_wanted(scan, d))
			run_warn(&scan->run, "%.*s",
				 STR(external_key_text(call->arena, call->settings, d)));
	}
}

static int outputs_open(struct scan_run *scan)
{
	const struct call *call = scan->run.call;
	struct str output = call_value(call, SETTING_OUTPUT)->text;
	struct str facts = call_value(call, SETTING_FACTS)->text;
	struct str state = call_value(call, SETTING_STATE)->text;
	struct str before = call_value(call, SETTING_BEFORE)->text;
	const char *path = output.len ? str_cstring(call->arena, output) : NULL;
	struct err err = { 0 };
	uint64_t kept = 0;
	int code = 0;

	if (state.len)
		code = journal_open(str_cstring(call->arena, state), path, &scan->journal, &kept,
				    &err);
	if (code == 0)
		code = kept ? output_open_after(&scan->run.output, path, kept, &err)
			    : output_open(&scan->run.output, path, &err);
	if (code == 0 && before.len) /* before the same file is written anew */
		code = before_read(call->arena, str_cstring(call->arena, before), &scan->before,
				   &err);
	if (code == 0 && facts.len)
		code = output_open(&scan->facts, str_cstring(call->arena, facts), &err);
	if (code < 0) {
		console_say("%s", err.text);
		return EXIT_BROKEN;
	}
	scan->run.has_reported = kept > 0;
	return EXIT_DONE;
}

static int input_start(struct scan_run *scan)
{
	const struct settings *settings = scan->run.call->settings;
	size_t names = 0, dashes = 0;
	struct err err = { 0 };
	const char *path;
	int code;

	for (size_t i = 0; i < settings->operand_count; i++)
		*(str_eq(settings->operands[i], STR_LIT("-")) ? &dashes : &names) += 1;
	code = run_list(&scan->run, names > 0, dashes > 0, &path);
	if (code != EXIT_DONE)
		return code;
	if (!path && !names)
		return console_usage("scan",
				     "no domain: name one, or give a list on standard input");
	scan->run.configuration.is_single = names == 1 && !path;
	if (path && strcmp(path, "-") != 0)
		scan->run.configuration.list = str_of(path);
	if (!path)
		scan->run.progress.total = names;
	if (path && input_open(&scan->run.loop, path, on_more, scan, &scan->input, &err) < 0) {
		console_say("%s", err.text);
		return EXIT_USAGE;
	}
	return EXIT_DONE;
}

/* Names on the command line are checked before anything is done. */
static int operands_check(const struct call *call)
{
	const struct settings *settings = call->settings;

	for (size_t i = 0; i < settings->operand_count; i++) {
		struct err err = { 0 };
		struct str domain, note;

		if (!str_eq(settings->operands[i], STR_LIT("-")) &&
		    name_read(call->arena, settings->operands[i], &domain, &note, &err) < 0)
			return console_usage("scan", "%s", err.text);
	}
	return EXIT_DONE;
}

static int scan_open(struct scan_run *scan, const struct call *call)
{
	uint64_t in_flight = call_value(call, SETTING_IN_FLIGHT)->number;
	int code;

	scan->facts.fd = -1;
	code = run_open(&scan->run, call, SCANNER_WORK_SCAN);
	if (code == EXIT_DONE)
		code = settings_check(scan);
	if (code == EXIT_DONE)
		code = policy_file_read(call, &scan->run.configuration.options.policy);
	if (code == EXIT_DONE)
		code = operands_check(call);
	if (code == EXIT_DONE)
		code = input_start(scan);
	if (code == EXIT_DONE)
		code = outputs_open(scan);
	if (code != EXIT_DONE)
		return code;
	scan->slot_count = in_flight ? MIN(in_flight, (uint64_t)IN_FLIGHT_MOST) : IN_FLIGHT;
	scan->slots = arena_array(call->arena, scan->slot_count, sizeof *scan->slots);
	scan->next_written = 1;
	scan->run.configuration.in_flight = (uint32_t)scan->slot_count;
	scan->run.configuration.has_colour = console_has_colour(
		call->settings, scan->run.output.is_file ? -1 : scan->run.output.fd);
	scan->run.configuration.width = console_width(scan->run.output.fd);
	keys_say(scan);
	code = run_start_resolver(&scan->run);
	return code == EXIT_DONE ? run_start_scanner(&scan->run, &scan_events, scan) : code;
}

static void interrupted_say(struct scan_run *scan)
{
	const struct call *call = scan->run.call;
	char count[32];

	progress_hide(&scan->run.progress);
	console_say("stopped after %s inputs; results are whole",
		    progress_count(scan->run.progress.finished + scan->skipped, count));
	if (scan->journal) {
		struct buf line;

		buf_init(&line, call->arena);
		for (int i = 0; i < call->word_count; i++)
			buf_printf(&line, " %s", call->words[i]);
		console_say("resume: dss%.*s%s", STR(buf_str(&line)),
			    scan->input ? " (with the same list)" : "");
	} else {
		console_say("a run with --state FILE can be resumed");
	}
}

static int scan_close(struct scan_run *scan, int code)
{
	bool was_started = code == EXIT_DONE;
	struct err err = { 0 };

	if (was_started && scan->run.was_interrupted)
		interrupted_say(scan);
	if (was_started && !scan->run.broken)
		run_report_end(&scan->run);
	if (journal_close(scan->journal, &scan->run.output, &err) < 0 ||
	    (scan->facts.fd >= 0 && output_close(&scan->facts, &err) < 0))
		run_break(&scan->run, EXIT_BROKEN, "%s", err.text);
	for (size_t i = 0; i < scan->slot_count; i++)
		arena_release(&scan->slots[i].arena);
	input_close(scan->input);
	if (code == EXIT_DONE)
		return run_close(&scan->run);
	run_close(&scan->run);
	return code;
}

int scan_run(const struct call *call)
{
	struct scan_run scan = { 0 };
	int code = scan_open(&scan, call);

	if (code == EXIT_DONE) {
		uint64_t total = scan.run.progress.total;

		progress_open(&scan.run.progress, &scan.run.loop, call->settings,
			      scan.run.output.fd);
		scan.run.progress.total = total;
		run_wait(&scan.run);
	}
	return scan_close(&scan, code);
}
