/* SPDX-License-Identifier: Apache-2.0 */
/* Who waits for which run, and does the runner still live? */
#include "children/runner.h"

#include "base/clock.h"
#include "children/process.h"

enum { FIRST_DELAY_MS = 100, LAST_DELAY_MS = 30000, TICK_MS = 250 };

/* One run, from runner_run until its end was told. */
struct flight {
	struct runner_client *client; /* NULL: nobody wants it any more, and the runner has it */
	uint64_t number, theirs;      /* ours towards the runner, the client's */
	int64_t limit_us;
	bool is_sent;
	struct buf body; /* RUN, until it is sent */
	struct flight *next;
};

struct runner {
	uv_loop_t *loop;
	void (*on_log)(void *data, bool is_warning, struct str text);
	void *data;
	struct buf configuration;
	struct process *process; /* NULL: none runs */
	bool is_ready, has_answered, is_held;
	unsigned failures; /* in a row, of those that never answered */
	int64_t start_us;
	uv_timer_t *tick;
	uint64_t last_number;
	struct flight *flights, **end; /* in the order of their coming */
	size_t count;
	struct runner_client *clients;
};

static void say(struct runner *runner, bool is_warning, struct str text)
{
	if (runner->on_log)
		runner->on_log(runner->data, is_warning, text);
}

/* ---- runs ---- */

static struct flight **flight_find(struct runner *runner, uint64_t number)
{
	struct flight **link = &runner->flights;

	while (*link && (*link)->number != number)
		link = &(*link)->next;
	return link;
}

/* The first that the runner has. */
static struct flight **flight_sent(struct runner *runner)
{
	struct flight **link = &runner->flights;

	while (*link && !(*link)->is_sent)
		link = &(*link)->next;
	return link;
}

static void flight_free(struct runner *runner, struct flight **link)
{
	struct flight *flight = *link;

	*link = flight->next;
	if (runner->end == &flight->next)
		runner->end = link;
	runner->count--;
	if (flight->client)
		flight->client->out--;
	buf_release(&flight->body);
	memory_free(flight);
}

static void flight_end(struct runner *runner, struct flight **link, struct run_result *result)
{
	struct runner_client *client = (*link)->client;

	result->number = (*link)->theirs;
	flight_free(runner, link);
	if (client)
		client->on_ran(client, result);
}

static void flight_fail(struct runner *runner, struct flight **link, enum run_end end,
			const char *detail)
{
	struct run_result result = { .end = (uint8_t)end, .detail = str_of(detail) };

	flight_end(runner, link, &result);
}

/* ---- its process ---- */

static void process_end(struct runner *runner)
{
	process_close(runner->process);
	runner->process = NULL;
	runner->is_ready = runner->is_held = false;
}

static int64_t delay_us(const struct runner *runner)
{
	int64_t delay_ms = FIRST_DELAY_MS;

	for (unsigned i = 1; i < runner->failures && delay_ms < LAST_DELAY_MS; i++)
		delay_ms *= 2;
	return MIN(delay_ms, (int64_t)LAST_DELAY_MS) * 1000;
}

/* What it had ends as ours; what it was not given yet waits for its successor. */
static void on_gone(void *data, int exit_code, bool is_crash, const char *why)
{
	struct runner *runner = data;
	struct flight **link;

	process_end(runner);
	runner->failures = runner->has_answered ? 0 : runner->failures + 1;
	runner->start_us = clock_monotonic_us() + (runner->failures ? delay_us(runner) : 0);
	say(runner, true, str_of(why));
	/* Whoever is told may run and take back: so each walk begins anew. */
	while (*(link = flight_sent(runner)))
		flight_fail(runner, link, RUN_GONE, why);
}

static void hold_if_full(struct runner *runner, struct runner_client *client)
{
	if (!client->is_full || !client->is_full(client) || runner->is_held || !runner->process)
		return;
	runner->is_held = true;
	process_pause(runner->process);
}

