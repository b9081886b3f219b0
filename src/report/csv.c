/* SPDX-License-Identifier: Apache-2.0 */
/* How does a report look as rows? One a finding; a domain without any has one too, so that none is
 * missed in a sheet. Columns are only added. */
#include "base/csv.h"

#include "base/clock.h"
#include "report/formats.h"
#include "report/parts.h"

/* X(column): in order */
#define COLUMNS(X)                                                                                 \
	X(domain)                                                                                  \
	X(state)                                                                                   \
	X(grade)                                                                                   \
	X(score)                                                                                   \
	X(check)                                                                                   \
	X(verdict)                                                                                 \
	X(severity)                                                                                \
	X(area)                                                                                    \
	X(subject)                                                                                 \
	X(text)                                                                                    \
	X(fix)                                                                                     \
	X(source)                                                                                  \
	X(at)                                                                                      \
	X(input)                                                                                   \
	X(list)                                                                                    \
	X(line)                                                                                    \
	X(accepted)

struct row {
#define X(column) struct str column;
	COLUMNS(X)
#undef X
};

static void row_put(struct buf *out, const struct row *row)
{
	const struct str *cells = (const struct str *)row;

	for (size_t i = 0; i < sizeof *row / sizeof *cells; i++) {
		if (i)
			buf_put_char(out, ',');
		csv_put_cell(out, cells[i]);
	}
	buf_put_lit(out, "\r\n");
}

void report_csv_begin(struct buf *out)
{
	static const struct row heads = {
#define X(column) .column = STR_INIT(#column),
		COLUMNS(X)
#undef X
	};

	row_put(out, &heads);
}

static struct str number_text(struct arena *a, uint64_t number)
{
	return number ? str_printf(a, "%llu", (unsigned long long)number) : STR_NONE;
}

static void place_fill(struct arena *a, struct row *row, const struct report_place *place)
{
	row->input = foreign_text(a, place->input);
	row->list = foreign_text(a, place->list);
	row->line = number_text(a, place->line);
}

static struct row domain_row(struct arena *a, const struct report_input *input)
{
	char *at = arena_alloc(a, TIME_TEXT_BYTES);
	struct row row = { .domain = foreign_text(a, input->request->domain),
			   .state = str_of(report_state(input)),
			   .at = str_of(clock_text(input->request->at_us, at)) };

	place_fill(a, &row, &input->place);
	if (input->error.len) {
		row.text = foreign_text(a, input->error);
	} else if (input->score->has_score) {
		row.grade = str_of(grade_word(input->score->grade));
		row.score = str_printf(a, "%u", input->score->value);
	}
	return row;
}

static void check_fill(struct row *row, const struct check *check, enum verdict verdict)
{
	row->check = str_of(check->id);
	row->verdict = str_of(verdict_word(verdict));
	row->area = str_of(area_word(area_of(row->check)));
	row->source = str_of(check->source);
}

static size_t findings_put(struct buf *out, struct arena *a, const struct report_input *input,
			   struct row row)
{
	const struct verdicts *verdicts = input->verdicts;

	for (size_t i = 0; i < verdicts->finding_count; i++) {
		const struct finding *finding = &verdicts->findings[i];

		check_fill(&row, finding->check, VERDICT_FAIL);
		row.severity = str_of(severity_word(finding->severity));
		row.subject = foreign_text(a, finding->subject);
		row.text = foreign_text(a, finding->text.len ? finding->text
							     : str_of(finding->check->title));
		row.fix = str_of(finding->check->fix[0].text);
		row.accepted = finding->accepted ? acceptance_text(a, finding->accepted) : STR_NONE;
		row_put(out, &row);
	}
	return verdicts->finding_count;
}

static size_t checks_put(struct buf *out, struct arena *a, const struct report_input *input,
			 struct row row, unsigned mask)
{
	const struct verdicts *verdicts = input->verdicts;
	size_t put = 0;

	for (size_t i = 0; i < verdicts->result_count; i++) {
		const struct check_result *result = &verdicts->results[i];

		if (result->verdict == VERDICT_FAIL || !(mask & 1u << result->verdict))
			continue;
		check_fill(&row, result->check, result->verdict);
		row.accepted = STR_NONE;
		row.text = foreign_text(a, result->reason);
		row_put(out, &row);
		put++;
	}
	return put;
}

void report_csv(struct buf *out, const struct report_input *input)
{
	unsigned mask = report_mask(input, 1u << VERDICT_FAIL | 1u << VERDICT_UNKNOWN);
	struct arena a = { 0 };
	struct row row = domain_row(&a, input);
	size_t put = 0;

	if (!input->error.len && mask & 1u << VERDICT_FAIL)
		put += findings_put(out, &a, input, row);
	if (!input->error.len)
		put += checks_put(out, &a, input, row, mask);
	if (!put)
		row_put(out, &row);
	arena_release(&a);
}

void report_csv_reject(struct buf *out, const struct report_place *place, struct str why)
{
	struct arena a = { 0 };
	struct row row = { .state = STR_LIT("rejected"), .text = foreign_text(&a, why) };

	place_fill(&a, &row, place);
	row_put(out, &row);
	arena_release(&a);
}
