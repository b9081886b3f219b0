/* SPDX-License-Identifier: Apache-2.0 */
/* What does the runner's process do with the runs that it is given? */
#include "roles/runner/api.h"
#include "roles/runner/tool.h"

#include "base/clock.h"
#include "loop/loop.h"
#include "loop/sandbox.h"
#include "net/dns_client.h"

#include <stdarg.h>
#include <unistd.h>

static void tell(struct runner_role *role, enum runner_frame type, uint64_t number,
		 const struct desc *desc, const void *body)
{
	struct buf encoded;

	buf_init(&encoded, NULL);
	desc_encode(&encoded, desc, body);
	if (frames_put_body(role->channel, (uint8_t)type, RUNNER_PROTOCOL, number,
			    buf_str(&encoded)) < 0)
		uv_stop(&role->loop); /* dss is gone, or lets us drown */
	buf_release(&encoded);
}

void runner_say(struct runner_role *role, bool is_warning, const char *format, ...)
{
	struct runner_log log = { .is_warning = is_warning };
	char text[RUN_DETAIL_BYTES];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof text, format, args);
	va_end(args);
	log.text = str_of(text);
	tell(role, RUNNER_LOG, 0, &runner_log_desc, &log);
}

/* ---- runs ---- */

struct retired {
	struct arena arena; /* this is in it */
	struct retired *next;
};

static void start_waiting(struct runner_role *role);

struct str run_value_of(const struct run *run, const char *name)
{
	for (size_t i = 0; i < run->request.value_count; i++)
		if (str_eq(run->request.values[i].name, str_of(name)))
			return run->request.values[i].value;
	return STR_NONE;
}

void run_end(struct run *run, struct run_result *result)
{
	struct runner_role *role = run->role;
	struct arena arena = run->arena;

	result->number = run->request.number;
	result->elapsed_us = run->began_us ? clock_monotonic_us() - run->began_us : 0;
	result->detail = str_first(result->detail, RUN_DETAIL_BYTES);
	tell(role, RUNNER_RAN, result->number, &run_result_desc, result);
	timer_stop(&role->timers, &run->deadline);
	*run->link = run->next;
	if (run->next)
		run->next->link = run->link;
	role->count--;
	role->under_way -= run->began_us && !run->executor->is_light;
	arena_release(&arena); /* the run is in it */
	start_waiting(role);
}

void run_fail(struct run *run, enum run_end end, const char *format, ...)
{
	struct run_result result = { .end = (uint8_t)end };
	char text[RUN_DETAIL_BYTES];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof text, format, args);
	va_end(args);
	result.detail = str_of(text);
	run_end(run, &result);
}

static void run_cancel(struct run *run)
{
	if (run->task)
		run->executor->cancel(run);
	run->task = NULL;
}

static void on_deadline(struct timer *timer)
{
	struct run *run = (struct run *)((char *)timer - offsetof(struct run, deadline));

	run_cancel(run);
	run_fail(run, RUN_TIMED_OUT, "%.*s was ended after %u s", STR(run->request.name),
		 run->request.timeout_ms / 1000);
}

static void start_waiting(struct runner_role *role)
{
	uint32_t at_once =
		role->configuration.at_once ? role->configuration.at_once : RUNNER_AT_ONCE;
	struct run *run;

	if (role->is_starting)
		return;
	role->is_starting = true;
	do {
		run = role->runs;
		while (run &&
		       (run->began_us || (!run->executor->is_light && role->under_way >= at_once)))
			run = run->next;
		if (run) {
			run->began_us = clock_monotonic_us();
			role->under_way += !run->executor->is_light;
			run->executor->start(run);
		}
	} while (run);
	role->is_starting = false;
}

static int take_run(struct runner_role *role, const struct frame *frame)
{
	struct run **end = &role->runs, *run;
	struct arena arena = { 0 };

	run = ARENA_NEW(&arena, struct run);
	*run = (struct run){ .role = role };
	if (desc_decode(&arena, &run_request_desc, str_copy(&arena, frame->body), &run->request) <
		    0 ||
	    run_request_check(&run->request, NULL) < 0) {
		arena_release(&arena);
		return ERR_SYNTAX;
	}
	while (*end)
		end = &(*end)->next;
	run->arena = arena;
	run->link = end;
	*end = run;
	run->deadline.on_due = on_deadline;
	run->executor = executors[run->request.kind];
	if (role->count++ >= RUNS_WAITING) {
		run_fail(run, RUN_BUSY, "too many runs wait");
	} else if (!run->executor) {
		run_fail(run, RUN_MISSING, "this dss-net cannot run it");
	} else {
		timer_start(&role->timers, &run->deadline,
			    clock_monotonic_us() + run->request.timeout_ms * 1000ll);
		start_waiting(role);
	}
	return 0;
}

