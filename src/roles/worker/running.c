/* SPDX-License-Identifier: Apache-2.0 */
/* Who runs tools and keyed APIs for the scanners? */
#include "roles/worker/parts.h"

static void on_log(void *data, bool is_warning, struct str text)
{
	struct worker *worker = data;

	log_event(worker->options->log, is_warning ? LEVEL_WARNING : LEVEL_INFO, "runner.says",
		  NULL, LOG_STR("text", text));
}

/* Secrets are views of what the command holds; the array is of the caller's arena. */
static struct runner_configuration configuration_of(const struct worker *worker, struct arena *a)
{
	const struct external *external = worker->options->external;
	const struct scanner_configuration *scanner = &worker->options->scanner;
	struct runner_configuration configuration = {
		.resolvers = scanner->resolvers,
		.resolver_count = scanner->resolver_count,
		.allow_networks = scanner->allow_networks,
		.allow_network_count = scanner->allow_network_count,
		.ca_file = scanner->ca_file,
		.definitions = scanner->definitions,
	};

	if (external) {
		configuration.secrets =
			arena_array(a, external->secret_count, sizeof *configuration.secrets);
		for (size_t i = 0; i < external->secret_count; i++)
			configuration.secrets[configuration.secret_count++] =
				(struct runner_secret){ external->secrets[i].name,
							external->secrets[i].secret.bytes };
	}

	if (worker->unbound) {
		configuration.resolvers = (struct str *)&worker->resolver_text;
		configuration.resolver_count = 1;
	}
	return configuration;
}

void running_configure(struct worker *worker)
{
	struct arena a = { 0 };
	struct runner_configuration configuration = configuration_of(worker, &a);

	if (worker->runner)
		runner_configure(worker->runner, &configuration);
	arena_release(&a);
}

void running_open(struct worker *worker)
{
	struct arena a = { 0 };
	struct runner_configuration configuration = configuration_of(worker, &a);
	struct runner_settings settings = { .loop = &worker->loop,
					    .configuration = &configuration,
					    .on_log = on_log,
					    .data = worker };

	runner_open(&settings, &worker->runner);
	arena_release(&a);
}
