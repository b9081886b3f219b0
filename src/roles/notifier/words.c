/* SPDX-License-Identifier: Apache-2.0 */
/* What does an event say, in a line for people? */
#include "roles/notifier/words.h"

#include "app/event.h"
#include "app/event_fields.h"
#include "app/match.h"
#include "checks/families.h"

enum { LINE_BYTES = 500 };

typedef struct str line_of(struct arena *a, const struct event_fields *fields);

static struct str change_line(struct arena *a, const struct event_fields *fields)
{
	if (fields->changes > 1)
		return str_printf(a, "%.*s: %zu changes", STR(fields->question), fields->changes);
	return str_printf(a, "%.*s: %.*s", STR(fields->question), STR(fields->kind));
}

static struct str grade_line(struct arena *a, const struct event_fields *fields)
{
	return str_printf(a, "grade %.*s, was %.*s", STR(fields->after), STR(fields->before));
}

static struct str channel_line(struct arena *a, const struct event_fields *fields)
{
	return str_printf(a, "channel %.*s: %.*s", STR(fields->name), STR(fields->text));
}

/* Others: their text. */
static const struct {
	int type;
	line_of *line;
} lines[] = {
	{ EVENT_GRADE_CHANGED, grade_line },       { EVENT_RECORD_CHANGED, change_line },
	{ EVENT_NAMESERVER_CHANGED, change_line }, { EVENT_MX_CHANGED, change_line },
	{ EVENT_DELIVERY_FAILED, channel_line },   { EVENT_DELIVERY_DISABLED, channel_line },
};

/* "mx.changed" → "mx changed". */
static struct str plain(struct arena *a, struct str type)
{
	char *words = arena_alloc(a, type.len + 1);

	for (size_t i = 0; i < type.len; i++)
		words[i] = type.data[i] == '.' || type.data[i] == '_' ? ' ' : type.data[i];
	return str_bytes(words, type.len);
}

static struct str line(struct arena *a, const struct event_row *event,
		       const struct event_fields *fields, struct str type)
{
	struct str text = fields->text;

	for (size_t i = 0; i < ARRAY_COUNT(lines); i++)
		if (lines[i].type == event->type)
			text = lines[i].line(a, fields);
	return str_first(text.len ? text : plain(a, type), LINE_BYTES);
}

static struct str data_of(struct arena *a, const struct event_row *event)
{
	struct buf out;
	struct json w;

	buf_init(&out, a);
	json_init(&w, &out);
	event_data_json(&w, event);
	return buf_str(&out);
}

void words_of_event(struct arena *a, const struct event_row *event, struct notice_event *ret)
{
	struct str type = str_of(event_word(event->type));
	const struct check *check;
	struct event_fields fields;

	event_fields_read(a, event, &fields);
	check = fields.check.len ? check_find(fields.check, NULL) : NULL;
	if (!fields.text.len && check)
		fields.text = str_of(check->title);
	if (!type.len)
		type = STR_LIT("unknown");
	*ret = (struct notice_event){ .id = id_text(a, "evt", event->id),
				      .sequence = event->sequence,
				      .type = type,
				      .at_us = event->at,
				      .domain = event->name,
				      .severity = (int8_t)match_severity(event),
				      .check = fields.check,
				      .subject = fields.subject,
				      .text = line(a, event, &fields, type),
				      .before = fields.before,
				      .after = fields.after,
				      .fix = check ? str_of(check->fix[0].text) : STR_NONE,
				      .data = data_of(a, event),
				      .trace = event->trace };
}
