/* SPDX-License-Identifier: Apache-2.0 */
/* How many results a second come into a store, synced, and how many octets does an unchanged one add? */
#include "bench/answerd.h"
#include "bench/portfolio.h"

#include <stdio.h>
#include <stdlib.h>

enum { DOMAINS = 2000, RESCANS = 10000 };

static void die(const struct err *err)
{
	fprintf(stderr, "rescans: %s\n", err->text);
	exit(1);
}

static int64_t bytes_of(struct portfolio *p)
{
	struct err err = { 0 };
	int64_t bytes = 0;

	if (portfolio_bytes(p, &bytes, &err) < 0)
		die(&err);
	return bytes;
}

static void rescan(struct portfolio *p, unsigned times)
{
	struct err err = { 0 };

	p->end_wall_s = p->end_cpu_s = 0;
	p->ended = 0;
	while (times--)
		if (portfolio_rescan(p, &err) < 0)
			die(&err);
}

int main(int argc, char **argv)
{
	unsigned domains = (unsigned)bench_number(argc, argv, 1, DOMAINS),
		 rounds = (RESCANS + domains - 1) / domains;
	struct portfolio p;
	struct err err = { 0 };
	int64_t before, begun;

	if (portfolio_open(&p, domains, &err) < 0)
		die(&err);
	begun = bytes_of(&p);
	rescan(&p, 1);
	printf("# %d facts, %d findings a domain; %d results a commit\n", PORTFOLIO_FACTS,
	       PORTFOLIO_FINDINGS, PORTFOLIO_GROUP);
	bench_print("results_first", p.ended, p.end_wall_s, p.end_cpu_s, 0);
	printf("# octets a first scan: %.0f\n", (double)(bytes_of(&p) - begun) / domains);
	rescan(&p, 1);
	before = bytes_of(&p);
	rescan(&p, rounds);
	bench_print("results_unchanged", p.ended, p.end_wall_s, p.end_cpu_s, 0);
	printf("# results a second: %.0f\n", (double)p.ended / p.end_wall_s);
	printf("# octets an unchanged rescan: %.0f\n",
	       (double)(bytes_of(&p) - before) / (double)p.ended);
	portfolio_close(&p);
	return 0;
}
