/* SPDX-License-Identifier: Apache-2.0 */
/* How does somebody reach for channels, rules and deliveries? */
#include "tests/contract/app_matrix.h"

#include "app/channel.h"
#include "app/delivery.h"
#include "app/rule.h"

static const struct page page = { .limit = 100 };

#define WITH &d->app, actor
#define LISTED(type)                                                                               \
	type *rows = NULL;                                                                         \
	struct str next;                                                                           \
	size_t count = 0
#define SHOWN(call)                                                                                \
	do {                                                                                       \
		int code_ = (call);                                                                \
		return code_ < 0 ? code_ : count > 0;                                              \
	} while (0)

CALL(app_channel_add)
{
	struct channel_input input = {
		.has_name = true, .has_kind = true, .name = STR_LIT("own"), .kind = STR_LIT("amqp")
	};
	struct channel_row row;
	struct str signing;

	return app_channel_add(WITH, d->a, &input, &row, &signing, desk_fresh(d));
}

CALL(app_channel_get)
{
	struct channel_row row;

	return app_channel_get(WITH, d->a, STR_LIT("own"), &row, desk_fresh(d));
}

CALL(app_channel_list)
{
	LISTED(struct channel_row);

	SHOWN(app_channel_list(WITH, d->a, &page, &rows, &count, &next, desk_fresh(d)));
}

CALL(app_channel_update)
{
	struct channel_input input = { .has_enabled = true, .is_enabled = true };
	struct channel_row row;
	struct str signing;

	return app_channel_update(WITH, d->a, STR_LIT("own"), 0, &input, &row, &signing,
				  desk_fresh(d));
}

CALL(app_channel_test)
{
	struct delivery_row row;

	return app_channel_test(WITH, d->a, STR_LIT("own"), &row, desk_fresh(d));
}

CALL(app_channel_delete)
{
	return app_channel_delete(WITH, STR_LIT("own"), 0, desk_fresh(d));
}

CALL(app_rule_add)
{
	struct str to = STR_LIT("own");
	struct rule_input input = { .has_name = true,
				    .has_channels = true,
				    .name = STR_LIT("own"),
				    .channels = &to,
				    .channel_count = 1 };
	struct rule_row row;

	return app_rule_add(WITH, d->a, &input, &row, desk_fresh(d));
}

CALL(app_rule_get)
{
	struct rule_row row;

	return app_rule_get(WITH, d->a, STR_LIT("own"), &row, desk_fresh(d));
}

CALL(app_rule_list)
{
	LISTED(struct rule_row);

	SHOWN(app_rule_list(WITH, d->a, &page, &rows, &count, &next, desk_fresh(d)));
}

CALL(app_rule_update)
{
	struct rule_input input = { .has_enabled = true, .is_enabled = true };
	struct rule_row row;

	return app_rule_update(WITH, d->a, STR_LIT("own"), 0, &input, &row, desk_fresh(d));
}

CALL(app_rule_preview)
{
	struct preview preview;

	return app_rule_preview(WITH, d->a, STR_LIT("own"), NULL, 7, &preview, desk_fresh(d));
}

CALL(app_rule_delete)
{
	return app_rule_delete(WITH, STR_LIT("own"), 0, desk_fresh(d));
}

CALL(app_delivery_list)
{
	struct delivery_choice choice = { .channel = STR_NONE };
	LISTED(struct delivery_row);

	SHOWN(app_delivery_list(WITH, d->a, &choice, &page, &rows, &count, &next, desk_fresh(d)));
}

CALL(app_delivery_get)
{
	struct delivery_row row;
	struct event_row *events;
	size_t count;

	return app_delivery_get(WITH, d->a, own.delivery, &row, &events, &count, desk_fresh(d));
}

CALL(app_delivery_again)
{
	struct delivery_row row;

	return app_delivery_again(WITH, d->a, own.delivery, &row, desk_fresh(d));
}
