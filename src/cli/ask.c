/* SPDX-License-Identifier: Apache-2.0 */
/* How is one question asked about many names? */
#include "cli/input.h"
#include "cli/run.h"
#include "cli/selection.h"
#include "base/nearest.h"
#include "facts/fact.h"

/* What an Unbound takes at once without dropping queries, by measurement. */
enum { IN_FLIGHT = 1000, KINDS = 64 };

struct ask_run {
	struct run run;
	struct input *input;
	struct str prototype; /* question_key of the question about "." */
	struct str operands;  /* names of the command line, as lines */
	uint64_t operand_count, window, outstanding;
	bool is_ready, is_finishing;
};

/* ---- the question ---- */

static int kind_unknown(struct str word)
{
	const char *names[KINDS + 1];
	const char *near;
	size_t count = 0;

	for (unsigned number = 1; number < 256 && count < KINDS; number++)
		if (fact_kind_of((uint8_t)number))
			names[count++] = fact_kind_of((uint8_t)number)->name;
	names[count] = NULL;
	near = nearest_word(word, names);
	return console_usage("ask", "no kind of question \"%.*s\"%s%s%s", STR(word),
			     near ? "; did you mean " : "", near ? near : "", near ? "?" : "");
}

/* Flags of a question are joined to the word before by '+': "SOA+tcp". */
static void word_put(struct buf *text, struct str word)
{
	buf_put_char(text, ' ');
	for (size_t i = 0; i < word.len; i++)
		buf_put_char(text, word.data[i] == '+' ? ' ' : word.data[i]);
}

/*
 * The question as facts are written in text, about ".": "dns . MX !timeout". The arguments are the
 * fields in their order without the subject (fact_kind_subject), without flags, and
 * without what may be left out. Flags may also follow the kind: "http+body".
 */
static int prototype_make(struct ask_run *ask, const struct fact_kind *kind, struct str flags,
			  size_t *ret_used)
{
	const struct settings *settings = ask->run.call->settings;
	struct arena *a = ask->run.call->arena;
	struct err err = { 0 };
	struct fact fact = { 0 };
	struct buf text, key;
	size_t used = 1;

	buf_init(&text, a);
	buf_put_str(&text, str_of(kind->name));
	for (size_t i = 0; i < kind->question->field_count; i++) {
		const struct desc_field *field = &kind->question->fields[i];

		if (field == fact_kind_subject(kind)) {
			buf_put_lit(&text, " .");
		} else if (strcmp(field->name, "flags") != 0 && !(field->flags & DESC_OPTIONAL)) {
			if (used == settings->operand_count)
				return console_usage("ask", "%s needs its %s", kind->name,
						     field->name);
			word_put(&text, settings->operands[used++]);
		}
	}
	word_put(&text, flags);
	buf_put_lit(&text, " !timeout");
	if (fact_parse(a, buf_str(&text), &fact, &err) < 0)
		return console_usage("ask", "%s", err.text);
	buf_init(&key, a);
	question_key(&key, &fact.question);
	ask->prototype = buf_str(&key);
	*ret_used = used;
	return EXIT_DONE;
}

static int question_read(struct ask_run *ask)
{
	const struct settings *settings = ask->run.call->settings;
	const struct fact_kind *kind;
	struct str flags, word;
	struct buf lines;
	size_t used = 0;
	int code;

	if (!settings->operand_count)
		return console_usage("ask", "what is asked? dss ask dns MX example.com");
	flags = settings->operands[0];
	word = STR_NONE;
	(void)str_split(&flags, '+', &word);
	kind = fact_kind_named(word);
	if (!kind)
		return kind_unknown(word);
	code = prototype_make(ask, kind, flags, &used);
	if (code != EXIT_DONE)
		return code;
	buf_init(&lines, ask->run.call->arena);
	for (; used < settings->operand_count; used++) {
		if (str_eq(settings->operands[used], STR_LIT("-")))
			continue;
		buf_put_str(&lines, settings->operands[used]);
		buf_put_char(&lines, '\n');
		ask->operand_count++;
	}
	ask->operands = buf_str(&lines);
	return EXIT_DONE;
}

/* ---- names down, answers up ---- */

static void block_send(struct ask_run *ask, struct str lines, uint64_t first, uint64_t count)
{
	struct scanner_ask body = { .first_line = first,
				    .prototype = ask->prototype,
				    .lines = lines };

	ask->outstanding += count;
	scanner_process_ask(ask->run.scanner, &body, count);
}

static enum input_state block_next(struct ask_run *ask)
{
	enum input_state state;
	struct str lines;
	uint64_t count = 0;

