/* SPDX-License-Identifier: Apache-2.0 */
/* How is work done in a thread, and what waits for it meanwhile? */
#include "roles/worker/parts.h"

static void on_run(uv_work_t *work)
{
	struct errand *errand = work->data;

	errand->run(errand);
}

static void on_over(uv_work_t *work, int status)
{
	struct errand *errand = work->data;

	errand->is_busy = false;
	errand->over(errand);
}

void errand_start(struct errand *errand)
{
	errand->is_busy = true;
	errand->code = 0;
	errand->err = (struct err){ 0 };
	errand->work.data = errand;
	if (uv_queue_work(&errand->worker->loop, &errand->work, on_run, on_over) < 0)
		memory_exhausted();
}

void held_put(struct held_queue *queue, struct held *held)
{
	if (!queue->end)
		queue->end = &queue->first;
	held->next_queued = NULL;
	*queue->end = held;
	queue->end = &held->next_queued;
	queue->count++;
}

struct held *held_take(struct held_queue *queue)
{
	struct held *held = queue->first;

	if (!held)
		return NULL;
	queue->first = held->next_queued;
	if (!queue->first)
		queue->end = &queue->first;
	queue->count--;
	return held;
}
