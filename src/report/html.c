/* SPDX-License-Identifier: Apache-2.0 */
/* How does a report look as a page? One file without script, that needs no other and prints well. */
#include "base/html.h"

#include "base/clock.h"
#include "report/formats.h"
#include "report/parts.h"

static const char page_head[] =
	"<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n"
	"<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src "
	"'unsafe-inline'\">\n"
	"<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
	"<meta name=\"color-scheme\" content=\"light dark\">\n<title>DSS: domain report</title>\n"
	"<style>\n"
	":root{--ink:#1b1f24;--soft:#59636e;--line:#d1d9e0;--paper:#fff;--card:#f6f8fa;"
	"--good:#1a6e2e;--fair:#7a5200;--bad:#a40e26;--note:#0b5cad}\n"
	"@media(prefers-color-scheme:dark){:root{--ink:#e6edf3;--soft:#9aa5b1;--line:#3d444d;"
	"--paper:#0d1117;--card:#161b22;--good:#56d364;--fair:#e3b341;--bad:#ff8a80;"
	"--note:#79b8ff}}\n"
	"@media print{:root{--ink:#000;--soft:#444;--line:#999;--paper:#fff;--card:#fff;"
	"--good:#1a6e2e;--fair:#7a5200;--bad:#a40e26;--note:#0b5cad}"
	"article+article{break-before:page}}\n"
	"body{margin:0;background:var(--paper);color:var(--ink);"
	"font:16px/1.5 system-ui,sans-serif}\n"
	"main{max-width:56rem;margin:auto;padding:1.5rem}\n"
	"header{display:flex;gap:1rem;align-items:center;flex-wrap:wrap}\n"
	"h2{font-size:1.75rem;margin:0;overflow-wrap:anywhere}\n"
	".grade{font-size:2rem;font-weight:700;line-height:1;padding:.4rem .8rem;border:3px solid;"
	"border-radius:.5rem}\n"
	".A{color:var(--good);border-style:double}.B,.C{color:var(--fair)}"
	".D,.E,.F{color:var(--bad);border-radius:0}.none{color:var(--soft);border-style:dotted}\n"
	".meta{color:var(--soft);margin:.25rem 0 1rem}\n"
	"table{border-collapse:collapse;margin:1rem 0}\n"
	"th,td{text-align:right;padding:.25rem .75rem;border-bottom:1px solid var(--line);"
	"font-variant-numeric:tabular-nums}\n"
	"th:first-child,td:first-child{text-align:left}\n"
	".check{border:1px solid var(--line);border-left:.4rem solid;border-radius:.25rem;"
	"background:var(--card);padding:.75rem 1rem;margin:1rem 0;break-inside:avoid}\n"
	".check h3{margin:0;font-size:1.05rem;color:var(--ink)}\n"
	".check>*{color:var(--ink)}\n"
	".critical,.high{border-left-color:var(--bad);border-left-style:double}"
	".medium{border-left-color:var(--fair)}"
	".low,.info{border-left-color:var(--note);border-left-style:dotted}\n"
	".severity{text-transform:uppercase;font-size:.8rem;letter-spacing:.04em;"
	"border:1px solid;border-radius:.25rem;padding:0 .35rem;margin-right:.5rem}\n"
	".check ul{margin:.5rem 0;padding-left:1.25rem}li{overflow-wrap:anywhere}\n"
	".seen{color:var(--soft);font-size:.9rem}\n"
	"pre{white-space:pre-wrap;overflow-wrap:anywhere;background:var(--paper);"
	"border:1px solid var(--line);padding:.5rem;margin:.25rem 0}\n"
	"code,pre{font:.9rem/1.4 ui-monospace,monospace}\n"
	"</style></head><body><main>\n";

void report_html_begin(struct buf *out)
{
	buf_put_str(out, str_of(page_head));
}

static void foreign_put(struct buf *out, struct arena *a, struct str foreign)
{
	html_put(out, foreign_text(a, foreign));
}

static void put_grade(struct buf *out, const struct score *score)
{
	const char *word = grade_word(score->grade);

	if (score->has_score)
		buf_printf(out, "<span class=\"grade %.1s\">%s</span>", word, word);
	else
		buf_put_lit(out, "<span class=\"grade none\">no grade</span>");
}

