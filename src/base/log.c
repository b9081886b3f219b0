/* SPDX-License-Identifier: Apache-2.0 */
/* How does an event become a line? */
#include "base/log.h"

#include "base/clock.h"
#include "base/json.h"
#include "base/terminal.h"

const char *const log_level_words[] = { "debug", "info", "warning", "error", NULL };

/* 2026-11-26T03:20:00.123Z */
static struct str time_put(char out[static TIME_TEXT_BYTES + 8])
{
	int64_t now_us = clock_utc_us();
	size_t len = strlen(clock_text(now_us, out));

	if (len)
		snprintf(out + len - 1, 8, ".%03uZ", (unsigned)(now_us / 1000 % 1000));
	return str_of(out);
}

/* What may be shown of it. Lives in the line's arena. */
static struct str shown(struct arena *a, struct str foreign)
{
	struct buf out;

	buf_init(&out, a);
	terminal_put(&out, str_first(foreign, LOG_VALUE_BYTES_MAX));
	if (foreign.len > LOG_VALUE_BYTES_MAX)
		buf_put_lit(&out, "...");
	return buf_str(&out);
}

static void json_field(struct arena *a, struct json *w, const struct log_field *field)
{
	json_key(w, field->name);
	switch (field->type) {
	case LOG_TYPE_STR:
		json_str(w, shown(a, field->str));
		break;
	case LOG_TYPE_INT:
		json_int(w, field->number);
		break;
	case LOG_TYPE_UINT:
		json_uint(w, field->count);
		break;
	case LOG_TYPE_BOOL:
		json_bool(w, field->is_true);
	}
}

static bool is_one_word(struct str text)
{
	for (size_t i = 0; i < text.len; i++)
		if (char_is_space(text.data[i]) || text.data[i] == '"' || text.data[i] == '=' ||
		    text.data[i] == '\\')
			return false;
	return text.len > 0;
}

static void text_field(struct arena *a, struct buf *out, const struct log_field *field)
{
	struct str text;
	struct json w;

	json_init(&w, out);
	buf_printf(out, " %s=", field->name);
	if (field->type == LOG_TYPE_STR) {
		text = shown(a, field->str);
		if (is_one_word(text))
			buf_put_str(out, text);
		else
			json_str(&w, text);
	} else if (field->type == LOG_TYPE_INT) {
		json_int(&w, field->number);
	} else if (field->type == LOG_TYPE_UINT) {
		json_uint(&w, field->count);
	} else {
		json_bool(&w, field->is_true);
	}
}

static size_t ids_fields(const struct log_ids *ids, struct log_field ret[static 3])
{
	size_t count = 0;

	if (ids && ids->scan_id.len)
		ret[count++] = LOG_STR("scan_id", ids->scan_id);
	if (ids && ids->request_id.len)
		ret[count++] = LOG_STR("request_id", ids->request_id);
	if (ids && ids->trace_id.len)
		ret[count++] = LOG_STR("trace_id", ids->trace_id);
	return count;
}

struct event {
	const struct log *log;
	enum log_level level;
	const char *name;
	const struct log_field *ids, *fields;
	size_t id_count, count;
};

static void event_json(struct arena *a, struct buf *out, const struct event *event)
{
	char now[TIME_TEXT_BYTES + 8];
	struct json w;

	json_init(&w, out);
	json_object(&w);
	json_key(&w, "time");
	json_str(&w, time_put(now));
	json_key(&w, "level");
	json_text(&w, log_level_words[event->level]);
	if (event->log->role) {
		json_key(&w, "role");
		json_text(&w, event->log->role);
	}
	json_key(&w, "event");
	json_text(&w, event->name);
	for (size_t i = 0; i < event->id_count; i++)
		json_field(a, &w, &event->ids[i]);
	for (size_t i = 0; i < event->count; i++)
		json_field(a, &w, &event->fields[i]);
	json_end(&w);
}

/* 03:20:00.123 warning worker scan.failed reason="no answer" scan_id=scn_… */
static void event_text(struct arena *a, struct buf *out, const struct event *event)
{
	char now[TIME_TEXT_BYTES + 8];
	struct str time = time_put(now);

	buf_printf(out, "%.*s %-7s %-9s %s",
		   STR(str_first(str_from(time, 11), time.len > 12 ? time.len - 12 : 0)),
		   log_level_words[event->level], event->log->role ? event->log->role : "",
		   event->name);
	for (size_t i = 0; i < event->count; i++)
		text_field(a, out, &event->fields[i]);
	for (size_t i = 0; i < event->id_count; i++)
		text_field(a, out, &event->ids[i]);
}

void log_put(const struct log *log, enum log_level level, const char *event_name,
	     const struct log_ids *ids, const struct log_field *fields, size_t count)
{
	struct log_field id_fields[3];
	struct event event = { log, level, event_name, id_fields, fields, 0, count };
	struct arena a = { 0 };
	struct buf line;

	if (!log_has(log, level))
		return;
	event.id_count = ids_fields(ids, id_fields);
	buf_init(&line, &a);
	if (log->is_text)
		event_text(&a, &line, &event);
	else
		event_json(&a, &line, &event);
	buf_put_char(&line, '\n');
	log->write(log->data, buf_str(&line));
	arena_release(&a);
}
