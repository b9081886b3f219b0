/* SPDX-License-Identifier: Apache-2.0 */
/* How many signed webhooks does one sender deliver a second, over connections that it keeps?
 * bench_deliveries COUNT URL…: to each receiver by turns, with as many under way as it takes. */
#include "base/clock.h"
#include "children/sender.h"
#include "loop/loop.h"

#include <sys/resource.h>

enum { PATIENCE_US = 300000000, BODY_BYTES = 1500 };

struct bench {
	struct sender_process *sender;
	char **urls;
	size_t url_count, count, sent, ended, failed;
	bool is_over;
	char body[BODY_BYTES];
};

static void send_more(struct bench *bench)
{
	static struct str secret = STR_INIT("whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=");
	struct err err = { 0 };

	while (bench->sent < bench->count && !sender_process_is_full(bench->sender)) {
		struct sender_delivery delivery = {
			.number = bench->sent + 1,
			.url = str_of(bench->urls[bench->sent % bench->url_count]),
			.media_type = STR_LIT("application/json"),
			.message_id = STR_LIT("dlv_01jd8q2v7tfx9rz5m3kc6h4b0a"),
			.secrets = &secret,
			.secret_count = 1,
			.body = str_bytes(bench->body, sizeof bench->body),
		};

		if (sender_process_deliver(bench->sender, &delivery, &err) < 0)
			return;
		bench->sent++;
	}
}

static void on_ready(void *data)
{
	send_more(data);
}

static void on_delivered(void *data, const struct sender_delivered *delivered)
{
	struct bench *bench = data;

	bench->ended++;
	bench->failed += delivered->outcome != SENDER_DELIVERED_OK;
	if (delivered->outcome != SENDER_DELIVERED_OK && bench->failed == 1)
		fprintf(stderr, "%.*s\n", STR(delivered->error));
	if (bench->ended == bench->count)
		sender_process_finish(bench->sender);
	else
		send_more(bench);
}

static void on_gone(void *data, int exit_code, bool is_crash, const char *why)
{
	struct bench *bench = data;

	(void)is_crash;
	if (exit_code)
		fprintf(stderr, "%s\n", why);
	bench->is_over = true;
}

static double seconds_of(struct timeval time)
{
	return (double)time.tv_sec + (double)time.tv_usec / 1e6;
}

int main(int argc, char **argv)
{
	static const struct sender_process_events events = { .on_ready = on_ready,
							     .on_delivered = on_delivered,
							     .on_gone = on_gone };
	struct str network = STR_LIT("127.0.0.0/8");
	const struct sender_configuration configuration = { .allow_networks = &network,
							    .allow_network_count = 1 };
	struct bench bench = { .urls = argv + 2, .url_count = (size_t)MAX(argc - 2, 0) };
	struct rusage sender;
	struct err err = { 0 };
	int64_t began_us = clock_monotonic_us();
	double wall_s;
	uv_loop_t loop;

	if (argc < 3)
		return 2;
	bench.count = strtoul(argv[1], NULL, 10);
	memset(bench.body, 'x', sizeof bench.body);
	uv_loop_init(&loop);
	if (sender_process_start(&loop, &configuration, &events, &bench, &bench.sender, &err) < 0 ||
	    loop_run_until(&loop, &bench.is_over, began_us + PATIENCE_US) < 0 || bench.failed ||
	    bench.ended < bench.count) {
		fprintf(stderr, "%s: %zu of %zu ended, %zu failed\n", err.text, bench.ended,
			bench.count, bench.failed);
		return 1;
	}
	wall_s = (double)(clock_monotonic_us() - began_us) / 1e6;
	getrusage(RUSAGE_CHILDREN, &sender);
	printf("webhooks-to-%zu-receivers %zu %.3f %.4f %ld\n", bench.url_count, bench.count,
	       wall_s,
	       (seconds_of(sender.ru_utime) + seconds_of(sender.ru_stime)) * 1000 /
		       (double)bench.count,
	       sender.ru_maxrss);
	sender_process_close(bench.sender);
	return 0;
}
