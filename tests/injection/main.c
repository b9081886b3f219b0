/* SPDX-License-Identifier: Apache-2.0 */
/* Does a time-out at any one question of a scan add a finding? It must not: silence is no fault. */
#include "checks/evaluation.h"
#include "facts/file.h"
#include "tests/file.h"

#include <stdio.h>

enum { SCAN_FACTS = 4096 };

struct stored {
	struct scan_request request;
	struct fact *facts;
	size_t count;
};

static unsigned passed, failed;

/* Judge the stored facts, with one of them replaced by silence (silent == count: none). */
static void judge(const struct stored *stored, size_t silent, struct evaluation *e, struct arena *a,
		  struct verdicts *ret)
{
	struct fact *nothing = ARENA_NEW(a, struct fact);

	evaluation_init(e, &stored->request, (struct selection){ 0 });
	for (size_t i = 0; i < stored->count; i++) {
		const struct fact *fact = &stored->facts[i];

		if (i == silent) {
			*nothing = (struct fact){ .question = fact->question,
						  .failure = FAILURE_TIMEOUT };
			fact = nothing;
		}
		(void)evaluation_add(e, fact);
	}
	evaluation_settle(e);
	evaluation_close(e, FAILURE_MISSING);
	evaluation_settle(e);
	evaluation_verdicts(e, a, ret);
}

static bool has_finding(const struct verdicts *verdicts, const struct finding *wanted)
{
	for (size_t i = 0; i < verdicts->finding_count; i++)
		if (verdicts->findings[i].check == wanted->check &&
		    str_eq(verdicts->findings[i].subject, wanted->subject))
			return true;
	return false;
}

static unsigned inject(const struct stored *stored, const struct verdicts *before, size_t silent)
{
	struct arena a = { 0 };
	struct evaluation e;
	struct verdicts after;
	unsigned added = 0;

	judge(stored, silent, &e, &a, &after);
	for (size_t i = 0; i < after.finding_count; i++) {
		struct buf question;

		if (has_finding(before, &after.findings[i]))
			continue;
		buf_init(&question, &a);
		question_text(&question, &stored->facts[silent].question);
		printf("%.*s: a time-out of \"%.*s\" gives %s: %.*s\n", STR(stored->request.domain),
		       STR(buf_str(&question)), after.findings[i].check->id,
		       STR(after.findings[i].text));
		added++;
	}
	evaluation_release(&e);
	arena_release(&a);
	return added;
}

static void test_scan(const struct stored *stored)
{
	struct arena a = { 0 };
	struct evaluation e;
	struct verdicts before;

	judge(stored, stored->count, &e, &a, &before);
	if (!before.result_count || !stored->count) {
		printf("%.*s: nothing was judged\n", STR(stored->request.domain));
		failed++;
	}
	for (size_t i = 0; i < stored->count; i++) {
		unsigned added = fact_is_answer(&stored->facts[i]) ? inject(stored, &before, i) : 0;

		passed += !added;
		failed += !!added;
	}
	evaluation_release(&e);
	arena_release(&a);
}

static int read_scan(struct arena *a, struct facts_file *file, const struct facts_scan *scan,
		     struct stored *ret, struct err *err)
{
	int code;

	*ret = (struct stored){ .request = { .domain = scan->domain,
					     .at_us = scan->at_us,
					     .is_active = scan->is_active,
					     .dkim_selectors = scan->dkim_selectors,
					     .dkim_selector_count = scan->dkim_selector_count } };
	ret->facts = arena_array(a, SCAN_FACTS, sizeof *ret->facts);
	while ((code = facts_file_fact(a, file, &ret->facts[ret->count], err)) > 0)
		if (++ret->count == SCAN_FACTS)
			return err_set(err, ERR_LIMIT, "more than %d facts", SCAN_FACTS);
	return code;
}

static int test_file(struct arena *a, const char *path, struct err *err)
{
	struct facts_file file = { 0 };
	struct facts_scan scan;
	int code;

	if (test_file_read(a, path, &file.rest) < 0)
		return err_set(err, -EIO, "cannot be read");
	while ((code = facts_file_scan(a, &file, &scan, err)) > 0) {
		struct stored stored;

		TRY(read_scan(a, &file, &scan, &stored, err));
		test_scan(&stored);
	}
	return code;
}

int main(int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		struct arena a = { 0 };
		struct err err = { 0 };

		if (test_file(&a, argv[i], &err) < 0) {
			printf("%s: %s\n", argv[i], err.text);
			failed++;
		}
		arena_release(&a);
	}
	printf("%u passed, %u failed\n", passed, failed);
	return failed || !passed ? 1 : 0;
}
