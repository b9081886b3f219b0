/* SPDX-License-Identifier: Apache-2.0 */
/** The log of deliveries: what went where, and what the receiver said. How they go: app/dispatch.h. */
#ifndef DSS_APP_DELIVERY_H
#define DSS_APP_DELIVERY_H

#include "app/app.h"
#include "store/delivery.h"

struct delivery_choice {
	struct str channel; /**< name or id; empty: all */
	struct str state;   /**< its word; empty: any */
};

/** The newest first. */
int app_delivery_list(struct app *app, const struct actor *actor, struct arena *a,
		      const struct delivery_choice *choice, const struct page *page,
		      struct delivery_row **ret, size_t *ret_count, struct str *ret_next,
		      struct problem *problem) MUST_USE;
/** With the events that it tells of, those that are kept. By id (dlv_…). */
int app_delivery_get(struct app *app, const struct actor *actor, struct arena *a, struct str id,
		     struct delivery_row *ret, struct event_row **ret_events, size_t *ret_count,
		     struct problem *problem) MUST_USE;
/** A final one once more, under its id: a receiver that has it can tell. -EALREADY: it is on its way. */
int app_delivery_again(struct app *app, const struct actor *actor, struct arena *a, struct str id,
		       struct delivery_row *ret, struct problem *problem) MUST_USE;

#endif
