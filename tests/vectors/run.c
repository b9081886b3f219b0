/* SPDX-License-Identifier: Apache-2.0 */
/* What do the judges say when a case's facts come, at once or one by one? */
#include "tests/vectors/vectors.h"

enum { OPEN_QUESTIONS = 4096 };

bool vector_file_has(const void *file_pointer, const struct check *check)
{
	const struct vector_file *file = file_pointer;

	for (size_t i = 0; i < file->family_count; i++)
		if (check >= file->families[i]->checks &&
		    check < file->families[i]->checks + file->families[i]->check_count)
			return true;
	return false;
}

/* A rest line's fact as the answer to this question: records of the type asked for, at its name. */
static const struct fact *rest_for(struct run *run, const struct fact *rest,
				   const struct question *question)
{
	struct fact *fact = ARENA_NEW(&run->arena, struct fact);
	struct dns_answer *answer;
	uint16_t type = question->kind == KIND_dns ? question->dns.type : question->dns_at.type;

	*fact = *rest;
	fact->question = *question;
	if ((question->kind != KIND_dns && question->kind != KIND_dns_at) || !rest->answer)
		return fact;
	answer = ARENA_NEW(&run->arena, struct dns_answer);
	*answer = *rest->dns;
	answer->rr = arena_array(&run->arena, answer->count, sizeof *answer->rr);
	answer->count = 0;
	for (size_t i = 0; i < rest->dns->count; i++)
		if (rest->dns->rr[i].type == type) {
			answer->rr[answer->count] = rest->dns->rr[i];
			answer->rr[answer->count++].owner = question->kind == KIND_dns
								    ? question->dns.name
								    : question->dns_at.name;
		}
	fact->answer = answer;
	return fact;
}

/* Said at once, so that a judge goes on with what does not need it. */
static const struct fact *missing_fact(struct run *run, const struct question *question)
{
	struct fact *fact = ARENA_NEW(&run->arena, struct fact);

	question_text(&run->missing, question);
	buf_put_char(&run->missing, '\n');
	*fact = (struct fact){ .question = *question, .failure = FAILURE_MISSING };
	return fact;
}

/* The answer to a question: the replacement, the case's fact, the rest of the kind, or a gap. */
static const struct fact *answer(struct run *run, const struct vector_case *vc,
				 const struct replacement *replacement,
				 const struct question *question)
{
	struct buf key;

	buf_init(&key, &run->arena);
	question_key(&key, question);
	if (replacement && str_eq(replacement->key, buf_str(&key)))
		return replacement->fact;
	for (size_t i = 0; i < vc->fact_count; i++)
		if (str_eq(buf_str(&key), vc->keys[i]))
			return &vc->facts[i];
	for (size_t i = 0; i < vc->rest_count; i++)
		if (vc->rests[i].question.kind == question->kind)
			return rest_for(run, &vc->rests[i], question);
	return missing_fact(run, question);
}

static void run_at_once(struct run *run, const struct vector_case *vc,
			const struct replacement *replacement)
{
	const struct question *question;
	bool has_news = true;

	while (has_news) {
		has_news = false;
		evaluation_settle(&run->evaluation);
		while ((question = evaluation_next_question(&run->evaluation)))
			has_news |= evaluation_add(&run->evaluation,
						   answer(run, vc, replacement, question));
	}
}

static uint64_t next_random(uint64_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state;
}

/* Runs of judges that still wait for something, as the engine's debounce makes them. */
static void run_early(struct evaluation *e, uint64_t *random)
{
	for (struct job *job = evaluation_jobs(e); job; job = job->next)
		if (!job->is_settled &&
		    (!job->waiting || (job->news && next_random(random) % 3 == 0)))
			evaluation_run(e, job);
}

static void run_shuffled(struct run *run, const struct vector_case *vc,
			 const struct replacement *replacement, uint64_t seed)
{
	struct question *open = arena_array(&run->arena, OPEN_QUESTIONS, sizeof *open);
	uint64_t random = seed * 0x9e3779b97f4a7c15u | 1;
	size_t count = 0;

	for (;;) {
		const struct question *question;
		size_t at;

		run_early(&run->evaluation, &random);
		evaluation_settle(&run->evaluation);
		while ((question = evaluation_next_question(&run->evaluation)))
			if (count < OPEN_QUESTIONS)
				open[count++] = *question;
		if (!count)
			break;
		at = next_random(&random) % count;
		evaluation_add(&run->evaluation, answer(run, vc, replacement, &open[at]));
		open[at] = open[--count];
	}
}

void run_case(struct run *run, const struct vector_file *file, const struct vector_case *vc,
	      const struct replacement *replacement, uint64_t seed)
{
	*run = (struct run){ 0 };
	buf_init(&run->missing, NULL);
	evaluation_init(&run->evaluation, &vc->request,
			(struct selection){ .has = vector_file_has, .context = file });
	if (seed)
		run_shuffled(run, vc, replacement, seed);
	else
		run_at_once(run, vc, replacement);
	evaluation_close(&run->evaluation, FAILURE_MISSING);
	evaluation_settle(&run->evaluation);
	evaluation_verdicts(&run->evaluation, &run->arena, &run->verdicts);
	run->fact_count = evaluation_facts(&run->evaluation, &run->arena, &run->facts);
}

void run_release(struct run *run)
{
	evaluation_release(&run->evaluation);
	arena_release(&run->arena);
	buf_release(&run->missing);
}

enum verdict run_verdict(const struct run *run, const struct check *check)
{
	for (size_t i = 0; i < run->verdicts.result_count; i++)
		if (run->verdicts.results[i].check == check)
			return run->verdicts.results[i].verdict;
	return VERDICT_NOT_APPLICABLE;
}

bool run_has_finding(const struct run *run, const struct check *check, struct str subject)
{
	for (size_t i = 0; i < run->verdicts.finding_count; i++)
		if (run->verdicts.findings[i].check == check &&
		    str_eq(run->verdicts.findings[i].subject, subject))
			return true;
	return false;
}
