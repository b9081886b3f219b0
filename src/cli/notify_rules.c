/* SPDX-License-Identifier: Apache-2.0 */
/* Which events go where? */
#include "cli/notify.h"

static const struct column columns[] = {
	{ "NAME", "name", COLUMN_TEXT },         { "TO", "to", COLUMN_TEXT },
	{ "EVENTS", "events", COLUMN_TEXT },     { "SELECTS", "selector", COLUMN_TEXT },
	{ "MIN", "min_severity", COLUMN_TEXT },  { "AREA", "area", COLUMN_TEXT },
	{ "DIGEST", "digest_s", COLUMN_NUMBER }, { "AT", "digest_at", COLUMN_TEXT },
	{ "ENABLED", "enabled", COLUMN_TEXT },   { "ID", "id", COLUMN_TEXT },
};

int notify_filter_put(struct task *task, struct json *w)
{
	const struct setting_value *tags = task_value(task, SETTING_TAG);
	struct str selector = task_text(task, SETTING_SELECT);

	if (tags->count > 1 || (tags->count && selector.len))
		return console_usage("notify", "which domains? one --tag, or --select");
	if (tags->count)
		selector = str_printf(task->arena, "tag:%.*s", STR(tags->list[0]));
	body_text(w, "events", task_text(task, SETTING_RULE_EVENTS));
	body_text(w, "immediate", task_text(task, SETTING_IMMEDIATE));
	body_text(w, "selector", selector);
	body_text(w, "area", task_text(task, SETTING_RULE_AREA));
	body_text(w, "min_severity", task_text(task, SETTING_MIN_SEVERITY));
	if (task_text(task, SETTING_DIGEST).len) {
		json_key(w, "digest_s");
		json_uint(w, task_value(task, SETTING_DIGEST)->number / 1000);
	}
	body_text(w, "digest_at", task_text(task, SETTING_DIGEST_AT));
	return EXIT_DONE;
}

static int rule_send(struct task *task, struct str name, const struct str *to, size_t count,
		     struct str selector)
{
	struct buf body;
	struct json w;
	int code = EXIT_DONE;

	buf_init(&body, task->arena);
	json_init(&w, &body);
	json_object(&w);
	body_text(&w, "name", name);
	json_key(&w, "to");
	json_array(&w);
	for (size_t i = 0; i < count; i++)
		json_str(&w, to[i]);
	json_end(&w);
	if (selector.len)
		body_text(&w, "selector", selector);
	else
		code = notify_filter_put(task, &w);
	json_end(&w);
	if (code != EXIT_DONE)
		return code;
	return task_send(task, "POST", STR_LIT(RULES_PATH), buf_str(&body), NULL, NULL);
}

int notify_rule_make(struct task *task, struct str name, struct str channel, struct str selector)
{
	return rule_send(task, name, &channel, 1, selector);
}

static struct str preview_path(struct task *task, struct str rule)
{
	return task_path(task, RULES_PATH "/", rule,
			 str_printf(task->arena, "/preview?days=%u",
				    (unsigned)task_value(task, SETTING_PREVIEW_DAYS)->number)
				 .data);
}

int notify_preview_say(struct task *task, struct str rule)
{
	struct document looked;
	int code = task_send(task, "GET", preview_path(task, rule), STR_NONE, &looked, NULL);

	if (code != EXIT_DONE)
		return code;
	return task_done(task,
			 "in the last %u days rule %.*s would have sent %lld digests, %lld at once",
			 (unsigned)task_value(task, SETTING_PREVIEW_DAYS)->number, STR(rule),
			 (long long)document_int(&looked, "digests"),
			 (long long)document_int(&looked, "alone"));
}

static int list(struct task *task)
{
	return task_list(task, STR_LIT(RULES_PATH), columns, ARRAY_COUNT(columns),
			 "no rules; dss notify add NAME --mail ADDRESS makes a channel and a rule");
}

static int add(struct task *task)
{
	const struct setting_value *to = task_value(task, SETTING_RULE_TO);
	int code;

	if (!to->count)
		return console_usage("notify", "--to says where: --to ops");
	code = rule_send(task, task->words[0], to->list, to->count, STR_NONE);
	return code != EXIT_DONE ? code : notify_preview_say(task, task->words[0]);
}

static const struct column message_columns[] = {
	{ "AT", "at", COLUMN_TIME },
	{ "DIGEST", "digest", COLUMN_TEXT },
	{ "EVENTS", "events", COLUMN_NUMBER },
	{ "FIRST", "first.type", COLUMN_TEXT },
	{ "DOMAIN", "first.subject", COLUMN_TEXT },
};

static int preview(struct task *task)
{
	struct rest_response response;
	struct document looked;
	int code = task_send(task, "GET", preview_path(task, task->words[0]), STR_NONE, &looked,
			     &response);

	if (code == EXIT_DONE && document_at(&looked, "messages")->count)
		code = task_show_items(task, &response, document_at(&looked, "messages"),
				       message_columns, ARRAY_COUNT(message_columns));
	return code != EXIT_DONE ? code : notify_preview_say(task, task->words[0]);
}

static int rm_one(struct task *task, struct str name, void *data)
{
	struct rest_request request = { .method = "DELETE",
					.path = task_path(task, RULES_PATH "/", name, ""),
					.if_match = "*" };
	int code = task_ask(task, request, NULL, NULL);

	return code != EXIT_DONE ? code : task_done(task, "removed %.*s", STR(name));
}

static int rm(struct task *task)
{
	return task_each(task, rm_one, NULL);
}

static int enable_one(struct task *task, struct str name, void *data)
{
	const bool *is_enabled = data;
	int code = task_enable(task, task_path(task, RULES_PATH "/", name, ""), *is_enabled);

	return code != EXIT_DONE ? code
				 : task_done(task, "%.*s %s", STR(name),
					     *is_enabled ? "counts again" : "is paused");
}

static int enable(struct task *task)
{
	bool is_enabled = true;

	return task_each(task, enable_one, &is_enabled);
}

static int disable(struct task *task)
{
	bool is_enabled = false;

	return task_each(task, enable_one, &is_enabled);
}

int notify_rules(struct task *task)
{
	static const struct {
		const char *name;
		int (*run)(struct task *task);
		size_t least, most;
	} verbs[] = {
		{ "list", list, 0, 0 },
		{ "add", add, 1, 1 },
		{ "preview", preview, 1, 1 },
		{ "enable", enable, 1, WORDS_ANY },
		{ "disable", disable, 1, WORDS_ANY },
		{ "rm", rm, 1, WORDS_ANY },
	};

	if (!task->word_count)
		return list(task);
	for (size_t i = 0; i < ARRAY_COUNT(verbs); i++) {
		struct task inner = *task;

		if (!str_eq(task->words[0], str_of(verbs[i].name)))
			continue;
		inner.words++;
		inner.word_count--;
		if (inner.word_count < verbs[i].least || inner.word_count > verbs[i].most)
			return console_usage("notify", "rules %s takes %s", verbs[i].name,
					     verbs[i].most ? "a rule's name" : "no words");
		return verbs[i].run(&inner);
	}
	return console_usage("notify",
			     "rules: \"%.*s\" is none of list, add, preview, enable, disable, rm",
			     STR(task->words[0]));
}
