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
static const struct desc audit_desc = DESC_CALLED("audit", audit_view, audit_fields);

static struct audit_view view_of(struct arena *a, const struct audit_row *row)
{
	return (struct audit_view){ .sequence = row->sequence,
				    .at = row->at,
				    .actor = row->actor,
				    .action = row->action,
				    .subject = row->subject,
				    .before = row->before,
				    .after = row->after,
				    .hash = row->hash };
}

static int audit_page(struct request *r, struct listing *list)
{
	struct page page = listing_page(list);
	struct audit_row *rows;

	TRY_APP(r, app_audit_list(r->app, &r->actor, list->arena, &page, &rows, &list->count,
				  &list->next, &r->problem));
	LISTING_SHOW(list, view_of, rows);
	return 0;
}

const struct operation operation_audit_list = {
	.page = audit_page,
	.fields = listing_fields,
	.input_size = sizeof(struct listing_only),
	.shape = &audit_desc,
	.flags = OPERATION_LIST,
	.help = "Each hash covers the row before it: dss audit verify walks the chain.",
};
