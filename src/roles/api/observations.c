/* SPDX-License-Identifier: Apache-2.0 */
/* What was seen of a domain: the facts of its last scan, or of another. */
#include "app/domain.h"
#include "app/history.h"

#include "roles/api/listing.h"
#include "roles/api/wire.h"

struct list_observations {
	struct listing_input page;
	struct str name, scan, kind;
};

static const struct field list_fields[] = {
	FIELD_PATH(FIELD_NAME, struct list_observations, name, "the domain",
		   .example = "example.com"),
	LISTING_FIELDS(struct list_observations),
	FIELD_QUERY(FIELD_WORD, struct list_observations, scan,
		    "of this scan; not given: the last that judged", .most = 40),
	FIELD_QUERY(FIELD_WORD, struct list_observations, kind, "of this kind", .most = 20,
		    .example = "dns"),
	FIELD_END,
};

struct observation_view {
	struct str question;
	const struct fact *fact;
};

static void fact_put(struct json *w, const void *value)
{
	fact_json(w, *(const struct fact *const *)value);
}

static const struct desc_custom fact_custom = { .json = fact_put, .schema = "object" };

static const struct desc_field observation_fields[] = {
	DESC_FIELD(1, DESC_STR, struct observation_view, question),
	DESC_FIELD(2, DESC_CUSTOM, struct observation_view, fact, .custom = &fact_custom),
};
static const struct desc observation_desc =
	DESC_CALLED("observation", observation_view, observation_fields);

/* The id of the scan that is meant. It belongs to the domain, or is not found. */
static int scan_choose(struct request *r, struct str *ret)
{
	const struct list_observations *in = r->input.values;
	struct domain_row domain;

	TRY_APP(r, app_domain_get(r->app, &r->actor, &r->arena, in->name, &domain, &r->problem));
	*ret = in->scan.len ? in->scan : wire_id(&r->arena, "scn", domain.scan);
	if (!ret->len)
		return answer_problem(r, PROBLEM_TOO_EARLY, "%.*s was not scanned yet",
				      STR(in->name));
	return 0;
}

static struct str text_of(struct arena *a, const struct fact *fact)
{
	struct buf text;

	buf_init(&text, a);
	question_text(&text, &fact->question);
	return buf_str(&text);
}

static int observations_page(struct request *r, struct listing *list)
{
	const struct list_observations *in = r->input.values;
	struct observation_view *views = arena_array(list->arena, list->limit, sizeof *views);
	bool is_after = !list->after.len;
	struct str scan = STR_NONE;
	struct observations seen;

	TRY(scan_choose(r, &scan));
	if (r->status)
		return 0;
	TRY_APP(r, app_observations(r->app, &r->actor, list->arena, scan, &seen, &r->problem));
	if (!str_eq(seen.scan.name, in->name))
		return answer_problem(r, PROBLEM_NOT_FOUND, "no such scan of %.*s", STR(in->name));
	list->items = views;
	for (size_t i = 0; i < seen.count; i++) {
		const struct fact_kind *kind = fact_kind_of(seen.fact[i].question.kind);
		struct str text = text_of(list->arena, &seen.fact[i]);

		if (!is_after) {
			is_after = str_eq(text, list->after);
			continue;
		}
		if (in->kind.len && (!kind || !str_eq(in->kind, str_of(kind->name))))
			continue;
		if (list->count == list->limit) {
			list->next = views[list->count - 1].question;
			return 0;
		}
		views[list->count++] = (struct observation_view){ text, &seen.fact[i] };
	}
	return 0;
}

const struct operation operation_domains_observations = {
	.page = observations_page,
	.fields = list_fields,
	.input_size = sizeof(struct list_observations),
	.shape = &observation_desc,
	.flags = OPERATION_LIST,
	.codes = { 404, 425 },
	.help = "Questions and their answers, what could not be had and why included.",
};
