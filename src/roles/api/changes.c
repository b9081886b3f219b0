/* SPDX-License-Identifier: Apache-2.0 */
/* What changed, of a domain or of all. */
#include "app/history.h"

#include "facts/diff.h"
#include "roles/api/listing.h"
#include "roles/api/wire.h"

struct change_view {
	int64_t at;
	struct str domain, kind, question, field, before, after;
	int severity;
	struct uuid scan;
};

static const struct desc_field change_fields[] = {
	DESC_FIELD(1, DESC_TIME, struct change_view, at),
	DESC_FIELD(2, DESC_STR, struct change_view, domain),
	DESC_FIELD(3, DESC_STR, struct change_view, kind),
	DESC_FIELD(4, DESC_STR, struct change_view, question),
	DESC_FIELD(5, DESC_STR, struct change_view, field),
	DESC_FIELD(6, DESC_STR, struct change_view, before),
	DESC_FIELD(7, DESC_STR, struct change_view, after),
	DESC_FIELD(8, DESC_ENUM, struct change_view, severity, .names = severity_words),
	DESC_FIELD(9, DESC_CUSTOM, struct change_view, scan, .custom = &wire_id_scn),
};
static const struct desc change_desc = DESC_CALLED("change", change_view, change_fields);

struct list_changes {
	struct listing_input page;
	struct str name, domain;
	int64_t from, to;
};

#define CHANGE_TIMES                                                                               \
	FIELD_QUERY(FIELD_DATE_OR_TIME, struct list_changes, from, "seen at or after"),            \
		FIELD_QUERY(FIELD_DATE_OR_TIME, struct list_changes, to, "seen before")

static const struct field all_fields[] = {
	LISTING_FIELDS(struct list_changes),
	FIELD_QUERY(FIELD_NAME, struct list_changes, domain, "of this domain"),
	CHANGE_TIMES,
	FIELD_END,
};
static const struct field domain_fields[] = {
	FIELD_PATH(FIELD_NAME, struct list_changes, name, "the domain", .example = "example.com"),
	LISTING_FIELDS(struct list_changes),
	CHANGE_TIMES,
	FIELD_END,
};

static struct change_view view_of(struct arena *a, const struct change_row *row)
{
	return (struct change_view){
		.at = row->at,
		.domain = row->name,
		.kind = str_of(change_word((enum change_kind)row->kind)),
		.question = row->question,
		.field = row->field,
		.before = row->before,
		.after = row->after,
		.severity = row->severity,
		.scan = row->scan,
	};
}

static int changes_page(struct request *r, struct listing *list)
{
	const struct list_changes *in = r->input.values;
	struct change_choice choice = { .domain = in->name.len ? in->name : in->domain,
					.from = in->from,
					.to = in->to };
	struct page page = listing_page(list);
	struct change_row *rows;

	TRY_APP(r, app_change_list(r->app, &r->actor, list->arena, &choice, &page, &rows,
				   &list->count, &list->next, &r->problem));
	LISTING_SHOW(list, view_of, rows);
	return 0;
}

const struct operation operation_changes_list = {
	.page = changes_page,
	.fields = all_fields,
	.input_size = sizeof(struct list_changes),
	.shape = &change_desc,
	.flags = OPERATION_LIST,
	.codes = { 404 },
	.help = "Newest first. What only moves about (order, times to live, rotation) is no "
		"change; the "
		"first scan of a domain is the silent baseline.",
};

const struct operation operation_domains_changes = {
	.page = changes_page,
	.fields = domain_fields,
	.input_size = sizeof(struct list_changes),
	.shape = &change_desc,
	.flags = OPERATION_LIST,
	.codes = { 404 },
	.help = "Newest first.",
};
