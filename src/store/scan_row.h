/* SPDX-License-Identifier: Apache-2.0 */
/** The row of a scan as the statements of store/scan.h's files give it. Only for these files. */
#ifndef DSS_STORE_SCAN_ROW_H
#define DSS_STORE_SCAN_ROW_H

#include "store/scan.h"
#include "store/sql.h"

/** Areas as they are stored: for each one octet of flags and two varints. */
struct str scan_areas_encode(struct arena *a, const struct area_points areas[SCAN_AREAS]);
/** All rows of a query, in the transaction's arena. */
int scan_rows_read(struct sql *q, struct scan_row **ret, size_t *ret_count) MUST_USE;
/** The one row of a query; -ENOENT. */
int scan_one_read(struct sql *q, struct scan_row *ret) MUST_USE;

#endif
