/* SPDX-License-Identifier: Apache-2.0 */
/* How does a report look to people? */
#include "report/formats.h"

#include "base/clock.h"
#include "base/terminal.h"
#include "report/parts.h"

enum {
	WIDTH = 100,
	INDENT = 9,
	LABEL = 8,
	DAY_BYTES = 10,    /* 2026-11-20 */
	SHOWN_CHECKS = 10, /* without -v */
	SHOWN_FINDINGS = 3 /* of one check, without -v */
};

struct page {
	struct buf *out;
	const struct report_input *input;
	struct arena arena; /* of this rendering */
	size_t width;
};

static const struct {
	const char *word, *colour;
} severities[] = {
	[SEVERITY_INFO] = { "INFO", "\033[36m" },
	[SEVERITY_LOW] = { "LOW", "\033[34m" },
	[SEVERITY_MEDIUM] = { "MEDIUM", "\033[33m" },
	[SEVERITY_HIGH] = { "HIGH", "\033[31m" },
	[SEVERITY_CRITICAL] = { "CRITICAL", "\033[1;31m" },
};

static void put_coloured(const struct page *page, const char *colour, struct str text)
{
	bool has_colour = page->input->options.has_colour;

	if (has_colour)
		buf_put_str(page->out, str_of(colour));
	buf_put_str(page->out, text);
	if (has_colour)
		buf_put_lit(page->out, "\033[0m");
}

/* ---- head ---- */

static void put_grade(struct page *page)
{
	const struct score *score = page->input->score;
	static const char *const colours[] = {
		[GRADE_NONE] = "\033[1m", [GRADE_F] = "\033[1;31m",      [GRADE_E] = "\033[1;31m",
		[GRADE_D] = "\033[1;31m", [GRADE_C] = "\033[1;33m",      [GRADE_B] = "\033[1;33m",
		[GRADE_A] = "\033[1;32m", [GRADE_A_PLUS] = "\033[1;32m",
	};

	if (!score->has_score) {
		buf_put_lit(page->out, "no grade");
		return;
	}
	put_coloured(page, colours[score->grade],
		     str_printf(&page->arena, "grade %s", grade_word(score->grade)));
	buf_printf(page->out, "   %u/100", score->value);
}

static void put_head(struct page *page)
{
	const struct report_input *input = page->input;
	const struct score *score = input->score;
	size_t start = page->out->len, areas = 0, column;

	terminal_put(page->out, input->request->domain);
	buf_put_lit(page->out, "   ");
	put_grade(page);
	for (size_t i = 0; i < AREA_COUNT; i++)
		areas += score->areas[i].applies;
	buf_printf(page->out, "   %s%zu area%s, %zu check%s, %.1f s",
		   score->is_incomplete ? "INCOMPLETE, " : "", areas, plural(areas),
		   score->check_count, plural(score->check_count), (double)input->elapsed_us / 1e6);
	column = page->out->len - start; /* colours make it longer: then the tag stands closer */
	buf_printf(page->out, "%*salgorithm %s\n",
		   column + 18 < page->width ? (int)(page->width - column - 16) : 3, "",
		   SCORE_ALGORITHM);
	if (input->request->is_active)
		buf_put_lit(page->out, "  active checks were asked for (--active)\n");
}

static void put_areas(struct page *page)
{
	const struct score *score = page->input->score;
	struct buf line;

	buf_init(&line, &page->arena);
	for (size_t i = 0; i < AREA_COUNT; i++) {
		const struct area_score *area = &score->areas[i];

		if (!area->applies && !area->is_incomplete)
			continue;
		buf_printf(&line, "%s%s ", line.len ? "   " : "", area_titles[i]);
		if (area->applies)
			points_put(&line, area->points);
		else
			buf_put_char(&line, '?');
		buf_put_char(&line, '/');
		points_put(&line, area->max);
		if (area->is_incomplete)
			buf_put_lit(&line, " (incomplete)");
	}
	if (!line.len)
		return;
	buf_printf(page->out, "  %.*s\n", STR(buf_str(&line)));
	if (score->has_score && score->max != 10000) {
		buf_put_lit(page->out, "  ");
		points_put(page->out, score->points);
		buf_put_lit(page->out, " of the ");
		points_put(page->out, score->max);
		buf_printf(page->out, " points that apply: %u of 100\n", score->value);
	}
}

