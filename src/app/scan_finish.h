/* SPDX-License-Identifier: Apache-2.0 */
/** The end of a scan, whatever brought it: once. For the files of app/, inside of a transaction. */
#ifndef DSS_APP_SCAN_FINISH_H
#define DSS_APP_SCAN_FINISH_H

#include "store/scan.h"

/** Stores row->status with all that scan_end writes, counts it in its batch, and says so by events.
 * data: JSON object for the scan's event; may be empty. -ESTALE: nothing was stored. */
int scan_finish(struct store_tx *tx, const struct scan_row *row, struct str volatile_blob,
		struct str data, struct err *err) MUST_USE;
/** The same for one that the store has ended already (scan_cancel): batch and events. */
int scan_tell_end(struct store_tx *tx, const struct scan_row *row, struct str data,
		  struct err *err) MUST_USE;
/** Fails or cancels one that judged nothing. */
int scan_give_up(struct store_tx *tx, struct scan_row *row, enum scan_status status,
		 struct str error, struct err *err) MUST_USE;

#endif
