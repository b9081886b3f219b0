/* SPDX-License-Identifier: Apache-2.0 */
/* Which system calls does a process that speaks to strangers need? seccomp(2). */
#include "loop/sandbox_parts.h"

#include <fcntl.h>
#include <linux/seccomp.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <netinet/udp.h>
#include <seccomp.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#define CALL(name) SCMP_SYS(name)

/* Allowed with any arguments. */
static const int allowed[] = {
	/* memory; mmap and mprotect are below */
	CALL(brk), CALL(munmap), CALL(mremap), CALL(madvise),
	/* descriptors that exist */
	CALL(read), CALL(readv), CALL(write), CALL(writev), CALL(close), CALL(lseek), CALL(fstat),
	CALL(dup), CALL(dup3), CALL(shutdown),
	/* waiting */
	CALL(poll), CALL(ppoll), CALL(select), CALL(pselect6), CALL(epoll_create1), CALL(epoll_ctl),
	CALL(epoll_wait), CALL(epoll_pwait), CALL(epoll_pwait2), CALL(eventfd2), CALL(pipe2),
	CALL(timerfd_create), CALL(timerfd_settime), CALL(timerfd_gettime), CALL(nanosleep),
	CALL(clock_nanosleep), CALL(pause), CALL(restart_syscall), CALL(sched_yield), CALL(futex),
	/* sockets; socket and setsockopt are below, listen and accept are not */
	CALL(connect), CALL(bind), CALL(sendto), CALL(sendmsg), CALL(sendmmsg), CALL(recvfrom),
	CALL(recvmsg), CALL(recvmmsg), CALL(getsockname), CALL(getpeername), CALL(getsockopt),
	/* time and chance */
	CALL(clock_gettime), CALL(clock_getres), CALL(gettimeofday), CALL(time), CALL(times),
	CALL(getrandom),
	/* itself */
	CALL(getpid), CALL(gettid), CALL(getppid), CALL(getuid), CALL(geteuid), CALL(getgid),
	CALL(getegid), CALL(getrusage), CALL(getrlimit), CALL(sysinfo), CALL(uname), CALL(getcpu),
	CALL(sched_getaffinity), CALL(rt_sigaction), CALL(rt_sigprocmask), CALL(rt_sigreturn),
	CALL(rt_sigpending), CALL(sigaltstack), CALL(rseq), CALL(set_robust_list), CALL(exit),
	CALL(exit_group)
};

/* No library of ours calls these, ever: whoever does is an intruder, and the process ends. The
 * rest of what is not allowed fails with EPERM. */
static const int deadly[] = { CALL(execve),
			      CALL(execveat),
			      CALL(ptrace),
			      CALL(process_vm_readv),
			      CALL(process_vm_writev),
			      CALL(process_madvise),
			      CALL(pidfd_getfd),
			      CALL(kcmp),
			      CALL(mount),
			      CALL(umount2),
			      CALL(move_mount),
			      CALL(open_tree),
			      CALL(fsopen),
			      CALL(fsmount),
			      CALL(fsconfig),
			      CALL(pivot_root),
			      CALL(chroot),
			      CALL(setns),
			      CALL(unshare),
			      CALL(open_by_handle_at),
			      CALL(bpf),
			      CALL(perf_event_open),
			      CALL(userfaultfd),
			      CALL(add_key),
			      CALL(request_key),
			      CALL(keyctl),
			      CALL(init_module),
			      CALL(finit_module),
			      CALL(delete_module),
			      CALL(kexec_load),
			      CALL(kexec_file_load),
			      CALL(iopl),
			      CALL(ioperm),
			      CALL(reboot),
			      CALL(swapon),
			      CALL(swapoff),
			      CALL(acct),
			      CALL(quotactl),
			      CALL(settimeofday),
			      CALL(clock_settime),
			      CALL(adjtimex),
			      CALL(clock_adjtime),
			      CALL(sethostname),
			      CALL(setdomainname),
			      CALL(syslog),
			      CALL(personality) };

