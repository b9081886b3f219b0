/* SPDX-License-Identifier: Apache-2.0 */
/* How is the file system closed by Landlock? Documentation/userspace-api/landlock.rst of Linux. */
#include "loop/sandbox_parts.h"

#include <sys/syscall.h>
#include <unistd.h>

/* Of the newest ABI known here; headers of older systems lack the later members. The kernel takes
 * the first members by size. */
struct ruleset {
	uint64_t handled_fs;  /* ABI 1 */
	uint64_t handled_net; /* ABI 4 */
	uint64_t scoped;      /* ABI 6 */
};

struct net_port_rule {
	uint64_t allowed, port;
};

enum {
	VERSION_FLAG = 1,
	RULE_NET_PORT = 2,
	NET_BIND_TCP = 1,
	SCOPE_ABSTRACT_UNIX_SOCKET = 1,
	SCOPE_SIGNAL = 2,
	/* Rights are bits from 0; how many there are by ABI. */
	FS_RIGHTS_1 = 13, /* execute … make symbolic link */
	FS_RIGHTS_2 = 14, /* refer */
	FS_RIGHTS_3 = 15, /* truncate */
	FS_RIGHTS_5 = 16, /* ioctl of devices */
};

int sandbox_landlock_abi(void)
{
	long abi = syscall(SYS_landlock_create_ruleset, NULL, 0, VERSION_FLAG);

	return abi > 0 ? (int)abi : 0;
}

int sandbox_landlock_enter(struct err *err)
{
	/* Binding to "any port" is what a client does; listening is denied by the filter. */
	struct net_port_rule any_port = { NET_BIND_TCP, 0 };
	int abi = sandbox_landlock_abi(), fd, code = 0;
	unsigned rights = abi >= 5   ? FS_RIGHTS_5
			  : abi >= 3 ? FS_RIGHTS_3
			  : abi == 2 ? FS_RIGHTS_2
				     : FS_RIGHTS_1;
	struct ruleset ruleset = { .handled_fs = (1ull << rights) - 1,
				   .handled_net = abi >= 4 ? NET_BIND_TCP : 0,
				   .scoped = abi >= 6 ? SCOPE_ABSTRACT_UNIX_SOCKET | SCOPE_SIGNAL
						      : 0 };
	size_t size = abi >= 6 ? 24 : abi >= 4 ? 16 : 8;

	if (!abi)
		return 0;
	fd = (int)syscall(SYS_landlock_create_ruleset, &ruleset, size, 0);
	if (fd < 0)
		return err_set(err, -errno, "landlock_create_ruleset: %s", strerror(errno));
	if (abi >= 4 && syscall(SYS_landlock_add_rule, fd, RULE_NET_PORT, &any_port, 0) < 0)
		code = err_set(err, -errno, "landlock_add_rule: %s", strerror(errno));
	else if (syscall(SYS_landlock_restrict_self, fd, 0) < 0)
		code = err_set(err, -errno, "landlock_restrict_self: %s", strerror(errno));
	close(fd);
	return code;
}
