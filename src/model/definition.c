/* SPDX-License-Identifier: Apache-2.0 */
/* How is a definition written to frames? Numbers are permanent. */
#include "model/definition.h"

#include "model/check.h"

const char *const definition_kind_words[] = { "none", "tool", "api", NULL };
const char *const definition_subject_words[] = { "domain", "host", "address", "url", NULL };
const char *const definition_network_words[] = { "none", "address", "guarded", NULL };
const char *const definition_paging_words[] = { "none", "number", "offset", "next", NULL };

static const struct desc_field header_fields[] = {
	DESC_FIELD(1, DESC_STR, struct definition_header, name),
	DESC_FIELD(2, DESC_STR, struct definition_header, value),
};
static const struct desc header_desc = DESC(definition_header, header_fields);

static const struct desc_field limits_fields[] = {
	DESC_FIELD(1, DESC_UINT, struct definition_limits, time_ms),
	DESC_FIELD(2, DESC_UINT, struct definition_limits, output_bytes),
	DESC_FIELD(3, DESC_UINT, struct definition_limits, memory_bytes),
	DESC_FIELD(4, DESC_UINT, struct definition_limits, processes),
	DESC_FIELD(5, DESC_ENUM, struct definition_limits, network,
		   .names = definition_network_words),
	DESC_FIELD(6, DESC_UINT, struct definition_limits, port),
	DESC_ARRAY(7, DESC_STR, struct definition_limits, reads, read_count),
};
static const struct desc limits_desc = DESC(definition_limits, limits_fields);

static const struct desc_field pages_fields[] = {
	DESC_FIELD(1, DESC_ENUM, struct definition_pages, by, .names = definition_paging_words),
	DESC_FIELD(2, DESC_UINT, struct definition_pages, most),
	DESC_FIELD(3, DESC_UINT, struct definition_pages, size),
	DESC_FIELD(4, DESC_UINT, struct definition_pages, first),
};
static const struct desc pages_desc = DESC(definition_pages, pages_fields);

static const struct desc_field pace_fields[] = {
	DESC_FIELD(1, DESC_UINT, struct definition_pace, requests),
	DESC_FIELD(2, DESC_UINT, struct definition_pace, per_s),
	DESC_FIELD(3, DESC_UINT, struct definition_pace, per_day),
};
static const struct desc pace_desc = DESC(definition_pace, pace_fields);

static const struct desc_field status_fields[] = {
	DESC_FIELD(1, DESC_UINT, struct definition_status, status),
	DESC_FIELD(2, DESC_STR, struct definition_status, means),
};
static const struct desc status_desc = DESC(definition_status, status_fields);

static const struct desc_field condition_fields[] = {
	DESC_FIELD(1, DESC_STR, struct extract_condition, field),
	DESC_FIELD(2, DESC_ENUM, struct extract_condition, test, .names = extract_test_words),
	DESC_FIELD(3, DESC_STR, struct extract_condition, value),
};
static const struct desc condition_desc = DESC(extract_condition, condition_fields);

static const struct desc_field finding_fields[] = {
	DESC_FIELD(1, DESC_STR, struct definition_finding, check),
	DESC_FIELD(2, DESC_ENUM, struct definition_finding, severity, .names = severity_words),
	DESC_ARRAY(3, DESC_STRUCT, struct definition_finding, when, when_count,
		   .of = &condition_desc),
	DESC_FIELD(4, DESC_STR, struct definition_finding, subject),
	DESC_FIELD(5, DESC_STR, struct definition_finding, text),
};
static const struct desc finding_desc = DESC(definition_finding, finding_fields);

static const struct desc_field field_fields[] = {
	DESC_FIELD(1, DESC_STR, struct extract_field, name),
	DESC_FIELD(2, DESC_STR, struct extract_field, from),
	DESC_FIELD(3, DESC_STR, struct extract_field, split),
};
static const struct desc field_desc = DESC(extract_field, field_fields);

