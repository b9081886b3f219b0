/* SPDX-License-Identifier: Apache-2.0 */
/**
 * A disk, a memory and a machine that fail when a test wants it. Linked into test programs only: it
 * stands between SQLite and its file system (a VFS), under SQLite's malloc, and, by the linker's
 * --wrap, under the calls that the store itself makes on files.
 *
 * A test arms it with a plan, does its work, and disarms it. Points are counted from 1 in the order
 * in which the work comes to them; a sweep arms point 1, 2, 3 … until one is not reached. Long sweeps
 * take some of the points only, unless the variable DSS_SWEEP is "full".
 */
#ifndef DSS_TESTS_CONTRACT_FAULT_H
#define DSS_TESTS_CONTRACT_FAULT_H

#include "tests/test.h"

/** What may fail; a plan names one or several. */
enum fault_call {
	FAULT_OPEN = 1,
	FAULT_READ = 2,
	FAULT_WRITE = 4,
	FAULT_SYNC = 8,
	FAULT_TRUNCATE = 16,
	FAULT_DELETE = 32,
	FAULT_LOCK = 64, /**< locks, shared memory */
	FAULT_MEMORY = 128,
	FAULT_OWN = 256, /**< the store's own calls: open, fsync, rename, link, mkdir, pwrite … */
	FAULT_CHANGES = FAULT_WRITE | FAULT_SYNC | FAULT_TRUNCATE | FAULT_DELETE | FAULT_OWN
};

enum fault_effect {
	FAULT_ERROR, /**< it says that it could not */
	FAULT_FULL,  /**< writes: half of it, and then the disk is full; others as FAULT_ERROR */
	FAULT_KILL,  /**< the process is killed before it does it */
	FAULT_HALF_KILL, /**< writes: half of it, and killed */
	FAULT_POWER      /**< the machine stops: what was not synced may be lost, in any part */
};

struct fault_plan {
	unsigned calls;
	enum fault_effect effect;
	int point;           /**< the first that fails; 0: none, only count */
	bool is_for_good;    /**< and all after it */
	bool are_syncs_lies; /**< a disk that does not sync: power cuts lose what it said it had */
	unsigned seed;       /**< which unsynced writes a power cut keeps */
};

void fault_arm(const struct fault_plan *plan);
/** From point to point in a long sweep: usual, or 1 when all are wanted. */
int fault_step(int usual);
/** How many points were reached since fault_arm. */
int fault_disarm(void);
/** Was the planned point reached? */
bool fault_struck(void);

#endif
