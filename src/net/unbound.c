/* SPDX-License-Identifier: Apache-2.0 */
/* How does a resolver of our own come up, and go with us? */
#include "net/unbound.h"

#include "base/clock.h"
#include "loop/child.h"
#include "loop/identity.h"
#include "loop/loop.h"
#include "net/socket.h"
#include "net/unbound_config.h"

#include <fcntl.h>
#include <pwd.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <unistd.h>

enum {
	CONFIG_FD = 3,
	HINTS_FD = 4,
	ANCHOR_FD = 5,
	ATTEMPTS = 5,
	PROBE_MS = 3,
	PROBE_BYTES = 64 * 1024,
	START_LIMIT_MS = 10000,
	FILE_MAX = 1024 * 1024,
	THREADS_MAX = 16,
	NOBODY = 65534
};

#define DEBIAN_ANCHOR "/usr/share/dns/root.key"

struct unbound {
	uv_loop_t *loop;
	uv_timer_t probe_timer;
	uv_poll_t log_poll; /* of log_fd */
	unsigned open_handles;
	struct unbound_config config;
	struct unbound_events events;
	void *data;
	struct network *allowed; /* our copy of the policy's exceptions */
	struct policy policy;
	struct child *child;
	char program[256], token[33], why[sizeof((struct err *)0)->text];
	int hints_fd, anchor_fd, probe_fd;
	int log_fd, log_write_fd; /* one pipe for all attempts */
	unsigned attempts;
	int64_t give_up_us;
	bool is_ready, is_gone, is_settled;
};

static int attempt_begin(struct unbound *unbound, struct err *err);
static void attempt_end(struct unbound *unbound);

static void fd_close(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

/* ---- what it is given ---- */

/* Its content in memory, readable by whatever user the daemon becomes; -errno. */
static int memory_file(const char *name, const void *data, size_t len, struct err *err)
{
	int fd = memfd_create(name, MFD_CLOEXEC);

	while (fd >= 0 && len) {
		ssize_t put = write(fd, data, len);

		if (put < 0) {
			int code = -errno;

			close(fd);
			return err_set(err, code, "memfd: %s", strerror(-code));
		}
		data = (const char *)data + put;
		len -= (size_t)put;
	}
	return fd >= 0 ? fd : err_set(err, -errno, "memfd_create: %s", strerror(errno));
}

static int file_load(const char *path, int *ret_fd, struct err *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY), code;
	char *data;
	ssize_t len;

	if (fd < 0)
		return err_set(err, -errno, "%s: %s", path, strerror(errno));
	data = memory_alloc(FILE_MAX + 1);
	len = read(fd, data, FILE_MAX + 1);
	code = len < 0 ? -errno : 0;
	close(fd);
	if (code < 0)
		err_set(err, code, "%s: %s", path, strerror(-code));
	else if (len == 0 || len > FILE_MAX)
		code = err_set(err, ERR_LIMIT, "%s: empty, or larger than 1 MiB", path);
	else
		code = memory_file("dss-resolver", data, (size_t)len, err);
	memory_free(data);
	if (code < 0)
		return code;
	*ret_fd = code;
	return 0;
}

/* A port that is free for UDP and TCP now. */
static int port_pick(uint16_t *ret_port, struct err *err)
{
	struct sockaddr_storage sa;
	struct address loopback = address_ipv4((unsigned char[]){ 127, 0, 0, 1 });

	for (unsigned i = 0; i < 50; i++) {
		int udp = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
		int tcp = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
		socklen_t len = address_to_sockaddr(&loopback, 0, &sa), got = sizeof sa;
		uint16_t port = 0;
		bool is_free = udp >= 0 && tcp >= 0 &&
			       bind(udp, (struct sockaddr *)&sa, len) == 0 &&
			       getsockname(udp, (struct sockaddr *)&sa, &got) == 0 &&
			       bind(tcp, (struct sockaddr *)&sa, len) == 0;

		if (is_free)
			address_from_sockaddr((struct sockaddr *)&sa, &port);
		fd_close(&udp);
		fd_close(&tcp);
		if (is_free) {
			*ret_port = port;
			return 0;
		}
	}
	return err_set(err, -EADDRINUSE, "no free port on 127.0.0.1 for the resolver");
}

