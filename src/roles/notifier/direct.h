/* SPDX-License-Identifier: Apache-2.0 */
/** Deliveries that go without the sender: to a script of the operator, or to the operator's broker. */
#ifndef DSS_ROLES_NOTIFIER_DIRECT_H
#define DSS_ROLES_NOTIFIER_DIRECT_H

#include "roles/notifier/outbox.h"

/** It ends by outbox_ended. Negative: it was not begun, and err says why. */
int direct_send(struct flight *flight, const struct dispatch_item *item, int64_t now_us,
		struct err *err) MUST_USE;

#endif
