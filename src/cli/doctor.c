/* SPDX-License-Identifier: Apache-2.0 */
/* What can this machine ask, and what can it not? */
#include "base/clock.h"
#include "bus/bus.h"
#include "cli/broker.h"
#include "cli/command.h"
#include "cli/data_files.h"
#include "cli/output.h"
#include "children/scanner.h"
#include "loop/cage.h"
#include "loop/child.h"
#include "loop/loop.h"
#include "loop/sandbox.h"
#include "net/unbound.h"
#include "settings/definitions.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

enum { REACH_MS = 2000, RESOLVER_MS = 12000, PATH_BYTES = 4096 };

/* When this program was made: a clock before that is wrong. 2026-11-01. */
static const int64_t clock_least_us = 1793491200ll * 1000000;

enum state { GOOD, LIMITED, BAD };

struct doctor {
	const struct call *call;
	struct buf out;
	bool is_bad;
};

static void report(struct doctor *doctor, enum state state, const char *what, struct str text)
{
	static const char *const words[] = { "ok", "limited", "BAD" };

	buf_printf(&doctor->out, " %-8s %-12s %.*s\n", words[state], what, STR(text));
	doctor->is_bad |= state == BAD;
}

static void sandbox_check(struct doctor *doctor)
{
	struct sandbox_status status = sandbox_status();

	report(doctor, status.has_seccomp ? GOOD : BAD, "seccomp",
	       str_of(status.has_seccomp ? "the scanner can lock itself in"
					 : "this kernel cannot filter system calls"));
	report(doctor, status.landlock_abi ? GOOD : LIMITED, "landlock",
	       status.landlock_abi
		       ? str_printf(doctor->call->arena, "ABI %d", status.landlock_abi)
		       : STR_LIT("not in this kernel: files are guarded by seccomp alone"));
}

static const char *file_of(const struct call *call, enum setting setting)
{
	struct str path = call_value(call, setting)->text;

	return path.len ? str_cstring(call->arena, path) : NULL;
}

/* Start the resolver that scans would have, wait for its first answer, and end it: 0, or why not. */
static int unbound_try(const struct call *call, struct err *err)
{
	struct unbound_settings settings = { .threads = 1,
					     .cache_bytes = 8 << 20,
					     .root_hints = file_of(call, SETTING_ROOT_HINTS),
					     .trust_anchor = file_of(call, SETTING_TRUST_ANCHOR) };
	struct unbound *unbound = NULL;
	uv_loop_t loop;
	int code;

	if (uv_loop_init(&loop) < 0)
		return err_set(err, -ENOMEM, "cannot make an event loop");
	code = unbound_start(&loop, &settings, NULL, NULL, &unbound, err);
	if (code == 0)
		code = unbound_wait(unbound, clock_monotonic_us() + RESOLVER_MS * 1000, err);
	unbound_close(unbound);
	(void)loop_close(&loop);
	return code;
}

static void unbound_check(struct doctor *doctor, const char *path)
{
	const struct call *call = doctor->call;
	bool is_needed = !call_value(call, SETTING_RESOLVER)->count;
	int64_t began_us = clock_monotonic_us();
	struct err err = { 0 };

	if (unbound_try(call, &err) < 0)
		report(doctor, is_needed ? BAD : LIMITED, "unbound",
		       str_printf(call->arena, "%s does not come up: %s", path, err.text));
	else
		report(doctor, GOOD, "unbound",
		       str_printf(call->arena, "%s answers %lld ms after its start", path,
				  (long long)(clock_monotonic_us() - began_us) / 1000));
}

static void programs_check(struct doctor *doctor)
{
	const char *scanner = process_program(doctor->call->arena);
	char path[PATH_BYTES];

	report(doctor, scanner ? GOOD : BAD, "dss-net",
	       str_of(scanner ? scanner : "missing: it belongs beside dss"));
	if (child_find_program("unbound", path, sizeof path))
		unbound_check(doctor, path);
	else
		report(doctor, LIMITED, "unbound",
		       STR_LIT("not installed: scans need --resolver, or apt install unbound"));
}

