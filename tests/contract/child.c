/* SPDX-License-Identifier: Apache-2.0 */
/* How does a test run another process, and hear from it? */
#include "tests/contract/child.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PATIENCE_MS = 60000 };

void test_child_start(struct test_child *child, int (*run)(int hears, int says, void *context),
		      void *context)
{
	int up[2], down[2];

	CHECK_INT(pipe2(up, O_CLOEXEC), 0);
	CHECK_INT(pipe2(down, O_CLOEXEC), 0);
	fflush(NULL);
	child->pid = fork();
	CHECK(child->pid >= 0);
	if (child->pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		close(up[0]);
		close(down[1]);
		_exit(run(down[0], up[1], context));
	}
	close(up[1]);
	close(down[0]);
	child->says = up[0];
	child->hears = down[1];
}

bool test_child_hear(struct test_child *child, void *out, size_t len)
{
	for (size_t have = 0; have < len;) {
		struct pollfd ready = { .fd = child->says, .events = POLLIN };
		ssize_t got;

		if (poll(&ready, 1, PATIENCE_MS) <= 0)
			return false;
		got = read(child->says, (char *)out + have, len - have);
		if (got <= 0)
			return false;
		have += (size_t)got;
	}
	return true;
}

void test_child_tell(struct test_child *child, char what)
{
	CHECK_INT(write(child->hears, &what, 1), 1);
}

int test_child_end(struct test_child *child)
{
	int status = 0;

	close(child->hears);
	CHECK_INT(waitpid(child->pid, &status, 0), child->pid);
	close(child->says);
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

void test_child_kill(struct test_child *child)
{
	CHECK_INT(kill(child->pid, SIGKILL), 0);
	test_child_end(child);
}
