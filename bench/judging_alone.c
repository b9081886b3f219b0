/* SPDX-License-Identifier: Apache-2.0 */
/* What does judging alone cost: all families on the decoded facts of one scan, and its score? */
#include "checks/score.h"
#include "facts/file.h"

#include <stdio.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>

enum { ROUNDS = 20000, FACTS = 4096 };

static double seconds(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static size_t judge_once(const struct scan_request *request, const struct fact *facts, size_t count)
{
	struct arena a = { 0 };
	struct evaluation e;
	struct verdicts verdicts;
	struct score score;
	size_t settled;

	evaluation_init(&e, request, (struct selection){ 0 });
	for (size_t i = 0; i < count; i++)
		(void)evaluation_add(&e, &facts[i]);
	evaluation_settle(&e);
	evaluation_close(&e, FAILURE_MISSING);
	evaluation_settle(&e);
	evaluation_verdicts(&e, &a, &verdicts);
	score_compute(&a, &verdicts, &score);
	settled = score.check_count;
	evaluation_release(&e);
	arena_release(&a);
	return settled;
}

static struct str map(const char *path)
{
	struct stat info;
	FILE *file = fopen(path, "rb");
	void *bytes;

	if (!file || fstat(fileno(file), &info))
		return STR_NONE;
	bytes = mmap(NULL, (size_t)info.st_size, PROT_READ, MAP_PRIVATE, fileno(file), 0);
	fclose(file);
	return bytes == MAP_FAILED ? STR_NONE : str_bytes(bytes, (size_t)info.st_size);
}

/* judging_alone FACTS-FILE: of its first scan. */
int main(int argc, char **argv)
{
	struct facts_file file = { .rest = argc > 1 ? map(argv[1]) : STR_NONE };
	struct facts_scan scan;
	struct arena a = { 0 };
	struct err err = { 0 };
	struct fact *facts = arena_array(&a, FACTS, sizeof *facts);
	struct scan_request request;
	struct rusage usage;
	size_t count = 0, settled = 0;
	double wall, cpu;

	if (facts_file_scan(&a, &file, &scan, &err) <= 0) {
		fprintf(stderr, "usage: judging_alone FACTS-FILE: %s\n", err.text);
		return 2;
	}
	while (count < FACTS && facts_file_fact(&a, &file, &facts[count], &err) > 0)
		count++;
	request = (struct scan_request){ .domain = scan.domain,
					 .at_us = scan.at_us,
					 .is_active = scan.is_active };
	wall = seconds(CLOCK_MONOTONIC);
	cpu = seconds(CLOCK_PROCESS_CPUTIME_ID);
	for (int i = 0; i < ROUNDS; i++)
		settled = judge_once(&request, facts, count);
	wall = seconds(CLOCK_MONOTONIC) - wall;
	cpu = seconds(CLOCK_PROCESS_CPUTIME_ID) - cpu;
	getrusage(RUSAGE_SELF, &usage);
	printf("# %zu facts, %zu checks settled\n", count, settled);
	printf("judging-alone %d %.4f %.7f %ld\n", ROUNDS, wall, cpu * 1000 / ROUNDS,
	       usage.ru_maxrss);
	arena_release(&a);
	return 0;
}