static void put_caps(struct page *page)
{
	const struct score *score = page->input->score;

	for (size_t i = 0; i < score->cap_count; i++) {
		const struct grade_cap *cap = &score->caps[i];

		buf_printf(page->out, "  cap: at most %s, because of %zu %s finding%s (%s)\n",
			   grade_word(cap->at_most), cap->finding_count,
			   severity_word(cap->severity), plural(cap->finding_count),
			   cap->check->id);
	}
}

/* ---- findings ---- */

static void put_label(struct page *page, const char *label, struct str text)
{
	buf_printf(page->out, "%*s%-*s", INDENT, "", LABEL, label);
	terminal_wrap(page->out, text, INDENT + LABEL, INDENT + LABEL, page->width);
	buf_put_char(page->out, '\n');
}

static void put_evidence(struct page *page, const struct fact *fact)
{
	char at[TIME_TEXT_BYTES];
	struct buf line;

	if (!fact)
		return;
	buf_init(&line, &page->arena);
	evidence_put(&line, fact, EVIDENCE_BYTES);
	put_label(page, "seen", buf_str(&line));
	if (!fact->seen_us)
		return;
	buf_printf(page->out, "%*sfrom %.*s at %s\n", INDENT + LABEL, "",
		   STR(evidence_source(&page->arena, fact)), clock_text(fact->seen_us, at));
}

/* What else the finding rests on. */
static void put_rests_on(struct page *page, const struct finding *finding)
{
	struct buf line, encoded;

	if (!page->input->options.is_verbose || finding->rests_on_count < 2)
		return;
	buf_init(&line, &page->arena);
	buf_init(&encoded, &page->arena);
	for (size_t i = 1; i < finding->rests_on_count; i++) {
		if (i > 1)
			buf_put_lit(&line, ", ");
		question_text(&line, &finding->rests_on[i]->question);
	}
	terminal_put(&encoded, buf_str(&line));
	put_label(page, "with", buf_str(&encoded));
}

static void put_since(struct page *page, const struct check *check)
{
	const struct judged_since *since = report_since(page->input, check);
	unsigned long long scans;
	char at[TIME_TEXT_BYTES];
	struct str day;

	if (!since)
		return;
	scans = since->scans;
	day = str_first(str_of(clock_text(since->at_us, at)), DAY_BYTES);
	if (since->is_all)
		put_label(page, "since",
			  scans == 1 ? str_printf(&page->arena, "%.*s: it is the only stored scan",
						  STR(day))
				     : str_printf(&page->arena, "%.*s, in all %llu stored scans",
						  STR(day), scans));
	else
		put_label(page, "since",
			  str_printf(&page->arena, "%.*s%s, in %llu scan%s", STR(day),
				     since->is_more ? " or longer" : "", scans,
				     plural((size_t)scans)));
}

/* Ready to be pasted: never wrapped. */
static void put_fix(struct page *page, const char *label, const struct fix *fix)
{
	buf_printf(page->out, "%*s%-*s", INDENT, "", LABEL, label);
	if (fix->platform)
		buf_printf(page->out, "%s: ", fix->platform);
	buf_put_str(page->out, str_of(fix->text));
	buf_put_char(page->out, '\n');
}

static void put_remedy(struct page *page, const struct check *check)
{
	for (size_t i = 0; i < CHECK_FIXES && check->fix[i].text; i++)
		put_fix(page, i ? "" : "fix", &check->fix[i]);
	if (check->why)
		put_label(page, "why", str_of(check->why));
	put_label(page, "more", str_printf(&page->arena, "dss checks show %s", check->id));
}

