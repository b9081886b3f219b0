/* SPDX-License-Identifier: Apache-2.0 */
/* What answers DNS queries in measurements, at the least cost? */
#include "bench/answerd.h"

#include "base/str.h"

#include <netinet/in.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { BATCH = 128, PACKET_BYTES = 600 };

struct inbox {
	struct mmsghdr messages[BATCH];
	struct iovec parts[BATCH];
	struct sockaddr_in from[BATCH];
	uint8_t bytes[BATCH][PACKET_BYTES];
};

static void must(bool is_well, const char *what)
{
	if (is_well)
		return;
	perror(what);
	exit(5);
}

static void pin(int processor)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(processor, &set);
	must(!sched_setaffinity(0, sizeof set, &set), "sched_setaffinity");
}

void bench_pin(void)
{
	pin(0);
}

/* The question stays; what follows it (OPT) makes room for the answer. Returns the length. */
static size_t answer(uint8_t *packet, size_t len)
{
	static const uint8_t record[] = { 0xc0, 12, 0, 1, 0, 1, 0, 0, 1, 44, 0, 4, 192, 0, 2, 1 };
	size_t at = 12;

	while (at < len && packet[at])
		at += packet[at] + 1u;
	at += 5;
	if (at > len || at + sizeof record > PACKET_BYTES)
		return 0;
	packet[2] |= 0x84;
	packet[3] = 0x80;
	memset(packet + 6, 0, 6);
	packet[7] = 1;
	memcpy(packet + at, record, sizeof record);
	return at + sizeof record;
}

static void serve(int fd)
{
	static struct inbox inbox;

	for (;;) {
		int count;

		for (int i = 0; i < BATCH; i++) {
			inbox.parts[i] = (struct iovec){ inbox.bytes[i], PACKET_BYTES };
			inbox.messages[i].msg_hdr =
				(struct msghdr){ .msg_name = &inbox.from[i],
						 .msg_namelen = sizeof inbox.from[i],
						 .msg_iov = &inbox.parts[i],
						 .msg_iovlen = 1 };
		}
		count = recvmmsg(fd, inbox.messages, BATCH, MSG_WAITFORONE, NULL);
		for (int i = 0; i < count; i++)
			inbox.parts[i].iov_len = answer(inbox.bytes[i], inbox.messages[i].msg_len);
		for (int sent = 0; sent < count;) {
			int more = sendmmsg(fd, inbox.messages + sent, (unsigned)(count - sent), 0);

			sent += more > 0 ? more : 1;
		}
	}
}

uint16_t answerd_start(pid_t *ret_pid)
{
	struct sockaddr_in name = { .sin_family = AF_INET,
				    .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof name;
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), bytes = 8 << 20;
	long processors = sysconf(_SC_NPROCESSORS_ONLN);

	must(fd >= 0 && !bind(fd, (struct sockaddr *)&name, len), "bind");
	must(!getsockname(fd, (struct sockaddr *)&name, &len), "getsockname");
	(void)!setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof bytes);
	*ret_pid = fork();
	must(*ret_pid >= 0, "fork");
	if (!*ret_pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		pin((int)processors - 1);
		serve(fd);
	}
	close(fd);
	return ntohs(name.sin_port);
}

void answerd_stop(pid_t pid)
{
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

static double cpu_now(void)
{
	struct rusage usage;

	getrusage(RUSAGE_SELF, &usage);
	return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
	       (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

static double wall_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

void bench_begin(struct bench_clock *begun)
{
	*begun = (struct bench_clock){ wall_now(), cpu_now() };
}

double bench_wall_s(const struct bench_clock *begun)
{
	return wall_now() - begun->wall_s;
}

void bench_print(const char *name, uint64_t ops, double wall_s, double cpu_s, long peak_rss_kib)
{
	printf("%-24s %9llu %8.3f %10.6f %8ld\n", name, (unsigned long long)ops, wall_s,
	       cpu_s * 1e3 / (double)ops, peak_rss_kib);
	fflush(stdout);
}

void bench_end(const struct bench_clock *begun, const char *name, uint64_t ops)
{
	double wall_s = bench_wall_s(begun), cpu_s = cpu_now() - begun->cpu_s;
	struct rusage usage;

	getrusage(RUSAGE_SELF, &usage);
	bench_print(name, ops, wall_s, cpu_s, usage.ru_maxrss);
}

uint64_t bench_number(int argc, char **argv, int at, uint64_t usual)
{
	return at < argc && char_is_digit(argv[at][0]) ? strtoull(argv[at], NULL, 10) : usual;
}
