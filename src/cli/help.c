/* SPDX-License-Identifier: Apache-2.0 */
/* What can be called, and how? */
#include "cli/command.h"

int help_show(struct arena *a, struct str name, bool is_full)
{
	struct buf out;

	buf_init(&out, a);
	for (const struct command *command = commands; name.len && command->help.name; command++) {
		if (!str_eq(name, str_of(command->help.name)))
			continue;
		settings_put_help(&out, &command->help, is_full);
		return console_put(buf_str(&out));
	}
	if (name.len)
		return console_usage(NULL, "no command \"%.*s\"", STR(name));
	buf_put_lit(&out, "dss finds what is wrong with domains: DNS, DNSSEC, mail, TLS, web.\n\n"
			  "Usage: dss COMMAND ...\n\n");
	for (const struct command *command = commands; command->help.name; command++)
		buf_printf(&out, "  %-10s %s\n", command->help.name, command->help.summary);
	buf_put_lit(&out,
		    "\nStart with: dss scan example.com\nA command's flags: dss COMMAND -h\n");
	return console_put(buf_str(&out));
}
