/* SPDX-License-Identifier: Apache-2.0 */
/**
 * A short life of a store, for tests that disturb it at each point: opened (with a migration when it
 * is of an older release), written, read, copied, checked, closed. What was acknowledged is kept
 * outside of the store, in a ledger, and compared with the store afterwards.
 */
#ifndef DSS_TESTS_CONTRACT_LIFE_H
#define DSS_TESTS_CONTRACT_LIFE_H

#include "tests/contract/fixture.h"

enum {
	LIFE_WRITES = 8,
	LIFE_KEPT = 50 /**< rows of a life before, which must never be lost */
};

/** What a life begins with. */
enum life_start {
	LIFE_NOTHING,    /**< no folder's content at all */
	LIFE_OLDER,      /**< a store of migration 1 with LIFE_KEPT rows */
	LIFE_WAS_KILLED, /**< of now, with its last commits in the log only */
	LIFE_STARTS
};

enum write_fate {
	FATE_NOT_TRIED,
	FATE_STAYS,
	FATE_GONE,
	FATE_OPEN /**< the commit failed: see store/store.h */
};

struct ledger {
	enum write_fate fate[LIFE_WRITES];
	int first_code; /**< the first failure of anything, 0: none */
	char said[240];
	int fd; /**< each acknowledged write is told here; -1: nowhere */
};

/** A fixture whose folder holds that start. */
void life_prepare(struct fixture *f, enum life_start start);
/** Live. Ends early when the store cannot be opened. */
void life_run(struct fixture *f, struct ledger *ledger);
/** The same up to the last write; then over() ends the disturbance, and the store must work as before
 * without being opened again. Fails the test otherwise. */
void life_run_and_recover(struct fixture *f, struct ledger *ledger, int (*over)(void));
/**
 * With the disturbance over: the store opens, is whole, holds what was acknowledged and nothing by
 * half, and works; a copy from before a migration is whole. NULL, or what is wrong.
 */
const char *life_judge(struct fixture *f, enum life_start start, const struct ledger *ledger);

#endif