/* One argument has one of these values. */
struct choice {
	int call;
	unsigned argument;
	uint64_t value;
};

static const struct choice choices[] = {
	{ CALL(fcntl), 1, F_DUPFD_CLOEXEC }, { CALL(fcntl), 1, F_GETFD },
	{ CALL(fcntl), 1, F_SETFD },         { CALL(fcntl), 1, F_GETFL },
	{ CALL(fcntl), 1, F_SETFL },         { CALL(ioctl), 1, FIONBIO },
	{ CALL(ioctl), 1, FIONREAD },        { CALL(ioctl), 1, FIOCLEX },
	{ CALL(ioctl), 1, TIOCOUTQ },        { CALL(ioctl), 1, TCGETS },
	{ CALL(prctl), 0, PR_SET_NAME },     { CALL(prctl), 0, PR_SET_VMA },
};

struct socket_option {
	int level, name;
};

static const struct socket_option socket_options[] = {
	{ SOL_SOCKET, SO_REUSEADDR },
	{ SOL_SOCKET, SO_SNDBUF },
	{ SOL_SOCKET, SO_RCVBUF },
	{ SOL_SOCKET, SO_KEEPALIVE },
	{ SOL_SOCKET, SO_LINGER },
	{ SOL_SOCKET, SO_RCVTIMEO },
	{ SOL_SOCKET, SO_SNDTIMEO },
	{ SOL_SOCKET, SO_RXQ_OVFL },
	{ SOL_SOCKET, SO_SELECT_ERR_QUEUE },
	{ IPPROTO_TCP, TCP_NODELAY },
	{ IPPROTO_TCP, TCP_MAXSEG },
	{ IPPROTO_TCP, TCP_CORK },
	{ IPPROTO_TCP, TCP_KEEPIDLE },
	{ IPPROTO_TCP, TCP_KEEPINTVL },
	{ IPPROTO_TCP, TCP_KEEPCNT },
	{ IPPROTO_TCP, TCP_SYNCNT },
	{ IPPROTO_TCP, TCP_QUICKACK },
	{ IPPROTO_TCP, TCP_USER_TIMEOUT },
	{ IPPROTO_TCP, TCP_FASTOPEN_CONNECT },
	{ IPPROTO_UDP, UDP_SEGMENT },
	{ IPPROTO_UDP, UDP_GRO },
	{ IPPROTO_IP, IP_TOS },
	{ IPPROTO_IP, IP_TTL },
	{ IPPROTO_IP, IP_RECVERR },
	{ IPPROTO_IP, IP_MTU_DISCOVER },
	{ IPPROTO_IP, IP_PKTINFO },
	{ IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT },
	{ IPPROTO_IPV6, IPV6_V6ONLY },
	{ IPPROTO_IPV6, IPV6_RECVERR },
	{ IPPROTO_IPV6, IPV6_RECVPKTINFO },
	{ IPPROTO_IPV6, IPV6_MTU_DISCOVER },
	{ IPPROTO_IPV6, IPV6_TCLASS },
	{ IPPROTO_IPV6, IPV6_UNICAST_HOPS },
	{ IPPROTO_IPV6, IPV6_DONTFRAG },
};

struct socket_kind {
	int type, protocol;
};

static const struct socket_kind socket_kinds[] = { { SOCK_STREAM, 0 },
						   { SOCK_STREAM, IPPROTO_TCP },
						   { SOCK_DGRAM, 0 },
						   { SOCK_DGRAM, IPPROTO_UDP } };

enum { SOCKET_TYPE_MASK = 0xf }; /* without SOCK_NONBLOCK and SOCK_CLOEXEC */

bool sandbox_has_seccomp(void)
{
	uint32_t action = SECCOMP_RET_KILL_PROCESS;

	return syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, &action) == 0;
}

