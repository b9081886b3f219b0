/* SPDX-License-Identifier: Apache-2.0 */
/* What has happened, in order? */
#include "store/event.h"

#include "store/event_row.h"

static const struct {
	int number;
	const char *word;
} types[] = {
#define EVENT_TYPE(name, number, word) { number, word },
	EVENTS(EVENT_TYPE)
#undef EVENT_TYPE
};

const char *event_word(int type)
{
	for (size_t i = 0; i < ARRAY_COUNT(types); i++)
		if (types[i].number == type)
			return types[i].word;
	return NULL;
}

int event_insert(struct store_tx *tx, struct event_row *row, struct err *err)
{
	TRY(sql_insert(tx, err, &row->sequence, SQL_EVENT_INSERT, SQL_INT(row->workspace),
		       SQL_INT(row->type), SQL_INT(tx->now_us), SQL_INT_OR_NULL(row->domain, 0),
		       SQL_ID_OR_NULL(row->scan), SQL_ID_OR_NULL(row->object),
		       SQL_INT_OR_NULL(row->severity, -1), SQL_TEXT_OR_NULL(row->data),
		       SQL_TEXT_OR_NULL(row->trace)));
	row->at = tx->now_us;
	row->id = event_id(row->sequence, row->at);
	return 0;
}

static void event_columns(struct sql *q, struct event_row *ret)
{
	*ret = (struct event_row){
		.sequence = sql_int(q, 0),
		.workspace = sql_int(q, 1),
		.type = (int)sql_int(q, 2),
		.at = sql_int(q, 3),
		.domain = sql_int_or(q, 4, 0),
		.name = sql_text(q, 5),
		.scan = sql_id(q, 6),
		.object = sql_id(q, 7),
		.severity = (int)sql_int_or(q, 8, -1),
		.data = sql_text(q, 9),
		.trace = sql_text(q, 10),
	};
	ret->id = event_id(ret->sequence, ret->at);
}

int event_rows(struct sql *q, struct event_row **ret, size_t *ret_count)
{
	struct buf rows;
	int code;

	buf_init(&rows, q->tx->a);
	for (code = sql_step(q); code > 0; code = sql_step(q)) {
		struct event_row row;

		event_columns(q, &row);
		buf_put(&rows, &row, sizeof row);
	}
	TRY(code);
	*ret = (struct event_row *)rows.data;
	*ret_count = rows.len / sizeof **ret;
	return 0;
}

int event_after(struct store_tx *tx, int64_t workspace, int64_t sequence, unsigned limit,
		struct event_row **ret, size_t *ret_count, struct err *err)
{
	struct event_row *rows = arena_array(tx->a, limit + (size_t)1, sizeof *rows);
	size_t count = 0;
	struct sql q SQL_CLOSED =
		workspace ? sql_query(tx, err, SQL_EVENT_AFTER_OF, SQL_INT(sequence),
				      SQL_INT(limit), SQL_INT(workspace))
			  : sql_query(tx, err, SQL_EVENT_AFTER, SQL_INT(sequence), SQL_INT(limit));
	int code;

	for (code = sql_step(&q); code > 0 && count < limit; code = sql_step(&q))
		event_columns(&q, &rows[count++]);
	TRY(code);
	*ret = rows;
	*ret_count = count;
	return 0;
}

int event_bounds(struct store_tx *tx, int64_t *ret_first, int64_t *ret_last, struct err *err)
{
	int64_t oldest, newest;

	TRY(sql_number(tx, err, &oldest, SQL_EVENT_FIRST));
	TRY(sql_number(tx, err, &newest, SQL_EVENT_LAST));
	*ret_first = oldest;
	*ret_last = newest;
	return 0;
}

int event_expire(struct store_tx *tx, int64_t before, unsigned limit, int64_t *ret_gone,
		 struct err *err)
{
	int gone = sql_run(tx, err, SQL_EVENT_EXPIRE, SQL_INT(before), SQL_INT(limit));

	TRY(gone);
	*ret_gone = gone;
	return 0;
}

struct uuid event_id(int64_t sequence, int64_t at_us)
{
	uint64_t ms = (uint64_t)at_us / 1000;
	uint64_t fraction = (uint64_t)at_us % 1000 * 4096 / 1000;
	uint64_t number = (uint64_t)sequence;
	struct uuid id;

	for (unsigned i = 0; i < 6; i++)
		id.octets[i] = (uint8_t)(ms >> (40 - 8 * i));
	id.octets[6] = (uint8_t)(0x70 | fraction >> 8);
	id.octets[7] = (uint8_t)fraction;
	for (unsigned i = 0; i < 8; i++)
		id.octets[8 + i] = (uint8_t)(number >> (56 - 8 * i));
	id.octets[8] = (uint8_t)(0x80 | (id.octets[8] & 0x3f));
	return id;
}

int event_drop(struct store_tx *tx, int64_t sequence, struct err *err)
{
	return MIN(sql_run(tx, err, SQL_EVENT_DROP, SQL_INT(sequence)), 0);
}

/* The first that is kept from a sequence on. */
static int place_at(struct store_tx *tx, int64_t from, int64_t *ret_sequence, int64_t *ret_at,
		    struct err *err)
{
	struct sql q SQL_CLOSED = sql_query(tx, err, SQL_EVENT_FROM, SQL_INT(from));
	int64_t sequence, at;

	TRY(sql_one(&q));
	sequence = sql_int(&q, 0);
	at = sql_int(&q, 1);
	TRY(sql_end(&q));
	*ret_sequence = sequence;
	*ret_at = at;
	return 0;
}

int event_since(struct store_tx *tx, int64_t at_us, int64_t *ret, struct err *err)
{
	int64_t low, high, newest;

	TRY(event_bounds(tx, &low, &newest, err));
	high = newest + 1;
	while (low < high) { /* times rise with the sequence */
		int64_t middle = low + (high - low) / 2, sequence, at;
		int code = place_at(tx, middle, &sequence, &at, err);

		if (code == -ENOENT || (code == 0 && at >= at_us))
			high = middle;
		else if (code < 0)
			return code;
		else
			low = sequence + 1;
	}
	*ret = low;
	return 0;
}
