/* SPDX-License-Identifier: Apache-2.0 */
/* How is one tool kept? */
#include "roles/runner/keeper.h"

#include "loop/cage.h"
#include "net/dns_client.h"
#include "net/guard.h"

#include <ftw.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <unistd.h>

enum { CPU_SLACK_S = 2, TEMPORARY_DEPTH = 16 };

/* Where a caged program finds its name server, when the real one's port cannot be written down. */
#define NAME_SERVER "127.0.0.53"

static const struct desc_field plan_fields[] = {
	DESC_ARRAY(1, DESC_BYTES, struct keeper_plan, argv, argv_count),
	DESC_FIELD(2, DESC_UINT, struct keeper_plan, network),
	DESC_FIELD(3, DESC_ADDRESS, struct keeper_plan, address),
	DESC_FIELD(4, DESC_UINT, struct keeper_plan, port),
	DESC_ARRAY(5, DESC_STR, struct keeper_plan, resolvers, resolver_count),
	DESC_ARRAY(6, DESC_STR, struct keeper_plan, allow_networks, allow_network_count),
	DESC_FIELD(7, DESC_UINT, struct keeper_plan, time_ms),
	DESC_FIELD(8, DESC_UINT, struct keeper_plan, memory_bytes),
	DESC_FIELD(9, DESC_UINT, struct keeper_plan, processes),
	DESC_ARRAY(10, DESC_BYTES, struct keeper_plan, reads, read_count),
	DESC_FIELD(11, DESC_BYTES, struct keeper_plan, temporary),
	DESC_FIELD(12, DESC_BOOL, struct keeper_plan, is_bare),
	DESC_FIELD(13, DESC_BYTES, struct keeper_plan, authorities),
};
const struct desc keeper_plan_desc = DESC(keeper_plan, plan_fields);

static const struct desc_field report_fields[] = {
	DESC_FIELD(1, DESC_STR, struct keeper_report, error),
	DESC_FIELD(2, DESC_INT, struct keeper_report, code),
	DESC_FIELD(3, DESC_UINT, struct keeper_report, signal),
	DESC_FIELD(4, DESC_BOOL, struct keeper_report, was_stopped),
	DESC_FIELD(5, DESC_BOOL, struct keeper_report, is_bare),
	DESC_FIELD(6, DESC_UINT, struct keeper_report, connected),
	DESC_FIELD(7, DESC_UINT, struct keeper_report, denied),
	DESC_FIELD(8, DESC_STR, struct keeper_report, first_denied),
	DESC_FIELD(9, DESC_BOOL, struct keeper_report, is_told),
};
const struct desc keeper_report_desc = DESC(keeper_report, report_fields);

/* One tool: all that lives as long as this process. */
struct keeping {
	struct arena arena;
	struct keeper_plan plan;
	struct egress egress;
	struct guard_rules rules;
	struct cage_settings settings;
	const char *argv[DEFINITION_ITEMS + 1], *reads[DEFINITION_ITEMS + 1];
};

static int plan_read(struct keeping *keeping, struct err *err)
{
	struct buf bytes;
	ssize_t got = 1;

	buf_init(&bytes, &keeping->arena);
	while (got > 0 && bytes.len <= KEEPER_PLAN_BYTES) {
		got = read(KEEPER_PLAN_FD, buf_reserve(&bytes, 4096), 4096);
		bytes.len += got > 0 ? (size_t)got : 0;
	}
	close(KEEPER_PLAN_FD);
	if (got ||
	    desc_decode(&keeping->arena, &keeper_plan_desc, buf_str(&bytes), &keeping->plan) < 0)
		return err_set(err, ERR_SYNTAX, "the plan cannot be read");
	if (!keeping->plan.argv_count || keeping->plan.argv_count > DEFINITION_ITEMS ||
	    keeping->plan.read_count > DEFINITION_ITEMS)
		return err_set(err, ERR_LIMIT, "the plan has too many arguments, or none");
	return 0;
}

static int egress_read(struct keeping *keeping, struct err *err)
{
	const struct keeper_plan *plan = &keeping->plan;
	struct network *allowed =
		arena_array(&keeping->arena, plan->allow_network_count, sizeof *allowed);

	for (size_t i = 0; i < plan->allow_network_count; i++)
		TRY(network_parse(plan->allow_networks[i], &allowed[i], err));
	keeping->egress.policy = (struct policy){ allowed, plan->allow_network_count };
	keeping->rules.egress = &keeping->egress;
	if (plan->network == DEFINITION_NETWORK_ADDRESS) {
		keeping->rules.only = &plan->address;
		keeping->rules.only_port = plan->port;
	}
	return 0;
}

