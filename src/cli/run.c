/* SPDX-License-Identifier: Apache-2.0 */
/* What do all commands with a scanner share? */
#include "cli/run.h"

#include "base/clock.h"
#include "loop/loop.h"

#include <signal.h>
#include <stdarg.h>
#include <unistd.h>

enum { RESOLVER_WAIT_US = 10000000, MESSAGE_BYTES = 1024 };

static void on_signal(int number, void *data)
{
	struct run *run = data;

	run->was_interrupted = true;
	run->is_over = true;
	uv_stop(&run->loop);
}

static void configuration_fill(struct run *run, enum scanner_work work)
{
	const struct setting_value *values = run->call->settings->values;
	struct scanner_configuration *c = &run->configuration;

	*c = (struct scanner_configuration){
		.work = (uint8_t)work,
		.options = {
			.profile = values[SETTING_PROFILE].text.len ? values[SETTING_PROFILE].text
								    : STR_LIT("standard"),
			.only = values[SETTING_ONLY].list,
			.only_count = values[SETTING_ONLY].count,
			.skip = values[SETTING_SKIP].list,
			.skip_count = values[SETTING_SKIP].count,
			.timeout_ms = (uint32_t)values[SETTING_TIMEOUT].number,
			.is_active = values[SETTING_ACTIVE].is_on,
			.selectors = values[SETTING_DKIM_SELECTOR].list,
			.selector_count = values[SETTING_DKIM_SELECTOR].count,
		},
		.resolvers = values[SETTING_RESOLVER].list,
		.resolver_count = values[SETTING_RESOLVER].count,
		.allow_networks = values[SETTING_ALLOW_NETWORK].list,
		.allow_network_count = values[SETTING_ALLOW_NETWORK].count,
		.ca_file = values[SETTING_CA_FILE].text,
		.rdap_bootstrap = values[SETTING_RDAP_BOOTSTRAP].text,
		.rate = (uint32_t)values[SETTING_RATE].number,
		.format = work == SCANNER_WORK_ASK ? STR_LIT("jsonl") : values[SETTING_FORMAT].text,
		.fields = values[SETTING_FIELDS].text,
		.verdict_mask = (uint32_t)values[SETTING_STATUS].number,
		.is_verbose = values[SETTING_VERBOSE].is_on,
		.wants_facts = values[SETTING_FACTS].text.len > 0,
	};
}

int run_open(struct run *run, const struct call *call, enum scanner_work work)
{
	static const int numbers[] = { SIGINT, SIGTERM, 0 };
	struct err err = { 0 };

	*run = (struct run){ .call = call, .output = { .fd = -1 } };
	run->is_quiet = call_value(call, SETTING_QUIET)->is_on;
	configuration_fill(run, work);
	if (work != SCANNER_WORK_JUDGE &&
	    external_read(call->arena, call->settings, &run->external, &err) < 0) {
		console_say("%s", err.text);
		return EXIT_USAGE;
	}
	run->configuration.definitions = run->external.definitions;
	if (work != SCANNER_WORK_ASK)
		run->format = report_format_find(call_value(call, SETTING_FORMAT)->text);
	signal(SIGPIPE, SIG_IGN); /* output.c ends the process itself, after the children */
	if (uv_loop_init(&run->loop) < 0) {
		console_say("cannot make an event loop");
		return EXIT_BROKEN;
	}
	if (signals_open(&run->loop, numbers, on_signal, run, &run->signals, &err) < 0) {
		console_say("%s", err.text);
		return EXIT_BROKEN;
	}
	return EXIT_DONE;
}

int run_list(struct run *run, bool has_operands, bool has_dash, const char **ret_path)
{
	const struct setting_value *list = call_value(run->call, SETTING_LIST);

	*ret_path = NULL;
	if (list->text.len && has_dash)
		return console_usage(run->call->words[0], "either --list or -, not both");
	if (list->text.len)
		*ret_path = str_cstring(run->call->arena, list->text);
	else if (has_dash || (!has_operands && !isatty(STDIN_FILENO)))
		*ret_path = "-";
	return EXIT_DONE;
}

static const struct policy *policy_of(struct run *run)
{
	struct policy *policy = ARENA_NEW(run->call->arena, struct policy);
	size_t count = run->configuration.allow_network_count;
	struct network *allowed = arena_array(run->call->arena, count, sizeof *allowed);

	for (size_t i = 0; i < count; i++)
		if (network_parse(run->configuration.allow_networks[i],
				  &allowed[policy->allowed_count], NULL) == 0)
			policy->allowed_count++;
	policy->allowed = allowed;
	return policy;
}

static const char *file_of(struct run *run, enum setting setting)
{
	struct str path = call_value(run->call, setting)->text;

	return path.len ? str_cstring(run->call->arena, path) : NULL;
}

int run_start_resolver(struct run *run)
{
	struct unbound_settings settings = {
		.policy = policy_of(run),
		.root_hints = file_of(run, SETTING_ROOT_HINTS),
		.trust_anchor = file_of(run, SETTING_TRUST_ANCHOR),
	};
	struct err err = { 0 };
	struct str *text;
	struct address address;
	uint16_t port = 0;

	if (run->configuration.resolver_count)
		return EXIT_DONE;
	if (unbound_start(&run->loop, &settings, NULL, NULL, &run->unbound, &err) < 0 ||
	    unbound_wait(run->unbound, clock_monotonic_us() + RESOLVER_WAIT_US, &err) < 0) {
		console_say("no resolver: %s (or name validating ones: --resolver IP)", err.text);
		return EXIT_BROKEN;
	}
	address = unbound_address(run->unbound, &port);
	text = arena_array(run->call->arena, 1, sizeof *text);
	*text = str_printf(run->call->arena,
			   address.family == ADDRESS_IPV6 ? "[%.*s]:%u" : "%.*s:%u",
			   STR(address_str(run->call->arena, &address)), port);
	run->configuration.resolvers = text;
	run->configuration.resolver_count = 1;
	return EXIT_DONE;
}

