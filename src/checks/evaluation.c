/* SPDX-License-Identifier: Apache-2.0 */
/* Which jobs wait for which facts, and when is each of them settled? */
#include "checks/slot.h"

enum { TABLE_FIRST = 64, DERIVE_DEPTH = 8 };

typedef const void *derive_function(struct judge *j);

static derive_function *const derive_functions[DERIVED_COUNT] = {
#define X(name) [DERIVED_##name] = derived_##name,
	DERIVED_FACTS(X)
#undef X
};

static struct job *job_add(struct evaluation *e)
{
	struct job *job = ARENA_NEW(&e->slots_arena, struct job);

	if (e->jobs_last)
		e->jobs_last->next = job;
	else
		e->jobs = job;
	e->jobs_last = job;
	e->unsettled++;
	return job;
}

bool evaluation_selects(const struct evaluation *e, const struct check *check)
{
	return !e->selection.has || e->selection.has(e->selection.context, check);
}

static bool selects_any(const struct evaluation *e, const struct family *family)
{
	for (size_t i = 0; i < family->check_count; i++)
		if (evaluation_selects(e, &family->checks[i]))
			return true;
	return false;
}

void evaluation_init(struct evaluation *e, const struct scan_request *request,
		     struct selection selection)
{
	*e = (struct evaluation){ .request = request, .selection = selection };
	buf_init(&e->key, NULL);
	e->table_size = TABLE_FIRST;
	e->table = memory_alloc(e->table_size * sizeof *e->table);
	memset(e->table, 0, e->table_size * sizeof *e->table);
	for (size_t i = 0; families[i]; i++) {
		struct job *job;

		if (!selects_any(e, families[i]))
			continue;
		job = job_add(e);
		job->family = families[i];
		job->outcomes = arena_array(&e->slots_arena, families[i]->check_count,
					    sizeof *job->outcomes);
	}
}

void evaluation_release(struct evaluation *e)
{
	memory_free(e->table);
	buf_release(&e->key);
	arena_release(&e->slots_arena);
	arena_release(&e->work);
	*e = (struct evaluation){ 0 };
}

static void table_grow(struct evaluation *e)
{
	size_t size = e->table_size * 2;
	struct slot **table = memory_alloc(size * sizeof *table);

	memset(table, 0, size * sizeof *table);
	for (struct slot *slot = e->slots; slot; slot = slot->next) {
		size_t at = slot->hash & (size - 1);

		while (table[at])
			at = (at + 1) & (size - 1);
		table[at] = slot;
	}
	memory_free(e->table);
	e->table = table;
	e->table_size = size;
}

struct slot *evaluation_slot(struct evaluation *e, struct str key)
{
	uint64_t hash = str_hash(key);
	size_t at = hash & (e->table_size - 1);
	struct slot *slot;

	for (; e->table[at]; at = (at + 1) & (e->table_size - 1))
		if (e->table[at]->hash == hash && str_eq(e->table[at]->key, key))
			return e->table[at];
	slot = ARENA_NEW(&e->slots_arena, struct slot);
	slot->hash = hash;
	slot->key = str_copy(&e->slots_arena, key);
	e->table[at] = slot;
	if (e->slots_last)
		e->slots_last->next = slot;
	else
		e->slots = slot;
	e->slots_last = slot;
	if (++e->slot_count * 2 > e->table_size)
		table_grow(e);
	return slot;
}

struct slot *evaluation_question_slot(struct evaluation *e, const struct question *question)
{
	e->key.len = 0;
	question_key(&e->key, question);
	return evaluation_slot(e, buf_str(&e->key));
}

/* Keys of derived facts begin with a zero, which no kind of question has. */
struct slot *evaluation_derived_slot(struct evaluation *e, enum derived derived, struct str subject,
				     unsigned depth)
{
	struct slot *slot;

	e->key.len = 0;
	buf_put_char(&e->key, 0);
	buf_put_char(&e->key, (char)derived);
	buf_put_str(&e->key, subject);
	slot = evaluation_slot(e, buf_str(&e->key));
	if (!slot->maker && !slot->is_there) {
		if (depth > DERIVE_DEPTH) {
			slot->is_there = true;
			slot->gaps = ARENA_NEW(&e->slots_arena, struct gap);
			slot->gaps->failure = FAILURE_BUDGET;
			slot->gaps->slot = slot;
			slot->gaps->mask = UINT64_MAX;
			return slot;
		}
		slot->maker = job_add(e);
		slot->maker->derived = derived;
		slot->maker->product = slot;
		slot->maker->depth = depth;
	}
	return slot;
}

void evaluation_derive(struct evaluation *e, enum derived derived, struct str subject)
{
	(void)evaluation_derived_slot(e, derived, subject, 0);
}

