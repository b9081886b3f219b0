/* SPDX-License-Identifier: Apache-2.0 */
/**
 * The network of a caged program (loop/cage.h) under the address policy: each of its sockets, connects and
 * addressed sends stops in the kernel until the guard has decided, by seccomp_unotify(2). The guard reads the
 * address once, asks the policy by value, and makes the call itself, on its own copy of the socket and of
 * what it read: the program cannot change it in between, and no name, redirect or referral that it follows
 * gets around it.
 *
 * Who waits is only who called: a connect that blocks is carried on here and answered when it is decided.
 * What a program does with control messages (RFC 3542) is not carried on.
 */
#ifndef DSS_NET_GUARD_H
#define DSS_NET_GUARD_H

#include "net/socket.h"

enum { GUARD_CONNECTS = 256 /**< that block, at once; more are refused */ };

struct guard_rules {
	/** Where it may go. Trusted ones count as they do elsewhere. */
	const struct egress *egress;
	/** Only this address, which the policy must allow as well; NULL: any that it allows. */
	const struct address *only;
	uint16_t only_port; /**< the same; 0: all */
	/** Port 53 of `name_server` leads to `resolver`, so that a file without ports can name it; not set:
	 * nowhere. */
	struct address name_server, resolver;
	uint16_t resolver_port;
};

struct guard_report {
	uint64_t allowed, denied;
	char first_denied[80]; /**< "192.0.2.1 port 80"; empty: none */
};

/**
 * Serve until `told` or `stop` is readable, or deadline_ms have passed.
 * @listener  of the cage; -1: nothing to guard, only wait
 * 0: told; 1: stop; -ETIMEDOUT.
 */
int guard_serve(int listener, int told, int stop, int deadline_ms, const struct guard_rules *rules,
		struct guard_report *ret) MUST_USE;

#endif
