/* SPDX-License-Identifier: Apache-2.0 */
/**
 * All statements: one table a repository, statements/NAME.h, one line here.
 *
 * X(NAME, text) makes SQL_NAME of store/sql.h. Values are ?1, ?2 …; the text is one statement.
 */
#ifndef DSS_STORE_SQLITE_STATEMENTS_H
#define DSS_STORE_SQLITE_STATEMENTS_H

#include "store/sqlite/statements/audit.h"
#include "store/sqlite/statements/batch.h"
#include "store/sqlite/statements/channel.h"
#include "store/sqlite/statements/delivery.h"
#include "store/sqlite/statements/domain.h"
#include "store/sqlite/statements/event.h"
#include "store/sqlite/statements/fact.h"
#include "store/sqlite/statements/finding.h"
#include "store/sqlite/statements/garbage.h"
#include "store/sqlite/statements/history.h"
#include "store/sqlite/statements/idempotency.h"
#include "store/sqlite/statements/job.h"
#include "store/sqlite/statements/key.h"
#include "store/sqlite/statements/lease.h"
#include "store/sqlite/statements/policy.h"
#include "store/sqlite/statements/rule.h"
#include "store/sqlite/statements/scan.h"
#include "store/sqlite/statements/schedule.h"
#include "store/sqlite/statements/schema.h"
#include "store/sqlite/statements/secret.h"
#include "store/sqlite/statements/session.h"
#include "store/sqlite/statements/user.h"
#include "store/sqlite/statements/workspace.h"

#define STATEMENTS(X)                                                                              \
	AUDIT_STATEMENTS(X)                                                                        \
	BATCH_STATEMENTS(X)                                                                        \
	CHANNEL_STATEMENTS(X)                                                                      \
	DELIVERY_STATEMENTS(X)                                                                     \
	DOMAIN_STATEMENTS(X)                                                                       \
	EVENT_STATEMENTS(X)                                                                        \
	FACT_STATEMENTS(X)                                                                         \
	FINDING_STATEMENTS(X)                                                                      \
	GARBAGE_STATEMENTS(X)                                                                      \
	HISTORY_STATEMENTS(X)                                                                      \
	IDEMPOTENCY_STATEMENTS(X)                                                                  \
	JOB_STATEMENTS(X)                                                                          \
	KEY_STATEMENTS(X)                                                                          \
	LEASE_STATEMENTS(X)                                                                        \
	POLICY_STATEMENTS(X)                                                                       \
	RULE_STATEMENTS(X)                                                                         \
	SCAN_STATEMENTS(X)                                                                         \
	SCHEDULE_STATEMENTS(X)                                                                     \
	SCHEMA_STATEMENTS(X)                                                                       \
	SECRET_STATEMENTS(X)                                                                       \
	SESSION_STATEMENTS(X)                                                                      \
	USER_STATEMENTS(X)                                                                         \
	WORKER_STATEMENTS(X)                                                                       \
	WORKSPACE_STATEMENTS(X)

#endif
