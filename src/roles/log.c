/* SPDX-License-Identifier: Apache-2.0 */
/* Where do a role's events go? */
#include "roles/log.h"

#include <unistd.h>

bool role_log_is_text(const struct settings *settings)
{
	struct str format = settings->values[SETTING_LOG_FORMAT].text;

	return str_eq(format, STR_LIT("text")) ||
	       (str_eq(format, STR_LIT("auto")) && isatty(STDERR_FILENO));
}

/* A line below PIPE_BUF is not mixed with another process's. */
static void line_write(void *data, struct str line)
{
	ssize_t written;

	do
		written = write(STDERR_FILENO, line.data, line.len);
	while (written < 0 && errno == EINTR);
}

struct log role_log(const struct settings *settings, const char *role)
{
	return (struct log){ .role = role,
			     .level = (enum log_level)settings->values[SETTING_LOG_LEVEL].number,
			     .is_text = role_log_is_text(settings),
			     .write = line_write };
}
