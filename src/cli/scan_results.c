/* SPDX-License-Identifier: Apache-2.0 */
/* How do results come out, also when a scanner dies of its work? */
#include "cli/scan.h"

#include "base/clock.h"
#include "facts/file.h"

static void result_note(struct scan_run *scan, const struct scanner_result *result)
{
	const struct setting_value *fail_on = call_value(scan->run.call, SETTING_FAIL_ON);

	if (result->state != SCAN_DONE)
		scan->run.is_incomplete = true;
	if (result->state == SCAN_FAILED)
		scan->run.progress.failed++;
	if (fail_on->text.len && result->has_findings && result->worst >= fail_on->number)
		scan->run.has_reached_fail_on = true;
}

static void record_write(struct scan_run *scan, struct scan_slot *slot)
{
	struct err err = { 0 };

	run_report(&scan->run, slot->output);
	if (scan->journal && !scan->run.broken &&
	    journal_add(scan->journal, slot->place.input, &scan->run.output, &err) < 0)
		run_break(&scan->run, EXIT_BROKEN, "%s", err.text);
	scan->run.progress.finished++;
	arena_release(&slot->arena);
	*slot = (struct scan_slot){ 0 };
	scan->used--;
}

struct scan_slot *scan_slot_of(struct scan_run *scan, uint64_t number)
{
	for (size_t i = 0; i < scan->slot_count; i++)
		if (scan->slots[i].number == number)
			return &scan->slots[i];
	return NULL;
}

void scan_slot_end(struct scan_run *scan, struct scan_slot *slot)
{
	slot->is_done = true;
	if (!call_value(scan->run.call, SETTING_ORDERED)->is_on) {
		record_write(scan, slot);
		return;
	}
	while ((slot = scan_slot_of(scan, scan->next_written)) && slot->is_done) {
		record_write(scan, slot);
		scan->next_written++;
	}
}

static void on_result(void *data, const struct scanner_result *result)
{
	struct scan_run *scan = data;
	struct scan_slot *slot = result->number ? scan_slot_of(scan, result->number) : NULL;

	if (!slot || slot->is_done || scan->run.broken)
		return;
	result_note(scan, result);
	slot->output = str_copy(&slot->arena, result->output);
	scan_slot_end(scan, slot);
	scan_pump(scan);
}

/* A scan that no scanner survived, or that cannot be made: the parent writes its record. */
static void slot_fail(struct scan_run *scan, struct scan_slot *slot, const char *why)
{
	struct scan_request request = { .domain = slot->domain, .at_us = clock_utc_us() };
	struct report_input input = { .request = &request,
				      .place = slot->place,
				      .profile = scan->run.configuration.options.profile,
				      .error = str_of(why) };
	struct buf out;

	buf_init(&out, &slot->arena);
	scan->run.format->render(&out, &input);
	slot->output = buf_str(&out);
	scan->run.is_incomplete = true;
	scan->run.progress.failed++;
	scan_slot_end(scan, slot);
}

static void on_ready(void *data, const struct scanner_ready *ready)
{
	struct scan_run *scan = data;

	scan->is_ready = true;
	scan_pump(scan);
}

static void on_facts(void *data, const struct scan_facts *facts, struct str body)
{
	struct scan_run *scan = data;
	struct facts_scan head = { .domain = facts->domain,
				   .at_us = facts->at_us,
				   .is_active = facts->is_active,
				   .dkim_selectors = scan->run.configuration.options.selectors,
				   .dkim_selector_count =
					   scan->run.configuration.options.selector_count,
				   .profile = scan->run.configuration.options.profile };
	struct err err = { 0 };
	struct buf out;

	buf_init(&out, NULL);
	facts_file_begin(&out, &head);
	for (size_t i = 0; i < facts->fact_count; i++)
		facts_file_put_encoded(&out, facts->facts[i]);
	facts_file_end(&out);
	if (scan->facts.fd >= 0 && output_write(&scan->facts, buf_str(&out), &err) < 0)
		run_break(&scan->run, EXIT_BROKEN, "%s", err.text);
	buf_release(&out);
}

static void on_drain(void *data)
{
	scan_pump(data);
}

static void on_gone(void *data, int exit_code, bool is_crash, const char *why);

const struct scanner_process_events scan_events = {
	.on_ready = on_ready,
	.on_result = on_result,
	.on_facts = on_facts,
	.on_log = run_on_log,
	.on_drain = on_drain,
	.on_gone = on_gone,
};

/* It died of what it was fed: a fresh one gets its scans one at a time, and who kills two is out. */
static void scanner_replace(struct scan_run *scan, const char *why)
{
	run_warn(&scan->run, "%s; starting another", why);
	scanner_process_close(scan->run.scanner);
	scan->run.scanner = NULL;
	scan->is_ready = false;
	if (run_start_scanner(&scan->run, &scan_events, scan) != EXIT_DONE) {
		run_break(&scan->run, EXIT_BROKEN, "there is no scanner any more");
		return;
	}
	for (size_t i = 0; i < scan->slot_count; i++) {
		struct scan_slot *slot = &scan->slots[i];

		if (!slot->is_sent || slot->is_done)
			continue;
		slot->is_sent = false;
		if (++slot->deaths == 2)
			slot_fail(scan, slot, why);
	}
}

static void on_gone(void *data, int exit_code, bool is_crash, const char *why)
{
	struct scan_run *scan = data;
	bool has_scans = false;

	for (size_t i = 0; i < scan->slot_count; i++)
		has_scans |= scan->slots[i].is_sent;
	if (!exit_code) {
		scan->run.is_over = true;
		uv_stop(&scan->run.loop);
	} else if (is_crash && has_scans) {
		scanner_replace(scan, why);
	} else {
		run_break(&scan->run, exit_code, "%s", why);
	}
}
