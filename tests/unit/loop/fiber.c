/* SPDX-License-Identifier: Apache-2.0 */
/* Do fibers start, wait, wake and end in the order that fiber.h promises? */
#include "loop/fiber.h"

#include "base/clock.h"
#include "loop/loop.h"
#include "tests/test.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

enum { BURST = 2000 };

static uv_loop_t loop;
static struct fibers *fibers;
static char order[64];
static size_t order_len;

static void note(char c)
{
	order[order_len++] = c;
	order[order_len] = 0;
}

static void begin(size_t limit)
{
	order_len = 0;
	order[0] = 0;
	CHECK(uv_loop_init(&loop) == 0);
	fibers = fibers_open(&loop, limit);
}

static void end(void)
{
	uv_run(&loop, UV_RUN_DEFAULT);
	CHECK_INT(fibers_alive(fibers), 0);
	CHECK(fibers_close(fibers) == 0);
	CHECK_INT(loop_close(&loop), 0);
}

static int64_t in_ms(int64_t ms)
{
	return clock_monotonic_us() + ms * 1000;
}

static void inner(void *arg)
{
	*(struct fiber **)arg = fiber_current();
	note('b');
	CHECK(fiber_wait_until(in_ms(10000)) == 0);
	note('e');
}

static void outer(void *arg)
{
	struct fiber *other = NULL;

	note('a');
	CHECK(fiber_start(fibers, inner, &other) == 0);
	note('c');
	CHECK(fiber_wait_until(in_ms(5)) == -ETIMEDOUT);
	note('d');
	fiber_wake(other);
	note('f');
}

TEST(a_fiber_that_starts_or_wakes_another_goes_on_after_it)
{
	begin(10);
	CHECK(fiber_start(fibers, outer, NULL) == 0);
	CHECK_STR(str_of(order), "abc");
	CHECK(fibers_close(fibers) == -EBUSY);
	CHECK(fiber_current() == NULL);
	end();
	CHECK_STR(str_of(order), "abcdef");
}

static void wakes_itself(void *arg)
{
	fiber_wake(fiber_current());
	CHECK(fiber_wait_until(0) == 0);
	CHECK(fiber_wait_until(0) == -ETIMEDOUT);
	note('x');
}

TEST(a_wake_before_the_wait_is_remembered_once)
{
	begin(1);
	CHECK(fiber_start(fibers, wakes_itself, NULL) == 0);
	CHECK_STR(str_of(order), "");
	end();
	CHECK_STR(str_of(order), "x");
}

static void use_stack(unsigned depth)
{
	volatile char frame[512];

	memset((char *)frame, (int)depth, sizeof frame);
	if (depth)
		use_stack(depth - 1);
	CHECK((unsigned char)frame[17] == (unsigned char)depth);
}

static void sleeper(void *arg)
{
	use_stack(30);
	CHECK(fiber_wait_until(*(int64_t *)arg) == -ETIMEDOUT);
	use_stack(30);
}

TEST(stacks_are_reused_and_a_burst_gives_its_pages_back)
{
	int64_t due = in_ms(50);
	size_t warm, cold;

	begin(BURST);
	for (unsigned round = 0; round < 2; round++, due = in_ms(50)) {
		for (unsigned i = 0; i < BURST; i++)
			CHECK(fiber_start(fibers, sleeper, &due) == 0);
		CHECK(fiber_start(fibers, sleeper, &due) == -EAGAIN);
		uv_run(&loop, UV_RUN_DEFAULT);
		CHECK_INT(fibers_alive(fibers), 0);
	}
	fibers_idle(fibers, &warm, &cold);
	CHECK(warm < BURST && cold > 0 && warm + cold <= BURST);
	end();
}

static void reader(void *arg)
{
	struct fiber_poll *poll;
	int fd = *(int *)arg;
	char c;

	CHECK(fiber_poll_open(&loop, fd, &poll) == 0);
	CHECK(fiber_poll_wait(poll, UV_READABLE, in_ms(5)) == -ETIMEDOUT);
	note('t');
	CHECK(fiber_poll_wait(poll, UV_READABLE, in_ms(10000)) == UV_READABLE);
	CHECK(read(fd, &c, 1) == 1);
	note(c);
	CHECK(fiber_poll_wait(poll, UV_READABLE, in_ms(10000)) > 0); /* the other end closed */
	CHECK(read(fd, &c, 1) == 0);
	note('.');
	fiber_poll_close(poll);
}

static void writer(void *arg)
{
	int fd = *(int *)arg;

	CHECK(fiber_wait_until(in_ms(30)) == -ETIMEDOUT);
	CHECK(write(fd, "w", 1) == 1);
	CHECK(fiber_wait_until(in_ms(10)) == -ETIMEDOUT);
	close(fd);
}

TEST(a_fiber_waits_for_a_descriptor)
{
	int fds[2];

	begin(10);
	CHECK(pipe2(fds, O_NONBLOCK | O_CLOEXEC) == 0);
	CHECK(fiber_start(fibers, reader, &fds[0]) == 0);
	CHECK(fiber_start(fibers, writer, &fds[1]) == 0);
	end();
	close(fds[0]);
	CHECK_STR(str_of(order), "tw.");
}

static void overflow(void *arg)
{
	volatile char big[64 * 1024];
	unsigned depth = *(unsigned *)arg + 1;

	big[0] = big[sizeof big - 1] = 1;
	if (depth < 64)
		overflow(&depth);
	big[1] = big[0];
}

TEST(a_stack_overflow_is_a_fault)
{
	int status;
	pid_t pid = fork();

	CHECK(pid >= 0);
	if (pid == 0) {
		unsigned depth = 0;
		uv_loop_t own;

		close(STDERR_FILENO);
		signal(SIGSEGV, SIG_DFL); /* instead of the sanitizer's report */
		signal(SIGBUS, SIG_DFL);
		uv_loop_init(&own);
		(void)!fiber_start(fibers_open(&own, 1), overflow, &depth);
		_exit(0);
	}
	CHECK(waitpid(pid, &status, 0) == pid);
	CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV);
}
