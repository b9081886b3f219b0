/* SPDX-License-Identifier: Apache-2.0 */
/**
 * The child `dss-net importer` as a command sees it: one zone's names, from the server that gives them
 * (children/importer_protocol.h). What it says is checked: lines of printable ASCII without blanks, no
 * longer than names are, IMPORTER_BYTES in all; else it is ended, and nothing came.
 */
#ifndef DSS_CHILDREN_IMPORTER_H
#define DSS_CHILDREN_IMPORTER_H

#include "children/importer_protocol.h"

/**
 * Bring the names of a zone, waiting for them: appended to out, each with a line feed behind it.
 * 0; -ECONNABORTED: err says what the server did; -EINVAL: what was asked makes no sense; another
 * negative code: of ours. On failure out is as it was.
 */
int importer_fetch(const struct importer_order *order, struct buf *out, struct importer_done *ret,
		   struct err *err) MUST_USE;

#endif