static void put_head(struct buf *out, struct arena *a, const struct report_input *input)
{
	const struct score *score = input->score;
	char at[TIME_TEXT_BYTES];

	buf_put_lit(out, "<article><header>");
	if (!input->error.len)
		put_grade(out, score);
	buf_put_lit(out, "<h2>");
	foreign_put(out, a, input->request->domain);
	buf_put_lit(out, "</h2></header>\n<p class=\"meta\">");
	if (input->error.len) {
		buf_put_lit(out, "The scan failed: ");
		foreign_put(out, a, input->error);
	} else {
		if (score->has_score)
			buf_printf(out, "%u of 100; ", score->value);
		buf_printf(out, "%zu check%s; algorithm %s; ", score->check_count,
			   plural(score->check_count), SCORE_ALGORITHM);
		if (input->verdicts->is_incomplete)
			buf_put_lit(out, "<strong>incomplete: see what is unknown</strong>; ");
	}
	if (!input->error.len)
		buf_printf(out, "<time>%s</time>", clock_text(input->request->at_us, at));
	buf_put_lit(out, "</p>\n");
}

static void put_areas(struct buf *out, const struct score *score)
{
	buf_put_lit(out,
		    "<table><thead><tr><th scope=\"col\">Area</th><th scope=\"col\">Points</th>"
		    "<th scope=\"col\">of</th><th scope=\"col\">Failed</th>"
		    "<th scope=\"col\">Passed</th><th scope=\"col\">Unknown</th></tr></thead>"
		    "<tbody>\n");
	for (size_t i = 0; i < AREA_COUNT; i++) {
		const struct area_score *area = &score->areas[i];

		if (!area->applies && !area->is_incomplete)
			continue;
		buf_printf(out, "<tr><td>%s</td><td>", area_titles[i]);
		if (area->applies)
			points_put(out, area->points);
		else
			buf_put_char(out, '?');
		buf_put_lit(out, "</td><td>");
		points_put(out, area->max);
		buf_printf(out, "</td><td>%zu</td><td>%zu</td><td>%zu</td></tr>\n", area->failed,
			   area->passed, area->unknown);
	}
	buf_put_lit(out, "</tbody></table>\n");
}