	if (ask->operands.len) {
		lines = ask->operands;
		ask->operands = STR_NONE;
		block_send(ask, lines, 1, ask->operand_count);
		return INPUT_LINES;
	}
	if (!ask->input)
		return INPUT_END;
	state = input_block(ask->input, ask->window - ask->outstanding, &lines, &count);
	if (state == INPUT_LINES)
		block_send(ask, lines, input_line_number(ask->input) - count + 1, count);
	return state;
}

static void ask_pump(struct ask_run *ask)
{
	enum input_state state = INPUT_LINES;

	if (!ask->is_ready || ask->is_finishing)
		return;
	/* A quarter of the window at a time keeps frames large. */
	while (state == INPUT_LINES && !ask->run.is_over &&
	       ask->outstanding * 4 <= ask->window * 3 &&
	       !scanner_process_is_full(ask->run.scanner))
		state = block_next(ask);
	if (state == INPUT_FAILED) {
		run_break(&ask->run, EXIT_BROKEN, "cannot read the list: %s",
			  strerror(-input_error(ask->input)));
	} else if (state == INPUT_END) {
		ask->is_finishing = true;
		scanner_process_finish(ask->run.scanner);
	}
}

static void on_more(void *data)
{
	ask_pump(data);
}

static void on_ready(void *data, const struct scanner_ready *ready)
{
	struct ask_run *ask = data;

	ask->is_ready = true;
	ask_pump(ask);
}

static void on_answers(void *data, const struct scanner_answers *answers)
{
	struct ask_run *ask = data;
	struct progress *progress = &ask->run.progress;

	run_write(&ask->run, answers->output);
	ask->outstanding -= MIN(answers->finished, ask->outstanding);
	progress->finished += answers->finished;
	progress->rejected += answers->rejected;
	progress->failed += answers->theirs + answers->ours;
	if (answers->ours || answers->rejected)
		ask->run.is_incomplete = true;
	if (ask->input) {
		uint64_t taken = 0, size = 0;

		input_position(ask->input, &taken, &size);
		progress->share = size ? (double)taken / (double)size : -1;
	}
	ask_pump(ask);
}

static const struct scanner_process_events events = {
	.on_ready = on_ready,
	.on_answers = on_answers,
	.on_log = run_on_log,
	.on_drain = on_more,
	.on_gone = run_on_gone,
};

/* ---- beginning and end ---- */

static int ask_input(struct ask_run *ask)
{
	const struct settings *settings = ask->run.call->settings;
	bool has_dash = false;
	const char *path;
	struct err err = { 0 };
	int code;

	for (size_t i = 0; i < settings->operand_count; i++)
		has_dash |= str_eq(settings->operands[i], STR_LIT("-"));
	code = run_list(&ask->run, ask->operand_count > 0, has_dash, &path);
	if (code != EXIT_DONE)
		return code;
	if (!path && !ask->operand_count)
		return console_usage("ask", "no name: give one, or a list on standard input");
	if (path && input_open(&ask->run.loop, path, on_more, ask, &ask->input, &err) < 0) {
		console_say("%s", err.text);
		return EXIT_USAGE;
	}
	return EXIT_DONE;
}

static int ask_open(struct ask_run *ask, const struct call *call)
{
	struct str output = call_value(call, SETTING_OUTPUT)->text;
	uint64_t window = call_value(call, SETTING_IN_FLIGHT)->number;
	struct err err = { 0 };
	int code = run_open(&ask->run, call, SCANNER_WORK_ASK);

	if (code == EXIT_DONE)
		code = selection_check(call, NULL);
	if (code == EXIT_DONE)
		code = question_read(ask);
	if (code == EXIT_DONE)
		code = ask_input(ask);
	if (code != EXIT_DONE)
		return code;
	if (output_open(&ask->run.output, output.len ? str_cstring(call->arena, output) : NULL,
			&err) < 0) {
		console_say("%s", err.text);
		return EXIT_BROKEN;
	}
	ask->window = window ? window : IN_FLIGHT;
	ask->run.configuration.in_flight = (uint32_t)ask->window;
	code = run_start_resolver(&ask->run);
	return code == EXIT_DONE ? run_start_scanner(&ask->run, &events, ask) : code;
}

int ask_run(const struct call *call)
{
	struct ask_run *ask = ARENA_NEW(call->arena, struct ask_run);
	int code = ask_open(ask, call);

	if (code == EXIT_DONE) {
		progress_open(&ask->run.progress, &ask->run.loop, call->settings,
			      ask->run.output.fd);
		run_wait(&ask->run);
	}
	input_close(ask->input);
	if (code == EXIT_DONE)
		return run_close(&ask->run);
	run_close(&ask->run);
	return code;
}
