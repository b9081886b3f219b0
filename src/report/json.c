/* SPDX-License-Identifier: Apache-2.0 */
/* How does a report look as JSON? docs/schema/scan.schema.json; members are only added. */
#include "report/formats.h"

#include "base/clock.h"
#include "report/parts.h"

/* Members of findings, and of those that are accepted. */
#define FINDING_FIELDS(of)                                                                         \
	of ".id", of ".severity", of ".area", of ".title", of ".subject", of ".text", of ".why",   \
		of ".source", of ".fix.platform", of ".fix.text", of ".evidence", of ".rests_on",  \
		of ".since.at", of ".since.scans", of ".since.all", of ".since.more"

const char *const scan_fields[] = { "domain",
				    "input",
				    "line",
				    "state",
				    "error",
				    "profile",
				    "active",
				    "at",
				    "elapsed_ms",
				    "algorithm",
				    "score",
				    "grade",
				    "incomplete",
				    "points",
				    "points_max",
				    "areas.area",
				    "areas.applies",
				    "areas.points",
				    "areas.points_max",
				    "areas.incomplete",
				    "areas.passed",
				    "areas.failed",
				    "areas.unknown",
				    "areas.not_applicable",
				    "areas.accepted",
				    "caps.at_most",
				    "caps.severity",
				    "caps.findings",
				    "caps.check",
				    "caps.felt",
				    "deductions.check",
				    "deductions.area",
				    "deductions.severity",
				    "deductions.points",
				    "deductions.points_asked",
				    "deductions.findings",
				    FINDING_FIELDS("findings"),
				    "findings.acceptance_expired",
				    FINDING_FIELDS("accepted"),
				    "accepted.acceptance.reason",
				    "accepted.acceptance.owner",
				    "accepted.acceptance.by",
				    "accepted.acceptance.until",
				    "checks.id",
				    "checks.verdict",
				    "checks.reason",
				    "checks.incomplete",
				    "not_tested",
				    NULL };

static void put_member(struct json *w, const char *key, const char *text)
{
	if (!text)
		return;
	json_key(w, key);
	json_text(w, text);
}

static void put_number(struct json *w, const char *key, uint64_t value)
{
	json_key(w, key);
	json_uint(w, value);
}

static void put_points(struct json *w, const char *key, int hundredths)
{
	json_key(w, key);
	json_hundredths(w, hundredths);
}

static void put_flag(struct json *w, const char *key, bool value)
{
	json_key(w, key);
	json_bool(w, value);
}

static void put_areas(struct json *w, const struct score *score)
{
	json_key(w, "areas");
	json_array(w);
	for (size_t i = 0; i < AREA_COUNT; i++) {
		const struct area_score *area = &score->areas[i];

		json_object(w);
		put_member(w, "area", area_word((enum area)i));
		put_flag(w, "applies", area->applies);
		put_points(w, "points", area->points);
		put_points(w, "points_max", area->max);
		put_flag(w, "incomplete", area->is_incomplete);
		put_number(w, "passed", area->passed);
		put_number(w, "failed", area->failed);
		put_number(w, "unknown", area->unknown);
		put_number(w, "not_applicable", area->not_applicable);
		if (area->accepted)
			put_number(w, "accepted", area->accepted);
		json_end(w);
	}
	json_end(w);
}

static void put_caps(struct json *w, const struct score *score)
{
	json_key(w, "caps");
	json_array(w);
	for (size_t i = 0; i < score->cap_count; i++) {
		const struct grade_cap *cap = &score->caps[i];

		json_object(w);
		put_member(w, "at_most", grade_word(cap->at_most));
		put_member(w, "severity", severity_word(cap->severity));
		put_number(w, "findings", cap->finding_count);
		put_member(w, "check", cap->check->id);
		put_flag(w, "felt", cap->is_felt);
		json_end(w);
	}
	json_end(w);
}

static void put_deductions(struct json *w, const struct score *score)
{
	json_key(w, "deductions");
	json_array(w);
	for (size_t i = 0; i < score->deduction_count; i++) {
		const struct deduction *deduction = &score->deductions[i];

		if (!deduction->asked)
			continue;
		json_object(w);
		put_member(w, "check", deduction->check->id);
		put_member(w, "area", area_word(deduction->area));
		put_member(w, "severity", severity_word(deduction->severity));
		put_points(w, "points", deduction->taken);
		put_points(w, "points_asked", deduction->asked);
		put_number(w, "findings", deduction->finding_count);
		json_end(w);
	}
	json_end(w);
}

static void put_fixes(struct json *w, const struct check *check)
{
	if (!check->fix[0].text)
		return;
	json_key(w, "fix");
	json_array(w);
	for (size_t i = 0; i < CHECK_FIXES && check->fix[i].text; i++) {
		json_object(w);
		put_member(w, "platform", check->fix[i].platform);
		put_member(w, "text", check->fix[i].text);
		json_end(w);
	}
	json_end(w);
}

static void put_since(struct json *w, const struct judged_since *since)
{
	char at[TIME_TEXT_BYTES];

	if (!since)
		return;
	json_key(w, "since");
	json_object(w);
	put_member(w, "at", clock_text(since->at_us, at));
	put_number(w, "scans", since->scans);
	put_flag(w, "all", since->is_all);
	if (since->is_more)
		put_flag(w, "more", true);
	json_end(w);
}