/* Does the kernel know a way to the IPv6 internet? Connecting a UDP socket sends nothing. */
static bool has_ipv6_route(void)
{
	static const struct address root_server = {
		ADDRESS_IPV6, { 0x20, 0x01, 0x05, 0, 0, 0x02, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x0c }
	};
	static const struct egress everywhere;
	struct destination to;
	int fd = -1;

	if (destination_approve(&everywhere, &root_server, 53, &to) == 0)
		fd = socket_connect_udp(&to, PROBE_BYTES);
	if (fd < 0)
		return false;
	close(fd);
	return true;
}

/* ---- is it ready? ---- */

/* "ready.dss.invalid TXT IN", and in the answer the token as text. */
static bool probe_answered(struct unbound *unbound)
{
	static const char question[] = "\x0d\x55\x01\x00\0\1\0\0\0\0\0\0"
				       "\x05ready\x03"
				       "dss\x07invalid\0\0\x10\0\1";
	struct socket_datagram datagram = { .data = question, .len = sizeof question - 1 };
	struct socket_complaint complaint;
	char answer[512];
	ssize_t len;

	/* "Port unreachable" until it listens; unread complaints would fill the socket's buffer. */
	while (socket_take_complaint(unbound->probe_fd, &complaint) == 1)
		;
	while ((len = recv(unbound->probe_fd, answer, sizeof answer, MSG_DONTWAIT)) >= 0 ||
	       errno == ECONNREFUSED)
		if (len > 0 &&
		    str_find(str_bytes(answer, (size_t)len), str_of(unbound->token)) >= 0)
			return true;
	(void)!socket_send_batch(unbound->probe_fd, &datagram, 1);
	return false;
}

static void gone(struct unbound *unbound)
{
	unbound->is_gone = unbound->is_settled = true;
	if (unbound->events.on_gone)
		unbound->events.on_gone(unbound, unbound->why, unbound->data);
}

static void on_probe(uv_timer_t *timer)
{
	struct unbound *unbound = timer->data;

	if (probe_answered(unbound)) {
		uv_timer_stop(timer);
		fd_close(&unbound->probe_fd);
		unbound->is_ready = unbound->is_settled = true;
		if (unbound->events.on_ready)
			unbound->events.on_ready(unbound, unbound->data);
	} else if (clock_monotonic_us() > unbound->give_up_us) {
		attempt_end(unbound);
		snprintf(unbound->why, sizeof unbound->why,
			 "unbound did not answer on 127.0.0.1 within %d s", START_LIMIT_MS / 1000);
		gone(unbound);
	}
}

static int probe_open(struct unbound *unbound, struct err *err)
{
	struct address loopback = address_ipv4((unsigned char[]){ 127, 0, 0, 1 });
	struct egress egress = { .trusted_count = 0 };
	struct destination to;
	int fd;

	TRY(egress_trust(&egress, &loopback, unbound->config.port));
	TRY(destination_approve(&egress, &loopback, unbound->config.port, &to));
	fd = socket_connect_udp(&to, PROBE_BYTES);
	if (fd < 0)
		return err_set(err, fd, "socket: %s", strerror(-fd));
	unbound->probe_fd = fd;
	uv_timer_start(&unbound->probe_timer, on_probe, PROBE_MS, PROBE_MS);
	return 0;
}

/* ---- its log and its life ---- */

/* Keep the last error; drop the rest: its log grows with what strangers do. */
static void log_read(struct unbound *unbound)
{
	char text[4096];
	ssize_t len;

	while ((len = read(unbound->log_fd, text, sizeof text)) > 0) {
		struct str rest = str_bytes(text, (size_t)len), line;

		while (str_split(&rest, '\n', &line)) {
			ptrdiff_t error = str_find(line, STR_LIT("error: "));

			if (error < 0)
				error = str_find(line, STR_LIT("fatal "));
			if (error >= 0)
				snprintf(unbound->why, sizeof unbound->why, "unbound: %.*s",
					 STR(str_from(line, (size_t)error)));
		}
	}
}

static void on_log(uv_poll_t *poll, int status, int events)
{
	log_read(poll->data);
}

static void on_exit_(struct child *child, struct child_exit how, void *data)
{
	struct unbound *unbound = data;
	struct err err;
	bool is_taken;

	log_read(unbound);
	attempt_end(unbound);
	is_taken = str_find(str_of(unbound->why), STR_LIT("already in use")) >= 0;
	if (!unbound->is_ready && is_taken && unbound->attempts < ATTEMPTS) {
		if (attempt_begin(unbound, &err) == 0)
			return;
		snprintf(unbound->why, sizeof unbound->why, "%s", err.text);
	}
	if (!unbound->why[0] && how.signal)
		snprintf(unbound->why, sizeof unbound->why, "unbound was ended by signal %d",
			 how.signal);
	else if (!unbound->why[0])
		snprintf(unbound->why, sizeof unbound->why, "unbound ended with code %d", how.code);
	gone(unbound);
}

