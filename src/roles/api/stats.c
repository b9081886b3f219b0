/* SPDX-License-Identifier: Apache-2.0 */
/* Counts of the portfolio, and the tags that are in use. */
#include "app/domain.h"

#include "model/grade.h"
#include "roles/api/domain_view.h"
#include "roles/api/server.h"

struct grades_view {
	uint64_t a_plus, a, b, c, d, e, f, none;
};

static const struct desc_field grades_fields[] = {
	DESC_NAMED(1, DESC_UINT, struct grades_view, a_plus, "A+"),
	DESC_NAMED(2, DESC_UINT, struct grades_view, a, "A"),
	DESC_NAMED(3, DESC_UINT, struct grades_view, b, "B"),
	DESC_NAMED(4, DESC_UINT, struct grades_view, c, "C"),
	DESC_NAMED(5, DESC_UINT, struct grades_view, d, "D"),
	DESC_NAMED(6, DESC_UINT, struct grades_view, e, "E"),
	DESC_NAMED(7, DESC_UINT, struct grades_view, f, "F"),
	DESC_FIELD(8, DESC_UINT, struct grades_view, none),
};
static const struct desc grades_desc = DESC_CALLED("grades", grades_view, grades_fields);

struct stats_view {
	uint64_t domains, scanned, expiring_30d;
	struct grades_view grades;
	struct open_view open;
};

static const struct desc_field stats_fields[] = {
	DESC_FIELD(1, DESC_UINT, struct stats_view, domains),
	DESC_FIELD(2, DESC_UINT, struct stats_view, scanned),
	DESC_FIELD(3, DESC_UINT, struct stats_view, expiring_30d),
	DESC_FIELD(4, DESC_STRUCT, struct stats_view, grades, .of = &grades_desc),
	DESC_FIELD(5, DESC_STRUCT, struct stats_view, open, .of = &open_desc),
};
static const struct desc stats_desc = DESC_CALLED("stats", stats_view, stats_fields);

static int stats_make(struct request *r)
{
	struct portfolio_stats stats;
	const int64_t *by = stats.by_grade;
	struct stats_view view;

	TRY_APP(r, app_domain_stats(r->app, &r->actor, &stats, &r->problem));
	view = (struct stats_view){
		.domains = (uint64_t)stats.domains,
		.scanned = (uint64_t)stats.scanned,
		.expiring_30d = (uint64_t)stats.expiring_30d,
		.grades = { (uint64_t)by[GRADE_A_PLUS], (uint64_t)by[GRADE_A],
			    (uint64_t)by[GRADE_B], (uint64_t)by[GRADE_C], (uint64_t)by[GRADE_D],
			    (uint64_t)by[GRADE_E], (uint64_t)by[GRADE_F],
			    (uint64_t)by[GRADE_NONE] },
		.open = open_view_of(stats.open),
	};
	return answer_struct(r, &view);
}

static int stats_answer(struct request *r)
{
	return kept_answer(r, 0, stats_make);
}

const struct operation operation_stats_get = {
	.handle = stats_answer,
	.shape = &stats_desc,
};

struct tag_view {
	struct str tag;
	int64_t domains;
};

static const struct desc_field tag_fields[] = {
	DESC_FIELD(1, DESC_STR, struct tag_view, tag),
	DESC_FIELD(2, DESC_INT, struct tag_view, domains),
};
static const struct desc tag_desc = DESC_CALLED("tag", tag_view, tag_fields);

struct tags_view {
	struct tag_view *tags;
	size_t tag_count;
};

static const struct desc_field tags_fields[] = {
	DESC_ARRAY(1, DESC_STRUCT, struct tags_view, tags, tag_count, .of = &tag_desc),
};
static const struct desc tags_desc = DESC_CALLED("tags", tags_view, tags_fields);

static int tags_answer(struct request *r)
{
	struct tags_view view = { 0 };
	struct tag_count *counts;

	TRY_APP(r, app_domain_tags(r->app, &r->actor, &r->arena, &counts, &view.tag_count,
				   &r->problem));
	view.tags = arena_array(&r->arena, view.tag_count + 1, sizeof *view.tags);
	for (size_t i = 0; i < view.tag_count; i++)
		view.tags[i] = (struct tag_view){ counts[i].tag, counts[i].domains };
	return answer_struct(r, &view);
}

static int tags_kept(struct request *r)
{
	return kept_answer(r, 0, tags_answer);
}

const struct operation operation_tags_list = {
	.handle = tags_kept,
	.shape = &tags_desc,
	.help = "The 1,000 that most domains have, most first.",
};
