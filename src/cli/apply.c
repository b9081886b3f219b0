/* SPDX-License-Identifier: Apache-2.0 */
/* How does a file with a portfolio become what the services watch? */
#include "cli/policy_file.h"
#include "cli/task.h"
#include "formats/yaml_tree.h"

#define APPLY "/api/v1/apply"

enum { PORTFOLIO_BYTES = 16 << 20, SECRET_BYTES = 8192, SILENCE_MS = 600000 };

/* ---- files that hold secrets: url_file, signing_file ---- */

static int file_put(struct task *task, struct yaml_value *item, const char *key, size_t len)
{
	struct err err = { 0 };
	struct str text;

	if (policy_bytes(task->call, item->text, SECRET_BYTES, &text, &err) < 0) {
		console_say("line %u: %s", item->line, err.text);
		return EXIT_USAGE;
	}
	item->key = str_bytes(key, len);
	item->text = str_trim(text);
	item->is_plain = false;
	return EXIT_DONE;
}

static int secrets_read(struct task *task, const struct yaml_value *root)
{
	const struct yaml_value *channels = yaml_member(root, "channels");
	int code = EXIT_DONE;

	for (size_t i = 0; channels && channels->kind == YAML_IS_LIST && i < channels->count; i++)
		for (size_t k = 0; k < channels->items[i]->count && code == EXIT_DONE; k++) {
			struct yaml_value *item = channels->items[i]->items[k];

			if (str_eq(item->key, STR_LIT("url_file")))
				code = file_put(task, item, "url", 3);
			else if (str_eq(item->key, STR_LIT("signing_file")))
				code = file_put(task, item, "signing", 7);
		}
	return code;
}

/* ---- what is wrong, where it stands in the file ---- */

static const struct yaml_value *value_at(const struct yaml_value *root, struct str pointer)
{
	struct str token;

	while (pointer.len && str_split(&pointer, '/', &token)) {
		const struct yaml_value *next = NULL;
		uint64_t number;

		if (!token.len)
			continue;
		for (size_t i = 0; root->kind == YAML_IS_MAP && i < root->count && !next; i++)
			if (str_eq(root->items[i]->key, token))
				next = root->items[i];
		if (root->kind == YAML_IS_LIST && str_to_uint(token, UINT32_MAX, &number) == 0 &&
		    number < root->count)
			next = root->items[number];
		if (!next)
			return root;
		root = next;
	}
	return root;
}

static void errors_say(struct task *task, const struct yaml_value *root, struct str file,
		       const struct document *errors)
{
	static const struct str above = STR_INIT("#/portfolio");

	for (size_t i = 0; i < errors->count; i++) {
		struct str pointer = document_text(task->arena, &errors->items[i], "pointer"),
			   detail = document_text(task->arena, &errors->items[i], "detail");
		const struct yaml_value *value = root;

		if (str_starts(pointer, above))
			value = value_at(root, str_from(pointer, above.len));
		console_say("%.*s line %u column %u: %.*s", STR(file), value->line, value->column,
			    STR(detail));
	}
}

/* ---- what was done ---- */

static void steps_say(struct task *task, const struct document *plan)
{
	static const struct {
		const char *action, *sign;
	} signs[] = { { "create", "+" }, { "update", "~" }, { "delete", "-" } };
	const struct document *steps = document_at(plan, "steps");
	struct buf out;

	buf_init(&out, task->arena);
	for (size_t i = 0; i < steps->count; i++) {
		const struct document *step = &steps->items[i];
		struct str action = document_text(task->arena, step, "action");

		for (size_t k = 0; k < ARRAY_COUNT(signs); k++)
			if (str_eq(action, str_of(signs[k].action)))
				buf_printf(&out, "%s %.*s %.*s\n", signs[k].sign,
					   STR(document_text(task->arena, step, "kind")),
					   STR(document_text(task->arena, step, "name")));
	}
	(void)console_put(buf_str(&out));
}

static int plan_say(struct task *task, const struct document *plan, bool is_dry_run)
{
	steps_say(task, plan);
	return console_put(str_printf(
		task->arena, "%s%.*s created, %.*s changed, %.*s removed, %.*s as they should be\n",
		is_dry_run ? "would be: " : "", STR(document_text(task->arena, plan, "created")),
		STR(document_text(task->arena, plan, "updated")),
		STR(document_text(task->arena, plan, "deleted")),
		STR(document_text(task->arena, plan, "unchanged"))));
}

static struct str body_of(struct task *task, const struct yaml_value *root)
{
	struct buf body;
	struct json w;

	buf_init(&body, task->arena);
	json_init(&w, &body);
	json_object(&w);
	json_key(&w, "portfolio");
	yaml_put_json(&w, root);
	json_end(&w);
	return buf_str(&body);
}

static int apply(struct task *task)
{
	struct str file = task_text(task, SETTING_APPLY_FILE), text;
	bool is_dry_run = task_value(task, SETTING_DRY_RUN)->is_on;
	struct rest_request request = { .method = "POST",
					.content_type = "application/json",
					.silence_ms = SILENCE_MS };
	struct rest_response response = { 0 };
	struct document answer;
	struct yaml_value *root;
	struct err err = { 0 };
	struct buf path;
	int code;

	if (!file.len)
		return console_usage("apply",
				     "-f FILE says what there should be; - is standard input");
	if (policy_bytes(task->call, file, PORTFOLIO_BYTES, &text, &err) < 0 ||
	    yaml_read(task->arena, text, &root, &err) < 0) {
		console_say("%.*s%s%s", STR(file), file.len ? " " : "", err.text);
		return EXIT_USAGE;
	}
	code = secrets_read(task, root);
	if (code != EXIT_DONE)
		return code;
	buf_init(&path, task->arena);
	buf_put_lit(&path, APPLY);
	query_add(&path, "dry_run", is_dry_run ? STR_LIT("true") : STR_NONE);
	query_add(&path, "prune",
		  task_value(task, SETTING_PRUNE)->is_on ? STR_LIT("true") : STR_NONE);
	request.path = buf_str(&path);
	request.body = body_of(task, root);
	if (rest_call(&task->door.rest, task->arena, &request, NULL, NULL, &response, &err) < 0) {
		console_say("%s", err.text);
		return EXIT_BROKEN;
	}
	if (document_parse(task->arena, response.body, &answer) < 0)
		return task_problem(task, &response);
	if (response.status == 422 && document_at(&answer, "errors")->count) {
		errors_say(task, root, file, document_at(&answer, "errors"));
		return EXIT_USAGE;
	}
	return response.status >= 300 ? task_problem(task, &response)
				      : plan_say(task, &answer, is_dry_run);
}

int apply_run(const struct call *call)
{
	static const struct verb verb = { "apply", apply, 0, 0, "" };

	return task_run_alone(call, "apply", &verb);
}
