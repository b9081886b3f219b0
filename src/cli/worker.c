/* SPDX-License-Identifier: Apache-2.0 */
/* What does `dss worker` hand to the role? */
#include "roles/worker/worker.h"

#include "cli/broker.h"
#include "cli/command.h"
#include "cli/handed.h"
#include "roles/log.h"
#include "settings/secret.h"

static const char *file_of(const struct call *call, enum setting setting)
{
	struct str path = call_value(call, setting)->text;

	return path.len ? str_cstring(call->arena, path) : NULL;
}

static const struct policy *policy_of(const struct call *call)
{
	const struct setting_value *networks = call_value(call, SETTING_ALLOW_NETWORK);
	struct policy *policy = ARENA_NEW(call->arena, struct policy);
	struct network *allowed = arena_array(call->arena, networks->count, sizeof *allowed);

	for (size_t i = 0; i < networks->count; i++)
		if (network_parse(networks->list[i], &allowed[policy->allowed_count], NULL) == 0)
			policy->allowed_count++;
	policy->allowed = allowed;
	return policy;
}

static struct scanner_configuration scanner_of(const struct call *call)
{
	const struct setting_value *values = call->settings->values;

	return (struct scanner_configuration){
		.options = {
			.profile = values[SETTING_PROFILE].text,
			.timeout_ms = (uint32_t)values[SETTING_TIMEOUT].number,
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
	};
}

int worker_run(const struct call *call)
{
	struct log log = role_log(call->settings, "worker");
	struct worker_options options = {
		.store = call_value(call, SETTING_STORE)->text,
		.scanner = scanner_of(call),
		.resolver = { .policy = policy_of(call),
			      .root_hints = file_of(call, SETTING_ROOT_HINTS),
			      .trust_anchor = file_of(call, SETTING_TRUST_ANCHOR) },
		.scanners = (unsigned)call_value(call, SETTING_CONCURRENCY)->number,
		.in_flight = (unsigned)call_value(call, SETTING_IN_FLIGHT)->number,
		.ready_fd = handed_fd("DSS_READY_FD"),
		.log = &log,
	};
	struct external external;
	struct err err = { 0 };
	int code;

	secret_hide();
	if (call->settings->operand_count)
		return console_usage("worker", "no words belong to it: \"%.*s\"",
				     STR(call->settings->operands[0]));
	if (external_read(call->arena, call->settings, &external, &err) < 0)
		return console_usage("worker", "%s", err.text);
	options.external = &external;
	options.scanner.definitions = external.definitions;
	code = broker_address(call, "worker", &options.bus);
	if (code != EXIT_DONE)
		return code;
	code = worker_main(&options, &err);
	if (code)
		console_say("%s", err.text);
	return code ? EXIT_BROKEN : EXIT_DONE;
}
