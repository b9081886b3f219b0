/* SPDX-License-Identifier: Apache-2.0 */
/* Do roles run again when they die, one by one when they are rolled, and end when they are told to? */
#include "roles/serve/supervisor.h"

#include "base/clock.h"
#include "loop/loop.h"
#include "roles/serve/notify.h"
#include "tests/test.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum { WAIT_S = 20 };

static uv_loop_t loop;
static struct buf lines; /* of the log */
static bool is_ready, is_ended, was_refused, is_true;
static const char *awaited;
static size_t awaited_count;

static size_t count_of(const char *text)
{
	struct str rest = buf_str(&lines);
	size_t count = 0;
	ptrdiff_t at;

	while ((at = str_find(rest, str_of(text))) >= 0) {
		rest = str_from(rest, (size_t)at + 1);
		count++;
	}
	return count;
}

static void keep(void *data, struct str line)
{
	buf_put_str(&lines, line);
	is_true = awaited && count_of(awaited) >= awaited_count;
}

static const struct log event_log = { .level = LEVEL_DEBUG, .is_text = true, .write = keep };

/* Until the log has held the text so often. */
static void await(const char *text, size_t count)
{
	awaited = text;
	awaited_count = count;
	is_true = count_of(text) >= count;
	test_row("%s, %zu times", text, count);
	CHECK_INT(loop_run_until(&loop, &is_true, clock_monotonic_us() + WAIT_S * 1000000), 0);
	awaited = NULL;
}

static void on_ready(void *data)
{
	is_ready = true;
}

static void on_end(bool refused, void *data)
{
	is_ended = true;
	was_refused = refused;
}

static struct supervisor *open_roles(const struct supervised *roles, size_t count,
				     const char *const *environment, unsigned stop_ms)
{
	buf_init(&lines, NULL);
	is_ready = is_ended = was_refused = false;
	CHECK(uv_loop_init(&loop) == 0);
	return supervisor_open(&(struct supervisor_settings){ .loop = &loop,
							      .log = &event_log,
							      .roles = roles,
							      .count = count,
							      .environment = environment,
							      .stop_ms = stop_ms,
							      .on_ready = on_ready,
							      .on_end = on_end });
}

static void close_roles(struct supervisor *supervisor)
{
	supervisor_close(supervisor);
	CHECK_INT(loop_close(&loop), 0);
	buf_release(&lines);
}

/* What follows the last `mark` of the log, as a number. */
static pid_t pid_after(const char *mark)
{
	struct str rest = buf_str(&lines), digits;
	uint64_t pid = 0;
	ptrdiff_t at;

	while ((at = str_find(rest, str_of(mark))) >= 0)
		rest = str_from(rest, (size_t)at + strlen(mark));
	CHECK(str_word(&rest, &digits));
	CHECK_INT(str_to_uint(digits, 1 << 30, &pid), 0);
	return (pid_t)pid;
}

#define SHELL(script)                                                                              \
	(const char *const[])                                                                      \
	{                                                                                          \
		"/bin/sh", "-c", script, NULL                                                      \
	}
#define READY "echo >&4; "
#define OBEYS "trap 'exit 0' TERM; " READY "while :; do sleep 0.05; done"

TEST(a_role_that_is_killed_runs_again)
{
	const struct supervised roles[] = { { "one", SHELL(OBEYS) }, { "two", SHELL(OBEYS) } };
	struct supervisor *supervisor = open_roles(roles, 2, NULL, 0);
	pid_t two;

	await("role.ready", 2);
	CHECK(is_ready);
	two = pid_after("name=two pid=");
	for (size_t round = 1; round <= 3; round++) {
		CHECK(kill(pid_after("name=one pid="), SIGKILL) == 0);
		await("role.ended name=one signal=9", round);
		await("role.started name=one", round + 1);
	}
	CHECK(kill(two, 0) == 0);
	CHECK_INT(count_of("role.started name=two"), 1);
	supervisor_stop(supervisor);
	CHECK_INT(loop_run_until(&loop, &is_ended, clock_monotonic_us() + WAIT_S * 1000000), 0);
	CHECK(!was_refused);
	CHECK_INT(count_of("role.ended name=two code=0"), 1);
	CHECK_INT(count_of("role.started"), 5);
	close_roles(supervisor);
}

