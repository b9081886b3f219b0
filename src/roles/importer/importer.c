/* SPDX-License-Identifier: Apache-2.0 */
/* What does the importer's process do between its one order and its end? */
#include "roles/importer/importer.h"

#include "base/clock.h"
#include "children/importer_protocol.h"
#include "children/process.h"
#include "loop/frames.h"
#include "loop/sandbox.h"
#include "net/resolve.h"
#include "net/zone_fetch.h"

#include <stdarg.h>

enum {
	EXIT_OF_USAGE = 2,
	EXIT_OF_SERVER = 3,
	EXIT_OF_OURS = 5,
	DRAIN_MS = 10,
	DRAIN_US = 10000000
};

struct importer {
	uv_loop_t loop;
	struct frames *channel;
	struct arena arena; /* what lives as long as the process */
	struct importer_order order;
	struct tsig_key key;
	struct network *allowed;
	struct egress egress;
	struct resolve_files files;
	struct dns_client *dns;
	struct resolve resolve;
	struct resolving *resolving;
	struct address addresses[RESOLVE_ADDRESSES];
	size_t address_count, tried;
	struct zone_fetch *fetch;
	bool has_order, is_over, is_alone;
	int exit_code;
};

static void importer_send(struct importer *importer, enum importer_frame type,
			  const struct desc *desc, const void *body)
{
	struct buf encoded;

	buf_init(&encoded, NULL);
	desc_encode(&encoded, desc, body);
	if (frames_put_body(importer->channel, (uint8_t)type, IMPORTER_PROTOCOL, 0,
			    buf_str(&encoded)) < 0)
		uv_stop(&importer->loop);
	buf_release(&encoded);
}

static void importer_end(struct importer *importer, int exit_code)
{
	importer->exit_code = exit_code;
	importer->is_over = true;
	uv_stop(&importer->loop);
}

static void fatal(struct importer *importer, int exit_code, const char *format, ...) PRINTF(3, 4);

static void fatal(struct importer *importer, int exit_code, const char *format, ...)
{
	struct importer_fatal last = { .exit_code = (uint8_t)exit_code };
	char text[400];
	va_list args;

	if (importer->is_over)
		return;
	va_start(args, format);
	vsnprintf(text, sizeof text, format, args);
	va_end(args);
	last.text = str_of(text);
	importer_send(importer, IMPORTER_FATAL, &importer_fatal_desc, &last);
	importer_end(importer, exit_code);
}

/* ---- the zone ---- */

static void on_names(void *context, struct str names)
{
	struct importer *importer = context;

	importer_send(importer, IMPORTER_NAMES, &importer_names_desc,
		      &(struct importer_names){ names });
	if (frames_is_full(importer->channel))
		zone_fetch_pause(importer->fetch);
}

static void on_end(void *context, const struct zone_stream *stream, const char *why)
{
	struct importer *importer = context;
	struct importer_done done;

	if (!stream) {
		fatal(importer, EXIT_OF_SERVER, "%s", why);
		return;
	}
	done = (struct importer_done){ .messages = stream->messages,
				       .records = stream->records,
				       .names = stream->names,
				       .serial = stream->serial };
	importer_send(importer, IMPORTER_DONE, &importer_done_desc, &done);
	importer_end(importer, 0);
}

static int fetch_begin(struct importer *importer, const struct address *server, struct err *err)
{
	static const struct zone_fetch_events events = { .on_names = on_names, .on_end = on_end };
	const struct importer_order *order = &importer->order;
	struct zone_fetch_order fetch = { .server = *server,
					  .port = order->port,
					  .zone = order->zone,
					  .takes_all = order->takes_all,
					  .key = importer->key.name.len ? &importer->key : NULL,
					  .timeout_ms = order->timeout_ms,
					  .silence_ms = order->silence_ms };

	return zone_fetch_start(&importer->loop, &importer->egress, &fetch, &events, importer,
				&importer->fetch, err);
}

/* The first address that may be connected to; what it says counts. */
static void fetch_first(struct importer *importer)
{
	const struct special_block *block = NULL;
	struct err err = { 0 };
	int code = ERR_DENIED;

	for (size_t i = 0; i < importer->address_count && code == ERR_DENIED; i++) {
		code = fetch_begin(importer, &importer->addresses[i], &err);
		if (code == ERR_DENIED)
			block = special_block_of(&importer->addresses[i]);
	}
	if (code == ERR_DENIED)
		fatal(importer, EXIT_OF_USAGE,
		      "%.*s leads inside (%s): give the server's address instead of its name, if "
		      "that is meant",
		      STR(str_first(importer->order.host, 100)),
		      block ? block->name : "no address");
	else if (code < 0)
		fatal(importer, EXIT_OF_SERVER, "%s", err.text);
}

static void on_resolved(void *context, const struct address *addresses, size_t count,
			enum dns_failure failure)
{
	struct importer *importer = context;

	importer->resolving = NULL;
	if (!count) {
		fatal(importer, EXIT_OF_SERVER,
		      failure ? "the name %.*s cannot be resolved: the resolver fails"
			      : "the name %.*s has no address",
		      STR(str_first(importer->order.host, 100)));
		return;
	}
	memcpy(importer->addresses, addresses, count * sizeof *addresses);
	importer->address_count = count;
	fetch_first(importer);
}

/* ---- the order ---- */

static int order_read(struct importer *importer, struct str body, struct err *err)
{
	struct importer_order *order = &importer->order;

	if (desc_decode(&importer->arena, &importer_order_desc, str_copy(&importer->arena, body),
			order) < 0)
		return err_set(err, ERR_SYNTAX, "the order cannot be read");
	importer->key =
		(struct tsig_key){ order->key_name, order->key_algorithm, order->key_secret };
	importer->allowed = arena_array(&importer->arena, order->allow_network_count,
					sizeof *importer->allowed);
	for (size_t i = 0; i < order->allow_network_count; i++)
		TRY(network_parse(order->allow_networks[i], &importer->allowed[i], err));
	importer->egress.policy = (struct policy){ importer->allowed, order->allow_network_count };
	return 0;
}

