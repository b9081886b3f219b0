/* SPDX-License-Identifier: Apache-2.0 */
/* How do jobs of the embedded bus change hands? */
#include "store/job.h"

#include "store/keyset.h"
#include "store/sql.h"

#include <inttypes.h>

static struct job_row job_read(struct sql *q)
{
	return (struct job_row){
		.no = sql_int(q, 0),
		.queue = (int)sql_int(q, 1),
		.message = sql_blob(q, 2),
		.available_at = sql_int(q, 3),
		.enqueued_at = sql_int(q, 4),
		.lease_until = sql_time(q, 5),
		.consumer = sql_id(q, 6),
		.token = sql_int(q, 7),
		.attempt = (int)sql_int(q, 8),
		.reason = sql_text(q, 9),
		.dead_at = sql_time(q, 10),
	};
}

static int jobs_read(struct sql *q, struct buf *rows)
{
	int code;

	buf_init(rows, q->tx->a);
	for (code = sql_step(q); code > 0; code = sql_step(q)) {
		struct job_row row = job_read(q);

		buf_put(rows, &row, sizeof row);
	}
	return code;
}

int job_insert(struct store_tx *tx, int queue, struct str message, int64_t available_at,
	       int64_t *ret_no, struct err *err)
{
	return sql_insert(tx, err, ret_no, SQL_JOB_INSERT, SQL_INT(queue), SQL_BLOB(message),
			  SQL_INT(MAX(available_at, tx->now_us)), SQL_INT(tx->now_us));
}

int job_insert_dead(struct store_tx *tx, const struct job_row *row, struct err *err)
{
	return MIN(sql_run(tx, err, SQL_JOB_INSERT_DEAD, SQL_INT(row->queue),
			   SQL_BLOB(row->message), SQL_INT(row->enqueued_at), SQL_INT(row->attempt),
			   SQL_TEXT(row->reason), SQL_INT(row->dead_at)),
		   0);
}

static int longest_available_first(const void *a, const void *b)
{
	const struct job_row *left = a, *right = b;

	if (left->available_at != right->available_at)
		return left->available_at < right->available_at ? -1 : 1;
	return left->no < right->no ? -1 : left->no > right->no;
}

int job_take(struct store_tx *tx, int queue, struct uuid consumer, unsigned limit, int64_t lease_us,
	     struct job_row **ret, size_t *ret_count, struct err *err)
{
	struct sql q SQL_CLOSED =
		sql_query(tx, err, SQL_JOB_TAKE, SQL_INT(queue), SQL_INT(tx->now_us),
			  SQL_ID(consumer), SQL_INT(tx->now_us + lease_us), SQL_INT(limit));
	struct buf rows;

	TRY(jobs_read(&q, &rows));
	*ret = (struct job_row *)rows.data;
	*ret_count = rows.len / sizeof **ret;
	if (*ret_count)
		qsort(*ret, *ret_count, sizeof **ret, longest_available_first);
	return 0;
}

int job_foresee_take(struct store_tx *tx, int queue, struct uuid consumer, unsigned limit,
		     int64_t lease_us, struct err *err)
{
	return sql_foresee(tx, err, SQL_JOB_TAKE, SQL_INT(queue), SQL_INT(tx->now_us),
			   SQL_ID(consumer), SQL_INT(tx->now_us + lease_us), SQL_INT(limit));
}

int job_is_ready(struct store_tx *tx, int queue, bool *ret, struct err *err)
{
	int64_t is_ready;

	TRY(sql_number(tx, err, &is_ready, SQL_JOB_IS_READY, SQL_INT(queue), SQL_INT(tx->now_us)));
	*ret = is_ready != 0;
	return 0;
}

/* The holder's statements change one row, or its token is not the job's. */
static int held(int changed, int64_t no, struct err *err)
{
	if (changed == 0)
		return err_set(err, -ESTALE, "job %" PRId64 " has gone to another consumer", no);
	return MIN(changed, 0);
}

