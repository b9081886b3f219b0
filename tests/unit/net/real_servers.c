/* SPDX-License-Identifier: Apache-2.0 */
/* Does the DNS client agree with real servers: an authoritative NSD, and Unbound in front of it? */
#include "tests/unit/net/dns_peer.h"

#include "base/clock.h"
#include "net/axfr.h"

#include <signal.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { BIG_ZONE_RECORDS = 12000, START_US = 10000000 };

static struct bench bench;
static struct peer holder;
static char folder[] = "/tmp/dss-net-XXXXXX";
static pid_t nsd, unbound;

static const char zone[] = "$ORIGIN example.com.\n$TTL 300\n"
			   "@ SOA ns hostmaster 1 7200 3600 1209600 300\n@ NS ns\n"
			   "ns A 192.0.2.53\nwww A 192.0.2.80\nalias CNAME www\n";

static FILE *file_open(const char *name)
{
	char path[128];
	FILE *file;

	(void)!snprintf(path, sizeof path, "%s/%s", folder, name);
	file = fopen(path, "w");
	CHECK(file != NULL);
	return file;
}

static void zones_write(void)
{
	FILE *file = file_open("example.zone");

	(void)!fputs(zone, file);
	for (int i = 0; i < 30; i++) /* more than a datagram holds */
		(void)!fprintf(file, "big TXT \"%02d %s\"\n", i,
			       "a text of a length such that thirty of them need another way");
	CHECK(fclose(file) == 0);
	file = file_open("closed.zone");
	(void)!fputs("$TTL 300\n@ SOA ns h 1 2 3 4 5\n@ NS ns\nns A 192.0.2.1\n", file);
	CHECK(fclose(file) == 0);
	file = file_open("large.zone");
	(void)!fputs("$ORIGIN large.test.\n$TTL 300\n@ SOA ns h 1 2 3 4 5\n@ NS ns\n", file);
	for (int i = 0; i < BIG_ZONE_RECORDS; i++)
		(void)!fprintf(file, "n%d A 192.0.2.1\n", i);
	CHECK(fclose(file) == 0);
}

static void nsd_configure(uint16_t port)
{
	FILE *file = file_open("nsd.conf");

	(void)!fprintf(file,
		       "server:\n ip-address: 127.0.0.1@%u\n username: \"\"\n zonesdir: \"%s\"\n"
		       " logfile: \"%s/nsd.log\"\n pidfile: \"\"\n database: \"\"\n"
		       " xfrdfile: \"%s/xfrd\"\n zonelistfile: \"%s/list\"\n xfrdir: \"%s\"\n"
		       " server-count: 1\n rrl-ratelimit: 0\n"
		       "remote-control:\n control-enable: no\n"
		       "zone:\n name: example.com\n zonefile: example.zone\n"
		       " provide-xfr: 127.0.0.1 NOKEY\n"
		       "zone:\n name: large.test\n zonefile: large.zone\n"
		       " provide-xfr: 127.0.0.1 NOKEY\n"
		       "zone:\n name: closed.test\n zonefile: closed.zone\n",
		       port, folder, folder, folder, folder, folder);
	CHECK(fclose(file) == 0);
}

static void unbound_configure(uint16_t port, uint16_t nsd_port)
{
	FILE *file = file_open("unbound.conf");

	(void)!fprintf(file,
		       "server:\n interface: 127.0.0.1@%u\n username: \"\"\n chroot: \"\"\n"
		       " directory: \"%s\"\n pidfile: \"\"\n use-syslog: no\n do-daemonize: no\n"
		       " logfile: \"%s/unbound.log\"\n num-threads: 1\n"
		       " do-not-query-localhost: no\n module-config: \"iterator\"\n"
		       "remote-control:\n control-enable: no\n"
		       "stub-zone:\n name: example.com\n stub-addr: 127.0.0.1@%u\n",
		       port, folder, folder, nsd_port);
	CHECK(fclose(file) == 0);
}

static pid_t program_start(const char *program, const char *config)
{
	char path[128];
	pid_t pid;

	(void)!snprintf(path, sizeof path, "%s/%s", folder, config);
	pid = fork();
	CHECK(pid >= 0);
	if (!pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		unsetenv("LD_PRELOAD");
		execl(program, program, "-d", "-c", path, (char *)NULL);
		_exit(127);
	}
	return pid;
}

static void program_stop(pid_t pid)
{
	kill(pid, SIGTERM);
	CHECK(waitpid(pid, NULL, 0) == pid);
}

/* A port that was free a moment ago. */
static uint16_t free_port(void)
{
	peer_open(&holder, &bench.loop, "127.0.0.1");
	peer_close(&holder);
	while (uv_run(&bench.loop, UV_RUN_NOWAIT))
		;
	return holder.port;
}