/* Only who has named a broker is told of one. */
static void queue_check(struct doctor *doctor)
{
	const struct call *call = doctor->call;
	struct bus_address address;
	struct err err = { 0 };
	struct bus *bus = NULL;
	uv_loop_t loop;
	int code;

	if (bus_is_embedded(call_value(call, SETTING_BUS)->text))
		return;
	if (broker_address(call, "doctor", &address) != EXIT_DONE || uv_loop_init(&loop) < 0) {
		doctor->is_bad = true;
		return;
	}
	code = bus_open(&(struct bus_settings){ .url = address.url,
						.password = address.password,
						.ca_file = address.ca_file,
						.loop = &loop },
			&(struct bus_handlers){ .context = NULL }, &bus, &err);
	if (code == 0)
		code = bus_probe(bus, &err);
	bus_close(bus);
	loop_run_closing(&loop);
	(void)loop_close(&loop);
	report(doctor, code == 0 ? GOOD : BAD, "queue",
	       code == 0 ? STR_LIT("the broker takes us, and has what we declare")
			 : str_copy(call->arena, str_of(err.text)));
}

/* A route is there when a datagram socket can be connected; nothing is sent. */
static bool has_route(const char *text)
{
	struct address address;
	struct sockaddr_storage to;
	socklen_t len;
	bool has_route;
	int fd;

	if (address_parse(str_of(text), &address) < 0)
		return false;
	len = address_to_sockaddr(&address, 53, &to);
	fd = socket(to.ss_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	has_route = fd >= 0 && !connect(fd, (struct sockaddr *)&to, len);
	if (fd >= 0)
		close(fd);
	return has_route;
}

static void routes_check(struct doctor *doctor)
{
	/* Root servers' addresses (a.root-servers.net), the most public ones that there are. */
	report(doctor, has_route("198.41.0.4") ? GOOD : BAD, "IPv4",
	       has_route("198.41.0.4") ? STR_LIT("has a route") : STR_LIT("no route"));
	report(doctor, has_route("2001:503:ba3e::2:30") ? GOOD : LIMITED, "IPv6",
	       has_route("2001:503:ba3e::2:30")
		       ? STR_LIT("has a route")
		       : STR_LIT("no route: what needs it is listed as not tested"));
}

/* A query for the root's NS records, as UDP has it. */
static const unsigned char query[] = { 0x44, 0x53, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 2, 0, 1 };

static bool answers(int fd, bool is_tcp)
{
	struct pollfd wait = { .fd = fd, .events = POLLIN };
	unsigned char out[sizeof query + 2] = { 0, sizeof query }, in[512];
	size_t skip = is_tcp ? 0 : 2, id_at = is_tcp ? 2 : 0;
	ssize_t got;

	memcpy(out + 2, query, sizeof query);
	if (send(fd, out + skip, sizeof out - skip, MSG_NOSIGNAL) < 0 ||
	    poll(&wait, 1, REACH_MS) <= 0)
		return false;
	got = recv(fd, in, sizeof in, 0);
	return got > (ssize_t)id_at + 2 && in[id_at] == query[0] && in[id_at + 1] == query[1];
}

static bool is_connected(int fd, const struct sockaddr_storage *to, socklen_t len)
{
	struct pollfd wait = { .fd = fd, .events = POLLOUT };
	socklen_t size = sizeof(int);
	int error = 0;

	if (!connect(fd, (const struct sockaddr *)to, len))
		return true;
	return errno == EINPROGRESS && poll(&wait, 1, REACH_MS) > 0 &&
	       !getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) && !error;
}

