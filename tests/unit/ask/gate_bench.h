/* SPDX-License-Identifier: Apache-2.0 */
/** One gate over a scripted resolver on loopback, and scans that count what they hear. */
#ifndef DSS_TESTS_UNIT_ASK_GATE_BENCH_H
#define DSS_TESTS_UNIT_ASK_GATE_BENCH_H

#include "ask/gate.h"
#include "tests/unit/net/dns_peer.h"

enum { SHORT_CONFIRM_US = 20000 };

struct gate_bench {
	uv_loop_t loop;
	struct timers timers;
	struct network allowed;
	struct egress egress;
	struct peer resolver;
	struct gate *gate;
};

/** settings: what differs from the usual of these tests; may be NULL. */
void gate_bench_open(struct gate_bench *bench, const struct gate_settings *settings);
/** Closes the gate first, whatever is under way, and insists that nothing of it is left. */
void gate_bench_close(struct gate_bench *bench);

struct test_scan {
	struct gate_scan account; /* first */
	unsigned heard;
	struct gate_waiter waiter;
	/** When it hears, it forgets these. */
	struct gate_waiter *forgets[4];
	struct gate *gate;
	uint8_t failure;
	struct address from;
};

void test_scan_init(struct test_scan *scan, struct gate_bench *bench);
/** Ask "name type" through scan->waiter. */
const struct fact *test_scan_ask(struct test_scan *scan, const char *name, uint16_t type);
/** Run the loop until *heard is at least count. */
void gate_bench_until(struct gate_bench *bench, const unsigned *heard, unsigned count);

#endif