static const struct desc_field extract_fields[] = {
	DESC_FIELD(1, DESC_ENUM, struct extract_rules, format, .names = extract_format_words),
	DESC_FIELD(2, DESC_STR, struct extract_rules, rows),
	DESC_ARRAY(3, DESC_STRUCT, struct extract_rules, fields, field_count, .of = &field_desc),
	DESC_ARRAY(4, DESC_STRUCT, struct extract_rules, where, where_count, .of = &condition_desc),
	DESC_FIELD(5, DESC_UINT, struct extract_rules, most_rows),
	DESC_NAMED(6, DESC_BOOL, struct extract_rules, is_set, "set"),
	DESC_FIELD(7, DESC_STR, struct extract_rules, next),
	DESC_FIELD(8, DESC_STR, struct extract_rules, error),
};
static const struct desc extract_desc = DESC(extract_rules, extract_fields);

static const struct desc_field definition_fields[] = {
	DESC_FIELD(1, DESC_STR, struct definition, name),
	DESC_FIELD(2, DESC_ENUM, struct definition, kind, .names = definition_kind_words),
	DESC_FIELD(3, DESC_STR, struct definition, title),
	DESC_FIELD(4, DESC_STR, struct definition, source),
	DESC_FIELD(5, DESC_STR, struct definition, version),
	DESC_FIELD(6, DESC_ENUM, struct definition, subject, .names = definition_subject_words),
	DESC_NAMED(7, DESC_BOOL, struct definition, is_active, "active"),
	DESC_NAMED(8, DESC_BOOL, struct definition, is_off, "off"),
	DESC_ARRAY(9, DESC_STR, struct definition, profiles, profile_count),
	DESC_ARRAY(10, DESC_STR, struct definition, checks, check_count),
	DESC_FIELD(11, DESC_UINT, struct definition, cache_s),
	DESC_FIELD(12, DESC_STRUCT, struct definition, limits, .of = &limits_desc),
	DESC_ARRAY(13, DESC_STR, struct definition, argv, argv_count),
	DESC_ARRAY(14, DESC_STR, struct definition, version_argv, version_argv_count),
	DESC_ARRAY(15, DESC_UINT, struct definition, exits, exit_count),
	DESC_FIELD(16, DESC_STR, struct definition, method),
	DESC_FIELD(17, DESC_STR, struct definition, url),
	DESC_FIELD(18, DESC_STR, struct definition, body),
	DESC_ARRAY(19, DESC_STRUCT, struct definition, headers, header_count, .of = &header_desc),
	DESC_FIELD(20, DESC_STR, struct definition, secret),
	DESC_NAMED(21, DESC_BOOL, struct definition, is_secret_optional, "secret_optional"),
	DESC_NAMED(22, DESC_STRUCT, struct definition, pages, "paging", .of = &pages_desc),
	DESC_FIELD(23, DESC_STRUCT, struct definition, pace, .of = &pace_desc),
	DESC_ARRAY(24, DESC_STRUCT, struct definition, statuses, status_count, .of = &status_desc),
	DESC_FIELD(25, DESC_STRUCT, struct definition, extract, .of = &extract_desc),
	DESC_ARRAY(26, DESC_STRUCT, struct definition, findings, finding_count,
		   .of = &finding_desc),
	DESC_ARRAY(28, DESC_STR, struct definition, argv_ipv6, argv_ipv6_count),
	DESC_FIELD(27, DESC_BOOL, struct definition, lacks_secret, .flags = DESC_HIDDEN),
};
const struct desc definition_desc = DESC(definition, definition_fields);

static const struct desc_field list_fields[] = {
	DESC_ARRAY(1, DESC_STRUCT, struct definitions, list, count, .of = &definition_desc),
};
const struct desc definitions_desc = DESC(definitions, list_fields);

const struct definition *definition_find(const struct definitions *definitions,
					 enum definition_kind kind, struct str name)
{
	for (size_t i = 0; i < definitions->count; i++)
		if (definitions->list[i].kind == kind && str_eq(definitions->list[i].name, name))
			return &definitions->list[i];
	return NULL;
}
