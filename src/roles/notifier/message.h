/* SPDX-License-Identifier: Apache-2.0 */
/** A delivery as a message: what its events say in words, and what the sender is to do with it. */
#ifndef DSS_ROLES_NOTIFIER_MESSAGE_H
#define DSS_ROLES_NOTIFIER_MESSAGE_H

#include "app/dispatch.h"
#include "report/notice.h"
#include "roles/notifier/notifier.h"

/** What a delivery says. Texts are in the arena or of the item. */
void message_notice(struct arena *a, const struct notifier_options *options,
		    const struct dispatch_item *item, int64_t now_us, struct notice *ret);
/** All but the number. 0; else err says why it cannot be sent, now or ever. */
int message_make(struct arena *a, const struct notifier_options *options,
		 const struct dispatch_item *item, int64_t now_us, struct sender_delivery *ret,
		 struct err *err) MUST_USE;

#endif
