/* SPDX-License-Identifier: Apache-2.0 */
/* Is a scanner that was taken over believed in nothing that an honest one would not say? */
#include "checks/judging.h"
#include "tests/test.h"
#include "tests/unit/children/frames_of.h"

enum { NEVER = 1 << 20 };

static struct scanner_inbox inbox_of(bool is_plain)
{
	struct scanner_inbox inbox = { .wants_verdicts = is_plain, .wants_facts = is_plain };

	for (uint64_t number = 1; number <= 3; number++)
		scanner_inbox_expect(&inbox, number);
	inbox.lines = 10;
	return inbox;
}

static int put(struct arena *a, struct scanner_inbox *inbox, enum scanner_frame type,
	       const void *body, struct scanner_body *ret)
{
	struct frame frame = frame_of(a, type, body);
	struct err err = { 0 };
	int code = scanner_inbox_read(a, inbox, &frame, ret, &err);

	CHECK((code < 0) == (err.text[0] != 0));
	return code;
}

static int put_verdicts(struct arena *a, struct scanner_inbox *inbox, uint64_t number,
			const struct judgement *judgement, struct scanner_body *ret)
{
	struct scanner_verdicts verdicts = { .number = number, .judgement = *judgement };

	return put(a, inbox, SCANNER_VERDICTS, &verdicts, ret);
}

static int put_result(struct arena *a, struct scanner_inbox *inbox, uint64_t number, uint8_t state)
{
	struct scanner_result result = { .number = number, .state = state };
	struct scanner_body body;

	return put(a, inbox, SCANNER_RESULT, &result, &body);
}

static int put_facts(struct arena *a, struct scanner_inbox *inbox, uint64_t number)
{
	struct scan_facts facts = { .number = number, .domain = STR_LIT("example.com") };
	struct scanner_body body;

	return put(a, inbox, SCANNER_FACTS, &facts, &body);
}

TEST(an_honest_scan_comes_through_with_its_score)
{
	struct scanner_inbox inbox = inbox_of(true);
	struct arena a = { 0 };
	struct judgement judgement = judgement_of(&a, 2, 3, NEVER);
	struct scanner_body body;

	CHECK_INT(put_facts(&a, &inbox, 2), 1);
	CHECK_INT(put_verdicts(&a, &inbox, 2, &judgement, &body), 1);
	CHECK(body.verdicts.judgement.score.has_score);
	CHECK(body.verdicts.judgement.score.value < 100);
	CHECK_INT(body.verdicts.judgement.score.deduction_count, 2);
	CHECK_INT(body.verdicts.judgement.score.deductions[0].findings, 3);
	CHECK_INT(put_result(&a, &inbox, 2, SCAN_DONE), 1);
	CHECK_INT(inbox.count, 2);
	CHECK(!scanner_inbox_find(&inbox, 2) && scanner_inbox_find(&inbox, 1) &&
	      scanner_inbox_find(&inbox, 3));
	arena_release(&a);
	scanner_inbox_release(&inbox);
}

TEST(a_score_that_the_scanner_made_up_counts_for_nothing)
{
	struct scanner_inbox inbox = inbox_of(true);
	struct arena a = { 0 };
	struct judgement judgement = judgement_of(&a, 5, 1, NEVER);
	struct scanner_body body;

	judgement.score = (struct judged_score){ .has_score = true,
						 .value = 100,
						 .grade = STR_LIT("A+"),
						 .algorithm = STR_LIT("mine") };
	CHECK_INT(put_verdicts(&a, &inbox, 1, &judgement, &body), 1);
	CHECK(body.verdicts.judgement.score.value < 100);
	CHECK_STR(body.verdicts.judgement.score.algorithm, SCORE_ALGORITHM);
	arena_release(&a);
	scanner_inbox_release(&inbox);
}

TEST(what_is_stored_comes_back_and_is_canonical)
{
	struct arena a = { 0 };
	struct judgement judgement = judgement_of(&a, 3, 2, 100), back;
	struct buf first, second;

	judgement_score(&a, &judgement);
	judgement.findings[0].since_us = 1700000000000000;
	buf_init(&first, &a);
	buf_init(&second, &a);
	verdicts_encode(&first, &judgement);
	CHECK(verdicts_decode(&a, buf_str(&first), &back) == 0);
	verdicts_encode(&second, &back);
	CHECK(str_eq(buf_str(&first), buf_str(&second)));
	CHECK_INT(back.check_count, judgement.check_count);
	CHECK_INT(back.findings[0].since_us, 1700000000000000);
	CHECK_INT(judgement_worst(&back), SEVERITY_MEDIUM);
	for (size_t len = 0; len < first.len; len += 7)
		(void)!verdicts_decode(&a, str_first(buf_str(&first), len), &back);
	arena_release(&a);
}

