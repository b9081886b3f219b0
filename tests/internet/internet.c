/* SPDX-License-Identifier: Apache-2.0 */
/* How does a scenario come to life around a command, and go away after it? */
#include "answer.h"
#include "server.h"
#include "world.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static volatile int has_ended;
static int child_fd = -1;

static void on_child(void *context, uint32_t events)
{
	struct signalfd_siginfo info;

	(void)context;
	(void)events;
	has_ended = read(child_fd, &info, sizeof(info)) == (ssize_t)sizeof(info);
}

static void watch_children(const sigset_t *set)
{
	sigprocmask(SIG_BLOCK, set, NULL);
	child_fd = signalfd(-1, set, SFD_CLOEXEC | SFD_NONBLOCK);
	loop_watch(child_fd, on_child, NULL, EPOLLIN);
}

/* Addresses of silent servers and hosts are not on this machine: the route to nowhere takes what
 * is sent to them. */
static void add_address(FILE *batch, const struct ip *ip)
{
	char text[64];
	static const struct ip loopback = { .family = AF_INET6, .bytes = { [15] = 1 } };

	if ((ip->family == AF_INET && ip->bytes[0] == 127) || ip_equal(ip, &loopback))
		return; /* there from the beginning */
	fprintf(batch, "address add %s/%d dev lo%s\n", ip_text(ip, text),
		ip->family == AF_INET ? 32 : 128, ip->family == AF_INET ? "" : " nodad");
}

static int compare_ips(const void *a, const void *b)
{
	return memcmp(a, b, sizeof(struct ip));
}

static void add_addresses(const struct world *world)
{
	FILE *batch = popen("ip -batch -", "w");
	struct ip *all = NULL;
	size_t count = 0;

	if (!batch)
		fatal("ip: %s", strerror(errno));
	for (size_t i = 0; i < world->server_count; i++)
		for (size_t k = 0; k < world->server[i].ip_count && !world->server[i].is_silent;
		     k++) {
			all = pool_grow(all, count, sizeof(*all));
			all[count++] = world->server[i].ip[k];
		}
	for (size_t i = 0; i < world->host_count; i++)
		for (size_t k = 0; k < world->host[i].ip_count && !world->host[i].is_silent; k++) {
			all = pool_grow(all, count, sizeof(*all));
			all[count++] = world->host[i].ip[k];
		}
	if (count)
		qsort(all, count, sizeof(*all), compare_ips);
	for (size_t i = 0; i < count; i++)
		if (!i || !ip_equal(&all[i], &all[i - 1]))
			add_address(batch, &all[i]);
	if (pclose(batch))
		fatal("the scenario's addresses cannot be added");
}

static FILE *create(const struct world *world, const char *name)
{
	char *path = pool_format("%s/%s", world->run, name);
	FILE *file = fopen(path, "w");

	if (!file)
		fatal("%s: %s", path, strerror(errno));
	free(path);
	return file;
}

static void write_hints(const struct world *world)
{
	const struct zone *root = world_zone(world, (const uint8_t *)"");
	FILE *hints = create(world, "root.hints"), *anchor = create(world, "trust-anchor");

	for (size_t i = 0; i < root->server_count; i++) {
		const struct server *server = root->server[i];

		fprintf(hints, ". 3600000 IN NS %s.\n", server->name);
		for (size_t k = 0; k < server->ip_count; k++) {
			char text[64];

			fprintf(hints, "%s. 3600000 IN %s %s\n", server->name,
				server->ip[k].family == AF_INET ? "A" : "AAAA",
				ip_text(&server->ip[k], text));
		}
	}
	for (size_t i = 0; root->ds && i < ldns_rr_list_rr_count(root->ds); i++)
		ldns_rr_print(anchor, ldns_rr_list_rr(root->ds, i));
	if (fclose(hints) || fclose(anchor))
		fatal("%s: cannot be written", world->run);
}

static void set_environment(const struct world *world)
{
	const char *path = getenv("PATH");
	char *hints = pool_format("%s/root.hints", world->run);
	char *anchor = pool_format("%s/trust-anchor", world->run);

	setenv("DSS_SCAN_ROOT_HINTS", hints, 1);
	setenv("DSS_SCAN_TRUST_ANCHOR", anchor, 1);
	setenv("DSS_ROOT_HINTS", hints, 1);
	setenv("DSS_TRUST_ANCHOR", anchor, 1);
	if (world->web_count) {
		setenv("DSS_SCAN_CA_FILE", pool_format("%s/ca.pem", world->run), 1);
		setenv("DSS_SCAN_RDAP_BOOTSTRAP", pool_format("%s/rdap-bootstrap.json", world->run),
		       1);
	}
	setenv("DSS_INTERNET_RUN", world->run, 1);
	setenv("PATH", pool_format("%s:%s", world->build, path ? path : "/usr/bin:/bin"), 1);
}

static pid_t start_command(const struct world *world, char **command, const sigset_t *signals)
{
	pid_t pid = fork();

	if (pid < 0)
		fatal("fork: %s", strerror(errno));
	if (pid)
		return pid;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	sigprocmask(SIG_UNBLOCK, signals, NULL);
	signal(SIGINT, SIG_DFL);
	set_environment(world);
	execvp(command[0], command);
	fprintf(stderr, "internet: %s: %s\n", command[0], strerror(errno));
	_exit(127);
}

/* The program is the first process of its namespace and inherits orphans. True when it was pid. */
static bool reap(pid_t pid, int *ret_status)
{
	pid_t ended;
	int status;

	while ((ended = waitpid(-1, &status, WNOHANG)) > 0)
		if (ended == pid) {
			*ret_status = status;
			return true;
		}
	return false;
}

static void allow_descriptors(void)
{
	struct rlimit limit;

	getrlimit(RLIMIT_NOFILE, &limit);
	limit.rlim_cur = limit.rlim_max;
	setrlimit(RLIMIT_NOFILE, &limit);
}

/* internet SCENARIO BUILD RUN COMMAND…: in a network namespace of its own (see run). */
int main(int argc, char **argv)
{
	static struct world world;
	sigset_t signals;
	long start = now_ms();
	int status = 0;
	pid_t pid;

	if (argc < 5)
		fatal("usage: tests/internet/run BUILD_DIR SCENARIO [COMMAND…]");
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	srand((unsigned)time(NULL));
	world.folder = argv[1];
	world.build = argv[2];
	world.run = argv[3];
	the_world = &world;
	scenario_read(&world);
	world_complete(&world);
	add_addresses(&world);
	write_hints(&world);
	signal(SIGINT, SIG_IGN); /* the terminal's interrupt is for the command */
	allow_descriptors();
	journal_open();
	server_open(&world);
	nsd_start(&world);
	web_start(&world);
	sigemptyset(&signals);
	sigaddset(&signals, SIGCHLD);
	watch_children(&signals);
	if (getenv("INTERNET_VERBOSE"))
		fprintf(stderr, "internet: %zu servers, %zu zones, ready after %ld ms\n",
			world.server_count, world.zone_count, now_ms() - start);
	pid = start_command(&world, argv + 4, &signals);
	while (!reap(pid, &status)) {
		has_ended = 0;
		server_run(&has_ended);
	}
	web_stop();
	nsd_stop();
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