/* Names are resolved by our resolver, and a file has no room for its port. */
static int resolver_read(struct keeping *keeping, struct err *err)
{
	struct guard_rules *rules = &keeping->rules;
	struct address address;
	uint16_t port = DNS_PORT;

	if (keeping->plan.network != DEFINITION_NETWORK_GUARDED || !keeping->plan.resolver_count)
		return 0;
	TRY(address_port_parse(keeping->plan.resolvers[0], &address, &port, err));
	TRY(egress_trust(&keeping->egress, &address, port));
	if (port == DNS_PORT) {
		rules->name_server = address;
	} else {
		TRY(address_parse(STR_LIT(NAME_SERVER), &rules->name_server));
	}
	rules->resolver = address;
	rules->resolver_port = port;
	keeping->settings.resolv_conf =
		str_printf(&keeping->arena, "nameserver %.*s\noptions timeout:5 attempts:2\n",
			   STR(address_str(&keeping->arena, &rules->name_server)))
			.data;
	return 0;
}

static void settings_fill(struct keeping *keeping)
{
	const struct keeper_plan *plan = &keeping->plan;
	struct cage_settings *settings = &keeping->settings;

	for (size_t i = 0; i < plan->argv_count; i++)
		keeping->argv[i] = str_cstring(&keeping->arena, plan->argv[i]);
	for (size_t i = 0; i < plan->read_count; i++)
		keeping->reads[i] = str_cstring(&keeping->arena, plan->reads[i]);
	settings->argv = keeping->argv;
	settings->reads = keeping->reads;
	settings->network =
		plan->network == DEFINITION_NETWORK_NONE ? CAGE_NETWORK_NONE : CAGE_NETWORK_GUARDED;
	settings->memory_bytes = plan->memory_bytes;
	settings->processes = plan->processes;
	settings->cpu_s = plan->time_ms / 1000 + CPU_SLACK_S;
	if (plan->temporary.len)
		settings->temporary = str_cstring(&keeping->arena, plan->temporary);
	settings->is_bare = plan->is_bare;
	if (plan->authorities.len) {
		settings->file = KEEPER_AUTHORITIES;
		settings->file_text = plan->authorities;
	}
}

static int stop_open(struct err *err)
{
	sigset_t signals;
	int fd;

	sigemptyset(&signals);
	sigaddset(&signals, SIGTERM);
	sigaddset(&signals, SIGINT);
	sigprocmask(SIG_BLOCK, &signals, NULL);
	fd = signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
	return fd < 0 ? err_set(err, -errno, "signalfd: %s", strerror(errno)) : fd;
}

static int keep(struct keeping *keeping, int stop, struct keeper_report *report, struct err *err)
{
	struct cage_ending ending = { .code = -1 };
	struct guard_report guarded;
	struct cage cage;
	int code;

	if (prctl(PR_SET_CHILD_SUBREAPER, 1) < 0)
		return err_set(err, -errno, "PR_SET_CHILD_SUBREAPER: %s", strerror(errno));
	TRY(cage_start(&keeping->settings, &cage, err));
	code = guard_serve(cage.listener, cage.told, stop, (int)keeping->plan.time_ms,
			   &keeping->rules, &guarded);
	report->was_stopped = code != 0;
	if (code == 0 && !cage_told(&cage, &ending))
		ending = (struct cage_ending){ .code = -1, .signal = SIGKILL };
	cage_end(&cage);
	report->is_bare = cage.is_bare;
	report->code = ending.code;
	report->signal = (uint32_t)ending.signal;
	report->connected = guarded.allowed;
	report->denied = guarded.denied;
	report->first_denied = str_copy(&keeping->arena, str_of(guarded.first_denied));
	if (ending.step_error)
		return err_set(err, ending.step_error, "%s: %s", ending.step,
			       strerror(-ending.step_error));
	return 0;
}

static int on_left(const char *path, const struct stat *stat_, int type, struct FTW *at)
{
	(void)stat_;
	(void)type;
	return at->level ? remove(path) : 0; /* the directory itself is the runner's */
}

/* What was written where there is no file system of its own, which would have gone by itself. */
static void temporary_empty(const struct keeping *keeping)
{
	if (keeping->settings.temporary)
		(void)!nftw(keeping->settings.temporary, on_left, TEMPORARY_DEPTH,
			    FTW_DEPTH | FTW_PHYS | FTW_MOUNT);
}

int keeper_main(void)
{
	static struct keeping keeping;
	struct keeper_report report = { .code = -1, .is_told = true };
	struct err err = { 0 };
	struct buf bytes;
	int code, stop = stop_open(&err);

	code = stop < 0 ? stop : plan_read(&keeping, &err);
	if (code == 0)
		code = egress_read(&keeping, &err);
	if (code == 0)
		code = resolver_read(&keeping, &err);
	if (code == 0) {
		settings_fill(&keeping);
		code = keep(&keeping, stop, &report, &err);
		temporary_empty(&keeping);
	}
	if (code < 0)
		report.error = str_of(err.text);
	buf_init(&bytes, &keeping.arena);
	desc_encode(&bytes, &keeper_report_desc, &report);
	(void)!write(KEEPER_REPORT_FD, bytes.data, bytes.len);
	arena_release(&keeping.arena);
	return 0;
}