/* ---- one lie each ---- */

static void unknown_check(struct arena *a, struct judgement *j)
{
	j->checks[4].id = STR_LIT("dns.no.such-check");
}

static void check_twice(struct arena *a, struct judgement *j)
{
	j->checks[4].id = j->checks[3].id;
}

static void checks_out_of_order(struct arena *a, struct judgement *j)
{
	struct judged_check first = j->checks[6];

	j->checks[6] = j->checks[7];
	j->checks[7] = first;
}

static void no_verdict(struct arena *a, struct judgement *j)
{
	j->checks[4].verdict = 4;
}

static void failure_out_of_range(struct arena *a, struct judgement *j)
{
	j->checks[j->check_count - 1].failure = FAILURE_COUNT;
}

static void reason_of_a_pass(struct arena *a, struct judgement *j)
{
	j->checks[4].reason = STR_LIT("no reason");
}

static void reason_too_long(struct arena *a, struct judgement *j)
{
	j->checks[j->check_count - 1].reason =
		str_bytes(arena_zalloc(a, JUDGEMENT_REASON_BYTES + 1), JUDGEMENT_REASON_BYTES + 1);
}

static void fail_without_finding(struct arena *a, struct judgement *j)
{
	j->checks[4].verdict = VERDICT_FAIL;
}

static void finding_of_a_pass(struct arena *a, struct judgement *j)
{
	j->checks[0].verdict = VERDICT_PASS;
}

static void finding_of_another(struct arena *a, struct judgement *j)
{
	j->findings[0].check = j->checks[5].id;
}

static void finding_of_no_check(struct arena *a, struct judgement *j)
{
	j->findings[j->finding_count - 1].check = STR_LIT("mail.none");
}

static void severity_out_of_range(struct arena *a, struct judgement *j)
{
	j->findings[1].severity = SEVERITY_CRITICAL + 1;
}

static void subject_too_long(struct arena *a, struct judgement *j)
{
	j->findings[1].subject = str_bytes(arena_zalloc(a, JUDGEMENT_SUBJECT_BYTES + 1),
					   JUDGEMENT_SUBJECT_BYTES + 1);
}

static void text_too_long(struct arena *a, struct judgement *j)
{
	j->findings[1].text =
		str_bytes(arena_zalloc(a, JUDGEMENT_TEXT_BYTES + 1), JUDGEMENT_TEXT_BYTES + 1);
}

static void evidence_too_much(struct arena *a, struct judgement *j)
{
	j->findings[1].evidence =
		arena_array(a, JUDGEMENT_EVIDENCE + 1, sizeof *j->findings[1].evidence);
	j->findings[1].evidence_count = JUDGEMENT_EVIDENCE + 1;
}

static void evidence_too_long(struct arena *a, struct judgement *j)
{
	j->findings[1].evidence = arena_array(a, 1, sizeof *j->findings[1].evidence);
	j->findings[1].evidence[0] = str_bytes(arena_zalloc(a, JUDGEMENT_EVIDENCE_BYTES + 1),
					       JUDGEMENT_EVIDENCE_BYTES + 1);
	j->findings[1].evidence_count = 1;
}

static void since(struct arena *a, struct judgement *j)
{
	j->findings[1].since_us = 1;
}

static void not_incomplete(struct arena *a, struct judgement *j)
{
	j->is_incomplete = false;
}

static void limits_too_many(struct arena *a, struct judgement *j)
{
	j->limits = arena_array(a, JUDGEMENT_LIMITS + 1, sizeof *j->limits);
	j->limit_count = JUDGEMENT_LIMITS + 1;
}

static const struct {
	const char *name;
	void (*lie)(struct arena *a, struct judgement *j);
} lies[] = {
	{ "unknown check", unknown_check },
	{ "check twice", check_twice },
	{ "checks out of order", checks_out_of_order },
	{ "no verdict", no_verdict },
	{ "failure out of range", failure_out_of_range },
	{ "reason of a pass", reason_of_a_pass },
	{ "reason too long", reason_too_long },
	{ "fail without finding", fail_without_finding },
	{ "finding of a pass", finding_of_a_pass },
	{ "finding of another", finding_of_another },
	{ "finding of no check", finding_of_no_check },
	{ "severity out of range", severity_out_of_range },
	{ "subject too long", subject_too_long },
	{ "text too long", text_too_long },
	{ "evidence too much", evidence_too_much },
	{ "evidence too long", evidence_too_long },
	{ "since", since },
	{ "not incomplete", not_incomplete },
	{ "limits too many", limits_too_many },
};

