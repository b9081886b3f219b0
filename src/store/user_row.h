/* SPDX-License-Identifier: Apache-2.0 */
/** How a row of USER_COLUMNS is read: for store/user.c and store/session.c. */
#ifndef DSS_STORE_USER_ROW_H
#define DSS_STORE_USER_ROW_H

#include "store/sql.h"
#include "store/user.h"

enum { USER_COLUMN_COUNT = 11 };

void user_columns(struct sql *q, struct user_row *ret);

#endif
