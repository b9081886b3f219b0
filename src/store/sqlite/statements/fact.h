/* SPDX-License-Identifier: Apache-2.0 */
/** Statements of store/fact.c. */
#ifndef DSS_STORE_SQLITE_STATEMENTS_FACT_H
#define DSS_STORE_SQLITE_STATEMENTS_FACT_H

/* clang-format off */
#define FACT_FIND_IN(table, kind)                                                                  \
  "SELECT c.no, g.no IS NOT NULL FROM " table " c LEFT JOIN garbage g "                            \
  "ON g.kind = " kind " AND g.no = c.no WHERE c.hash = ?1"

#define FACT_STATEMENTS(X)                                                                         \
X(FACT_FIND, FACT_FIND_IN("fact", "2"))                                                            \
X(FACT_INSERT, "INSERT INTO fact (hash, bytes) VALUES (?1, ?2)")                                   \
X(FACT_GET, "SELECT bytes FROM fact WHERE no = ?1")                                                \
X(FACT_SET_FIND, FACT_FIND_IN("fact_set", "0"))                                                    \
X(FACT_SET_INSERT, "INSERT INTO fact_set (hash, facts) VALUES (?1, ?2)")                           \
X(FACT_SET_GET, "SELECT facts FROM fact_set WHERE no = ?1")                                        \
X(FACT_SET_VOLATILE, "SELECT volatile FROM fact_set WHERE no = ?1")                                \
X(FACT_SET_KEEP_VOLATILE, "UPDATE fact_set SET volatile = ?2 WHERE no = ?1")                       \
X(DOCUMENT_FIND, FACT_FIND_IN("document", "1"))                                                    \
X(DOCUMENT_INSERT, "INSERT INTO document (hash, bytes) VALUES (?1, ?2)")                           \
X(DOCUMENT_GET, "SELECT bytes FROM document WHERE no = ?1")
/* clang-format on */

#endif
