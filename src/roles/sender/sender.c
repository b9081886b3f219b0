/* SPDX-License-Identifier: Apache-2.0 */
/* What does the sender's process do between its first frame and its last? */
#include "roles/sender/sender.h"

#include "base/clock.h"
#include "children/process.h"
#include "loop/sandbox.h"

#include <stdarg.h>
#include <unistd.h>

enum { DRAIN_MS = 10, DRAIN_US = 10000000, DNS_ROWS = 1024 };

void sender_send(struct sender *sender, enum sender_frame type, uint64_t number,
		 const struct desc *desc, const void *body)
{
	struct buf encoded;

	buf_init(&encoded, NULL);
	if (desc)
		desc_encode(&encoded, desc, body);
	if (frames_put_body(sender->channel, (uint8_t)type, SENDER_PROTOCOL, number,
			    buf_str(&encoded)) < 0)
		uv_stop(&sender->loop); /* dss is gone, or lets us drown: nobody is left to tell */
	buf_release(&encoded);
}

static void fatal(struct sender *sender, int exit_code, const char *format, ...) PRINTF(3, 4);

static void fatal(struct sender *sender, int exit_code, const char *format, ...)
{
	struct sender_fatal last = { .exit_code = (uint8_t)exit_code };
	char text[512];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof text, format, args);
	va_end(args);
	last.text = str_of(text);
	sender_send(sender, SENDER_FATAL, 0, &sender_fatal_desc, &last);
	sender->exit_code = exit_code;
	sender->is_over = true;
	uv_stop(&sender->loop);
}

void sender_ended(struct sender *sender)
{
	if (!sender->is_finishing || sender->count || sender->is_over)
		return;
	sender->is_over = true;
	uv_stop(&sender->loop);
}

static int configuration_read(struct sender *sender, struct str body, struct err *err)
{
	struct sender_configuration *configuration = &sender->configuration;

	/* Views of the configuration must outlive the frame. */
	if (desc_decode(&sender->arena, &sender_configuration_desc, str_copy(&sender->arena, body),
			configuration) < 0)
		return err_set(err, ERR_SYNTAX, "the configuration cannot be read");
	sender->allowed = arena_array(&sender->arena, configuration->allow_network_count,
				      sizeof *sender->allowed);
	for (size_t i = 0; i < configuration->allow_network_count; i++)
		TRY(network_parse(configuration->allow_networks[i], &sender->allowed[i], err));
	sender->egress.policy =
		(struct policy){ sender->allowed, configuration->allow_network_count };
	return 0;
}

static int resolvers_read(struct sender *sender, struct err *err)
{
	const struct sender_configuration *configuration = &sender->configuration;
	struct resolve_files *files = &sender->files;

	if (configuration->resolver_count > RESOLVE_RESOLVERS)
		return err_set(err, ERR_LIMIT, "more than %d resolvers", RESOLVE_RESOLVERS);
	resolve_files_read(NULL, NULL, files);
	if (configuration->resolver_count)
		files->resolver_count = configuration->resolver_count;
	for (size_t i = 0; i < configuration->resolver_count; i++) {
		files->resolvers[i].port = DNS_PORT;
		TRY(address_port_parse(configuration->resolvers[i], &files->resolvers[i].address,
				       &files->resolvers[i].port, err));
	}
	for (size_t i = 0; i < files->resolver_count; i++)
		TRY(egress_trust(&sender->egress, &files->resolvers[i].address,
				 files->resolvers[i].port));
	return 0;
}

/* Everything that reads a file stands before the sandbox. */
static int prepare(struct sender *sender, struct err *err)
{
	struct str ca_file = sender->configuration.ca_file;

	TRY(resolvers_read(sender, err));
	if (gethostname(sender->helo, sizeof sender->helo - 1) < 0)
		sender->helo[0] = 0;
	TRY(transfers_prepare(err));
	return trust_prepare(ca_file.len ? str_cstring(&sender->arena, ca_file) : NULL,
			     &sender->trust, err);
}

