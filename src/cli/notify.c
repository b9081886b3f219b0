/* SPDX-License-Identifier: Apache-2.0 */
/* Who is told, and what was told? */
#include "cli/notify.h"

#include "settings/secret.h"

#include <fcntl.h>
#include <unistd.h>

enum { TEST_WAIT_S = 30, TEMPLATE_BYTES = 32768 };

static const struct column columns[] = {
	{ "NAME", "name", COLUMN_TEXT },           { "KIND", "kind", COLUMN_TEXT },
	{ "TO", "target", COLUMN_TEXT },           { "ENABLED", "enabled", COLUMN_TEXT },
	{ "FAILURES", "failures", COLUMN_COUNT },  { "LAST", "delivered_at", COLUMN_TIME },
	{ "WHY DISABLED", "reason", COLUMN_TEXT }, { "ID", "id", COLUMN_TEXT },
};

static const struct column log_columns[] = {
	{ "AT", "created_at", COLUMN_TIME },  { "CHANNEL", "channel", COLUMN_TEXT },
	{ "KIND", "kind", COLUMN_TEXT },      { "STATE", "state", COLUMN_TEXT },
	{ "EVENTS", "events", COLUMN_COUNT }, { "TRIES", "attempt", COLUMN_COUNT },
	{ "STATUS", "status", COLUMN_TEXT },  { "DOMAIN", "domain", COLUMN_TEXT },
	{ "NEXT", "due_at", COLUMN_TIME },    { "ERROR", "error", COLUMN_TEXT },
	{ "ID", "id", COLUMN_TEXT },
};

static const struct column delivery_columns[] = {
	{ "id", "id", COLUMN_TEXT },
	{ "channel", "channel", COLUMN_TEXT },
	{ "recipient", "recipient", COLUMN_TEXT },
	{ "kind", "kind", COLUMN_TEXT },
	{ "state", "state", COLUMN_TEXT },
	{ "domain", "domain", COLUMN_TEXT },
	{ "events", "events", COLUMN_TEXT },
	{ "tries", "attempt", COLUMN_TEXT },
	{ "made", "created_at", COLUMN_TIME },
	{ "next", "due_at", COLUMN_TIME },
	{ "ended", "ended_at", COLUMN_TIME },
	{ "status", "status", COLUMN_TEXT },
	{ "error", "error", COLUMN_TEXT },
	{ "reply", "reply", COLUMN_TEXT },
	{ "said", "transcript", COLUMN_TEXT },
};

static int list(struct task *task)
{
	return task_list(task, STR_LIT(CHANNELS_PATH), columns, ARRAY_COUNT(columns),
			 "nobody is told; dss notify add NAME --mail ADDRESS makes a channel");
}

/* ---- add ---- */

/* Which kind do the flags mean? NULL: none, or more than one. */
static const char *kind_of(struct task *task)
{
	const struct {
		const char *kind;
		bool is_meant;
	} kinds[] = {
		{ "webhook", task_text(task, SETTING_HOOK_URL).len ||
				     task_text(task, SETTING_HOOK_URL_FILE).len },
		{ "slack", task_text(task, SETTING_SLACK_URL_FILE).len },
		{ "mail", task_value(task, SETTING_MAIL_TO)->count ||
				  task_value(task, SETTING_TO_OWNER)->is_on },
		{ "amqp", task_value(task, SETTING_AMQP)->is_on },
		{ "script", task_text(task, SETTING_SCRIPT).len },
	};
	const char *kind = NULL;

	for (size_t i = 0; i < ARRAY_COUNT(kinds); i++) {
		if (kinds[i].is_meant && kind)
			return NULL;
		if (kinds[i].is_meant)
			kind = kinds[i].kind;
	}
	return kind;
}

/* A secret of a file as a member; nothing when no file is named. */
static int secret_put(struct task *task, struct json *w, const char *name, enum setting setting)
{
	struct err err = { 0 };
	struct secret secret;

	if (!task_text(task, setting).len)
		return EXIT_DONE;
	if (secret_read(task->arena, task->call->settings, setting, &secret, &err) < 0)
		return console_usage("notify", "%s", err.text);
	body_text(w, name, str_trim(secret.bytes));
	secret_forget(&secret);
	return EXIT_DONE;
}

