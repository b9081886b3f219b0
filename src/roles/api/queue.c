/* SPDX-License-Identifier: Apache-2.0 */
/* The queue: how much waits, who works, what died. */
#include "app/queue.h"

#include "roles/api/listing.h"
#include "roles/api/server.h"
#include "roles/api/wire.h"
#include "store/workspace.h"

struct depth_view {
	struct str queue;
	int64_t ready, delayed, leased, dead, oldest_at;
	int64_t on_broker; /* -1: there is none, or it has not told */
};

static const struct desc_field depth_fields[] = {
	DESC_FIELD(1, DESC_STR, struct depth_view, queue),
	DESC_FIELD(2, DESC_INT, struct depth_view, ready),
	DESC_FIELD(3, DESC_INT, struct depth_view, delayed),
	DESC_FIELD(4, DESC_INT, struct depth_view, leased),
	DESC_FIELD(5, DESC_INT, struct depth_view, dead),
	DESC_FIELD(6, DESC_TIME, struct depth_view, oldest_at, .flags = DESC_OPTIONAL),
	DESC_FIELD(7, DESC_INT, struct depth_view, on_broker),
};
static const struct desc depth_desc = DESC_CALLED("queue_depth", depth_view, depth_fields);

struct worker_view {
	struct uuid id;
	struct str host;
	int64_t pid, capacity, running, started_at, lease_until;
	bool is_draining;
};

static const struct desc_field worker_fields[] = {
	DESC_FIELD(1, DESC_CUSTOM, struct worker_view, id, .custom = &wire_id_wrk),
	DESC_FIELD(2, DESC_STR, struct worker_view, host),
	DESC_FIELD(3, DESC_INT, struct worker_view, pid),
	DESC_FIELD(4, DESC_INT, struct worker_view, capacity),
	DESC_FIELD(5, DESC_INT, struct worker_view, running),
	DESC_NAMED(6, DESC_BOOL, struct worker_view, is_draining, "draining"),
	DESC_FIELD(7, DESC_TIME, struct worker_view, started_at),
	DESC_FIELD(8, DESC_TIME, struct worker_view, lease_until),
};
static const struct desc worker_desc = DESC_CALLED("worker", worker_view, worker_fields);

struct queue_state {
	struct depth_view *queues;
	size_t queue_count;
	struct worker_view *workers;
	size_t worker_count;
	int64_t dead, on_bus, running, capacity;
	struct str bus, trouble;
};

static const struct desc_field queue_fields[] = {
	DESC_ARRAY(1, DESC_STRUCT, struct queue_state, queues, queue_count, .of = &depth_desc),
	DESC_FIELD(2, DESC_INT, struct queue_state, dead),
	DESC_FIELD(3, DESC_INT, struct queue_state, on_bus),
	DESC_FIELD(4, DESC_INT, struct queue_state, running),
	DESC_FIELD(5, DESC_INT, struct queue_state, capacity),
	DESC_ARRAY(6, DESC_STRUCT, struct queue_state, workers, worker_count, .of = &worker_desc),
	DESC_FIELD(7, DESC_STR, struct queue_state, bus),
	DESC_FIELD(8, DESC_STR, struct queue_state, trouble, .flags = DESC_OPTIONAL),
};
static const struct desc queue_desc = DESC_CALLED("queue", queue_state, queue_fields);

static void workers_put(struct arena *a, const struct queue_view *queue, struct queue_state *state)
{
	state->workers = arena_array(a, queue->worker_count + 1, sizeof *state->workers);
	state->worker_count = queue->worker_count;
	for (size_t i = 0; i < queue->worker_count; i++) {
		const struct worker_row *row = &queue->workers[i];

		state->workers[i] =
			(struct worker_view){ row->id,          row->host,       row->pid,
					      row->capacity,    row->running,    row->started_at,
					      row->lease_until, row->is_draining };
	}
}

