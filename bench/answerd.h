/* SPDX-License-Identifier: Apache-2.0 */
/**
 * The peer of DNS measurements: answers every name as a domain with mail would (A 192.0.2.1, MX,
 * SPF, DMARC, TLS reporting, CAA; nothing else), in batches, in a process of its own on the last
 * processor. It dies with the process that started it.
 */
#ifndef DSS_BENCH_ANSWERD_H
#define DSS_BENCH_ANSWERD_H

#include <stdint.h>
#include <sys/types.h>

/** Fork it; returns its port on 127.0.0.1. Ends the program when that fails. */
uint16_t answerd_start(pid_t *ret_pid);
void answerd_stop(pid_t pid);
/** Queries answered so far. */
uint64_t answerd_count(void);

/** Pin this process to the first processor. */
void bench_pin(void);

/** "NAME  ops  wall_s  cpu_ms_per_op  peak_rss_kib" on standard output. Begin before the work. */
struct bench_clock {
	double wall_s, cpu_s;
};
void bench_begin(struct bench_clock *begun);
void bench_end(const struct bench_clock *begun, const char *name, uint64_t ops);
double bench_wall_s(const struct bench_clock *begun);
void bench_print(const char *name, uint64_t ops, double wall_s, double cpu_s, long peak_rss_kib);
/** argv[at] when it is a number, else usual: `./dev bench` gives the build folder as argument. */
uint64_t bench_number(int argc, char **argv, int at, uint64_t usual);

#endif
