/* SPDX-License-Identifier: Apache-2.0 */
/**
 * The scanner's prison: after sandbox_enter a process that was taken over by a stranger's bytes can
 * compute, talk to the internet over TCP and UDP, and use the descriptors that it was given. It
 * cannot open a file, start a process or a thread, see or signal another process, listen, make
 * memory executable, or get a right back.
 *
 * Layers, each of which holds alone:
 * - rlimits: no process or thread, no core, no byte into a regular file; address space as asked;
 *   the number of descriptors stays as it is;
 * - identity: as root it becomes another user with no groups; no capability stays; not dumpable, so
 *   that others of that user cannot trace it;
 * - Landlock: no file system access, no bind of TCP to a fixed port (ABI 4), no signal and no
 *   abstract socket outside (ABI 6), as far as the kernel knows them;
 * - seccomp: a list of allowed system calls (sandbox_filter.c). What libraries try without harm
 *   fails with EPERM: open, fork, clone (threads too), kill, listen, accept, sockets other than TCP
 *   and UDP over IPv4 and IPv6, mapping or protecting with PROT_EXEC, io_uring. What only an
 *   intruder tries ends the process with SIGSYS: exec, ptrace, another's memory, mount, namespaces,
 *   bpf, keys, kernel modules.
 *
 * Before entering: everything that reads a file or starts a thread. OpenSSL's configuration and
 * trust store, curl_global_init, tzset, public suffix list, shared maps. Afterwards uv_fs_…,
 * uv_getaddrinfo, uv_queue_work and localtime of a new zone do not work. Standard error must be a
 * pipe, a socket or a terminal: into a file nothing is written.
 *
 * Sanitizers: AddressSanitizer and UBSan report as usual (without reading symbols from files). The
 * address space limit is left out under AddressSanitizer, whose shadow is larger than any.
 * LeakSanitizer needs clone and ptrace, so a process in the sandbox does not look for leaks; tests
 * of the same code outside of it do.
 */
#ifndef DSS_LOOP_SANDBOX_H
#define DSS_LOOP_SANDBOX_H

#include <sys/types.h>

#include "base/err.h"
#include "base/str.h"

enum { SANDBOX_NOBODY = 65534 };

struct sandbox {
	uint64_t address_space_bytes; /**< RLIMIT_AS; 0: as it is */
	uid_t uid; /**< to become when root can (identity.h); 0: SANDBOX_NOBODY */
	gid_t gid; /**< the same */
};

/**
 * The part of it for a process that starts programs: as root it becomes another user; no capability, no
 * core, not dumpable, no right by a set-uid program. One thread only. 0 or -errno, as sandbox_enter.
 */
int sandbox_drop(const struct sandbox *rules, struct err *err) MUST_USE;

/**
 * Enter; there is no way out. One thread only. The signal at the parent's death
 * (PR_SET_PDEATHSIG) is kept, and a parent that died meanwhile ends the process.
 * 0; -ENOSYS: this kernel has no seccomp; -EBUSY: there are threads; -errno. After a failure the
 * process is in an unknown state between and must end. Landlock may be missing (sandbox_status).
 */
int sandbox_enter(const struct sandbox *rules, struct err *err) MUST_USE;

/** What the kernel offers; for "dss doctor". */
struct sandbox_status {
	bool has_seccomp;
	int landlock_abi;        /**< 0: none */
	bool has_landlock_net;   /**< ABI 4 */
	bool has_landlock_scope; /**< ABI 6 */
	bool can_change_user;    /**< it is root, among others (identity.h) */
	bool is_entered;         /**< this process is inside */
};

struct sandbox_status sandbox_status(void);

#endif
