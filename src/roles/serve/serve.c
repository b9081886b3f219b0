/* SPDX-License-Identifier: Apache-2.0 */
/* How does one machine run all roles? */
#include "roles/serve/serve.h"

#include "base/clock.h"
#include "loop/loop.h"
#include "loop/timers.h"
#include "roles/log.h"
#include "roles/serve/notify.h"
#include "roles/serve/stuck.h"
#include "roles/serve/supervisor.h"
#include "store/folder.h"
#include "store/store.h"

#include <limits.h>
#include <signal.h>
#include <unistd.h>

enum { ROLE_WORDS = 5, FACT_COLUMN = 40 };

struct serve {
	const struct serve_options *options;
	struct settings settings; /* those in force */
	struct arena arena;       /* of the settings in force */
	struct log log;
	uv_loop_t loop;
	struct signals *signals;
	struct timers timers;
	struct timer watchdog, look;
	struct stuck stuck;
	struct supervisor *supervisor;
	const char *argv[SERVE_ROLES][ROLE_WORDS];
	struct supervised roles[SERVE_ROLES];
	char directory[PATH_MAX], folder[PATH_MAX];
	int lock_fd, listen_fd; /* the second: 0 without one */
	bool is_new, is_ended, was_refused;
	bool is_sqlite; /* the store is a file of the data folder */
};

static struct str text_of(const struct serve *serve, enum setting setting)
{
	return serve->settings.values[setting].text;
}

/* ---- what the roles are told ---- */

static void set_text(struct settings *settings, enum setting setting, const char *text)
{
	settings->values[setting].text = str_of(text);
	settings->values[setting].origin = ORIGIN_FLAG;
}

/* A role has no home and no terminal of its own to look at. */
static const char *const *environment_make(struct serve *serve, struct arena *a)
{
	struct settings told = serve->settings;
	const char *const *variables;
	const char **all;
	size_t count = 0, given = 0;

	set_text(&told, SETTING_DATA, serve->folder);
	told.values[SETTING_LOG_FORMAT].origin = ORIGIN_FLAG;
	told.values[SETTING_LOG_FORMAT].text =
		serve->log.is_text ? STR_LIT("text") : STR_LIT("json");
	variables = settings_variables(a, &told);
	while (variables[count])
		count++;
	while (serve->options->environment && serve->options->environment[given])
		given++;
	all = arena_array(a, count + given + 3, sizeof *all);
	memcpy(all, variables, count * sizeof *all);
	for (size_t i = 0; i < given; i++)
		all[count + i] = serve->options->environment[i];
	all[count + given] = str_printf(a, "DSS_LISTEN_FD=%d", LISTEN_FD).data;
	all[count + given + 1] = str_printf(a, "DSS_READY_FD=%d", READY_FD).data;
	return all;
}

static struct readiness readiness_of(const struct serve *serve)
{
	return (struct readiness){ text_of(serve, SETTING_LISTEN),
				   text_of(serve, SETTING_TLS_CERTIFICATE).len > 0,
				   serve->listen_fd };
}

static void roles_make(struct serve *serve)
{
	for (size_t i = 0; i < serve->options->role_count; i++) {
		const struct serve_role *role = &serve->options->roles[i];
		const char **argv = serve->argv[i];

		argv[0] = serve->options->program;
		argv[1] = role->name;
		argv[2] = "--config";
		argv[3] = "/dev/null";
		serve->roles[i] = (struct supervised){ .name = role->name, .argv = argv };
		if (role->has_readyz)
			serve->roles[i].readiness = readiness_of(serve);
	}
}

/* ---- what people are told ---- */

static void fact_put(struct buf *out, const char *name, struct str text, bool is_last)
{
	int room = is_last ? 0 : FACT_COLUMN - (int)text.len;

	buf_printf(out, "%s%-7s %.*s%*s", is_last ? "" : " ", name, STR(text), room > 1 ? room : 1,
		   "");
	if (is_last)
		out->data[out->len - 1] = '\n';
}

static struct str base_url(struct serve *serve, struct arena *a)
{
	struct str listen = text_of(serve, SETTING_LISTEN);
	struct str public_url = text_of(serve, SETTING_PUBLIC_URL);
	const char *scheme = text_of(serve, SETTING_TLS_CERTIFICATE).len ? "https" : "http";

	if (public_url.len)
		return str_ends(public_url, STR_LIT("/"))
			       ? str_first(public_url, public_url.len - 1)
			       : public_url;
	return str_starts(listen, STR_LIT("unix:"))
		       ? listen
		       : str_printf(a, "%s://%.*s", scheme, STR(listen));
}

/* Without its query, where files are named. */
static struct str server_of(struct str url)
{
	ptrdiff_t query = str_find_char(url, '?');

	return query < 0 ? url : str_first(url, (size_t)query);
}

