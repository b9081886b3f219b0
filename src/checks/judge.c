/* SPDX-License-Identifier: Apache-2.0 */
/* What happens when a judge reads a fact or settles a check? */
#include "checks/slot.h"

#include <stdarg.h>

enum { FINDING_TEXT_BYTES = 600, CHECK_FINDINGS = 100 };

static void note_gap(struct judge *j, enum failure failure, const struct slot *slot,
		     const char *text, uint64_t mask)
{
	struct gap *gap = ARENA_NEW(j->arena, struct gap);

	*gap = (struct gap){ .failure = failure, .slot = slot, .text = text, .mask = mask };
	if (j->gaps_last)
		j->gaps_last->next = gap;
	else
		j->gaps = gap;
	j->gaps_last = gap;
	for (size_t i = 0; j->job->family && i < j->job->family->check_count; i++)
		if (mask >> i & 1) {
			struct outcome *outcome = &j->job->outcomes[i];

			outcome->gap = outcome->gap ? outcome->gap : gap;
			outcome->is_incomplete |= gap_leaves_incomplete(failure);
		}
}

/* ---- what a finding rests on ---- */

static void evidence_add(struct evidence *list, const struct fact *fact)
{
	for (size_t i = 0; i < list->count; i++)
		if (list->facts[i] == fact)
			return;
	if (fact && list->count < EVIDENCE_FACTS)
		list->facts[list->count++] = fact;
}

static void evidence_add_all(struct evidence *list, const struct evidence *more)
{
	for (size_t i = 0; i < more->count; i++)
		evidence_add(list, more->facts[i]);
}

/* What is read again after the last word is no longer from before it. */
static void evidence_add_since(struct judge *j, const struct fact *fact)
{
	const struct fact **facts = j->since.facts;

	for (size_t i = 0; i < j->since_settled; i++)
		if (facts[i] == fact) {
			memmove(facts + i, facts + i + 1, (--j->since.count - i) * sizeof *facts);
			j->since_settled--;
			break;
		}
	evidence_add(&j->since, fact);
}

static bool is_domain(const struct judge *j, struct str name)
{
	return str_eq(name, j->evaluation->request->domain);
}

static void evidence_note(struct judge *j, const struct fact *fact)
{
	const struct question *question = &fact->question;

	if (question->kind == KIND_dns && is_domain(j, question->dns.name))
		evidence_add(&j->of_domain, fact);
	else
		evidence_add_since(j, fact);
}

static void evidence_note_derived(struct judge *j, struct str subject, const struct evidence *list)
{
	if (is_domain(j, subject))
		evidence_add_all(&j->of_domain, list);
	else
		for (size_t i = 0; i < list->count; i++)
			evidence_add_since(j, list->facts[i]);
}

struct evidence *evidence_of_reads(const struct judge *j)
{
	struct evidence *all = ARENA_NEW(j->arena, struct evidence);

	evidence_add_all(all, &j->of_domain);
	evidence_add_all(all, &j->since);
	return all;
}

/* A word about a subject: what was read before the last word, which was about another, is not about
 * this one. */
static void evidence_turn(struct judge *j, struct str subject)
{
	size_t len = MIN(subject.len, sizeof j->subject);
	bool is_other = subject.len != j->subject_len ||
			(len && memcmp(j->subject, subject.data, len) != 0);

	if (j->has_settled && is_other) {
		j->since.count -= j->since_settled;
		memmove(j->since.facts, j->since.facts + j->since_settled,
			j->since.count * sizeof(void *));
	}
	if (len)
		memcpy(j->subject, subject.data, len);
	j->subject_len = subject.len;
	j->since_settled = j->since.count;
	j->has_settled = true;
}

/* Only a finding needs to know which fact it was: most of what is cited never becomes one. */
static const struct fact *cited_fact(const struct judge *j)
{
	for (const struct slot *slot = j->evaluation->slots; slot; slot = slot->next)
		if (slot->fact && (slot->fact == j->cited || slot->fact->answer == j->cited))
			return slot->fact;
	return NULL;
}

