/* SPDX-License-Identifier: Apache-2.0 */
/* What does the scanner's process do between its first frame and its last? */
#include "roles/scanner/scanner.h"

#include "base/clock.h"
#include "loop/loop.h"
#include "loop/sandbox.h"
#include "net/http.h"

#include <fcntl.h>
#include <stdarg.h>
#include <sys/stat.h>
#include <unistd.h>

enum { DRAIN_MS = 10, BOOTSTRAP_BYTES = 4 << 20 };

void scanner_put(struct scanner *scanner, const struct frame *frame)
{
	if (frames_put(scanner->channel, frame) < 0)
		uv_stop(&scanner->loop); /* dss is gone, or lets us drown: nobody is left to tell */
}

void scanner_send(struct scanner *scanner, enum scanner_frame type, uint64_t number,
		  const struct desc *desc, const void *body)
{
	struct frame frame = { .type = (uint8_t)type,
			       .version = SCANNER_PROTOCOL,
			       .scan_id = number };
	struct buf encoded;

	buf_init(&encoded, NULL);
	desc_encode(&encoded, desc, body);
	frame.body = buf_str(&encoded);
	scanner_put(scanner, &frame);
	buf_release(&encoded);
}

void scanner_log(struct scanner *scanner, enum scanner_log_level level, const char *format, ...)
{
	struct scanner_log log = { .level = (uint8_t)level };
	char text[512];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof text, format, args);
	va_end(args);
	log.text = str_of(text);
	scanner_send(scanner, SCANNER_LOG, 0, &scanner_log_desc, &log);
}

void scanner_fatal(struct scanner *scanner, int exit_code, const char *format, ...)
{
	struct scanner_fatal fatal = { .exit_code = (uint8_t)exit_code };
	char text[512];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof text, format, args);
	va_end(args);
	fatal.text = str_of(text);
	scanner_send(scanner, SCANNER_FATAL, 0, &scanner_fatal_desc, &fatal);
	scanner->exit_code = exit_code;
	scanner->is_over = true;
	uv_stop(&scanner->loop);
}

void scanner_ended(struct scanner *scanner, size_t inputs)
{
	scanner->running -= inputs;
	if (scanner->is_finishing && !scanner->running && !scanner->is_over) {
		scanner->is_over = true;
		uv_stop(&scanner->loop);
	}
}

const struct scanner_options *scanner_options_of(const struct scanner *scanner, bool has_own,
						 const struct scanner_options *own)
{
	return has_own ? own : &scanner->configuration.options;
}

static int read_networks(struct scanner *scanner, struct err *err)
{
	const struct scanner_configuration *configuration = &scanner->configuration;

	scanner->allowed = arena_array(&scanner->arena, configuration->allow_network_count,
				       sizeof *scanner->allowed);
	for (size_t i = 0; i < configuration->allow_network_count; i++)
		TRY(network_parse(configuration->allow_networks[i], &scanner->allowed[i], err));
	scanner->egress.policy = (struct policy){
		.allowed = scanner->allowed,
		.allowed_count = configuration->allow_network_count,
	};
	return 0;
}

static int read_resolvers(struct scanner *scanner, struct gate_settings *gate, struct err *err)
{
	const struct scanner_configuration *configuration = &scanner->configuration;

	if (configuration->resolver_count > GATE_RESOLVERS)
		return err_set(err, ERR_LIMIT, "more than %d resolvers", GATE_RESOLVERS);
	for (size_t i = 0; i < configuration->resolver_count; i++) {
		struct dns_destination *resolver = &gate->resolvers[i];

		resolver->port = DNS_PORT;
		TRY(address_port_parse(configuration->resolvers[i], &resolver->address,
				       &resolver->port, err));
		TRY(egress_trust(&scanner->egress, &resolver->address, resolver->port));
	}
	gate->resolver_count = configuration->resolver_count;
	return 0;
}

static void add_vantage(struct scanner *scanner, const char *text)
{
	if (!scanner->vantage)
		scanner->vantage = arena_array(&scanner->arena, 4, sizeof *scanner->vantage);
	scanner->vantage[scanner->vantage_count++] = str_of(text);
}

