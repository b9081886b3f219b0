/* SPDX-License-Identifier: Apache-2.0 */
/** The end of a scan, whatever brought it: once. For the files of app/, inside of a transaction. */
#ifndef DSS_APP_SCAN_FINISH_H
#define DSS_APP_SCAN_FINISH_H

#include "store/scan.h"

/** Ended scans of one transaction that their batches have not counted yet. */
struct batch_tally {
	struct uuid batch; /**< nil: none */
	int64_t workspace;
	int64_t ended[SCAN_STATUSES];
};

/** Stores row->status with all that scan_end writes, counts it in its batch, and says so by events.
 * data: JSON object for the scan's event; may be empty. -ESTALE: nothing was stored. */
int scan_finish(struct store_tx *tx, const struct scan_row *row, struct str volatile_blob,
		struct str data, struct err *err) MUST_USE;
/** The same for one of many, by who has read in this transaction that it runs under row->token.
 * Batches are told once for scans of the same that follow each other; the last by batch_tally_tell. */
int scan_finish_held(struct store_tx *tx, const struct scan_row *row, struct str volatile_blob,
		     struct str data, struct batch_tally *tally, struct err *err) MUST_USE;
int batch_tally_tell(struct store_tx *tx, struct batch_tally *tally, struct err *err) MUST_USE;
/** The same for one that the store has ended already (scan_cancel): batch and events. */
int scan_tell_end(struct store_tx *tx, const struct scan_row *row, struct str data,
		  struct err *err) MUST_USE;
/** Fails or cancels one that judged nothing. */
int scan_give_up(struct store_tx *tx, struct scan_row *row, enum scan_status status,
		 struct str error, struct err *err) MUST_USE;

#endif