static int queue_answer(struct request *r)
{
	struct depth_view depths[BUS_QUEUES];
	int64_t on_broker[BUS_QUEUES + 1];
	bool is_known = r->actor.workspace == WORKSPACE_DEFAULT &&
			broker_watch_depths(r->api->broker, on_broker);
	struct queue_view queue;
	struct queue_state state = { .queues = depths, .queue_count = BUS_QUEUES };

	TRY_APP(r, app_queue_view(r->app, &r->actor, &r->arena, &queue, &r->problem));
	for (int i = 0; i < BUS_QUEUES; i++)
		depths[i] =
			(struct depth_view){ str_of(bus_queue_names[i]),  queue.depth[i].ready,
					     queue.depth[i].delayed,      queue.depth[i].leased,
					     queue.depth[i].dead,         queue.depth[i].oldest_at,
					     is_known ? on_broker[i] : -1 };
	workers_put(&r->arena, &queue, &state);
	state.dead = queue.dead;
	state.bus = r->app->is_bus_outside ? STR_LIT("rabbitmq") : STR_LIT("embedded");
	if (r->actor.workspace == WORKSPACE_DEFAULT)
		state.trouble = broker_watch_text(r->api->broker, &r->arena);
	state.on_bus = queue.on_bus;
	state.running = queue.running;
	state.capacity = queue.capacity;
	return answer_struct(r, &state);
}

const struct operation operation_queue_get = {
	.handle = queue_answer,
	.shape = &queue_desc,
};

struct dead_view {
	struct str id, queue, reason, message;
	int64_t attempt, enqueued_at, dead_at;
};

static const struct desc_field dead_fields[] = {
	DESC_FIELD(1, DESC_STR, struct dead_view, id),
	DESC_FIELD(2, DESC_STR, struct dead_view, queue),
	DESC_FIELD(3, DESC_STR, struct dead_view, reason),
	DESC_FIELD(4, DESC_INT, struct dead_view, attempt),
	DESC_FIELD(5, DESC_TIME, struct dead_view, enqueued_at),
	DESC_FIELD(6, DESC_TIME, struct dead_view, dead_at),
	DESC_FIELD(7, DESC_STR, struct dead_view, message),
};
static const struct desc dead_desc = DESC_CALLED("dead_letter", dead_view, dead_fields);

static struct dead_view view_of(struct arena *a, const struct job_row *row)
{
	return (struct dead_view){
		.id = str_printf(a, "%lld", (long long)row->no),
		.queue = str_of(row->queue >= 0 && row->queue < BUS_QUEUES
					? bus_queue_names[row->queue]
					: NULL),
		.reason = row->reason,
		.message = row->message,
		.attempt = row->attempt,
		.enqueued_at = row->enqueued_at,
		.dead_at = row->dead_at,
	};
}

static int dead_page(struct request *r, struct listing *list)
{
	struct page page = listing_page(list);
	struct job_row *rows;

	TRY_APP(r, app_queue_dead(r->app, &r->actor, list->arena, &page, &rows, &list->count,
				  &list->next, &r->problem));
	LISTING_SHOW(list, view_of, rows);
	return 0;
}

const struct operation operation_queue_dead = {
	.page = dead_page,
	.fields = listing_fields,
	.input_size = sizeof(struct listing_only),
	.shape = &dead_desc,
	.flags = OPERATION_LIST,
	.codes = { 403 },
	.help = "Messages that were given up, the latest first; for the workspace default.",
};

struct name_dead {
	uint64_t id;
};

static const struct field id_fields[] = {
	FIELD_PATH(FIELD_UINT, struct name_dead, id, "its id", .most = INT64_MAX),
	FIELD_END,
};

static int retry_answer(struct request *r)
{
	const struct name_dead *in = r->input.values;

	TRY_APP(r, app_queue_revive(r->app, &r->actor, (int64_t)in->id, &r->problem));
	return answer_empty(r, 202);
}

const struct operation operation_queue_retry = {
	.handle = retry_answer,
	.fields = id_fields,
	.input_size = sizeof(struct name_dead),
	.codes = { 403, 404 },
	.help = "It goes back to its queue with all its attempts.",
};

static int discard_answer(struct request *r)
{
	const struct name_dead *in = r->input.values;

	TRY_APP(r, app_queue_discard(r->app, &r->actor, (int64_t)in->id, &r->problem));
	return answer_empty(r, 204);
}

const struct operation operation_queue_discard = {
	.handle = discard_answer,
	.fields = id_fields,
	.input_size = sizeof(struct name_dead),
	.codes = { 403, 404 },
};
