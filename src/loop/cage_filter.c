/* SPDX-License-Identifier: Apache-2.0 */
/* Which system calls are closed to a caged program, and which wait for a word? seccomp(2),
 * seccomp_unotify(2). */
#include "loop/cage_parts.h"

#include <sched.h>
#include <seccomp.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>

#define CALL(name) SCMP_SYS(name)
#define ARGUMENT(at, value) SCMP_CMP64(at, SCMP_CMP_EQ, (scmp_datum_t)(value))

/* Any program may call whatever else there is: it can be any program. */
static const int closed[] = {
	/* other processes */
	CALL(ptrace), CALL(process_vm_readv), CALL(process_vm_writev), CALL(process_madvise),
	CALL(pidfd_getfd), CALL(pidfd_send_signal), CALL(kcmp), CALL(perf_event_open),
	/* the file system as a whole, other namespaces */
	CALL(mount), CALL(umount2), CALL(move_mount), CALL(open_tree), CALL(fsopen), CALL(fsmount),
	CALL(fsconfig), CALL(fspick), CALL(mount_setattr), CALL(pivot_root), CALL(chroot),
	CALL(setns), CALL(unshare), CALL(open_by_handle_at), CALL(name_to_handle_at),
	CALL(quotactl), CALL(acct), CALL(swapon), CALL(swapoff), CALL(mknod), CALL(mknodat),
	/* the kernel */
	CALL(bpf), CALL(userfaultfd), CALL(add_key), CALL(request_key), CALL(keyctl),
	CALL(init_module), CALL(finit_module), CALL(delete_module), CALL(kexec_load),
	CALL(kexec_file_load), CALL(iopl), CALL(ioperm), CALL(reboot), CALL(syslog),
	CALL(settimeofday), CALL(clock_settime), CALL(adjtimex), CALL(clock_adjtime),
	CALL(sethostname), CALL(setdomainname), CALL(vhangup), CALL(lookup_dcookie),
	/* ways around this filter, or to a second one with a listener of its own */
	CALL(io_uring_setup), CALL(io_uring_enter), CALL(io_uring_register), CALL(seccomp),
	CALL(personality),
	/* serving */
	CALL(listen), CALL(accept), CALL(accept4), CALL(bind)
};

static const int guarded[] = { CALL(connect), CALL(sendmsg), CALL(sendmmsg) };

static const int namespaces[] = { CLONE_NEWUSER, CLONE_NEWNS,     CLONE_NEWPID, CLONE_NEWNET,
				  CLONE_NEWIPC,  CLONE_NEWCGROUP, CLONE_NEWUTS };

static int add_closed(scmp_filter_ctx filter)
{
	for (size_t i = 0; i < ARRAY_COUNT(closed); i++)
		TRY(seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), closed[i], 0));
	for (size_t i = 0; i < ARRAY_COUNT(namespaces); i++)
		TRY(seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), CALL(clone), 1,
				     SCMP_A0_64(SCMP_CMP_MASKED_EQ, (scmp_datum_t)namespaces[i],
						(scmp_datum_t)namespaces[i])));
	/* Its flags stand in memory, where no filter looks: libc takes this as an order to use clone. */
	TRY(seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), CALL(clone3), 0));
	TRY(seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), CALL(prctl), 1,
			     ARGUMENT(0, PR_SET_SECCOMP)));
	TRY(seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), CALL(ioctl), 1,
			     SCMP_A1_64(SCMP_CMP_MASKED_EQ, 0xffffffff, TIOCSTI)));
	return seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), CALL(ioctl), 1,
				SCMP_A1_64(SCMP_CMP_MASKED_EQ, 0xffffffff, TIOCLINUX));
}

/* Whatever can send to somebody: to be guarded, or not at all. Sending on a connected socket is neither. */
static int add_sockets(scmp_filter_ctx filter, bool has_network)
{
	uint32_t action = has_network ? SCMP_ACT_NOTIFY : SCMP_ACT_ERRNO(EACCES);

	for (size_t i = 0; i < ARRAY_COUNT(guarded); i++)
		TRY(seccomp_rule_add(filter, action, guarded[i], 0));
	TRY(seccomp_rule_add(filter, action, CALL(sendto), 1, SCMP_A4_64(SCMP_CMP_NE, 0)));
	if (has_network)
		return seccomp_rule_add(filter, action, CALL(socket), 0);
	return seccomp_rule_add(filter, action, CALL(socket), 1, SCMP_A0_64(SCMP_CMP_NE, AF_UNIX));
}

int cage_filter_enter(enum cage_network network, int *ret_listener)
{
	bool has_network = network == CAGE_NETWORK_GUARDED;
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
	int code;

	if (!filter)
		return -ENOMEM;
	code = seccomp_attr_set(filter, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS);
	if (code == 0)
		code = seccomp_attr_set(filter, SCMP_FLTATR_CTL_OPTIMIZE, 2);
	if (code == 0)
		code = add_closed(filter);
	if (code == 0)
		code = add_sockets(filter, has_network);
	if (code == 0)
		code = seccomp_load(filter);
	if (code == 0)
		*ret_listener = has_network ? seccomp_notify_fd(filter) : -1;
	/* Releasing it would close the listener. */
	return code;
}
