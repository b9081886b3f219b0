/* SPDX-License-Identifier: Apache-2.0 */
/** A scan as answers show it. */
#ifndef DSS_ROLES_API_SCAN_VIEW_H
#define DSS_ROLES_API_SCAN_VIEW_H

#include "base/desc.h"
#include "store/scan.h"

struct scan_area_view {
	struct str area;
	bool is_incomplete;
	struct str points, points_max; /**< JSON numbers with hundredths */
};

struct scan_view {
	struct uuid id, batch, retry_of;
	struct str domain;
	int status;
	struct str profile, recheck, grade, algorithm, error;
	struct str progress; /**< JSON object; while it runs */
	int priority;
	bool is_active, is_fresh, is_cancelled;
	int64_t score, gaps; /**< -1: none */
	struct scan_area_view *areas;
	size_t area_count;
	uint64_t attempt;
	int64_t created_at, started_at, ended_at;
};

extern const struct desc scan_desc;

struct scan_view scan_view_of(struct arena *a, const struct scan_row *row);

#endif