static void evidence_put(struct judge *j, struct finding *finding)
{
	struct evidence all = { 0 };
	const struct fact **facts;

	finding->evidence = j->cited ? cited_fact(j) : NULL;
	evidence_add(&all, finding->evidence);
	evidence_add_all(&all, &j->since);
	evidence_add_all(&all, &j->of_domain);
	facts = arena_array(j->arena, all.count, sizeof *facts);
	if (all.count)
		memcpy(facts, all.facts, all.count * sizeof *facts);
	finding->rests_on = facts;
	finding->rests_on_count = all.count;
}

/* Budgets are counted in program order, so that luck with arrival decides nothing. */
static bool within_budget(struct judge *j, struct slot *slot)
{
	if (slot->counted_in_run == j->run)
		return true;
	slot->counted_in_run = j->run;
	return ++j->question_count <= JUDGE_QUESTIONS;
}

/* The fact of a question, of whatever end; NULL with the pending state or the gap noted. */
static const struct fact *read_slot(struct judge *j, const struct question *question)
{
	struct slot *slot = evaluation_question_slot(j->evaluation, question);

	if (!within_budget(j, slot)) {
		note_gap(j, FAILURE_BUDGET, slot, NULL, j->about_mask);
		return NULL;
	}
	slot->is_read = true;
	if (slot->is_there) {
		j->cited = slot->fact;
		evidence_note(j, slot->fact);
		return slot->fact;
	}
	if (j->evaluation->is_closed) {
		note_gap(j, j->evaluation->close_reason, slot, NULL, j->about_mask);
		return NULL;
	}
	evaluation_wait(j->evaluation, j->job, slot);
	j->is_pending = true;
	return NULL;
}

const void *judge_before(const struct judge *j, const struct question *question)
{
	const struct scan_request *request = j->request;
	struct buf wanted, key;

	buf_init(&wanted, j->arena);
	question_key(&wanted, question);
	for (size_t i = 0; i < request->before_count; i++) {
		if (request->before[i]->question.kind != question->kind ||
		    !fact_is_answer(request->before[i]))
			continue;
		buf_init(&key, j->arena);
		question_key(&key, &request->before[i]->question);
		if (str_eq(buf_str(&key), buf_str(&wanted)))
			return request->before[i]->answer;
	}
	return NULL;
}

const void *judge_ask(struct judge *j, const struct question *question)
{
	const struct fact *fact = read_slot(j, question);

	if (!fact)
		return NULL;
	if (fact_is_answer(fact))
		return fact->answer;
	note_gap(j, (enum failure)fact->failure, evaluation_question_slot(j->evaluation, question),
		 NULL, j->about_mask);
	return NULL;
}

const struct fact *judge_try(struct judge *j, const struct question *question)
{
	const struct fact *fact = read_slot(j, question);

	if (!fact)
		return NULL;
	if (fact_end(fact) != END_OURS)
		return fact;
	note_gap(j, (enum failure)fact->failure, evaluation_question_slot(j->evaluation, question),
		 NULL, j->about_mask);
	return NULL;
}

void give_up(struct judge *j, const struct fact *fact)
{
	if (!fact_is_answer(fact))
		note_gap(j, (enum failure)fact->failure,
			 evaluation_question_slot(j->evaluation, &fact->question), NULL,
			 j->about_mask);
}

void judge_want(struct judge *j, const struct question *question)
{
	(void)within_budget(j, evaluation_question_slot(j->evaluation, question));
}