static void on_runner_log(void *data, bool is_warning, struct str text)
{
	struct run *run = data;

	if (is_warning || run->configuration.is_verbose)
		run_warn(run, "%.*s", (int)MIN(text.len, (size_t)MESSAGE_BYTES), text.data);
}

static void open_runner(struct run *run)
{
	struct runner_secret *secrets =
		arena_array(run->call->arena, run->external.secret_count, sizeof *secrets);
	const struct scanner_configuration *scanner = &run->configuration;
	const struct runner_configuration configuration = {
		.resolvers = scanner->resolvers,
		.resolver_count = scanner->resolver_count,
		.allow_networks = scanner->allow_networks,
		.allow_network_count = scanner->allow_network_count,
		.ca_file = scanner->ca_file,
		.definitions = scanner->definitions,
		.secrets = secrets,
		.secret_count = run->external.secret_count,
	};
	const struct runner_settings settings = { .loop = &run->loop,
						  .configuration = &configuration,
						  .on_log = on_runner_log,
						  .data = run };

	for (size_t i = 0; i < run->external.secret_count; i++)
		secrets[i] = (struct runner_secret){ run->external.secrets[i].name,
						     run->external.secrets[i].secret.bytes };
	runner_open(&settings, &run->runner);
	scanner_process_join(run->scanner, run->runner);
}

int run_start_scanner(struct run *run, const struct scanner_process_events *events, void *data)
{
	struct err err = { 0 };

	if (scanner_process_start(&run->loop, &run->configuration, -1, events, data, &run->scanner,
				  &err) < 0) {
		console_say("%s", err.text);
		return EXIT_BROKEN;
	}
	open_runner(run);
	return EXIT_DONE;
}

void run_wait(struct run *run)
{
	while (!run->is_over)
		uv_run(&run->loop, UV_RUN_ONCE);
}

int run_close(struct run *run)
{
	struct err err = { 0 };
	bool was_open = run->output.fd >= 0;

	progress_close(&run->progress);
	scanner_process_close(run->scanner);
	runner_close(run->runner);
	unbound_close(run->unbound);
	signals_close(run->signals);
	if (was_open && output_close(&run->output, &err) < 0 && !run->broken) {
		console_say("%s", err.text);
		run->broken = EXIT_BROKEN;
	}
	(void)loop_close(&run->loop);
	if (run->broken)
		return run->broken;
	if (run->has_reached_fail_on)
		return EXIT_FAIL_ON;
	return run->is_incomplete || run->was_interrupted ? EXIT_INCOMPLETE : EXIT_DONE;
}

/* One line on standard error, where the progress stood. */
__attribute__((format(printf, 2, 0))) static void say(struct run *run, const char *format,
						      va_list args)
{
	char text[MESSAGE_BYTES];

	progress_hide(&run->progress);
	vsnprintf(text, sizeof text, format, args);
	console_say("%s", text);
}

void run_break(struct run *run, int exit_code, const char *format, ...)
{
	va_list args;

	if (run->broken)
		return;
	va_start(args, format);
	say(run, format, args);
	va_end(args);
	run->broken = exit_code;
	run->is_over = true;
	uv_stop(&run->loop);
}

void run_warn(struct run *run, const char *format, ...)
{
	va_list args;

	if (run->is_quiet)
		return;
	va_start(args, format);
	say(run, format, args);
	va_end(args);
}

void run_write(struct run *run, struct str bytes)
{
	struct err err = { 0 };

	if (run->broken || !bytes.len)
		return;
	if (isatty(run->output.fd))
		progress_hide(&run->progress);
	if (output_write(&run->output, bytes, &err) < 0)
		run_break(run, EXIT_BROKEN, "%s", err.text);
}

void run_report(struct run *run, struct str report)
{
	struct buf record;

	if (!report.len)
		return;
	buf_init(&record, NULL);
	report_lead(&record, run->format, !run->has_reported);
	buf_put_str(&record, report);
	run->has_reported = true;
	run_write(run, buf_str(&record));
	buf_release(&record);
}

void run_report_end(struct run *run)
{
	struct buf rest;

	buf_init(&rest, NULL);
	if (!run->has_reported)
		report_lead(&rest, run->format, true);
	buf_put_str(&rest, str_of(run->format->suffix));
	run_write(run, buf_str(&rest));
	buf_release(&rest);
}

void run_on_log(void *data, const struct scanner_log *log)
{
	struct run *run = data;

	if (log->level == SCANNER_LOG_WARNING || run->configuration.is_verbose)
		run_warn(run, "%.*s", (int)MIN(log->text.len, (size_t)MESSAGE_BYTES),
			 log->text.data);
}

void run_on_gone(void *data, int exit_code, bool is_crash, const char *why)
{
	struct run *run = data;

	if (exit_code)
		run_break(run, exit_code, "%s", why);
	run->is_over = true;
	uv_stop(&run->loop);
}
