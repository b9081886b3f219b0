/* SPDX-License-Identifier: Apache-2.0 */
/** Statements about the store itself. */
#ifndef DSS_STORE_SQLITE_STATEMENTS_SCHEMA_H
#define DSS_STORE_SQLITE_STATEMENTS_SCHEMA_H

#define SCHEMA_STATEMENTS(X) X(SCHEMA_NEWEST, "SELECT coalesce(max(number), 0) FROM schema_version")

#endif