TEST(verdicts_that_no_check_could_have_said_are_refused)
{
	for (size_t i = 0; i < ARRAY_COUNT(lies); i++) {
		struct scanner_inbox inbox = inbox_of(true);
		struct arena a = { 0 };
		struct judgement judgement = judgement_of(&a, 2, 2, 50);
		struct scanner_body body;

		test_row("%s", lies[i].name);
		CHECK_INT(put_verdicts(&a, &inbox, 1, &judgement, &body), 1);
		lies[i].lie(&a, &judgement);
		CHECK(put_verdicts(&a, &inbox, 2, &judgement, &body) < 0);
		arena_release(&a);
		scanner_inbox_release(&inbox);
	}
}

TEST(a_hundred_findings_of_one_check_are_the_most)
{
	struct scanner_inbox inbox = inbox_of(true);
	struct arena a = { 0 };
	struct judgement most = judgement_of(&a, 1, JUDGEMENT_FINDINGS, NEVER);
	struct judgement more = judgement_of(&a, 1, JUDGEMENT_FINDINGS + 1, NEVER);
	struct scanner_body body;

	CHECK_INT(put_verdicts(&a, &inbox, 1, &most, &body), 1);
	CHECK(put_verdicts(&a, &inbox, 2, &more, &body) < 0);
	arena_release(&a);
	scanner_inbox_release(&inbox);
}

/* ---- who speaks of what, and when ---- */

TEST(scans_that_it_does_not_have_are_nothing_to_speak_of)
{
	struct scanner_inbox inbox = inbox_of(true);
	struct arena a = { 0 };
	struct judgement judgement = judgement_of(&a, 0, 0, NEVER);
	struct scanner_body body;

	CHECK(put_verdicts(&a, &inbox, 0, &judgement, &body) < 0);
	CHECK(put_verdicts(&a, &inbox, 4, &judgement, &body) < 0);
	CHECK(put_facts(&a, &inbox, 4) < 0);
	CHECK(put_result(&a, &inbox, 4, SCAN_FAILED) < 0);
	CHECK_INT(put_result(&a, &inbox, 1, SCAN_FAILED), 1);
	CHECK(put_result(&a, &inbox, 1, SCAN_FAILED) < 0);
	CHECK(put_facts(&a, &inbox, 1) < 0);
	arena_release(&a);
	scanner_inbox_release(&inbox);
}

TEST(facts_and_verdicts_come_once_and_before_the_end)
{
	struct scanner_inbox inbox = inbox_of(true);
	struct arena a = { 0 };
	struct judgement good = judgement_of(&a, 0, 0, NEVER);
	struct judgement incomplete = judgement_of(&a, 0, 0, 10);
	struct scanner_body body;

	CHECK(put_result(&a, &inbox, 1, SCAN_DONE) < 0);
	CHECK_INT(put_facts(&a, &inbox, 1), 1);
	CHECK(put_facts(&a, &inbox, 1) < 0);
	CHECK(put_result(&a, &inbox, 1, SCAN_DONE) < 0);
	CHECK_INT(put_verdicts(&a, &inbox, 1, &good, &body), 1);
	CHECK(put_verdicts(&a, &inbox, 1, &good, &body) < 0);
	CHECK(put_result(&a, &inbox, 1, SCAN_INCOMPLETE) < 0);
	CHECK(put_result(&a, &inbox, 1, SCAN_CANCELLED) < 0);
	CHECK(put_result(&a, &inbox, 1, 4) < 0);
	CHECK_INT(put_result(&a, &inbox, 1, SCAN_DONE), 1);

	CHECK_INT(put_verdicts(&a, &inbox, 2, &incomplete, &body), 1);
	CHECK(put_result(&a, &inbox, 2, SCAN_INCOMPLETE) < 0); /* no facts */
	CHECK_INT(put_facts(&a, &inbox, 2), 1);
	CHECK(put_result(&a, &inbox, 2, SCAN_DONE) < 0);
	CHECK_INT(put_result(&a, &inbox, 2, SCAN_INCOMPLETE), 1);

	scanner_inbox_find(&inbox, 3)->is_cancelled = true;
	CHECK_INT(put_result(&a, &inbox, 3, SCAN_CANCELLED), 1);
	arena_release(&a);
	scanner_inbox_release(&inbox);
}

TEST(a_command_wants_neither_verdicts_nor_facts)
{
	struct scanner_inbox inbox = inbox_of(false);
	struct arena a = { 0 };
	struct judgement judgement = judgement_of(&a, 0, 0, NEVER);
	struct scanner_body body;

	CHECK(put_verdicts(&a, &inbox, 1, &judgement, &body) < 0);
	CHECK(put_facts(&a, &inbox, 1) < 0);
	CHECK_INT(put_result(&a, &inbox, 1, SCAN_DONE), 1);
	arena_release(&a);
	scanner_inbox_release(&inbox);
}

