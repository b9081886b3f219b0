/* SPDX-License-Identifier: Apache-2.0 */
/* Which names are scanned next? */
#include "cli/name.h"
#include "cli/scan.h"

static struct scan_slot *slot_take(struct scan_run *scan, struct str input, uint64_t line)
{
	struct scan_slot *slot = scan_slot_of(scan, 0);

	*slot = (struct scan_slot){ .number = ++scan->last_number };
	slot->place = (struct report_place){ .input = str_copy(&slot->arena, input),
					     .list = scan->run.configuration.list,
					     .line = line };
	scan->used++;
	return slot;
}

static void name_reject(struct scan_run *scan, struct scan_slot *slot, const char *why)
{
	uint64_t line = slot->place.line;
	struct buf out;

	buf_init(&out, &slot->arena);
	if (line)
		run_warn(&scan->run, "input line %llu: %s", (unsigned long long)line, why);
	else
		run_warn(&scan->run, "%s", why);
	if (scan->run.format->reject)
		scan->run.format->reject(&out, &slot->place, str_of(why));
	slot->output = buf_str(&out);
	scan->run.is_incomplete = true;
	scan->run.progress.rejected++;
	scan_slot_end(scan, slot);
}

void scan_slot_send(struct scan_run *scan, struct scan_slot *slot)
{
	struct scanner_scan body = { .number = slot->number,
				     .input = slot->place.input,
				     .line = slot->place.line,
				     .domain = slot->domain };
	const struct before_scan *before = before_find(&scan->before, slot->domain);

	if (before) {
		body.before = before->facts;
		body.before_count = before->fact_count;
	}
	slot->is_sent = true;
	scanner_process_scan(scan->run.scanner, &body);
}

static void name_start(struct scan_run *scan, struct str name, uint64_t line, bool is_cut)
{
	struct scan_slot *slot;
	struct str note = STR_NONE;
	struct err err = { 0 };

	name = str_trim(name);
	if (!name.len || name.data[0] == '#')
		return;
	if (scan->journal && journal_take(scan->journal, name)) {
		scan->skipped++;
		return;
	}
	slot = slot_take(scan, name, line);
	if (is_cut) {
		name_reject(scan, slot, "longer than any name");
	} else if (name_read(&slot->arena, slot->place.input, &slot->domain, &note, &err) < 0) {
		name_reject(scan, slot, err.text);
	} else {
		if (note.len)
			run_warn(&scan->run, "%.*s", STR(note));
		scan_slot_send(scan, slot);
	}
}

/* One name, from the operands, then from the list. */
static enum input_state name_next(struct scan_run *scan)
{
	const struct settings *settings = scan->run.call->settings;
	enum input_state state;
	struct str line;
	bool is_cut = false;

	while (scan->next_operand < settings->operand_count) {
		struct str operand = settings->operands[scan->next_operand++];

		if (str_eq(operand, STR_LIT("-")))
			continue;
		name_start(scan, operand, 0, false);
		return INPUT_LINES;
	}
	if (!scan->input)
		return INPUT_END;
	state = input_line(scan->input, &line, &is_cut);
	if (state == INPUT_LINES)
		name_start(scan, line, input_line_number(scan->input), is_cut);
	return state;
}

/* After a scanner's death what it had is tried again one by one. True: do only that now. */
static bool retry_next(struct scan_run *scan)
{
	struct scan_slot *next = NULL;

	for (size_t i = 0; i < scan->slot_count; i++) {
		struct scan_slot *slot = &scan->slots[i];

		if (!slot->number || slot->is_done || !slot->deaths)
			continue;
		if (slot->is_sent)
			return true;
		if (!next || slot->number < next->number)
			next = slot;
	}
	if (next)
		scan_slot_send(scan, next);
	return next;
}

static void share_update(struct scan_run *scan)
{
	uint64_t taken = 0, size = 0;

	if (!scan->input)
		return;
	input_position(scan->input, &taken, &size);
	scan->run.progress.share = size ? (double)taken / (double)size : -1;
}

void scan_pump(struct scan_run *scan)
{
	enum input_state state = INPUT_LINES;

	if (scan->is_pumping || !scan->is_ready || scan->is_finishing)
		return;
	scan->is_pumping = true;
	while (state == INPUT_LINES && !scan->run.is_over && !retry_next(scan) &&
	       scan->used < scan->slot_count && !scanner_process_is_full(scan->run.scanner))
		state = name_next(scan);
	scan->is_pumping = false;
	share_update(scan);
	if (state == INPUT_FAILED) {
		run_break(&scan->run, EXIT_BROKEN, "cannot read the list: %s",
			  strerror(-input_error(scan->input)));
	} else if (state == INPUT_END && !scan->used) {
		scan->is_finishing = true;
		scanner_process_finish(scan->run.scanner);
	}
}
