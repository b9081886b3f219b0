/* SPDX-License-Identifier: Apache-2.0 */
/* May the scanner say this now? */
#include "children/inbox.h"

#include "checks/judging.h"

enum { SMALL_BYTES = 64 * 1024, NAME_BYTES = 1100, FIRST_FLIGHTS = 64 };

void scanner_inbox_release(struct scanner_inbox *inbox)
{
	memory_free(inbox->flights);
	*inbox = (struct scanner_inbox){ 0 };
}

void scanner_inbox_expect(struct scanner_inbox *inbox, uint64_t number)
{
	if (inbox->count == inbox->cap) {
		inbox->cap = inbox->cap ? inbox->cap * 2 : FIRST_FLIGHTS;
		inbox->flights = memory_resize(inbox->flights, inbox->cap * sizeof *inbox->flights);
	}
	inbox->flights[inbox->count++] = (struct scanner_flight){
		.number = number,
		.wants_verdicts = inbox->wants_verdicts,
	};
}

struct scanner_flight *scanner_inbox_find(struct scanner_inbox *inbox, uint64_t number)
{
	for (size_t i = 0; i < inbox->count; i++)
		if (inbox->flights[i].number == number)
			return &inbox->flights[i];
	return NULL;
}

static struct scanner_flight *flight_of(struct scanner_inbox *inbox, uint64_t number,
					struct err *err)
{
	struct scanner_flight *flight = scanner_inbox_find(inbox, number);

	if (!flight)
		(void)!err_set(err, ERR_SYNTAX, "it speaks of a scan that it does not have");
	return flight;
}

static int read_ready(struct arena *a, struct scanner_inbox *inbox, struct scanner_body *body,
		      struct err *err)
{
	const struct scanner_ready *ready = &body->ready;

	if (inbox->is_ready)
		return err_set(err, ERR_SYNTAX, "it is ready twice");
	if (ready->limit_count > JUDGEMENT_LIMITS || ready->resolver.len > SCANNER_TEXT_BYTES)
		return err_set(err, ERR_LIMIT, "it tells too much about itself");
	for (size_t i = 0; i < ready->limit_count; i++)
		if (ready->limits[i].len > JUDGEMENT_LIMIT_BYTES)
			return err_set(err, ERR_LIMIT, "it tells too much about itself");
	inbox->is_ready = true;
	return 1;
}

static int read_facts(struct arena *a, struct scanner_inbox *inbox, struct scanner_body *body,
		      struct err *err)
{
	const struct scan_facts *facts = &body->facts;
	struct scanner_flight *flight = flight_of(inbox, facts->number, err);

	if (!flight)
		return ERR_SYNTAX;
	if (flight->has_facts || !inbox->wants_facts)
		return err_set(err, ERR_SYNTAX, "it sends facts that nobody waits for");
	if (facts->fact_count > SCANNER_FACT_COUNT || facts->domain.len > NAME_BYTES ||
	    facts->profile.len > JUDGEMENT_LIMIT_BYTES || facts->text.len)
		return err_set(err, ERR_LIMIT, "it sends more facts than a scan has");
	flight->has_facts = true;
	return 1;
}

static int read_verdicts(struct arena *a, struct scanner_inbox *inbox, struct scanner_body *body,
			 struct err *err)
{
	struct scanner_verdicts *verdicts = &body->verdicts;
	struct scanner_flight *flight = flight_of(inbox, verdicts->number, err);

	if (!flight)
		return ERR_SYNTAX;
	if (flight->has_verdicts || !flight->wants_verdicts)
		return err_set(err, ERR_SYNTAX, "it sends verdicts that nobody waits for");
	if (verdicts->elapsed_us < 0)
		return err_set(err, ERR_SYNTAX, "it sends verdicts from before the scan");
	TRY(judgement_check(&verdicts->judgement, err));
	judgement_score(a, &verdicts->judgement);
	flight->has_verdicts = true;
	flight->is_incomplete = verdicts->judgement.is_incomplete;
	return 1;
}

/* Without rendered bytes, the verdicts are the result. */
static int result_agrees(const struct scanner_inbox *inbox, const struct scanner_flight *flight,
			 const struct scanner_result *result, struct err *err)
{
	bool has_ended = result->state == SCAN_DONE || result->state == SCAN_INCOMPLETE;

	if (result->state == SCAN_CANCELLED && !flight->is_cancelled)
		return err_set(err, ERR_SYNTAX, "it cancels a scan by itself");
	if (!flight->wants_verdicts || !has_ended)
		return 0;
	if (!flight->has_verdicts || (inbox->wants_facts && !flight->has_facts))
		return err_set(err, ERR_SYNTAX, "it ends a scan without telling what it found");
	if (flight->is_incomplete != (result->state == SCAN_INCOMPLETE))
		return err_set(err, ERR_SYNTAX, "its result and its verdicts disagree");
	return 0;
}

static int read_result(struct arena *a, struct scanner_inbox *inbox, struct scanner_body *body,
		       struct err *err)
{
	const struct scanner_result *result = &body->result;
	struct scanner_flight *flight = flight_of(inbox, result->number, err);

