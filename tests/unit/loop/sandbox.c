/* SPDX-License-Identifier: Apache-2.0 */
/* What can a process in the sandbox not do, and what can it still do? Each call is made in a process
 * of its own, once free and once inside: free it must work, or fail for another reason. */
#include "loop/sandbox.h"

#include "loop/sandbox_parts.h"
#include "tests/orphan.h"
#include "tests/test.h"
#include "tests/unit/loop/sandbox_calls.h"
#include "tests/user_namespace.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static const struct sandbox rules = { .address_space_bytes = 1ull << 32 };

static int enter_all(void)
{
	struct err err;

	if (sandbox_enter(&rules, &err) == 0)
		return 0;
	fprintf(stderr, "%s\n", err.text);
	return 251;
}

static int enter_nothing(void)
{
	/* Some calls work for root only: the control has root's rights in any case. */
	return geteuid() == 0 || unshare(CLONE_NEWUSER | CLONE_NEWNET) == 0 ? 0 : 250;
}

/* In a process of its own: enter, call; its exit code, or ENDED after SIGSYS, or 1000 + signal. */
static int run(int (*enter)(void), int (*call)(void))
{
	int status;
	pid_t pid;

	fflush(NULL);
	pid = fork();
	CHECK(pid >= 0);
	if (pid == 0) {
		int code = enter();

		_exit(code ? code : call());
	}
	CHECK(waitpid(pid, &status, 0) == pid);
	if (WIFSIGNALED(status))
		return WTERMSIG(status) == SIGSYS ? ENDED : 1000 + WTERMSIG(status);
	return WEXITSTATUS(status);
}

TEST(every_forbidden_call_is_refused_inside_and_only_there)
{
	for (size_t i = 0; i < sandbox_refusal_count; i++) {
		const struct sandbox_refusal *refusal = &sandbox_refusals[i];
		int free_ = run(enter_nothing, refusal->call);
		int inside = run(enter_all, refusal->call);

		test_row("%s: free %d, inside %d", refusal->name, free_, inside);
		CHECK_INT(inside, refusal->want);
		CHECK(free_ != refusal->want && free_ < 200);
	}
}

/* ---- what must work ---- */

static struct sockaddr_in receiver; /* of UDP and TCP, outside */
static int file_fd;

