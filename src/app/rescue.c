/* SPDX-License-Identifier: Apache-2.0 */
/* Who gives back what the dead held? */
#include "app/rescue.h"

#include "app/scan_finish.h"
#include "base/json.h"
#include "bus/bus.h"
#include "bus/message.h"
#include "store/event.h"
#include "store/job.h"
#include "store/workspace.h"

enum { LETTERS = 100 };

static int guard(struct store_tx *tx, const struct leader *leader, struct err *err)
{
	return leader ? leader_check(tx, leader, err) : 0;
}

struct giving_back {
	const struct leader *leader;
	const struct worker_row *seen;
	struct uuid worker;
	bool is_to_publish;
	struct rescued rescued;
};

static int tell_lost(struct store_tx *tx, const struct giving_back *giving, struct err *err)
{
	struct event_row event = { .workspace = WORKSPACE_DEFAULT,
				   .type = EVENT_WORKER_LOST,
				   .object = giving->worker,
				   .severity = -1 };
	char id[ID_TEXT_BYTES];
	struct json w;
	struct buf data;

	buf_init(&data, tx->a);
	json_init(&w, &data);
	json_object(&w);
	json_key(&w, "worker");
	json_text(&w, id_format(id, "wrk", giving->worker));
	json_key(&w, "scans");
	json_uint(&w, giving->rescued.scans);
	json_end(&w);
	event.data = buf_str(&data);
	return event_insert(tx, &event, err);
}

/* Its row is as it was when it was taken for dead, or ended by who saw its lock released. */
static int find_dead(struct store_tx *tx, const struct worker_row *seen, struct err *err)
{
	struct worker_row *rows;
	size_t count;

	TRY(worker_list(tx, &rows, &count, err));
	for (size_t i = 0; i < count; i++)
		if (uuid_eq(rows[i].id, seen->id) &&
		    (!rows[i].lease_until || rows[i].lease_until == seen->lease_until))
			return 0;
	return err_set(err, -ENOENT, "the worker is gone, or lives");
}

static int give_back(struct store_tx *tx, void *context, struct err *err)
{
	struct giving_back *giving = context;
	struct scan_row *scans;

	TRY(guard(tx, giving->leader, err));
	TRY(find_dead(tx, giving->seen, err));
	TRY(job_rescue(tx, giving->worker, BUS_ATTEMPTS, &giving->rescued.messages,
		       &giving->rescued.dead, err));
	TRY(scan_running(tx, giving->worker, &scans, &giving->rescued.scans, err));
	for (size_t i = 0; i < giving->rescued.scans; i++)
		TRY(scan_release(tx, scans[i].id, scans[i].token, giving->is_to_publish, err));
	TRY(worker_remove(tx, giving->worker, err));
	return tell_lost(tx, giving, err);
}

int rescue_worker(struct store *store, const struct leader *leader, const struct worker_row *worker,
		  bool is_to_publish, struct rescued *ret, struct err *err)
{
	struct giving_back giving = { .leader = leader,
				      .seen = worker,
				      .worker = worker->id,
				      .is_to_publish = is_to_publish };

	TRY(store_write(store, give_back, &giving, err));
	*ret = giving.rescued;
	return 0;
}

/* A dead letter whose scan waits for it. */
struct letter {
	struct uuid scan;
	struct str reason;
};

struct mail {
	const struct leader *leader;
	struct arena *a;
	struct letter *letters;
	size_t count;
	int64_t from_us;
	int64_t newest_us;
	bool runs_still; /* one that a worker has in its hands: it will end it, or die */
};

static int letter_look(struct store_tx *tx, struct mail *mail, const struct job_row *job,
		       struct buf *out, struct err *err)
{
	struct scan_message message;
	struct letter letter;
	struct scan_row scan;
	struct err ignored;
	int code;

	if (scan_message_read(tx->a, job->message, &message, &ignored) < 0)
		return 0;
	code = scan_get(tx, message.scan, &scan, err);
	if (code == -ENOENT)
		return 0;
	TRY(code);
	mail->runs_still |= scan.status == SCAN_IS_RUNNING;
	letter = (struct letter){ message.scan, job->reason };
	if (scan.status == SCAN_IS_QUEUED)
		buf_put(out, &letter, sizeof letter);
	return 0;
}

static int letters_read(struct store_tx *tx, void *context, struct err *err)
{
	struct mail *mail = context;
	struct page page = { .limit = LETTERS };
	struct buf out;

	store_keep(tx, mail->a);
	buf_init(&out, mail->a);
	mail->newest_us = mail->from_us;
	do {
		struct job_row *jobs;
		size_t count;

		TRY(job_dead_list(tx, &page, &jobs, &count, &page.after, err));
		for (size_t i = 0; i < count; i++) {
			if (jobs[i].dead_at < mail->from_us)
				page.after = STR_NONE;
			else
				TRY(letter_look(tx, mail, &jobs[i], &out, err));
			mail->newest_us = MAX(mail->newest_us, jobs[i].dead_at);
		}
	} while (page.after.len);
	mail->letters = (struct letter *)out.data;
	mail->count = out.len / sizeof *mail->letters;
	return 0;
}

static int scans_fail(struct store_tx *tx, void *context, struct err *err)
{
	const struct mail *mail = context;

	TRY(guard(tx, mail->leader, err));
	for (size_t i = 0; i < mail->count; i++) {
		struct scan_row scan;

		TRY(scan_get(tx, mail->letters[i].scan, &scan, err));
		if (scan.status != SCAN_IS_QUEUED)
			continue;
		TRY(scan_give_up(tx, &scan, SCAN_IS_FAILED,
				 str_printf(tx->a, "given up by the queue: %.*s",
					    STR(mail->letters[i].reason)),
				 err));
		TRY(event_insert(tx,
				 &(struct event_row){ .workspace = scan.workspace,
						      .type = EVENT_DEAD_LETTERED,
						      .domain = scan.domain,
						      .scan = scan.id,
						      .severity = -1 },
				 err));
	}
	return 0;
}

int rescue_letters(struct store *store, const struct leader *leader, int64_t *seen_us,
		   size_t *ret_failed, struct err *err)
{
	struct arena a = { 0 };
	struct mail mail = { .leader = leader, .a = &a, .from_us = *seen_us };
	int code = store_read(store, letters_read, &mail, err);

	if (code == 0 && mail.count)
		code = store_write(store, scans_fail, &mail, err);
	if (code == 0) {
		*ret_failed = mail.count;
		if (!mail.runs_still)
			*seen_us = mail.newest_us;
	}
	arena_release(&a);
	return code;
}

struct shift {
	const struct leader *leader;
	int64_t back_us, moved;
};

static int shift(struct store_tx *tx, void *context, struct err *err)
{
	struct shift *shift = context;

	TRY(guard(tx, shift->leader, err));
	return job_shift(tx, shift->back_us, &shift->moved, err);
}

int rescue_clock(struct store *store, const struct leader *leader, int64_t back_us,
		 int64_t *ret_moved, struct err *err)
{
	struct shift what = { .leader = leader, .back_us = back_us };

	TRY(store_write(store, shift, &what, err));
	*ret_moved = what.moved;
	return 0;
}
