/* SPDX-License-Identifier: Apache-2.0 */
/* What does `dss serve` hand to the role? */
#include "roles/serve/serve.h"

#include "cli/command.h"
#include "roles/api/listen.h"
#include "settings/secret.h"

#include <limits.h>
#include <signal.h>
#include <time.h>
#include <unistd.h>

enum { LISTEN_TRIES = 30 /* of 0.1 s */ };

/* What roles need of our environment: where programs and credentials are, where scratch goes. */
static const char *const *environment(struct arena *a)
{
	static const char *const names[] = { "PATH", "TMPDIR", "CREDENTIALS_DIRECTORY", "TZ" };
	const char **variables = arena_array(a, ARRAY_COUNT(names) + 1, sizeof *variables);
	size_t count = 0;

	for (size_t i = 0; i < ARRAY_COUNT(names); i++)
		if (getenv(names[i]))
			variables[count++] =
				str_printf(a, "%s=%s", names[i], getenv(names[i])).data;
	return variables;
}

/* $WATCHDOG_USEC, when it is meant for this process (sd_watchdog_enabled(3)). */
static int64_t watchdog_us(void)
{
	const char *text = getenv("WATCHDOG_USEC"), *pid = getenv("WATCHDOG_PID");
	uint64_t us = 0, number = 0;

	if (!text || str_to_uint(str_of(text), INT64_MAX, &us) < 0)
		return 0;
	if (pid && (str_to_uint(str_of(pid), INT_MAX, &number) < 0 || (pid_t)number != getpid()))
		return 0;
	return (int64_t)us;
}

/* The roles of a server that was killed die with it, and their socket goes a moment later. */
static int socket_open(const struct settings *settings, int *ret_fd, struct err *err)
{
	static const struct timespec again = { .tv_nsec = 100000000 };
	const struct setting_value *values = settings->values;
	bool is_guarded =
		values[SETTING_BEHIND_PROXY].is_on || values[SETTING_TLS_CERTIFICATE].text.len;
	struct listen_at at;
	int code, tries = LISTEN_TRIES;

	TRY(listen_parse(values[SETTING_LISTEN].text, is_guarded, &at, err));
	while ((code = listen_open(&at, ret_fd, err)) == -EADDRINUSE && --tries)
		nanosleep(&again, NULL);
	return code;
}

/* A closed standard output is no reason to stop serving. */
static void say(struct str line)
{
	signal(SIGPIPE, SIG_IGN);
	(void)!write(STDOUT_FILENO, line.data, line.len);
}

/* The commands that are roles. */
static size_t roles_list(struct serve_role ret[static SERVE_ROLES])
{
	enum { ROLES = FOR_API | FOR_WORKER | FOR_SCHEDULER | FOR_NOTIFIER };
	size_t count = 0;

	for (const struct command *command = commands; command->help.name; command++)
		if (command->help.commands & ROLES && !(command->help.commands & ~ROLES) &&
		    count < SERVE_ROLES)
			ret[count++] = (struct serve_role){ command->help.name,
							    command->help.commands == FOR_API };
	return count;
}

int serve_run(const struct call *call)
{
	char program[PATH_MAX];
	ssize_t len = readlink("/proc/self/exe", program, sizeof program - 1);
	struct serve_role roles[SERVE_ROLES];
	struct serve_options options = { .roles = roles,
					 .role_count = roles_list(roles),
					 .settings = call->settings,
					 .commands = FOR_ROLES,
					 .word_count = call->word_count - 1,
					 .words = call->words + 1,
					 .program = program,
					 .environment = environment(call->arena),
					 .home = getenv("HOME"),
					 .notify_socket = getenv("NOTIFY_SOCKET"),
					 .watchdog_us = watchdog_us(),
					 .listen = socket_open,
					 .say = say };
	struct err err = { 0 };
	int code;

	secret_hide();
	if (call->settings->operand_count)
		return console_usage("serve", "no words belong to it: \"%.*s\"",
				     STR(call->settings->operands[0]));
	if (!options.role_count)
		return console_usage("serve", "this program was built without roles");
	if (len < 0) {
		console_say("/proc/self/exe: %s", strerror(errno));
		return EXIT_BROKEN;
	}
	program[len] = 0;
	code = serve_main(&options, &err);
	if (code == 0)
		return EXIT_DONE;
	console_say("%s", err.text);
	return code == ERR_SYNTAX || code == -EPERM ? EXIT_USAGE : EXIT_BROKEN;
}
