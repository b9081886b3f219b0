/* SPDX-License-Identifier: Apache-2.0 */
/**
 * A command over the API, such as `dss domains list`: a noun, a verb, words, and a door. Verbs build
 * requests and show documents; what is wrong is said as the API says it.
 */
#ifndef DSS_CLI_TASK_H
#define DSS_CLI_TASK_H

#include "base/json.h"
#include "cli/door.h"
#include "cli/table.h"

struct task {
	const struct call *call;
	struct arena *arena;
	const char *noun;
	struct door door;
	const struct str *words; /**< behind the verb */
	size_t word_count;
	struct str format; /**< "text", "json", "jsonl", "csv" */
};

struct verb {
	const char *name;
	int (*run)(struct task *task); /**< returns enum exit_code */
	size_t least, most;            /**< words */
	const char *words;             /**< what they are, for messages: "NAME..." */
};

enum { WORDS_ANY = 1000000 };

/** Does what the call says: finds the verb, opens the door, runs it. Verbs end with a name of NULL;
 * the first is meant when no verb is given and it takes no words. */
int task_run(const struct call *call, const char *noun, const struct verb *verbs);
/** The same for a noun without verbs: the words are its only verb's. */
int task_run_alone(const struct call *call, const char *noun, const struct verb *verb);

static inline const struct setting_value *task_value(const struct task *task, enum setting setting)
{
	return call_value(task->call, setting);
}
static inline struct str task_text(const struct task *task, enum setting setting)
{
	return call_value(task->call, setting)->text;
}

/** One word after the other; what one does wrong keeps no other from being done. The worst exit code
 * of all. */
int task_each(struct task *task, int (*one)(struct task *task, struct str word, void *data),
	      void *data);

/** A path: base, and a word of the user's encoded behind it. */
struct str task_path(struct task *task, const char *base, struct str word, const char *rest);
/** Append ?name=value or &name=value; nothing when the value is empty. */
void query_add(struct buf *path, const char *name, struct str value);

/** "name":value pairs for a body: nothing when the setting is not set. */
void body_text(struct json *w, const char *name, struct str text);
void body_texts(struct json *w, const char *name, const struct setting_value *list);

/**
 * Ask once. What the API refuses is said, and the exit code of it returned.
 * @request  its path may be without a body; content_type is filled in for a body
 * @ret      NULL: not looked at; else the answer's document (a null one without a body)
 * @ret_response  may be NULL
 */
int task_ask(struct task *task, struct rest_request request, struct document *ret,
	     struct rest_response *ret_response);
/** The same for a JSON body. */
int task_send(struct task *task, const char *method, struct str path, struct str body,
	      struct document *ret, struct rest_response *ret_response);

/** PATCH "enabled" of what stands at the path; an exit code. */
int task_enable(struct task *task, struct str path, bool is_enabled);

/** Say what an answer of status 400 or more says was wrong; returns the exit code of it. */
int task_problem(struct task *task, const struct rest_response *response);

/** A list: as a table with these columns, or whatever --format says. `empty` is said for none. */
int task_list(struct task *task, struct str path, const struct column *columns, size_t count,
	      const char *empty);
/** How a list shows as text, where there is more to it than columns. */
struct view {
	const struct column *columns;
	size_t count;
	const char *empty;  /**< said when there are none */
	const char *member; /**< each item of this array is a row, with what holds it; NULL: none */
	/** What is left out without -v, and what is said of so many; NULL: nothing is. */
	bool (*is_minor)(struct arena *a, const struct document *row);
	const char *minor;
};
int task_list_view(struct task *task, struct str path, const struct view *view);
/** One document: lines with these columns, or the JSON as it came. */
int task_show(struct task *task, const struct rest_response *response,
	      const struct document *document, const struct column *columns, size_t count);
/** The items of an array within an answer as a table, or the JSON of all as it came. */
int task_show_items(struct task *task, const struct rest_response *response,
		    const struct document *items, const struct column *columns, size_t count);
/** A line that says what was done; nothing for -q or another format than text. */
int task_done(struct task *task, const char *format, ...) PRINTF(2, 3);

/** "7d", "12h", "90m", "2026-11-01", RFC 3339: as RFC 3339 in the arena.
 * @direction  -1: so long ago; 1: from now on. EXIT_USAGE when it is none. */
int task_time(struct task *task, enum setting setting, int direction, struct str *ret);

#endif