static int template_put(struct task *task, struct json *w)
{
	struct str path = task_text(task, SETTING_TEMPLATE);
	char *text = arena_alloc(task->arena, TEMPLATE_BYTES + 1);
	ssize_t len;
	int fd;

	if (!path.len)
		return EXIT_DONE;
	fd = open(str_cstring(task->arena, path), O_RDONLY | O_CLOEXEC);
	len = fd < 0 ? -1 : read(fd, text, TEMPLATE_BYTES + 1);
	if (fd >= 0)
		close(fd);
	if (len < 0)
		return console_usage("notify", "%.*s: %s", STR(path), strerror(errno));
	if (len > TEMPLATE_BYTES)
		return console_usage("notify", "%.*s: a template has up to %d octets", STR(path),
				     TEMPLATE_BYTES);
	body_text(w, "template", str_bytes(text, (size_t)len));
	body_text(w, "media_type", task_text(task, SETTING_MEDIA_TYPE));
	return EXIT_DONE;
}

static int secrets_put(struct task *task, struct json *w)
{
	int code;

	body_text(w, "url", task_text(task, SETTING_HOOK_URL));
	code = secret_put(task, w, "url", SETTING_HOOK_URL_FILE);
	if (code == EXIT_DONE)
		code = secret_put(task, w, "url", SETTING_SLACK_URL_FILE);
	if (code == EXIT_DONE)
		code = secret_put(task, w, "signing_secret", SETTING_SIGNING_FILE);
	return code != EXIT_DONE ? code : template_put(task, w);
}

static int channel_body(struct task *task, const char *kind, struct buf *body)
{
	struct json w;
	int code;

	json_init(&w, body);
	json_object(&w);
	body_text(&w, "name", task->words[0]);
	body_text(&w, "kind", str_of(kind));
	code = secrets_put(task, &w);
	body_texts(&w, "to", task_value(task, SETTING_MAIL_TO));
	if (task_value(task, SETTING_TO_OWNER)->is_on) {
		json_key(&w, "to_owner");
		json_bool(&w, true);
	}
	body_text(&w, "script", task_text(task, SETTING_SCRIPT));
	if (task_text(task, SETTING_HEARTBEAT).len) {
		json_key(&w, "heartbeat_s");
		json_uint(&w, task_value(task, SETTING_HEARTBEAT)->number / 1000);
	}
	json_end(&w);
	return code;
}

static int rm_path(struct task *task, struct str path)
{
	return task_ask(task,
			(struct rest_request){ .method = "DELETE", .path = path, .if_match = "*" },
			NULL, NULL);
}

static void signing_say(struct task *task, struct str signing)
{
	(void)!console_put(
		str_printf(task->arena, "signing secret, shown this once: %.*s\n", STR(signing)));
}

static int add(struct task *task)
{
	const char *kind = kind_of(task);
	struct rest_response response;
	struct document channel;
	struct str signing;
	struct buf body;
	int code;

	if (!kind)
		return console_usage("notify", "how? one of --mail, --url, --url-file, "
					       "--slack-url-file, --to-owner, --amqp, --script");
	buf_init(&body, task->arena);
	code = channel_body(task, kind, &body);
	if (code != EXIT_DONE)
		return code;
	code = task_send(task, "POST", STR_LIT(CHANNELS_PATH), buf_str(&body), &channel, &response);
	if (code != EXIT_DONE)
		return code;
	code = notify_rule_make(task, task->words[0], task->words[0], STR_NONE);
	if (code != EXIT_DONE) { /* half of it would only surprise */
		(void)!rm_path(task, task_path(task, CHANNELS_PATH "/", task->words[0], ""));
		return code;
	}
	if (!str_eq(task->format, STR_LIT("text")))
		return task_show(task, &response, &channel, NULL, 0);
	signing = document_text(task->arena, &channel, "signing_secret");
	if (signing.len)
		signing_say(task, signing);
	code = notify_preview_say(task, task->words[0]);
	return code != EXIT_DONE
		       ? code
		       : task_done(task, "dss notify test %.*s sends a test", STR(task->words[0]));
}