static int read_ran(struct runner *runner, struct arena *a, struct str body, struct err *err)
{
	struct run_result result;
	struct flight **link;
	struct runner_client *client;

	if (desc_decode(a, &run_result_desc, body, &result) < 0)
		return err_set(err, ERR_SYNTAX, "a result cannot be read");
	TRY(run_result_check(&result, err));
	link = flight_find(runner, result.number);
	if (!*link || !(*link)->is_sent)
		return err_set(err, ERR_SYNTAX, "it ends a run that it does not have");
	runner->has_answered = true;
	client = (*link)->client;
	flight_end(runner, link, &result);
	for (struct runner_client *each = runner->clients; each; each = each->next)
		if (each == client) /* it may have left */
			hold_if_full(runner, client);
	return 0;
}

static int read_log(struct runner *runner, struct arena *a, struct str body, struct err *err)
{
	struct runner_log log;

	if (desc_decode(a, &runner_log_desc, body, &log) < 0)
		return err_set(err, ERR_SYNTAX, "a log line cannot be read");
	say(runner, log.is_warning, str_first(log.text, RUN_DETAIL_BYTES));
	return 0;
}

static void send_waiting(struct runner *runner)
{
	for (struct flight *flight = runner->flights; flight; flight = flight->next)
		if (!flight->is_sent && !process_is_full(runner->process)) {
			flight->is_sent = true;
			process_send_body(runner->process, RUNNER_RUN, flight->number,
					  buf_str(&flight->body));
			buf_release(&flight->body);
		}
}

static int on_frame(void *data, const struct frame *frame, struct err *err)
{
	struct runner *runner = data;
	struct arena arena = { 0 };
	int code = 0;

	if (frame->version != RUNNER_PROTOCOL)
		code = err_set(err, ERR_SYNTAX, "dss and dss-net are of different versions");
	else if (frame->type == RUNNER_READY)
		runner->is_ready = true;
	else if (frame->type == RUNNER_RAN)
		code = read_ran(runner, &arena, frame->body, err);
	else if (frame->type == RUNNER_LOG)
		code = read_log(runner, &arena, frame->body, err);
	arena_release(&arena);
	if (code == 0 && runner->is_ready)
		send_waiting(runner);
	return code;
}

static void on_drain(void *data)
{
	struct runner *runner = data;

	if (runner->is_ready)
		send_waiting(runner);
}

static const struct process_role role = { .name = "runner", .version = RUNNER_PROTOCOL };
static const struct process_events events = { on_frame, on_drain, on_gone };

static void runner_start(struct runner *runner)
{
	char why[sizeof((struct err *)0)->text + 64];
	struct err err = { 0 };

	if (runner->process || clock_monotonic_us() < runner->start_us)
		return;
	runner->has_answered = false;
	if (process_start(runner->loop, &role, -1, &events, runner, &runner->process, &err) == 0) {
		process_send_body(runner->process, RUNNER_CONFIGURE, 0,
				  buf_str(&runner->configuration));
		return;
	}
	runner->process = NULL;
	snprintf(why, sizeof why, "the runner cannot be started: %s", err.text);
	on_gone(runner, 5, true, why);
}

/* ---- what nobody says ---- */

static bool has_waiting(const struct runner *runner)
{
	for (const struct flight *flight = runner->flights; flight; flight = flight->next)
		if (!flight->is_sent)
			return true;
	return false;
}

static void on_tick(uv_timer_t *timer)
{
	struct runner *runner = timer->data;
	int64_t now = clock_monotonic_us();
	struct flight **link = &runner->flights;

	while (*link && (now < (*link)->limit_us || ((*link)->is_sent && runner->is_held)))
		link = &(*link)->next;
	if (*link && (*link)->is_sent)
		process_blame(runner->process, "the runner does not end a run");
	else if (*link)
		flight_fail(runner, link, RUN_TIMED_OUT, "the runner could not be started in time");
	if (has_waiting(runner))
		runner_start(runner);
	if (!runner->flights)
		uv_timer_stop(runner->tick);
}

/* ---- outside ---- */

void runner_open(const struct runner_settings *settings, struct runner **ret)
{
	struct runner *runner = memory_alloc(sizeof *runner);

	*runner = (struct runner){ .loop = settings->loop,
				   .on_log = settings->on_log,
				   .data = settings->data };
	runner->end = &runner->flights;
	buf_init(&runner->configuration, NULL);
	runner->tick = memory_alloc(sizeof *runner->tick);
	if (uv_timer_init(settings->loop, runner->tick) < 0)
		memory_exhausted();
	runner->tick->data = runner;
	runner_configure(runner, settings->configuration);
	*ret = runner;
}

