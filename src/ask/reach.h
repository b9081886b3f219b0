/* SPDX-License-Identifier: Apache-2.0 */
/**
 * At which addresses can a host be reached? Asked as DNS questions through the gate, so that scans share
 * them, and kept to those that this machine can reach and the policy allows.
 */
#ifndef DSS_ASK_REACH_H
#define DSS_ASK_REACH_H

#include "ask/asker.h"

enum { REACH_ADDRESSES = 4 };

struct reach {
	struct entry *entry; /* who asks */
	struct gate_scan account;
	struct gate_waiter waiters[2];
	unsigned waiting;
	bool was_denied, was_out_of_vantage;
	enum failure failure;
	/** IPv4 first, in the order of the DNS answer, which is sorted. */
	struct address addresses[REACH_ADDRESSES];
	size_t count;
	void (*on_reached)(struct reach *reach);
};

/**
 * Find the addresses of host. on_reached is called once, perhaps from within: with count 0 and a failure
 * (no address, what the DNS said, or the policy), or with addresses. Storage is the caller's, all zero
 * before, and stays until reach_stop.
 */
void reach_start(struct reach *reach, struct entry *entry, struct str host,
		 void (*on_reached)(struct reach *reach));
/** Give back what it holds; after on_reached too. */
void reach_stop(struct reach *reach);

#endif