#define ARGUMENT(at, value) SCMP_CMP64(at, SCMP_CMP_EQ, (scmp_datum_t)(value))

static int add_calls(scmp_filter_ctx filter)
{
	for (size_t i = 0; i < ARRAY_COUNT(allowed); i++)
		TRY(seccomp_rule_add(filter, SCMP_ACT_ALLOW, allowed[i], 0));
	for (size_t i = 0; i < ARRAY_COUNT(deadly); i++)
		TRY(seccomp_rule_add(filter, SCMP_ACT_KILL_PROCESS, deadly[i], 0));
	/* libc takes "no such call" as an order to use the older one, which is refused. */
	TRY(seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), CALL(clone3), 0));
	return 0;
}

static int add_arguments(scmp_filter_ctx filter)
{
	for (size_t i = 0; i < ARRAY_COUNT(choices); i++)
		TRY(seccomp_rule_add(filter, SCMP_ACT_ALLOW, choices[i].call, 1,
				     ARGUMENT(choices[i].argument, choices[i].value)));
	TRY(seccomp_rule_add(filter, SCMP_ACT_ALLOW, CALL(mmap), 1,
			     SCMP_A2_64(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0)));
	TRY(seccomp_rule_add(filter, SCMP_ACT_ALLOW, CALL(mprotect), 1,
			     SCMP_A2_64(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0)));
	/* abort and raise */
	TRY(seccomp_rule_add(filter, SCMP_ACT_ALLOW, CALL(tgkill), 1, ARGUMENT(0, getpid())));
	/* reading limits */
	TRY(seccomp_rule_add(filter, SCMP_ACT_ALLOW, CALL(prlimit64), 2, ARGUMENT(0, 0),
			     ARGUMENT(2, 0)));
	return 0;
}

static int add_sockets(scmp_filter_ctx filter)
{
	static const int domains[] = { AF_INET, AF_INET6 };

	for (size_t i = 0; i < ARRAY_COUNT(domains); i++)
		for (size_t k = 0; k < ARRAY_COUNT(socket_kinds); k++)
			TRY(seccomp_rule_add(filter, SCMP_ACT_ALLOW, CALL(socket), 3,
					     ARGUMENT(0, domains[i]),
					     SCMP_A1_64(SCMP_CMP_MASKED_EQ, SOCKET_TYPE_MASK,
							(scmp_datum_t)socket_kinds[k].type),
					     ARGUMENT(2, socket_kinds[k].protocol)));
	for (size_t i = 0; i < ARRAY_COUNT(socket_options); i++)
		TRY(seccomp_rule_add(filter, SCMP_ACT_ALLOW, CALL(setsockopt), 2,
				     ARGUMENT(1, socket_options[i].level),
				     ARGUMENT(2, socket_options[i].name)));
	return 0;
}

int sandbox_filter_enter(struct err *err)
{
	scmp_filter_ctx filter;
	int code;

	if (!sandbox_has_seccomp())
		return err_set(err, -ENOSYS,
			       "this kernel has no seccomp filter with kill-process (Linux 4.14)");
	filter = seccomp_init(SCMP_ACT_ERRNO(EPERM));
	if (!filter)
		return err_set(err, -ENOMEM, "seccomp_init failed");
	code = seccomp_attr_set(filter, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS);
	/* As a search tree: the frequent calls are not all at the front. */
	if (code == 0)
		code = seccomp_attr_set(filter, SCMP_FLTATR_CTL_OPTIMIZE, 2);
	if (code == 0)
		code = add_calls(filter);
	if (code == 0)
		code = add_arguments(filter);
	if (code == 0)
		code = add_sockets(filter);
	if (code == 0)
		code = seccomp_load(filter);
	seccomp_release(filter);
	return code < 0 ? err_set(err, code, "the seccomp filter cannot be loaded: %s",
				  strerror(-code))
			: 0;
}
