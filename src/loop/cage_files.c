/* SPDX-License-Identifier: Apache-2.0 */
/* Which files may a caged program use? Documentation/userspace-api/landlock.rst of Linux. */
#include "loop/cage_parts.h"
#include "loop/sandbox_parts.h"

#include <fcntl.h>
#include <linux/landlock.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* As in sandbox_landlock.c: older headers lack the later members. */
struct ruleset {
	uint64_t handled_fs, handled_net, scoped;
};

enum {
	RIGHTS_1 = 13, /* how many rights there are, by ABI */
	RIGHTS_2 = 14,
	RIGHTS_3 = 15,
	RIGHTS_5 = 16,
	TRUNCATE = 1 << 14, /* ABI 3 */
	NET_BIND_TCP = 1,
	SCOPE_ALL = 3 /* abstract Unix sockets, signals */
};

#define READ (LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR)
#define RUN (READ | LANDLOCK_ACCESS_FS_EXECUTE)
#define OF_FILES                                                                                   \
	(LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_WRITE_FILE |                            \
	 LANDLOCK_ACCESS_FS_EXECUTE | TRUNCATE)
#define WRITE                                                                                      \
	(LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_REMOVE_DIR |                           \
	 LANDLOCK_ACCESS_FS_REMOVE_FILE | LANDLOCK_ACCESS_FS_MAKE_DIR |                            \
	 LANDLOCK_ACCESS_FS_MAKE_REG | LANDLOCK_ACCESS_FS_MAKE_FIFO |                              \
	 LANDLOCK_ACCESS_FS_MAKE_SYM | TRUNCATE)

/* What is not there is passed over. Nothing here holds a secret: not /etc as a whole, no home, no
 * configuration and no data of ours, no /run. */
static const struct place {
	const char *path;
	uint64_t rights;
} places[] = {
	{ "/usr", RUN },
	{ "/bin", RUN },
	{ "/sbin", RUN },
	{ "/lib", RUN },
	{ "/lib32", RUN },
	{ "/lib64", RUN },
	{ "/libx32", RUN },
	{ "/etc/alternatives", READ },
	{ "/etc/ca-certificates", READ },
	{ "/etc/ssl/certs", READ },
	{ "/etc/ssl/openssl.cnf", READ },
	{ "/etc/pki/tls/certs", READ },
	{ "/etc/ld.so.cache", READ },
	{ "/etc/ld.so.conf", READ },
	{ "/etc/ld.so.conf.d", READ },
	{ "/etc/nsswitch.conf", READ },
	{ "/etc/host.conf", READ },
	{ "/etc/gai.conf", READ },
	{ "/etc/hosts", READ },
	{ "/etc/resolv.conf", READ },
	{ "/etc/services", READ },
	{ "/etc/protocols", READ },
	{ "/etc/networks", READ },
	{ "/etc/localtime", READ },
	{ "/etc/timezone", READ },
	{ "/etc/passwd", READ }, /* names, no passwords */
	{ "/etc/group", READ },
	{ "/etc/os-release", READ },
	{ "/etc/debian_version", READ },
	{ "/etc/mime.types", READ },
	{ "/etc/python3", READ },
	{ "/etc/python3.11", READ },
	{ "/etc/terminfo", READ },
	{ "/etc/inputrc", READ },
	{ "/etc/whois.conf", READ },
	{ "/dev/null", READ | LANDLOCK_ACCESS_FS_WRITE_FILE },
	{ "/dev/zero", READ },
	{ "/dev/full", READ | LANDLOCK_ACCESS_FS_WRITE_FILE },
	{ "/dev/random", READ },
	{ "/dev/urandom", READ },
};

static int place_add(int ruleset, const char *path, uint64_t rights)
{
	struct landlock_path_beneath_attr rule = { .allowed_access = rights };
	struct stat stat_;
	int code = 0;

	rule.parent_fd = open(path, O_PATH | O_CLOEXEC);
	if (rule.parent_fd < 0)
		return errno == ENOENT || errno == EACCES || errno == ENOTDIR ? 0 : -errno;
	if (fstat(rule.parent_fd, &stat_) < 0)
		code = -errno;
	else if (!S_ISDIR(stat_.st_mode))
		rule.allowed_access &= OF_FILES;
	if (code == 0 &&
	    syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule, 0) < 0)
		code = -errno;
	close(rule.parent_fd);
	return code;
}

static int places_add(int ruleset, const struct cage_settings *settings, bool is_bare, int abi)
{
	uint64_t known = abi >= 3 ? ~0ull : ~(uint64_t)TRUNCATE;

	for (size_t i = 0; i < ARRAY_COUNT(places); i++)
		TRY(place_add(ruleset, places[i].path, places[i].rights & known));
	for (const char *const *read = settings->reads; read && *read; read++)
		TRY(place_add(ruleset, *read, RUN));
	TRY(place_add(ruleset, settings->argv[0], RUN));
	/* The system's /proc would show others; the cage's own shows the cage. */
	if (!is_bare)
		TRY(place_add(ruleset, "/proc", READ));
	return place_add(ruleset, is_bare ? settings->temporary : "/tmp", (READ | WRITE) & known);
}

int cage_files_close(const struct cage_settings *settings, bool is_bare)
{
	int abi = sandbox_landlock_abi(), fd, code;
	unsigned rights = abi >= 5   ? RIGHTS_5
			  : abi >= 3 ? RIGHTS_3
			  : abi == 2 ? RIGHTS_2
				     : RIGHTS_1;
	struct ruleset ruleset = { .handled_fs = (1ull << rights) - 1,
				   .handled_net = abi >= 4 ? NET_BIND_TCP : 0,
				   .scoped = abi >= 6 ? SCOPE_ALL : 0 };

	/* Without a tree of its own, only this keeps it from signalling others of its user. */
	if (!abi || (is_bare && abi < 6))
		return -EOPNOTSUPP;
	fd = (int)syscall(SYS_landlock_create_ruleset, &ruleset,
			  abi >= 6   ? 24
			  : abi >= 4 ? 16
				     : 8,
			  0);
	if (fd < 0)
		return -errno;
	code = places_add(fd, settings, is_bare, abi);
	if (code == 0 && syscall(SYS_landlock_restrict_self, fd, 0) < 0)
		code = -errno;
	close(fd);
	return code;
}
