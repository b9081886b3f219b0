/* SPDX-License-Identifier: Apache-2.0 */
/* What does an external tool or API say? It runs elsewhere (ask/runs.h); its output is read here. */
#include "ask/asker.h"
#include "ask/external_answer.h"
#include "ask/reach.h"

enum { RUN_TIMEOUT_MS = 300000, PAGES = 10 };

struct external_task {
	struct entry *entry;
	const struct definition *definition;
	struct str subject;
	struct gate_run run;
	struct run_value values[3];
	struct reach reach; /* of a tool that gets an address of its host */
	char address[ADDRESS_TEXT_BYTES];
	struct arena arena; /* values, rows until the end */
	struct extract_row *rows;
	size_t row_count;
	uint32_t page;
	bool is_cut, is_running;
	struct str version;
};

static const struct gate_runs *runs_of(const struct entry *entry)
{
	return &entry_settings(entry)->runs;
}

static void cancel_external(struct entry *entry)
{
	struct external_task *task = entry->asking->task;

	if (!task)
		return;
	if (task->is_running)
		runs_of(entry)->cancel(runs_of(entry)->context, &task->run);
	reach_stop(&task->reach);
	entry->asking->task = NULL;
	arena_release(&task->arena);
	memory_free(task);
}

/* What fails here is no fact about a domain: it is not asked again to make sure. */
static void end_with(struct external_task *task, enum failure failure, struct str detail)
{
	struct entry *entry = task->entry;

	entry->fact.detail = str_copy(&entry->arena, detail);
	cancel_external(entry);
	entry_end(entry, failure);
}

static void keep(struct external_task *task)
{
	struct entry *entry = task->entry;
	struct extract_row *rows = arena_array(&entry->arena, task->row_count, sizeof *task->rows);
	struct external_answer *answer;

	for (size_t i = 0; i < task->row_count; i++) {
		struct extract_row *row = &rows[i];

		row->value_count = task->rows[i].value_count;
		row->values = arena_array(&entry->arena, row->value_count, sizeof *row->values);
		for (size_t k = 0; k < row->value_count; k++) {
			row->values[k].name = str_copy(&entry->arena, task->rows[i].values[k].name);
			row->values[k].value =
				str_copy(&entry->arena, task->rows[i].values[k].value);
		}
	}
	answer = (struct external_answer *)(uintptr_t)external_answer_make(
		&entry->arena, task->definition, task->subject, task->version, rows,
		task->row_count);
	answer->is_cut = task->is_cut;
	answer->pages = task->page + 1;
	entry->fact.answer = answer;
	cancel_external(entry);
	entry_end(entry, FAILURE_NONE);
}

/* ---- pages ---- */

static void on_ran(struct gate_run *run, const struct run_result *result);

static void page_ask(struct external_task *task, struct str next)
{
	static const char *const names[] = { "", "page", "offset", "next" };
	const struct definition_pages *pages = &task->definition->pages;
	struct str value = next;
	size_t count = 1;

	task->values[0] = (struct run_value){ STR_LIT("subject"), task->subject };
	if (pages->by == PAGING_NUMBER)
		value = str_printf(&task->arena, "%u", pages->first + task->page);
	else if (pages->by == PAGING_OFFSET)
		value = str_printf(&task->arena, "%u", pages->size * task->page);
	if (pages->by && value.len)
		task->values[count++] = (struct run_value){ str_of(names[pages->by]), value };
	if (task->address[0])
		task->values[count++] =
			(struct run_value){ STR_LIT("address"), str_of(task->address) };
	task->run = (struct gate_run){
		.request = { .kind = task->definition->kind == DEFINITION_TOOL ? RUN_TOOL : RUN_API,
			     .name = task->definition->name,
			     .values = task->values,
			     .value_count = count,
			     .timeout_ms = RUN_TIMEOUT_MS },
		.on_ran = on_ran,
	};
	if (task->definition->kind == DEFINITION_TOOL && task->definition->limits.time_ms)
		task->run.request.timeout_ms = task->definition->limits.time_ms;
	task->is_running = true;
	runs_of(task->entry)->start(runs_of(task->entry)->context, &task->run);
}

