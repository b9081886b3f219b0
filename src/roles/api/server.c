/* SPDX-License-Identifier: Apache-2.0 */
/* How does the server begin and end? */
#include "roles/api/server.h"

#include <sodium.h>
#include <sys/resource.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/clock.h"
#include "roles/api/listen.h"
#include "roles/api/routes.h"
#include "store/folder.h"
#include "store/secret.h"

enum {
	THREADS_LEAST = 32 /* commits are shared by those who wait */,
	CONNECTIONS = 4096,
	STACK_BYTES = 512 * 1024,
	SPARE_DESCRIPTORS = 256,
	FRESH_MS = 500 /* of a drain: for the first request of who has just connected */
};

static void library_log(void *cls, const char *format, va_list args)
{
	struct api *api = cls;
	char text[512];
	struct str line;

	vsnprintf(text, sizeof text, format, args);
	line = str_trim(str_of(text));
	log_event(api->options.log, LEVEL_DEBUG, "api.library", NULL, LOG_STR("text", line));
}

static void connection_changed(void *cls, struct MHD_Connection *connection, void **peer,
			       enum MHD_ConnectionNotificationCode what)
{
	const union MHD_ConnectionInfo *info;
	struct api *api = cls;

	if (what == MHD_CONNECTION_NOTIFY_CLOSED) {
		if (*peer)
			peer_close(&api->peers, *peer);
		*peer = NULL;
		return;
	}
	info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
	if (info)
		*peer = peer_open(&api->peers, info->connect_fd);
}

/* Escapes stay: paths and queries are decoded by us, strictly (roles/api/value.h). */
static size_t leave_escaped(void *cls, struct MHD_Connection *connection, char *text)
{
	return strlen(text);
}

/* Connections are descriptors; the soft limit may be lower than what we take. */
static unsigned connection_limit(unsigned wanted)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
		return MIN(wanted, 512u);
	if (limit.rlim_cur < wanted + SPARE_DESCRIPTORS) {
		limit.rlim_cur = MIN(limit.rlim_max, (rlim_t)wanted + SPARE_DESCRIPTORS);
		(void)!setrlimit(RLIMIT_NOFILE, &limit);
	}
	return MIN(wanted, (unsigned)MAX(limit.rlim_cur, (rlim_t)SPARE_DESCRIPTORS * 2) -
				   SPARE_DESCRIPTORS);
}

static int daemon_start(struct api *api, int fd, struct err *err)
{
	const struct api_options *options = &api->options;
	unsigned flags =
		MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ERROR_LOG;
	long cores = sysconf(_SC_NPROCESSORS_ONLN);
	unsigned threads = options->threads ? options->threads
					    : MAX((unsigned)MAX(cores, 1) * 4, THREADS_LEAST);
	unsigned connections =
		connection_limit(options->connections ? options->connections : CONNECTIONS);
	struct MHD_OptionItem tls[] = {
		{ MHD_OPTION_HTTPS_MEM_KEY, 0, (void *)(uintptr_t)options->tls_key.data },
		{ MHD_OPTION_HTTPS_MEM_CERT, 0, (void *)(uintptr_t)options->tls_certificate.data },
		{ MHD_OPTION_END, 0, NULL }
	};
	struct MHD_OptionItem none[] = { { MHD_OPTION_END, 0, NULL } };
	struct MHD_OptionItem listen_at[] = { { MHD_OPTION_LISTEN_SOCKET, fd, NULL },
					      { MHD_OPTION_END, 0, NULL } };

	if (options->tls_certificate.len)
		flags |= MHD_USE_TLS;
	if (fd < 0)
		flags |= MHD_USE_NO_LISTEN_SOCKET;
	api->daemon = MHD_start_daemon(
		flags, 0, NULL, NULL, exchange_step, api, MHD_OPTION_EXTERNAL_LOGGER, library_log,
		api, MHD_OPTION_ARRAY, fd < 0 ? none : listen_at, MHD_OPTION_THREAD_POOL_SIZE,
		MIN(threads, connections), MHD_OPTION_THREAD_STACK_SIZE, (size_t)STACK_BYTES,
		MHD_OPTION_CONNECTION_LIMIT, connections, MHD_OPTION_CONNECTION_MEMORY_LIMIT,
		(size_t)CONNECTION_BYTES, MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)IDLE_SECONDS,
		MHD_OPTION_STRICT_FOR_CLIENT, 1, MHD_OPTION_URI_LOG_CALLBACK, exchange_begin, api,
		MHD_OPTION_NOTIFY_COMPLETED, exchange_end, api, MHD_OPTION_NOTIFY_CONNECTION,
		connection_changed, api, MHD_OPTION_UNESCAPE_CALLBACK, leave_escaped, NULL,
		MHD_OPTION_ARRAY, options->tls_certificate.len ? tls : none, MHD_OPTION_END);
	if (!api->daemon)
		return err_set(err, options->tls_certificate.len ? -EINVAL : -EIO,
			       "the HTTP server does not start%s",
			       options->tls_certificate.len
				       ? ": is the certificate PEM, and the key its own?"
				       : "");
	return 0;
}

static struct str url_of(struct api *api, const struct listen_at *at)
{
	const char *scheme = api->options.tls_certificate.len ? "https" : "http";
	char text[ADDRESS_TEXT_BYTES];

	if (at->path.len)
		return str_printf(&api->arena, "unix:%.*s", STR(at->path));
	return str_printf(&api->arena,
			  at->address.family == ADDRESS_IPV6 ? "%s://[%s]:%u" : "%s://%s:%u",
			  scheme, address_text(&at->address, text), at->port);
}