static void places_say(struct serve *serve)
{
	struct str folder = str_of(serve->folder), home = str_of(serve->options->home), url;
	struct arena a = { 0 };
	struct buf out;

	buf_init(&out, &a);
	if (home.len > 1 && folder.len > home.len && str_starts(folder, home) &&
	    folder.data[home.len] == '/')
		folder = str_printf(&a, "~%.*s", STR(str_from(folder, home.len)));
	if (serve->is_sqlite)
		folder = str_printf(&a, "%.*s (SQLite%s)", STR(folder),
				    serve->is_new ? ", new" : "");
	fact_put(&out, "data", folder, false);
	if (!serve->is_sqlite)
		fact_put(&out, "store", server_of(text_of(serve, SETTING_STORE)), true);
	fact_put(&out, "queue", STR_LIT("embedded, durable"), true);
	url = base_url(serve, &a);
	if (str_starts(url, STR_LIT("unix:"))) {
		fact_put(&out, "api", url, false);
		fact_put(&out, "docs", STR_LIT("/docs"), true);
	} else {
		fact_put(&out, "api", str_printf(&a, "%.*s/api/v1", STR(url)), false);
		fact_put(&out, "docs", str_printf(&a, "%.*s/docs", STR(url)), true);
	}
	serve->options->say(buf_str(&out));
	arena_release(&a);
}

/* ---- events ---- */

static void on_ready(void *data)
{
	struct serve *serve = data;

	log_event(&serve->log, LEVEL_INFO, "serve.ready", NULL,
		  LOG_STR("listen", text_of(serve, SETTING_LISTEN)),
		  LOG_TEXT("data", serve->folder));
	places_say(serve);
	notify(serve->options->notify_socket, "READY=1");
}

static void on_end(bool was_refused, void *data)
{
	struct serve *serve = data;

	serve->is_ended = true;
	serve->was_refused = was_refused;
	uv_stop(&serve->loop);
}

/* What cannot change while the folder is served. */
static int change_check(const struct serve *serve, const struct settings *now, struct err *err)
{
	static const enum setting fixed[] = { SETTING_DATA, SETTING_STORE };

	for (size_t i = 0; i < ARRAY_COUNT(fixed); i++)
		if (!str_eq(text_of(serve, fixed[i]), now->values[fixed[i]].text))
			return err_set(err, -EINVAL, "%s changes with a restart of dss serve only",
				       setting_rows[fixed[i]].key);
	return 0;
}

/* Another address is another socket; the one of now stays until the roles are rolled. */
static int socket_check(const struct serve *serve, const struct settings *now, int *ret_fd,
			struct err *err)
{
	bool is_same = str_eq(text_of(serve, SETTING_LISTEN), now->values[SETTING_LISTEN].text);

	*ret_fd = serve->listen_fd;
	if (!serve->options->listen || is_same)
		return 0;
	return serve->options->listen(now, ret_fd, err);
}

static void socket_change(struct serve *serve, int fd)
{
	if (serve->listen_fd && serve->listen_fd != fd)
		close(serve->listen_fd); /* the API has its own descriptor of it until it ends */
	serve->listen_fd = fd;
}

static void configuration_again(struct serve *serve)
{
	const struct serve_options *options = serve->options;
	struct arena arena = { 0 }, scratch = { 0 };
	char state[64];
	struct settings settings;
	struct err err = { 0 };
	int fd = 0;

	if (settings_load(&arena, options->commands, options->word_count, options->words, &settings,
			  &err) < 0 ||
	    change_check(serve, &settings, &err) < 0 ||
	    socket_check(serve, &settings, &fd, &err) < 0) {
		log_event(&serve->log, LEVEL_ERROR, "config.refused", NULL,
			  LOG_TEXT("reason", err.text));
		arena_release(&arena);
		return;
	}
	arena_release(&serve->arena);
	serve->arena = arena;
	serve->settings = settings;
	socket_change(serve, fd);
	serve->log = role_log(&serve->settings, "serve");
	log_event(&serve->log, LEVEL_INFO, "config.accepted", NULL, LOG_STR("file", settings.file));
	snprintf(state, sizeof state, "RELOADING=1\nMONOTONIC_USEC=%lld",
		 (long long)clock_monotonic_us());
	notify(options->notify_socket, state);
	supervisor_roll(serve->supervisor, environment_make(serve, &scratch), readiness_of(serve));
	notify(options->notify_socket, "READY=1");
	arena_release(&scratch);
}

static void on_signal(int number, void *data)
{
	struct serve *serve = data;

	if (number == SIGHUP) {
		configuration_again(serve);
		return;
	}
	log_event(&serve->log, LEVEL_INFO, "serve.stopping", NULL, LOG_INT("signal", number));
	notify(serve->options->notify_socket, "STOPPING=1");
	supervisor_stop(serve->supervisor);
}

static void on_watchdog(struct timer *timer)
{
	struct serve *serve = (struct serve *)((char *)timer - offsetof(struct serve, watchdog));

	notify(serve->options->notify_socket, "WATCHDOG=1");
	timer_start(&serve->timers, timer, clock_monotonic_us() + serve->options->watchdog_us / 2);
}

