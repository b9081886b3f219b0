/* SPDX-License-Identifier: Apache-2.0 */
/** A delivery as answers show it: for the resources deliveries and channels. */
#ifndef DSS_ROLES_API_DELIVERY_VIEW_H
#define DSS_ROLES_API_DELIVERY_VIEW_H

#include "app/delivery.h"
#include "base/desc.h"

struct attempt_view {
	int64_t at, status, elapsed_us;
	struct str error, reply;
};

struct delivery_view {
	struct uuid id;
	struct str channel, recipient, domain, reply, error, transcript;
	int kind, state;
	int64_t events, attempt, status, elapsed_us;
	int64_t created_at, due_at, ended_at;
	struct str *items; /**< events as JSON; only of one delivery */
	size_t item_count;
	struct attempt_view *attempts; /**< likewise */
	size_t attempt_count;
};
extern const struct desc delivery_desc;

struct delivery_view delivery_view_of(struct arena *a, const struct delivery_row *row);

#endif
