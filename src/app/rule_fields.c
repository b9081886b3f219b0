/* SPDX-License-Identifier: Apache-2.0 */
/* What may be said about a rule? */
#include "app/rule_fields.h"

#include "app/channel.h"
#include "app/digest.h"
#include "app/match.h"
#include "app/selector.h"
#include "app/text.h"
#include "base/json.h"

enum { AREA_BYTES = 100 };

struct rule_row rule_blank(int64_t workspace)
{
	return (struct rule_row){ .workspace = workspace,
				  .events = STR_LIT(MATCH_EVENTS),
				  .immediate = STR_LIT(MATCH_IMMEDIATE),
				  .selector = STR_LIT("all"),
				  .digest_s = RULE_DIGEST_S,
				  .is_enabled = true };
}

static void patterns_read(struct str text, const char *pointer, struct str *ret,
			  struct problem *problem)
{
	struct err why = { 0 };

	*ret = str_trim(text);
	if (match_patterns_check(*ret, &why) < 0)
		problem_add(problem, str_of(pointer), "events", "%s", why.text);
}

static void immediate_read(struct str text, struct rule_row *row, struct problem *problem)
{
	if (str_eq_nocase(str_trim(text), STR_LIT("none")))
		row->immediate = STR_LIT("");
	else
		patterns_read(text, "/immediate", &row->immediate, problem);
}

static void area_read(struct str text, struct rule_row *row, struct problem *problem)
{
	struct str area = str_trim(text);

	for (size_t i = 0; i < area.len; i++)
		if (!char_is_alpha(area.data[i]) && !char_is_digit(area.data[i]) &&
		    !strchr("-.", area.data[i]))
			area.len = AREA_BYTES + (size_t)1;
	if (area.len > AREA_BYTES)
		problem_add(problem, STR_LIT("/area"), "area",
			    "an area or the first words of check ids, such as mail or mail.spf");
	row->area = area;
}

static void digest_at_read(struct arena *a, struct str text, struct rule_row *row,
			   struct problem *problem)
{
	struct digest digest;
	struct err why = { 0 };

	row->digest_at = str_trim(text);
	if (row->digest_at.len && digest_read(a, row->digest_at, &digest, &why) < 0)
		problem_add(problem, STR_LIT("/digest_at"), "digest", "%s", why.text);
}

int rule_fields_read(struct arena *a, const struct rule_input *input, struct rule_row *row,
		     struct problem *problem)
{
	struct domain_filter filter = { 0 };
	struct err err = { 0 };
	int severity = (int)row->severity;

	if (input->has_name)
		(void)!label_read(input->name, RULE_NAME_BYTES, STR_LIT("/name"), &row->name,
				  problem);
	if (input->has_events)
		patterns_read(input->events.len ? input->events : STR_LIT(MATCH_EVENTS), "/events",
			      &row->events, problem);
	if (input->has_immediate)
		immediate_read(input->immediate, row, problem);
	if (input->has_selector) {
		row->selector = str_trim(input->selector);
		if (selector_read(a, row->selector, &filter, &err) < 0)
			problem_add(problem, STR_LIT("/selector"), "selector", "%s", err.text);
	}
	if (input->has_area)
		area_read(input->area, row, problem);
	if (input->has_severity)
		(void)!word_read(input->severity, severity_words, STR_LIT("/min_severity"),
				 &severity, problem);
	row->severity = (enum severity)severity;
	if (input->has_digest) {
		row->digest_s = input->digest_s;
		if (input->digest_s < 0 || input->digest_s > RULE_DIGEST_MAX_S)
			problem_add(problem, STR_LIT("/digest_s"), "range", "0 to %d seconds",
				    RULE_DIGEST_MAX_S);
	}
	if (input->has_digest_at)
		digest_at_read(a, input->digest_at, row, problem);
	if (input->has_channels && (!input->channel_count || input->channel_count > RULE_CHANNELS))
		problem_add(problem, STR_LIT("/to"), "range", "1 to %d channels", RULE_CHANNELS);
	if (input->has_enabled)
		row->is_enabled = input->is_enabled;
	return problem_code(problem);
}

static void number_add(struct rule_row *row, int64_t no)
{
	size_t at = row->channel_count;

	for (size_t i = 0; i < row->channel_count; i++)
		if (row->channels[i] == no)
			return;
	for (; at && row->channels[at - 1] > no; at--)
		row->channels[at] = row->channels[at - 1];
	row->channels[at] = no;
	row->channel_count++;
}

int rule_channels_read(struct store_tx *tx, const struct rule_input *input, struct rule_row *row,
		       struct problem *problem, struct err *err)
{
	struct channel_row channel;

	if (!input->has_channels)
		return 0;
	row->channels = arena_array(tx->a, input->channel_count + 1, sizeof(int64_t));
	row->channel_count = 0;
	for (size_t i = 0; i < input->channel_count; i++) {
		int code = channel_named(tx, row->workspace, str_trim(input->channels[i]), &channel,
					 err);

		if (code == -ENOENT)
			problem_add(problem, str_printf(tx->a, "/to/%zu", i), "channel", "%s",
				    err->text);
		else if (code < 0)
			return code;
		else
			number_add(row, channel.no);
	}
	row->names = arena_array(tx->a, row->channel_count + 1, sizeof(struct str));
	for (size_t i = 0; i < row->channel_count; i++) {
		TRY(channel_by_no(tx, row->channels[i], &channel, err));
		row->names[i] = channel.name;
	}
	return problem_code(problem) < 0
		       ? err_set(err, -EINVAL, "%s", problem->errors[0].detail.data)
		       : 0;
}

struct str rule_json(struct arena *a, const struct rule_row *row)
{
	const struct text_member texts[] = {
		{ "min_severity", str_of(severity_word(row->severity)) },
		{ "name", row->name },
		{ "area", row->area },
		{ "events", row->events },
		{ "immediate", row->immediate },
		{ "selector", row->selector },
		{ "digest_at", row->digest_at },
	};
	struct buf out;
	struct json w;

	buf_init(&out, a);
	json_init(&w, &out);
	json_object(&w);
	text_members_put(&w, texts, ARRAY_COUNT(texts));
	json_key(&w, "digest_s");
	json_int(&w, row->digest_s);
	json_key(&w, "to");
	json_array(&w);
	for (size_t i = 0; i < row->channel_count; i++)
		json_str(&w, row->names[i]);
	json_end(&w);
	json_key(&w, "is_enabled");
	json_bool(&w, row->is_enabled);
	json_end(&w);
	return buf_str(&out);
}
