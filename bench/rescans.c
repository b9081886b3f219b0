/* SPDX-License-Identifier: Apache-2.0 */
/* How many results a second come into a store, synced, how many octets does an unchanged one add, and
 * does a store that lets go what is old stay as large as it is? */
#include "bench/answerd.h"
#include "bench/portfolio.h"
#include "base/clock.h"

#include <stdio.h>
#include <stdlib.h>

enum { DOMAINS = 2000, RESCANS = 10000, KEPT_ROUNDS = 8, ROUNDS = 40, SHOWN = 8 };

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

/* A tenth of the domains changes each round: with what is older than KEPT_ROUNDS let go, and with all
 * of it kept. */
static void grow(unsigned domains, bool expires)
{
	struct portfolio p;
	struct err err = { 0 };
	double longest_s = 0;

	if (portfolio_open(&p, domains, &err) < 0)
		die(&err);
	p.changing = domains / 10;
	for (unsigned round = 1; round <= ROUNDS; round++) {
		int64_t begun_us;

		rescan(&p, 1);
		begun_us = clock_monotonic_us();
		if (expires && portfolio_expire(&p, KEPT_ROUNDS, &err) < 0)
			die(&err);
		longest_s = MAX(longest_s, (double)(clock_monotonic_us() - begun_us) / 1e6);
		if (round % SHOWN == 0)
			printf("# octets after %2u rounds%s: %lld\n", round,
			       expires ? ", 8 kept" : "", (long long)bytes_of(&p));
	}
	if (expires)
		printf("# longest round of retention: %.3f s for %u domains\n", longest_s, domains);
	portfolio_close(&p);
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
	bench_print(p.is_file ? "results_first" : "results_first-postgres", p.ended, p.end_wall_s,
		    p.end_cpu_s, 0);
	printf("# octets a first scan: %.0f\n", (double)(bytes_of(&p) - begun) / domains);
	rescan(&p, 1);
	before = bytes_of(&p);
	rescan(&p, rounds);
	bench_print(p.is_file ? "results_unchanged" : "results_unchanged-postgres", p.ended,
		    p.end_wall_s, p.end_cpu_s, 0);
	printf("# results a second: %.0f\n", (double)p.ended / p.end_wall_s);
	printf("# octets an unchanged rescan: %.0f\n",
	       (double)(bytes_of(&p) - before) / (double)p.ended);
	portfolio_close(&p);
	if (!p.is_file)
		return 0;
	grow(domains / 4, false);
	grow(domains / 4, true);
	return 0;
}
