/* SPDX-License-Identifier: Apache-2.0 */
/* How does a command ask, and say what it was told? */
#include "cli/task.h"

#include "base/clock.h"
#include "base/nearest.h"
#include "base/terminal.h"
#include "cli/output.h"
#include "formats/rfc3339.h"

#include <stdarg.h>
#include <unistd.h>

enum { BATCH_ROWS = 1000, VERBS = 16 };

int task_each(struct task *task, int (*one)(struct task *task, struct str word, void *data),
	      void *data)
{
	int worst = EXIT_DONE;

	for (size_t i = 0; i < task->word_count; i++) {
		int code = one(task, task->words[i], data);

		worst = MAX(worst, code);
	}
	return worst;
}

/* ---- requests ---- */

struct str task_path(struct task *task, const char *base, struct str word, const char *rest)
{
	struct buf path;

	buf_init(&path, task->arena);
	buf_put_str(&path, str_of(base));
	rest_put_encoded(&path, word);
	buf_put_str(&path, str_of(rest));
	return buf_str(&path);
}

void query_add(struct buf *path, const char *name, struct str value)
{
	if (!value.len)
		return;
	buf_printf(path, "%c%s=", str_find_char(buf_str(path), '?') < 0 ? '?' : '&', name);
	rest_put_encoded(path, value);
}

void body_text(struct json *w, const char *name, struct str text)
{
	if (!text.len)
		return;
	json_key(w, name);
	json_str(w, text);
}

void body_texts(struct json *w, const char *name, const struct setting_value *list)
{
	if (!list->count)
		return;
	json_key(w, name);
	json_array(w);
	for (size_t i = 0; i < list->count; i++)
		json_str(w, list->list[i]);
	json_end(w);
}

/* ---- what went wrong ---- */

static int exit_code_of(unsigned status)
{
	if (status == 401 || status == 403)
		return EXIT_DENIED;
	return status == 429 || status >= 500 ? EXIT_BROKEN : EXIT_USAGE;
}

/* "/tags/3: …": where it is helps when the detail does not quote what was given. */
static void error_say(struct task *task, const struct document *error)
{
	struct str pointer = document_text(task->arena, error, "pointer");
	struct str detail = document_text(task->arena, error, "detail");

	if (str_starts(pointer, STR_LIT("#")))
		pointer = str_from(pointer, 1);
	if (!pointer.len)
		pointer = document_text(task->arena, error, "parameter");
	if (str_starts(detail, STR_LIT("\"")))
		pointer = STR_NONE;
	console_say("%.*s%s%.*s", STR(pointer), pointer.len ? ": " : "", STR(detail));
}

/* A problem document of RFC 9457. */
int task_problem(struct task *task, const struct rest_response *response)
{
	const struct document *errors;
	struct document problem = { .type = DOCUMENT_NULL };
	struct str text;

	if (document_parse(task->arena, response->body, &problem) < 0)
		console_say("the server answers %u", response->status);
	errors = document_at(&problem, "errors");
	for (size_t i = 0; i < errors->count; i++)
		error_say(task, &errors->items[i]);
	text = document_text(task->arena, &problem, "detail");
	if (!text.len)
		text = document_text(task->arena, &problem, "title");
	if (!errors->count && text.len)
		console_say("%.*s", STR(text));
	if (response->status == 401 && !task->door.api)
		console_say("--token-file FILE names the API key; dss keys create makes one");
	if (response->retry_after_s)
		console_say("try again in %u s", response->retry_after_s);
	return exit_code_of(response->status);
}

int task_ask(struct task *task, struct rest_request request, struct document *ret,
	     struct rest_response *ret_response)
{
	struct rest_response response;
	struct document document = { .type = DOCUMENT_NULL };
	struct err err = { 0 };

	if (request.body.len && !request.content_type)
		request.content_type = "application/json";
	if (rest_call(&task->door.rest, task->arena, &request, NULL, NULL, &response, &err) < 0) {
		console_say("%s", err.text);
		return EXIT_BROKEN;
	}
	if (response.status >= 300)
		return task_problem(task, &response);
	if (ret && response.body.len && document_parse(task->arena, response.body, &document) < 0) {
		console_say("the server's answer is no JSON");
		return EXIT_BROKEN;
	}
	if (ret)
		*ret = document;
	if (ret_response)
		*ret_response = response;
	return EXIT_DONE;
}