static int udp_batch(void)
{
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), one = 1;
	struct iovec part = { (char *)"ping", 4 };
	struct mmsghdr messages[2] = { { .msg_hdr = { .msg_iov = &part, .msg_iovlen = 1 } },
				       { .msg_hdr = { .msg_iov = &part, .msg_iovlen = 1 } } };
	struct sockaddr_in any = { .sin_family = AF_INET };

	if (fd < 0 || setsockopt(fd, IPPROTO_IP, IP_RECVERR, &one, sizeof one) < 0 ||
	    bind(fd, (struct sockaddr *)&any, sizeof any) < 0 ||
	    connect(fd, (struct sockaddr *)&receiver, sizeof receiver) < 0)
		return errno;
	if (sendmmsg(fd, messages, 2, 0) != 2)
		return errno;
	return recvmmsg(fd, messages, 2, MSG_DONTWAIT, NULL) < 0 && errno == EAGAIN ? 0 : 201;
}
static int tcp_connect(void)
{
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, IPPROTO_TCP), one = 1, error = -1;
	struct pollfd ready = { fd, POLLOUT, 0 };
	socklen_t len = sizeof error;

	if (fd < 0 || setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one) < 0)
		return errno;
	if (connect(fd, (struct sockaddr *)&receiver, sizeof receiver) < 0 && errno != EINPROGRESS)
		return errno;
	if (poll(&ready, 1, 5000) != 1 || getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &len) < 0)
		return errno;
	return error ? error : outcome(send(fd, "x", 1, MSG_NOSIGNAL));
}
static int epoll_and_events(void)
{
	int epoll = epoll_create1(EPOLL_CLOEXEC), event = eventfd(1, EFD_NONBLOCK), fds[2];
	struct epoll_event want = { .events = EPOLLIN }, got;

	if (epoll < 0 || event < 0 || pipe2(fds, O_NONBLOCK | O_CLOEXEC) < 0 ||
	    epoll_ctl(epoll, EPOLL_CTL_ADD, event, &want) < 0)
		return errno;
	return epoll_wait(epoll, &got, 1, 1000) == 1 ? 0 : 201;
}
static int clocks_and_chance(void)
{
	struct timespec now, nap = { 0, 1000 };
	unsigned char bytes[32];

	/* The system calls too: the vDSO is not everywhere. */
	if (syscall(SYS_clock_gettime, CLOCK_MONOTONIC, &now) < 0 ||
	    clock_gettime(CLOCK_REALTIME, &now) < 0 || nanosleep(&nap, NULL) < 0)
		return errno;
	return syscall(SYS_getrandom, bytes, sizeof bytes, 0) == sizeof bytes ? 0 : errno;
}
static int memory(void)
{
	for (unsigned i = 1; i < 40; i++) {
		size_t size = (size_t)i << 18;
		char *p = malloc(size);

		if (!p)
			return ENOMEM;
		memset(p, 1, size);
		p = realloc(p, 2 * size);
		if (!p)
			return ENOMEM;
		free(p);
	}
	return 0;
}
static int aborts(void)
{
	signal(SIGABRT, SIG_DFL);
	abort();
}
static const struct {
	const char *name;
	int (*call)(void);
	int want;
} permissions[] = {
	{ "UDP, batched, with errors", udp_batch, 0 },
	{ "TCP connect", tcp_connect, 0 },
	{ "epoll, eventfd, pipe", epoll_and_events, 0 },
	{ "clocks and random bytes", clocks_and_chance, 0 },
	{ "memory", memory, 0 },
	{ "abort", aborts, 1000 + SIGABRT },
};

static int open_receiver(int type, int fd_before)
{
	socklen_t len = sizeof receiver;
	int fd = socket(AF_INET, type | SOCK_CLOEXEC, 0);

	CHECK(fd >= 0);
	receiver.sin_family = AF_INET;
	receiver.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (fd_before < 0)
		receiver.sin_port = 0;
	CHECK(bind(fd, (struct sockaddr *)&receiver, sizeof receiver) == 0);
	CHECK(getsockname(fd, (struct sockaddr *)&receiver, &len) == 0);
	return fd;
}

TEST(what_a_scanner_needs_works_inside)
{
	int tcp = open_receiver(SOCK_STREAM, -1), udp = open_receiver(SOCK_DGRAM, tcp);
	struct pollfd ready = { udp, POLLIN, 0 };

	CHECK(listen(tcp, 8) == 0);
	for (size_t i = 0; i < ARRAY_COUNT(permissions); i++) {
		int got = run(enter_all, permissions[i].call);

		test_row("%s: %d", permissions[i].name, got);
		CHECK_INT(got, permissions[i].want);
	}
	CHECK(poll(&ready, 1, 1000) == 1); /* what was sent arrived */
	close(tcp);
	close(udp);
}

/* ---- each layer alone ---- */

static int enter_landlock(void)
{
	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 || sandbox_landlock_enter(NULL) < 0 ? 252
											      : 0;
}

static int enter_filter(void)
{
	return sandbox_filter_enter(NULL) < 0 ? 253 : 0;
}

static int (*call_named(const char *name))(void)
{
	for (size_t i = 0; i < sandbox_refusal_count; i++)
		if (!strcmp(sandbox_refusals[i].name, name))
			return sandbox_refusals[i].call;
	fail_msg("no call \"%s\"", name);
	return NULL;
}

