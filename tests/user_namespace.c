/* SPDX-License-Identifier: Apache-2.0 */
/* What is root where nobody else is? user_namespaces(7). */
#include "tests/user_namespace.h"

#include "base/err.h"
#include "base/str.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <unistd.h>

static int put(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	ssize_t len = fd < 0 ? -1 : write(fd, text, strlen(text));
	int code = len < 0 ? -errno : 0;

	if (fd >= 0)
		close(fd);
	return code;
}

int test_become_lonely_root(void)
{
	char users[32], groups[32];

	snprintf(users, sizeof users, "0 %u 1", (unsigned)geteuid());
	snprintf(groups, sizeof groups, "0 %u 1", (unsigned)getegid());
	if (unshare(CLONE_NEWUSER) < 0)
		return -errno;
	TRY(put("/proc/self/setgroups", "deny"));
	TRY(put("/proc/self/uid_map", users));
	return put("/proc/self/gid_map", groups);
}
