/* SPDX-License-Identifier: Apache-2.0 */
/* What became of each row of a file of domains? */
#include "cli/import.h"

#include "base/terminal.h"
#include "cli/import_zone.h"
#include "cli/output.h"

#include <fcntl.h>
#include <unistd.h>

enum { SILENCE_MS = 600000, SHOWN_REJECTS = 20 };

enum outcome { ADDED, UPDATED, UNCHANGED, THERE, REJECTED, REMOVED, OUTCOMES };

static const struct {
	const char *word, *said; /* the API's, ours */
} outcomes[] = { { "added", "added" },         { "updated", "updated" },
		 { "unchanged", "unchanged" }, { "exists", "already there" },
		 { "rejected", "rejected" },   { "removed", "removed" } };

struct import {
	struct task *task;
	struct arena arena; /* of a row */
	uint64_t counts[OUTCOMES], rows;
	struct buf shown; /* the first rejects, for people */
	struct output rejects;
	const char *rejects_path;
	bool has_rejects;
	struct str note; /* of the summary */
	struct err err;
};

/* "domains.csv", "list.ndjson", "example.com.zone" by name; else names, one a line. */
static const char *media_of(struct str path)
{
	if (str_ends_nocase(path, STR_LIT(".csv")))
		return "text/csv";
	if (str_ends_nocase(path, STR_LIT(".ndjson")) || str_ends_nocase(path, STR_LIT(".jsonl")))
		return "application/x-ndjson";
	if (str_ends_nocase(path, STR_LIT(".zone")))
		return "text/dns";
	return "text/plain";
}

/* ---- what came back ---- */

/* What was refused, for a second try: line, name, and why. */
static int reject_keep(struct import *import, struct str line, struct str name, struct str detail)
{
	struct buf out;

	buf_init(&out, &import->arena);
	if (!import->has_rejects) {
		TRY(output_open(&import->rejects, import->rejects_path, &import->err));
		import->has_rejects = true;
		buf_put_lit(&out, "line,name,reason\n");
	}
	buf_put_str(&out, line);
	for (size_t part = 0; part < 2; part++) {
		struct str text = part ? detail : name;

		buf_put_lit(&out, ",\"");
		if (text.len && strchr("=+-@\t\r", text.data[0])) /* no spreadsheet's formula */
			buf_put_char(&out, '\'');
		for (size_t i = 0; i < text.len; i++) {
			if (text.data[i] == '"')
				buf_put_char(&out, '"');
			buf_put_char(&out, text.data[i]);
		}
		buf_put_char(&out, '"');
	}
	buf_put_char(&out, '\n');
	return output_write(&import->rejects, buf_str(&out), &import->err);
}

static int reject(struct import *import, const struct document *row)
{
	struct str line = document_text(&import->arena, row, "line");
	struct str name = document_text(&import->arena, row, "name");
	struct str detail = document_text(&import->arena, row, "detail");

	if (import->counts[REJECTED] <= SHOWN_REJECTS) {
		buf_printf(&import->shown, "   row %-6.*s ", STR(line));
		terminal_put(&import->shown, detail);
		buf_put_char(&import->shown, '\n');
	}
	return import->rejects_path ? reject_keep(import, line, name, detail) : 0;
}

/* The last line is the summary of all. */
static int row_count(struct import *import, const struct document *row)
{
	struct str outcome = document_text(&import->arena, row, "outcome");

	import->counts[REMOVED] += (uint64_t)document_int(row, "summary.removed");
	if (document_at(row, "summary")->type == DOCUMENT_OBJECT)
		import->note =
			str_copy(import->task->arena, document_text(&import->arena, row, "detail"));
	for (size_t i = 0; i < OUTCOMES; i++)
		if (str_eq(outcome, str_of(outcomes[i].word))) {
			import->counts[i]++;
			import->rows++;
		}
	return str_eq(outcome, STR_LIT("rejected")) ? reject(import, row) : 0;
}

static int on_row(void *data, struct str line)
{
	struct import *import = data;
	struct document row;
	int code = 0;

	if (!str_eq(import->task->format, STR_LIT("text"))) {
		struct buf out;

		buf_init(&out, &import->arena);
		buf_printf(&out, "%.*s\n", STR(line));
		code = console_put(buf_str(&out)) == EXIT_DONE ? 0 : -EIO;
	}
	if (code == 0 && line.len && document_parse(&import->arena, line, &row) == 0)
		code = row_count(import, &row);
	arena_release(&import->arena);
	return code;
}

