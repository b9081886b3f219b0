/* SPDX-License-Identifier: Apache-2.0 */
/** The one encoder of cells of CSV (RFC 4180). */
#ifndef DSS_BASE_CSV_H
#define DSS_BASE_CSV_H

#include "base/str.h"

/** One cell, quoted where it must be. What a spreadsheet would compute (it begins with = + - @ tab or
 * CR) gets a ' in front. */
void csv_put_cell(struct buf *out, struct str text);

#endif