static int network_open(struct sender *sender, struct err *err)
{
	const struct dns_client_settings dns = { .egress = &sender->egress,
						 .rows = DNS_ROWS,
						 .sockets = 2 };
	const struct transfers_settings transfers = { .egress = &sender->egress,
						      .trust = sender->trust,
						      .connections = SENDER_CONNECTIONS,
						      .keeps_connections = true };

	if (dns_client_open(&sender->loop, &dns, &sender->dns) < 0 ||
	    transfers_open(&sender->loop, &transfers, &sender->transfers) < 0)
		return err_set(err, -EMFILE, "no sockets can be opened");
	sender->http = http_client_on(sender->transfers, "dss/" DSS_VERSION);
	sender->resolve = (struct resolve){
		.client = sender->dns,
		.resolvers = sender->files.resolvers,
		.resolver_count = sender->files.resolver_count,
		.hosts = sender->configuration.ignores_hosts ? STR_NONE : sender->files.hosts,
	};
	return 0;
}

static int configure(struct sender *sender, const struct frame *frame, struct err *err)
{
	struct sandbox sandbox = { 0 };

	sender->is_configured = true;
	TRY(configuration_read(sender, frame->body, err));
	TRY(prepare(sender, err));
	TRY(sandbox_enter(&sandbox, err));
	TRY(network_open(sender, err));
	sender_send(sender, SENDER_READY, 0, NULL, NULL);
	return 0;
}

static int work_take(struct sender *sender, const struct frame *frame)
{
	if (frame->type == SENDER_DELIVER && !sender->is_finishing)
		return delivery_take(sender, frame);
	if (frame->type != SENDER_FINISH)
		return -EINVAL;
	sender->is_finishing = true;
	sender_ended(sender);
	return 0;
}

static void on_frame(struct frames *channel, const struct frame *frame, void *data)
{
	struct sender *sender = data;
	struct err err = { 0 };

	if (sender->is_over)
		return;
	if (frame->version != SENDER_PROTOCOL)
		fatal(sender, 5, "dss and dss-net are of different versions");
	else if (!sender->is_configured && frame->type != SENDER_CONFIGURE)
		fatal(sender, 5, "the first frame must be the configuration");
	else if (!sender->is_configured && configure(sender, frame, &err) < 0)
		fatal(sender, err.code == -EINVAL || err.code == ERR_SYNTAX ? 2 : 5, "%s",
		      err.text);
	else if (frame->type != SENDER_CONFIGURE && work_take(sender, frame) < 0)
		fatal(sender, 5, "a frame of type %u cannot be read", frame->type);
}

static void on_end(struct frames *channel, int code, void *data)
{
	struct sender *sender = data;

	sender->exit_code = sender->exit_code ? sender->exit_code : 5;
	sender->is_over = sender->is_alone = true;
	uv_stop(&sender->loop);
}

static void on_drain_timer(uv_timer_t *timer)
{
	(void)timer; /* only wakes the loop, which has nothing else to wait for */
}

/* Whatever is queued for dss leaves before we do, as long as dss reads. */
static void drain(struct sender *sender)
{
	int64_t until = clock_monotonic_us() + DRAIN_US;
	uv_timer_t timer;

	uv_run(&sender->loop, UV_RUN_NOWAIT);
	if (uv_timer_init(&sender->loop, &timer) < 0)
		return;
	uv_timer_start(&timer, on_drain_timer, DRAIN_MS, DRAIN_MS);
	while (!sender->is_alone && frames_queued(sender->channel) && clock_monotonic_us() < until)
		uv_run(&sender->loop, UV_RUN_ONCE);
	uv_close((uv_handle_t *)&timer, NULL);
	uv_run(&sender->loop, UV_RUN_NOWAIT);
}

int sender_main(void)
{
	static const struct frames_events events = { .on_frame = on_frame, .on_end = on_end };
	struct sender *sender = memory_alloc(sizeof *sender);
	struct err err = { 0 };
	int exit_code;

	*sender = (struct sender){ 0 };
	if (uv_loop_init(&sender->loop) < 0 ||
	    frames_open(&sender->loop, PROCESS_FD, &events, sender, &sender->channel, &err) < 0)
		return 5;
	uv_run(&sender->loop, UV_RUN_DEFAULT);
	drain(sender);
	exit_code = sender->exit_code;
	while (sender->deliveries)
		delivery_drop(sender->deliveries);
	http_client_close(sender->http);
	dns_client_close(sender->dns);
	frames_close(sender->channel);
	return exit_code;
}
