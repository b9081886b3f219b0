/* SPDX-License-Identifier: Apache-2.0 */
/* notice_forms FOLDER: writes notices about what stands on standard input in each form, for notices.py.
 *
 * Each line is a text in hexadecimal, which then stands in every field of events that a stranger may have
 * written; of line N come FOLDER/N.eml, N.slack, N.json, N.form, N.own (a template), N.html (a template) and
 * N.amqp. */
#include "base/encode.h"
#include "report/notice.h"

#include <unistd.h>

enum { LINE_BYTES = 1 << 20 };

static const char *folder;
static unsigned number;

static void form_write(const char *name, struct str bytes)
{
	char path[4096];
	FILE *file;

	snprintf(path, sizeof path, "%s/%u.%s", folder, number, name);
	file = fopen(path, "wb");
	if (!file || fwrite(bytes.data, 1, bytes.len, file) != bytes.len || fclose(file)) {
		perror(path);
		_exit(1);
	}
}

static void must(int code, const struct err *err)
{
	if (code >= 0)
		return;
	fprintf(stderr, "line %u: %s\n", number, err->text);
	_exit(1);
}

static void template_write(const struct notice *notice, const char *form, const char *media_type,
			   const char *text)
{
	struct err err = { 0 };
	struct buf out;

	buf_init(&out, NULL);
	must(notice_template(&out, notice, str_of(text), str_of(media_type), &err), &err);
	form_write(form, buf_str(&out));
	buf_release(&out);
}

static void amqp_write(const struct notice *notice)
{
	struct notice_cloud_event event;
	struct arena a = { 0 };
	struct json w;
	struct buf out;

	buf_init(&out, &a);
	notice_cloud_event(&a, notice, &notice->events[0], &event);
	json_init(&w, &out);
	json_object(&w);
	json_key(&w, "key");
	json_str(&w, event.key);
	for (size_t i = 0; i < event.header_count; i++) {
		json_key(&w, event.headers[i].name);
		json_str(&w, event.headers[i].value);
	}
	json_key(&w, "body");
	json_raw(&w, event.body);
	json_end(&w);
	form_write("amqp", buf_str(&out));
	arena_release(&a);
}

static void forms_write(const struct notice *notice)
{
	const struct str to[] = { STR_LIT("it@example.org"), STR_LIT("second@example.org") };
	const struct notice_mail mail = { .from = STR_LIT("dss@example.org"),
					  .from_name = notice->channel,
					  .to = to,
					  .to_count = ARRAY_COUNT(to),
					  .host = STR_LIT("dss.example.org") };
	struct err err = { 0 };
	struct buf out;

	buf_init(&out, NULL);
	must(notice_mail(&out, notice, &mail, &err), &err);
	form_write("eml", buf_str(&out));
	out.len = 0;
	notice_slack(&out, notice);
	form_write("slack", buf_str(&out));
	out.len = 0;
	notice_json(&out, notice);
	form_write("json", buf_str(&out));
	buf_release(&out);
	template_write(notice, "own", "application/json",
		       "{\"text\":\"{{title}}\",\"items\":[{{#events}}{\"d\":\"{{domain}}\",\"t\":"
		       "\"{{text}}\",\"s\":\"{{subject}}\",\"b\":\"{{before}}\"}{{^last}},{{/last}}"
		       "{{/events}}]}");
	template_write(notice, "form", "application/x-www-form-urlencoded",
		       "title={{title}}&{{#events}}text={{text}}&{{/events}}end=1");
	template_write(notice, "html", "text/html; charset=utf-8",
		       "<p title=\"{{title}}\">{{#events}}<b>{{text}}</b>{{/events}}</p>");
	amqp_write(notice);
}

static void line_take(struct str foreign)
{
	struct notice_event events[3] = { 0 };
	struct notice notice = { .id = STR_LIT("dlv_01jd"),
				 .kind = NOTICE_DIGEST,
				 .at_us = 1795000000ll * 1000000,
				 .channel = foreign,
				 .rule = foreign,
				 .workspace = foreign,
				 .from_us = 1794999100ll * 1000000,
				 .until_us = 1795000000ll * 1000000,
				 .link = STR_LIT("https://dss.example.org/deliveries/dlv_01jd"),
				 .events = events,
				 .event_count = ARRAY_COUNT(events),
				 .omitted = 2 };

	for (size_t i = 0; i < ARRAY_COUNT(events); i++)
		events[i] = (struct notice_event){ .id = STR_LIT("evt_01"),
						   .sequence = (int64_t)i + 1,
						   .type = STR_LIT("finding.opened"),
						   .at_us = 1794999200ll * 1000000,
						   .domain = i ? STR_LIT("example.com") : foreign,
						   .severity = SEVERITY_HIGH,
						   .check = STR_LIT("mail.spf.lookup-limit"),
						   .subject = foreign,
						   .text = foreign,
						   .before = foreign,
						   .after = foreign,
						   .fix = STR_LIT("first line\nsecond line"),
						   .link = foreign,
						   .trace = foreign };
	forms_write(&notice);
}

int main(int argc, char **argv)
{
	static char line[LINE_BYTES];
	struct buf foreign;

	if (argc != 2)
		return 2;
	folder = argv[1];
	buf_init(&foreign, NULL);
	while (fgets(line, sizeof line, stdin)) {
		foreign.len = 0;
		if (hex_read(&foreign, str_trim(str_of(line))) < 0)
			return 2;
		line_take(buf_str(&foreign));
		number++;
	}
	buf_release(&foreign);
	return 0;
}