static const struct dns_result *ask(uint16_t port, const char *name, uint16_t type, uint32_t flags)
{
	struct dns_destination to = { .port = port };
	struct dns_request request = {
		.destinations = &to,
		.count = 1,
		.query = { .name = str_of(name), .type = type, .flags = flags }
	};
	unsigned done = bench.done;

	CHECK(address_parse(str_of("127.0.0.1"), &to.address) == 0);
	bench_ask(&bench, &request);
	bench_until(&bench, done + 1);
	return &bench.result;
}

static void wait_for(uint16_t port)
{
	int64_t end = clock_monotonic_us() + START_US;

	while (ask(port, "www.example.com", DNS_A, DNS_QUERY_RD)->failure) {
		CHECK(clock_monotonic_us() < end);
		usleep(20000);
	}
}

static struct dns_answer read_answer(struct arena *a, const char *name, uint16_t type,
				     uint32_t flags)
{
	struct dns_query query = { .name = str_of(name), .type = type, .flags = flags };
	struct dns_answer answer;
	struct err err;

	CHECK_INT(bench.result.failure, DNS_FAILURE_NONE);
	CHECK_INT(dns_answer_read(a, bench.result.packet, &query, &answer, &err), 0);
	return answer;
}

static struct axfr_result transfer;
static unsigned transfers;

static void transferred(void *context, const struct axfr_result *result)
{
	transfer = *result;
	transfers++;
}

static const struct axfr_result *transfer_ask(uint16_t port, const char *name)
{
	struct axfr_request request = { .port = port, .zone = str_of(name) };
	unsigned before = transfers;

	CHECK(address_parse(str_of("127.0.0.1"), &request.server) == 0);
	CHECK_INT(axfr_start(&bench.loop, &bench.egress, &request, transferred, NULL, NULL), 0);
	while (transfers == before)
		uv_run(&bench.loop, UV_RUN_ONCE);
	return &transfer;
}

static void check_nsd(struct arena *a, uint16_t port)
{
	struct dns_answer answer;

	ask(port, "www.example.com", DNS_A, 0);
	answer = read_answer(a, "www.example.com", DNS_A, 0);
	CHECK(answer.count == 1 && answer.is_authoritative && !answer.is_tcp);
	CHECK(bench.result.is_case_kept && !bench.result.was_truncated);
	ask(port, "no.example.com", DNS_A, 0);
	answer = read_answer(a, "no.example.com", DNS_A, 0);
	CHECK(dns_is_nxdomain(&answer));
	ask(port, "big.example.com", DNS_TXT, 0);
	CHECK_INT(read_answer(a, "big.example.com", DNS_TXT, 0).count, 30);
	CHECK(bench.result.is_tcp && bench.result.was_truncated);
	ask(port, "big.example.com", DNS_TXT, DNS_QUERY_NO_TCP);
	CHECK(!bench.result.is_tcp && bench.result.was_truncated);
	ask(port, "elsewhere.test", DNS_A, 0);
	CHECK_INT(read_answer(a, "elsewhere.test", DNS_A, 0).rcode, DNS_REFUSED);
	ask(port, "example.com", DNS_SOA, DNS_QUERY_OPCODE_15);
	CHECK_INT(bench.result.failure, DNS_FAILURE_NONE);
	CHECK_INT(bench.result.packet.data[3] & 15, DNS_NOTIMP);
	ask(port, "example.com", DNS_SOA, DNS_QUERY_EDNS_VERSION_1);
	CHECK_INT(read_answer(a, "example.com", DNS_SOA, DNS_QUERY_EDNS_VERSION_1).rcode,
		  DNS_BADVERS);
	for (int i = 0; i < 20; i++)
		CHECK(ask(port, "www.example.com", DNS_A, DNS_QUERY_TCP)->is_tcp);
}

static void check_transfers(uint16_t port)
{
	CHECK_INT(transfer_ask(port, "example.com")->failure, DNS_FAILURE_NONE);
	CHECK(transfer.is_complete);
	CHECK_INT(transfer.record_count, 36);
	CHECK_INT(transfer.soa_count, 2);
	CHECK_INT(transfer_ask(port, "large.test")->failure, DNS_FAILURE_NONE);
	CHECK_INT(transfer.record_count, AXFR_RECORDS);
	CHECK(!transfer.is_complete);
	CHECK_INT(transfer_ask(port, "closed.test")->failure, DNS_FAILURE_NONE);
	CHECK_INT(transfer.rcode, DNS_REFUSED);
	CHECK_INT(transfer.record_count, 0);
	ask(port, "closed.test", DNS_SOA, 0);
	CHECK_INT(bench.result.packet.data[3] & 15, DNS_NOERROR);
}

