/* SPDX-License-Identifier: Apache-2.0 */
/* In which order does a process lose its rights? */
#include "loop/sandbox.h"

#include "loop/identity.h"
#include "loop/sandbox_parts.h"

#include <grp.h>
#include <linux/capability.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#if defined(__SANITIZE_ADDRESS__)
#define HAS_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define HAS_ASAN 1
#endif
#endif
#ifndef HAS_ASAN
#define HAS_ASAN 0
#endif

static bool is_entered;

#if HAS_ASAN
/* Asked by LeakSanitizer before its check, which the sandbox would end. */
int __lsan_is_turned_off(void);

int __lsan_is_turned_off(void)
{
	return is_entered;
}
#endif

static int limit_set(int resource, rlim_t value, const char *name, struct err *err)
{
	struct rlimit limit = { value, value }, now;

	if (getrlimit((__rlimit_resource_t)resource, &now) == 0 && now.rlim_max < value)
		limit = (struct rlimit){ now.rlim_max, now.rlim_max };
	if (setrlimit((__rlimit_resource_t)resource, &limit) < 0)
		return err_set(err, -errno, "%s: %s", name, strerror(errno));
	return 0;
}

static int limits_set(const struct sandbox *rules, struct err *err)
{
	TRY(limit_set(RLIMIT_FSIZE, 0, "RLIMIT_FSIZE", err));
	/* So that a write into a file fails with EFBIG instead of ending the process. */
	signal(SIGXFSZ, SIG_IGN);
	if (rules->address_space_bytes && !HAS_ASAN)
		TRY(limit_set(RLIMIT_AS, rules->address_space_bytes, "RLIMIT_AS", err));
	return 0;
}

static int identity_change(const struct sandbox *rules, struct err *err)
{
	uid_t uid = rules->uid ? rules->uid : SANDBOX_NOBODY;
	gid_t gid = rules->gid ? rules->gid : SANDBOX_NOBODY;
	int at_parents_death = 0;
	pid_t parent = getppid();

	if (!identity_can_become(uid, gid))
		return 0;
	/* The kernel forgets this signal when the identity changes. */
	prctl(PR_GET_PDEATHSIG, &at_parents_death);
	if (setgroups(0, NULL) < 0 || setresgid(gid, gid, gid) < 0 || setresuid(uid, uid, uid) < 0)
		return err_set(err, -errno, "becoming user %u: %s", (unsigned)uid, strerror(errno));
	if (at_parents_death) {
		prctl(PR_SET_PDEATHSIG, at_parents_death);
		if (getppid() != parent)
			_exit(127);
	}
	return 0;
}

/* Also those that a user other than root may have been started with. */
static int capabilities_drop(struct err *err)
{
	struct __user_cap_header_struct header = { _LINUX_CAPABILITY_VERSION_3, 0 };
	struct __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3] = { 0 };

	if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) < 0 && errno != EINVAL)
		return err_set(err, -errno, "PR_CAP_AMBIENT: %s", strerror(errno));
	if (syscall(SYS_capset, &header, none) < 0)
		return err_set(err, -errno, "capset: %s", strerror(errno));
	return 0;
}

/* Landlock and the limits bind the calling thread only. */
static bool has_threads(void)
{
	struct stat tasks;

	return stat("/proc/self/task", &tasks) == 0 && tasks.st_nlink > 3;
}

int sandbox_drop(const struct sandbox *rules, struct err *err)
{
	TRY(limit_set(RLIMIT_CORE, 0, "RLIMIT_CORE", err));
	TRY(identity_change(rules, err));
	TRY(capabilities_drop(err));
	if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0 || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return err_set(err, -errno, "prctl: %s", strerror(errno));
	return 0;
}

int sandbox_enter(const struct sandbox *rules, struct err *err)
{
	if (!sandbox_has_seccomp())
		return err_set(err, -ENOSYS,
			       "this kernel has no seccomp: the sandbox cannot be "
			       "entered (CONFIG_SECCOMP_FILTER)");
	if (has_threads())
		return err_set(err, -EBUSY, "the sandbox must be entered before threads start");
	TRY(limits_set(rules, err));
	TRY(sandbox_drop(rules, err));
	TRY(limit_set(RLIMIT_NPROC, 0, "RLIMIT_NPROC", err));
	TRY(sandbox_landlock_enter(err));
	TRY(sandbox_filter_enter(err));
	is_entered = true;
	return 0;
}

struct sandbox_status sandbox_status(void)
{
	int abi = sandbox_landlock_abi();

	return (struct sandbox_status){ .has_seccomp = sandbox_has_seccomp(),
					.landlock_abi = abi,
					.has_landlock_net = abi >= 4,
					.has_landlock_scope = abi >= 6,
					.can_change_user =
						!is_entered &&
						identity_can_become(SANDBOX_NOBODY, SANDBOX_NOBODY),
					.is_entered = is_entered };
}
