/* SPDX-License-Identifier: Apache-2.0 */
/* How much waits, who works, what died? */
#include "app/queue.h"

#include "app/record.h"
#include "store/scan.h"
#include "store/workspace.h"

#include <inttypes.h>

struct call {
	const struct actor *actor;
	struct arena *a;
	struct queue_view view;
	bool is_bus_outside;
	int64_t no;
	int (*change)(struct store_tx *tx, int64_t no, struct err *err);
	const char *action;
	const struct page *page;
	struct job_row *rows;
	size_t count;
	struct str next;
};

/* Who runs no installation sees what is his: his own scans, and not who works on them. */
static int look_at_own(struct store_tx *tx, struct call *call, struct err *err)
{
	struct queue_view *view = &call->view;
	int64_t workspace = call->actor->workspace;

	for (int queue = 0; queue < BUS_QUEUES; queue++)
		TRY(scan_waiting_count(tx, queue, workspace, &view->depth[queue].ready, err));
	return scan_in_flight(tx, workspace, &view->on_bus, &view->running, err);
}

static int look_outside(struct store_tx *tx, struct queue_view *view, struct err *err)
{
	struct scan_on_bus on_bus[PRIORITY_COUNT];

	TRY(scan_on_bus(tx, on_bus, err));
	for (int queue = 0; queue < BUS_QUEUES; queue++) {
		struct job_depth *depth = &view->depth[queue];

		depth->ready += depth->leased + on_bus[queue].waiting;
		depth->leased = on_bus[queue].running;
		if (on_bus[queue].oldest_at &&
		    (!depth->oldest_at || on_bus[queue].oldest_at < depth->oldest_at))
			depth->oldest_at = on_bus[queue].oldest_at;
	}
	return 0;
}

static int look(struct store_tx *tx, void *context, struct err *err)
{
	struct call *call = context;
	struct queue_view *view = &call->view;

	store_keep(tx, call->a);
	*view = (struct queue_view){ 0 };
	if (call->actor->workspace != WORKSPACE_DEFAULT)
		return look_at_own(tx, call, err);
	for (int queue = 0; queue < BUS_QUEUES; queue++) {
		TRY(job_depth(tx, queue, &view->depth[queue], err));
		view->dead += view->depth[queue].dead;
	}
	if (call->is_bus_outside)
		TRY(look_outside(tx, view, err));
	TRY(scan_in_flight(tx, 0, &view->on_bus, &view->running, err));
	TRY(worker_list(tx, &view->workers, &view->worker_count, err));
	return worker_capacity(tx, &view->capacity, err);
}

int app_queue_view(struct app *app, const struct actor *actor, struct arena *a,
		   struct queue_view *ret, struct problem *problem)
{
	struct call call = { .actor = actor, .a = a, .is_bus_outside = app->is_bus_outside };

	TRY(actor_may(actor, SCOPE_QUEUE_READ, problem));
	TRY(store_read(app->store, look, &call, &problem->err));
	*ret = call.view;
	return 0;
}

/* Letters are of all workspaces. */
static int check_operator(const struct actor *actor, struct problem *problem)
{
	if (actor->workspace == WORKSPACE_DEFAULT)
		return 0;
	return err_set(&problem->err, -EACCES,
		       "dead letters are for those who run the installation");
}

static int list_dead(struct store_tx *tx, void *context, struct err *err)
{
	struct call *call = context;

	store_keep(tx, call->a);
	return job_dead_list(tx, call->page, &call->rows, &call->count, &call->next, err);
}

int app_queue_dead(struct app *app, const struct actor *actor, struct arena *a,
		   const struct page *page, struct job_row **ret, size_t *ret_count,
		   struct str *ret_next, struct problem *problem)
{
	struct call call = { .actor = actor, .a = a, .page = page };

	TRY(actor_may(actor, SCOPE_QUEUE_READ, problem));
	TRY(check_operator(actor, problem));
	TRY(page_check(page, problem));
	TRY(page_code(store_read(app->store, list_dead, &call, &problem->err), problem));
	*ret = call.rows;
	*ret_count = call.count;
	*ret_next = call.next;
	return 0;
}

static int change_letter(struct store_tx *tx, void *context, struct err *err)
{
	struct call *call = context;
	int code = call->change(tx, call->no, err);

	if (code == -ENOENT)
		return err_set(err, -ENOENT, "there is no dead letter %" PRId64, call->no);
	TRY(code);
	return record_audit(tx, call->actor, call->action, str_printf(tx->a, "%" PRId64, call->no),
			    STR_NONE, STR_NONE, err);
}

static int change(struct app *app, struct call *call, struct problem *problem)
{
	TRY(actor_may(call->actor, SCOPE_QUEUE_WRITE, problem));
	TRY(check_operator(call->actor, problem));
	return store_write(app->store, change_letter, call, &problem->err);
}

int app_queue_revive(struct app *app, const struct actor *actor, int64_t no,
		     struct problem *problem)
{
	struct call call = {
		.actor = actor, .no = no, .change = job_revive, .action = "queue.revive"
	};

	return change(app, &call, problem);
}

int app_queue_discard(struct app *app, const struct actor *actor, int64_t no,
		      struct problem *problem)
{
	struct call call = {
		.actor = actor, .no = no, .change = job_discard, .action = "queue.discard"
	};

	return change(app, &call, problem);
}
