/* SPDX-License-Identifier: Apache-2.0 */
/* How did a domain's grade go? */
#include "app/history.h"

#include "roles/api/listing.h"
#include "roles/api/scan_view.h"

struct domain_history {
	struct listing_input page;
	struct str name;
};

static const struct field history_fields[] = {
	FIELD_PATH(FIELD_NAME, struct domain_history, name, "the domain", .example = "example.com"),
	LISTING_FIELDS(struct domain_history),
	FIELD_END,
};

static int history_page(struct request *r, struct listing *list)
{
	const struct domain_history *in = r->input.values;
	struct page page = listing_page(list);
	struct scan_row *rows;

	TRY_APP(r, app_score_list(r->app, &r->actor, list->arena, in->name, &page, &rows,
				  &list->count, &list->next, &r->problem));
	LISTING_SHOW(list, scan_view_of, rows);
	return 0;
}

const struct operation operation_domains_history = {
	.page = history_page,
	.fields = history_fields,
	.input_size = sizeof(struct domain_history),
	.shape = &scan_desc,
	.flags = OPERATION_LIST,
	.codes = { 404 },
	.help = "The scans that judged all of it, newest first: score by area, with the version of "
		"the "
		"algorithm. Rechecks are left out.",
};