/* The facts themselves are what --facts keeps. */
static void put_rests_on(struct json *w, const struct finding *finding)
{
	struct arena scratch = { 0 };

	if (!finding->rests_on_count)
		return;
	json_key(w, "rests_on");
	json_array(w);
	for (size_t i = 0; i < finding->rests_on_count; i++) {
		struct buf text;

		buf_init(&text, &scratch);
		question_text(&text, &finding->rests_on[i]->question);
		json_str(w, buf_str(&text));
	}
	json_end(w);
	arena_release(&scratch);
}

static void put_optional(struct json *w, const char *key, struct str text)
{
	if (!text.len)
		return;
	json_key(w, key);
	json_str(w, text);
}

static void put_acceptance(struct json *w, const struct finding *finding)
{
	const struct policy_rule *accepted = finding->accepted;
	char at[TIME_TEXT_BYTES];

	if (finding->lapsed)
		put_member(w, "acceptance_expired", clock_text(finding->lapsed->until_us, at));
	if (!accepted)
		return;
	json_key(w, "acceptance");
	json_object(w);
	put_optional(w, "reason", accepted->reason);
	put_optional(w, "owner", accepted->owner);
	put_optional(w, "by", accepted->by);
	if (accepted->until_us)
		put_member(w, "until", clock_text(accepted->until_us, at));
	json_end(w);
}

static void put_findings(struct json *w, const struct report_input *input, bool is_accepted)
{
	const struct verdicts *verdicts = input->verdicts;

	json_key(w, is_accepted ? "accepted" : "findings");
	json_array(w);
	for (size_t i = 0; i < verdicts->finding_count; i++) {
		const struct finding *finding = &verdicts->findings[i];
		const struct check *check = finding->check;

		if ((finding->accepted != NULL) != is_accepted)
			continue;
		json_object(w);
		put_member(w, "id", check->id);
		put_member(w, "severity", severity_word(finding->severity));
		put_member(w, "area", area_word(area_of(str_of(check->id))));
		put_member(w, "title", check->title);
		json_key(w, "subject");
		json_str(w, finding->subject);
		json_key(w, "text");
		json_str(w, finding->text);
		put_member(w, "why", check->why);
		put_member(w, "source", check->source);
		put_fixes(w, check);
		if (finding->evidence) {
			json_key(w, "evidence");
			fact_json(w, finding->evidence);
		}
		put_rests_on(w, finding);
		put_since(w, report_since(input, check));
		put_acceptance(w, finding);
		json_end(w);
	}
	json_end(w);
}

static void put_checks(struct json *w, const struct verdicts *verdicts, unsigned mask)
{
	json_key(w, "checks");
	json_array(w);
	for (size_t i = 0; i < verdicts->result_count; i++) {
		const struct check_result *result = &verdicts->results[i];

		if (mask && !(mask & 1u << result->verdict))
			continue;
		json_object(w);
		put_member(w, "id", result->check->id);
		put_member(w, "verdict", verdict_word(result->verdict));
		if (result->reason.len) {
			json_key(w, "reason");
			json_str(w, result->reason);
		}
		if (result->is_incomplete)
			put_flag(w, "incomplete", true);
		json_end(w);
	}
	json_end(w);
}

static void put_head(struct json *w, const struct report_input *input)
{
	char at[TIME_TEXT_BYTES];

	json_key(w, "domain");
	json_str(w, input->request->domain);
	json_key(w, "input");
	json_str(w, input->place.input.len ? input->place.input : input->request->domain);
	put_member(w, "state", report_state(input));
	if (input->error.len) {
		json_key(w, "error");
		json_str(w, input->error);
	}
	json_key(w, "profile");
	json_str(w, input->profile);
	if (input->request->is_active)
		put_flag(w, "active", true);
	put_member(w, "at", clock_text(input->request->at_us, at));
	put_number(w, "elapsed_ms", (uint64_t)(input->elapsed_us / 1000));
}

static void put_score(struct json *w, const struct score *score)
{
	put_member(w, "algorithm", SCORE_ALGORITHM);
	if (score->has_score) {
		put_number(w, "score", score->value);
		put_member(w, "grade", grade_word(score->grade));
	}
	put_flag(w, "incomplete", score->is_incomplete);
	put_points(w, "points", score->points);
	put_points(w, "points_max", score->max);
	put_areas(w, score);
	put_caps(w, score);
	put_deductions(w, score);
}

static void put_document(struct buf *out, const struct report_input *input)
{
	unsigned mask = input->options.verdict_mask;
	struct json w;

	json_init(&w, out);
	json_object(&w);
	put_head(&w, input);
	if (!input->error.len) {
		put_score(&w, input->score);
		if (!mask || mask & 1u << VERDICT_FAIL)
			put_findings(&w, input, false);
		if ((!mask || mask & 1u << VERDICT_FAIL) && input->score->accepted_count)
			put_findings(&w, input, true);
		put_checks(&w, input->verdicts, mask);
		json_key(&w, "not_tested");
		json_array(&w);
		for (size_t i = 0; i < input->limit_count; i++)
			json_str(&w, input->limits[i]);
		json_end(&w);
	}
	json_end(&w);
}

void report_json(struct buf *out, const struct report_input *input)
{
	struct buf whole;

	if (!input->options.fields.count) {
		put_document(out, input);
		return;
	}
	buf_init(&whole, NULL);
	put_document(&whole, input);
	fields_project(out, buf_str(&whole), &input->options.fields);
	buf_release(&whole);
}

void report_json_reject(struct buf *out, const struct report_place *place, struct str why)
{
	struct json w;

	json_init(&w, out);
	json_object(&w);
	json_key(&w, "input");
	json_str(&w, place->input);
	if (place->line)
		put_number(&w, "line", place->line);
	put_member(&w, "state", "rejected");
	json_key(&w, "error");
	json_str(&w, why);
	json_end(&w);
}
