/* SPDX-License-Identifier: Apache-2.0 */
/* May a caged program send there? */
#include "net/guard.h"

#include "base/clock.h"
#include "net/guard_calls.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/pidfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { DNS_PORT_ = 53, SOCKET_TYPE_MASK = 0xf, TICK_MS = 1000, CONNECT_MS = 60000 };

bool guard_is_alive(const struct guard *guard, const struct seccomp_notif *call)
{
	return ioctl(guard->listener, SECCOMP_IOCTL_NOTIF_ID_VALID, &call->id) == 0;
}

void guard_answer(struct guard *guard, uint64_t id, int64_t value, int error, uint32_t flags)
{
	struct seccomp_notif_resp *answer = guard->answer;

	memset(answer, 0, guard->answer_bytes);
	answer->id = id;
	answer->val = value;
	answer->error = error;
	answer->flags = flags;
	(void)!ioctl(guard->listener, SECCOMP_IOCTL_NOTIF_SEND, answer); /* it may be gone */
}

/* ---- may it? ---- */

static bool is_name_server(const struct guard_rules *rules, const struct address *address,
			   uint16_t port)
{
	return port == DNS_PORT_ && address_is_set(&rules->name_server) &&
	       address_eq(address, &rules->name_server);
}

static void note_denied(struct guard *guard, const struct address *address, uint16_t port)
{
	char text[ADDRESS_TEXT_BYTES];

	guard->report->denied++;
	if (!guard->report->first_denied[0])
		snprintf(guard->report->first_denied, sizeof guard->report->first_denied,
			 "%s port %u", address_text(address, text), port);
}

int guard_approve(struct guard *guard, const struct sockaddr_storage *from, socklen_t len,
		  struct destination *ret)
{
	const struct guard_rules *rules = guard->rules;
	struct address address;
	uint16_t port = 0;

	if ((from->ss_family == AF_INET && len < sizeof(struct sockaddr_in)) ||
	    (from->ss_family == AF_INET6 && len < 24) /* RFC 2133: without scope */ ||
	    (from->ss_family != AF_INET && from->ss_family != AF_INET6))
		return -EACCES;
	address = address_from_sockaddr((const struct sockaddr *)from, &port);
	if (is_name_server(rules, &address, port)) {
		address = rules->resolver;
		port = rules->resolver_port;
	} else if (rules->only && (!address_eq(&address, rules->only) ||
				   (rules->only_port && port != rules->only_port))) {
		note_denied(guard, &address, port);
		return -EACCES;
	}
	if (destination_approve(rules->egress, &address, port, ret) < 0) {
		note_denied(guard, &address, port);
		return -EACCES;
	}
	guard->report->allowed++;
	return 0;
}

/* ---- its memory and its sockets ---- */

