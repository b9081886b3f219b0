/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Watches the lock files of workers (store/folder.h): a worker's process that ends, however it ends,
 * is known within milliseconds on the same machine.
 */
#ifndef DSS_BUS_EMBEDDED_WATCH_H
#define DSS_BUS_EMBEDDED_WATCH_H

#include <uv.h>

#include "base/err.h"
#include "base/uuid.h"

struct watch;

/** Those that are dead already are told of too, from the loop like all others. A worker may be told of
 * more than once. */
int watch_open(uv_loop_t *loop, struct str folder,
	       void (*on_dead)(void *context, struct uuid worker), void *context,
	       struct watch **ret, struct err *err) MUST_USE;
/** NULL is allowed. */
void watch_close(struct watch *watch);

#endif