/* ---- test ---- */

static int test_say(struct task *task, struct str name, const struct document *delivery)
{
	struct str state = document_text(task->arena, delivery, "state"),
		   status = document_text(task->arena, delivery, "status"),
		   error = document_text(task->arena, delivery, "error"),
		   said = document_text(task->arena, delivery, "transcript");

	if (str_eq(state, STR_LIT("delivered"))) {
		(void)!task_done(task, "%.*s: delivered%s%.*s in %lld ms", STR(name),
				 status.len ? ", status " : "", STR(status),
				 (long long)document_int(delivery, "elapsed_us") / 1000);
		return EXIT_DONE;
	}
	if (!str_eq(state, STR_LIT("failed"))) {
		console_say("%.*s: still %.*s: does dss serve or dss notifier run?", STR(name),
			    STR(state));
		return EXIT_INCOMPLETE;
	}
	console_say("%.*s: failed: %.*s", STR(name), STR(error));
	if (said.len)
		console_say("%.*s", STR(said));
	return EXIT_BROKEN;
}

int notify_test_one(struct task *task, struct str name, void *data)
{
	unsigned wait_s = data ? *(const unsigned *)data : TEST_WAIT_S;
	struct rest_request request = { .method = "POST",
					.path = task_path(task, CHANNELS_PATH "/", name, "/test"),
					.prefer = str_printf(task->arena, "wait=%u", wait_s).data };
	struct rest_response response;
	struct document delivery;
	int code = task_ask(task, request, &delivery, &response);

	if (code == EXIT_DONE && !str_eq(task->format, STR_LIT("text")))
		return task_show(task, &response, &delivery, NULL, 0);
	return code != EXIT_DONE ? code : test_say(task, name, &delivery);
}

static int test(struct task *task)
{
	return task_each(task, notify_test_one, NULL);
}

/* ---- the log ---- */

static int log_(struct task *task)
{
	struct buf path;

	buf_init(&path, task->arena);
	if (task->word_count)
		buf_put_str(&path,
			    task_path(task, CHANNELS_PATH "/", task->words[0], "/deliveries"));
	else
		buf_put_lit(&path, DELIVERIES_PATH);
	query_add(&path, "state", task_text(task, SETTING_DELIVERY_STATE));
	return task_list(task, buf_str(&path), log_columns, ARRAY_COUNT(log_columns),
			 "nothing was sent");
}

static int attempts_say(struct task *task, const struct document *attempts)
{
	static const struct column attempt_columns[] = {
		{ "ATTEMPT", "at", COLUMN_TIME },
		{ "STATUS", "status", COLUMN_NUMBER },
		{ "US", "elapsed_us", COLUMN_NUMBER },
		{ "ERROR", "error", COLUMN_TEXT },
	};
	struct buf out;

	if (!attempts->count)
		return EXIT_DONE;
	buf_init(&out, task->arena);
	table_put(&out, attempt_columns, ARRAY_COUNT(attempt_columns), attempts->items,
		  attempts->count, TABLE_TITLES, 0);
	return console_put(buf_str(&out));
}

static int show(struct task *task)
{
	struct rest_response response;
	struct document delivery;
	int code = task_send(task, "GET", task_path(task, DELIVERIES_PATH "/", task->words[0], ""),
			     STR_NONE, &delivery, &response);

	if (code == EXIT_DONE)
		code = task_show(task, &response, &delivery, delivery_columns,
				 ARRAY_COUNT(delivery_columns));
	return code != EXIT_DONE || !str_eq(task->format, STR_LIT("text"))
		       ? code
		       : attempts_say(task, document_at(&delivery, "attempts"));
}

