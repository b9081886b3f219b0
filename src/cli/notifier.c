/* SPDX-License-Identifier: Apache-2.0 */
/* What does `dss notifier` hand to the role? */
#include "roles/notifier/notifier.h"

#include "cli/broker.h"
#include "cli/command.h"
#include "cli/handed.h"
#include "roles/log.h"
#include "settings/secret.h"

enum { PORT_MAX = 65535 };

static int refuse(const char *why)
{
	return console_usage("notifier", "notify.smtp: %s; it is smtp://USER@HOST:PORT", why);
}

/* smtp://USER@HOST:PORT, all but the host may be missing. */
static int smtp_read(const struct call *call, struct notifier_options *options)
{
	struct str url = call_value(call, SETTING_SMTP)->text, rest;
	bool is_implicit = str_starts_nocase(url, STR_LIT("smtps://"));
	ptrdiff_t at;
	uint64_t port = 0;

	if (!url.len)
		return EXIT_DONE;
	rest = str_from(url, is_implicit ? strlen("smtps://") : strlen("smtp://"));
	at = str_find_last_char(rest, '@');
	if (at >= 0) {
		options->smtp_user = str_first(rest, (size_t)at);
		rest = str_from(rest, (size_t)at + 1);
	}
	at = str_find_last_char(rest, ':');
	if (at >= 0 && !str_ends(rest, STR_LIT("]"))) {
		if (str_to_uint(str_from(rest, (size_t)at + 1), PORT_MAX, &port) < 0 || !port)
			return refuse("the port is a number up to 65535");
		rest = str_first(rest, (size_t)at);
	}
	if (str_starts(rest, STR_LIT("[")) && str_ends(rest, STR_LIT("]")))
		rest = str_first(str_from(rest, 1), rest.len - 2);
	if (!rest.len || str_find_char(rest, '/') >= 0)
		return refuse("a host is missing, or something stands after it");
	options->smtp_host = rest;
	options->smtp_port = (uint16_t)port;
	options->smtp_tls = is_implicit                                   ? SENDER_TLS_IMPLICIT
			    : call_value(call, SETTING_SMTP_CLEAR)->is_on ? SENDER_TLS_NONE
									  : SENDER_TLS_REQUIRED;
	return EXIT_DONE;
}

static int password_read(const struct call *call, struct notifier_options *options)
{
	struct err err = { 0 };
	struct secret secret;

	if (!options->smtp_user.len)
		return EXIT_DONE;
	if (options->smtp_tls == SENDER_TLS_NONE)
		return refuse("a password does not go over a line in clear");
	if (secret_read(call->arena, call->settings, SETTING_SMTP_PASSWORD, &secret, &err) < 0)
		return console_usage("notifier", "%s", err.text);
	options->smtp_password = secret.bytes;
	return EXIT_DONE;
}

int notifier_run(const struct call *call)
{
	const struct setting_value *values = call->settings->values;
	struct log log = role_log(call->settings, "notifier");
	struct notifier_options options = {
		.store = values[SETTING_STORE].text,
		.sender = { .resolvers = values[SETTING_NOTIFY_RESOLVER].list,
			    .resolver_count = values[SETTING_NOTIFY_RESOLVER].count,
			    .allow_networks = values[SETTING_NOTIFY_NETWORK].list,
			    .allow_network_count = values[SETTING_NOTIFY_NETWORK].count,
			    .ca_file = values[SETTING_NOTIFY_CA].text },
		.scripts = values[SETTING_SCRIPTS].text,
		.mail_from = values[SETTING_MAIL_FROM].text,
		.public_url = values[SETTING_PUBLIC_URL].text,
		.ready_fd = handed_fd("DSS_READY_FD"),
		.log = &log,
	};
	struct err err = { 0 };
	int code;

	secret_hide();
	if (call->settings->operand_count)
		return console_usage("notifier", "no words belong to it: \"%.*s\"",
				     STR(call->settings->operands[0]));
	code = smtp_read(call, &options);
	if (code == EXIT_DONE)
		code = password_read(call, &options);
	if (code != EXIT_DONE)
		return code;
	code = broker_address(call, "notifier", &options.bus);
	if (code != EXIT_DONE)
		return code;
	if (options.smtp_host.len && !options.mail_from.len)
		return console_usage("notifier", "notify.mail_from is missing: who mail is from");
	if (notifier_main(&options, &err) == 0)
		return EXIT_DONE;
	console_say("%s", err.text);
	return EXIT_BROKEN;
}
