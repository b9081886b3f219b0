/* SPDX-License-Identifier: Apache-2.0 */
/* Which formats are there? */
#include "report/formats.h"

const struct report_format report_formats[] = {
	{ "text", "for people", "", "\n", "", .render = report_text },
	{ "json", "one document", "{\"scans\":[\n", ",\n", "\n]}\n", .render = report_json,
	  .reject = report_json_reject },
	{ "jsonl", "one object a line, as scans end", "", "", "", .render = report_jsonl,
	  .reject = report_jsonl_reject },
	{ "csv", "one row a finding", "", "", "", report_csv_begin, report_csv, report_csv_reject },
	{ "md", "Markdown", "", "\n", "", .render = report_markdown,
	  .reject = report_markdown_reject },
	{ "html", "one file that needs no other and prints well", "", "", "</main></body></html>\n",
	  report_html_begin, report_html, report_html_reject },
	{ "sarif", "SARIF 2.1.0: findings at the domain's line of the list", "", ",\n", "\n]}]}\n",
	  report_sarif_begin, report_sarif, report_sarif_reject },
	{ "defectdojo", "DefectDojo's Generic Findings Import", "{\"findings\":[\n", ",\n",
	  "\n]}\n", .render = report_defectdojo },
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

void report_lead(struct buf *out, const struct report_format *format, bool is_first)
{
	buf_put_str(out, str_of(is_first ? format->prefix : format->separator));
	if (is_first && format->begin)
		format->begin(out);
}