/* Is there another page? What is left out then is said. */
static bool page_next(struct external_task *task, const struct extracted *got)
{
	const struct definition_pages *pages = &task->definition->pages;
	uint32_t most = pages->most ? pages->most : PAGES;
	bool is_last = pages->by == PAGING_NUMBER   ? !got->row_count
		       : pages->by == PAGING_OFFSET ? got->row_count < pages->size
		       : pages->by == PAGING_NEXT   ? !got->next.len
						    : true;

	if (is_last)
		return false;
	if (task->page + 1 < most && task->row_count < EXTRACT_ROWS)
		return true;
	task->is_cut = true;
	return false;
}

static void rows_add(struct external_task *task, const struct extracted *got)
{
	size_t room = EXTRACT_ROWS - task->row_count, count = MIN(got->row_count, room);

	if (!task->rows)
		task->rows = arena_array(&task->arena, EXTRACT_ROWS, sizeof *task->rows);
	for (size_t i = 0; i < count; i++)
		task->rows[task->row_count++] = got->rows[i];
	task->is_cut |= got->is_cut || count < got->row_count;
}

/* ---- what came back ---- */

static void read_output(struct external_task *task, const struct run_result *result)
{
	struct extracted got = { 0 };
	struct err err = { 0 };
	int code = extract(&task->arena, &task->definition->extract, result->output, &got, &err);

	if (code < 0) {
		/* A tool's words are ours to read: what we cannot read, we could not ask. */
		end_with(task,
			 task->definition->kind == DEFINITION_TOOL ? FAILURE_BROKEN
								   : FAILURE_GARBAGE,
			 str_of(err.text));
		return;
	}
	if (got.error.len) {
		end_with(task, FAILURE_GARBAGE, str_first(got.error, 200));
		return;
	}
	rows_add(task, &got);
	task->is_cut |= result->is_truncated;
	if (!page_next(task, &got)) {
		keep(task);
		return;
	}
	task->page++;
	page_ask(task, got.next);
}

static void read_status(struct external_task *task, const struct run_result *result)
{
	const struct definition *d = task->definition;
	struct str text = str_printf(&task->arena, "status %lld%s%.*s", (long long)result->status,
				     result->detail.len ? ": " : "", STR(result->detail));

	for (size_t i = 0; i < d->status_count; i++) {
		if (d->statuses[i].status != result->status)
			continue;
		if (str_eq(d->statuses[i].means, STR_LIT("empty")))
			keep(task);
		else if (str_eq(d->statuses[i].means, STR_LIT("key")))
			end_with(task, FAILURE_MISSING, STR_LIT("the provider refuses the key"));
		else
			end_with(task, FAILURE_RATE_LIMITED, STR_LIT("the quota is used up"));
		return;
	}
	if (d->secret.len && (result->status == 401 || result->status == 403))
		end_with(task, FAILURE_MISSING, STR_LIT("the provider refuses the key"));
	else if (result->status >= 300 && result->status < 400)
		end_with(task, FAILURE_GARBAGE,
			 str_printf(&task->arena, "%.*s, a redirect, which is not followed",
				    STR(text)));
	else
		end_with(task, FAILURE_GARBAGE, text);
}

static bool is_good_exit(const struct definition *d, int64_t status)
{
	for (size_t i = 0; i < d->exit_count; i++)
		if (d->exits[i] == status)
			return true;
	return !status;
}

static enum failure failure_of(const struct external_task *task, const struct run_result *result)
{
	bool is_tool = task->definition->kind == DEFINITION_TOOL;

	switch (result->end) {
	case RUN_MISSING:
		return FAILURE_MISSING;
	case RUN_DENIED:
		return FAILURE_POLICY;
	case RUN_TIMED_OUT:
		return is_tool ? FAILURE_DEADLINE : FAILURE_TIMEOUT;
	case RUN_BUSY:
		return FAILURE_BUDGET;
	case RUN_UNREACHABLE:
		return FAILURE_REFUSED;
	case RUN_GARBLED:
		return FAILURE_GARBAGE;
	case RUN_RATE_LIMITED:
		return FAILURE_RATE_LIMITED;
	default:
		return FAILURE_BROKEN;
	}
}

