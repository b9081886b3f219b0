/* SPDX-License-Identifier: Apache-2.0 */
/** The scanner's process at the other end of a socket pair, and a resolver that it may ask. */
#ifndef DSS_TESTS_UNIT_ROLES_SCANNER_CHILD_H
#define DSS_TESTS_UNIT_ROLES_SCANNER_CHILD_H

#include "loop/frame.h"
#include "children/protocol.h"
#include "tests/test.h"

#include <sys/types.h>

struct scanner_child {
	pid_t pid;
	int fd;
	bool has_ended; /**< its stream */
	struct frame_reader reader;
	int resolver_fd; /**< -1: none */
	char resolver[32];
	bool is_silent; /**< the resolver */
	unsigned asked; /**< of the resolver */
};

/** Start it, with a resolver if wanted. */
void child_begin(struct scanner_child *child, bool has_resolver);
/** Wait until it leaves: 0, 2 and 5 are its exit codes; anything else, or no end in a minute, fails. */
int child_finish(struct scanner_child *child);

/** Send; what it does not take because it has left is dropped. */
void child_send_bytes(struct scanner_child *child, struct str bytes);
void child_send(struct scanner_child *child, uint8_t type, struct str body);
void child_send_body(struct scanner_child *child, uint8_t type, const struct desc *desc,
		     const void *body);
/** The next frame; answers the resolver's questions (NXDOMAIN) meanwhile. False: its stream ended. */
bool child_next(struct scanner_child *child, struct frame *ret);
/** The next frame of this type, others are passed over. */
bool child_expect(struct scanner_child *child, uint8_t type, struct frame *ret);

#endif
