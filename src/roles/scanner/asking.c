/* SPDX-License-Identifier: Apache-2.0 */
/* How are many names asked one question, with one JSON line each as the answer? */
#include "base/clock.h"
#include "formats/names/input.h"
#include "formats/web/url.h"
#include "roles/scanner/scanner.h"

enum { FLUSH_BYTES = 256 * 1024, FLUSH_US = 20000 };

/* One line under way. Freed ones are kept for the next. */
struct ask {
	struct gate_scan account; /* first: on_fact is given it */
	struct scanner *scanner;
	struct gate_waiter waiter;
	struct ask *next;
};

struct answers {
	struct scanner *scanner;
	struct buf out;   /* heap: whole JSON lines */
	struct buf whole; /* heap: one line before --fields */
	struct scanner_answers counts;
	struct timer timer;
	struct ask *spare;
};

static void on_flush(struct timer *timer)
{
	asking_flush(
		((struct answers *)((char *)timer - offsetof(struct answers, timer)))->scanner);
}

static struct answers *answers_of(struct scanner *scanner)
{
	struct answers *answers = scanner->answers;

	if (answers)
		return answers;
	answers = memory_alloc(sizeof *answers);
	*answers = (struct answers){ .scanner = scanner, .timer = { .on_due = on_flush } };
	buf_init(&answers->out, NULL);
	buf_init(&answers->whole, NULL);
	buf_reserve(&answers->out, FLUSH_BYTES + 65536);
	scanner->answers = answers;
	return answers;
}

void asking_flush(struct scanner *scanner)
{
	struct answers *answers = scanner->answers;
	uint64_t finished;

	if (!answers || !answers->counts.finished)
		return;
	finished = answers->counts.finished;
	answers->counts.output = buf_str(&answers->out);
	scanner_send(scanner, SCANNER_ANSWERS, 0, &scanner_answers_desc, &answers->counts);
	answers->counts = (struct scanner_answers){ 0 };
	answers->out.len = 0;
	timer_stop(&scanner->timers, &answers->timer);
	scanner_ended(scanner, finished);
}

static void line_finished(struct answers *answers)
{
	struct scanner *scanner = answers->scanner;

	if (!answers->counts.finished++)
		timer_start(&scanner->timers, &answers->timer, clock_monotonic_us() + FLUSH_US);
	/* A quarter of the credit goes back at a time, so that dss never waits for all of it. */
	if (answers->out.len >= FLUSH_BYTES ||
	    answers->counts.finished * 4 >= scanner->configuration.in_flight)
		asking_flush(scanner);
}

static void put_fact(struct answers *answers, const struct fact *fact)
{
	const struct fields *fields = &answers->scanner->report.fields;
	struct json w;

	if (fields->count) {
		answers->whole.len = 0;
		json_init(&w, &answers->whole);
		fact_json(&w, fact);
		fields_project(&answers->out, buf_str(&answers->whole), fields);
	} else {
		json_init(&w, &answers->out);
		fact_json(&w, fact);
	}
	buf_put_char(&answers->out, '\n');
	answers->counts.answered += fact_end(fact) == END_ANSWER;
	answers->counts.theirs += fact_end(fact) == END_THEIRS;
	answers->counts.ours += fact_end(fact) == END_OURS;
}

static void ask_done(struct ask *ask, const struct fact *fact)
{
	struct answers *answers = answers_of(ask->scanner);

	put_fact(answers, fact);
	gate_forget(ask->scanner->gate, &ask->waiter);
	ask->next = answers->spare;
	answers->spare = ask;
	line_finished(answers);
}

static void on_fact(struct gate_scan *account, const struct fact *fact)
{
	ask_done((struct ask *)account, fact);
}

static struct ask *ask_new(struct scanner *scanner)
{
	struct answers *answers = answers_of(scanner);
	struct ask *ask = answers->spare;

	if (ask)
		answers->spare = ask->next;
	else
		ask = memory_alloc(sizeof *ask);
	*ask = (struct ask){
		.scanner = scanner,
		.account = { .kinds = scanner->limits.kinds,
			     .is_active = scanner->configuration.options.is_active,
			     .is_passing = true,
			     .questions_left = 1,
			     .on_fact = on_fact },
	};
	return ask;
}

/* What is written as a name is asked as it stands, the root and "*.example.com" too: a question may be
 * about what no domain can be. Whatever else people paste is read as input for a scan is. */
