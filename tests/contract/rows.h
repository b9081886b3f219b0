/* SPDX-License-Identifier: Apache-2.0 */
/**
 * A store with the tables of DSS, for tests of its repositories. The clock stands still until it is
 * moved. The backend is that of tests/contract/fixture.h.
 */
#ifndef DSS_TESTS_CONTRACT_ROWS_H
#define DSS_TESTS_CONTRACT_ROWS_H

#include "tests/contract/fixture.h"

#define ROWS_START INT64_C(1790000000000000) /**< UTC microseconds */
#define SECOND_US INT64_C(1000000)
#define DAY_US (86400 * SECOND_US)

struct rows {
	struct fixture fixture;
	struct store *store;
	struct arena a;
	struct err err;
	int64_t now_us; /**< what the store's clock says */
};

void rows_open(struct rows *rows);
/** Checks the store before it goes. */
void rows_close(struct rows *rows);
/** store_write, which must give `code`; shows the error otherwise. */
void rows_write(struct rows *rows, store_work *work, void *context, int code);
void rows_read(struct rows *rows, store_work *work, void *context, int code);
/** A test in one write transaction: opens, runs, closes. */
void rows_run(store_work *work);
/** A workspace besides the default one; its number. */
int64_t rows_workspace(struct store_tx *tx, const char *name);

#endif
