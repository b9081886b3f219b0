/* SPDX-License-Identifier: Apache-2.0 */
/* What does `dss domains add --mail` set up? */
#include "cli/notify.h"

/* "me@example.com" as a name and as a tag: there are no @ in those. */
static struct str name_of(struct arena *a, struct str address)
{
	ptrdiff_t at = str_find_char(address, '@');

	return str_printf(a, "mail.%.*s.at.%.*s", STR(str_first(address, (size_t)MAX(at, 0))),
			  STR(str_from(address, (size_t)(at + 1))));
}

/* 1: it is there; 0: it is not; negative: nobody knows. */
static int is_there(struct task *task, struct str name)
{
	struct rest_request look = { .method = "GET",
				     .path = task_path(task, CHANNELS_PATH "/", name, "") };
	struct rest_response response;
	struct err err = { 0 };

	if (rest_call(&task->door.rest, task->arena, &look, NULL, NULL, &response, &err) < 0) {
		console_say("%s", err.text);
		return -EIO;
	}
	return response.status != 404;
}

static int mail_make(struct task *task, struct str name, struct str address)
{
	struct buf body;
	struct json w;
	int code;

	buf_init(&body, task->arena);
	json_init(&w, &body);
	json_object(&w);
	body_text(&w, "name", name);
	body_text(&w, "kind", STR_LIT("mail"));
	json_key(&w, "to");
	json_array(&w);
	json_str(&w, address);
	json_end(&w);
	json_end(&w);
	code = task_send(task, "POST", STR_LIT(CHANNELS_PATH), buf_str(&body), NULL, NULL);
	if (code == EXIT_DONE)
		code = notify_rule_make(task, name, name,
					str_printf(task->arena, "tag:%.*s", STR(name)));
	return code;
}

int notify_mail_begin(struct task *task, struct setting_value *tags, int *ret_tested)
{
	const struct setting_value *addresses = task_value(task, SETTING_MAIL_TO);
	unsigned patience_s = 10;
	struct str *list =
		arena_array(task->arena, tags->count + addresses->count + 1, sizeof *list);

	for (size_t i = 0; i < tags->count; i++)
		list[i] = tags->list[i];
	tags->list = list;
	for (size_t i = 0; i < addresses->count; i++) {
		struct str address = str_lower(task->arena, addresses->list[i]);
		struct str name = name_of(task->arena, address);
		int found = is_there(task, name), code = EXIT_DONE;

		if (found < 0)
			return EXIT_BROKEN;
		if (!found)
			code = mail_make(task, name, address);
		if (code != EXIT_DONE)
			return code;
		list[tags->count++] = name;
		if (!found)
			code = notify_test_one(task, name, &patience_s);
		*ret_tested = MAX(*ret_tested, code);
	}
	return EXIT_DONE;
}
