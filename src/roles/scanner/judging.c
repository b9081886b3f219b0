/* SPDX-License-Identifier: Apache-2.0 */
/* How are stored facts judged again, without any network? */
#include "facts/volatile.h"
#include "roles/scanner/scanner.h"

/* Facts that cannot be read are left out: what they would have told is then unknown. */
static void add_encoded(struct scanner *scanner, struct arena *a, struct evaluation *e,
			const struct scan_facts *facts)
{
	struct fact **read = arena_array(a, facts->fact_count, sizeof *read);
	size_t count = 0;

	for (size_t i = 0; i < facts->fact_count; i++) {
		read[count] = ARENA_NEW(a, struct fact);
		count += fact_decode(a, facts->facts[i], read[count]) == 0;
	}
	if (count < facts->fact_count)
		scanner_log(scanner, SCANNER_LOG_WARNING,
			    "%.*s: %zu of %zu stored facts cannot be read", STR(facts->domain),
			    facts->fact_count - count, facts->fact_count);
	else if (facts->volatile_blob.len &&
		 facts_apply_volatile(facts->volatile_blob, read, count) < 0)
		scanner_log(scanner, SCANNER_LOG_WARNING,
			    "%.*s: the times of the stored facts cannot be read",
			    STR(facts->domain));
	for (size_t i = 0; i < count; i++)
		(void)evaluation_add(e, read[i]);
}

static int add_lines(struct arena *a, struct evaluation *e, struct str text, struct err *err)
{
	struct str line;

	while (text.len && str_split(&text, '\n', &line)) {
		struct fact *fact = ARENA_NEW(a, struct fact);

		line = str_trim(line);
		if (!line.len || line.data[0] == '#')
			continue;
		TRY(fact_parse(a, line, fact, err));
		(void)evaluation_add(e, fact);
	}
	return 0;
}

static void judge_facts(struct scanner *scanner, struct arena *a, const struct scanner_judge *body)
{
	const struct scanner_options *options =
		scanner_options_of(scanner, body->has_options, &body->options);
	const struct scan_facts *facts = &body->facts;
	struct scan_request request = options_request(options, facts->domain);
	struct scan_report report = {
		.number = body->number,
		.profile = options->profile,
		.request = &request,
		.policy = &options->policy,
		.wants_verdicts = body->wants_verdicts,
		.since = body->since,
		.since_count = body->since_count,
	};
	struct evaluation e;
	struct verdicts verdicts;
	struct err err = { 0 };

	request.at_us = facts->at_us;
	request.is_active = facts->is_active;
	scanning_before(a, body->before, body->before_count, &request);
	evaluation_init(&e, &request, options_selection(a, options, facts->domain));
	add_encoded(scanner, a, &e, facts);
	if (add_lines(a, &e, facts->text, &err) < 0)
		scanner_log(scanner, SCANNER_LOG_WARNING, "%.*s: %s", STR(facts->domain), err.text);
	evaluation_settle(&e);
	evaluation_close(&e, FAILURE_MISSING);
	evaluation_settle(&e);
	evaluation_verdicts(&e, a, &verdicts);
	report.verdicts = &verdicts;
	scanning_report(scanner, a, &report);
	evaluation_release(&e);
}

int judging_start(struct scanner *scanner, const struct frame *frame)
{
	struct scanner_judge body;
	struct arena arena = { 0 };
	struct str domain;
	int code = desc_decode(&arena, &scanner_judge_desc, frame->body, &body);

	if (code == 0)
		code = dns_name_parse(&arena, body.facts.domain, &domain, NULL);

	if (code == 0) {
		body.facts.domain = domain;
		judge_facts(scanner, &arena, &body);
		scanner_ended(scanner, 1);
	}
	arena_release(&arena);
	return code;
}
