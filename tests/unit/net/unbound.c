/* SPDX-License-Identifier: Apache-2.0 */
/* Does the private resolver come up, obey the address policy, and go with its parent? */
#include "net/unbound.h"

#include "base/clock.h"
#include "loop/loop.h"
#include "net/unbound_config.h"
#include "tests/orphan.h"
#include "tests/test.h"
#include "tests/user_namespace.h"

#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

static uv_loop_t loop;

static int64_t in_s(int64_t seconds)
{
	return clock_monotonic_us() + seconds * 1000000;
}

static bool has_line(struct str text, const char *line)
{
	ptrdiff_t at = str_find(text, str_of(line));

	return at > 0 && text.data[at - 1] == '\n' && text.data[(size_t)at + strlen(line)] == '\n';
}

TEST(denied_blocks_are_written_less_the_exceptions)
{
	struct network allowed[2];
	struct policy policy = { allowed, 2 };
	struct buf out;

	CHECK(network_parse(STR_LIT("10.64.0.0/10"), &allowed[0], NULL) == 0);
	CHECK(network_parse(STR_LIT("127.0.0.0/8"), &allowed[1], NULL) == 0);
	buf_init(&out, NULL);
	unbound_config_denied(&out, NULL);
	CHECK(has_line(buf_str(&out), "  do-not-query-address: 10.0.0.0/8"));
	CHECK(has_line(buf_str(&out), "  do-not-query-address: 127.0.0.0/8"));
	CHECK(has_line(buf_str(&out), "  do-not-query-address: ::ffff:0.0.0.0/96"));
	out.len = 0;
	unbound_config_denied(&out, &policy);
	test_row("%.*s", STR(buf_str(&out)));
	CHECK(!has_line(buf_str(&out), "  do-not-query-address: 10.0.0.0/8"));
	CHECK(has_line(buf_str(&out), "  do-not-query-address: 10.0.0.0/10"));
	CHECK(has_line(buf_str(&out), "  do-not-query-address: 10.128.0.0/9"));
	CHECK(!has_line(buf_str(&out), "  do-not-query-address: 10.64.0.0/10"));
	CHECK(str_find(buf_str(&out), STR_LIT("address: 127.")) < 0);
	CHECK(has_line(buf_str(&out), "  do-not-query-address: 192.168.0.0/16"));
	buf_release(&out);
}

/* Asks (wire_name, class, A or, in CHAOS, TXT); returns the rcode or -1. */
static int ask(const struct unbound *unbound, const char *wire_name, size_t len, uint16_t class_)
{
	char packet[512] = "\x12\x34\x01\0\0\1\0\0\0\0\0\0";
	struct sockaddr_storage sa;
	uint16_t port;
	struct address address = unbound_address(unbound, &port);
	socklen_t sa_len = address_to_sockaddr(&address, port, &sa);
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), rcode = -1;
	struct pollfd ready = { fd, POLLIN, 0 };

	memcpy(packet + 12, wire_name, len);
	memcpy(packet + 12 + len, class_ == 3 ? "\0\x10\0\3" : "\0\1\0\1", 4);
	CHECK(connect(fd, (struct sockaddr *)&sa, sa_len) == 0);
	CHECK(send(fd, packet, 16 + len, 0) == (ssize_t)(16 + len));
	if (poll(&ready, 1, 10000) == 1 && recv(fd, packet, sizeof packet, 0) >= 12 &&
	    !memcmp(packet, "\x12\x34", 2))
		rcode = packet[3] & 15;
	close(fd);
	return rcode;
}

#define LOCALHOST "\x09localhost"

static void note_gone(struct unbound *unbound, const char *why, void *data)
{
	snprintf(data, 100, "%s", why);
}

TEST(it_comes_up_answers_and_its_end_is_told)
{
	static const struct unbound_events events = { .on_gone = note_gone };
	struct unbound_settings settings = { .threads = 1, .cache_bytes = 8 << 20 };
	struct unbound *unbound;
	struct err err = { 0 };
	char why[100] = "";
	bool never = false;
	pid_t pid;

	CHECK(uv_loop_init(&loop) == 0);
	CHECK(unbound_start(&loop, &settings, &events, why, &unbound, &err) == 0);
	if (unbound_wait(unbound, in_s(20), &err) < 0)
		fail_msg("%s", err.text);
	pid = unbound_pid(unbound);
	CHECK(pid > 0);
	CHECK_INT(ask(unbound, LOCALHOST, sizeof LOCALHOST, 1), 0);
	CHECK_INT(ask(unbound, "\7version\4bind", 14, 3), 5); /* hidden */
	kill(pid, SIGKILL);
	for (unsigned i = 0; i < 200 && !why[0]; i++)
		CHECK(loop_run_until(&loop, &never, clock_monotonic_us() + 50000) == -ETIMEDOUT);
	CHECK_STR(str_of(why), "unbound was ended by signal 9");
	CHECK_INT(unbound_pid(unbound), 0);
	unbound_close(unbound);
	CHECK_INT(loop_close(&loop), 0);
}

