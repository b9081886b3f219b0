/* SPDX-License-Identifier: Apache-2.0 */
/**
 * The queue as its operators see it: how much waits, who works, what died. Of the embedded bus these are
 * its jobs. Of a bus outside (app->is_bus_outside) it is what the store knows: ready are scans that the
 * bus has and nobody took, and revived letters on their way to it; leased are those that run; dead
 * letters are brought into the store by the scheduler (app/handover.h).
 */
#ifndef DSS_APP_QUEUE_H
#define DSS_APP_QUEUE_H

#include "app/app.h"
#include "bus/bus.h"
#include "store/job.h"
#include "store/worker.h"

/** The whole of it for those who run the installation (the workspace `default`). Others see their own
 * scans: depth[].ready are those that wait, on_bus and running; all else is 0. */
struct queue_view {
	struct job_depth depth[BUS_QUEUES];
	int64_t dead;            /**< letters in all queues */
	int64_t on_bus, running; /**< scans of all workspaces */
	struct worker_row *workers;
	size_t worker_count;
	int64_t capacity; /**< of live workers that do not drain */
};

int app_queue_view(struct app *app, const struct actor *actor, struct arena *a,
		   struct queue_view *ret, struct problem *problem) MUST_USE;
/** Dead letters, the latest first; those who run the installation see them (the workspace `default`):
 * -EACCES. */
int app_queue_dead(struct app *app, const struct actor *actor, struct arena *a,
		   const struct page *page, struct job_row **ret, size_t *ret_count,
		   struct str *ret_next, struct problem *problem) MUST_USE;
/** It goes back to its queue with all its attempts, or for ever. -ENOENT: no such dead letter. */
int app_queue_revive(struct app *app, const struct actor *actor, int64_t no,
		     struct problem *problem) MUST_USE;
int app_queue_discard(struct app *app, const struct actor *actor, int64_t no,
		      struct problem *problem) MUST_USE;

#endif