static void api_free(struct api *api)
{
	broker_watch_close(api->broker);
	hub_close(&api->hub);
	store_close(api->store);
	peers_stop(&api->peers);
	rates_close(&api->rates);
	pthread_mutex_destroy(&api->quotas.lock);
	kept_answers_release(&api->kept);
	metrics_close(api->counts.all);
	arena_release(&api->arena);
	memory_free(api);
}

/* The same for all who serve this store, now and after a restart. */
static int cursor_key_read(struct store_tx *tx, void *context, struct err *err)
{
	struct api *api = context;
	struct str secret;

	TRY(secret_get(tx, STR_LIT("cursor"), sizeof api->cursor_key, &secret, err));
	memcpy(api->cursor_key, secret.data, sizeof api->cursor_key);
	return 0;
}

static int store_start(struct api *api, struct err *err)
{
	struct str folder;

	if (!api->options.store.len)
		return hub_open(&api->hub, NULL, err);
	TRY(store_open(api->options.store, STORE_CREATE, &api->store, err));
	api->app = arena_zalloc(&api->arena, sizeof *api->app);
	app_init(api->app, api->store);
	api->app->backlog_most = api->options.backlog;
	api->app->is_bus_outside = !bus_is_embedded(api->options.bus.url);
	TRY(store_write(api->store, cursor_key_read, api, err));
	TRY(folder_of_store(api->options.store, &folder, err));
	if (!folder.len)
		folder = api->options.data;
	api->folder = str_copy(&api->arena, folder).data;
	if (folder.len)
		TRY(folder_open(api->folder, true, err));
	return hub_open(&api->hub, api->store, err);
}

/* One that was handed to us stays, and its file: others go on to listen there. */
static int socket_take(struct api *api, struct listen_at *at, int *ret_fd, struct err *err)
{
	if (!api->options.listen_fd) {
		TRY(listen_open(at, ret_fd, err));
		api->socket_path = at->path.len ? str_copy(&api->arena, at->path) : STR_NONE;
		return 0;
	}
	*ret_fd = fcntl(api->options.listen_fd, F_DUPFD_CLOEXEC, 0);
	close(api->options.listen_fd);
	return *ret_fd < 0 ? err_set(err, -errno, "the listening socket: %s", strerror(errno)) : 0;
}

static int api_start(struct api *api, struct err *err)
{
	struct listen_at at = { 0 };
	int fd = -1;

	if (api->options.listen.len)
		TRY(listen_parse(api->options.listen,
				 api->options.is_behind_proxy || api->options.tls_certificate.len,
				 &at, err));
	TRY(store_start(api, err));
	if (api->options.listen.len) {
		TRY(socket_take(api, &at, &fd, err));
		api->url = url_of(api, &at);
	}
	if (api->options.listen.len)
		TRY(broker_watch_open(&api->options.bus, &api->broker, err));
	if (peers_start(&api->peers) < 0 || daemon_start(api, fd, err) < 0) {
		if (fd >= 0)
			close(fd);
		return err->code < 0 ? err->code : err_set(err, -EAGAIN, "no thread can be made");
	}
	return 0;
}

int api_open(const struct api_options *options, struct api **ret, struct err *err)
{
	struct api *api;
	int code;

	if (sodium_init() < 0)
		return err_set(err, -EIO, "libsodium does not start");
	api = memory_alloc(sizeof *api);
	*api = (struct api){ .options = *options };
	*err = (struct err){ 0 };
	randombytes_buf(api->cursor_key, sizeof api->cursor_key);
	peers_init(&api->peers);
	rates_open(&api->rates);
	pthread_mutex_init(&api->quotas.lock, NULL);
	kept_answers_init(&api->kept);
	counts_open(&api->counts);
	api->openapi = openapi_make(&api->arena);
	code = api_start(api, err);
	if (code < 0) {
		api_free(api);
		return code;
	}
	*ret = api;
	return 0;
}

int api_connect(struct api *api, int *ret_fd, struct err *err)
{
	struct sockaddr peer = { .sa_family = AF_UNIX };
	int fds[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, fds) < 0)
		return err_set(err, -errno, "socketpair: %s", strerror(errno));
	/* It closes its end itself, also when it refuses. */
	if (MHD_add_connection(api->daemon, fds[0], &peer, sizeof peer) != MHD_YES) {
		close(fds[1]);
		return err_set(err, -EAGAIN, "no connection can be made");
	}
	*ret_fd = fds[1];
	return 0;
}

struct str api_url(const struct api *api)
{
	return api->url;
}

struct str api_cursor_key(const struct api *api)
{
	return str_bytes(api->cursor_key, sizeof api->cursor_key);
}

size_t api_close(struct api *api, unsigned drain_ms)
{
	int64_t now_us = clock_monotonic_us(), until_us = now_us + (int64_t)drain_ms * 1000;
	int64_t fresh_us = now_us + (int64_t)MIN(drain_ms, (unsigned)FRESH_MS) * 1000;
	size_t left;
	int fd;

	if (!api)
		return 0;
	api->is_draining = true;
	hub_end(&api->hub);
	fd = MHD_quiesce_daemon(api->daemon);
	if (fd >= 0)
		close(fd);
	for (;;) {
		left = atomic_load(&api->in_flight);
		now_us = clock_monotonic_us();
		if (now_us >= until_us ||
		    (!left && (now_us >= fresh_us || !peers_expect(&api->peers))))
			break;
		peers_wait(&api->peers, 20);
	}
	MHD_stop_daemon(api->daemon);
	if (api->socket_path.len)
		unlink(str_cstring(&api->arena, api->socket_path));
	api_free(api);
	return left;
}