TEST(no_more_lines_end_than_were_asked)
{
	static const struct {
		struct scanner_answers answers;
		int code;
	} rows[] = {
		{ { .finished = 4, .answered = 4 }, 1 }, { { .finished = 2, .rejected = 3 }, -1 },
		{ { .finished = 6, .theirs = 6 }, 1 },   { { .finished = 1 }, -1 },
		{ { .finished = UINT64_MAX }, -1 },
	};
	struct scanner_inbox inbox = inbox_of(false);
	struct arena a = { 0 };
	struct scanner_body body;

	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		int code = put(&a, &inbox, SCANNER_ANSWERS, &rows[i].answers, &body);

		test_row("%zu", i);
		CHECK(rows[i].code < 0 ? code < 0 : code == rows[i].code);
	}
	arena_release(&a);
	scanner_inbox_release(&inbox);
}

TEST(sizes_are_bounded_and_words_are_cut)
{
	struct scanner_inbox inbox = inbox_of(true);
	struct arena a = { 0 };
	struct str large = { arena_zalloc(&a, 200000), 200000 };
	struct str limits[JUDGEMENT_LIMITS + 1] = { 0 };
	struct scanner_log log = { .text = str_first(large, 2000) };
	struct scanner_ready ready = { .limits = limits, .limit_count = ARRAY_COUNT(limits) };
	struct scanner_result result = { .number = 1, .error = str_first(large, 2000) };
	struct scanner_body body;

	CHECK_INT(put(&a, &inbox, SCANNER_LOG, &log, &body), 1);
	CHECK_INT(body.log.text.len, SCANNER_TEXT_BYTES);
	log.text = large;
	CHECK(put(&a, &inbox, SCANNER_LOG, &log, &body) < 0);
	log = (struct scanner_log){ .level = 3 };
	CHECK(put(&a, &inbox, SCANNER_LOG, &log, &body) < 0);
	CHECK(put(&a, &inbox, SCANNER_READY, &ready, &body) < 0);
	ready.limit_count = 1;
	CHECK_INT(put(&a, &inbox, SCANNER_READY, &ready, &body), 1);
	CHECK(put(&a, &inbox, SCANNER_READY, &ready, &body) < 0);
	result.state = SCAN_FAILED;
	CHECK(put(&a, &inbox, SCANNER_RESULT, &result, &body) < 0);
	arena_release(&a);
	scanner_inbox_release(&inbox);
}

TEST(what_is_no_body_is_refused_and_what_is_new_is_passed_over)
{
	struct scanner_inbox inbox = inbox_of(true);
	struct arena a = { 0 };
	struct frame frame = { .type = SCANNER_RESULT,
			       .version = SCANNER_PROTOCOL,
			       .body = STR_LIT("\xff\xff\xff") };
	struct scanner_body body;
	struct err err = { 0 };

	CHECK(scanner_inbox_read(&a, &inbox, &frame, &body, &err) < 0);
	frame.type = 99;
	CHECK_INT(scanner_inbox_read(&a, &inbox, &frame, &body, &err), 0);
	frame.type = SCANNER_SCAN;
	CHECK_INT(scanner_inbox_read(&a, &inbox, &frame, &body, &err), 0);
	arena_release(&a);
	scanner_inbox_release(&inbox);
}

TEST(progress_of_what_it_does_not_have_or_beyond_what_there_is_is_refused)
{
	static const struct {
		struct scan_progress scan;
		int code;
	} rows[] = {
		{ { .number = 2, .asked = 5, .answered = 5, .judged = 7, .checks = 7 }, 1 },
		{ { .number = 2 }, 1 },
		{ { .number = 9, .asked = 5 }, ERR_SYNTAX },
		{ { .number = 2, .asked = 5, .answered = 6 }, ERR_SYNTAX },
		{ { .number = 2, .judged = 8, .checks = 7 }, ERR_SYNTAX },
	};
	struct scanner_inbox inbox = inbox_of(true);
	struct arena a = { 0 };
	struct scan_progress many[PROGRESS_SCANS + 1];
	struct scanner_progress progress = { .scans = many };
	struct scanner_body body;

	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		many[0] = rows[i].scan;
		progress.scan_count = 1;
		test_row("%zu", i);
		CHECK_INT(put(&a, &inbox, SCANNER_PROGRESS, &progress, &body), rows[i].code);
	}
	for (size_t i = 0; i < ARRAY_COUNT(many); i++)
		many[i] = rows[0].scan;
	progress.scan_count = PROGRESS_SCANS + 1;
	CHECK_INT(put(&a, &inbox, SCANNER_PROGRESS, &progress, &body), ERR_LIMIT);
	arena_release(&a);
	scanner_inbox_release(&inbox);
}