static int summary_put(struct import *import)
{
	struct task *task = import->task;
	struct buf out;
	bool is_first = true;

	if (!str_eq(task->format, STR_LIT("text")))
		return EXIT_DONE;
	buf_init(&out, task->arena);
	buf_printf(&out, " %llu row%s: ", (unsigned long long)import->rows,
		   import->rows == 1 ? "" : "s");
	for (size_t i = 0; i < OUTCOMES; i++)
		if (import->counts[i]) {
			buf_printf(&out, "%s%llu %s", is_first ? "" : ", ",
				   (unsigned long long)import->counts[i], outcomes[i].said);
			is_first = false;
		}
	buf_put_str(&out, is_first ? STR_LIT("nothing to do\n") : STR_LIT("\n"));
	buf_put_str(&out, buf_str(&import->shown));
	if (import->counts[REJECTED] > SHOWN_REJECTS)
		buf_printf(&out, "   and %llu more\n",
			   (unsigned long long)(import->counts[REJECTED] - SHOWN_REJECTS));
	if (import->note.len) {
		buf_put_lit(&out, "   ");
		terminal_put(&out, import->note);
		buf_put_char(&out, '\n');
	}
	if (import->has_rejects)
		buf_printf(&out, "   rejects are in %s\n", import->rejects_path);
	return console_put(buf_str(&out));
}

/* ---- the whole ---- */

static struct str path_make(struct task *task)
{
	const struct setting_value *tags = task_value(task, SETTING_TAG);
	struct buf path;

	buf_init(&path, task->arena);
	buf_put_lit(&path, "/api/v1/domains/import");
	for (size_t i = 0; i < tags->count; i++)
		query_add(&path, "tag", tags->list[i]);
	query_add(&path, "owner", task_text(task, SETTING_OWNER));
	query_add(&path, "mode", task_text(task, SETTING_IMPORT_MODE));
	if (task_value(task, SETTING_DRY_RUN)->is_on)
		query_add(&path, "dry_run", STR_LIT("true"));
	return buf_str(&path);
}

static int send_and_read(struct import *import, int fd, const char *media)
{
	struct task *task = import->task;
	struct rest_request request = { .method = "POST",
					.path = path_make(task),
					.accept = "application/x-ndjson",
					.content_type = media,
					.has_body_fd = true,
					.body_fd = fd,
					.silence_ms = SILENCE_MS };
	struct rest_response response;
	int code = rest_call(&task->door.rest, task->arena, &request, on_row, import, &response,
			     &import->err);

	if (import->has_rejects)
		TRY(output_close(&import->rejects, &import->err));
	TRY(code);
	return response.status >= 300 ? task_problem(task, &response) : EXIT_DONE;
}

/* What rows are read from; word: a file, "-", or empty for a zone that is transferred. */
static int source_open(struct task *task, struct str word, int *ret_fd)
{
	if (!word.len)
		return import_zone_fetch(task, ret_fd);
	*ret_fd = str_eq(word, STR_LIT("-"))
			  ? STDIN_FILENO
			  : open(str_cstring(task->arena, word), O_RDONLY | O_CLOEXEC);
	if (*ret_fd >= 0)
		return EXIT_DONE;
	console_say("%.*s: %s", STR(word), strerror(errno));
	return EXIT_USAGE;
}

int domains_import(struct task *task)
{
	struct str word = task->word_count ? task->words[0] : STR_NONE;
	struct import *import = ARENA_NEW(task->arena, struct import);
	int fd, code;

	if (!word.len == !task_text(task, SETTING_AXFR).len) {
		console_say("import takes either a file (\"-\" for standard input) or --axfr "
			    "ZONE@SERVER");
		return EXIT_USAGE;
	}
	code = source_open(task, word, &fd);
	if (code != EXIT_DONE || fd < 0)
		return code;
	import->task = task;
	buf_init(&import->shown, task->arena);
	if (word.len && fd != STDIN_FILENO && !task_value(task, SETTING_DRY_RUN)->is_on)
		import->rejects_path = str_printf(task->arena, "%.*s.rejects.csv", STR(word)).data;
	code = send_and_read(import, fd, media_of(word));
	if (fd != STDIN_FILENO)
		close(fd);
	if (code < 0) {
		console_say("%s", import->err.text);
		return EXIT_BROKEN;
	}
	if (code == EXIT_DONE)
		code = summary_put(import);
	return code == EXIT_DONE && import->counts[REJECTED] ? EXIT_INCOMPLETE : code;
}
