/* SPDX-License-Identifier: Apache-2.0 */
/* Where does a drill end this process? */
#include "base/fault.h"

#ifdef DSS_FAULTS
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void fault_point(const char *name)
{
	const char *path = getenv("DSS_FAULT_FILE");
	char wanted[64], *action;
	ssize_t length;
	int fd;

	if (!path || (fd = open(path, O_RDONLY | O_CLOEXEC)) < 0)
		return;
	length = read(fd, wanted, sizeof wanted - 1);
	close(fd);
	wanted[length > 0 ? length : 0] = 0;
	action = strchr(wanted, ' ');
	if (action)
		*action++ = 0;
	if (strcmp(wanted, name))
		return;
	if (!unlink(path)) /* of several that get here, one */
		kill(getpid(), action && !strcmp(action, "stop") ? SIGSTOP : SIGKILL);
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
