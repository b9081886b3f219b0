/* SPDX-License-Identifier: Apache-2.0 */
/* Does a child go when its parent is killed? */
#include "tests/orphan.h"

#include "tests/test.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

enum { POLL_US = 5000, POLLS = 2000 };

/* The child is gone (waitpid's status), or -1 after ten seconds. */
static int wait_for(pid_t child)
{
	int status;

	for (unsigned i = 0; i < POLLS; i++) {
		if (waitpid(child, &status, WNOHANG) == child)
			return status;
		usleep(POLL_US);
	}
	kill(child, SIGKILL);
	waitpid(child, &status, 0);
	return -1;
}

void test_goes_with_parent(orphan_parent *parent, const void *context)
{
	int fds[2], status;
	pid_t pid, child = 0;

	CHECK(prctl(PR_SET_CHILD_SUBREAPER, 1) == 0); /* the orphan becomes ours */
	CHECK(pipe2(fds, O_CLOEXEC) == 0);
	fflush(NULL);
	pid = fork();
	CHECK(pid >= 0);
	if (pid == 0) {
		parent(fds[1], context);
		_exit(1);
	}
	close(fds[1]);
	CHECK(read(fds[0], &child, sizeof child) == sizeof child);
	close(fds[0]);
	CHECK(kill(child, 0) == 0);
	kill(pid, SIGKILL);
	CHECK(waitpid(pid, &status, 0) == pid);
	status = wait_for(child);
	prctl(PR_SET_CHILD_SUBREAPER, 0);
	CHECK(status >= 0 && WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
}
