/* SPDX-License-Identifier: Apache-2.0 */
/* How do commands speak to whoever started them? */
#include "cli/console.h"

#include "cli/output.h"
#include "base/terminal.h"

#include <stdarg.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum { MESSAGE_BYTES = 2048 };

static void line_write(const char *prefix, const char *format, va_list args)
{
	struct arena a = { 0 };
	char text[MESSAGE_BYTES];
	struct str line;
	ssize_t written;

	vsnprintf(text, sizeof text, format, args);
	line = terminal_line(&a, prefix, str_of(text));
	written = write(STDERR_FILENO, line.data, line.len);
	(void)written; /* nobody is left to be told */
	arena_release(&a);
}

void console_say(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	line_write("dss: ", format, args);
	va_end(args);
}

int console_usage(const char *command, const char *format, ...)
{
	char prefix[64];
	va_list args;

	snprintf(prefix, sizeof prefix, "dss%s%s: ", command ? " " : "", command ? command : "");
	va_start(args, format);
	line_write(prefix, format, args);
	va_end(args);
	console_say("see dss %s%s-h", command ? command : "", command ? " " : "");
	return EXIT_USAGE;
}

int console_put(struct str text)
{
	struct output output;
	struct err err;

	if (output_open(&output, NULL, &err) < 0 || output_write(&output, text, &err) < 0 ||
	    output_close(&output, &err) < 0) {
		console_say("%s", err.text);
		return EXIT_BROKEN;
	}
	return EXIT_DONE;
}

static bool variable_is_set(const char *name)
{
	const char *text = getenv(name);

	return text && text[0];
}

bool console_has_colour(const struct settings *settings, int descriptor)
{
	struct str when = settings->values[SETTING_COLOR].text;
	const char *terminal = getenv("TERM");

	if (str_eq(when, STR_LIT("always")))
		return true;
	if (str_eq(when, STR_LIT("never")) || variable_is_set("NO_COLOR"))
		return false;
	if (variable_is_set("FORCE_COLOR"))
		return true;
	return descriptor >= 0 && isatty(descriptor) && terminal && strcmp(terminal, "dumb") != 0;
}

unsigned console_width(int descriptor)
{
	struct winsize size;

	return descriptor >= 0 && !ioctl(descriptor, TIOCGWINSZ, &size) ? size.ws_col : 0;
}