TEST(landlock_and_filter_hold_alone)
{
	int abi = sandbox_landlock_abi();

	if (!abi)
		fail_msg("this kernel has no Landlock: its layer cannot be tested");
	CHECK_INT(run(enter_landlock, call_named("open for read")), EACCES);
	CHECK_INT(run(enter_landlock, call_named("creat")), EACCES);
	CHECK_INT(run(enter_landlock, call_named("execve")), EACCES);
	if (abi >= 6)
		CHECK_INT(run(enter_landlock, call_named("kill the parent")), EPERM);
	CHECK_INT(run(enter_filter, call_named("open for read")), EPERM);
	CHECK_INT(run(enter_filter, call_named("kill the parent")), EPERM);
	CHECK_INT(run(enter_filter, call_named("execve")), ENDED);
}

static int identity_and_limits(void)
{
	struct rlimit limit;

	if (geteuid() == 0 || getegid() == 0)
		return 210;
	if (getrlimit(RLIMIT_NPROC, &limit) < 0 || limit.rlim_max != 0)
		return 211;
	if (getrlimit(RLIMIT_CORE, &limit) < 0 || limit.rlim_max != 0)
		return 212;
	if (!sandbox_status().is_entered)
		return 213;
	return write(file_fd, "x", 1) < 0 && errno == EFBIG ? 0 : 214;
}

TEST(identity_and_limits_are_lost_inside)
{
	struct sandbox_status status = sandbox_status();

	CHECK(status.has_seccomp && !status.is_entered);
	file_fd = open("/tmp", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	CHECK(file_fd >= 0);
	CHECK_INT(run(enter_all, identity_and_limits), 0);
	close(file_fd);
}

#ifdef __SANITIZE_ADDRESS__
static int tell_fd;

static int enter_telling(void)
{
	return dup2(tell_fd, STDERR_FILENO) < 0 ? 254 : enter_all();
}

static int use_after_free(void)
{
	char *volatile p = malloc(10);

	free(p);
	return p[3] ? 1 : 0;
}

TEST(the_sanitizer_reports_from_inside)
{
	char report[65536];
	size_t len = 0;
	ssize_t got;
	int fds[2];

	CHECK(pipe2(fds, O_CLOEXEC) == 0);
	CHECK(fcntl(fds[1], F_SETPIPE_SZ, 1 << 20) > 0);
	tell_fd = fds[1];
	CHECK(run(enter_telling, use_after_free) != 0);
	close(fds[1]);
	while (len < sizeof report && (got = read(fds[0], report + len, sizeof report - len)) > 0)
		len += (size_t)got;
	close(fds[0]);
	CHECK(str_find(str_bytes(report, len), STR_LIT("heap-use-after-free")) >= 0);
}
#else
static int map_much(void)
{
	void *p = mmap(NULL, 8ul << 30, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return p == MAP_FAILED ? errno : 0;
}

TEST(the_address_space_is_limited_inside)
{
	CHECK_INT(run(enter_nothing, map_much), 0);
	CHECK_INT(run(enter_all, map_much), ENOMEM);
}
#endif

static int enter_as_lonely_root(void)
{
	return test_become_lonely_root() < 0 ? 252 : enter_all();
}

TEST(it_is_entered_where_root_is_nobody_but_the_user)
{
	for (size_t i = 0; i < sandbox_refusal_count; i++) {
		const struct sandbox_refusal *refusal = &sandbox_refusals[i];
		int inside = run(enter_as_lonely_root, refusal->call);

		test_row("%s: inside %d", refusal->name, inside);
		CHECK_INT(inside, refusal->want);
	}
}

static void be_parent(int tell, const void *context)
{
	if (fork() == 0) {
		pid_t pid = getpid();

		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (enter_all() == 0)
			(void)!write(tell, &pid, sizeof pid);
		for (;;)
			pause();
	}
	for (;;)
		pause();
}

TEST(a_child_in_the_sandbox_still_dies_with_its_parent)
{
	test_goes_with_parent(be_parent, NULL);
}