TEST(what_dies_again_and_again_is_started_less_and_less_often)
{
	const struct supervised roles[] = { { "one", SHELL("exit 1") } };
	struct supervisor *supervisor = open_roles(roles, 1, NULL, 0);

	await("restart_ms=800", 1);
	CHECK_INT(count_of("restart_ms=0\n"), 1);
	CHECK_INT(count_of("restart_ms=100\n"), 1);
	CHECK_INT(count_of("restart_ms=200\n"), 1);
	CHECK_INT(count_of("restart_ms=400\n"), 1);
	CHECK(!is_ready);
	supervisor_stop(supervisor); /* while none runs */
	CHECK_INT(loop_run_until(&loop, &is_ended, clock_monotonic_us() + WAIT_S * 1000000), 0);
	close_roles(supervisor);
}

TEST(what_was_ready_and_lived_is_started_again_at_once_however_often_it_dies)
{
	const struct supervised roles[] = { { "one", SHELL(READY "sleep 1.2; exit 1") } };
	struct supervisor *supervisor = open_roles(roles, 1, NULL, 0);

	await("restart_ms=0", 3);
	CHECK_INT(count_of("restart_ms=100"), 0);
	close_roles(supervisor);
}

TEST(a_role_that_refuses_its_settings_ends_the_whole)
{
	const struct supervised roles[] = { { "one", SHELL(OBEYS) },
					    { "two", SHELL("sleep 0.1; exit 2") } };
	struct supervisor *supervisor = open_roles(roles, 2, NULL, 0);

	CHECK_INT(loop_run_until(&loop, &is_ended, clock_monotonic_us() + WAIT_S * 1000000), 0);
	CHECK(was_refused && !is_ready);
	CHECK_INT(count_of("role.ended"), 2);
	close_roles(supervisor);
}

TEST(what_cannot_be_started_is_tried_again)
{
	const struct supervised roles[] = { { "one",
					      (const char *const[]){ "/nonexistent", NULL } } };
	struct supervisor *supervisor = open_roles(roles, 1, NULL, 0);

	await("role.unstartable name=one reason=\"exec /nonexistent: No such file", 3);
	close_roles(supervisor);
}

TEST(what_does_not_end_is_killed)
{
	const struct supervised roles[] = { { "one", SHELL("trap '' TERM; " READY
							   "while :; do sleep 0.05; done") } };
	struct supervisor *supervisor = open_roles(roles, 1, NULL, 200);

	await("role.ready", 1);
	supervisor_stop(supervisor);
	supervisor_stop(supervisor);
	CHECK_INT(loop_run_until(&loop, &is_ended, clock_monotonic_us() + WAIT_S * 1000000), 0);
	CHECK_INT(count_of("role.ended name=one signal=9"), 1);
	close_roles(supervisor);
}

TEST(roles_are_rolled_one_by_one_with_what_is_new)
{
	/* Ends with the code that its environment holds. */
	static const char script[] =
		"trap 'exit $CODE' TERM; " READY "while :; do sleep 0.05; done";
	const struct supervised roles[] = { { "one", SHELL(script) }, { "two", SHELL(script) } };
	struct supervisor *supervisor =
		open_roles(roles, 2, (const char *const[]){ "CODE=11", NULL }, 0);
	ptrdiff_t one_ready, two_ended;

	await("role.ready", 2);
	supervisor_roll(
		supervisor, (const char *const[]){ "CODE=12", NULL },
		(struct readiness){ .has_tls = false }); /* never seen: the next comes first */
	supervisor_roll(supervisor, (const char *const[]){ "CODE=13", NULL },
			(struct readiness){ .has_tls = false });
	await("roll.done", 1);
	/* Both twice: what was asked for in the middle of a roll is done behind it. */
	CHECK_INT(count_of("name=one code=11"), 1);
	CHECK_INT(count_of("name=two code=11"), 1);
	CHECK_INT(count_of("role.started"), 6);
	/* The second goes down only after the first is ready again. */
	two_ended = str_find(buf_str(&lines), STR_LIT("role.ended name=two"));
	one_ready = str_find(str_from(buf_str(&lines),
				      (size_t)str_find(buf_str(&lines),
						       STR_LIT("role.ended name=one"))),
			     STR_LIT("role.ready name=one")) +
		    str_find(buf_str(&lines), STR_LIT("role.ended name=one"));
	CHECK(one_ready < two_ended);
	supervisor_stop(supervisor);
	CHECK_INT(loop_run_until(&loop, &is_ended, clock_monotonic_us() + WAIT_S * 1000000), 0);
	CHECK_INT(count_of("name=one code=13"), 2);
	CHECK_INT(count_of("name=two code=13"), 2);
	close_roles(supervisor);
}