/* What the operator wrote as an address is meant; what a name leads to is judged. */
static int server_read(struct importer *importer, struct err *err)
{
	const struct importer_order *order = &importer->order;

	if (address_parse(order->host, &importer->addresses[0]) < 0) {
		resolve_files_read(NULL, NULL, &importer->files);
		for (size_t i = 0; i < importer->files.resolver_count; i++)
			TRY(egress_trust(&importer->egress, &importer->files.resolvers[i].address,
					 importer->files.resolvers[i].port));
		return 0;
	}
	importer->address_count = 1;
	return egress_trust(&importer->egress, &importer->addresses[0],
			    order->port ? order->port : DNS_PORT);
}

static int server_resolve(struct importer *importer, struct err *err)
{
	const struct dns_client_settings settings = { .egress = &importer->egress,
						      .rows = 16,
						      .sockets = 1 };
	struct str host;

	if (dns_name_parse(&importer->arena, importer->order.host, &host, err) < 0 ||
	    !dns_name_is_hostname(host))
		return err_set(err, -EINVAL, "the server's name is no host name");
	if (dns_client_open(&importer->loop, &settings, &importer->dns) < 0)
		return err_set(err, -EMFILE, "no sockets can be opened");
	importer->resolve = (struct resolve){ .client = importer->dns,
					      .resolvers = importer->files.resolvers,
					      .resolver_count = importer->files.resolver_count,
					      .hosts = importer->files.hosts };
	if (resolve_start(&importer->resolve, &importer->loop, host, on_resolved, importer,
			  &importer->resolving) < 0)
		return err_set(err, -EINVAL, "the server's name cannot be asked for");
	return 0;
}

/* Everything that reads a file stands before the sandbox: the machine's resolver, and what the library of
 * cryptography loads for its first hash. */
static int prepare(struct importer *importer, struct err *err)
{
	struct tsig_stream *first = NULL;

	TRY(server_read(importer, err));
	if (!importer->key.name.len)
		return 0;
	TRY(tsig_stream_open(&importer->key, &first, err));
	tsig_stream_close(first);
	return 0;
}

static int order_begin(struct importer *importer, const struct frame *frame, struct err *err)
{
	struct sandbox sandbox = { 0 };

	importer->has_order = true;
	TRY(order_read(importer, frame->body, err));
	TRY(prepare(importer, err));
	TRY(sandbox_enter(&sandbox, err));
	if (!importer->address_count)
		return server_resolve(importer, err);
	fetch_first(importer);
	return 0;
}

static void on_frame(struct frames *channel, const struct frame *frame, void *data)
{
	struct importer *importer = data;
	struct err err = { 0 };

	if (importer->is_over)
		return;
	if (frame->version != IMPORTER_PROTOCOL)
		fatal(importer, EXIT_OF_OURS, "dss and dss-net are of different versions");
	else if (importer->has_order || frame->type != IMPORTER_FETCH)
		fatal(importer, EXIT_OF_OURS, "a frame of type %u cannot be read", frame->type);
	else if (order_begin(importer, frame, &err) < 0)
		fatal(importer,
		      err.code == -EINVAL || err.code == ERR_SYNTAX ? EXIT_OF_USAGE : EXIT_OF_OURS,
		      "%s", err.text);
}

static void on_drain(struct frames *channel, void *data)
{
	struct importer *importer = data;

	if (importer->fetch)
		zone_fetch_resume(importer->fetch);
}

static void on_end_of_stream(struct frames *channel, int code, void *data)
{
	struct importer *importer = data;

	importer->is_alone = true;
	importer_end(importer, importer->exit_code ? importer->exit_code : EXIT_OF_OURS);
}

static void on_drain_timer(uv_timer_t *timer)
{
	(void)timer; /* only wakes the loop, which has nothing else to wait for */
}

/* Whatever is queued for dss leaves before we do, as long as dss reads. */
static void drain(struct importer *importer)
{
	int64_t until = clock_monotonic_us() + DRAIN_US;
	uv_timer_t timer;

	uv_run(&importer->loop, UV_RUN_NOWAIT);
	if (uv_timer_init(&importer->loop, &timer) < 0)
		return;
	uv_timer_start(&timer, on_drain_timer, DRAIN_MS, DRAIN_MS);
	while (!importer->is_alone && frames_queued(importer->channel) &&
	       clock_monotonic_us() < until)
		uv_run(&importer->loop, UV_RUN_ONCE);
	uv_close((uv_handle_t *)&timer, NULL);
	uv_run(&importer->loop, UV_RUN_NOWAIT);
}

int importer_main(void)
{
	static const struct frames_events events = { .on_frame = on_frame,
						     .on_drain = on_drain,
						     .on_end = on_end_of_stream };
	struct importer *importer = memory_alloc(sizeof *importer);
	struct err err = { 0 };
	int exit_code;

	*importer = (struct importer){ 0 };
	if (uv_loop_init(&importer->loop) < 0 ||
	    frames_open(&importer->loop, PROCESS_FD, &events, importer, &importer->channel, &err) <
		    0)
		return EXIT_OF_OURS;
	uv_run(&importer->loop, UV_RUN_DEFAULT);
	drain(importer);
	exit_code = importer->exit_code;
	if (importer->resolving)
		resolving_cancel(importer->resolving);
	zone_fetch_close(importer->fetch);
	dns_client_close(importer->dns);
	frames_close(importer->channel);
	return exit_code;
}
