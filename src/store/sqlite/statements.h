/* SPDX-License-Identifier: Apache-2.0 */
/**
 * All statements: one table a repository, statements/NAME.h, one line here.
 *
 * X(NAME, text) makes SQL_NAME of store/sql.h. Values are ?1, ?2 …; the text is one statement.
 */
#ifndef DSS_STORE_SQLITE_STATEMENTS_H
#define DSS_STORE_SQLITE_STATEMENTS_H

#include "store/sqlite/statements/job.h"
#include "store/sqlite/statements/schema.h"

#define STATEMENTS(X)                                                                              \
	SCHEMA_STATEMENTS(X)                                                                       \
	JOB_STATEMENTS(X)                                                                          \
	WORKER_STATEMENTS(X)

#endif
