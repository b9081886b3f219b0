/* SPDX-License-Identifier: Apache-2.0 */
/* How does a real NSD answer for a server of the scenario (engine=nsd)? */
#include "server.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { TRIES = 100, PAUSE_MS = 50, PROCESSES = 64 };

static pid_t running[PROCESSES];
static size_t running_count;

static void print_set(FILE *file, const struct node *node, const struct rrset *set)
{
	struct rrset sigs = { .type = LDNS_RR_TYPE_RRSIG, .count = set->sig_count, .rr = set->sig };
	ldns_rr_list *list = rrset_to_ldns(node->owner, set);

	ldns_rr_list_print(file, list);
	ldns_rr_list_deep_free(list);
	list = rrset_to_ldns(node->owner, &sigs);
	ldns_rr_list_print(file, list);
	ldns_rr_list_deep_free(list);
}

static void print_zone(const struct zone *zone, const char *path)
{
	const struct node *apex = zone_node(zone, zone->apex);
	FILE *file = fopen(path, "w");

	if (!file)
		fatal("%s: %s", path, strerror(errno));
	print_set(file, apex, node_set(apex, LDNS_RR_TYPE_SOA));
	for (size_t i = 0; i < zone->node_slots; i++) {
		const struct node *node = zone->node[i];

		for (const struct rrset *set = node ? node->sets : NULL; set; set = set->next)
			if (node != apex || set->type != LDNS_RR_TYPE_SOA)
				print_set(file, node, set);
	}
	if (fclose(file))
		fatal("%s: cannot be written", path);
}

static char *configure(const struct server *server, const char *folder)
{
	char *path = pool_format("%s/nsd.conf", folder), text[64];
	FILE *file = fopen(path, "w");

	if (!file)
		fatal("%s: %s", path, strerror(errno));
	/* Two servers: with one NSD does not share its port with the socket for all addresses. */
	fprintf(file,
		"server:\n server-count: 2\n port: %d\n username: \"\"\n chroot: \"\"\n"
		" zonesdir: \"%s\"\n pidfile: \"\"\n database: \"\"\n logfile: \"%s/log\"\n"
		" xfrdfile: \"%s/xfrd\"\n zonelistfile: \"%s/zones\"\n hide-version: %s\n"
		" hide-identity: yes\n answer-cookie: yes\n reuseport: yes\n"
		" ipv4-edns-size: 1232\n ipv6-edns-size: 1232\n",
		DNS_PORT, folder, folder, folder, folder, server->version ? "no" : "yes");
	for (size_t i = 0; i < server->ip_count; i++)
		fprintf(file, " ip-address: %s\n", ip_text(&server->ip[i], text));
	fprintf(file, "remote-control:\n control-enable: no\n");
	for (size_t i = 0, number = 0; i < server->zone_slots; i++) {
		char *zone_path;

		if (!server->zone[i])
			continue;
		zone_path = pool_format("%s/%zu.zone", folder, number++);
		print_zone(server->zone[i], zone_path);
		fprintf(file, "zone:\n name: \"%s\"\n zonefile: \"%s\"\n", server->zone[i]->name,
			zone_path);
		free(zone_path);
	}
	if (fclose(file))
		fatal("%s: cannot be written", path);
	return path;
}

static void wait_until_ready(const struct server *server, pid_t pid, const char *folder)
{
	const struct timespec pause = { .tv_nsec = PAUSE_MS * 1000000 };
	struct sockaddr_in6 v6 = { .sin6_family = AF_INET6, .sin6_port = htons(DNS_PORT) };
	struct sockaddr_in v4 = { .sin_family = AF_INET, .sin_port = htons(DNS_PORT) };
	bool is_v4 = server->ip[0].family == AF_INET;

	memcpy(&v4.sin_addr, server->ip[0].bytes, 4);
	memcpy(&v6.sin6_addr, server->ip[0].bytes, 16);
	for (int i = 0; i < TRIES; i++) {
		int fd = socket(server->ip[0].family, SOCK_STREAM | SOCK_CLOEXEC, 0);
		int failed = connect(fd, is_v4 ? (void *)&v4 : (void *)&v6,
				     is_v4 ? sizeof(v4) : sizeof(v6));

		close(fd);
		if (!failed)
			return;
		if (waitpid(pid, NULL, WNOHANG) == pid)
			break;
		nanosleep(&pause, NULL);
	}
	fatal("%s: NSD does not start: see %s/log", server->name, folder);
}

static void start(const struct world *world, const struct server *server)
{
	char *folder = pool_format("%s/nsd-%zu", world->run, server->number), *conf;
	pid_t pid;

	if (mkdir(folder, 0700) || running_count == PROCESSES)
		fatal("%s: %s", folder, strerror(errno));
	conf = configure(server, folder);
	pid = fork();
	if (pid < 0)
		fatal("fork: %s", strerror(errno));
	if (!pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		execl("/usr/sbin/nsd", "nsd", "-d", "-c", conf, (char *)NULL);
		fprintf(stderr, "internet: /usr/sbin/nsd: %s\n", strerror(errno));
		_exit(127);
	}
	running[running_count++] = pid;
	wait_until_ready(server, pid, folder);
}

void nsd_start(const struct world *world)
{
	for (size_t i = 0; i < world->server_count; i++)
		if (world->server[i].engine)
			start(world, &world->server[i]);
}

void nsd_stop(void)
{
	for (size_t i = 0; i < running_count; i++)
		kill(running[i], SIGTERM);
	for (size_t i = 0; i < running_count; i++)
		waitpid(running[i], NULL, 0);
}