/* ---- a server of /readyz on a unix socket, in this process ---- */

struct server {
	uv_pipe_t listener, client;
	uv_write_t write;
	unsigned asked, unready; /* so many are told 503 first */
	char request[256];
	bool is_open;
};

static void on_client_closed(uv_handle_t *handle)
{
	((struct server *)handle->data)->is_open = false;
}

static void on_answered(uv_write_t *write, int status)
{
	uv_close((uv_handle_t *)write->handle, on_client_closed);
}

static void on_memory(uv_handle_t *handle, size_t size, uv_buf_t *ret)
{
	struct server *server = handle->data;

	*ret = uv_buf_init(server->request, sizeof server->request);
}

static void on_request(uv_stream_t *stream, ssize_t got, const uv_buf_t *buffer)
{
	static char no[] = "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n",
		    yes[] = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
	struct server *server = stream->data;
	bool is_unready = ++server->asked <= server->unready;
	uv_buf_t answer =
		uv_buf_init(is_unready ? no : yes, is_unready ? sizeof no - 1 : sizeof yes - 1);

	CHECK(got > 0);
	CHECK(str_starts(str_bytes(server->request, (size_t)got),
			 STR_LIT("GET /readyz HTTP/1.1\r\nHost: ")));
	uv_read_stop(stream);
	uv_write(&server->write, stream, &answer, 1, on_answered);
}

static void on_connection(uv_stream_t *listener, int status)
{
	struct server *server = listener->data;

	CHECK(!server->is_open);
	uv_pipe_init(&loop, &server->client, 0);
	server->client.data = server;
	server->is_open = true;
	CHECK(uv_accept(listener, (uv_stream_t *)&server->client) == 0);
	uv_read_start((uv_stream_t *)&server->client, on_memory, on_request);
}

TEST(a_role_is_ready_when_its_probe_says_so)
{
	char folder[] = "/tmp/dss-supervisor.XXXXXX", path[64], listen[80];
	struct server server = { .unready = 2 };
	struct supervisor *supervisor;
	struct supervised role = { "api", SHELL(OBEYS) };

	CHECK(mkdtemp(folder) != NULL);
	snprintf(path, sizeof path, "%s/api.sock", folder);
	snprintf(listen, sizeof listen, "unix:%s", path);
	role.readiness.listen = str_of(listen);
	supervisor = open_roles(&role, 1, NULL, 0);
	await("role.started", 1);
	CHECK(!is_ready);
	uv_pipe_init(&loop, &server.listener, 0);
	server.listener.data = &server;
	CHECK(uv_pipe_bind(&server.listener, path) == 0);
	CHECK(uv_listen((uv_stream_t *)&server.listener, 4, on_connection) == 0);
	await("role.ready name=api", 1);
	CHECK(is_ready);
	CHECK_INT(server.asked, 3);
	uv_close((uv_handle_t *)&server.listener, NULL);
	close_roles(supervisor);
	unlink(path);
	CHECK(rmdir(folder) == 0);
}

TEST(a_service_manager_is_told)
{
	char folder[] = "/tmp/dss-notify.XXXXXX", said[128];
	struct sockaddr_un to = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0);
	ssize_t got;

	CHECK(mkdtemp(folder) != NULL);
	snprintf(to.sun_path, sizeof to.sun_path, "%s/notify", folder);
	CHECK(bind(fd, (struct sockaddr *)&to, sizeof to) == 0);
	notify(to.sun_path, "READY=1");
	notify(NULL, "READY=1");
	notify("relative", "READY=1");
	notify("/nonexistent/socket", "READY=1");
	got = recv(fd, said, sizeof said, 0);
	CHECK(got > 0);
	CHECK_STR(str_bytes(said, (size_t)got), "READY=1");
	CHECK(recv(fd, said, sizeof said, 0) < 0);
	close(fd);
	unlink(to.sun_path);
	CHECK(rmdir(folder) == 0);
	/* an abstract name */
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0);
	snprintf(to.sun_path, sizeof to.sun_path, "@dss-notify-test-%d", (int)getpid());
	snprintf(said, sizeof said, "%s", to.sun_path);
	to.sun_path[0] = 0;
	CHECK(bind(fd, (struct sockaddr *)&to,
		   (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(said))) == 0);
	notify(said, "STOPPING=1");
	got = recv(fd, said, sizeof said, 0);
	CHECK(got == 10);
	close(fd);
}