	if (!flight)
		return ERR_SYNTAX;
	if (result->state > SCAN_CANCELLED || result->worst > SEVERITY_CRITICAL)
		return err_set(err, ERR_SYNTAX, "it ends a scan in no way that there is");
	if (result->grade.len > JUDGEMENT_LIMIT_BYTES || result->error.len > SCANNER_TEXT_BYTES)
		return err_set(err, ERR_LIMIT, "it ends a scan with too many words");
	TRY(result_agrees(inbox, flight, result, err));
	*flight = inbox->flights[--inbox->count];
	return 1;
}

static int read_answers(struct arena *a, struct scanner_inbox *inbox, struct scanner_body *body,
			struct err *err)
{
	const struct scanner_answers *answers = &body->answers;

	if (answers->finished > inbox->lines || answers->answered > answers->finished ||
	    answers->theirs > answers->finished || answers->ours > answers->finished ||
	    answers->rejected > answers->finished)
		return err_set(err, ERR_SYNTAX, "it answers more than was asked");
	inbox->lines -= answers->finished;
	return 1;
}

static int read_progress(struct arena *a, struct scanner_inbox *inbox, struct scanner_body *body,
			 struct err *err)
{
	const struct scanner_progress *progress = &body->progress;

	if (progress->scan_count > PROGRESS_SCANS)
		return err_set(err, ERR_LIMIT, "it tells of more scans than it may");
	for (size_t i = 0; i < progress->scan_count; i++) {
		const struct scan_progress *scan = &progress->scans[i];

		if (!flight_of(inbox, scan->number, err))
			return ERR_SYNTAX;
		if (scan->answered > scan->asked || scan->judged > scan->checks)
			return err_set(err, ERR_SYNTAX, "a scan is further than it can be");
	}
	return 1;
}

static int read_log(struct arena *a, struct scanner_inbox *inbox, struct scanner_body *body,
		    struct err *err)
{
	if (body->log.level > SCANNER_LOG_WARNING)
		return err_set(err, ERR_SYNTAX, "it logs at no level that there is");
	body->log.text = str_first(body->log.text, SCANNER_TEXT_BYTES);
	return 1;
}

static int read_fatal(struct arena *a, struct scanner_inbox *inbox, struct scanner_body *body,
		      struct err *err)
{
	body->fatal.text = str_first(body->fatal.text, SCANNER_TEXT_BYTES);
	return 1;
}

static int read_run(struct arena *a, struct scanner_inbox *inbox, struct scanner_body *body,
		    struct err *err)
{
	if (body->run.number <= inbox->last_run)
		return err_set(err, ERR_SYNTAX, "it gives a run a number that is used");
	TRY(run_request_check(&body->run, err));
	inbox->last_run = body->run.number;
	return 1;
}

static const struct reader {
	const struct desc *desc;
	size_t bytes;
	/** NULL: any is good. */
	int (*read)(struct arena *a, struct scanner_inbox *inbox, struct scanner_body *body,
		    struct err *err);
} readers[] = {
	[SCANNER_READY] = { &scanner_ready_desc, SMALL_BYTES, read_ready },
	[SCANNER_RESULT] = { &scanner_result_desc, FRAME_MAX_BODY, read_result },
	[SCANNER_ANSWERS] = { &scanner_answers_desc, FRAME_MAX_BODY, read_answers },
	[SCANNER_FACTS] = { &scan_facts_desc, FRAME_MAX_BODY, read_facts },
	[SCANNER_PROGRESS] = { &scanner_progress_desc, SMALL_BYTES, read_progress },
	[SCANNER_LOG] = { &scanner_log_desc, SMALL_BYTES, read_log },
	[SCANNER_FATAL] = { &scanner_fatal_desc, SMALL_BYTES, read_fatal },
	[SCANNER_VERDICTS] = { &scanner_verdicts_desc, SCANNER_VERDICTS_BYTES, read_verdicts },
	[SCANNER_RUN] = { &run_request_desc, RUN_BODY_BYTES, read_run },
	[SCANNER_UNRUN] = { &run_number_desc, SMALL_BYTES, NULL },
};

int scanner_inbox_read(struct arena *a, struct scanner_inbox *inbox, const struct frame *frame,
		       struct scanner_body *ret, struct err *err)
{
	const struct reader *reader;
	struct scanner_body body;

	if (frame->type >= ARRAY_COUNT(readers) || !readers[frame->type].desc ||
	    frame->version != SCANNER_PROTOCOL)
		return 0;
	reader = &readers[frame->type];
	if (frame->body.len > reader->bytes)
		return err_set(err, ERR_LIMIT, "it sends a frame that is too large");
	memset(&body, 0, sizeof body);
	body.type = (enum scanner_frame)frame->type;
	if (desc_decode(a, reader->desc, frame->body, &body.ready) < 0)
		return err_set(err, ERR_SYNTAX, "it sends what cannot be read");
	if (reader->read)
		TRY(reader->read(a, inbox, &body, err));
	*ret = body;
	return 1;
}
