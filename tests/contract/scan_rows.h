/* SPDX-License-Identifier: Apache-2.0 */
/** Domains, scans, workers with what tests of several repositories want of them. */
#ifndef DSS_TESTS_CONTRACT_SCAN_ROWS_H
#define DSS_TESTS_CONTRACT_SCAN_ROWS_H

#include "store/domain.h"
#include "store/scan.h"
#include "store/worker.h"
#include "store/workspace.h"
#include "tests/contract/rows.h"

/** A domain of the default workspace: its number. */
int64_t rows_domain(struct store_tx *tx, const char *name);
/** A queued scan of it, normal priority. */
struct scan_row rows_scan(struct store_tx *tx, int64_t domain);
/** The id of a worker that lives for one lease from now. */
struct uuid rows_worker(struct store_tx *tx);

#endif
