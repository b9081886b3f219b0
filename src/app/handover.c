/* SPDX-License-Identifier: Apache-2.0 */
/* What goes to a broker, and what came of it? */
#include "app/handover.h"

#include "bus/message.h"
#include "store/job.h"

enum { REVIVED_STEP = 100 };

struct choosing {
	const struct leader *leader;
	struct relay relay;
	const struct relay *before;
	struct arena *a;
	struct buf out;
	bool has_jobs;
};

static int is_waiting(struct store_tx *tx, bool *ret, struct err *err)
{
	*ret = false;
	for (int priority = 0; priority < PRIORITY_COUNT && !*ret; priority++) {
		int64_t *workspaces;
		size_t count;

		TRY(scan_waiting_workspaces(tx, priority, &workspaces, &count, err));
		*ret = count > 0;
	}
	return 0;
}

static void scan_put(struct choosing *choosing, const struct scan_waiting *scan)
{
	struct handing handing = { .scan = scan->id, .queue = scan->priority };
	struct scan_message message = { .scan = scan->id, .trace = scan->trace };
	struct buf body;

	buf_init(&body, choosing->a);
	scan_message_write(&body, &message);
	handing.body = buf_str(&body);
	buf_put(&choosing->out, &handing, sizeof handing);
}

static int choose(struct store_tx *tx, void *context, struct err *err)
{
	struct choosing *choosing = context;
	struct scan_waiting *scans;
	unsigned room = 0;
	size_t count;
	bool waits;

	choosing->relay = *choosing->before;
	choosing->out.len = 0;
	choosing->has_jobs = false;
	for (int queue = 0; queue < BUS_QUEUES && !choosing->has_jobs; queue++)
		TRY(job_is_ready(tx, queue, &choosing->has_jobs, err));
	TRY(is_waiting(tx, &waits, err));
	if (waits)
		TRY(relay_room(tx, &room, err));
	if (!room)
		return 0;
	TRY(leader_check(tx, choosing->leader, err));
	TRY(relay_choose(tx, &choosing->relay, room, &scans, &count, err));
	for (size_t i = 0; i < count; i++)
		scan_put(choosing, &scans[i]);
	return 0;
}

/* The lease outlasts what the bus takes to answer. */
static int jobs_take(struct store_tx *tx, void *context, struct err *err)
{
	struct choosing *choosing = context;
	int64_t freed, dead;

	TRY(leader_check(tx, choosing->leader, err));
	TRY(job_rescue(tx, UUID_NIL, INT_MAX, &freed, &dead, err));
	for (int queue = 0; queue < BUS_QUEUES; queue++) {
		struct job_row *rows;
		size_t count;

		TRY(job_take(tx, queue, choosing->leader->id, REVIVED_STEP, HANDOVER_LEASE_US,
			     &rows, &count, err));
		for (size_t i = 0; i < count; i++) {
			struct handing handing = { .no = rows[i].no,
						   .token = rows[i].token,
						   .queue = queue,
						   .body = str_copy(choosing->a, rows[i].message) };

			buf_put(&choosing->out, &handing, sizeof handing);
		}
	}
	return 0;
}

int handover_choose(struct store *store, const struct leader *leader, struct relay *relay,
		    struct arena *a, struct handing **ret, size_t *ret_count, struct err *err)
{
	struct choosing choosing = { .leader = leader, .before = relay, .a = a };

	buf_init(&choosing.out, a);
	TRY(store_read(store, choose, &choosing, err));
	if (choosing.has_jobs)
		TRY(store_write(store, jobs_take, &choosing, err));
	*relay = choosing.relay;
	*ret = (struct handing *)choosing.out.data;
	*ret_count = choosing.out.len / sizeof **ret;
	return 0;
}

struct noting {
	const struct leader *leader;
	const struct handing *handings;
	size_t count;
};

static int note_one(struct store_tx *tx, const struct handing *handing, struct err *err)
{
	int code;

	if (!uuid_is_nil(handing->scan))
		return handing->code < 0 ? 0 : scan_published(tx, handing->scan, err);
	code = handing->code < 0 ? job_give_back(tx, handing->no, handing->token, err)
				 : job_ack(tx, handing->no, handing->token, err);
	return code == -ESTALE ? 0 : code; /* its lease ran out: another turn publishes it again */
}

static int note(struct store_tx *tx, void *context, struct err *err)
{
	const struct noting *noting = context;

	TRY(leader_check(tx, noting->leader, err));
	for (size_t i = 0; i < noting->count; i++)
		TRY(note_one(tx, &noting->handings[i], err));
	return 0;
}

int handover_note(struct store *store, const struct leader *leader, const struct handing *handings,
		  size_t count, struct err *err)
{
	struct noting noting = { leader, handings, count };

	return store_write(store, note, &noting, err);
}

struct keeping {
	const struct leader *leader;
	const struct bus_letter *letters;
	size_t count;
};

static int keep(struct store_tx *tx, void *context, struct err *err)
{
	const struct keeping *keeping = context;

	TRY(leader_check(tx, keeping->leader, err));
	for (size_t i = 0; i < keeping->count; i++) {
		const struct bus_letter *letter = &keeping->letters[i];
		struct job_row row = { .queue = (int)letter->queue,
				       .message = letter->body,
				       .attempt = letter->attempt,
				       .reason = letter->reason,
				       .enqueued_at = letter->first_us,
				       .dead_at = tx->now_us };

		TRY(job_insert_dead(tx, &row, err));
	}
	return 0;
}

int handover_keep(struct store *store, const struct leader *leader,
		  const struct bus_letter *letters, size_t count, struct err *err)
{
	struct keeping keeping = { leader, letters, count };

	return store_write(store, keep, &keeping, err);
}

struct again {
	const struct leader *leader;
	int64_t count;
};

static int again(struct store_tx *tx, void *context, struct err *err)
{
	struct again *again = context;

	TRY(leader_check(tx, again->leader, err));
	return scan_unpublish(tx, tx->now_us - HANDOVER_LOST_US, RELAY_STEP, &again->count, err);
}

int handover_again(struct store *store, const struct leader *leader, int64_t *ret_count,
		   struct err *err)
{
	struct again what = { .leader = leader };

	TRY(store_write(store, again, &what, err));
	*ret_count = what.count;
	return 0;
}
