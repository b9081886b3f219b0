/* SPDX-License-Identifier: Apache-2.0 */
/* What do tests of notifications begin with? */
#include "tests/contract/notify_desk.h"

struct channel_row channel_add(struct desk *d, const char *name)
{
	struct channel_input input = { .has_name = true,
				       .has_kind = true,
				       .has_url = true,
				       .name = str_of(name),
				       .kind = STR_LIT("webhook"),
				       .url = STR_LIT("https://hook.example/in?token=canary") };
	struct channel_row row = { 0 };
	struct str signing = STR_NONE;

	DESK_CHECK(d,
		   app_channel_add(&d->app, &d->admin, d->a, &input, &row, &signing, desk_fresh(d)),
		   0);
	CHECK(str_starts(signing, STR_LIT("whsec_")));
	CHECK_STR(row.settings.shown, "https://hook.example");
	return row;
}

struct rule_row rule_add(struct desk *d, const char *name, const char *events, const char *channel,
			 int64_t digest_s)
{
	struct str to = str_of(channel);
	struct rule_input input = { .has_name = true,
				    .has_events = true,
				    .has_digest = true,
				    .has_channels = true,
				    .name = str_of(name),
				    .events = str_of(events),
				    .digest_s = digest_s,
				    .channels = &to,
				    .channel_count = 1 };
	struct rule_row row = { 0 };

	DESK_CHECK(d, app_rule_add(&d->app, &d->admin, d->a, &input, &row, desk_fresh(d)), 0);
	return row;
}

/* ---- events ---- */

static int put_event(struct store_tx *tx, void *context, struct err *err)
{
	struct event_row row = *(struct event_row *)context;

	return event_insert(tx, &row, err);
}

void happen(struct desk *d, enum event_type type, int64_t domain, int severity, const char *data)
{
	struct event_row row = { .workspace = WORKSPACE_DEFAULT,
				 .type = (int)type,
				 .domain = domain,
				 .severity = severity,
				 .data = str_of(data) };

	rows_write(&d->rows, put_event, &row, 0);
}

int64_t domain_add(struct desk *d, const char *name, const char *owner, const char *tag)
{
	struct str tags = str_of(tag);
	struct domain_input input = { .name = str_of(name),
				      .has_owner = owner != NULL,
				      .owner = str_of(owner),
				      .has_tags = tag != NULL,
				      .tags = &tags,
				      .tag_count = tag != NULL };
	struct domain_row row = { 0 };

	DESK_CHECK(d, app_domain_add(&d->app, &d->admin, d->a, &input, &row, desk_fresh(d)), 0);
	return row.no;
}

struct routed route_all(struct desk *d, struct route *route)
{
	struct routed step = { 0 }, sum = { 0 };

	do {
		DESK_CHECK(d, route_events(d->app.store, route, &step, &d->problem.err), 0);
		sum.wanted += step.wanted;
		sum.messages += step.messages;
		sum.gathered += step.gathered;
		if (step.broken_rule[0])
			memcpy(sum.broken_rule, step.broken_rule, sizeof sum.broken_rule);
	} while (step.has_more);
	return sum;
}

struct dispatch_take take_some(struct desk *d, unsigned room)
{
	struct dispatch_take take = { .holder = uuid_new(d->rows.now_us), .room = room };

	DESK_CHECK(d, dispatch_take(d->app.store, d->a, &take, &d->problem.err), 0);
	return take;
}

struct dispatch_result settle(struct desk *d, const struct dispatch_item *item, int64_t status,
			      int64_t retry_after_s)
{
	struct dispatch_result result = { .no = item->delivery.no,
					  .token = item->delivery.token,
					  .attempt = item->delivery.attempt,
					  .channel = item->channel.no,
					  .is_delivered = status == 200,
					  .retry_after_s = retry_after_s,
					  .last = { .status = status } };

	DESK_CHECK(d, dispatch_settle(d->app.store, &result, 1, &d->problem.err), 0);
	return result;
}