void runner_close(struct runner *runner)
{
	if (!runner)
		return;
	process_end(runner);
	while (runner->flights)
		flight_free(runner, &runner->flights);
	uv_close((uv_handle_t *)runner->tick, (uv_close_cb)memory_free);
	buf_release(&runner->configuration);
	memory_free(runner);
}

void runner_configure(struct runner *runner, const struct runner_configuration *configuration)
{
	runner->configuration.len = 0;
	desc_encode(&runner->configuration, &runner_configuration_desc, configuration);
	if (runner->process)
		process_send_body(runner->process, RUNNER_CONFIGURE, 0,
				  buf_str(&runner->configuration));
}

void runner_join(struct runner *runner, struct runner_client *client)
{
	client->runner = runner;
	client->out = 0;
	client->next = runner->clients;
	client->link = &runner->clients;
	if (client->next)
		client->next->link = &client->next;
	runner->clients = client;
}

/* The runner is told, and its answer meets nobody. */
static void flight_drop(struct runner *runner, struct flight **link)
{
	struct run_number number = { (*link)->number };

	if (!(*link)->is_sent || !runner->process) { /* it died, and the others are being told */
		flight_free(runner, link);
		return;
	}
	(*link)->client->out--;
	(*link)->client = NULL;
	process_send(runner->process, RUNNER_UNRUN, number.number, &run_number_desc, &number);
}

void runner_leave(struct runner_client *client)
{
	struct runner *runner = client->runner;

	if (!runner)
		return;
	for (struct flight **link = &runner->flights, *flight; (flight = *link);) {
		if (flight->client == client)
			flight_drop(runner, link);
		if (*link == flight)
			link = &flight->next;
	}
	*client->link = client->next;
	if (client->next)
		client->next->link = client->link;
	client->runner = NULL;
	runner_resume(runner);
}

void runner_run(struct runner_client *client, const struct run_request *request)
{
	struct runner *runner = client->runner;
	uint32_t timeout_ms = request->timeout_ms && request->timeout_ms < RUN_LONGEST_MS
				      ? request->timeout_ms
				      : RUN_LONGEST_MS;
	struct run_request sent = *request;
	struct flight *flight;

	if (runner->count >= RUNNER_RUNS) {
		struct run_result busy = { .number = request->number, .end = RUN_BUSY };

		client->on_ran(client, &busy);
		return;
	}
	flight = memory_alloc(sizeof *flight);
	*flight = (struct flight){ .client = client,
				   .theirs = request->number,
				   .number = ++runner->last_number,
				   .limit_us = clock_monotonic_us() +
					       (timeout_ms + RUNNER_GRACE_MS) * 1000ll };
	buf_init(&flight->body, NULL);
	sent.number = flight->number;
	sent.timeout_ms = timeout_ms;
	desc_encode(&flight->body, &run_request_desc, &sent);
	*runner->end = flight;
	runner->end = &flight->next;
	runner->count++;
	client->out++;
	if (runner->is_ready)
		send_waiting(runner);
	if (!uv_is_active((uv_handle_t *)runner->tick))
		uv_timer_start(runner->tick, on_tick, 0, TICK_MS);
}

void runner_unrun(struct runner_client *client, uint64_t number)
{
	struct flight **link = &client->runner->flights;

	while (*link && ((*link)->client != client || (*link)->theirs != number))
		link = &(*link)->next;
	if (*link)
		flight_drop(client->runner, link);
}

void runner_resume(struct runner *runner)
{
	for (struct runner_client *client = runner->clients; client; client = client->next)
		if (client->is_full && client->is_full(client))
			return;
	if (runner->is_held) {
		runner->is_held = false;
		process_resume(runner->process);
	}
}

size_t runner_held(const struct runner *runner)
{
	return runner->count;
}

pid_t runner_pid(const struct runner *runner)
{
	return runner->process ? process_pid(runner->process) : 0;
}