static int pidfd_of(uint32_t tid)
{
	char path[64], text[1024];
	ssize_t len;
	int fd = pidfd_open((pid_t)tid, 0);
	const char *at;

	if (fd >= 0)
		return fd;
	/* Of a thread: its process is asked. */
	snprintf(path, sizeof path, "/proc/%u/status", tid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	len = fd < 0 ? -1 : read(fd, text, sizeof text - 1);
	if (fd >= 0)
		close(fd);
	text[MAX(len, 0)] = 0;
	at = strstr(text, "\nTgid:");
	return at ? pidfd_open((pid_t)strtol(at + 6, NULL, 10), 0) : -1;
}

int guard_socket(struct guard *guard, const struct seccomp_notif *call)
{
	int pidfd = pidfd_of(call->pid), fd;

	if (pidfd < 0)
		return -ESRCH;
	fd = (int)syscall(SYS_pidfd_getfd, pidfd, (int)call->data.args[0], 0);
	close(pidfd);
	if (fd < 0)
		return errno == EBADF ? -EBADF : -EPERM;
	/* Its number may be another's by now. */
	if (guard_is_alive(guard, call))
		return fd;
	close(fd);
	return -ESRCH;
}

int guard_read(const struct seccomp_notif *call, uint64_t from, void *to, size_t len)
{
	struct iovec local = { to, len }, remote = { (void *)(uintptr_t)from, len };
	ssize_t got =
		len ? syscall(SYS_process_vm_readv, (pid_t)call->pid, &local, 1, &remote, 1, 0) : 0;

	return got == (ssize_t)len ? 0 : -EFAULT;
}

int guard_write(const struct seccomp_notif *call, uint64_t to, const void *from, size_t len)
{
	struct iovec local = { (void *)(uintptr_t)from, len },
		     remote = { (void *)(uintptr_t)to, len };
	ssize_t put = syscall(SYS_process_vm_writev, (pid_t)call->pid, &local, 1, &remote, 1, 0);

	return put == (ssize_t)len ? 0 : -EFAULT;
}

/* ---- connect ---- */

static void connect_settle(struct guard *guard, struct guard_connect *connect, int error)
{
	(void)!fcntl(connect->fd, F_SETFL, connect->flags);
	close(connect->fd);
	guard_answer(guard, connect->id, 0, error, 0);
	*connect = guard->connects[--guard->connect_count];
}

static void connects_look(struct guard *guard, const struct pollfd *polled)
{
	int64_t now = clock_monotonic_us();

	for (size_t i = guard->connect_count; i-- > 0;) {
		struct guard_connect *connect = &guard->connects[i];

		if (polled[i].revents)
			connect_settle(guard, connect, socket_error(connect->fd));
		else if (now > connect->limit_us)
			connect_settle(guard, connect, -ETIMEDOUT);
	}
}

/* One that blocks would block us: it is made as one that does not, and answered when it is decided. */
static int connect_begin(struct guard *guard, const struct seccomp_notif *call, int fd,
			 const struct destination *to)
{
	int flags = fcntl(fd, F_GETFL), code;
	bool blocks = flags >= 0 && !(flags & O_NONBLOCK);

	if (blocks && guard->connect_count == GUARD_CONNECTS)
		return -EAGAIN;
	if (blocks)
		(void)!fcntl(fd, F_SETFL, flags | O_NONBLOCK);
	code = socket_connect_on(fd, to);
	if (blocks && code == -EINPROGRESS) {
		guard->connects[guard->connect_count++] = (struct guard_connect){
			.id = call->id,
			.fd = fd,
			.flags = flags,
			.limit_us = clock_monotonic_us() + CONNECT_MS * 1000ll,
		};
		return 1;
	}
	if (blocks)
		(void)!fcntl(fd, F_SETFL, flags);
	return code;
}

/* RFC 793 has no word for it: a datagram socket forgets whom it was connected to. */
static int disconnect(int fd)
{
	static const struct destination nobody = { .any = { .sa_family = AF_UNSPEC },
						   .len = sizeof(struct sockaddr_in) };

	return socket_connect_on(fd, &nobody);
}

static void on_connect(struct guard *guard, const struct seccomp_notif *call)
{
	struct sockaddr_storage address = { 0 };
	struct destination to;
	size_t len = (size_t)call->data.args[2];
	int code = len > sizeof address || len < sizeof address.ss_family ? -EINVAL : 0, fd;

	if (code == 0)
		code = guard_read(call, call->data.args[1], &address, len);
	if (code == 0 && address.ss_family != AF_UNSPEC)
		code = guard_approve(guard, &address, (socklen_t)len, &to);
	fd = code < 0 ? code : guard_socket(guard, call);
	if (fd >= 0)
		code = address.ss_family == AF_UNSPEC ? disconnect(fd)
						      : connect_begin(guard, call, fd, &to);
	else
		code = fd;
	if (code == 1)
		return;
	if (fd >= 0)
		close(fd);
	guard_answer(guard, call->id, 0, code, 0);
}

/* ---- socket ---- */

/* All of it stands in registers, where nobody changes it: the kernel may go on by itself. */
static void on_socket(struct guard *guard, const struct seccomp_notif *call)
{
	int domain = (int)call->data.args[0], type = (int)call->data.args[1] & SOCKET_TYPE_MASK,
	    protocol = (int)call->data.args[2];
	bool is_stream = type == SOCK_STREAM && (!protocol || protocol == IPPROTO_TCP),
	     is_datagram = type == SOCK_DGRAM && (!protocol || protocol == IPPROTO_UDP);

	if (domain == AF_UNIX ||
	    ((domain == AF_INET || domain == AF_INET6) && (is_stream || is_datagram)))
		guard_answer(guard, call->id, 0, 0, SECCOMP_USER_NOTIF_FLAG_CONTINUE);
	else
		guard_answer(guard, call->id, 0, -EACCES, 0);
}

/* ---- the wait ---- */

static void call_take(struct guard *guard)
{
	struct seccomp_notif *call = guard->call;

	memset(call, 0, guard->call_bytes);
	if (ioctl(guard->listener, SECCOMP_IOCTL_NOTIF_RECV, call) < 0)
		return;
	if (call->data.nr == SYS_socket)
		on_socket(guard, call);
	else if (call->data.nr == SYS_connect)
		on_connect(guard, call);
	else if (call->data.nr == SYS_sendto)
		guard_sendto(guard, call);
	else if (call->data.nr == SYS_sendmsg)
		guard_sendmsg(guard, call);
	else if (call->data.nr == SYS_sendmmsg)
		guard_sendmmsg(guard, call);
	else
		guard_answer(guard, call->id, 0, -EPERM, 0);
}

static int serve(struct guard *guard, int told, int stop, int64_t until_us)
{
	struct pollfd polled[GUARD_CONNECTS + 3];

	for (;;) {
		int64_t left_ms = (until_us - clock_monotonic_us()) / 1000;
		size_t connects = guard->connect_count;

		polled[0] = (struct pollfd){ .fd = told, .events = POLLIN };
		polled[1] = (struct pollfd){ .fd = stop, .events = POLLIN };
		polled[2] = (struct pollfd){ .fd = guard->listener, .events = POLLIN };
		for (size_t i = 0; i < connects; i++)
			polled[i + 3] =
				(struct pollfd){ .fd = guard->connects[i].fd, .events = POLLOUT };
		if (left_ms <= 0)
			return -ETIMEDOUT;
		if (poll(polled, connects + 3, (int)MIN(left_ms, (int64_t)TICK_MS)) < 0)
			continue;
		if (polled[0].revents)
			return 0;
		if (polled[1].revents)
			return 1;
		connects_look(guard, polled + 3);
		if (polled[2].revents & POLLIN)
			call_take(guard);
		else if (polled[2].revents) /* nobody is left who could call */
			guard->listener = -1;
	}
}

int guard_serve(int listener, int told, int stop, int deadline_ms, const struct guard_rules *rules,
		struct guard_report *ret)
{
	struct guard guard = { .listener = listener, .rules = rules, .report = ret };
	struct seccomp_notif_sizes sizes = { sizeof *guard.call, sizeof *guard.answer, 0 };
	int code;

	*ret = (struct guard_report){ 0 };
	(void)!syscall(SYS_seccomp, SECCOMP_GET_NOTIF_SIZES, 0, &sizes);
	guard.call_bytes = MAX(sizes.seccomp_notif, (uint16_t)sizeof *guard.call);
	guard.answer_bytes = MAX(sizes.seccomp_notif_resp, (uint16_t)sizeof *guard.answer);
	guard.call = memory_alloc(guard.call_bytes);
	guard.answer = memory_alloc(guard.answer_bytes);
	code = serve(&guard, told, stop, clock_monotonic_us() + deadline_ms * 1000ll);
	for (size_t i = 0; i < guard.connect_count; i++)
		close(guard.connects[i].fd);
	memory_free(guard.call);
	memory_free(guard.answer);
	return code;
}
