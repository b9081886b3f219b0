/* SPDX-License-Identifier: Apache-2.0 */
/* How are the bodies of the scanner's frames written? Numbers are permanent. */
#include "children/protocol.h"

static const char *const work_names[] = { "scan", "ask", "judge", NULL };
static const char *const state_names[] = { "done", "incomplete", "failed", "cancelled", NULL };
static const char *const level_names[] = { "debug", "info", "warning", NULL };

static const struct desc_field options_fields[] = {
	DESC_FIELD(1, DESC_STR, struct scanner_options, profile),
	DESC_ARRAY(2, DESC_STR, struct scanner_options, only, only_count),
	DESC_ARRAY(3, DESC_STR, struct scanner_options, skip, skip_count),
	DESC_FIELD(4, DESC_UINT, struct scanner_options, timeout_ms),
	DESC_FIELD(5, DESC_BOOL, struct scanner_options, is_active),
	DESC_FIELD(6, DESC_BOOL, struct scanner_options, is_fresh),
	DESC_ARRAY(7, DESC_STR, struct scanner_options, selectors, selector_count),
	DESC_FIELD(8, DESC_STRUCT, struct scanner_options, policy, .of = &policy_desc),
	DESC_FIELD(9, DESC_STRUCT, struct scanner_options, expectations, .of = &expectations_desc),
	DESC_FIELD(10, DESC_BOOL, struct scanner_options, wants_proof),
};
static const struct desc options_desc = DESC(scanner_options, options_fields);

static const struct desc_field configuration_fields[] = {
	DESC_FIELD(1, DESC_ENUM, struct scanner_configuration, work, .names = work_names),
	DESC_FIELD(2, DESC_STRUCT, struct scanner_configuration, options, .of = &options_desc),
	DESC_ARRAY(5, DESC_STR, struct scanner_configuration, resolvers, resolver_count),
	DESC_ARRAY(6, DESC_STR, struct scanner_configuration, allow_networks, allow_network_count),
	DESC_FIELD(7, DESC_UINT, struct scanner_configuration, rate),
	DESC_FIELD(11, DESC_UINT, struct scanner_configuration, in_flight),
	DESC_FIELD(12, DESC_STR, struct scanner_configuration, format),
	DESC_FIELD(13, DESC_STR, struct scanner_configuration, fields),
	DESC_FIELD(14, DESC_UINT, struct scanner_configuration, verdict_mask),
	DESC_FIELD(15, DESC_UINT, struct scanner_configuration, width),
	DESC_FIELD(16, DESC_BOOL, struct scanner_configuration, has_colour),
	DESC_FIELD(17, DESC_BOOL, struct scanner_configuration, is_verbose),
	DESC_FIELD(18, DESC_BOOL, struct scanner_configuration, wants_facts),
	DESC_FIELD(19, DESC_BOOL, struct scanner_configuration, is_single),
	DESC_FIELD(20, DESC_UINT, struct scanner_configuration, progress_ms),
	DESC_FIELD(21, DESC_BOOL, struct scanner_configuration, has_paces),
	DESC_FIELD(22, DESC_STR, struct scanner_configuration, ca_file),
	DESC_FIELD(25, DESC_STR, struct scanner_configuration, rdap_bootstrap),
	DESC_FIELD(23, DESC_STR, struct scanner_configuration, list),
	DESC_FIELD(26, DESC_STRUCT, struct scanner_configuration, definitions,
		   .of = &definitions_desc),
};

static const struct desc_field scan_fields[] = {
	DESC_FIELD(1, DESC_UINT, struct scanner_scan, number),
	DESC_FIELD(2, DESC_STR, struct scanner_scan, input),
	DESC_FIELD(3, DESC_STR, struct scanner_scan, domain),
	DESC_FIELD(4, DESC_BOOL, struct scanner_scan, has_options),
	DESC_FIELD(5, DESC_STRUCT, struct scanner_scan, options, .of = &options_desc),
	DESC_FIELD(6, DESC_UINT, struct scanner_scan, line),
	DESC_ARRAY(7, DESC_BYTES, struct scanner_scan, before, before_count),
};

static const struct desc_field cancel_fields[] = {
	DESC_FIELD(1, DESC_UINT, struct scanner_cancel, number),
};

static const struct desc_field ask_fields[] = {
	DESC_FIELD(1, DESC_UINT, struct scanner_ask, first_line),
	DESC_FIELD(2, DESC_BYTES, struct scanner_ask, prototype),
	DESC_FIELD(3, DESC_BYTES, struct scanner_ask, lines),
};

static const struct desc_field facts_fields[] = {
	DESC_FIELD(1, DESC_UINT, struct scan_facts, number),
	DESC_FIELD(2, DESC_STR, struct scan_facts, domain),
	DESC_FIELD(3, DESC_TIME, struct scan_facts, at_us),
	DESC_FIELD(4, DESC_BOOL, struct scan_facts, is_active),
	DESC_FIELD(5, DESC_STR, struct scan_facts, profile),
	DESC_ARRAY(6, DESC_BYTES, struct scan_facts, facts, fact_count),
	DESC_FIELD(7, DESC_BYTES, struct scan_facts, text),
	DESC_FIELD(8, DESC_BYTES, struct scan_facts, volatile_blob),
};

