/* SPDX-License-Identifier: Apache-2.0 */
/* What does a caged program find in place of the system's own folders? */
#include "loop/cage_parts.h"

#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#define RESOLV_CONF "/tmp/.resolv.conf"

static int file_write(const char *path, int flags, const char *text)
{
	int fd = open(path, flags | O_WRONLY | O_CLOEXEC, 0444), code = 0;
	size_t len = strlen(text);

	if (fd < 0)
		return -errno;
	if (write(fd, text, len) != (ssize_t)len)
		code = errno ? -errno : -EIO;
	close(fd);
	return code;
}

/* user_namespaces(7): who maps only himself needs no right, but must give up setgroups. */
static int identity_map(uid_t uid, gid_t gid)
{
	char text[64];

	TRY(file_write("/proc/self/setgroups", 0, "deny"));
	snprintf(text, sizeof text, "%u %u 1", (unsigned)uid, (unsigned)uid);
	TRY(file_write("/proc/self/uid_map", 0, text));
	snprintf(text, sizeof text, "%u %u 1", (unsigned)gid, (unsigned)gid);
	return file_write("/proc/self/gid_map", 0, text);
}

static int resolv_conf_cover(const char *text)
{
	char path[PATH_MAX];

	if (!realpath("/etc/resolv.conf", path))
		return -errno;
	TRY(file_write(RESOLV_CONF, O_CREAT | O_EXCL, text));
	if (mount(RESOLV_CONF, path, NULL, MS_BIND, NULL) < 0)
		return -errno;
	return unlink(RESOLV_CONF) < 0 ? -errno : 0;
}

int cage_mounts_make(const struct cage_settings *settings, uid_t uid, gid_t gid)
{
	char options[64];

	TRY(identity_map(uid, gid));
	if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
		return -errno;
	/* Where part of the old one is covered the kernel refuses: then there is none (Landlock). */
	(void)!mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL);
	snprintf(options, sizeof options, "size=%d,nr_inodes=4096,mode=0700", CAGE_TEMPORARY_BYTES);
	if (mount("tmpfs", "/tmp", "tmpfs", MS_NOSUID | MS_NODEV | MS_NOEXEC, options) < 0)
		return -errno;
	return settings->resolv_conf ? resolv_conf_cover(settings->resolv_conf) : 0;
}