int task_send(struct task *task, const char *method, struct str path, struct str body,
	      struct document *ret, struct rest_response *ret_response)
{
	return task_ask(task, (struct rest_request){ .method = method, .path = path, .body = body },
			ret, ret_response);
}

/* ---- showing ---- */

struct listing {
	struct task *task;
	const struct view *view;
	struct arena arena; /* of the batch */
	struct document rows[BATCH_ROWS];
	size_t row_count, total, minor;
	uint64_t limit;
	bool is_first; /* nothing was written yet */
	struct output output;
	struct err err;
	int code;
};

static bool is_format(const struct task *task, const char *format)
{
	return str_eq(task->format, str_of(format));
}

static int batch_write(struct listing *listing, bool is_all)
{
	unsigned flags = listing->is_first && listing->view->columns[0].title ? TABLE_TITLES : 0;
	struct buf out;

	if (is_all && listing->is_first)
		flags |= TABLE_DROPS_EMPTY;

	buf_init(&out, NULL);
	if (listing->row_count)
		table_put(&out, listing->view->columns, listing->view->count, listing->rows,
			  listing->row_count, flags, console_width(STDOUT_FILENO));
	listing->is_first = false;
	listing->code = output_write(&listing->output, buf_str(&out), &listing->err);
	buf_release(&out);
	listing->row_count = 0;
	return listing->code;
}

static int line_write(struct listing *listing, struct str line)
{
	const char *before = "";

	if (is_format(listing->task, "json"))
		before = listing->total > 1 ? ",\n" : "[\n";
	listing->code = output_write(&listing->output, str_of(before), &listing->err);
	if (listing->code == 0)
		listing->code = output_write(&listing->output, line, &listing->err);
	if (listing->code == 0 && !is_format(listing->task, "json"))
		listing->code = output_write(&listing->output, STR_LIT("\n"), &listing->err);
	return listing->code;
}

static int row_add(struct listing *listing, struct document row)
{
	const struct view *view = listing->view;

	if (view->is_minor && !task_value(listing->task, SETTING_VERBOSE)->is_on &&
	    view->is_minor(&listing->arena, &row)) {
		listing->minor++;
		return 0;
	}
	listing->rows[listing->row_count] = row;
	return ++listing->row_count == BATCH_ROWS ? batch_write(listing, false) : 0;
}

/* The item's own members come first: they are found before those of what holds it. */
static struct document joined(struct arena *a, const struct document *item,
			      const struct document *holder)
{
	struct document row = { .type = DOCUMENT_OBJECT };

	row.items = arena_array(a, item->count + holder->count, sizeof *row.items);
	for (size_t i = 0; i < item->count; i++)
		row.items[row.count++] = item->items[i];
	for (size_t i = 0; i < holder->count; i++)
		row.items[row.count++] = holder->items[i];
	return row;
}

/* Rows of a batch that is written go here: before the next document, which may have made them. */
static int document_add(struct listing *listing, struct str line)
{
	const struct document *inner;
	struct document document;

	if (!listing->row_count)
		arena_release(&listing->arena);
	if (document_parse(&listing->arena, line, &document) < 0)
		return err_set(&listing->err, ERR_SYNTAX,
			       "a line of the server's answer is no JSON");
	inner = listing->view->member ? document_at(&document, listing->view->member) : NULL;
	if (!inner || !inner->count)
		return row_add(listing, document);
	for (size_t i = 0; i < inner->count; i++)
		TRY(row_add(listing, joined(&listing->arena, &inner->items[i], &document)));
	return 0;
}

static int on_line(void *data, struct str line)
{
	struct listing *listing = data;
	bool is_title = is_format(listing->task, "csv") && listing->is_first;

	if (!line.len)
		return 0;
	if (!is_title && listing->limit && listing->total == listing->limit)
		return -ECANCELED;
	listing->total += !is_title;
	if (is_format(listing->task, "text"))
		return listing->code = document_add(listing, line);
	listing->is_first = false;
	return line_write(listing, line);
}