TEST(closing_ends_it)
{
	struct unbound_settings settings = { .threads = 1, .cache_bytes = 8 << 20 };
	struct unbound *unbound;
	pid_t pid;

	for (unsigned is_ready = 0; is_ready < 2; is_ready++) {
		CHECK(uv_loop_init(&loop) == 0);
		CHECK(unbound_start(&loop, &settings, NULL, NULL, &unbound, NULL) == 0);
		if (is_ready)
			CHECK(unbound_wait(unbound, in_s(20), NULL) == 0);
		pid = unbound_pid(unbound);
		CHECK(pid > 0 && kill(pid, 0) == 0);
		unbound_close(unbound);
		CHECK(kill(pid, 0) < 0 && errno == ESRCH);
		CHECK_INT(loop_close(&loop), 0);
	}
}

TEST(what_is_missing_is_named)
{
	struct unbound_settings no_program = { .program = "unbound-is-not-here" },
				no_hints = { .root_hints = "/nonexistent/hints" },
				no_resolver = { .program = "/bin/false" };
	struct unbound *unbound;
	struct err err = { 0 };

	CHECK(uv_loop_init(&loop) == 0);
	CHECK_INT(unbound_start(&loop, &no_program, NULL, NULL, &unbound, &err), -ENOENT);
	CHECK_STR(str_of(err.text), "unbound-is-not-here is not installed: apt-get install "
				    "unbound, or use --resolver IP");
	CHECK_INT(unbound_start(&loop, &no_hints, NULL, NULL, &unbound, &err), -ENOENT);
	CHECK_STR(str_of(err.text), "/nonexistent/hints: No such file or directory");
	CHECK(unbound_start(&loop, &no_resolver, NULL, NULL, &unbound, &err) == 0);
	CHECK_INT(unbound_wait(unbound, in_s(10), &err), -EIO);
	CHECK_STR(str_of(err.text), "unbound ended with code 1");
	unbound_close(unbound);
	CHECK_INT(loop_close(&loop), 0);
}

enum { MAY_NOT_BIND = 200, DID_NOT_START, WRONG_ANSWER };

/* A root server on loopback and, as a file in memory, the root hints that name it. */
struct root_server {
	int fd, hints_fd;
	char address[ADDRESS_TEXT_BYTES], hints[32]; /* path */
};

enum { ROOT_ADDRESSES = 1000, FIRST_ROOT = 127 << 24 | 153 << 16 };

/* An address that nobody listens at: port 53 is what hints mean. */
static int root_bind(int fd, char text[static ADDRESS_TEXT_BYTES])
{
	for (unsigned i = 0; i < ROOT_ADDRESSES; i++) {
		uint32_t host = htonl(FIRST_ROOT + 53 + i);
		struct address address = address_ipv4((const unsigned char *)&host);
		struct sockaddr_storage sa;
		socklen_t len = address_to_sockaddr(&address, 53, &sa);

		if (bind(fd, (struct sockaddr *)&sa, len) == 0) {
			address_text(&address, text);
			return 0;
		}
		if (errno != EADDRINUSE)
			break;
	}
	return -errno;
}

/* Port 53 is root's: another user gets a network where it is. */
static bool may_bind(void)
{
	struct ifreq lo = { .ifr_name = "lo", .ifr_flags = IFF_UP };
	int fd;
	bool is_up;

	if (geteuid() == 0)
		return true;
	if (unshare(CLONE_NEWUSER | CLONE_NEWNET) < 0)
		return false;
	fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	is_up = ioctl(fd, SIOCSIFFLAGS, &lo) == 0;
	close(fd);
	return is_up;
}

static int root_server_open(struct root_server *root)
{
	root->fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	TRY(root_bind(root->fd, root->address));
	root->hints_fd = memfd_create("hints", MFD_CLOEXEC);
	snprintf(root->hints, sizeof root->hints, "/proc/self/fd/%d", root->hints_fd);
	if (dprintf(root->hints_fd, ". 3600000 NS ns.root.\nns.root. 3600000 A %s\n",
		    root->address) < 0)
		return -errno;
	return 0;
}

static void root_server_close(struct root_server *root)
{
	close(root->fd);
	close(root->hints_fd);
}

