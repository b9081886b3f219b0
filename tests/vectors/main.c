/* SPDX-License-Identifier: Apache-2.0 */
/* Do all families give the verdicts that their vectors want, and is every verdict of a check wanted? */
#include "tests/file.h"
#include "tests/vectors/vectors.h"

#include <stdio.h>

enum { CHECKS = 1024 };

static unsigned passed, failed;
static struct {
	const struct check *check;
	bool is_seen[4];
} seen[CHECKS];

static void see(const struct check *check, enum verdict verdict)
{
	for (size_t i = 0; i < CHECKS; i++)
		if (!seen[i].check || seen[i].check == check) {
			seen[i].check = check;
			seen[i].is_seen[verdict] = true;
			return;
		}
}

static bool is_seen(const struct check *check, enum verdict verdict)
{
	for (size_t i = 0; i < CHECKS && seen[i].check; i++)
		if (seen[i].check == check)
			return seen[i].is_seen[verdict];
	return false;
}

static unsigned check_wants(const struct vector_file *file, const struct vector_case *vc,
			    const struct run *run)
{
	unsigned wrong = 0;

	for (size_t i = 0; i < vc->want_count; i++) {
		const struct want *want = &vc->wants[i];
		enum verdict verdict = run_verdict(run, want->check);

		see(want->check, want->verdict);
		if (verdict != want->verdict) {
			printf("%s:%u: case \"%.*s\": %s is %s, not %s\n", file->path, want->line,
			       STR(vc->name), want->check->id, verdict_word(verdict),
			       verdict_word(want->verdict));
			wrong++;
		} else if (want->subject.len && !run_has_finding(run, want->check, want->subject)) {
			printf("%s:%u: case \"%.*s\": %s has no finding about %.*s\n", file->path,
			       want->line, STR(vc->name), want->check->id, STR(want->subject));
			wrong++;
		}
	}
	return wrong;
}

static bool is_wanted(const struct vector_case *vc, const struct finding *finding)
{
	for (size_t i = 0; i < vc->want_count; i++)
		if (vc->wants[i].check == finding->check && vc->wants[i].verdict == VERDICT_FAIL &&
		    (!vc->wants[i].subject.len || str_eq(vc->wants[i].subject, finding->subject)))
			return true;
	return false;
}

static unsigned check_others(const struct vector_file *file, const struct vector_case *vc,
			     const struct run *run)
{
	unsigned wrong = 0;

	for (size_t i = 0; i < run->verdicts.finding_count; i++) {
		const struct finding *finding = &run->verdicts.findings[i];

		if (is_wanted(vc, finding))
			continue;
		printf("%s:%u: case \"%.*s\": %s fails for \"%.*s\" and no line wants it: %.*s\n",
		       file->path, vc->line, STR(vc->name), finding->check->id,
		       STR(finding->subject), STR(finding->text));
		wrong++;
	}
	return wrong;
}

static void explain(const struct run *run)
{
	for (size_t i = 0; i < run->verdicts.result_count; i++)
		if (run->verdicts.results[i].verdict == VERDICT_UNKNOWN)
			printf("\tunknown %s: %.*s\n", run->verdicts.results[i].check->id,
			       STR(run->verdicts.results[i].reason));
	if (run->missing.len)
		printf("\tasked, and no fact answers:\n%.*s", (int)run->missing.len,
		       run->missing.data);
}

static void test_case(const struct vector_file *file, const struct vector_case *vc)
{
	unsigned wrong;
	struct run run;

	run_case(&run, file, vc, NULL, 0);
	wrong = check_wants(file, vc, &run) + check_others(file, vc, &run);
	if (wrong)
		explain(&run);
	else
		wrong = prove_case(file, vc, &run);
	run_release(&run);
	passed += !wrong;
	failed += !!wrong;
}

/* Each check of the families under test must be seen to pass and to fail; unknown is proved by masking. */
static void check_coverage(const struct vector_file *file)
{
	static const enum verdict needed[] = { VERDICT_PASS, VERDICT_FAIL };

	for (size_t i = 0; families[i]; i++)
		for (size_t k = 0; k < families[i]->check_count; k++)
			for (size_t n = 0; n < ARRAY_COUNT(needed); n++) {
				const struct check *check = &families[i]->checks[k];
				bool is_excused = is_seen(check, needed[n]);

				if (!vector_file_has(file, check))
					continue;
				for (size_t m = 0; m < file->never_count; m++)
					is_excused |= file->nevers[m].check == check &&
						      file->nevers[m].verdict == needed[n];
				if (is_excused)
					continue;
				printf("%s: no case wants %s %s\n", file->path, check->id,
				       verdict_word(needed[n]));
				failed++;
			}
}

static void test_file(const char *path, const char *only)
{
	struct arena a = { 0 };
	struct vector_file file;
	struct err err = { 0 };
	struct str text;

	if (test_file_read(&a, path, &text) < 0) {
		printf("%s: cannot be read\n", path);
		failed++;
	} else if (vector_file_read(&a, path, text, &file, &err) < 0) {
		printf("%s\n", err.text);
		failed++;
	} else {
		for (size_t i = 0; i < file.case_count; i++)
			if (!only || str_find(file.cases[i].name, str_of(only)) >= 0)
				test_case(&file, &file.cases[i]);
		if (!only)
			check_coverage(&file);
	}
	arena_release(&a);
}

/* Every family has vectors: one without is a failure. */
static void check_families(void)
{
	for (size_t i = 0; families[i]; i++)
		if (!is_seen(&families[i]->checks[0], VERDICT_PASS) &&
		    !is_seen(&families[i]->checks[0], VERDICT_FAIL)) {
			printf("no vectors for the family %s (%s)\n", families[i]->name,
			       families[i]->checks[0].id);
			failed++;
		}
}

int main(int argc, char **argv)
{
	const char *only = NULL;
	int files = 0;

	for (int i = 1; i < argc; i++)
		if (argv[i][0] == '=')
			only = argv[i] + 1;
	for (int i = 1; i < argc; i++)
		if (argv[i][0] != '=') {
			test_file(argv[i], only);
			files++;
		}
	if (!only && files > 1)
		check_families();
	printf("%u passed, %u failed\n", passed, failed);
	return failed || !passed ? 1 : 0;
}
