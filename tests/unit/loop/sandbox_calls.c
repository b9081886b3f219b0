/* SPDX-License-Identifier: Apache-2.0 */
/* What would an intruder try? Where a call cannot work as it is made here, its comment says how it
 * fails outside of the sandbox. */
#include "tests/unit/loop/sandbox_calls.h"

#include <fcntl.h>
#include <linux/sched.h>
#include <netinet/in.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static int open_read(void)
{
	return outcome(open("/etc/passwd", O_RDONLY));
}
static int open_write(void)
{
	return outcome(open("/tmp", O_TMPFILE | O_RDWR, 0600));
}
static int open_directory(void)
{
	return outcome(open("/", O_RDONLY | O_DIRECTORY));
}
static int open_itself(void)
{
	return outcome(open("/proc/self/mem", O_RDWR));
}
static int openat2_read(void)
{
	uint64_t how[3] = { O_RDONLY, 0, 0 };

	return outcome(syscall(SYS_openat2, AT_FDCWD, "/etc/passwd", how, sizeof how));
}
static int creat_file(void)
{
	char path[64];

	snprintf(path, sizeof path, "/tmp/dss-test-sandbox-%d", getpid());
	if (outcome(creat(path, 0600)))
		return errno;
	unlink(path);
	return 0;
}
static int unlink_file(void) /* ENOENT when free */
{
	return outcome(unlink("/tmp/dss-test-no-such-file"));
}
static int mkdir_(void) /* EEXIST when free */
{
	return outcome(mkdir("/tmp", 0700));
}
static int stat_file(void)
{
	struct stat st;

	return outcome(stat("/etc/passwd", &st));
}
static int readlink_(void)
{
	char to[100];

	return outcome(readlink("/proc/self/exe", to, sizeof to));
}
static int chdir_(void)
{
	return outcome(chdir("/"));
}
static int memfd(void)
{
	return outcome(memfd_create("x", 0));
}
static int socket_unix(void)
{
	return outcome(socket(AF_UNIX, SOCK_STREAM, 0));
}
static int socketpair_(void)
{
	int fds[2];

	return outcome(socketpair(AF_UNIX, SOCK_STREAM, 0, fds));
}
static int socket_netlink(void)
{
	return outcome(socket(AF_NETLINK, SOCK_RAW, 0));
}
static int socket_packet(void)
{
	return outcome(socket(AF_PACKET, SOCK_RAW, 0));
}
static int socket_raw(void)
{
	return outcome(socket(AF_INET, SOCK_RAW, IPPROTO_ICMP));
}
static int socket_mptcp(void) /* EPROTONOSUPPORT or ENOPROTOOPT when free and not built in */
{
	return outcome(socket(AF_INET, SOCK_STREAM, 262));
}
static int bind_listen(void)
{
	struct sockaddr_in any = { .sin_family = AF_INET };
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	if (fd < 0 || bind(fd, (struct sockaddr *)&any, sizeof any) < 0)
		return 200; /* neither is what this row is about */
	return outcome(listen(fd, 1));
}
static int accept_(void) /* EINVAL when free */
{
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	return fd < 0 ? 200 : outcome(accept4(fd, NULL, NULL, 0));
}
static int execve_(void)
{
	char *argv[] = { (char *)"/bin/true", NULL };

	return outcome(execve(argv[0], argv, NULL));
}
static int execveat_(void) /* ENOENT when free */
{
	char *argv[] = { (char *)"/nonexistent", NULL };

	return outcome(syscall(SYS_execveat, AT_FDCWD, argv[0], argv, NULL, 0));
}
static int fork_(void)
{
	long pid = syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0);

	if (pid == 0)
		_exit(0);
	return outcome(pid);
}
static int clone_thread(void) /* EINVAL when free: no memory shared */
{
	return outcome(syscall(SYS_clone, CLONE_THREAD, 0, 0, 0, 0));
}
static int clone3_(void) /* EINVAL when free */
{
	return outcome(syscall(SYS_clone3, NULL, 0));
}
static int ptrace_(void)
{
	return outcome(ptrace(PTRACE_TRACEME, 0, NULL, NULL));
}
static int process_vm_readv_(void)
{
	return outcome(syscall(SYS_process_vm_readv, getpid(), NULL, 0, NULL, 0, 0));
}
static int kill_parent(void)
{
	return outcome(kill(getppid(), 0));
}
static int kill_all(void)
{
	return outcome(kill(0, 0));
}
static int tgkill_parent(void)
{
	return outcome(syscall(SYS_tgkill, getppid(), getppid(), 0));
}
static int pidfd_parent(void)
{
	return outcome(syscall(SYS_pidfd_open, getppid(), 0));
}
static int mmap_exec(void)
{
	void *p = mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return p == MAP_FAILED ? errno : 0;
}
static int mprotect_exec(void)
{
	void *p = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return p == MAP_FAILED ? 200 : outcome(mprotect(p, 4096, PROT_READ | PROT_EXEC));
}
static int mount_(void) /* EFAULT or EINVAL when free */
{
	return outcome(mount(NULL, NULL, NULL, 0, NULL));
}
static int unshare_(void)
{
	return outcome(unshare(CLONE_FS));
}
static int setns_(void) /* EBADF when free */
{
	return outcome(setns(-1, 0));
}
static int chroot_(void)
{
	return outcome(chroot("/"));
}
static int setuid_(void)
{
	return outcome(setuid(getuid()));
}
static int setresgid_(void)
{
	return outcome(syscall(SYS_setresgid, -1, -1, -1));
}
static int capset_(void) /* EFAULT when free */
{
	return outcome(syscall(SYS_capset, NULL, NULL));
}
static int bpf_(void) /* EINVAL when free */
{
	return outcome(syscall(SYS_bpf, -1, NULL, 0));
}
static int io_uring(void) /* EFAULT when free */
{
	return outcome(syscall(SYS_io_uring_setup, 1, NULL));
}
static int userfaultfd_(void) /* EINVAL when free */
{
	return outcome(syscall(SYS_userfaultfd, -1));
}
static int perf(void) /* EFAULT when free */
{
	return outcome(syscall(SYS_perf_event_open, NULL, 0, 0, 0, 0));
}
static int keyctl_(void) /* EOPNOTSUPP or ENOKEY when free */
{
	return outcome(syscall(SYS_keyctl, -1, 0, 0, 0, 0));
}
static int init_module_(void) /* ENOEXEC or EFAULT when free */
{
	return outcome(syscall(SYS_init_module, NULL, 0, NULL));
}
static int dumpable(void)
{
	return outcome(prctl(PR_SET_DUMPABLE, 1, 0, 0, 0));
}
static int raise_limit(void)
{
	struct rlimit limit;

	getrlimit(RLIMIT_NOFILE, &limit);
	return outcome(setrlimit(RLIMIT_NOFILE, &limit));
}
static int attach_filter(void) /* EINVAL when free */
{
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	return fd < 0 ? 200 : outcome(setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, "", 0));
}

