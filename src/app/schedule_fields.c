/* SPDX-License-Identifier: Apache-2.0 */
/* What may be said about a schedule? */
#include "app/schedule_fields.h"

#include "app/selector.h"
#include "app/text.h"
#include "app/zone.h"
#include "base/json.h"
#include "model/profile.h"
#include "store/scan.h"

enum { NO_PROFILE = -1 };

static int refuse(struct problem *problem, const char *pointer, const char *code,
		  const struct err *err)
{
	return problem_add(problem, str_of(pointer), code, "%s", err->text);
}

static void texts_read(struct arena *a, const struct schedule_input *input,
		       struct schedule_row *row, struct problem *problem)
{
	struct domain_filter filter = { 0 };
	struct blackouts blackouts;
	struct err err = { 0 };
	struct cron cron;
	struct tz zone;

	if (input->has_cron) {
		row->cron = str_trim(input->cron);
		if (cron_parse(row->cron, STR_LIT("any"), &cron, &err) < 0)
			refuse(problem, "/cron", "cron", &err);
	}
	if (input->has_zone) {
		row->zone = str_trim(input->zone);
		if (zone_load(a, row->zone, &zone, &err) < 0)
			refuse(problem, "/zone", "zone", &err);
	}
	if (input->has_blackouts) {
		row->blackouts = str_trim(input->blackouts);
		if (blackouts_parse(row->blackouts, &blackouts, &err) < 0)
			refuse(problem, "/blackouts", "blackouts", &err);
	}
	if (input->has_selector) {
		row->selector = str_trim(input->selector);
		if (selector_read(a, row->selector, &filter, &err) < 0)
			refuse(problem, "/selector", "selector", &err);
	}
}

static void words_read(const struct schedule_input *input, struct schedule_row *row,
		       struct problem *problem)
{
	int missed = (int)row->missed;

	if (input->has_profile) {
		row->profile = NO_PROFILE;
		if (input->profile.len)
			(void)!word_read(input->profile, profile_words, STR_LIT("/profile"),
					 &row->profile, problem);
	}
	if (input->has_priority)
		(void)!word_read(input->priority, scan_priority_words, STR_LIT("/priority"),
				 &row->priority, problem);
	if (input->has_missed)
		(void)!word_read(input->missed, missed_policy_words, STR_LIT("/missed"), &missed,
				 problem);
	row->missed = (enum missed_policy)missed;
}

int schedule_fields_read(struct arena *a, const struct schedule_input *input,
			 struct schedule_row *row, struct problem *problem)
{
	if (input->has_name)
		(void)!label_read(input->name, SCHEDULE_NAME_BYTES, STR_LIT("/name"), &row->name,
				  problem);
	texts_read(a, input, row, problem);
	words_read(input, row, problem);
	if (input->has_jitter) {
		row->jitter_s = input->jitter_s;
		if (input->jitter_s < 0 || input->jitter_s > PLAN_JITTER_S)
			problem_add(problem, STR_LIT("/jitter_s"), "range", "0 to %d seconds",
				    PLAN_JITTER_S);
	}
	if (input->has_enabled)
		row->is_enabled = input->is_enabled;
	return problem_code(problem);
}

int schedule_plan(struct arena *a, const struct schedule_row *row, struct plan *ret,
		  struct problem *problem)
{
	struct err err = { 0 };
	struct tz zone;

	if (zone_load(a, row->zone, &zone, &err) < 0)
		return refuse(problem, "/zone", "zone", &err);
	if (plan_read(a, row, &zone, ret, &err) < 0)
		return refuse(problem, "/cron", "cron", &err);
	return 0;
}

bool schedule_times_differ(const struct schedule_row *before, const struct schedule_row *after)
{
	return !str_eq(before->cron, after->cron) || !str_eq(before->zone, after->zone) ||
	       !str_eq(before->blackouts, after->blackouts) ||
	       before->jitter_s != after->jitter_s || before->missed != after->missed ||
	       before->is_enabled != after->is_enabled;
}

struct str schedule_json(struct arena *a, const struct schedule_row *row)
{
	const struct text_member texts[] = {
		{ "name", row->name },
		{ "cron", row->cron },
		{ "zone", row->zone },
		{ "blackouts", row->blackouts },
		{ "selector", row->selector },
		{ "profile",
		  row->profile == NO_PROFILE ? STR_NONE : str_of(profile_words[row->profile]) },
		{ "priority", str_of(scan_priority_words[row->priority]) },
		{ "missed", str_of(missed_policy_words[row->missed]) },
	};
	struct buf out;
	struct json w;

	buf_init(&out, a);
	json_init(&w, &out);
	json_object(&w);
	text_members_put(&w, texts, ARRAY_COUNT(texts));
	json_key(&w, "jitter_s");
	json_int(&w, row->jitter_s);
	json_key(&w, "is_enabled");
	json_bool(&w, row->is_enabled);
	json_end(&w);
	return buf_str(&out);
}