/* Connecting a datagram socket sends nothing: it asks the kernel whether there is a route. */
static bool has_route(const struct scanner *scanner, const char *text)
{
	struct address address;
	struct destination to;
	int fd;

	if (address_parse(str_of(text), &address) < 0 ||
	    destination_approve(&scanner->egress, &address, DNS_PORT, &to) < 0)
		return true;
	fd = socket_connect_udp(&to, 0);
	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

/* Where registries are asked, by a newer file than the one that is compiled in. */
static int read_bootstrap(struct scanner *scanner, struct err *err)
{
	struct err why = { 0 };

	for (size_t i = 0; i < scanner->bootstrap_count; i++)
		if (rdap_bootstrap_read(&scanner->arena, scanner->bootstrap_texts[i],
					&scanner->bootstrap, &why) < 0)
			return err_set(err, ERR_SYNTAX, "scan.rdap_bootstrap: %s", why.text);
	return 0;
}

static int open_network(struct scanner *scanner, struct err *err)
{
	struct gate_settings gate = {
		.loop = &scanner->loop,
		.timers = &scanner->timers,
		.egress = &scanner->egress,
		.rate = scanner->configuration.rate,
		.paces = scanner->paces,
		.in_flight = 0,
		.trust = scanner->trust,
		.agent = "dss/" DSS_VERSION,
		.runs = running_of(scanner),
		.definitions = &scanner->configuration.definitions,
	};

	TRY(read_bootstrap(scanner, err));
	gate.rdap = scanner->bootstrap_count ? &scanner->bootstrap : NULL;
	TRY(read_networks(scanner, err));
	TRY(read_resolvers(scanner, &gate, err));
	/* Any global address will do: these are a root server's. */
	gate.lacks_ipv4 = !has_route(scanner, "198.41.0.4");
	gate.lacks_ipv6 = !has_route(scanner, "2001:503:ba3e::2:30");
	if (gate.lacks_ipv4)
		add_vantage(scanner, "IPv4");
	if (gate.lacks_ipv6)
		add_vantage(scanner, "IPv6");
	if (gate_open(&gate, &scanner->gate) < 0)
		return err_set(err, -EMFILE, "no sockets can be opened");
	return engine_open(&scanner->loop, &scanner->timers, scanner->gate, &scanner->engine);
}

static int read_configuration(struct scanner *scanner, struct str body, struct err *err)
{
	struct scanner_configuration *configuration = &scanner->configuration;

	/* Views of the configuration must outlive the frame. */
	body = str_copy(&scanner->arena, body);
	if (desc_decode(&scanner->arena, &scanner_configuration_desc, body, configuration) < 0)
		return err_set(err, ERR_SYNTAX, "the configuration cannot be read");
	if (configuration->work > SCANNER_WORK_JUDGE)
		return err_set(err, ERR_SYNTAX, "the configuration names no work");
	TRY(options_limits(&configuration->options, &scanner->limits, err));
	scanner->report = (struct report_options){
		.is_verbose = configuration->is_verbose,
		.has_colour = configuration->has_colour,
		.width = configuration->width,
		.is_single = configuration->is_single,
		.verdict_mask = configuration->verdict_mask,
	};
	if (configuration->fields.len)
		TRY(fields_parse(&scanner->arena, configuration->fields,
				 configuration->work == SCANNER_WORK_ASK ? NULL : scan_fields,
				 &scanner->report.fields, err));
	if (configuration->work == SCANNER_WORK_ASK) {
		scanner->limits.kinds = UINT32_MAX;
		return 0;
	}
	if (!configuration->format.len)
		return 0;
	scanner->format = report_format_find(configuration->format);
	return scanner->format ? 0
			       : err_set(err, -EINVAL, "no format is called \"%.*s\"",
					 STR(configuration->format));
}

/* A sign of life, whatever else there is to say. */
static void on_progress(struct timer *timer)
{
	struct scanner *scanner = (void *)((char *)timer - offsetof(struct scanner, progress));
	struct scanner_progress progress = { .running = (uint32_t)scanner->running };
	struct arena scratch = { 0 };

	if (scanner->gate) {
		const struct gate_counts *counts = gate_counts(scanner->gate);

		progress.asked = counts->asked;
		progress.answered = counts->answered + counts->theirs;
	}
	if (!scanner->format)
		scanning_progress(scanner, &scratch, &progress);
	scanner_send(scanner, SCANNER_PROGRESS, 0, &scanner_progress_desc, &progress);
	arena_release(&scratch);
	timer_start(&scanner->timers, timer,
		    clock_monotonic_us() + scanner->configuration.progress_ms * 1000ll);
}

static void say_ready(struct scanner *scanner)
{
	struct scanner_ready ready = { .pid = (uint32_t)getpid() };

	if (scanner->configuration.resolver_count)
		ready.resolver = scanner->configuration.resolvers[0];
	ready.limits = scanner->vantage;
	ready.limit_count = scanner->vantage_count;
	scanner_send(scanner, SCANNER_READY, 0, &scanner_ready_desc, &ready);
	scanner->progress.on_due = on_progress;
	if (scanner->configuration.progress_ms)
		on_progress(&scanner->progress);
}

static const char *resolver_fault(enum failure failure)
{
	return failure == FAILURE_TIMEOUT   ? "does not answer"
	       : failure == FAILURE_REFUSED ? "is not there: nothing listens"
	       : failure == FAILURE_RCODE   ? "refuses to answer us"
					    : "cannot be asked";
}

static void on_probed(struct gate_probe *probe, enum failure failure)
{
	struct scanner *scanner = (void *)((char *)probe - offsetof(struct scanner, probe));
	const struct scanner_configuration *configuration = &scanner->configuration;

	if (!failure)
		say_ready(scanner);
	else
		scanner_fatal(scanner, 5, "the resolver %.*s%s %s (--resolver names another)",
			      STR(str_first(configuration->resolvers[0], 64)),
			      configuration->resolver_count > 1 ? " and each other one" : "",
			      resolver_fault(failure));
}

static int read_file(struct scanner *scanner, struct str path, struct str *ret, struct err *err)
{
	int fd = open(str_cstring(&scanner->arena, path), O_RDONLY | O_CLOEXEC);
	struct buf text;
	ssize_t got = fd < 0 ? -1 : 1;

	buf_init(&text, &scanner->arena);
	while (got > 0 && text.len < BOOTSTRAP_BYTES) {
		got = read(fd, buf_reserve(&text, 65536), 65536);
		text.len += got > 0 ? (size_t)got : 0;
	}
	if (fd >= 0)
		close(fd);
	*ret = buf_str(&text);
	return got ? err_set(err, -EIO, "%.*s: cannot be read", STR(path)) : 0;
}

/* One file of RFC 9224, or a folder with those of IANA's that are there. */
static int read_bootstraps(struct scanner *scanner, struct err *err)
{
	static const char *const files[] = { "dns.json", "ipv4.json", "ipv6.json", "asn.json" };
	struct str path = scanner->configuration.rdap_bootstrap;
	struct stat status;

	_Static_assert(ARRAY_COUNT(files) == ARRAY_COUNT(scanner->bootstrap_texts), "room");
	if (!path.len)
		return 0;
	if (stat(str_cstring(&scanner->arena, path), &status) < 0 || !S_ISDIR(status.st_mode)) {
		TRY(read_file(scanner, path, &scanner->bootstrap_texts[0], err));
		scanner->bootstrap_count = 1;
		return 0;
	}
	for (size_t i = 0; i < ARRAY_COUNT(files); i++) {
		struct str file = str_printf(&scanner->arena, "%.*s/%s", STR(path), files[i]);

		if (access(file.data, F_OK) == 0)
			TRY(read_file(scanner, file,
				      &scanner->bootstrap_texts[scanner->bootstrap_count++], err));
	}
	return scanner->bootstrap_count
		       ? 0
		       : err_set(err, -ENOENT,
				 "%.*s: none of dns.json, ipv4.json, ipv6.json, asn.json is there",
				 STR(path));
}

/* What libraries read from files is read before the sandbox closes. */
static int prepare_http(struct scanner *scanner, struct err *err)
{
	struct str path = scanner->configuration.ca_file;

	TRY(read_bootstraps(scanner, err));
	TRY(http_prepare(err));
	return trust_prepare(path.len ? str_cstring(&scanner->arena, path) : NULL, &scanner->trust,
			     err);
}

/* A domain must not be blamed for a resolver that never was there: it is asked for the root first. */
static int configure(struct scanner *scanner, const struct frame *frame, struct err *err)
{
	struct sandbox sandbox = { 0 };

	scanner->is_configured = true;
	TRY(read_configuration(scanner, frame->body, err));
	if (scanner->configuration.has_paces) {
		TRY(paces_open(SCANNER_PACES_FD, &scanner->paces, err));
		close(SCANNER_PACES_FD);
	}
	if (scanner->configuration.work != SCANNER_WORK_JUDGE)
		TRY(prepare_http(scanner, err));
	TRY(sandbox_enter(&sandbox, err));
	if (scanner->configuration.work != SCANNER_WORK_JUDGE)
		TRY(open_network(scanner, err));
	if (!scanner->gate || !scanner->configuration.resolver_count) {
		say_ready(scanner);
		return 0;
	}
	scanner->probe.on_probed = on_probed;
	if (gate_probe(scanner->gate, &scanner->probe) < 0)
		return err_set(err, -EIO, "the resolver cannot be asked");
	return 0;
}

static int start_work(struct scanner *scanner, const struct frame *frame)
{
	enum scanner_work work = (enum scanner_work)scanner->configuration.work;

	switch (frame->type) {
	case SCANNER_SCAN:
		scanner->running++;
		return work == SCANNER_WORK_SCAN ? scanning_start(scanner, frame) : -EINVAL;
	case SCANNER_CANCEL:
		return work == SCANNER_WORK_SCAN ? scanning_cancel(scanner, frame) : -EINVAL;
	case SCANNER_JUDGE:
		scanner->running++;
		return work != SCANNER_WORK_ASK ? judging_start(scanner, frame) : -EINVAL;
	case SCANNER_ASK:
		return work == SCANNER_WORK_ASK ? asking_start(scanner, frame) : -EINVAL;
	case SCANNER_RAN:
		return running_take(scanner, frame);
	case SCANNER_FINISH:
		scanner->is_finishing = true;
		asking_flush(scanner);
		scanner_ended(scanner, 0);
		return 0;
	default:
		return -EINVAL;
	}
}

static void on_frame(struct frames *channel, const struct frame *frame, void *data)
{
	struct scanner *scanner = data;
	struct err err = { 0 };
	int code = 0;

	(void)channel;
	if (scanner->is_over)
		return;
	if (frame->version != SCANNER_PROTOCOL)
		scanner_fatal(scanner, 5, "dss and dss-net are of different versions");
	else if (!scanner->is_configured && frame->type != SCANNER_CONFIGURE)
		scanner_fatal(scanner, 5, "the first frame must be the configuration");
	else if (!scanner->is_configured)
		code = configure(scanner, frame, &err);
	else if (start_work(scanner, frame) < 0)
		scanner_fatal(scanner, 5, "a frame of type %u cannot be read", frame->type);
	if (code < 0)
		scanner_fatal(scanner, err.code == -EINVAL ? 2 : 5, "%s", err.text);
}

static void on_end(struct frames *channel, int code, void *data)
{
	struct scanner *scanner = data;

	(void)channel;
	(void)code;
	scanner->exit_code = scanner->exit_code ? scanner->exit_code : 5;
	scanner->is_over = scanner->is_alone = true;
	uv_stop(&scanner->loop);
}

static void on_drain_timer(uv_timer_t *timer)
{
	(void)timer; /* only wakes the loop, which has nothing else to wait for */
}

/* Whatever is queued for dss leaves before we do, as long as dss reads. */
static void drain(struct scanner *scanner)
{
	int64_t until = clock_monotonic_us() + 10 * 1000000ll;
	uv_timer_t timer;

	uv_run(&scanner->loop, UV_RUN_NOWAIT);
	if (uv_timer_init(&scanner->loop, &timer) < 0)
		return;
	uv_timer_start(&timer, on_drain_timer, DRAIN_MS, DRAIN_MS);
	while (scanner->channel && !scanner->is_alone && frames_queued(scanner->channel) &&
	       clock_monotonic_us() < until)
		uv_run(&scanner->loop, UV_RUN_ONCE);
	uv_close((uv_handle_t *)&timer, NULL);
	uv_run(&scanner->loop, UV_RUN_NOWAIT);
}

int scanner_main(void)
{
	static const struct frames_events events = { .on_frame = on_frame, .on_end = on_end };
	struct scanner *scanner = memory_alloc(sizeof *scanner);
	struct err err = { 0 };
	int exit_code;

	*scanner = (struct scanner){ 0 };
	if (uv_loop_init(&scanner->loop) < 0)
		return 5;
	timers_open(&scanner->timers, &scanner->loop);
	if (frames_open(&scanner->loop, SCANNER_FD, &events, scanner, &scanner->channel, &err) < 0)
		return 5;
	uv_run(&scanner->loop, UV_RUN_DEFAULT);
	drain(scanner);
	exit_code = scanner->exit_code;
	frames_close(scanner->channel);
	return exit_code;
}