static void attempt_end(struct unbound *unbound)
{
	uv_timer_stop(&unbound->probe_timer);
	fd_close(&unbound->probe_fd);
	child_release(unbound->child);
	unbound->child = NULL;
}

/* Become "unbound", or nobody, when root can. */
static void child_identity(struct child_settings *child)
{
	const struct passwd *user = geteuid() == 0 ? getpwnam("unbound") : NULL;

	child->uid = user ? user->pw_uid : NOBODY;
	child->gid = user ? user->pw_gid : NOBODY;
	child->has_identity = identity_can_become(child->uid, child->gid);
}

static int config_file(struct unbound *unbound, struct err *err)
{
	struct buf text;
	int fd;

	buf_init(&text, NULL);
	unbound_config_write(&text, &unbound->config);
	fd = memory_file("dss-resolver", text.data, text.len, err);
	buf_release(&text);
	return fd;
}

static int attempt_begin(struct unbound *unbound, struct err *err)
{
	const char *argv[] = { unbound->program, "-d", "-c", "/proc/self/fd/3", NULL };
	struct child_descriptor descriptors[4] = { { unbound->log_write_fd, STDERR_FILENO } };
	const struct child_limit limits[] = { { RLIMIT_CORE, 0, 0 },
					      { RLIMIT_NOFILE, unbound->config.descriptors,
						unbound->config.descriptors } };
	struct child_settings settings = { .argv = argv,
					   .descriptors = descriptors,
					   .descriptor_count = 1,
					   .limits = limits,
					   .limit_count = ARRAY_COUNT(limits),
					   .has_own_group = true };
	int config_fd, code;

	unbound->attempts++;
	unbound->why[0] = 0;
	TRY(port_pick(&unbound->config.port, err));
	config_fd = config_file(unbound, err);
	TRY(config_fd);
	descriptors[settings.descriptor_count++] =
		(struct child_descriptor){ config_fd, CONFIG_FD };
	if (unbound->hints_fd >= 0)
		descriptors[settings.descriptor_count++] =
			(struct child_descriptor){ unbound->hints_fd, HINTS_FD };
	if (unbound->anchor_fd >= 0)
		descriptors[settings.descriptor_count++] =
			(struct child_descriptor){ unbound->anchor_fd, ANCHOR_FD };
	child_identity(&settings);
	code = child_start(unbound->loop, &settings, on_exit_, unbound, &unbound->child, err);
	close(config_fd);
	if (code == 0)
		code = probe_open(unbound, err);
	if (code < 0)
		attempt_end(unbound);
	return code;
}

/* ---- settings ---- */

static int files_load(struct unbound *unbound, const struct unbound_settings *settings,
		      struct err *err)
{
	const char *anchor = settings->trust_anchor;

	if (settings->root_hints) {
		TRY(file_load(settings->root_hints, &unbound->hints_fd, err));
		unbound->config.root_hints = "/proc/self/fd/4";
	}
	if (!anchor && access(DEBIAN_ANCHOR, R_OK) == 0)
		anchor = DEBIAN_ANCHOR;
	if (anchor && anchor[0]) {
		TRY(file_load(anchor, &unbound->anchor_fd, err));
		unbound->config.trust_anchor = "/proc/self/fd/5";
	} else {
		unbound->config.trust_anchor = anchor;
	}
	return 0;
}

static void config_fill(struct unbound *unbound, const struct unbound_settings *settings)
{
	struct unbound_config *config = &unbound->config;
	long processors = sysconf(_SC_NPROCESSORS_ONLN);
	struct rlimit limit = { 1024, 1024 };

	getrlimit(RLIMIT_NOFILE, &limit);
	config->threads = settings->threads ? MIN(settings->threads, (unsigned)THREADS_MAX)
					    : (unsigned)MIN(MAX(processors, 1), 4);
	config->cache_bytes = settings->cache_bytes ? settings->cache_bytes : 96u << 20;
	config->descriptors = (unsigned)MIN(limit.rlim_max, (rlim_t)config->threads * (8192 + 500));
	config->has_ipv6 = has_ipv6_route();
	config->token = unbound->token;
	if (settings->policy && settings->policy->allowed_count) {
		size_t bytes = settings->policy->allowed_count * sizeof *unbound->allowed;

		unbound->allowed = memory_alloc(bytes);
		memcpy(unbound->allowed, settings->policy->allowed, bytes);
		unbound->policy =
			(struct policy){ unbound->allowed, settings->policy->allowed_count };
	}
	config->policy = &unbound->policy;
}