static int redeliver_one(struct task *task, struct str id, void *data)
{
	int code = task_send(task, "POST", task_path(task, DELIVERIES_PATH "/", id, "/redeliver"),
			     STR_NONE, NULL, NULL);

	return code != EXIT_DONE ? code : task_done(task, "%.*s goes once more", STR(id));
}

static int redeliver(struct task *task)
{
	return task_each(task, redeliver_one, NULL);
}

/* ---- change ---- */

static int patch(struct task *task, struct str name, struct str body, struct document *ret)
{
	return task_ask(task,
			(struct rest_request){ .method = "PATCH",
					       .path = task_path(task, CHANNELS_PATH "/", name, ""),
					       .content_type = "application/merge-patch+json",
					       .if_match = "*",
					       .body = body },
			ret, NULL);
}

static int enable_one(struct task *task, struct str name, void *data)
{
	int code = task_enable(task, task_path(task, CHANNELS_PATH "/", name, ""), true);

	return code != EXIT_DONE ? code : task_done(task, "%.*s is told again", STR(name));
}

static int disable_one(struct task *task, struct str name, void *data)
{
	int code = task_enable(task, task_path(task, CHANNELS_PATH "/", name, ""), false);

	return code != EXIT_DONE ? code : task_done(task, "%.*s is told nothing", STR(name));
}

static int enable(struct task *task)
{
	return task_each(task, enable_one, NULL);
}

static int disable(struct task *task)
{
	return task_each(task, disable_one, NULL);
}

static int rotate(struct task *task)
{
	struct document channel;
	struct str made;
	struct buf body;
	struct json w;
	int code;

	buf_init(&body, task->arena);
	json_init(&w, &body);
	json_object(&w);
	if (!task_text(task, SETTING_SIGNING_FILE).len) {
		json_key(&w, "signing_secret");
		json_text(&w, "");
	}
	code = secret_put(task, &w, "signing_secret", SETTING_SIGNING_FILE);
	json_end(&w);
	if (code == EXIT_DONE)
		code = patch(task, task->words[0], buf_str(&body), &channel);
	if (code != EXIT_DONE)
		return code;
	made = document_text(task->arena, &channel, "signing_secret");
	if (made.len)
		signing_say(task, made);
	return task_done(task, "the one before is good for a day more");
}

/* The channel, and the rule that was made with it. */
static int rm_one(struct task *task, struct str name, void *data)
{
	struct rest_request rule = { .method = "DELETE",
				     .path = task_path(task, RULES_PATH "/", name, ""),
				     .if_match = "*" };
	struct rest_response response;
	struct err err = { 0 };
	int code = rm_path(task, task_path(task, CHANNELS_PATH "/", name, ""));

	if (code != EXIT_DONE)
		return code;
	if (rest_call(&task->door.rest, task->arena, &rule, NULL, NULL, &response, &err) < 0)
		console_say("%s", err.text);
	return task_done(task, "removed %.*s", STR(name));
}

static int rm(struct task *task)
{
	return task_each(task, rm_one, NULL);
}

int notify_run(const struct call *call)
{
	static const struct verb verbs[] = {
		{ "list", list, 0, 0, "" },
		{ "add", add, 1, 1, "NAME --mail ADDRESS | --url URL | --slack-url-file FILE ..." },
		{ "test", test, 1, WORDS_ANY, "NAME..." },
		{ "log", log_, 0, 1, "[NAME]" },
		{ "show", show, 1, 1, "DELIVERY" },
		{ "redeliver", redeliver, 1, WORDS_ANY, "DELIVERY..." },
		{ "enable", enable, 1, WORDS_ANY, "NAME..." },
		{ "disable", disable, 1, WORDS_ANY, "NAME..." },
		{ "rotate", rotate, 1, 1, "NAME" },
		{ "rm", rm, 1, WORDS_ANY, "NAME..." },
		{ "rules", notify_rules, 0, WORDS_ANY,
		  "[list | add | preview | enable | disable | rm]" },
		{ NULL },
	};

	return task_run(call, "notify", verbs);
}