static void put_caps(struct buf *out, const struct score *score)
{
	for (size_t i = 0; i < score->cap_count; i++) {
		const struct grade_cap *cap = &score->caps[i];

		buf_printf(out,
			   "<p>At most grade %s, because of %zu %s finding%s (<code>%s</code>)"
			   "</p>\n",
			   grade_word(cap->at_most), cap->finding_count,
			   severity_word(cap->severity), plural(cap->finding_count),
			   cap->check->id);
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
	buf_put_lit(out, "<br><span class=\"seen\">seen: ");
	html_put(out, buf_str(&line));
	if (fact->seen_us)
		buf_printf(out, ", at %s", clock_text(fact->seen_us, at));
	buf_put_lit(out, "</span>");
}

static void put_remedy(struct buf *out, const struct check *check)
{
	if (check->why) {
		buf_put_lit(out, "<p>");
		html_put(out, str_of(check->why));
		buf_put_lit(out, "</p>\n");
	}
	for (size_t i = 0; i < CHECK_FIXES && check->fix[i].text; i++) {
		buf_put_lit(out, "<p>Fix");
		if (check->fix[i].platform && strcmp(check->fix[i].platform, "any") != 0) {
			buf_put_lit(out, ", ");
			html_put(out, str_of(check->fix[i].platform));
		}
		buf_put_lit(out, ":</p><pre>");
		html_put(out, str_of(check->fix[i].text));
		buf_put_lit(out, "</pre>\n");
	}
}

static void put_check(struct buf *out, struct arena *a, const struct report_input *input,
		      const struct deduction *deduction)
{
	const struct check *check = deduction->check;
	const char *severity = severity_word(deduction->severity);

	buf_printf(out, "<section class=\"check %s\"><h3><span class=\"severity\">%s</span>",
		   severity, severity);
	html_put(out, str_of(check->title));
	buf_put_lit(out, "</h3>\n<ul>");
	for (size_t i = 0; i < input->verdicts->finding_count; i++) {
		const struct finding *finding = &input->verdicts->findings[i];

		if (finding->check != check || finding->accepted)
			continue;
		buf_put_lit(out, "<li>");
		html_put(out, finding_text(a, input, finding));
		put_evidence(out, a, finding->evidence);
		if (finding->lapsed) {
			buf_put_lit(out, "<br><span class=\"seen\">");
			html_put(out, lapse_text(a, finding->lapsed));
			buf_put_lit(out, "</span>");
		}
		buf_put_lit(out, "</li>\n");
	}
	buf_put_lit(out, "</ul>\n");
	put_remedy(out, check);
	buf_printf(out, "<p class=\"seen\"><code>%s</code>", check->id);
	if (check->source) {
		buf_put_lit(out, ", ");
		html_put(out, str_of(check->source));
	}
	if (deduction->asked) {
		buf_put_lit(out, "; costs ");
		points_put(out, deduction->taken);
		buf_put_lit(out, " points");
	}
	buf_put_lit(out, "</p></section>\n");
}

static void put_accepted(struct buf *out, struct arena *a, const struct report_input *input)
{
	if (!input->score->accepted_count)
		return;
	buf_put_lit(out, "<h3>accepted</h3><ul>\n");
	for (size_t i = 0; i < input->verdicts->finding_count; i++) {
		const struct finding *finding = &input->verdicts->findings[i];

		if (!finding->accepted)
			continue;
		buf_printf(out, "<li><code>%s</code> (%s): ", finding->check->id,
			   severity_word(finding->severity));
		html_put(out, finding_text(a, input, finding));
		buf_put_lit(out, "<br><span class=\"seen\">accepted ");
		html_put(out, acceptance_text(a, finding->accepted));
		buf_put_lit(out, "</span></li>\n");
	}
	buf_put_lit(out, "</ul>\n");
}

/* A line a check; those with one reason on one line. */
static void put_checks(struct buf *out, struct arena *a, const struct verdicts *verdicts,
		       enum verdict verdict)
{
	struct check_group *groups;
	size_t count = check_groups(a, verdicts, verdict, &groups);

	if (count)
		buf_printf(out, "<h3>%s</h3><ul>\n", verdict_word(verdict));
	for (size_t i = 0; i < count; i++) {
		const struct check_group *group = &groups[i];

		for (size_t k = 0; k < group->count; k++) {
			bool is_last = k + 1 == group->count;

			buf_printf(out, "%s<code>%s</code>", k && group->reason.len ? ", " : "<li>",
				   group->checks[k]->id);
			if (is_last && group->reason.len) {
				buf_put_lit(out, ": ");
				foreign_put(out, a, group->reason);
			}
			if (is_last || !group->reason.len)
				buf_put_lit(out, "</li>\n");
		}
	}
	if (count)
		buf_put_lit(out, "</ul>\n");
}

static void put_limits(struct buf *out, struct arena *a, const struct report_input *input)
{
	if (!input->limit_count)
		return;
	buf_put_lit(out, "<p class=\"meta\">Not tested from here: ");
	for (size_t i = 0; i < input->limit_count; i++) {
		if (i)
			buf_put_lit(out, ", ");
		foreign_put(out, a, input->limits[i]);
	}
	buf_put_lit(out, "</p>\n");
}

void report_html(struct buf *out, const struct report_input *input)
{
	unsigned mask = report_mask(input, 1u << VERDICT_FAIL | 1u << VERDICT_UNKNOWN);
	struct arena a = { 0 };

	put_head(out, &a, input);
	if (!input->error.len) {
		put_areas(out, input->score);
		put_caps(out, input->score);
		for (size_t i = 0; mask & 1u << VERDICT_FAIL && i < input->score->deduction_count;
		     i++)
			put_check(out, &a, input, &input->score->deductions[i]);
		if (mask & 1u << VERDICT_FAIL)
			put_accepted(out, &a, input);
		for (enum verdict v = 0; v <= VERDICT_UNKNOWN; v++)
			if (v != VERDICT_FAIL && mask & 1u << v)
				put_checks(out, &a, input->verdicts, v);
		put_limits(out, &a, input);
	}
	buf_put_lit(out, "</article>\n");
	arena_release(&a);
}

void report_html_reject(struct buf *out, const struct report_place *place, struct str why)
{
	struct arena a = { 0 };

	buf_put_lit(out, "<article><header><h2>");
	foreign_put(out, &a, place->input);
	buf_put_lit(out, "</h2></header>\n<p class=\"meta\">Not scanned: ");
	foreign_put(out, &a, why);
	buf_put_lit(out, "</p></article>\n");
	arena_release(&a);
}
