/* SPDX-License-Identifier: Apache-2.0 */
/* How is one domain scanned, and what is sent back? */
#include "base/clock.h"
#include "roles/scanner/scanner.h"

/* Room is left for what goes around them in a frame. */
enum { BODY_BYTES = FRAME_MAX_BODY - 65536 };

struct work {
	struct scanner *scanner;
	struct arena arena;
	struct scan_request request;
	uint64_t number;
	struct str input;
};

static void send_facts(struct work *work, const struct scan_outcome *outcome)
{
	struct scanner *scanner = work->scanner;
	struct scan_facts facts = {
		.number = work->number,
		.domain = work->request.domain,
		.at_us = work->request.at_us,
		.is_active = work->request.is_active,
		.profile = scanner->configuration.profile,
	};
	size_t size = 0;

	facts.facts = arena_array(outcome->arena, outcome->fact_count, sizeof *facts.facts);
	for (size_t i = 0; i < outcome->fact_count; i++) {
		struct buf encoded;

		buf_init(&encoded, outcome->arena);
		fact_encode(&encoded, outcome->facts[i]);
		size += encoded.len + 16;
		if (size > BODY_BYTES)
			break;
		facts.facts[facts.fact_count++] = buf_str(&encoded);
	}
	if (facts.fact_count < outcome->fact_count)
		scanner_log(scanner, SCANNER_LOG_WARNING,
			    "%.*s: only the first %zu of %zu facts are kept: they are too large",
			    STR(facts.domain), facts.fact_count, outcome->fact_count);
	scanner_send(scanner, SCANNER_FACTS, work->number, &scan_facts_desc, &facts);
}

void scanning_report(struct scanner *scanner, struct arena *a, const struct scan_report *report)
{
	struct scanner_result result = {
		.number = report->number,
		.state = report->verdicts->is_incomplete ? SCAN_INCOMPLETE : SCAN_DONE,
		.has_findings = report->verdicts->finding_count > 0,
	};
	struct report_input input = {
		.request = report->request,
		.input = report->input,
		.profile = scanner->configuration.profile,
		.elapsed_us = report->elapsed_us,
		.verdicts = report->verdicts,
		.limits = scanner->vantage,
		.limit_count = scanner->vantage_count,
		.options = scanner->report,
	};
	struct score score;
	struct buf out;

	score_compute(a, report->verdicts, &score);
	input.score = &score;
	buf_init(&out, a);
	scanner->format->render(&out, &input);
	result.output = buf_str(&out);
	if (out.len > BODY_BYTES) {
		result.state = SCAN_FAILED;
		result.error = STR_LIT("the report is too large");
		result.output = STR_NONE;
	}
	result.grade = str_of(grade_word(score.grade));
	for (size_t i = 0; i < report->verdicts->finding_count; i++)
		result.worst = (uint8_t)MAX(result.worst, report->verdicts->findings[i].severity);
	scanner_send(scanner, SCANNER_RESULT, report->number, &scanner_result_desc, &result);
}

static void on_scanned(void *context, const struct scan_outcome *outcome)
{
	struct work *work = context;
	struct scanner *scanner = work->scanner;
	struct scan_report report = {
		.number = work->number,
		.input = work->input,
		.request = outcome->request,
		.verdicts = outcome->verdicts,
		.elapsed_us = outcome->elapsed_us,
	};
	struct arena arena = work->arena;

	if (scanner->configuration.wants_facts)
		send_facts(work, outcome);
	scanning_report(scanner, outcome->arena, &report);
	scanner_ended(scanner, 1);
	arena_release(&arena);
}

int scanning_start(struct scanner *scanner, const struct frame *frame)
{
	const struct scanner_configuration *configuration = &scanner->configuration;
	struct selection selection = { .has = scanner_selects, .context = configuration };
	struct scanner_scan body;
	struct arena arena = { 0 };
	struct work *work;
	struct str domain;
	int code = desc_decode(&arena, &scanner_scan_desc, frame->body, &body);

	if (code == 0)
		code = dns_name_parse(&arena, body.domain, &domain, NULL);
	if (code < 0) {
		arena_release(&arena);
		return code;
	}
	work = ARENA_NEW(&arena, struct work);
	*work = (struct work){
		.scanner = scanner,
		.request = { .domain = domain,
			     .at_us = clock_utc_us(),
			     .is_active = configuration->is_active,
			     .dkim_selectors = configuration->selectors,
			     .dkim_selector_count = configuration->selector_count },
		.number = body.number,
		.input = str_copy(&arena, body.input),
	};
	work->arena = arena;
	engine_scan(scanner->engine, &work->request, selection, &scanner->limits, on_scanned, work);
	return 0;
}