/* How many packets reach a root server on loopback when a name is asked? */
static int packets_to_root(const struct policy *policy)
{
	static const char question[] = "\x12\x34\x01\0\0\1\0\0\0\0\0\0\7example\3org\0\0\1\0\1";
	struct root_server root;
	struct unbound_settings settings = { .threads = 1,
					     .cache_bytes = 8 << 20,
					     .root_hints = root.hints,
					     .trust_anchor = "",
					     .policy = policy };
	struct pollfd asked = { .events = POLLIN }, either[2] = { asked, asked };
	struct sockaddr_storage sa;
	int count = 0;
	struct unbound *unbound;
	struct address address;
	char packet[512];
	uint16_t port;

	if (!may_bind() || root_server_open(&root) < 0)
		return MAY_NOT_BIND;
	asked.fd = either[0].fd = root.fd;
	if (uv_loop_init(&loop) < 0 ||
	    unbound_start(&loop, &settings, NULL, NULL, &unbound, NULL) < 0 ||
	    unbound_wait(unbound, in_s(20), NULL) < 0)
		return DID_NOT_START;
	address = unbound_address(unbound, &port);
	either[1].fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (sendto(either[1].fd, question, sizeof question - 1, 0, (struct sockaddr *)&sa,
		   address_to_sockaddr(&address, port, &sa)) < 0)
		return WRONG_ANSWER;
	/* It gives up at once, or asks first. */
	if (poll(either, 2, 10000) < 1)
		return WRONG_ANSWER;
	if (either[1].revents &&
	    (recv(either[1].fd, packet, sizeof packet, 0) < 12 || (packet[3] & 15) != 2))
		return WRONG_ANSWER;
	while (count < 100 && poll(&asked, 1, 0) == 1 &&
	       recv(root.fd, packet, sizeof packet, 0) > 0)
		count++;
	unbound_close(unbound);
	root_server_close(&root);
	close(either[1].fd);
	return loop_close(&loop) ? DID_NOT_START : count;
}

/* Two test runs at once have a root server each. */
static int different_addresses(const struct policy *policy)
{
	struct root_server first, second;
	bool are_different;

	if (!may_bind() || root_server_open(&first) < 0 || root_server_open(&second) < 0)
		return MAY_NOT_BIND;
	are_different = !str_eq(str_of(first.address), str_of(second.address));
	root_server_close(&first);
	root_server_close(&second);
	return are_different;
}

static int in_own_process(int (*run)(const struct policy *policy), const struct policy *policy)
{
	int status;
	pid_t pid;

	fflush(NULL);
	pid = fork();
	CHECK(pid >= 0);
	if (pid == 0)
		_exit(run(policy));
	CHECK(waitpid(pid, &status, 0) == pid);
	CHECK(WIFEXITED(status));
	return WEXITSTATUS(status);
}

TEST(root_servers_of_two_runs_do_not_collide)
{
	CHECK_INT(in_own_process(different_addresses, NULL), 1);
}

TEST(it_asks_no_denied_address_unless_allowed)
{
	struct network loopback;
	struct policy policy = { &loopback, 1 };
	int got;

	CHECK(network_parse(STR_LIT("127.0.0.0/8"), &loopback, NULL) == 0);
	CHECK_INT(in_own_process(packets_to_root, NULL), 0);
	got = in_own_process(packets_to_root, &policy);
	test_row("allowed: %d packets", got);
	CHECK(got > 0 && got < MAY_NOT_BIND);
}

/* As in `unshare -r`, and in containers without root. */
static int comes_up_for_lonely_root(const struct policy *policy)
{
	struct unbound_settings settings = { .threads = 1, .cache_bytes = 8 << 20 };
	struct unbound *unbound;
	struct err err;

	if (test_become_lonely_root() < 0)
		return MAY_NOT_BIND;
	if (uv_loop_init(&loop) < 0 ||
	    unbound_start(&loop, &settings, NULL, NULL, &unbound, &err) < 0 ||
	    unbound_wait(unbound, in_s(20), &err) < 0) {
		fprintf(stderr, "%s\n", err.text);
		return DID_NOT_START;
	}
	unbound_close(unbound);
	return loop_close(&loop) ? DID_NOT_START : 0;
}

TEST(it_comes_up_where_root_is_nobody_but_the_user)
{
	CHECK_INT(in_own_process(comes_up_for_lonely_root, NULL), 0);
}

static void be_parent(int tell, const void *context)
{
	struct unbound_settings settings = { .threads = 1, .cache_bytes = 8 << 20 };
	struct unbound *unbound;
	struct err err;
	uv_loop_t own;
	pid_t pid;

	uv_loop_init(&own);
	if (unbound_start(&own, &settings, NULL, NULL, &unbound, &err) < 0 ||
	    unbound_wait(unbound, in_s(20), &err) < 0)
		_exit(1);
	pid = unbound_pid(unbound);
	(void)!write(tell, &pid, sizeof pid);
	for (;;)
		pause();
}

TEST(it_is_gone_with_a_parent_that_is_killed)
{
	test_goes_with_parent(be_parent, NULL);
}
