/* SPDX-License-Identifier: Apache-2.0 */
/** Events as rows of a statement that begins with EVENT_SELECT; nobody outside of store/ includes this. */
#ifndef DSS_STORE_EVENT_ROW_H
#define DSS_STORE_EVENT_ROW_H

#include "store/event.h"
#include "store/sql.h"

int event_rows(struct sql *q, struct event_row **ret, size_t *ret_count) MUST_USE;

#endif
