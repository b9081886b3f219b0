/* SPDX-License-Identifier: Apache-2.0 */
/** How a row of DOMAIN_COLUMNS is read: for store/domain.c and store/domain_list.c. */
#ifndef DSS_STORE_DOMAIN_ROW_H
#define DSS_STORE_DOMAIN_ROW_H

#include "store/domain.h"
#include "store/sql.h"

/** All but the tags, from the row that q stands at. */
void domain_columns(struct sql *q, struct domain_row *ret);
/** The tags of row->no. */
int domain_read_tags(struct store_tx *tx, struct domain_row *row, struct err *err) MUST_USE;

#endif
