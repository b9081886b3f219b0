/* SPDX-License-Identifier: Apache-2.0 */
/* What does an answer show of a scan? */
#include "roles/api/scan_view.h"

#include "model/check.h"
#include "model/grade.h"
#include "model/profile.h"
#include "roles/api/wire.h"

static const struct desc_field area_fields[] = {
	DESC_FIELD(1, DESC_STR, struct scan_area_view, area),
	DESC_FIELD(2, DESC_CUSTOM, struct scan_area_view, points, .custom = &wire_number),
	DESC_FIELD(3, DESC_CUSTOM, struct scan_area_view, points_max, .custom = &wire_number),
	DESC_NAMED(4, DESC_BOOL, struct scan_area_view, is_incomplete, "incomplete"),
};
static const struct desc area_desc = DESC_CALLED("scan_area", scan_area_view, area_fields);

static const struct desc_field scan_fields[] = {
	DESC_FIELD(1, DESC_CUSTOM, struct scan_view, id, .custom = &wire_id_scn),
	DESC_FIELD(2, DESC_STR, struct scan_view, domain),
	DESC_NAMED(3, DESC_ENUM, struct scan_view, status, "state", .names = scan_status_words),
	DESC_FIELD(4, DESC_STR, struct scan_view, profile),
	DESC_FIELD(5, DESC_ENUM, struct scan_view, priority, .names = scan_priority_words),
	DESC_NAMED(6, DESC_BOOL, struct scan_view, is_active, "active"),
	DESC_NAMED(7, DESC_BOOL, struct scan_view, is_fresh, "fresh"),
	DESC_NAMED(8, DESC_BOOL, struct scan_view, is_cancelled, "cancel_asked",
		   .flags = DESC_OPTIONAL),
	DESC_FIELD(9, DESC_STR, struct scan_view, recheck),
	DESC_FIELD(10, DESC_CUSTOM, struct scan_view, batch, .custom = &wire_id_bat),
	DESC_FIELD(11, DESC_CUSTOM, struct scan_view, retry_of, .custom = &wire_id_scn),
	DESC_FIELD(12, DESC_TIME, struct scan_view, created_at),
	DESC_FIELD(13, DESC_TIME, struct scan_view, started_at, .flags = DESC_OPTIONAL),
	DESC_FIELD(14, DESC_TIME, struct scan_view, ended_at, .flags = DESC_OPTIONAL),
	DESC_FIELD(15, DESC_STR, struct scan_view, grade),
	DESC_FIELD(16, DESC_CUSTOM, struct scan_view, score, .custom = &wire_count),
	DESC_ARRAY(17, DESC_STRUCT, struct scan_view, areas, area_count, .of = &area_desc,
		   .flags = DESC_OPTIONAL),
	DESC_FIELD(18, DESC_CUSTOM, struct scan_view, gaps, .custom = &wire_count),
	DESC_FIELD(19, DESC_STR, struct scan_view, algorithm),
	DESC_FIELD(20, DESC_UINT, struct scan_view, attempt),
	DESC_FIELD(21, DESC_STR, struct scan_view, error),
	DESC_FIELD(22, DESC_CUSTOM, struct scan_view, progress, .custom = &wire_object),
};
const struct desc scan_desc = DESC_CALLED("scan", scan_view, scan_fields);

static void areas_put(struct arena *a, const struct scan_row *row, struct scan_view *view)
{
	view->areas = arena_array(a, SCAN_AREAS, sizeof *view->areas);
	for (int i = 0; i < SCAN_AREAS; i++) {
		const struct area_points *area = &row->areas[i];

		if (area->applies)
			view->areas[view->area_count++] = (struct scan_area_view){
				.area = str_of(area_word((enum area)i)),
				.is_incomplete = area->is_incomplete,
				.points = wire_hundredths(a, area->points),
				.points_max = wire_hundredths(a, area->max),
			};
	}
}

struct scan_view scan_view_of(struct arena *a, const struct scan_row *row)
{
	bool has_judged = row->status == SCAN_IS_DONE || row->status == SCAN_IS_INCOMPLETE;
	struct scan_view view = {
		.id = row->id,
		.batch = row->batch,
		.retry_of = row->retry_of,
		.domain = row->name,
		.status = row->status,
		.profile = profile_word(row->profile),
		.recheck = row->recheck,
		.grade = row->grade ? str_of(grade_word((enum grade)row->grade)) : STR_NONE,
		.algorithm = row->algorithm,
		.error = row->error,
		.progress = row->progress,
		.priority = row->priority,
		.is_active = row->flags & SCAN_IS_ACTIVE_FLAG,
		.is_fresh = row->flags & SCAN_IS_FRESH_FLAG,
		.is_cancelled = row->cancel_at != 0,
		.score = has_judged ? row->score : -1,
		.gaps = has_judged ? row->gaps : -1,
		.attempt = (uint64_t)row->attempt,
		.created_at = row->created_at,
		.started_at = row->started_at,
		.ended_at = row->ended_at,
	};

	if (has_judged)
		areas_put(a, row, &view);
	return view;
}