static void put_finding_line(struct page *page, const struct deduction *deduction)
{
	const struct finding *finding = deduction->finding;
	struct str text = finding ? finding->text : STR_NONE;
	struct buf line;
	size_t column;

	buf_put_char(page->out, ' ');
	put_coloured(page, severities[deduction->severity].colour,
		     str_printf(&page->arena, "%-9s", severities[deduction->severity].word));
	buf_printf(page->out, "%s  ", deduction->check->id);
	column = 1 + 9 + strlen(deduction->check->id) + 2;
	buf_init(&line, &page->arena);
	if (deduction->asked) {
		buf_printf(&line, "-%d.%02d ", deduction->taken / 100, deduction->taken % 100);
		if (deduction->taken < deduction->asked)
			buf_printf(&line, "(of %d.%02d: the area has no more) ",
				   deduction->asked / 100, deduction->asked % 100);
	}
	if (finding)
		buf_put_str(&line, subject_prefix(&page->arena, page->input, finding));
	buf_put_str(&line,
		    foreign_text(&page->arena, text.len ? text : str_of(deduction->check->title)));
	terminal_wrap(page->out, buf_str(&line), column, INDENT, page->width);
	buf_put_char(page->out, '\n');
}

static void put_others(struct page *page, const struct deduction *deduction)
{
	const struct verdicts *verdicts = page->input->verdicts;
	size_t shown = 1;

	for (size_t i = 0; i < verdicts->finding_count; i++) {
		const struct finding *finding = &verdicts->findings[i];

		if (finding->check != deduction->check || finding == deduction->finding ||
		    finding->accepted)
			continue;
		if (shown++ == SHOWN_FINDINGS && !page->input->options.is_verbose) {
			put_label(page, "also",
				  str_printf(&page->arena, "%zu more (-v shows them)",
					     deduction->finding_count - SHOWN_FINDINGS));
			return;
		}
		put_label(page, "also",
			  str_printf(&page->arena, "%.*s%.*s",
				     STR(subject_prefix(&page->arena, page->input, finding)),
				     STR(foreign_text(&page->arena, finding->text))));
		if (page->input->options.is_verbose)
			put_evidence(page, finding->evidence);
		put_rests_on(page, finding);
	}
}

static void put_deduction(struct page *page, const struct deduction *deduction)
{
	bool is_verbose = page->input->options.is_verbose;

	put_finding_line(page, deduction);
	put_since(page, deduction->check);
	if (deduction->finding && deduction->finding->lapsed)
		put_label(page, "was", lapse_text(&page->arena, deduction->finding->lapsed));
	if (deduction->severity < SEVERITY_MEDIUM && !is_verbose)
		return;
	if (deduction->finding) {
		put_evidence(page, deduction->finding->evidence);
		put_rests_on(page, deduction->finding);
	}
	put_others(page, deduction);
	put_remedy(page, deduction->check);
}

static void put_deductions(struct page *page)
{
	const struct score *score = page->input->score;
	size_t more = 0, info = 0;
	int cost = 0;

	if (score->deduction_count)
		buf_put_char(page->out, '\n');
	for (size_t i = 0; i < score->deduction_count; i++) {
		const struct deduction *deduction = &score->deductions[i];

		if (page->input->options.is_verbose ||
		    (i < SHOWN_CHECKS && deduction->severity > SEVERITY_INFO)) {
			put_deduction(page, deduction);
		} else if (deduction->severity == SEVERITY_INFO) {
			info++;
		} else {
			more++;
			cost += deduction->taken;
		}
	}
	if (!more && !info)
		return;
	buf_put_char(page->out, ' ');
	if (more) {
		buf_printf(page->out, "%zu more failed check%s cost%s ", more, plural(more),
			   more == 1 ? "s" : "");
		points_put(page->out, cost);
		buf_printf(page->out, " points%s", info ? ", " : "");
	}
	if (info)
		buf_printf(page->out, "%zu info", info);
	buf_put_lit(page->out, " (-v shows them)\n");
}

/* ---- accepted ---- */

