/* SPDX-License-Identifier: Apache-2.0 */
/* How does a scan stand in its row? */
#include "store/scan_row.h"

#include "base/desc.h"
#include "store/fact.h"

/* ---- areas: for each one octet of flags and two varints ---- */

struct str scan_areas_encode(struct arena *a, const struct area_points areas[SCAN_AREAS])
{
	struct buf out;

	buf_init(&out, a);
	for (size_t i = 0; i < SCAN_AREAS; i++) {
		buf_put_char(&out, (char)(areas[i].applies | areas[i].is_incomplete << 1));
		buf_put_varint(&out, areas[i].points);
		buf_put_varint(&out, areas[i].max);
	}
	return buf_str(&out);
}

static int areas_decode(struct str bytes, struct area_points areas[SCAN_AREAS])
{
	for (size_t i = 0; i < SCAN_AREAS; i++) {
		uint64_t points, max;

		if (!bytes.len)
			return ERR_CORRUPT;
		areas[i].applies = bytes.data[0] & 1;
		areas[i].is_incomplete = bytes.data[0] >> 1 & 1;
		bytes = str_from(bytes, 1);
		TRY(varint_take(&bytes, &points));
		TRY(varint_take(&bytes, &max));
		areas[i].points = (uint16_t)points;
		areas[i].max = (uint16_t)max;
	}
	return 0;
}

/* ---- rows ---- */

static int read_documents(struct sql *q, struct scan_row *row)
{
	struct str areas;

	if (!sql_is_null(q, 28)) {
		TRY(document_decode(q->tx->a, sql_view(q, 28), &areas, q->err));
		if (areas_decode(areas, row->areas) < 0)
			return err_set(q->err, ERR_CORRUPT, "the areas of a scan are damaged");
	}
	if (!sql_is_null(q, 29))
		TRY(document_decode(q->tx->a, sql_view(q, 29), &row->algorithm, q->err));
	return 0;
}

static int row_read(struct sql *q, struct scan_row *ret)
{
	*ret = (struct scan_row){
		.no = sql_int(q, 0),
		.id = sql_id(q, 1),
		.workspace = sql_int(q, 2),
		.domain = sql_int(q, 3),
		.name = sql_text(q, 4),
		.status = (enum scan_status)sql_int_in(q, 5, 0, SCAN_STATUSES - 1),
		.profile = (int)sql_int(q, 6),
		.priority = sql_int_in(q, 7, 0, PRIORITY_COUNT - 1),
		.flags = (unsigned)sql_int(q, 8),
		.batch = sql_id(q, 9),
		.retry_of = sql_id(q, 10),
		.created_by = sql_id(q, 11),
		.recheck = sql_text(q, 12),
		.trace = sql_text(q, 13),
		.published_at = sql_time(q, 14),
		.cancel_at = sql_time(q, 15),
		.worker = sql_id(q, 16),
		.token = sql_int(q, 17),
		.attempt = (int)sql_int(q, 18),
		.deaths = (int)sql_int(q, 19),
		.started_at = sql_time(q, 20),
		.ended_at = sql_time(q, 21),
		.grade = (int)sql_int(q, 22),
		.score = (int)sql_int_or(q, 23, -1),
		.gaps = sql_int(q, 24),
		.fact_set = sql_int_or(q, 25, 0),
		.verdicts = sql_int_or(q, 26, 0),
		.error = sql_text(q, 27),
		.progress_event = sql_int_or(q, 30, 0),
		.progress = sql_text(q, 31),
	};
	ret->created_at = uuid_time_us(ret->id);
	return read_documents(q, ret);
}

int scan_rows_read(struct sql *q, struct scan_row **ret, size_t *ret_count)
{
	struct buf rows;
	int code;

	buf_init(&rows, q->tx->a);
	for (code = sql_step(q); code > 0; code = sql_step(q)) {
		struct scan_row row;

		TRY(row_read(q, &row));
		buf_put(&rows, &row, sizeof row);
	}
	TRY(code);
	*ret = (struct scan_row *)rows.data;
	*ret_count = rows.len / sizeof **ret;
	return 0;
}

int scan_one_read(struct sql *q, struct scan_row *ret)
{
	struct scan_row row;

	TRY(sql_one(q));
	TRY(row_read(q, &row));
	TRY(sql_end(q));
	*ret = row;
	return 0;
}