static void on_ran(struct gate_run *run, const struct run_result *result)
{
	struct external_task *task =
		(struct external_task *)((char *)run - offsetof(struct external_task, run));
	bool is_tool = task->definition->kind == DEFINITION_TOOL;

	task->is_running = false;
	if (!task->version.len)
		task->version = str_copy(&task->arena, result->version);
	if (result->end != RUN_DONE)
		end_with(task, failure_of(task, result), result->detail);
	else if (is_tool ? is_good_exit(task->definition, result->status)
			 : result->status >= 200 && result->status < 300)
		read_output(task, result);
	else if (is_tool)
		end_with(task, FAILURE_BROKEN,
			 str_printf(&task->arena, "it ended with status %lld%s%.*s",
				    (long long)result->status, result->detail.len ? ": " : "",
				    STR(result->detail)));
	else
		read_status(task, result);
}

static void on_reached(struct reach *reach)
{
	struct external_task *task =
		(struct external_task *)((char *)reach - offsetof(struct external_task, reach));

	if (!reach->count) {
		end_with(task, reach->failure, STR_LIT("its address"));
		return;
	}
	address_text(&reach->addresses[0], task->address);
	page_ask(task, STR_NONE);
}

/* A tool that may reach one address gets one that is known to be the host's, and allowed. */
static bool needs_address(const struct definition *definition)
{
	return definition->kind == DEFINITION_TOOL && definition->subject == DEFINITION_HOST &&
	       definition->limits.network == DEFINITION_NETWORK_ADDRESS;
}

static int end_at_once(struct entry *entry, enum failure failure, const char *detail)
{
	entry->fact.detail = str_of(detail);
	entry_end(entry, failure);
	return 0;
}

static int start(struct entry *entry, enum definition_kind kind, struct str name,
		 struct str subject)
{
	const struct gate_settings *settings = entry_settings(entry);
	const struct definition *d =
		settings->definitions ? definition_find(settings->definitions, kind, name) : NULL;
	struct external_task *task;

	if (!d || d->is_off)
		return end_at_once(entry, FAILURE_MISSING, "no definition is called so");
	if (d->lacks_secret)
		return end_at_once(entry, FAILURE_MISSING, "its key");
	if (!settings->runs.start)
		return end_at_once(entry, FAILURE_MISSING, "nobody runs it");
	if (!subject.len || subject.len > RUN_VALUE_BYTES)
		return end_at_once(entry, FAILURE_MISSING, "a subject");
	task = memory_alloc(sizeof *task);
	*task = (struct external_task){ .entry = entry, .definition = d, .subject = subject };
	entry->asking->task = task;
	if (needs_address(d))
		reach_start(&task->reach, entry, subject, on_reached);
	else
		page_ask(task, STR_NONE);
	return 0;
}

static int start_tool(struct entry *entry)
{
	const struct tool_question *question = &entry->fact.question.tool;

	return start(entry, DEFINITION_TOOL, question->name, question->subject);
}

static int start_api(struct entry *entry)
{
	const struct api_question *question = &entry->fact.question.api;

	return start(entry, DEFINITION_API, question->name, question->subject);
}

/* Whoever scans brings the fact along: it is of one profile. */
static int start_external(struct entry *entry)
{
	return end_at_once(entry, FAILURE_MISSING, "a scan");
}

const struct asker ask_tool_asker = {
	.kind = KIND_tool, .start = start_tool, .cancel = cancel_external, .ends_when_left = true
};
const struct asker ask_api_asker = {
	.kind = KIND_api, .start = start_api, .cancel = cancel_external, .ends_when_left = true
};
const struct asker ask_external_asker = { .kind = KIND_external, .start = start_external };
