/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Structs as CSV (RFC 4180), one column a scalar: "id,name,grade". Members of structs in structs have
 * dotted names, arrays of scalars stand in one cell with blanks between; base/csv.h writes the cells.
 */
#ifndef DSS_ROLES_API_CSV_H
#define DSS_ROLES_API_CSV_H

#include "base/desc.h"

void csv_put_head(struct buf *out, const struct desc *desc);
void csv_put_row(struct buf *out, const struct desc *desc, const void *value);

#endif