void evaluation_wait(struct evaluation *e, struct job *job, struct slot *slot)
{
	struct waiter *waiter;

	for (waiter = slot->waiters; waiter; waiter = waiter->next)
		if (waiter->job == job)
			return;
	waiter = ARENA_NEW(&e->slots_arena, struct waiter);
	*waiter = (struct waiter){ .job = job, .next = slot->waiters };
	slot->waiters = waiter;
	job->waiting++;
}

static void slot_arrived(struct slot *slot)
{
	slot->is_there = true;
	for (struct waiter *waiter = slot->waiters; waiter; waiter = waiter->next) {
		waiter->job->waiting--;
		waiter->job->news++;
	}
	slot->waiters = NULL;
}

const struct question *evaluation_next_question(struct evaluation *e)
{
	struct slot *slot = e->handed_out ? e->handed_out->next : e->slots;

	for (; slot; slot = slot->next) {
		e->handed_out = slot;
		if (!slot->key.data[0] || slot->is_there)
			continue;
		if (question_from_key(&e->slots_arena, slot->key, &e->question) == 0)
			return &e->question;
	}
	return NULL;
}

bool evaluation_add(struct evaluation *e, const struct fact *fact)
{
	struct slot *slot = evaluation_question_slot(e, &fact->question);

	if (slot->is_there)
		return false;
	slot->fact = fact;
	slot_arrived(slot);
	return true;
}

static void outcomes_forget(struct job *job)
{
	if (job->family)
		memset(job->outcomes, 0, job->family->check_count * sizeof *job->outcomes);
}

static void job_settle(struct evaluation *e, struct judge *j, const void *derived)
{
	struct job *job = j->job;

	job->is_settled = true;
	e->unsettled--;
	if (!job->product)
		return;
	job->product->derived = derived;
	job->product->gaps = j->gaps;
	job->product->cited = j->cited;
	job->product->evidence = evidence_of_reads(j);
	slot_arrived(job->product);
}

void evaluation_run(struct evaluation *e, struct job *job)
{
	struct arena_mark mark = arena_mark(&e->work);
	const void *derived = NULL;
	struct judge j = {
		.domain = e->request->domain,
		.request = e->request,
		.at_us = e->request->at_us,
		.arena = &e->work,
		.evaluation = e,
		.job = job,
		.run = ++e->runs,
		.about_mask = UINT64_MAX,
	};

	job->news = 0;
	outcomes_forget(job);
	if (job->family) {
		job->family->judge(&j);
	} else {
		j.domain = str_from(job->product->key, 2);
		derived = derive_functions[job->derived](&j);
	}
	if (j.is_pending) {
		outcomes_forget(job);
		arena_rewind(&e->work, mark);
		return;
	}
	job_settle(e, &j, derived);
}

struct job *evaluation_jobs(const struct evaluation *e)
{
	return e->jobs;
}

bool evaluation_job_ready(const struct job *job)
{
	return !job->is_settled && !job->waiting;
}

bool evaluation_is_done(const struct evaluation *e)
{
	return !e->unsettled;
}

/* Waiting for questions is over; waiting for derived facts goes on, as these are made now. */
void evaluation_close(struct evaluation *e, enum failure reason)
{
	e->is_closed = true;
	e->close_reason = reason;
	for (struct slot *slot = e->slots; slot; slot = slot->next)
		if (slot->key.data[0] && !slot->is_there) {
			for (struct waiter *waiter = slot->waiters; waiter; waiter = waiter->next)
				waiter->job->waiting--;
			slot->waiters = NULL;
		}
}

static bool run_ready(struct evaluation *e)
{
	bool has_run = false;

	for (struct job *job = e->jobs; job; job = job->next)
		if (evaluation_job_ready(job)) {
			evaluation_run(e, job);
			has_run = true;
		}
	return has_run;
}

void evaluation_settle(struct evaluation *e)
{
	while (e->unsettled && run_ready(e))
		;
	if (!e->is_closed || !e->unsettled)
		return;
	/* Derived facts that wait for one another: cut the knot. */
	e->is_cutting = true;
	for (struct job *job = e->jobs; job; job = job->next)
		job->waiting = 0;
	for (struct slot *slot = e->slots; slot; slot = slot->next)
		slot->waiters = NULL;
	while (e->unsettled && run_ready(e))
		;
}

size_t evaluation_facts(const struct evaluation *e, struct arena *a, const struct fact ***ret)
{
	const struct fact **facts = arena_array(a, e->slot_count, sizeof(const struct fact *));
	size_t count = 0;

	for (struct slot *slot = e->slots; slot; slot = slot->next)
		if (slot->fact && slot->is_read)
			facts[count++] = slot->fact;
	*ret = facts;
	return count;
}
