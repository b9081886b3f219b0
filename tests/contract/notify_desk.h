/* SPDX-License-Identifier: Apache-2.0 */
/** Channels, rules, events and notifiers that tests make. */
#ifndef DSS_TESTS_CONTRACT_NOTIFY_DESK_H
#define DSS_TESTS_CONTRACT_NOTIFY_DESK_H

#include "tests/contract/desk.h"

#include "app/channel.h"
#include "app/delivery.h"
#include "app/dispatch.h"
#include "app/domain.h"
#include "app/route.h"
#include "app/rule.h"
#include "store/workspace.h"

/** A webhook of this name. */
struct channel_row channel_add(struct desk *d, const char *name);
/** Of one channel. */
struct rule_row rule_add(struct desk *d, const char *name, const char *events, const char *channel,
			 int64_t digest_s);
/** An event, of the default workspace. domain 0, severity -1: none. */
void happen(struct desk *d, enum event_type type, int64_t domain, int severity, const char *data);
/** Its domain.no; owner and tag may be NULL. */
int64_t domain_add(struct desk *d, const char *name, const char *owner, const char *tag);
/** All that is there, as one notifier does. */
struct routed route_all(struct desk *d, struct route *route);
/** As a notifier of its own. */
struct dispatch_take take_some(struct desk *d, unsigned room);
/** status 200: it was delivered. */
struct dispatch_result settle(struct desk *d, const struct dispatch_item *item, int64_t status,
			      int64_t retry_after_s);

#endif
