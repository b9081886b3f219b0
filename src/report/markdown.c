/* SPDX-License-Identifier: Apache-2.0 */
/* How does a report look as Markdown (CommonMark 0.31)? */
#include "base/clock.h"
#include "report/formats.h"
#include "report/parts.h"

/* Section 2.4: any ASCII punctuation may be escaped. Then nothing foreign is a heading, a link, a
 * table's bar, a mention or HTML. */
static void markdown_put(struct buf *out, struct str text)
{
	for (size_t i = 0; i < text.len; i++) {
		char c = text.data[i];
		bool is_letter =
			(c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');

		if (c == '<') {
			buf_put_lit(out, "&lt;"); /* also where HTML is read first */
			continue;
		}
		if (c > ' ' && c < 0x7f && !is_letter && c != ',')
			buf_put_char(out, '\\');
		buf_put_char(out, c);
	}
}

/* Section 4.5: a fence is longer than any run of its character inside. Ours, ready to paste. */
static void code_put(struct buf *out, const char *indent, struct str code)
{
	struct str line;

	buf_printf(out, "%s````\n", indent);
	while (code.len && str_split(&code, '\n', &line))
		buf_printf(out, "%s%.*s\n", indent, STR(line));
	buf_printf(out, "%s````\n", indent);
}

static void put_fixes(struct buf *out, const struct check *check)
{
	for (size_t i = 0; i < CHECK_FIXES && check->fix[i].text; i++) {
		const struct fix *fix = &check->fix[i];

		if (fix->platform && strcmp(fix->platform, "any") != 0) {
			buf_printf(out, "- fix, %s:\n\n", fix->platform);
			code_put(out, "  ", str_of(fix->text));
		} else {
			buf_put_lit(out, "- fix: ");
			markdown_put(out, str_of(fix->text));
			buf_put_char(out, '\n');
		}
	}
}

static void put_evidence(struct buf *out, struct arena *a, const struct fact *fact)
{
	char at[TIME_TEXT_BYTES];
	struct buf line;

	if (!fact)
		return;
	buf_init(&line, a);
	evidence_put(&line, fact, EVIDENCE_BYTES);
	buf_put_lit(out, "- seen: ");
	markdown_put(out, buf_str(&line));
	if (fact->seen_us)
		buf_printf(out, ", at %s", clock_text(fact->seen_us, at));
	buf_put_char(out, '\n');
}

static void put_check(struct buf *out, struct arena *a, const struct report_input *input,
		      const struct deduction *deduction)
{
	const struct check *check = deduction->check;

	buf_printf(out, "\n### %s: ", severity_word(deduction->severity));
	markdown_put(out, str_of(check->title));
	buf_put_lit(out, "\n\n");
	for (size_t i = 0; i < input->verdicts->finding_count; i++) {
		const struct finding *finding = &input->verdicts->findings[i];

		if (finding->check != check || finding->accepted)
			continue;
		buf_put_lit(out, "- **");
		markdown_put(out, finding_text(a, input, finding));
		buf_put_lit(out, "**\n");
		put_evidence(out, a, finding->evidence);
		if (finding->lapsed) {
			buf_put_lit(out, "- ");
			markdown_put(out, lapse_text(a, finding->lapsed));
			buf_put_char(out, '\n');
		}
	}
	if (check->why) {
		buf_put_lit(out, "- why: ");
		markdown_put(out, str_of(check->why));
		buf_put_char(out, '\n');
	}
	put_fixes(out, check);
	buf_printf(out, "- check: `%s`", check->id);
	if (check->source) {
		buf_put_lit(out, ", ");
		markdown_put(out, str_of(check->source));
	}
	if (deduction->asked) {
		buf_put_lit(out, "; costs ");
		points_put(out, deduction->taken);
		buf_put_lit(out, " points");
	}
	buf_put_char(out, '\n');
}

static void put_caps(struct buf *out, const struct score *score)
{
	for (size_t i = 0; i < score->cap_count; i++) {
		const struct grade_cap *cap = &score->caps[i];

		buf_printf(out, "\nAt most grade %s, because of %zu %s finding%s (`%s`)\n",
			   grade_word(cap->at_most), cap->finding_count,
			   severity_word(cap->severity), plural(cap->finding_count),
			   cap->check->id);
	}
}

static void put_accepted(struct buf *out, struct arena *a, const struct report_input *input)
{
	if (!input->score->accepted_count)
		return;
	buf_put_lit(out, "\n### accepted\n\n");
	for (size_t i = 0; i < input->verdicts->finding_count; i++) {
		const struct finding *finding = &input->verdicts->findings[i];

		if (!finding->accepted)
			continue;
		buf_printf(out, "- `%s` (%s): ", finding->check->id,
			   severity_word(finding->severity));
		markdown_put(out, finding_text(a, input, finding));
		buf_put_lit(out, "; accepted ");
		markdown_put(out, acceptance_text(a, finding->accepted));
		buf_put_char(out, '\n');
	}
}

static void put_limits(struct buf *out, struct arena *a, const struct report_input *input)
{
	if (!input->limit_count)
		return;
	buf_put_lit(out, "\nNot tested from here: ");
	for (size_t i = 0; i < input->limit_count; i++) {
		if (i)
			buf_put_lit(out, ", ");
		markdown_put(out, foreign_text(a, input->limits[i]));
	}
	buf_put_char(out, '\n');
}

static void put_areas(struct buf *out, const struct score *score)
{
	buf_put_lit(out, "| area | points | of | failed | passed | unknown |\n"
			 "|---|--:|--:|--:|--:|--:|\n");
	for (size_t i = 0; i < AREA_COUNT; i++) {
		const struct area_score *area = &score->areas[i];

		if (!area->applies && !area->is_incomplete)
			continue;
		buf_printf(out, "| %s | ", area_titles[i]);
		if (area->applies)
			points_put(out, area->points);
		else
			buf_put_char(out, '?');
		buf_put_lit(out, " | ");
		points_put(out, area->max);
		buf_printf(out, " | %zu | %zu | %zu |\n", area->failed, area->passed,
			   area->unknown);
	}
}

/* A line a check; those with one reason on one line. */
static void put_checks(struct buf *out, struct arena *a, const struct verdicts *verdicts,
		       enum verdict verdict)
{
	struct check_group *groups;
	size_t count = check_groups(a, verdicts, verdict, &groups);

	if (count)
		buf_printf(out, "\n### %s\n\n", verdict_word(verdict));
	for (size_t i = 0; i < count; i++) {
		const struct check_group *group = &groups[i];

		for (size_t k = 0; k < group->count; k++) {
			bool is_last = k + 1 == group->count;

			buf_printf(out, "%s`%s`", k && group->reason.len ? ", " : "- ",
				   group->checks[k]->id);
			if (is_last && group->reason.len) {
				buf_put_lit(out, ": ");
				markdown_put(out, foreign_text(a, group->reason));
			}
			if (is_last || !group->reason.len)
				buf_put_char(out, '\n');
		}
	}
}

static void put_head(struct buf *out, struct arena *a, const struct report_input *input)
{
	const struct score *score = input->score;
	char at[TIME_TEXT_BYTES];

	buf_put_lit(out, "## ");
	markdown_put(out, foreign_text(a, input->request->domain));
	if (input->error.len) {
		buf_put_lit(out, "\n\nThe scan failed: ");
		markdown_put(out, foreign_text(a, input->error));
		buf_put_char(out, '\n');
		return;
	}
	if (score->has_score)
		buf_printf(out, ": grade %s, %u of 100\n\n", grade_word(score->grade),
			   score->value);
	else
		buf_put_lit(out, ": no grade\n\n");
	buf_printf(out, "%zu check%s at %s, algorithm %s%s\n\n", score->check_count,
		   plural(score->check_count), clock_text(input->request->at_us, at),
		   SCORE_ALGORITHM,
		   input->verdicts->is_incomplete ? "; INCOMPLETE: see what is unknown" : "");
}

static void put_failed(struct buf *out, struct arena *a, const struct report_input *input)
{
	for (size_t i = 0; i < input->score->deduction_count; i++)
		put_check(out, a, input, &input->score->deductions[i]);
	put_accepted(out, a, input);
}

void report_markdown(struct buf *out, const struct report_input *input)
{
	unsigned mask = report_mask(input, 1u << VERDICT_FAIL | 1u << VERDICT_UNKNOWN);
	struct arena a = { 0 };

	put_head(out, &a, input);
	if (!input->error.len) {
		put_areas(out, input->score);
		put_caps(out, input->score);
		if (mask & 1u << VERDICT_FAIL)
			put_failed(out, &a, input);
		for (enum verdict v = 0; v <= VERDICT_UNKNOWN; v++)
			if (v != VERDICT_FAIL && mask & 1u << v)
				put_checks(out, &a, input->verdicts, v);
		put_limits(out, &a, input);
	}
	arena_release(&a);
}

void report_markdown_reject(struct buf *out, const struct report_place *place, struct str why)
{
	struct arena a = { 0 };

	buf_put_lit(out, "## ");
	markdown_put(out, foreign_text(&a, place->input));
	buf_put_lit(out, "\n\nNot scanned: ");
	markdown_put(out, foreign_text(&a, why));
	buf_put_char(out, '\n');
	arena_release(&a);
}
