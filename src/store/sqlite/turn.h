/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Turns at writing, between the processes of one data folder. SQLite's own waiting is unfair: who
 * writes little starves beside who writes much. So writers queue: lock the file `queue`, then the
 * file `turn`, release `queue`, write, release `turn`. One process waits for `turn` at a time, the
 * others for `queue`; whoever has just written has to queue again.
 *
 * One thread at a time uses a struct turn. The file `turn` says which process has it.
 */
#ifndef DSS_STORE_SQLITE_TURN_H
#define DSS_STORE_SQLITE_TURN_H

#include "base/err.h"
#include "base/str.h"

enum { TURN_AGAIN_S = 1 };

struct turn;

int turn_open(const char *folder, struct turn **ret, struct err *err) MUST_USE;
/** The turn must have been given back. NULL is allowed. */
void turn_close(struct turn *turn);
/** -EBUSY after `seconds`, or after TURN_AGAIN_S when somebody waited in vain before and nobody has let go
 * since: err names who has it. */
int turn_take(struct turn *turn, int seconds, struct err *err) MUST_USE;
void turn_give(struct turn *turn);

#endif
