/* SPDX-License-Identifier: Apache-2.0 */
/** What the files of the failing disk share. */
#ifndef DSS_TESTS_CONTRACT_FAULT_PARTS_H
#define DSS_TESTS_CONTRACT_FAULT_PARTS_H

#include "tests/contract/fault.h"

#include <sqlite3.h>

enum fault_now { FAULT_NOT_NOW, FAULT_FAIL, FAULT_FAIL_HALF, FAULT_DIE_HALF };

/** Count a point, and say what is to happen there. */
enum fault_now fault_at(enum fault_call call);
void fault_die(void) NORETURN;

/** From here to the next call with false nothing is counted: the tests' own work. */
void fault_leave_out(bool is_ours);
/** Are unsynced writes to be remembered? */
bool fault_is_watched(void);
bool fault_are_syncs_lies(void);

/* fault_vfs.c: what was written and not synced. */
void fault_unsynced_forget(void);
/** Undo some of it, as a power cut does: the seed says which; 0: all of it. */
void fault_unsynced_lose(unsigned seed);

#endif
