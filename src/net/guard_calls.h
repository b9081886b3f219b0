/* SPDX-License-Identifier: Apache-2.0 */
/** The inside of the guard: one call that waits, and what is done about it (guard.c, guard_send.c). */
#ifndef DSS_NET_GUARD_CALLS_H
#define DSS_NET_GUARD_CALLS_H

#include <linux/seccomp.h>

#include "net/guard.h"

/** A connect that its caller waits for. */
struct guard_connect {
	uint64_t id;
	int fd, flags; /**< our copy of the socket, and its flags as they were */
	int64_t limit_us;
};

struct guard {
	int listener;
	const struct guard_rules *rules;
	struct guard_report *report;
	struct seccomp_notif *call;
	struct seccomp_notif_resp *answer;
	size_t call_bytes, answer_bytes;
	struct guard_connect connects[GUARD_CONNECTS];
	size_t connect_count;
};

/** Is the caller still there, and still in this call? */
bool guard_is_alive(const struct guard *guard, const struct seccomp_notif *call);
/** error: 0 or -errno; flags: of seccomp_unotify(2). */
void guard_answer(struct guard *guard, uint64_t id, int64_t value, int error, uint32_t flags);
/** 0, or -EACCES, which is counted. */
int guard_approve(struct guard *guard, const struct sockaddr_storage *from, socklen_t len,
		  struct destination *ret) MUST_USE;
/** Our copy of the descriptor that is the call's first argument; -errno. */
int guard_socket(struct guard *guard, const struct seccomp_notif *call) MUST_USE;
/** From and into the caller's memory. 0 or -EFAULT. */
int guard_read(const struct seccomp_notif *call, uint64_t from, void *to, size_t len) MUST_USE;
int guard_write(const struct seccomp_notif *call, uint64_t to, const void *from,
		size_t len) MUST_USE;

void guard_sendto(struct guard *guard, const struct seccomp_notif *call);
void guard_sendmsg(struct guard *guard, const struct seccomp_notif *call);
void guard_sendmmsg(struct guard *guard, const struct seccomp_notif *call);

#endif
