/* SPDX-License-Identifier: Apache-2.0 */
/* What expires soon, or has expired? */
#include "app/remind.h"

#include "base/clock.h"
#include "base/json.h"
#include "store/event.h"
#include "store/history.h"

static const int64_t day_us = INT64_C(86400000000);

static const struct {
	const char *noun;
	enum event_type expiring, expired;
} sorts[EXPIRY_KINDS] = {
	[EXPIRY_CERTIFICATE] = { "the certificate", EVENT_CERTIFICATE_EXPIRING,
				 EVENT_CERTIFICATE_EXPIRED },
	[EXPIRY_REGISTRATION] = { "the registration", EVENT_REGISTRATION_EXPIRING,
				  EVENT_REGISTRATION_EXPIRED },
	[EXPIRY_RRSIG] = { "the signature", EVENT_SIGNATURE_EXPIRING, EVENT_SIGNATURE_EXPIRING },
};

struct call {
	const struct leader *leader;
	unsigned limit;
	size_t count, told;
};

static struct str data_of(struct store_tx *tx, const struct expiry_row *row)
{
	char ends[TIME_TEXT_BYTES];
	int64_t days = (row->at - tx->now_us) / day_us;
	bool is_over = row->at <= tx->now_us;
	struct buf out, text;
	struct json w;

	clock_text(row->at, ends);
	buf_init(&text, tx->a);
	buf_printf(&text, "%s%s%.*s %s on %.10s", sorts[row->kind].noun,
		   row->subject.len ? " of " : "", STR(row->subject), is_over ? "ended" : "ends",
		   ends);
	if (!is_over)
		buf_printf(&text, ", in %lld day%s", (long long)days, days == 1 ? "" : "s");
	buf_init(&out, tx->a);
	json_init(&w, &out);
	json_object(&w);
	json_key(&w, "subject");
	json_str(&w, row->subject);
	json_key(&w, "expires_at");
	json_text(&w, ends);
	json_key(&w, "text");
	json_str(&w, buf_str(&text));
	json_end(&w);
	return buf_str(&out);
}

static int tell(struct store_tx *tx, const struct expiry_row *row, struct err *err)
{
	bool is_over = row->at <= tx->now_us, is_soon = row->at - tx->now_us <= 8 * day_us;
	struct event_row event = { .workspace = row->workspace,
				   .type = (int)(is_over ? sorts[row->kind].expired
							 : sorts[row->kind].expiring),
				   .domain = row->domain,
				   .severity = is_over   ? SEVERITY_CRITICAL
					       : is_soon ? SEVERITY_HIGH
							 : SEVERITY_MEDIUM,
				   .data = data_of(tx, row) };

	return event_insert(tx, &event, err);
}

static int remind_step(struct store_tx *tx, void *context, struct err *err)
{
	struct call *call = context;
	struct expiry_due *due;

	call->told = 0;
	TRY(leader_check(tx, call->leader, err));
	TRY(expiry_due(tx, call->limit, &due, &call->count, err));
	for (size_t i = 0; i < call->count; i++) {
		const struct expiry_row *row = &due[i].row;
		bool is_told = due[i].is_planned && !due[i].is_deleted && sorts[row->kind].noun;

		if (is_told)
			TRY(tell(tx, row, err));
		call->told += is_told;
		TRY(expiry_remind(tx, row, expiry_reminder(row->kind, row->at, 0, tx->now_us),
				  err));
	}
	return 0;
}

static int look(struct store_tx *tx, void *context, struct err *err)
{
	struct expiry_due *due;
	size_t *count = context;

	return expiry_due(tx, 1, &due, count, err);
}

int remind_expiring(struct store *store, const struct leader *leader, unsigned limit,
		    size_t *ret_count, size_t *ret_told, struct err *err)
{
	struct call call = { .leader = leader, .limit = limit };
	size_t waiting;

	TRY(store_read(store, look, &waiting, err));
	if (waiting)
		TRY(store_write(store, remind_step, &call, err));
	*ret_count = call.count;
	*ret_told = call.told;
	return 0;
}
