/* SPDX-License-Identifier: Apache-2.0 */
/* How does a test start the scanner and speak to it? */
#include "tests/unit/roles/scanner_child.h"

#include "base/clock.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PATIENCE_MS = 60000, NXDOMAIN_FLAGS = 0x81a3, HEADER_BYTES = 12 };

static void resolver_open(struct scanner_child *child)
{
	struct sockaddr_in name = { .sin_family = AF_INET };
	socklen_t len = sizeof name;

	name.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	child->resolver_fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	CHECK(child->resolver_fd >= 0);
	CHECK(bind(child->resolver_fd, (struct sockaddr *)&name, sizeof name) == 0);
	CHECK(getsockname(child->resolver_fd, (struct sockaddr *)&name, &len) == 0);
	snprintf(child->resolver, sizeof child->resolver, "127.0.0.1:%u", ntohs(name.sin_port));
}

/* "No such name" to every question. */
static void resolver_answer(struct scanner_child *child)
{
	struct sockaddr_storage from;
	socklen_t len = sizeof from;
	uint8_t packet[2048];
	ssize_t got = recvfrom(child->resolver_fd, packet, sizeof packet, MSG_DONTWAIT,
			       (struct sockaddr *)&from, &len);
	size_t at = HEADER_BYTES;

	if (got < HEADER_BYTES + 5)
		return;
	child->asked++;
	if (child->is_silent)
		return;
	while (at < (size_t)got && packet[at])
		at += packet[at] + 1u;
	packet[2] = NXDOMAIN_FLAGS >> 8;
	packet[3] = NXDOMAIN_FLAGS & 0xff;
	memset(packet + 6, 0, 6);
	(void)!sendto(child->resolver_fd, packet, MIN(at + 5, sizeof packet), 0,
		      (struct sockaddr *)&from, len);
}

static void child_exec(int fd)
{
	const char *program = getenv("DSS_NET");

	/* Its own memory goes with the process: only what is wrong with it matters. */
	setenv("ASAN_OPTIONS", "detect_leaks=0:exitcode=99", 1);
	setenv("UBSAN_OPTIONS", "halt_on_error=1:print_stacktrace=1:exitcode=99", 1);
	if (!program || dup2(fd, SCANNER_FD) < 0)
		_exit(98);
	for (int other = SCANNER_FD + 1; other < 1024; other++)
		close(other);
	execl(program, program, "scanner", (char *)NULL);
	_exit(98);
}

void child_begin(struct scanner_child *child, bool has_resolver)
{
	int fds[2];

	*child = (struct scanner_child){ .resolver_fd = -1 };
	if (has_resolver)
		resolver_open(child);
	CHECK(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) == 0);
	child->pid = fork();
	CHECK(child->pid >= 0);
	if (!child->pid)
		child_exec(fds[1]);
	close(fds[1]);
	child->fd = fds[0];
}

int child_finish(struct scanner_child *child)
{
	int64_t until_us = clock_monotonic_us() + PATIENCE_MS * 1000ll;
	int status = 0;

	shutdown(child->fd, SHUT_RDWR);
	close(child->fd);
	while (waitpid(child->pid, &status, WNOHANG) == 0) {
		if (clock_monotonic_us() > until_us) {
			kill(child->pid, SIGKILL);
			waitpid(child->pid, &status, 0);
			break;
		}
		if (child->resolver_fd >= 0)
			resolver_answer(child);
		usleep(1000);
	}
	frame_reader_release(&child->reader);
	if (child->resolver_fd >= 0)
		close(child->resolver_fd);
	if (WIFSIGNALED(status))
		print_error("the scanner was killed by signal %d\n", WTERMSIG(status));
	CHECK(WIFEXITED(status));
	CHECK(WEXITSTATUS(status) == 0 || WEXITSTATUS(status) == 2 || WEXITSTATUS(status) == 5);
	return WEXITSTATUS(status);
}

static bool child_read(struct scanner_child *child)
{
	struct pollfd waits[] = { { .fd = child->fd, .events = POLLIN },
				  { .fd = child->resolver_fd, .events = POLLIN } };
	size_t space;
	ssize_t got;
	char *to;

	CHECK(poll(waits, 2, PATIENCE_MS) > 0);
	if (waits[1].revents)
		resolver_answer(child);
	if (!waits[0].revents)
		return true;
	to = frame_reader_space(&child->reader, &space);
	got = recv(child->fd, to, space, MSG_DONTWAIT);
	if (got > 0)
		frame_reader_added(&child->reader, (size_t)got);
	else if (got == 0 || errno != EAGAIN)
		child->has_ended = true;
	return !child->has_ended;
}

bool child_next(struct scanner_child *child, struct frame *ret)
{
	for (;;) {
		int got = frame_reader_next(&child->reader, ret);

		CHECK(got >= 0);
		if (got)
			return true;
		if (child->has_ended || !child_read(child))
			return false;
	}
}

bool child_expect(struct scanner_child *child, uint8_t type, struct frame *ret)
{
	while (child_next(child, ret))
		if (ret->type == type)
			return true;
	return false;
}

void child_send_bytes(struct scanner_child *child, struct str bytes)
{
	while (bytes.len && !child->has_ended) {
		struct pollfd wait = { .fd = child->fd, .events = POLLIN | POLLOUT };
		ssize_t sent;

		CHECK(poll(&wait, 1, PATIENCE_MS) > 0);
		if (wait.revents & POLLIN) /* it must not wait for us to read */
			(void)child_read(child);
		if (!(wait.revents & (POLLOUT | POLLHUP | POLLERR)))
			continue;
		sent = send(child->fd, bytes.data, bytes.len, MSG_NOSIGNAL | MSG_DONTWAIT);
		if (sent < 0 && errno != EAGAIN && errno != EINTR)
			return;
		if (sent > 0)
			bytes = str_from(bytes, (size_t)sent);
	}
}

void child_send(struct scanner_child *child, uint8_t type, struct str body)
{
	struct frame frame = { .type = type, .version = SCANNER_PROTOCOL };
	char header[FRAME_HEADER_BYTES];

	frame_header(&frame, body.len, header);
	child_send_bytes(child, str_bytes(header, sizeof header));
	child_send_bytes(child, body);
}

void child_send_body(struct scanner_child *child, uint8_t type, const struct desc *desc,
		     const void *body)
{
	struct buf encoded;

	buf_init(&encoded, NULL);
	desc_encode(&encoded, desc, body);
	child_send(child, type, buf_str(&encoded));
	buf_release(&encoded);
}
