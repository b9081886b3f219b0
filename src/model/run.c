/* SPDX-License-Identifier: Apache-2.0 */
/* How is a run written, and what is within its limits? Numbers are permanent. */
#include "model/run.h"

static const char *const kind_names[] = { "tool", "api", NULL };
static const char *const end_names[] = { "done",    "missing",     "denied",  "timed-out",
					 "crashed", "flooded",     "busy",    "gone",
					 "broken",  "unreachable", "garbled", "rate-limited",
					 NULL };

static const struct desc_field value_fields[] = {
	DESC_FIELD(1, DESC_STR, struct run_value, name),
	DESC_FIELD(2, DESC_STR, struct run_value, value),
};
static const struct desc value_desc = DESC(run_value, value_fields);

static const struct desc_field request_fields[] = {
	DESC_FIELD(1, DESC_UINT, struct run_request, number),
	DESC_FIELD(2, DESC_ENUM, struct run_request, kind, .names = kind_names),
	DESC_FIELD(3, DESC_STR, struct run_request, name),
	DESC_ARRAY(4, DESC_STRUCT, struct run_request, values, value_count, .of = &value_desc),
	DESC_FIELD(5, DESC_UINT, struct run_request, timeout_ms),
};

static const struct desc_field result_fields[] = {
	DESC_FIELD(1, DESC_UINT, struct run_result, number),
	DESC_FIELD(2, DESC_ENUM, struct run_result, end, .names = end_names),
	DESC_FIELD(3, DESC_INT, struct run_result, status),
	DESC_FIELD(4, DESC_STR, struct run_result, detail),
	DESC_FIELD(5, DESC_STR, struct run_result, version),
	DESC_FIELD(6, DESC_BYTES, struct run_result, output),
	DESC_FIELD(7, DESC_BOOL, struct run_result, is_truncated),
	DESC_FIELD(8, DESC_INT, struct run_result, elapsed_us),
};

const struct desc run_request_desc = DESC(run_request, request_fields);
const struct desc run_result_desc = DESC(run_result, result_fields);

const char *run_end_word(enum run_end end)
{
	return end < RUN_ENDS ? end_names[end] : "unknown";
}

int run_request_check(const struct run_request *request, struct err *err)
{
	if (!request->number || request->kind >= RUN_KINDS || !request->name.len)
		return err_set(err, ERR_SYNTAX, "a run has no number, kind or name");
	if (request->name.len > RUN_NAME_BYTES || request->value_count > RUN_VALUES)
		return err_set(err, ERR_LIMIT, "a run has more values than it may");
	for (size_t i = 0; i < request->value_count; i++)
		if (request->values[i].name.len > RUN_NAME_BYTES ||
		    request->values[i].value.len > RUN_VALUE_BYTES)
			return err_set(err, ERR_LIMIT, "a run has values that are too long");
	return 0;
}

int run_result_check(const struct run_result *result, struct err *err)
{
	if (result->end >= RUN_ENDS || result->elapsed_us < 0)
		return err_set(err, ERR_SYNTAX, "a run ends in no way that there is");
	if (result->output.len > RUN_OUTPUT_BYTES || result->detail.len > RUN_DETAIL_BYTES ||
	    result->version.len > RUN_DETAIL_BYTES)
		return err_set(err, ERR_LIMIT, "a run brings more than it may");
	return 0;
}
