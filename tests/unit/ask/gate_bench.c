/* SPDX-License-Identifier: Apache-2.0 */
/* How is a gate set up over a scripted resolver? */
#include "tests/unit/ask/gate_bench.h"

#include "base/clock.h"

void gate_bench_open(struct gate_bench *bench, const struct gate_settings *settings)
{
	struct gate_settings own = settings ? *settings : (struct gate_settings){ 0 };

	memset(bench, 0, sizeof *bench);
	CHECK(uv_loop_init(&bench->loop) == 0);
	timers_open(&bench->timers, &bench->loop);
	CHECK(network_parse(str_of("127.0.0.0/8"), &bench->allowed, NULL) == 0);
	bench->egress.policy = (struct policy){ &bench->allowed, 1 };
	peer_open(&bench->resolver, &bench->loop, "127.0.0.1");
	bench->resolver.on_udp = peer_reply;
	CHECK(egress_trust(&bench->egress, &bench->resolver.address, bench->resolver.port) == 0);
	own.loop = &bench->loop;
	own.timers = &bench->timers;
	own.egress = &bench->egress;
	own.resolvers[0] = peer_destination(&bench->resolver);
	own.resolver_count = 1;
	if (!own.confirm_us)
		own.confirm_us = SHORT_CONFIRM_US;
	CHECK(gate_open(&own, &bench->gate) == 0);
}

void gate_bench_close(struct gate_bench *bench)
{
	gate_close(bench->gate);
	timers_close(&bench->timers);
	peer_close(&bench->resolver);
	uv_run(&bench->loop, UV_RUN_DEFAULT);
	CHECK(uv_loop_close(&bench->loop) == 0);
}

static void on_fact(struct gate_scan *account, const struct fact *fact)
{
	struct test_scan *scan = (struct test_scan *)account;

	scan->heard++;
	scan->failure = fact->failure;
	scan->from = fact->from;
	for (size_t i = 0; i < ARRAY_COUNT(scan->forgets); i++)
		if (scan->forgets[i])
			gate_forget(scan->gate, scan->forgets[i]);
}

void test_scan_init(struct test_scan *scan, struct gate_bench *bench)
{
	*scan = (struct test_scan){
		.account = { .kinds = 1u << KIND_dns | 1u << KIND_dns_at | 1u << KIND_axfr,
			     .questions_left = 100,
			     .on_fact = on_fact },
		.gate = bench->gate,
	};
}

const struct fact *test_scan_ask(struct test_scan *scan, const char *name, uint16_t type)
{
	struct question question = { .kind = KIND_dns,
				     .dns = { .name = str_of(name), .type = type } };

	return gate_ask(scan->gate, &scan->account, &question, &scan->waiter);
}

static void on_wake(uv_timer_t *timer)
{
	(void)timer; /* a loop that has nothing left to wait for must not end the test early */
}

void gate_bench_until(struct gate_bench *bench, const unsigned *heard, unsigned count)
{
	int64_t until_us = clock_monotonic_us() + 30 * 1000000ll;
	uv_timer_t wake;

	CHECK(uv_timer_init(&bench->loop, &wake) == 0);
	uv_timer_start(&wake, on_wake, 100, 100);
	while (*heard < count && clock_monotonic_us() < until_us)
		uv_run(&bench->loop, UV_RUN_ONCE);
	uv_close((uv_handle_t *)&wake, NULL);
	uv_run(&bench->loop, UV_RUN_NOWAIT);
	CHECK_INT(*heard, count);
}
