/* SPDX-License-Identifier: Apache-2.0 */
/* Notices about hostile texts, in each form, and templates. What stands before the first NUL is a template, what
 * stands behind it is in every text of an event. */
#include "formats/json_read.h"
#include "report/notice.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool condition)
{
	if (!condition)
		abort();
}

static void read_json(struct arena *a, struct str text)
{
	const struct json_value *value;
	struct err err = { 0 };

	check(json_read(a, text, &value, &err) == 0);
}

/* No line ends but as CR LF, and none is longer than SMTP allows. */
static void read_mail(struct str mail)
{
	struct str line;

	for (size_t i = 0; i < mail.len; i++)
		check((unsigned char)mail.data[i] < 0x80 && mail.data[i] != 0x7f &&
		      (mail.data[i] >= ' ' || mail.data[i] == '\r' || mail.data[i] == '\n' ||
		       mail.data[i] == '\t'));
	while (mail.len && str_split(&mail, '\n', &line))
		check(line.len <= 999 && line.len && line.data[line.len - 1] == '\r' &&
		      str_find_char(str_first(line, line.len - 1), '\r') < 0);
}

static void forms(struct arena *a, const struct notice *notice)
{
	const struct str to = STR_LIT("it@example.org");
	const struct notice_mail mail = { .from = to,
					  .from_name = notice->channel,
					  .to = &to,
					  .to_count = 1,
					  .host = STR_LIT("dss.example.org") };
	struct err err = { 0 };
	struct buf out;

	buf_init(&out, a);
	notice_json(&out, notice);
	read_json(a, buf_str(&out));
	out.len = 0;
	notice_slack(&out, notice);
	read_json(a, buf_str(&out));
	check(str_find_char(buf_str(&out), '<') < 0);
	out.len = 0;
	check(notice_mail(&out, notice, &mail, &err) == 0);
	read_mail(buf_str(&out));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str rest = str_bytes(data, size), template = rest;
	ptrdiff_t end = str_find_char(rest, '\0');
	struct notice_event events[2] = { 0 };
	struct notice notice = { .id = STR_LIT("dlv_1"),
				 .kind = NOTICE_DIGEST,
				 .at_us = 1,
				 .events = events,
				 .event_count = 2 };
	struct arena a = { 0 };
	struct err err = { 0 };
	struct buf out;

	template = end < 0 ? rest : str_first(rest, (size_t)end);
	rest = end < 0 ? rest : str_from(rest, (size_t)end + 1);
	notice.channel = notice.rule = notice.workspace = rest;
	for (size_t i = 0; i < ARRAY_COUNT(events); i++)
		events[i] = (struct notice_event){ .type = STR_LIT("finding.opened"),
						   .domain = i ? STR_LIT("example.com") : rest,
						   .severity = SEVERITY_HIGH,
						   .subject = rest,
						   .text = rest,
						   .before = rest,
						   .after = rest,
						   .link = rest };
	forms(&a, &notice);
	buf_init(&out, &a);
	if (notice_template_check(&a, template, STR_LIT("application/json"), &err) < 0)
		check(err.text[0]);
	if (notice_template(&out, &notice, template, STR_LIT("text/plain"), &err) < 0)
		check(out.len == 0 && err.text[0]);
	arena_release(&a);
	return 0;
}