static int token_make(struct unbound *unbound, struct err *err)
{
	unsigned char random[16];

	if (getrandom(random, sizeof random, 0) != sizeof random)
		return err_set(err, -errno, "getrandom: %s", strerror(errno));
	for (size_t i = 0; i < sizeof random; i++)
		snprintf(unbound->token + 2 * i, 3, "%02x", random[i]);
	return 0;
}

static int handles_open(struct unbound *unbound, struct err *err)
{
	int fds[2];

	if (pipe2(fds, O_CLOEXEC | O_NONBLOCK) < 0)
		return err_set(err, -errno, "pipe: %s", strerror(errno));
	unbound->log_fd = fds[0];
	unbound->log_write_fd = fds[1];
	uv_timer_init(unbound->loop, &unbound->probe_timer);
	uv_poll_init(unbound->loop, &unbound->log_poll, unbound->log_fd);
	unbound->probe_timer.data = unbound->log_poll.data = unbound;
	unbound->open_handles = 2;
	uv_poll_start(&unbound->log_poll, UV_READABLE, on_log);
	return 0;
}

static void unbound_free(struct unbound *unbound)
{
	fd_close(&unbound->log_fd);
	fd_close(&unbound->log_write_fd);
	memory_free(unbound->allowed);
	memory_free(unbound);
}

static void on_handle_closed(uv_handle_t *handle)
{
	struct unbound *unbound = handle->data;

	if (--unbound->open_handles == 0)
		unbound_free(unbound);
}

int unbound_start(uv_loop_t *loop, const struct unbound_settings *settings,
		  const struct unbound_events *events, void *data, struct unbound **ret,
		  struct err *err)
{
	struct unbound *unbound;
	const char *program = settings->program ? settings->program : "unbound";
	char path[sizeof unbound->program];
	int code;

	if (!child_find_program(program, path, sizeof path))
		return err_set(err, -ENOENT,
			       "%s is not installed: apt-get install unbound, or use --resolver IP",
			       program);
	unbound = memory_alloc(sizeof *unbound);
	memset(unbound, 0, sizeof *unbound);
	memcpy(unbound->program, path, sizeof path);
	unbound->loop = loop;
	unbound->events = events ? *events : (struct unbound_events){ 0 };
	unbound->data = data;
	unbound->hints_fd = unbound->anchor_fd = unbound->probe_fd = -1;
	unbound->log_fd = unbound->log_write_fd = -1;
	unbound->give_up_us = clock_monotonic_us() + START_LIMIT_MS * 1000;
	config_fill(unbound, settings);
	code = token_make(unbound, err);
	if (code == 0)
		code = files_load(unbound, settings, err);
	if (code == 0)
		code = handles_open(unbound, err);
	if (code == 0)
		code = attempt_begin(unbound, err);
	if (code < 0) {
		unbound_close(unbound);
		return code;
	}
	*ret = unbound;
	return 0;
}

int unbound_wait(struct unbound *unbound, int64_t deadline_us, struct err *err)
{
	int code = loop_run_until(unbound->loop, &unbound->is_settled, deadline_us);

	if (code < 0)
		return err_set(err, code, "unbound did not answer in time");
	if (unbound->is_gone)
		return err_set(err, -EIO, "%s", unbound->why);
	return 0;
}

struct address unbound_address(const struct unbound *unbound, uint16_t *ret_port)
{
	*ret_port = unbound->config.port;
	return address_ipv4((unsigned char[]){ 127, 0, 0, 1 });
}

pid_t unbound_pid(const struct unbound *unbound)
{
	return unbound->child ? child_pid(unbound->child) : 0;
}

void unbound_close(struct unbound *unbound)
{
	if (!unbound)
		return;
	child_release(unbound->child);
	unbound->child = NULL;
	fd_close(&unbound->probe_fd);
	fd_close(&unbound->hints_fd);
	fd_close(&unbound->anchor_fd);
	if (!unbound->open_handles) {
		unbound_free(unbound);
		return;
	}
	uv_close((uv_handle_t *)&unbound->probe_timer, on_handle_closed);
	uv_close((uv_handle_t *)&unbound->log_poll, on_handle_closed);
}