int job_ack(struct store_tx *tx, int64_t no, int64_t token, struct err *err)
{
	return held(sql_run(tx, err, SQL_JOB_ACK, SQL_INT(no), SQL_INT(token)), no, err);
}

int job_foresee_ack(struct store_tx *tx, int64_t no, int64_t token, struct err *err)
{
	return sql_foresee(tx, err, SQL_JOB_ACK, SQL_INT(no), SQL_INT(token));
}

int job_retry(struct store_tx *tx, int64_t no, int64_t token, int64_t available_at,
	      struct str reason, struct err *err)
{
	return held(sql_run(tx, err, SQL_JOB_RETRY, SQL_INT(no), SQL_INT(token),
			    SQL_INT(MAX(available_at, tx->now_us)), SQL_TEXT_OR_NULL(reason)),
		    no, err);
}

int job_give_back(struct store_tx *tx, int64_t no, int64_t token, struct err *err)
{
	return held(sql_run(tx, err, SQL_JOB_GIVE_BACK, SQL_INT(no), SQL_INT(token),
			    SQL_INT(tx->now_us)),
		    no, err);
}

int job_bury(struct store_tx *tx, int64_t no, int64_t token, struct str reason, struct err *err)
{
	return held(sql_run(tx, err, SQL_JOB_BURY, SQL_INT(no), SQL_INT(token), SQL_INT(tx->now_us),
			    SQL_TEXT(reason)),
		    no, err);
}

int job_renew(struct store_tx *tx, struct uuid consumer, int64_t lease_us, struct err *err)
{
	return MIN(
		sql_run(tx, err, SQL_JOB_RENEW, SQL_ID(consumer), SQL_INT(tx->now_us + lease_us)),
		0);
}

int job_held(struct store_tx *tx, struct uuid consumer, struct job_row **ret, size_t *ret_count,
	     struct err *err)
{
	struct sql q SQL_CLOSED = sql_query(tx, err, SQL_JOB_HELD, SQL_ID(consumer));
	struct buf rows;
	int code;

	buf_init(&rows, tx->a);
	for (code = sql_step(&q); code > 0; code = sql_step(&q)) {
		struct job_row row = { .no = sql_int(&q, 0), .token = sql_int(&q, 1) };

		buf_put(&rows, &row, sizeof row);
	}
	TRY(code);
	*ret = (struct job_row *)rows.data;
	*ret_count = rows.len / sizeof **ret;
	return 0;
}

int job_rescue(struct store_tx *tx, struct uuid consumer, int max_attempts, int64_t *ret_freed,
	       int64_t *ret_dead, struct err *err)
{
	static const struct str stalled = STR_INIT("its consumer let the lease run out"),
				died = STR_INIT("its consumer died");
	int dead, freed;

	if (uuid_is_nil(consumer)) {
		TRY(sql_foresee(tx, err, SQL_JOB_BURY_EXPIRED, SQL_INT(tx->now_us),
				SQL_INT(max_attempts), SQL_TEXT(stalled)));
		TRY(sql_foresee(tx, err, SQL_JOB_FREE_EXPIRED, SQL_INT(tx->now_us),
				SQL_TEXT(stalled)));
		dead = sql_run(tx, err, SQL_JOB_BURY_EXPIRED, SQL_INT(tx->now_us),
			       SQL_INT(max_attempts), SQL_TEXT(stalled));
		TRY(dead);
		freed = sql_run(tx, err, SQL_JOB_FREE_EXPIRED, SQL_INT(tx->now_us),
				SQL_TEXT(stalled));
	} else {
		dead = sql_run(tx, err, SQL_JOB_BURY_OF, SQL_INT(tx->now_us), SQL_INT(max_attempts),
			       SQL_TEXT(died), SQL_ID(consumer));
		TRY(dead);
		freed = sql_run(tx, err, SQL_JOB_FREE_OF, SQL_INT(tx->now_us), SQL_TEXT(died),
				SQL_ID(consumer));
	}
	TRY(freed);
	*ret_dead = dead;
	*ret_freed = freed;
	return 0;
}

static void sooner(int64_t *first, int64_t at)
{
	if (!*first || at < *first)
		*first = at;
}

