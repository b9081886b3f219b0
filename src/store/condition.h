/* SPDX-License-Identifier: Apache-2.0 */
/** Waiting for another thread, never without an end: conditions by the monotonic clock. */
#ifndef DSS_STORE_CONDITION_H
#define DSS_STORE_CONDITION_H

#include "base/attr.h"

#include <pthread.h>

/** 0 or -errno. */
int condition_init(pthread_cond_t *condition) MUST_USE;
/** For pthread_cond_timedwait: so many seconds from now. */
struct timespec condition_deadline(int seconds);

#endif