const struct sandbox_refusal sandbox_refusals[] = {
	{ "open for read", open_read, EPERM },
	{ "open for write", open_write, EPERM },
	{ "open a directory", open_directory, EPERM },
	{ "open own memory", open_itself, EPERM },
	{ "openat2", openat2_read, EPERM },
	{ "creat", creat_file, EPERM },
	{ "unlink", unlink_file, EPERM },
	{ "mkdir", mkdir_, EPERM },
	{ "stat", stat_file, EPERM },
	{ "readlink", readlink_, EPERM },
	{ "chdir", chdir_, EPERM },
	{ "memfd_create", memfd, EPERM },
	{ "socket AF_UNIX", socket_unix, EPERM },
	{ "socketpair", socketpair_, EPERM },
	{ "socket AF_NETLINK", socket_netlink, EPERM },
	{ "socket AF_PACKET", socket_packet, EPERM },
	{ "socket raw ICMP", socket_raw, EPERM },
	{ "socket MPTCP", socket_mptcp, EPERM },
	{ "bind and listen", bind_listen, EPERM },
	{ "accept4", accept_, EPERM },
	{ "execve", execve_, ENDED },
	{ "execveat", execveat_, ENDED },
	{ "fork", fork_, EPERM },
	{ "clone a thread", clone_thread, EPERM },
	{ "clone3", clone3_, ENOSYS },
	{ "ptrace", ptrace_, ENDED },
	{ "process_vm_readv", process_vm_readv_, ENDED },
	{ "kill the parent", kill_parent, EPERM },
	{ "kill the group", kill_all, EPERM },
	{ "tgkill the parent", tgkill_parent, EPERM },
	{ "pidfd_open the parent", pidfd_parent, EPERM },
	{ "mmap PROT_EXEC", mmap_exec, EPERM },
	{ "mprotect PROT_EXEC", mprotect_exec, EPERM },
	{ "mount", mount_, ENDED },
	{ "unshare", unshare_, ENDED },
	{ "setns", setns_, ENDED },
	{ "chroot", chroot_, ENDED },
	{ "setuid", setuid_, EPERM },
	{ "setresgid", setresgid_, EPERM },
	{ "capset", capset_, EPERM },
	{ "bpf", bpf_, ENDED },
	{ "io_uring_setup", io_uring, EPERM },
	{ "userfaultfd", userfaultfd_, ENDED },
	{ "perf_event_open", perf, ENDED },
	{ "keyctl", keyctl_, ENDED },
	{ "init_module", init_module_, ENDED },
	{ "PR_SET_DUMPABLE", dumpable, EPERM },
	{ "setrlimit", raise_limit, EPERM },
	{ "SO_ATTACH_FILTER", attach_filter, EPERM },
};

const size_t sandbox_refusal_count = ARRAY_COUNT(sandbox_refusals);