static bool resolver_answers(const struct address *address, uint16_t port, bool is_tcp)
{
	struct sockaddr_storage to;
	socklen_t len = address_to_sockaddr(address, port, &to);
	int fd = socket(to.ss_family,
			(is_tcp ? SOCK_STREAM : SOCK_DGRAM) | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	bool is_fine = fd >= 0 && is_connected(fd, &to, len) && answers(fd, is_tcp);

	if (fd >= 0)
		close(fd);
	return is_fine;
}

static void resolvers_check(struct doctor *doctor)
{
	const struct setting_value *resolvers = call_value(doctor->call, SETTING_RESOLVER);

	for (size_t i = 0; i < resolvers->count; i++) {
		struct address address;
		uint16_t port = 53;
		bool udp, tcp;

		if (address_port_parse(resolvers->list[i], &address, &port, NULL) < 0)
			continue;
		udp = resolver_answers(&address, port, false);
		tcp = resolver_answers(&address, port, true);
		report(doctor, udp && tcp ? GOOD : BAD, "resolver",
		       str_printf(doctor->call->arena, "%.*s: UDP %s, TCP %s",
				  STR(resolvers->list[i]), udp ? "answers" : "silent",
				  tcp ? "answers" : "silent"));
	}
}

static void clock_check(struct doctor *doctor)
{
	char now[TIME_TEXT_BYTES];
	bool is_sane = clock_utc_us() > clock_least_us;

	clock_text(clock_utc_us(), now);
	report(doctor, is_sane ? GOOD : BAD, "clock",
	       str_printf(doctor->call->arena, "%s%s", now,
			  is_sane ? ""
				  : ": before this program was made; signatures look expired"));
}

/* Which APIs can be asked? Each missing key is a line of its own. */
static void apis_check(struct doctor *doctor)
{
	const struct call *call = doctor->call;
	struct external external;
	struct err err = { 0 };
	size_t ready = 0, lacking = 0;

	if (external_read(call->arena, call->settings, &external, &err) < 0) {
		report(doctor, BAD, "apis", str_of(err.text));
		return;
	}
	for (size_t i = 0; i < external.definitions.count; i++) {
		const struct definition *d = &external.definitions.list[i];

		if (d->kind != DEFINITION_API || d->is_off)
			continue;
		ready += !d->lacks_secret;
		lacking += d->lacks_secret;
	}
	report(doctor, lacking ? LIMITED : GOOD, "apis",
	       str_printf(call->arena, "%zu can be asked, %zu lack%s a key", ready, lacking,
			  lacking == 1 ? "s" : ""));
	for (size_t i = 0; i < external.definitions.count; i++)
		if (external.definitions.list[i].lacks_secret)
			report(doctor, LIMITED, "key",
			       external_key_text(call->arena, call->settings,
						 &external.definitions.list[i]));
}

static void data_check(struct doctor *doctor)
{
	const struct data_file *files;
	size_t count;
	int64_t now_us = clock_utc_us();

	files = data_files(&count);
	for (size_t i = 0; i < count; i++)
		report(doctor, data_file_is_doubtful(&files[i], now_us) ? LIMITED : GOOD, "data",
		       data_file_text(doctor->call->arena, &files[i], now_us));
}

/* A tool that is not there leaves its checks unknown, in scans that may use tools. */
static void tools_check(struct doctor *doctor)
{
	const struct call *call = doctor->call;
	struct sandbox_status status = sandbox_status();
	bool has_cage = status.has_seccomp && status.landlock_abi &&
			(cage_has_namespaces() || status.has_landlock_scope);
	struct external external;
	struct err err = { 0 };
	char path[PATH_BYTES];

	report(doctor, has_cage ? GOOD : LIMITED, "tools",
	       has_cage ? STR_LIT("can be caged")
			: STR_LIT("are not started: their cage needs seccomp, Landlock, and user "
				  "namespaces or Landlock of Linux 6.12"));
	if (external_read(call->arena, call->settings, &external, &err) < 0) {
		report(doctor, BAD, "external", str_copy(call->arena, str_of(err.text)));
		return;
	}
	for (size_t i = 0; i < external.definitions.count; i++) {
		const struct definition *tool = &external.definitions.list[i];

		if (tool->kind != DEFINITION_TOOL || tool->is_off)
			continue;
		if (child_find_program(str_cstring(call->arena, tool->argv[0]), path, sizeof path))
			report(doctor, GOOD, "tool",
			       str_printf(call->arena, "%.*s: %s", STR(tool->name), path));
		else
			report(doctor, LIMITED, "tool",
			       str_printf(call->arena,
					  "%.*s: %.*s is not installed: what it would check is "
					  "unknown",
					  STR(tool->name), STR(tool->argv[0])));
	}
}

int doctor_run(const struct call *call)
{
	struct doctor doctor = { .call = call };
	int code;

	buf_init(&doctor.out, call->arena);
	sandbox_check(&doctor);
	programs_check(&doctor);
	tools_check(&doctor);
	routes_check(&doctor);
	resolvers_check(&doctor);
	queue_check(&doctor);
	clock_check(&doctor);
	apis_check(&doctor);
	data_check(&doctor);
	code = console_put(buf_str(&doctor.out));
	return code != EXIT_DONE ? code : doctor.is_bad ? EXIT_INCOMPLETE : EXIT_DONE;
}