static int listing_end(struct listing *listing)
{
	const char *empty = listing->view->empty;

	if (is_format(listing->task, "text")) {
		TRY(batch_write(listing, true));
		if (!listing->total && empty && !task_value(listing->task, SETTING_QUIET)->is_on)
			console_say("%s", empty);
		if (listing->minor && !task_value(listing->task, SETTING_QUIET)->is_on)
			console_say("%zu %s", listing->minor, listing->view->minor);
	}
	if (is_format(listing->task, "json"))
		TRY(output_write(&listing->output,
				 listing->total ? STR_LIT("\n]\n") : STR_LIT("[]\n"),
				 &listing->err));
	return output_close(&listing->output, &listing->err);
}

int task_list(struct task *task, struct str path, const struct column *columns, size_t count,
	      const char *empty)
{
	return task_list_view(task, path,
			      &(struct view){ .columns = columns, .count = count, .empty = empty });
}

int task_list_view(struct task *task, struct str path, const struct view *view)
{
	struct listing *listing = ARENA_NEW(task->arena, struct listing);
	struct rest_request request = { .method = "GET", .path = path };
	struct rest_response response;
	int code;

	*listing = (struct listing){ .task = task,
				     .view = view,
				     .limit = task_value(task, SETTING_LISTING_LIMIT)->number,
				     .is_first = true };
	request.accept = is_format(task, "csv")   ? "text/csv"
			 : is_format(task, "ics") ? "text/calendar"
						  : "application/x-ndjson";
	code = output_open(&listing->output, NULL, &listing->err);
	if (code == 0)
		code = rest_call(&task->door.rest, task->arena, &request, on_line, listing,
				 &response, &listing->err);
	if (code == 0 && response.status >= 300)
		return task_problem(task, &response);
	if (code == 0 || code == -ECANCELED)
		code = listing_end(listing);
	arena_release(&listing->arena);
	if (code < 0) {
		console_say("%s", listing->err.text);
		return EXIT_BROKEN;
	}
	return EXIT_DONE;
}

int task_show(struct task *task, const struct rest_response *response,
	      const struct document *document, const struct column *columns, size_t count)
{
	struct buf out;

	buf_init(&out, task->arena);
	if (is_format(task, "text")) {
		table_put_one(&out, columns, count, document);
	} else {
		buf_put_str(&out, str_trim(response->body));
		buf_put_char(&out, '\n');
	}
	return console_put(buf_str(&out));
}

int task_show_items(struct task *task, const struct rest_response *response,
		    const struct document *items, const struct column *columns, size_t count)
{
	struct buf out;

	if (!is_format(task, "text"))
		return task_show(task, response, items, columns, count);
	buf_init(&out, task->arena);
	table_put(&out, columns, count, items->items, items->count,
		  TABLE_TITLES | TABLE_DROPS_EMPTY, console_width(STDOUT_FILENO));
	return console_put(buf_str(&out));
}

int task_done(struct task *task, const char *format, ...)
{
	struct buf out;
	char text[1024];
	va_list args;

	if (!is_format(task, "text") || task_value(task, SETTING_QUIET)->is_on)
		return EXIT_DONE;
	va_start(args, format);
	vsnprintf(text, sizeof text, format, args);
	va_end(args);
	buf_init(&out, task->arena);
	buf_put_char(&out, ' ');
	terminal_put(&out, str_trim(str_of(text)));
	buf_put_char(&out, '\n');
	return console_put(buf_str(&out));
}

/* ---- times ---- */

/* "7d": microseconds. */
static int span_read(struct str text, int64_t *ret_us)
{
	static const struct {
		char unit;
		int64_t seconds;
	} units[] = { { 'm', 60 }, { 'h', 3600 }, { 'd', 86400 }, { 'w', 7 * 86400 } };
	uint64_t number;

	for (size_t i = 0; text.len && i < ARRAY_COUNT(units); i++)
		if (text.data[text.len - 1] == units[i].unit &&
		    str_to_uint(str_first(text, text.len - 1), 100000, &number) == 0) {
			*ret_us = (int64_t)number * units[i].seconds * 1000000;
			return 0;
		}
	return ERR_SYNTAX;
}