static void on_look(struct timer *timer)
{
	struct serve *serve = (struct serve *)((char *)timer - offsetof(struct serve, look));
	int64_t now_us = clock_monotonic_us();
	pid_t pids[SUPERVISOR_ROLES], pid;
	size_t count = supervisor_pids(serve->supervisor, pids);

	pid = stuck_look(&serve->stuck, serve->folder, pids, count, now_us);
	if (pid) {
		log_event(&serve->log, LEVEL_ERROR, "role.stuck", NULL,
			  LOG_INT("pid", (int64_t)pid),
			  LOG_TEXT("reason",
				   "it writes, does not go on, and lets nobody else write"));
		supervisor_kill(serve->supervisor, pid);
	}
	timer_start(&serve->timers, timer, now_us + STUCK_LOOK_MS * INT64_C(1000));
}

/* ---- from the beginning to the end ---- */

/* Up to date before the first role opens it, and a store that is refused is refused once. */
static int store_prepare(struct serve *serve, struct err *err)
{
	char path[PATH_MAX];
	struct store *store;

	if ((size_t)snprintf(path, sizeof path, "%s/dss.db", serve->folder) >= sizeof path)
		return err_set(err, -ENAMETOOLONG, "%s: the path is too long", serve->folder);
	serve->is_sqlite = str_starts(text_of(serve, SETTING_STORE), STR_LIT("sqlite:"));
	serve->is_new = access(path, F_OK) < 0;
	TRY(store_open(text_of(serve, SETTING_STORE), STORE_CREATE, &store, err));
	store_close(store);
	return 0;
}

static int folder_take(struct serve *serve, struct err *err)
{
	struct str data = text_of(serve, SETTING_DATA);
	bool is_absolute = data.len && data.data[0] == '/';

	if (!getcwd(serve->directory, sizeof serve->directory))
		return err_set(err, -errno, "the working directory: %s", strerror(errno));
	if ((size_t)snprintf(serve->folder, sizeof serve->folder, "%s%s%.*s",
			     is_absolute ? "" : serve->directory, is_absolute ? "" : "/",
			     STR(data)) >= sizeof serve->folder)
		return err_set(err, -ENAMETOOLONG, "%.*s: the path is too long", STR(data));
	TRY(folder_open(serve->folder, true, err));
	TRY(serve_lock_take(serve->folder, text_of(serve, SETTING_LISTEN), clock_utc_us(),
			    &serve->lock_fd, err));
	return store_prepare(serve, err);
}

static int roles_run(struct serve *serve, struct err *err)
{
	static const int signals[] = { SIGTERM, SIGINT, SIGHUP, 0 };
	struct arena a = { 0 };
	int code = uv_loop_init(&serve->loop);

	if (code < 0)
		return err_set(err, code, "the loop: %s", uv_strerror(code));
	timers_open(&serve->timers, &serve->loop);
	code = signals_open(&serve->loop, signals, on_signal, serve, &serve->signals, err);
	if (code == 0) {
		roles_make(serve);
		serve->supervisor = supervisor_open(
			&(struct supervisor_settings){ .loop = &serve->loop,
						       .log = &serve->log,
						       .roles = serve->roles,
						       .count = serve->options->role_count,
						       .environment = environment_make(serve, &a),
						       .directory = serve->directory,
						       .on_ready = on_ready,
						       .on_end = on_end,
						       .data = serve });
		serve->watchdog.on_due = on_watchdog;
		if (serve->options->watchdog_us > 0)
			timer_start(&serve->timers, &serve->watchdog, 0);
		serve->look.on_due = on_look;
		if (serve->is_sqlite)
			timer_start(&serve->timers, &serve->look, 0);
		while (!serve->is_ended)
			uv_run(&serve->loop, UV_RUN_DEFAULT);
		supervisor_close(serve->supervisor);
		signals_close(serve->signals);
	}
	arena_release(&a);
	timers_close(&serve->timers);
	loop_close(&serve->loop);
	return code;
}

int serve_main(const struct serve_options *options, struct err *err)
{
	struct serve serve = { .options = options, .settings = *options->settings, .lock_fd = -1 };
	int code;

	serve.log = role_log(&serve.settings, "serve");
	code = folder_take(&serve, err);
	if (code == 0 && options->listen)
		code = options->listen(&serve.settings, &serve.listen_fd, err);
	if (code == 0)
		code = roles_run(&serve, err);
	if (code == 0 && serve.was_refused)
		code = err_set(err, ERR_SYNTAX, "a role refused its settings");
	if (serve.listen_fd && str_starts(text_of(&serve, SETTING_LISTEN), STR_LIT("unix:")))
		unlink(str_cstring(&serve.arena, str_from(text_of(&serve, SETTING_LISTEN), 5)));
	socket_change(&serve, 0);
	if (serve.lock_fd >= 0)
		close(serve.lock_fd);
	arena_release(&serve.arena);
	return code;
}
