/* SPDX-License-Identifier: Apache-2.0 */
/* How does a test program come by its broker? */
#include "tests/contract/broker.h"

#include "tests/test.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

static struct broker broker;
static FILE *to, *from;
static pid_t pid, owner;

/* Its input ends: it stops the broker. A child of the test that was forked later leaves it alone. */
static void stop(void)
{
	if (getpid() != owner)
		return;
	fclose(to);
	waitpid(pid, NULL, 0);
}

static void member(const char *line, const char *name, char *out, size_t size)
{
	char key[32];
	const char *at;
	size_t len;

	snprintf(key, sizeof key, "\"%s\": \"", name);
	at = strstr(line, key);
	CHECK(at != NULL);
	at += strlen(key);
	len = strcspn(at, "\"");
	CHECK(len < size);
	memcpy(out, at, len);
	out[len] = '\0';
}

static unsigned number(const char *line, const char *key)
{
	const char *at = strstr(line, key);

	CHECK(at != NULL);
	return (unsigned)strtoul(at + strlen(key), NULL, 10);
}

static const char *hear(void)
{
	static char line[8192];

	if (!fgets(line, sizeof line, from))
		fail_msg("the broker's program ended");
	return line;
}

static void start(void)
{
	int down[2], up[2];

	CHECK_INT(pipe2(down, O_CLOEXEC), 0);
	CHECK_INT(pipe2(up, O_CLOEXEC), 0);
	fflush(NULL);
	owner = getpid();
	pid = fork();
	CHECK(pid >= 0);
	if (!pid) {
		prctl(PR_SET_PDEATHSIG, SIGTERM);
		dup2(down[0], 0);
		dup2(up[1], 1);
		execl(BROKER_PROGRAM, BROKER_PROGRAM, (char *)NULL);
		_exit(127);
	}
	close(down[0]);
	close(up[1]);
	to = fdopen(down[1], "w");
	from = fdopen(up[0], "r");
	atexit(stop);
}

const struct broker *broker_of_test(void)
{
	char file[256];
	const char *line;
	FILE *secret;

	if (pid)
		return &broker;
	start();
	line = hear();
	member(line, "url", broker.url, sizeof broker.url);
	member(line, "password_file", file, sizeof file);
	member(line, "ca_file", broker.ca_file, sizeof broker.ca_file);
	broker.port = number(line, "\"port\": ");
	broker.tls_port = number(line, "\"tls_port\": ");
	secret = fopen(file, "r");
	CHECK(secret && fgets(broker.password, sizeof broker.password, secret));
	fclose(secret);
	broker.password[strcspn(broker.password, "\n")] = '\0';
	return &broker;
}

const char *broker_do(const char *words)
{
	fprintf(to, "%s\n", words);
	fflush(to);
	return hear();
}
