/* SPDX-License-Identifier: Apache-2.0 */
/* What does `dss api` hand to the role? */
#include "roles/api/api.h"

#include "cli/broker.h"
#include "cli/command.h"
#include "cli/handed.h"
#include "cli/output.h"
#include "roles/log.h"
#include "settings/secret.h"

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PEM_BYTES = 256 * 1024, DRAIN_MS = 20000 };

/* All of a PEM file, NUL-terminated. */
static int pem_read(struct arena *a, struct str path, struct str *ret, struct err *err)
{
	const char *name = str_cstring(a, path);
	int fd = open(name, O_RDONLY | O_CLOEXEC);
	char *text = arena_zalloc(a, PEM_BYTES + 1);
	size_t len = 0;
	ssize_t got = fd < 0 ? -1 : 1;

	while (got > 0 && len < PEM_BYTES) {
		got = read(fd, text + len, PEM_BYTES - len);
		len += got > 0 ? (size_t)got : 0;
	}
	if (fd >= 0)
		close(fd);
	if (got < 0)
		return err_set(err, -errno, "%s: %s", name, strerror(errno));
	if (!len)
		return err_set(err, ERR_SYNTAX, "%s holds nothing", name);
	*ret = (struct str){ text, len };
	return 0;
}

static int options_read(const struct call *call, struct api_options *options, struct err *err)
{
	struct str certificate = call_value(call, SETTING_TLS_CERTIFICATE)->text;
	struct str key = call_value(call, SETTING_TLS_KEY)->text;

	options->listen = call_value(call, SETTING_LISTEN)->text;
	options->store = call_value(call, SETTING_STORE)->text;
	options->data = call_value(call, SETTING_DATA)->text;
	options->is_behind_proxy = call_value(call, SETTING_BEHIND_PROXY)->is_on;
	options->threads = (unsigned)call_value(call, SETTING_API_THREADS)->number;
	options->connections = (unsigned)call_value(call, SETTING_CONNECTIONS)->number;
	options->rate = (unsigned)call_value(call, SETTING_REQUEST_RATE)->number;
	options->backlog = call_value(call, SETTING_BACKLOG)->number;
	options->burst = (unsigned)call_value(call, SETTING_REQUEST_BURST)->number;
	if (!certificate.len != !key.len)
		return err_set(err, ERR_SYNTAX, "--tls-certificate and --tls-key go together");
	if (!certificate.len)
		return 0;
	TRY(pem_read(call->arena, certificate, &options->tls_certificate, err));
	return pem_read(call->arena, key, &options->tls_key, err);
}

/* The threads inherit the mask, so that signals wait for us. */
static sigset_t signals_hold(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGHUP);
	sigaddset(&set, SIGUSR1); /* that the drain has ended */
	pthread_sigmask(SIG_BLOCK, &set, NULL);
	signal(SIGPIPE, SIG_IGN);
	return set;
}

static void *drain(void *api)
{
	api_close(api, DRAIN_MS);
	kill(getpid(), SIGUSR1);
	return NULL;
}

/* The first signal drains, a second one ends at once. */
static void serve_until_signal(struct api *api, sigset_t set)
{
	pthread_t thread;
	int number = 0;

	do
		sigwait(&set, &number);
	while (number != SIGTERM && number != SIGINT); /* a new configuration is a new process */
	if (pthread_create(&thread, NULL, drain, api)) {
		api_close(api, 0);
		return;
	}
	do
		sigwait(&set, &number);
	while (number == SIGHUP);
	if (number != SIGUSR1)
		_exit(EXIT_DONE);
	pthread_join(thread, NULL);
}

int api_run(const struct call *call)
{
	struct log log = role_log(call->settings, "api");
	struct api_options options = { .listen_fd = handed_fd("DSS_LISTEN_FD"), .log = &log };
	sigset_t signals = signals_hold();
	struct err err = { 0 };
	struct api *api;
	int code;

	secret_hide();
	if (call->settings->operand_count)
		return console_usage("api", "no words belong to it: \"%.*s\"",
				     STR(call->settings->operands[0]));
	if (options_read(call, &options, &err) < 0)
		return console_usage("api", "%s", err.text);
	code = broker_address(call, "api", &options.bus);
	if (code != EXIT_DONE)
		return code;
	code = api_open(&options, &api, &err);
	if (code < 0) {
		console_say("%s", err.text);
		return code == ERR_SYNTAX || code == -EPERM || code == -EINVAL ? EXIT_USAGE
									       : EXIT_BROKEN;
	}
	log_event(&log, LEVEL_INFO, "api.listening", NULL, LOG_STR("url", api_url(api)));
	serve_until_signal(api, signals);
	log_event(&log, LEVEL_INFO, "api.ended", NULL, LOG_STR("listen", options.listen));
	return EXIT_DONE;
}
