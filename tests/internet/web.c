/* SPDX-License-Identifier: Apache-2.0 */
/* How do the scenario's HTTP, HTTPS and WHOIS servers (web.py) start and stop? */
#include "server.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { TRIES = 1500, PAUSE_MS = 10 };

static pid_t running;

static void write_lines(const struct world *world, const char *path)
{
	FILE *file = fopen(path, "w");

	if (!file)
		fatal("%s: %s", path, strerror(errno));
	for (size_t i = 0; i < world->web_count; i++)
		fprintf(file, "%s\n", world->web[i]);
	if (fclose(file))
		fatal("%s: cannot be written", path);
}

void web_start(const struct world *world)
{
	const struct timespec pause = { .tv_nsec = PAUSE_MS * 1000000 };
	char *lines = pool_format("%s/web", world->run);
	char *ready = pool_format("%s/web.ready", world->run);
	pid_t parent = getpid();

	if (!world->web_count)
		return;
	write_lines(world, lines);
	running = fork();
	if (running < 0)
		fatal("fork: %s", strerror(errno));
	if (!running) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (getppid() != parent)
			_exit(127);
		execl(WEB_PROGRAM, "web.py", world->run, (char *)NULL);
		fprintf(stderr, "internet: %s: %s\n", WEB_PROGRAM, strerror(errno));
		_exit(127);
	}
	for (int i = 0; access(ready, F_OK); i++) {
		if (i == TRIES || waitpid(running, NULL, WNOHANG) == running)
			fatal("the web servers do not start");
		nanosleep(&pause, NULL);
	}
}

void web_stop(void)
{
	if (!running)
		return;
	kill(running, SIGKILL);
	waitpid(running, NULL, 0);
}
