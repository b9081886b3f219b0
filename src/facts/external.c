/* SPDX-License-Identifier: Apache-2.0 */
/* How are questions to tools and APIs saved and shown? */
#include "facts/external.h"

static const struct desc_field tool_fields[] = {
	DESC_FIELD(1, DESC_STR, struct tool_question, name),
	DESC_FIELD(2, DESC_STR, struct tool_question, subject),
};
const struct desc tool_question_desc = DESC(tool_question, tool_fields);

static const struct desc_field api_fields[] = {
	DESC_FIELD(1, DESC_STR, struct api_question, name),
	DESC_FIELD(2, DESC_STR, struct api_question, subject),
};
const struct desc api_question_desc = DESC(api_question, api_fields);

static void put_kind(struct buf *out, uint64_t value)
{
	buf_put_str(out, value ? STR_LIT("tools") : STR_LIT("apis"));
}

static const struct desc_field external_fields[] = {
	DESC_NAMED(1, DESC_UINT, struct external_question, is_tools, "which", .words = put_kind),
};
const struct desc external_question_desc = DESC(external_question, external_fields);

static const struct desc_field value_fields[] = {
	DESC_FIELD(1, DESC_STR, struct extract_value, name),
	DESC_FIELD(2, DESC_STR, struct extract_value, value),
};
static const struct desc value_desc = DESC(extract_value, value_fields);

static const struct desc_field row_fields[] = {
	DESC_ARRAY(1, DESC_STRUCT, struct extract_row, values, value_count, .of = &value_desc),
};
const struct desc extract_row_desc = DESC(extract_row, row_fields);

static const char *const severities[] = { "info", "low", "medium", "high", "critical", NULL };

static const struct desc_field finding_fields[] = {
	DESC_FIELD(1, DESC_STR, struct external_finding, check),
	DESC_FIELD(2, DESC_ENUM, struct external_finding, severity, .names = severities),
	DESC_FIELD(3, DESC_STR, struct external_finding, subject, .flags = DESC_OPTIONAL),
	DESC_FIELD(4, DESC_STR, struct external_finding, text),
};
static const struct desc finding_desc = DESC(external_finding, finding_fields);

static const struct desc_field answer_fields[] = {
	DESC_FIELD(1, DESC_STR, struct external_answer, version, .flags = DESC_OPTIONAL),
	DESC_ARRAY(2, DESC_STRUCT, struct external_answer, rows, row_count,
		   .of = &extract_row_desc),
	DESC_NAMED(3, DESC_BOOL, struct external_answer, is_cut, "cut", .flags = DESC_OPTIONAL),
	DESC_FIELD(4, DESC_UINT, struct external_answer, pages,
		   .flags = DESC_OPTIONAL | DESC_VOLATILE),
	DESC_ARRAY(5, DESC_STRUCT, struct external_answer, findings, finding_count,
		   .of = &finding_desc, .flags = DESC_OPTIONAL),
};
const struct desc external_answer_desc = DESC(external_answer, answer_fields);

static const struct desc_field entry_fields[] = {
	DESC_FIELD(1, DESC_STR, struct external_entry, name),
	DESC_FIELD(2, DESC_STR, struct external_entry, subject),
	DESC_ARRAY(3, DESC_STR, struct external_entry, checks, check_count),
	DESC_NAMED(4, DESC_BOOL, struct external_entry, is_active, "active",
		   .flags = DESC_OPTIONAL),
	DESC_FIELD(5, DESC_STR, struct external_entry, lacks, .flags = DESC_OPTIONAL),
};
static const struct desc entry_desc = DESC(external_entry, entry_fields);

static const struct desc_field list_fields[] = {
	DESC_ARRAY(1, DESC_STRUCT, struct external_list, entries, entry_count, .of = &entry_desc),
};
const struct desc external_list_desc = DESC(external_list, list_fields);
