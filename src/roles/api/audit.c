/* SPDX-License-Identifier: Apache-2.0 */
/* Who did what, newest first. */
#include "app/audit.h"

#include "roles/api/listing.h"
#include "roles/api/wire.h"

struct audit_view {
	int64_t sequence, at;
	struct str actor, action, subject, before, after, hash;
};

static const struct desc_field audit_fields[] = {
	DESC_FIELD(1, DESC_INT, struct audit_view, sequence),
	DESC_FIELD(2, DESC_TIME, struct audit_view, at),
	DESC_FIELD(3, DESC_STR, struct audit_view, actor),
	DESC_FIELD(4, DESC_STR, struct audit_view, action),
	DESC_FIELD(5, DESC_STR, struct audit_view, subject),
	DESC_FIELD(6, DESC_CUSTOM, struct audit_view, before, .custom = &wire_object),
	DESC_FIELD(7, DESC_CUSTOM, struct audit_view, after, .custom = &wire_object),
	DESC_FIELD(8, DESC_BYTES, struct audit_view, hash),
};
static const struct desc audit_desc = { .name = "audit",
					.size = sizeof(struct audit_view),
					.field_count = ARRAY_COUNT(audit_fields),
					.fields = audit_fields };

struct list_audit {
	struct listing_input page;
};

static const struct field list_fields[] = { LISTING_FIELDS(struct list_audit), FIELD_END };

static int audit_page(struct request *r, struct listing *list)
{
	struct page page = { .after = list->after, .limit = list->limit };
	struct audit_view *views;
	struct audit_row *rows;

	TRY_APP(r, app_audit_list(r->app, &r->actor, list->arena, &page, &rows, &list->count,
				  &list->next, &r->problem));
	views = arena_array(list->arena, list->count + 1, sizeof *views);
	for (size_t i = 0; i < list->count; i++)
		views[i] = (struct audit_view){ .sequence = rows[i].sequence,
						.at = rows[i].at,
						.actor = rows[i].actor,
						.action = rows[i].action,
						.subject = rows[i].subject,
						.before = rows[i].before,
						.after = rows[i].after,
						.hash = rows[i].hash };
	list->items = views;
	return 0;
}

const struct operation operation_audit_list = {
	.page = audit_page,
	.fields = list_fields,
	.input_size = sizeof(struct list_audit),
	.shape = &audit_desc,
	.flags = OPERATION_LIST,
	.help = "Each hash covers the row before it: dss audit verify walks the chain.",
};
