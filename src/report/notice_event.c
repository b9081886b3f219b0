/* SPDX-License-Identifier: Apache-2.0 */
/* How is one event of a notice published to a broker? CloudEvents 1.0, binary mode. */
#include "report/notice_parts.h"

#include "base/clock.h"

#include <inttypes.h>

enum { KEY_BYTES = 200 };

static void put(struct notice_cloud_event *event, const char *name, struct str value)
{
	if (value.len && event->header_count < ARRAY_COUNT(event->headers)) {
		event->headers[event->header_count].name = name;
		event->headers[event->header_count++].value = value;
	}
}

static struct str time_of(struct arena *a, int64_t at_us)
{
	char text[TIME_TEXT_BYTES];

	clock_text(at_us, text);
	return str_printf(a, "%.*s.%06dZ", (int)strlen(text) - 1, text, (int)(at_us % 1000000));
}

/* Words of ours between dots; anything else would be a word of the key that nobody can bind. */
static struct str key_of(struct arena *a, const struct notice_event *event)
{
	const char *severity = notice_severity(event->severity);
	struct buf out;

	buf_init(&out, a);
	for (size_t i = 0; i < event->type.len && out.len < KEY_BYTES; i++) {
		char c = event->type.data[i];
		bool is_word = char_is_alpha(c) || char_is_digit(c) || c == '.' || c == '_';

		buf_put_char(&out, is_word ? c : '_');
	}
	buf_printf(&out, ".%s", severity[0] ? severity : "none");
	return buf_str(&out);
}

void notice_cloud_event(struct arena *a, const struct notice *notice,
			const struct notice_event *event, struct notice_cloud_event *ret)
{
	struct notice alone = *notice;
	struct buf body;

	*ret = (struct notice_cloud_event){ .key = key_of(a, event) };
	put(ret, "cloudEvents:specversion", STR_LIT("1.0"));
	put(ret, "cloudEvents:id", notice_plain(a, event->id, KEY_BYTES));
	put(ret, "cloudEvents:source", STR_LIT("/dss"));
	put(ret, "cloudEvents:type",
	    str_printf(a, "dev.dss.%.*s.v1", STR(notice_plain(a, event->type, KEY_BYTES))));
	put(ret, "cloudEvents:subject", notice_plain(a, event->domain, NOTICE_TEXT_BYTES));
	put(ret, "cloudEvents:time", time_of(a, event->at_us));
	if (event->sequence)
		put(ret, "cloudEvents:sequence", str_printf(a, "%" PRId64, event->sequence));
	put(ret, "cloudEvents:traceparent", notice_plain(a, event->trace, KEY_BYTES));
	alone.kind = NOTICE_EVENT;
	alone.events = event;
	alone.event_count = 1;
	alone.omitted = 0;
	buf_init(&body, a);
	notice_json(&body, &alone);
	ret->body = buf_str(&body);
}