static void put_accepted(struct page *page)
{
	const struct verdicts *verdicts = page->input->verdicts;
	size_t count = page->input->score->accepted_count;

	if (!count)
		return;
	buf_printf(page->out, "\n accepted: %zu finding%s that count%s for nothing\n", count,
		   plural(count), count == 1 ? "s" : "");
	for (size_t i = 0; i < verdicts->finding_count; i++) {
		const struct finding *finding = &verdicts->findings[i];
		struct str text;

		if (!finding->accepted)
			continue;
		text = finding_text(&page->arena, page->input, finding);
		buf_printf(page->out, "%*s%s  %s  ", INDENT, "", finding->check->id,
			   severity_word(finding->severity));
		terminal_wrap(page->out, text, INDENT + strlen(finding->check->id) + 4, INDENT * 2,
			      page->width);
		buf_printf(page->out, "\n%*s", INDENT * 2, "");
		terminal_wrap(page->out, acceptance_text(&page->arena, finding->accepted),
			      INDENT * 2, INDENT * 2, page->width);
		buf_put_char(page->out, '\n');
	}
}

/* ---- the rest ---- */

/* Checks of one verdict, those with the same reason in one paragraph. */
static void put_checks(struct page *page, enum verdict verdict)
{
	struct check_group *groups;
	size_t count = check_groups(&page->arena, page->input->verdicts, verdict, &groups);

	for (size_t i = 0; i < count; i++) {
		const struct check_group *group = &groups[i];
		struct buf line;

		buf_init(&line, &page->arena);
		for (size_t k = 0; k < group->count; k++)
			buf_printf(&line, "%s%s", k ? " " : "", group->checks[k]->id);
		buf_printf(page->out, " %s: %zu check%s", verdict_word(verdict), group->count,
			   plural(group->count));
		if (group->reason.len)
			buf_printf(page->out, ": %.*s",
				   STR(foreign_text(&page->arena, group->reason)));
		buf_printf(page->out, "\n%*s", INDENT, "");
		terminal_wrap(page->out, buf_str(&line), INDENT, INDENT, page->width);
		buf_put_char(page->out, '\n');
	}
}

static void put_limits(struct page *page)
{
	const struct report_input *input = page->input;

	if (!input->limit_count)
		return;
	buf_put_lit(page->out, " not tested from here: ");
	for (size_t i = 0; i < input->limit_count; i++)
		buf_printf(page->out, "%s%.*s", i ? ", " : "",
			   STR(foreign_text(&page->arena, input->limits[i])));
	buf_put_lit(page->out, " (dss doctor)\n");
}

static void put_next(struct page *page)
{
	const struct score *score = page->input->score;
	struct str domain = foreign_text(&page->arena, page->input->request->domain);

	if (!page->input->options.is_single)
		return;
	buf_printf(page->out, " next: dss scan %.*s -f json", STR(domain));
	if (score->deduction_count)
		buf_printf(page->out, " · dss checks show %s", score->deductions[0].check->id);
	buf_put_char(page->out, '\n');
}

void report_text(struct buf *out, const struct report_input *input)
{
	unsigned mask = input->options.verdict_mask;
	struct page page = { .out = out, .input = input };

	page.width = input->options.width ? MAX(input->options.width, 60u) : (unsigned)WIDTH;
	if (!mask)
		mask = 1u << VERDICT_FAIL | 1u << VERDICT_UNKNOWN;
	if (input->error.len) {
		terminal_put(out, input->request->domain);
		buf_printf(out, "   failed: %.*s\n", STR(foreign_text(&page.arena, input->error)));
		arena_release(&page.arena);
		return;
	}
	put_head(&page);
	put_areas(&page);
	put_caps(&page);
	if (mask & 1u << VERDICT_FAIL) {
		put_deductions(&page);
		put_accepted(&page);
	}
	if (mask & 1u << VERDICT_UNKNOWN)
		put_checks(&page, VERDICT_UNKNOWN);
	if (mask & 1u << VERDICT_PASS)
		put_checks(&page, VERDICT_PASS);
	if (mask & 1u << VERDICT_NOT_APPLICABLE)
		put_checks(&page, VERDICT_NOT_APPLICABLE);
	put_limits(&page);
	put_next(&page);
	arena_release(&page.arena);
}
