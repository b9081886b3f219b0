/* SPDX-License-Identifier: Apache-2.0 */
/* What does a query cost through the DNS client, from its name to its matched answer? */
#include "bench/answerd.h"

#include "net/dns_client.h"

enum { NAME_BYTES = 32 };

struct run {
	struct dns_client *client;
	struct dns_destination server;
	uint64_t total, asked, answered, failed;
};

static void ask_more(struct run *run);

static void heard(void *context, const struct dns_result *result)
{
	struct run *run = context;

	*(result->failure ? &run->failed : &run->answered) += 1;
	ask_more(run);
}

static void ask_more(struct run *run)
{
	char name[NAME_BYTES] = "n0000000.example.com";
	uint64_t number = run->asked;
	struct dns_request request = {
		.destinations = &run->server,
		.count = 1,
		.query = { .name = { name, 20 }, .type = DNS_A, .flags = DNS_QUERY_RD },
	};

	if (number == run->total)
		return;
	for (int i = 7; number; i--, number /= 10)
		name[i] = (char)('0' + number % 10);
	if (!dns_client_ask(run->client, &request, heard, run, NULL))
		run->asked++;
}

static void run_through(struct run *run, uv_loop_t *loop, uint64_t total, uint64_t window)
{
	run->total = total;
	run->asked = run->answered = run->failed = 0;
	for (uint64_t i = 0; i < window; i++)
		ask_more(run);
	uv_run(loop, UV_RUN_DEFAULT);
}

int main(int argc, char **argv)
{
	uint64_t total = bench_number(argc, argv, 1, 1000000);
	uint64_t window = bench_number(argc, argv, 2, 1024);
	struct egress egress = { 0 };
	struct dns_client_settings settings = { .egress = &egress, .rows = (uint32_t)window };
	uint8_t loopback[4] = { 127, 0, 0, 1 };
	struct run run = { 0 };
	struct bench_clock begun;
	uv_loop_t loop;
	pid_t pid;

	run.server.port = answerd_start(&pid);
	run.server.address = address_ipv4(loopback);
	bench_pin();
	if (egress_trust(&egress, &run.server.address, run.server.port) < 0 ||
	    uv_loop_init(&loop) < 0 || dns_client_open(&loop, &settings, &run.client) < 0)
		return 5;
	run_through(&run, &loop, total / 10, window);
	bench_begin(&begun);
	run_through(&run, &loop, total, window);
	bench_end(&begun, "dns-client", run.answered);
	fprintf(stderr, "failed %llu, sent %llu\n", (unsigned long long)run.failed,
		(unsigned long long)dns_client_counts(run.client)->sent);
	dns_client_close(run.client);
	uv_run(&loop, UV_RUN_DEFAULT);
	answerd_stop(pid);
	return run.failed ? 1 : 0;
}
