/* SPDX-License-Identifier: Apache-2.0 */
/**
 * What the statements of store/sqlite/statements/ are on PostgreSQL besides their translated texts
 * (text.h). Without a line here a statement is run at once; an INSERT, UPDATE or DELETE gets a
 * savepoint of its own, since a closure may go on after a rule that it breaks, and here a failure
 * spoils what the server has of the transaction.
 *
 *	AHEAD(name)	     nobody asks how many rows it changed, nobody goes on after it failed: sent
 *			     without waiting; its failure shows at the next answer, at commit at the latest
 *	PLAIN(name)	     nobody goes on after it failed: no savepoint
 *	COUNTED(name)	     PLAIN, and an INSERT whose row gets the next number: with the turn in hand nobody
 *			     else draws one, so that only the first of a transaction is waited for, the
 *			     others are sent ahead with the number that they must get (it is compared)
 *	INSTEAD(name, text)  said differently; translated as the other would be
 */
#ifndef DSS_STORE_POSTGRES_OVERRIDES_H
#define DSS_STORE_POSTGRES_OVERRIDES_H

#include "store/sqlite/statements/job.h"

/* clang-format off */
#define POSTGRES_STATEMENTS(AHEAD, PLAIN, COUNTED, INSTEAD)                                        \
AHEAD(AUDIT_INSERT)                                                                                \
AHEAD(BATCH_ADD_NAME)                                                                              \
AHEAD(BATCH_COUNT_END)                                                                             \
AHEAD(BATCH_DROP_NAMES)                                                                            \
AHEAD(DOMAIN_SUMMARISE)                                                                            \
AHEAD(DOMAIN_TAG_ADD)                                                                              \
AHEAD(DOMAIN_TAG_CLEAR)                                                                            \
AHEAD(EVENT_DROP)                                                                                  \
AHEAD(EXPIRY_PUT)                                                                                  \
AHEAD(FACT_SET_KEEP_VOLATILE)                                                                      \
AHEAD(FINDING_SEEN)                                                                                \
AHEAD(SCAN_PUBLISHED)                                                                              \
PLAIN(BATCH_ADVANCE)                                                                               \
PLAIN(BATCH_CANCEL_QUEUED)                                                                         \
PLAIN(BATCH_END)                                                                                   \
PLAIN(FINDING_UPDATE)                                                                              \
PLAIN(JOB_ACK)                                                                                     \
PLAIN(JOB_BURY)                                                                                    \
PLAIN(JOB_GIVE_BACK)                                                                               \
PLAIN(JOB_RENEW)                                                                                   \
PLAIN(JOB_RETRY)                                                                                   \
PLAIN(KEY_USED)                                                                                    \
PLAIN(SCAN_END)                                                                                    \
PLAIN(SCAN_INSERT_NEW)                                                                             \
PLAIN(SCAN_RELEASE)                                                                                \
PLAIN(SCAN_TAKE)                                                                                   \
PLAIN(SESSION_SEEN)                                                                                \
PLAIN(WORKER_BEAT)                                                                                 \
PLAIN(WORKSPACE_USE_DOMAINS)                                                                       \
PLAIN(WORKSPACE_USE_SCANS)                                                                         \
COUNTED(CHANGE_INSERT)                                                                             \
COUNTED(DOCUMENT_INSERT)                                                                           \
COUNTED(EVENT_INSERT)                                                                              \
COUNTED(FACT_INSERT)                                                                               \
COUNTED(FACT_SET_INSERT)                                                                           \
COUNTED(JOB_INSERT)                                                                                \
INSTEAD(EVENT_LAST, /* not what a transaction that is under way has drawn, while there are events */ \
  "SELECT coalesce((SELECT max(sequence) FROM event), "                                            \
  "pg_sequence_last_value(pg_get_serial_sequence('event', 'sequence')), 0)")                       \
INSTEAD(JOB_TAKE, /* the rows in order */                                                          \
  "WITH taken AS (UPDATE job SET lease_until = ?4, consumer = ?3, token = token + 1, "             \
  "attempt = attempt + 1 WHERE no IN (SELECT no FROM job WHERE queue = ?1 AND "                    \
  "available_at <= ?2 AND " JOB_FREE " ORDER BY available_at, no LIMIT ?5 "                        \
  "FOR UPDATE SKIP LOCKED) RETURNING " JOB_COLUMNS ") "                                            \
  "SELECT " JOB_COLUMNS " FROM taken ORDER BY available_at, no")
/* clang-format on */

#endif
