/* SPDX-License-Identifier: Apache-2.0 */
/* Which formats are there? */
#include "report/json.h"
#include "report/jsonl.h"
#include "report/text.h"

const struct report_format report_formats[] = {
	{ "text", "for people", "", "\n", "", report_text, NULL },
	{ "json", "one document", "{\"scans\":[\n", ",\n", "\n]}\n", report_json,
	  report_json_reject },
	{ "jsonl", "one object a line, as scans end", "", "", "", report_jsonl,
	  report_jsonl_reject },
	{ NULL },
};

const struct report_format *report_format_find(struct str name)
{
	for (const struct report_format *format = report_formats; format->name; format++)
		if (str_eq(name, str_of(format->name)))
			return format;
	return NULL;
}

const struct judged_since *report_since(const struct report_input *input, const struct check *check)
{
	for (size_t i = 0; i < input->since_count; i++)
		if (str_eq(input->since[i].check, str_of(check->id)))
			return &input->since[i];
	return NULL;
}
