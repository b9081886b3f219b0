/* SPDX-License-Identifier: Apache-2.0 */
/* How is one domain scanned, and what is sent back? */
#include "ask/external_answer.h"
#include "base/clock.h"
#include "base/fault.h"
#include "checks/judging.h"
#include "children/inbox.h"
#include "roles/scanner/scanner.h"

/* Room is left for what goes around them in a frame. */
enum { FRAME_ROOM = 65536, BODY_BYTES = FRAME_MAX_BODY - FRAME_ROOM };

struct work {
	struct scanner *scanner;
	struct arena arena;
	struct scan_request request;
	struct scanner_options options;
	uint64_t number;
	struct report_place place;
	const struct fact *externals[2];
	struct scan *scan;
	struct work *next, **link;
};

static void work_free(struct work *work)
{
	struct arena arena = work->arena;

	*work->link = work->next;
	if (work->next)
		work->next->link = work->link;
	arena_release(&arena);
}

static void send_facts(struct work *work, const struct scan_outcome *outcome)
{
	struct scanner *scanner = work->scanner;
	struct scan_facts facts = {
		.number = work->number,
		.domain = work->request.domain,
		.at_us = work->request.at_us,
		.is_active = work->request.is_active,
		.profile = work->options.profile,
	};
	size_t size = 0;

	facts.facts = arena_array(outcome->arena, outcome->fact_count, sizeof *facts.facts);
	for (size_t i = 0; i < outcome->fact_count && i < SCANNER_FACT_COUNT; i++) {
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

static void fail_as_too_large(struct scanner_result *result)
{
	result->state = SCAN_FAILED;
	result->error = STR_LIT("the report is too large");
	result->output = STR_NONE;
}

static void render(struct scanner *scanner, struct arena *a, const struct scan_report *report,
		   struct scanner_result *result)
{
	struct report_input input = {
		.request = report->request,
		.place = report->place,
		.profile = report->profile,
		.elapsed_us = report->elapsed_us,
		.verdicts = report->verdicts,
		.limits = scanner->vantage,
		.limit_count = scanner->vantage_count,
		.since = report->since,
		.since_count = report->since_count,
		.options = scanner->report,
	};
	struct score score;
	struct buf out;

	score_compute(a, report->verdicts, &score);
	input.score = &score;
	buf_init(&out, a);
	scanner->format->render(&out, &input);
	result->grade = str_of(grade_word(score.grade));
	result->output = buf_str(&out);
	if (out.len > BODY_BYTES)
		fail_as_too_large(result);
}

static void tell(struct scanner *scanner, struct arena *a, const struct scan_report *report,
		 struct scanner_result *result)
{
	struct scanner_verdicts verdicts = { .number = report->number,
					     .elapsed_us = report->elapsed_us };
	struct frame frame = { .type = SCANNER_VERDICTS,
			       .version = SCANNER_PROTOCOL,
			       .scan_id = report->number };
	struct buf body;

	judgement_make(a, report->verdicts, &verdicts.judgement);
	verdicts.judgement.limits = scanner->vantage;
	verdicts.judgement.limit_count = scanner->vantage_count;
	buf_init(&body, a);
	desc_encode(&body, &scanner_verdicts_desc, &verdicts);
	frame.body = buf_str(&body);
	if (body.len > SCANNER_VERDICTS_BYTES)
		fail_as_too_large(result);
	else
		scanner_put(scanner, &frame);
}

void scanning_report(struct scanner *scanner, struct arena *a, const struct scan_report *report)
{
	struct scanner_result result = {
		.number = report->number,
		.state = report->verdicts->is_incomplete ? SCAN_INCOMPLETE : SCAN_DONE,
	};

	verdicts_apply_policy(report->verdicts, report->policy, report->request);
	for (size_t i = 0; i < report->verdicts->finding_count; i++) {
		const struct finding *finding = &report->verdicts->findings[i];

		if (finding->accepted)
			continue;
		result.has_findings = true;
		result.worst = (uint8_t)MAX(result.worst, finding->severity);
	}
	if (scanner->format && !report->wants_verdicts)
		render(scanner, a, report, &result);
	else
		tell(scanner, a, report, &result);
	scanner_send(scanner, SCANNER_RESULT, report->number, &scanner_result_desc, &result);
}

static void on_scanned(void *context, const struct scan_outcome *outcome)
{
	struct work *work = context;
	struct scanner *scanner = work->scanner;
	struct verdicts verdicts = *outcome->verdicts;
	struct scan_report report = {
		.number = work->number,
		.place = work->place,
		.profile = work->options.profile,
		.request = outcome->request,
		.verdicts = &verdicts,
		.policy = &work->options.policy,
		.elapsed_us = outcome->elapsed_us,
	};

	if (scanner->configuration.wants_facts)
		send_facts(work, outcome);
	scanning_report(scanner, outcome->arena, &report);
	scanner_ended(scanner, 1);
	work_free(work);
}

/* Which tools and APIs there are is known without asking; a profile that asks none is not told. */
static void externals_give(struct scanner *scanner, struct work *work, struct arena *a,
			   struct scan_limits *limits)
{
	limits->given = work->externals;
	for (int is_tools = 0; is_tools < 2 && limits->kinds >> KIND_external & 1; is_tools++)
		work->externals[limits->given_count++] =
			external_list_fact(a, &scanner->configuration.definitions,
					   work->options.profile, is_tools, work->request.at_us);
}

/* What cannot be read (a newer version's, or none) is no measure. */
void scanning_before(struct arena *a, const struct str *before, size_t before_count,
		     struct scan_request *request)
{
	const struct fact **facts =
		arena_array(a, MIN(before_count, (size_t)SCANNER_BEFORE), sizeof *facts);
	size_t count = 0;

	for (size_t i = 0; i < before_count && count < SCANNER_BEFORE; i++) {
		struct fact *fact = ARENA_NEW(a, struct fact);

		if (fact_decode(a, before[i], fact) == 0)
			facts[count++] = fact;
	}
	request->before = facts;
	request->before_count = count;
}

static void begin(struct scanner *scanner, struct arena arena, const struct scanner_scan *body,
		  struct str domain, const struct scan_limits *limits)
{
	struct work *work = ARENA_NEW(&arena, struct work);
	struct scan_limits with_given = *limits;

	if (FAULT_IS_OFF("scanner-survives") && str_starts(domain, STR_LIT("poison-")))
		__builtin_trap();
	*work = (struct work){
		.scanner = scanner,
		.options = *scanner_options_of(scanner, body->has_options, &body->options),
		.number = body->number,
		.place = { body->input, scanner->configuration.list, body->line },
		.next = scanner->works,
		.link = &scanner->works,
	};
	work->request = options_request(&work->options, domain);
	work->request.at_us = clock_utc_us();
	if (work->next)
		work->next->link = &work->next;
	scanner->works = work;
	externals_give(scanner, work, &arena, &with_given);
	scanning_before(&arena, body->before, body->before_count, &work->request);
	work->arena = arena;
	work->scan = engine_scan(scanner->engine, &work->request,
				 options_selection(&work->arena, &work->options, domain),
				 &with_given, on_scanned, work);
}

int scanning_start(struct scanner *scanner, const struct frame *frame)
{
	struct scan_limits limits;
	struct scanner_scan body;
	struct arena arena = { 0 };
	struct str domain = STR_NONE;
	int code = desc_decode(&arena, &scanner_scan_desc, str_copy(&arena, frame->body), &body);

	if (code == 0)
		code = dns_name_parse(&arena, body.domain, &domain, NULL);
	if (code == 0)
		code = options_limits(scanner_options_of(scanner, body.has_options, &body.options),
				      &limits, NULL);
	if (code < 0)
		arena_release(&arena);
	else
		begin(scanner, arena, &body, domain, &limits);
	return code;
}

int scanning_cancel(struct scanner *scanner, const struct frame *frame)
{
	struct scanner_result result = { .state = SCAN_CANCELLED };
	struct scanner_cancel body;
	struct arena arena = { 0 };
	struct work *work = scanner->works;
	int code = desc_decode(&arena, &scanner_cancel_desc, frame->body, &body);

	arena_release(&arena);
	TRY(code);
	while (work && work->number != body.number)
		work = work->next;
	if (!work)
		return 0; /* its result is on the way */
	engine_cancel(scanner->engine, work->scan);
	work_free(work);
	result.number = body.number;
	scanner_send(scanner, SCANNER_RESULT, body.number, &scanner_result_desc, &result);
	scanner_ended(scanner, 1);
	return 0;
}

void scanning_progress(struct scanner *scanner, struct arena *a, struct scanner_progress *progress)
{
	progress->scans = arena_array(a, PROGRESS_SCANS, sizeof *progress->scans);
	for (const struct work *work = scanner->works;
	     work && progress->scan_count < PROGRESS_SCANS; work = work->next) {
		struct engine_progress scan = engine_progress(work->scan);

		if (scan.elapsed_us >= PROGRESS_AFTER_MS * INT64_C(1000))
			progress->scans[progress->scan_count++] = (struct scan_progress){
				.number = work->number,
				.asked = (uint32_t)scan.asked,
				.answered = (uint32_t)scan.answered,
				.judged = (uint32_t)scan.judged,
				.checks = (uint32_t)scan.checks,
			};
	}
}
