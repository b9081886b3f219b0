/* SPDX-License-Identifier: Apache-2.0 */
/* What answers DNS queries in measurements, at the least cost? */
#include "bench/answerd.h"

#include "base/str.h"

#include <netinet/in.h>
#include <sched.h>
#include <signal.h>
#include <strings.h>
#include <sys/mman.h>
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

static uint64_t *answered; /* shared with who started the server */

/* What a domain with mail publishes, by the start of the name that is asked; lower case. */
static const struct {
	uint16_t type;
	const char *name; /* its first label, or NULL: any other name */
	const char *rdata;
	uint16_t len;
} records[] = {
	{ 1, NULL, "\300\0\2\1", 4 },
	{ 15, NULL, "\0\12\2mx\300\14", 7 }, /* mx.(the name asked) */
	{ 16, "_dmarc", "\45v=DMARC1; p=reject; rua=mailto:d@d.de", 38 },
	{ 16, "_smtp", "\41v=TLSRPTv1; rua=mailto:tls@d.test", 34 },
	{ 16, NULL, "\41v=spf1 ip4:192.0.2.0/24 mx a -all", 34 },
	{ 257, NULL, "\0\5issueletsencrypt.org", 22 },
};

static bool is_below(const uint8_t *name, const char *label)
{
	size_t len = label ? strlen(label) : 0;

	if (!label)
		return name[1] != '_';
	return name[0] == len && !strncasecmp((const char *)name + 1, label, len);
}

/* The question stays; what follows it (OPT) makes room for the answer. Returns the length. */
static size_t answer(uint8_t *packet, size_t len)
{
	static const uint8_t head[] = { 0xc0, 12, 0, 0, 0, 1, 0, 0, 1, 44, 0, 0 };
	size_t at = 12, row = 0;
	unsigned type;

	while (at < len && packet[at])
		at += packet[at] + 1u;
	at += 5;
	if (at > len || at + 128 > PACKET_BYTES)
		return 0;
	type = (unsigned)packet[at - 4] << 8 | packet[at - 3];
	packet[2] |= 0x84;
	packet[3] = 0x80;
	memset(packet + 6, 0, 6);
	while (row < ARRAY_COUNT(records) &&
	       (records[row].type != type || !is_below(packet + 12, records[row].name)))
		row++;
	if (memmem(packet + 12, at - 12, "_domainkey", 10))
		packet[3] |= 3; /* NXDOMAIN: no DKIM */
	else if (row < ARRAY_COUNT(records))
		packet[7] = 1;
	if (!packet[7])
		return at;
	memcpy(packet + at, head, sizeof head);
	packet[at + 2] = (uint8_t)(type >> 8);
	packet[at + 3] = (uint8_t)type;
	packet[at + 11] = (uint8_t)records[row].len;
	memcpy(packet + at + sizeof head, records[row].rdata, records[row].len);
	return at + sizeof head + records[row].len;
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
		if (count > 0)
			__atomic_add_fetch(answered, (uint64_t)count, __ATOMIC_RELAXED);
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
	answered = mmap(NULL, sizeof *answered, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
			-1, 0);
	must(answered != MAP_FAILED, "mmap");
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

uint64_t answerd_count(void)
{
	return __atomic_load_n(answered, __ATOMIC_RELAXED);
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
