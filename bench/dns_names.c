/* SPDX-License-Identifier: Apache-2.0 */
/* What does `dss ask dns A < names` cost a name, all processes together, beside the batched exchange
 * alone? The product's headline. */
#include "bench/answerd.h"

#include "base/str.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

enum { NAMES = 500000 };

/* Of thirteen lengths, mixed, as in a list of names. */
static int names_file(unsigned count)
{
	char path[] = "/tmp/dss-names-XXXXXX";
	int fd = mkstemp(path);
	FILE *file = fdopen(fd, "w");

	(void)!unlink(path);
	for (unsigned i = 0; i < count; i++)
		(void)!fprintf(file, "%.*s%06u.example.com\n", (int)(i * 7 % 13), "abcdefghijklm",
			       i);
	(void)!fflush(file);
	(void)!lseek(fd, 0, SEEK_SET);
	return fd;
}

static void ask(const char *program, int names, const char *resolver)
{
	int quiet = open("/dev/null", O_RDWR | O_CLOEXEC);

	bench_pin();
	dup2(names, 0);
	dup2(quiet, 1);
	execl(program, program, "ask", "dns", "A", "--resolver", resolver, "--quiet", (char *)NULL);
	_exit(127);
}

static double seconds(struct timeval t)
{
	return (double)t.tv_sec + (double)t.tv_usec / 1e6;
}

int main(int argc, char **argv)
{
	const char *build = argc > 1 ? argv[1] : "build/release";
	unsigned count = argc > 2 ? (unsigned)strtoul(argv[2], NULL, 10) : NAMES;
	int names = names_file(count), status = 0;
	char program[512], resolver[32];
	struct bench_clock begun;
	struct rusage usage;
	pid_t server, child;

	(void)!snprintf(resolver, sizeof resolver, "127.0.0.1:%u", answerd_start(&server));
	(void)!snprintf(program, sizeof program, "%s/src/main/dss", build);
	bench_begin(&begun);
	child = fork();
	if (!child)
		ask(program, names, resolver);
	if (wait4(child, &status, 0, &usage) == child && status == 0)
		bench_print("dns-names-json", count, bench_wall_s(&begun),
			    seconds(usage.ru_utime) + seconds(usage.ru_stime), usage.ru_maxrss);
	answerd_stop(server);
	return status ? 1 : 0;
}
