/* SPDX-License-Identifier: Apache-2.0 */
/* Where does a drill end this process? */
#include "base/fault.h"

#ifdef DSS_FAULTS
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* What a small file holds; false: there is none. */
static bool file_read(const char *path, char *text, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t length;

	if (fd < 0)
		return false;
	length = read(fd, text, size - 1);
	close(fd);
	text[length > 0 ? length : 0] = 0;
	return true;
}

static bool is_role(const char *role)
{
	char line[512];
	const char *end;

	if (!file_read("/proc/self/cmdline", line, sizeof line))
		return false;
	end = memchr(line, 0, sizeof line);
	return end && end + 1 < line + sizeof line && !strcmp(end + 1, role);
}

void fault_point(const char *name)
{
	const char *path = getenv("DSS_FAULT_FILE");
	char wanted[64], *action, *role = NULL;

	if (!path || !file_read(path, wanted, sizeof wanted))
		return;
	action = strchr(wanted, ' ');
	if (action)
		*action++ = 0;
	if (action && (role = strchr(action, ' ')))
		*role++ = 0;
	if (strcmp(wanted, name) != 0 || (role && !is_role(role)))
		return;
	if (!unlink(path)) /* of several that get here, one */
		kill(getpid(), action && strcmp(action, "stop") == 0 ? SIGSTOP : SIGKILL);
}

bool fault_is_off(const char *guarantee)
{
	const char *list = getenv("DSS_FAULT_OFF");
	size_t length = strlen(guarantee);

	for (const char *at = list; at && *at; at = strchr(at, ','), at = at ? at + 1 : NULL)
		if (!strncmp(at, guarantee, length) && (!at[length] || at[length] == ','))
			return true;
	return false;
}
#endif