TEST(nsd_and_unbound_answer_as_they_do_to_anyone)
{
	uint16_t nsd_port, unbound_port;
	struct arena a = { 0 };
	struct dns_answer answer;

	CHECK(mkdtemp(folder) != NULL);
	bench_open(&bench, NULL);
	nsd_port = free_port();
	unbound_port = free_port();
	zones_write();
	nsd_configure(nsd_port);
	unbound_configure(unbound_port, nsd_port);
	nsd = program_start("/usr/sbin/nsd", "nsd.conf");
	wait_for(nsd_port);
	check_nsd(&a, nsd_port);
	check_transfers(nsd_port);
	unbound = program_start("/usr/sbin/unbound", "unbound.conf");
	wait_for(unbound_port);
	ask(unbound_port, "alias.example.com", DNS_A, DNS_QUERY_RD);
	answer = read_answer(&a, "alias.example.com", DNS_A, DNS_QUERY_RD);
	CHECK(answer.count == 1 && answer.chain_count == 1 && answer.has_recursion);
	ask(unbound_port, "big.example.com", DNS_TXT, DNS_QUERY_RD);
	CHECK_INT(read_answer(&a, "big.example.com", DNS_TXT, DNS_QUERY_RD).count, 30);
	CHECK(bench.result.is_tcp);
	program_stop(unbound);
	program_stop(nsd);
	CHECK_INT(ask(nsd_port, "www.example.com", DNS_A, 0)->failure, DNS_FAILURE_REFUSED);
	CHECK_INT(transfer_ask(nsd_port, "example.com")->failure, DNS_FAILURE_REFUSED);
	arena_release(&a);
	bench_close(&bench);
}

static void folder_remove(void)
{
	static const char *const files[] = { "example.zone", "closed.zone", "large.zone",
					     "nsd.conf",     "nsd.log",     "unbound.conf",
					     "unbound.log",  "xfrd",        "list" };
	char path[128];

	for (size_t i = 0; i < ARRAY_COUNT(files); i++) {
		(void)!snprintf(path, sizeof path, "%s/%s", folder, files[i]);
		(void)!unlink(path);
	}
	(void)!rmdir(folder);
}

__attribute__((destructor)) static void clean_up(void)
{
	folder_remove();
}

TEST(a_transfer_that_is_denied_or_cancelled_calls_nobody)
{
	struct axfr_request request = { .zone = STR_LIT("example.com"), .port = 1 };
	struct axfr *axfr;
	unsigned before = transfers;

	bench_open(&bench, NULL);
	CHECK(address_parse(str_of("10.0.0.1"), &request.server) == 0);
	CHECK_INT(axfr_start(&bench.loop, &bench.egress, &request, transferred, NULL, NULL),
		  ERR_DENIED);
	CHECK(address_parse(str_of("127.0.0.1"), &request.server) == 0);
	request.port = free_port();
	CHECK_INT(axfr_start(&bench.loop, &bench.egress, &request, transferred, NULL, &axfr), 0);
	axfr_cancel(axfr);
	bench_close(&bench);
	CHECK_INT(transfers, before);
}

static void transfer_garbage(struct peer *p, struct str query, const struct peer_from *from)
{
	uint8_t out[1024];
	struct str packet = peer_answer(query, 1, out);

	out[7] = 200; /* records that are not there */
	peer_send(p, from, packet);
}

static void transfer_without_end(struct peer *p, struct str query, const struct peer_from *from)
{
	peer_reply(p, query, from);
}

TEST(a_broken_transfer_is_garbage_and_one_without_end_counts_what_came)
{
	static struct peer peer;
	struct axfr_request request = { .zone = STR_LIT("example.com"), .timeout_us = 60000 };
	unsigned before;

	pair_open(&bench, &peer, NULL);
	request.server = peer.address;
	request.port = peer.port;
	for (int i = 0; i < 3; i++) {
		before = transfers;
		peer.on_tcp = i == 0 ? transfer_garbage : i == 1 ? transfer_without_end : NULL;
		CHECK_INT(axfr_start(&bench.loop, &bench.egress, &request, transferred, NULL, NULL),
			  0);
		while (transfers == before)
			uv_run(&bench.loop, UV_RUN_ONCE);
		CHECK_INT(transfer.failure, i == 0   ? DNS_FAILURE_GARBAGE
					    : i == 1 ? DNS_FAILURE_NONE
						     : DNS_FAILURE_TIMEOUT);
		CHECK_INT(transfer.record_count, i == 0 ? 1 : i == 1);
	}
	pair_close(&bench, &peer);
}