static const struct desc_field judge_fields[] = {
	DESC_FIELD(1, DESC_UINT, struct scanner_judge, number),
	DESC_FIELD(2, DESC_STRUCT, struct scanner_judge, facts, .of = &scan_facts_desc),
	DESC_FIELD(3, DESC_BOOL, struct scanner_judge, has_options),
	DESC_FIELD(4, DESC_STRUCT, struct scanner_judge, options, .of = &options_desc),
	DESC_FIELD(5, DESC_BOOL, struct scanner_judge, wants_verdicts),
	DESC_ARRAY(6, DESC_STRUCT, struct scanner_judge, since, since_count,
		   .of = &judged_since_desc),
	DESC_ARRAY(7, DESC_BYTES, struct scanner_judge, before, before_count),
};

static const struct desc_field ready_fields[] = {
	DESC_FIELD(1, DESC_UINT, struct scanner_ready, pid),
	DESC_FIELD(2, DESC_STR, struct scanner_ready, resolver),
	DESC_ARRAY(3, DESC_STR, struct scanner_ready, limits, limit_count),
};

static const struct desc_field result_fields[] = {
	DESC_FIELD(1, DESC_UINT, struct scanner_result, number),
	DESC_FIELD(2, DESC_ENUM, struct scanner_result, state, .names = state_names),
	DESC_FIELD(3, DESC_BOOL, struct scanner_result, has_findings),
	DESC_FIELD(4, DESC_UINT, struct scanner_result, worst),
	DESC_FIELD(5, DESC_STR, struct scanner_result, grade),
	DESC_FIELD(6, DESC_STR, struct scanner_result, error),
	DESC_FIELD(7, DESC_BYTES, struct scanner_result, output),
};

static const struct desc_field verdicts_fields[] = {
	DESC_FIELD(1, DESC_UINT, struct scanner_verdicts, number),
	DESC_FIELD(2, DESC_INT, struct scanner_verdicts, elapsed_us),
	DESC_FIELD(3, DESC_STRUCT, struct scanner_verdicts, judgement, .of = &judgement_desc),
};

static const struct desc_field answers_fields[] = {
	DESC_FIELD(1, DESC_UINT, struct scanner_answers, finished),
	DESC_FIELD(2, DESC_UINT, struct scanner_answers, answered),
	DESC_FIELD(3, DESC_UINT, struct scanner_answers, theirs),
	DESC_FIELD(4, DESC_UINT, struct scanner_answers, ours),
	DESC_FIELD(5, DESC_UINT, struct scanner_answers, rejected),
	DESC_FIELD(6, DESC_BYTES, struct scanner_answers, output),
};

static const struct desc_field scan_progress_fields[] = {
	DESC_FIELD(1, DESC_UINT, struct scan_progress, number),
	DESC_FIELD(2, DESC_UINT, struct scan_progress, asked),
	DESC_FIELD(3, DESC_UINT, struct scan_progress, answered),
	DESC_FIELD(4, DESC_UINT, struct scan_progress, judged),
	DESC_FIELD(5, DESC_UINT, struct scan_progress, checks),
};
static const struct desc scan_progress_desc = DESC(scan_progress, scan_progress_fields);

static const struct desc_field progress_fields[] = {
	DESC_FIELD(1, DESC_UINT, struct scanner_progress, asked),
	DESC_FIELD(2, DESC_UINT, struct scanner_progress, answered),
	DESC_FIELD(3, DESC_UINT, struct scanner_progress, running),
	DESC_ARRAY(4, DESC_STRUCT, struct scanner_progress, scans, scan_count,
		   .of = &scan_progress_desc),
};

static const struct desc_field log_fields[] = {
	DESC_FIELD(1, DESC_ENUM, struct scanner_log, level, .names = level_names),
	DESC_FIELD(2, DESC_STR, struct scanner_log, text),
};

static const struct desc_field fatal_fields[] = {
	DESC_FIELD(1, DESC_UINT, struct scanner_fatal, exit_code),
	DESC_FIELD(2, DESC_STR, struct scanner_fatal, text),
};

const struct desc scanner_configuration_desc = DESC(scanner_configuration, configuration_fields);
const struct desc scanner_scan_desc = DESC(scanner_scan, scan_fields);
const struct desc scanner_ask_desc = DESC(scanner_ask, ask_fields);
const struct desc scan_facts_desc = DESC(scan_facts, facts_fields);
const struct desc scanner_judge_desc = DESC(scanner_judge, judge_fields);
const struct desc scanner_cancel_desc = DESC(scanner_cancel, cancel_fields);
const struct desc scanner_verdicts_desc = DESC(scanner_verdicts, verdicts_fields);
const struct desc scanner_ready_desc = DESC(scanner_ready, ready_fields);
const struct desc scanner_result_desc = DESC(scanner_result, result_fields);
const struct desc scanner_answers_desc = DESC(scanner_answers, answers_fields);
const struct desc scanner_progress_desc = DESC(scanner_progress, progress_fields);
const struct desc scanner_log_desc = DESC(scanner_log, log_fields);
const struct desc scanner_fatal_desc = DESC(scanner_fatal, fatal_fields);