int job_shift(struct store_tx *tx, int64_t by_us, int64_t *ret_count, struct err *err)
{
	int moved = sql_run(tx, err, SQL_JOB_SHIFT, SQL_INT(by_us), SQL_INT(tx->now_us),
			    SQL_INT(JOB_DELAY_MOST_US));

	TRY(moved);
	*ret_count = moved;
	return 0;
}

int job_next_due(struct store_tx *tx, int queues, int64_t *ret, struct err *err)
{
	int64_t first = 0, at = 0;
	int code;

	for (int queue = 0; queue < queues; queue++) {
		code = sql_number(tx, err, &at, SQL_JOB_NEXT_DELAYED, SQL_INT(queue),
				  SQL_INT(tx->now_us));
		if (code == -ENOENT)
			continue;
		TRY(code);
		sooner(&first, at);
	}
	code = sql_number(tx, err, &at, SQL_JOB_NEXT_LEASE);
	if (code == 0)
		sooner(&first, at);
	else if (code != -ENOENT)
		return code;
	*ret = first;
	return 0;
}

int job_foresee_due(struct store_tx *tx, int queues, struct err *err)
{
	for (int queue = 0; queue < queues; queue++)
		TRY(sql_foresee(tx, err, SQL_JOB_NEXT_DELAYED, SQL_INT(queue),
				SQL_INT(tx->now_us)));
	return sql_foresee(tx, err, SQL_JOB_NEXT_LEASE);
}

int job_depth(struct store_tx *tx, int queue, struct job_depth *ret, struct err *err)
{
	struct sql q SQL_CLOSED =
		sql_query(tx, err, SQL_JOB_DEPTH, SQL_INT(queue), SQL_INT(tx->now_us));

	TRY(sql_one(&q));
	*ret = (struct job_depth){ .ready = sql_int(&q, 0),
				   .delayed = sql_int(&q, 1),
				   .leased = sql_int(&q, 2),
				   .dead = sql_int(&q, 3),
				   .oldest_at = sql_time(&q, 4) };
	return sql_end(&q);
}

int job_dead_list(struct store_tx *tx, const struct page *page, struct job_row **ret,
		  size_t *ret_count, struct str *ret_next, struct err *err)
{
	unsigned limit = page_limit(page->limit);
	int64_t dead_at = INT64_MAX, no = INT64_MAX;
	struct str after = page->after;
	struct buf rows, next;

	if (after.len && (keyset_take_int(&after, &dead_at) < 0 ||
			  keyset_take_int(&after, &no) < 0 || after.len))
		return err_set(err, -EINVAL, "this is no place in the list of dead letters");

	struct sql q SQL_CLOSED = sql_query(tx, err, SQL_JOB_DEAD_LIST, SQL_INT(dead_at),
					    SQL_INT(no), SQL_INT(limit + 1));

	TRY(jobs_read(&q, &rows));
	*ret = (struct job_row *)rows.data;
	*ret_count = MIN(rows.len / sizeof **ret, limit);
	buf_init(&next, tx->a);
	if (rows.len / sizeof **ret > limit) {
		keyset_put_int(&next, (*ret)[limit - 1].dead_at);
		keyset_put_int(&next, (*ret)[limit - 1].no);
	}
	*ret_next = buf_str(&next);
	return 0;
}

int job_revive(struct store_tx *tx, int64_t no, struct err *err)
{
	return sql_change(tx, err, SQL_JOB_REVIVE, SQL_INT(no), SQL_INT(tx->now_us));
}

int job_discard(struct store_tx *tx, int64_t no, struct err *err)
{
	return sql_change(tx, err, SQL_JOB_DISCARD, SQL_INT(no));
}

int job_expire(struct store_tx *tx, int64_t before, unsigned limit, int64_t *ret_gone,
	       struct err *err)
{
	int gone = sql_run(tx, err, SQL_JOB_EXPIRE, SQL_INT(before), SQL_INT(limit));

	TRY(gone);
	*ret_gone = gone;
	return 0;
}
