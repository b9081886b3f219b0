/* SPDX-License-Identifier: Apache-2.0 */
/* What do the system calls of a batched DNS exchange cost alone? The limit for every client. */
#include "bench/answerd.h"

#include "base/str.h"

#include <netinet/in.h>
#include <sys/socket.h>
#include <time.h>

/* Queries made beforehand, one socket, up to WINDOW outstanding, BATCH a call, answers only
 * counted. What is lost is given up after a second of silence. */
enum { BATCH = 128, WINDOW = 1024, QUERY_BYTES = 48, PACKET_BYTES = 600 };

struct box {
	struct mmsghdr messages[BATCH];
	struct iovec parts[BATCH];
	struct sockaddr_in names[BATCH];
	uint8_t bytes[BATCH][PACKET_BYTES];
};

static void box_init(struct box *box, const struct sockaddr_in *to, size_t len)
{
	/* "n0000000.example.com A IN" with OPT */
	static const char query[QUERY_BYTES] = "\0\0\1\0\0\1\0\0\0\0\0\1"
					       "\7n000000\7example\3com\0\0\1\0\1"
					       "\0\0\51\4\320\0\0\0\0\0";

	for (int i = 0; i < BATCH; i++) {
		memcpy(box->bytes[i], query, sizeof query);
		if (to)
			box->names[i] = *to;
		box->parts[i] = (struct iovec){ box->bytes[i], len };
		box->messages[i].msg_hdr = (struct msghdr){ .msg_name = &box->names[i],
							    .msg_namelen = sizeof box->names[i],
							    .msg_iov = &box->parts[i],
							    .msg_iovlen = 1 };
	}
}

static uint64_t exchange(int fd, const struct sockaddr_in *server, uint64_t total)
{
	static struct box out, in;
	uint64_t sent = 0, answered = 0;
	int got = 0;

	box_init(&out, server, QUERY_BYTES);
	box_init(&in, NULL, PACKET_BYTES);
	while (answered < total) {
		while (sent < total && sent - answered + BATCH <= WINDOW) {
			int count = sendmmsg(fd, out.messages, BATCH, 0);

			sent += count > 0 ? (uint64_t)count : 0;
		}
		got = recvmmsg(fd, in.messages, BATCH, MSG_WAITFORONE, NULL);
		if (got <= 0)
			break;
		answered += (uint64_t)got;
	}
	return answered;
}

int main(int argc, char **argv)
{
	uint64_t total = bench_number(argc, argv, 1, 1000000);
	struct sockaddr_in server = { .sin_family = AF_INET,
				      .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	struct timeval second = { .tv_sec = 1 };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), bytes = 8 << 20;
	struct bench_clock begun;
	pid_t pid;

	server.sin_port = htons(answerd_start(&pid));
	bench_pin();
	(void)!setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof bytes);
	(void)!setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &second, sizeof second);
	exchange(fd, &server, total / 10);
	bench_begin(&begun);
	total = exchange(fd, &server, total);
	bench_end(&begun, "dns-exchange-alone", total);
	answerd_stop(pid);
	return 0;
}
