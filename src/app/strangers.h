/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Names that nobody has, and that somebody tried passwords for. They wait as the names of people do:
 * else a name that never has to wait would tell that nobody has it. Kept in memory, for some
 * hundreds of names; the longest unused are forgotten. Any thread may call.
 */
#ifndef DSS_APP_STRANGERS_H
#define DSS_APP_STRANGERS_H

#include "base/str.h"

/** Until when the name has to wait; 0: not. */
int64_t stranger_locked_until(struct str name);
/** One wrong password more for it. Returns how many that are now. */
int64_t stranger_count(struct str name, int64_t now_us);
/** The name waits until then. */
void stranger_lock(struct str name, int64_t until_us);

#endif