int task_time(struct task *task, enum setting setting, int direction, struct str *ret)
{
	struct str text = task_text(task, setting);
	char shown[TIME_TEXT_BYTES];
	int64_t at_us;

	if (!text.len) {
		*ret = STR_NONE;
		return EXIT_DONE;
	}
	if (span_read(text, &at_us) == 0)
		at_us = clock_utc_us() + direction * at_us;
	else if (rfc3339_parse_date(text, &at_us) < 0 && rfc3339_parse(text, &at_us) < 0)
		return console_usage(task->noun, "--%s: \"%.*s\" is no time (7d, 12h, 2027-03-01)",
				     setting_rows[setting].flag, STR(text));
	*ret = str_copy(task->arena, str_of(clock_text(at_us, shown)));
	return EXIT_DONE;
}

/* ---- verbs ---- */

static const struct verb *verb_find(const struct verb *verbs, struct str name)
{
	for (; verbs->name; verbs++)
		if (str_eq(name, str_of(verbs->name)))
			return verbs;
	return NULL;
}

static int verb_unknown(const char *noun, const struct verb *verbs, struct str name)
{
	const char *names[VERBS + 1], *near;
	struct arena a = { 0 };
	size_t count = 0;
	struct buf all;
	int code;

	buf_init(&all, &a);
	for (; verbs[count].name && count < VERBS; count++) {
		names[count] = verbs[count].name;
		buf_printf(&all, "%s%s", count ? ", " : "", verbs[count].name);
	}
	names[count] = NULL;
	near = nearest_word(name, names);
	if (!name.len)
		code = console_usage(noun, "one of %.*s says what to do", STR(buf_str(&all)));
	else if (near)
		code = console_usage(noun, "\"%.*s\" is none of %.*s; did you mean %s?", STR(name),
				     STR(buf_str(&all)), near);
	else
		code = console_usage(noun, "\"%.*s\" is none of %.*s", STR(name),
				     STR(buf_str(&all)));
	arena_release(&a);
	return code;
}

int task_run(const struct call *call, const char *noun, const struct verb *verbs)
{
	const struct settings *settings = call->settings;
	bool has_verb = settings->operand_count > 0;
	const struct verb *verb = has_verb       ? verb_find(verbs, settings->operands[0])
				  : verbs->least ? NULL
						 : verbs;
	struct task task = { .call = call, .arena = call->arena, .noun = noun };
	struct err err = { 0 };
	int code;

	if (!verb)
		return verb_unknown(noun, verbs, has_verb ? settings->operands[0] : STR_NONE);
	task.words = settings->operands + has_verb;
	task.word_count = settings->operand_count - has_verb;
	task.format = call_value(call, SETTING_LISTING_FORMAT)->text;
	if (!task.format.len)
		task.format = call_value(call, SETTING_EXPIRY_FORMAT)->text;
	if (task.word_count < verb->least || task.word_count > verb->most)
		return console_usage(noun, "dss %s %s %s", noun, verb->name, verb->words);
	code = door_open(call, &task.door, &err);
	if (code < 0) {
		console_say("%s", err.text);
		return code == ERR_SYNTAX ? EXIT_USAGE : EXIT_BROKEN;
	}
	code = verb->run(&task);
	door_close(&task.door);
	return code;
}

int task_run_alone(const struct call *call, const char *noun, const struct verb *verb)
{
	struct settings settings = *call->settings;
	struct call with_verb = *call;

	settings.operands =
		arena_array(call->arena, settings.operand_count + 1, sizeof(struct str));
	settings.operands[0] = str_of(verb->name);
	if (settings.operand_count)
		memcpy(settings.operands + 1, call->settings->operands,
		       settings.operand_count * sizeof(struct str));
	settings.operand_count++;
	with_verb.settings = &settings;
	return task_run(&with_verb, noun, verb);
}

int task_enable(struct task *task, struct str path, bool is_enabled)
{
	struct rest_request request = { .method = "PATCH",
					.path = path,
					.content_type = "application/merge-patch+json",
					.if_match = "*",
					.body = is_enabled ? STR_LIT("{\"enabled\":true}")
							   : STR_LIT("{\"enabled\":false}") };

	return task_ask(task, request, NULL, NULL);
}