/* dss waits for an answer all the same: it is the sign that the number is free. */
static int take_unrun(struct runner_role *role, const struct frame *frame)
{
	struct arena arena = { 0 };
	struct run_number number;
	struct run *run = role->runs;
	int code = desc_decode(&arena, &run_number_desc, frame->body, &number);

	arena_release(&arena);
	TRY(code);
	while (run && run->request.number != number.number)
		run = run->next;
	if (!run)
		return 0; /* its end is on the way */
	run_cancel(run);
	run_fail(run, RUN_GONE, "nobody wants it any more");
	return 0;
}

/* ---- configuration ---- */

static int read_addresses(struct runner_role *role, struct arena *a,
			  const struct runner_configuration *configuration, struct err *err)
{
	struct egress egress = { 0 };
	struct network *allowed =
		arena_array(a, configuration->allow_network_count, sizeof *allowed);

	for (size_t i = 0; i < configuration->allow_network_count; i++)
		TRY(network_parse(configuration->allow_networks[i], &allowed[i], err));
	egress.policy = (struct policy){ allowed, configuration->allow_network_count };
	for (size_t i = 0; i < configuration->resolver_count; i++) {
		struct address address;
		uint16_t port = DNS_PORT;

		TRY(address_port_parse(configuration->resolvers[i], &address, &port, err));
		TRY(egress_trust(&egress, &address, port));
	}
	role->allowed = allowed;
	role->egress = egress;
	return 0;
}

/* Runs that are under way point into the configuration that they began with. */
static void retire(struct runner_role *role)
{
	struct retired *retired = ARENA_NEW(&role->arena, struct retired);

	*retired = (struct retired){ .arena = role->arena, .next = role->retired };
	role->retired = retired;
	while (!role->count && !tools_running(role) && role->retired) {
		struct arena arena = role->retired->arena;

		role->retired = role->retired->next;
		arena_release(&arena);
	}
}

/* As root it would own what it starts, and everything else. */
static int lock_up(struct err *err)
{
	struct sandbox rules = { 0 };

	return sandbox_drop(&rules, err);
}

static int configure(struct runner_role *role, const struct frame *frame, struct err *err)
{
	struct runner_configuration configuration = { 0 };
	struct runner_ready ready = { .pid = (uint32_t)getpid() };
	struct arena arena = { 0 };
	struct str body = str_copy(&arena, frame->body);
	int code = desc_decode(&arena, &runner_configuration_desc, body, &configuration);

	if (code < 0)
		code = err_set(err, ERR_SYNTAX, "the configuration cannot be read");
	if (code == 0)
		code = read_addresses(role, &arena, &configuration, err);
	if (code == 0 && !role->is_configured)
		code = apis_prepare(role, configuration.ca_file, err);
	if (code == 0 && !role->is_configured)
		code = tools_prepare(role, configuration.ca_file, err);
	if (code == 0 && !role->is_configured)
		code = lock_up(err);
	if (code < 0) {
		arena_release(&arena);
		return code;
	}
	retire(role);
	role->arena = arena;
	role->configuration = configuration;
	if (!role->is_configured)
		tell(role, RUNNER_READY, 0, &runner_ready_desc, &ready);
	role->is_configured = true;
	return 0;
}

/* ---- the process ---- */

static void give_up(struct runner_role *role, const char *why)
{
	runner_say(role, true, "%s", why);
	role->exit_code = 5;
	uv_run(&role->loop, UV_RUN_NOWAIT); /* so that it is heard */
	uv_stop(&role->loop);
}

static void on_frame(struct frames *channel, const struct frame *frame, void *data)
{
	struct runner_role *role = data;
	struct err err = { 0 };
	int code = 0;

	(void)channel;
	if (frame->version != RUNNER_PROTOCOL)
		code = err_set(&err, ERR_SYNTAX, "dss and dss-net are of different versions");
	else if (frame->type == RUNNER_CONFIGURE)
		code = configure(role, frame, &err);
	else if (!role->is_configured)
		code = err_set(&err, ERR_SYNTAX, "the first frame must be the configuration");
	else if (frame->type == RUNNER_RUN)
		code = take_run(role, frame);
	else if (frame->type == RUNNER_UNRUN)
		code = take_unrun(role, frame);
	if (code < 0)
		give_up(role, err.text[0] ? err.text : "a frame cannot be read");
}

static void on_end(struct frames *channel, int code, void *data)
{
	struct runner_role *role = data;

	(void)channel;
	(void)code;
	uv_stop(&role->loop);
}

int runner_main(void)
{
	static const struct frames_events events = { .on_frame = on_frame, .on_end = on_end };
	struct runner_role *role = memory_alloc(sizeof *role);
	struct err err = { 0 };

	*role = (struct runner_role){ 0 };
	if (uv_loop_init(&role->loop) < 0)
		return 5;
	timers_open(&role->timers, &role->loop);
	if (frames_open(&role->loop, RUNNER_FD, &events, role, &role->channel, &err) < 0)
		return 5;
	uv_run(&role->loop, UV_RUN_DEFAULT);
	for (struct run *run = role->runs; run; run = run->next)
		run_cancel(run);
	tools_close(role);
	apis_close(role);
	frames_close(role->channel);
	return role->exit_code;
}