static int name_read(struct arena *a, struct str line, struct str *ret, struct err *err)
{
	static const char others[] = { '.', '-', '_', '*', '\\' };
	struct name_input input;
	bool is_written = true;

	for (size_t i = 0; i < line.len && is_written; i++)
		is_written = char_is_alpha(line.data[i]) || char_is_digit(line.data[i]) ||
			     memchr(others, line.data[i], sizeof others);
	if (is_written)
		return dns_name_parse(a, line, ret, err);
	TRY(name_input_read(a, line, &input, err));
	*ret = input.name;
	return 0;
}

/* "example.com" is what a browser makes of it. */
static int url_read(struct arena *a, struct str line, struct str *ret, struct err *err)
{
	struct web_url url;

	if (str_find(line, STR_LIT("://")) < 0)
		line = str_printf(a, "https://%.*s", STR(line));
	TRY(web_url_parse(a, line, &url, err));
	*ret = url.text;
	return 0;
}

/* What tools and APIs are asked about is theirs to judge. */
static int subject_read(struct str line, struct str *ret, struct err *err)
{
	for (size_t i = 0; i < line.len; i++)
		if ((unsigned char)line.data[i] <= ' ' || line.data[i] == 0x7f)
			return err_set(err, ERR_SYNTAX, "a blank or control in a subject");
	*ret = line;
	return 0;
}

/* The line is the subject of the prototype's kind. */
static int question_for(struct arena *a, const struct question *prototype, struct str line,
			struct question *ret, struct err *err)
{
	const struct fact_kind *kind = fact_kind_of(prototype->kind);
	const struct desc_field *field = fact_kind_subject(kind);
	struct address address;
	struct str name;

	if (!field)
		return err_set(err, -EINVAL, "questions of this kind have no name");
	if (prototype->kind == KIND_http)
		TRY(url_read(a, line, &name, err));
	else if (prototype->kind == KIND_api || prototype->kind == KIND_tool)
		TRY(subject_read(line, &name, err));
	else if (prototype->kind == KIND_rdap && address_parse(line, &address) == 0)
		name = line;
	else
		TRY(name_read(a, line, &name, err));
	*ret = *prototype;
	memcpy((char *)ret + kind->question_offset + field->offset, &name, sizeof name);
	return 0;
}

static void reject(struct scanner *scanner, struct str line, uint64_t number, const struct err *err)
{
	struct answers *answers = answers_of(scanner);
	struct json w;

	json_init(&w, &answers->out);
	json_object(&w);
	json_key(&w, "input");
	json_str(&w, line);
	json_key(&w, "line");
	json_uint(&w, number);
	json_key(&w, "error");
	json_text(&w, err->text);
	json_end(&w);
	buf_put_char(&answers->out, '\n');
	answers->counts.rejected++;
	scanner_log(scanner, SCANNER_LOG_WARNING, "input line %llu: %s", (unsigned long long)number,
		    err->text);
	line_finished(answers);
}

static void ask_line(struct scanner *scanner, struct arena *arena, const struct question *prototype,
		     struct str line, uint64_t number)
{
	struct arena_mark mark = arena_mark(arena);
	struct question question;
	const struct fact *fact;
	struct err err = { 0 };
	struct ask *ask;

	line = str_trim(line);
	if (!line.len || line.data[0] == '#') {
		line_finished(answers_of(scanner));
		return;
	}
	if (question_for(arena, prototype, line, &question, &err) < 0) {
		reject(scanner, line, number, &err);
	} else {
		ask = ask_new(scanner);
		fact = gate_ask(scanner->gate, &ask->account, &question, &ask->waiter);
		if (fact)
			ask_done(ask, fact);
	}
	arena_rewind(arena, mark);
}

int asking_start(struct scanner *scanner, const struct frame *frame)
{
	struct arena arena = { 0 };
	struct question prototype;
	struct scanner_ask body;
	struct str line;
	int code = desc_decode(&arena, &scanner_ask_desc, frame->body, &body);

	if (code == 0)
		code = question_from_key(&arena, body.prototype, &prototype);
	if (code == 0 && body.lines.len && body.lines.data[body.lines.len - 1] == '\n')
		body.lines.len--;
	for (uint64_t number = body.first_line; code == 0 && str_split(&body.lines, '\n', &line);
	     number++) {
		scanner->running++;
		ask_line(scanner, &arena, &prototype, line, number);
	}
	arena_release(&arena);
	return code;
}
