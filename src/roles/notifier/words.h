/* SPDX-License-Identifier: Apache-2.0 */
/** What an event says, in a line for people. */
#ifndef DSS_ROLES_NOTIFIER_WORDS_H
#define DSS_ROLES_NOTIFIER_WORDS_H

#include "report/notice.h"
#include "store/event.h"

/** All but the link. Texts are in the arena or of the event. */
void words_of_event(struct arena *a, const struct event_row *event, struct notice_event *ret);

#endif