const void *judge_derive(struct judge *j, enum derived derived, struct str subject)
{
	struct slot *slot =
		evaluation_derived_slot(j->evaluation, derived, subject, j->job->depth + 1);
	bool has_gap = false;

	if (!slot->is_there) {
		if (j->evaluation->is_cutting) {
			note_gap(j, FAILURE_BUDGET, slot, NULL, j->about_mask);
			return NULL;
		}
		evaluation_wait(j->evaluation, j->job, slot);
		j->is_pending = true;
		return NULL;
	}
	for (const struct gap *gap = slot->gaps; gap; gap = gap->next)
		if (gap->mask) {
			note_gap(j, gap->failure, gap->slot, gap->text, j->about_mask);
			has_gap = true;
		}
	if (!slot->derived && !has_gap)
		note_gap(j, FAILURE_MISSING, slot, NULL, j->about_mask);
	if (slot->cited)
		j->cited = slot->cited;
	if (slot->evidence)
		evidence_note_derived(j, subject, slot->evidence);
	return slot->derived;
}

static struct outcome *outcome_of(struct judge *j, unsigned check)
{
	const struct family *family = j->job->family;

	if (!family || check >= family->check_count ||
	    !evaluation_selects(j->evaluation, &family->checks[check]))
		return NULL;
	return &j->job->outcomes[check];
}

void pass(struct judge *j, unsigned check, struct str subject)
{
	struct outcome *outcome = outcome_of(j, check);

	evidence_turn(j, subject);
	if (outcome)
		outcome->has_passed = true;
}

/* Two reads of one fault are one finding; foreign data cannot make more than a bounded number. */
static bool is_known(const struct outcome *outcome, struct str subject)
{
	size_t count = 0;

	for (struct finding_link *link = outcome->findings; link; link = link->next)
		if (str_eq(link->finding.subject, subject) || ++count >= CHECK_FINDINGS)
			return true;
	return false;
}

static void add_finding(struct judge *j, unsigned check, enum severity severity, struct str subject,
			const char *format, va_list args)
{
	struct outcome *outcome = outcome_of(j, check);
	char text[FINDING_TEXT_BYTES];
	struct finding_link *link;
	int len;

	evidence_turn(j, subject);
	if (!outcome || is_known(outcome, subject))
		return;
	len = vsnprintf(text, sizeof text, format, args);
	link = ARENA_NEW(j->arena, struct finding_link);
	link->finding = (struct finding){
		.check = &j->job->family->checks[check],
		.severity = severity,
		.subject = str_copy(j->arena, subject),
		.text = str_copy(j->arena,
				 str_bytes(text, MIN((size_t)MAX(len, 0), sizeof text - 1))),
	};
	evidence_put(j, &link->finding);
	if (outcome->findings_last)
		outcome->findings_last->next = link;
	else
		outcome->findings = link;
	outcome->findings_last = link;
}

void fail(struct judge *j, unsigned check, struct str subject, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	if (j->job->family && check < j->job->family->check_count)
		add_finding(j, check, j->job->family->checks[check].severity, subject, format,
			    args);
	va_end(args);
}

void fail_as(struct judge *j, unsigned check, enum severity severity, struct str subject,
	     const char *format, ...)
{
	va_list args;

	va_start(args, format);
	add_finding(j, check, severity, subject, format, args);
	va_end(args);
}

void expect(struct judge *j, unsigned check, struct str subject, bool condition, const char *format,
	    ...)
{
	va_list args;

	if (condition) {
		pass(j, check, subject);
		return;
	}
	va_start(args, format);
	if (j->job->family && check < j->job->family->check_count)
		add_finding(j, check, j->job->family->checks[check].severity, subject, format,
			    args);
	va_end(args);
}

void unknown(struct judge *j, unsigned check, const char *reason)
{
	note_gap(j, FAILURE_NONE, NULL, reason, 1ull << check);
}

void judge_about(struct judge *j, const unsigned char *checks, size_t count)
{
	j->about_mask = 0;
	for (size_t i = 0; i < count; i++)
		j->about_mask |= 1ull << checks[i];
}

void about_all(struct judge *j)
{
	j->about_mask = UINT64_MAX;
}

void about_none(struct judge *j)
{
	j->about_mask = 0;
}

void cite(struct judge *j, const void *evidence)
{
	if (evidence)
		j->cited = evidence;
}
