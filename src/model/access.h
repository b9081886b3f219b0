/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Who may do what: roles of people and keys, and the scopes that a role has at most. A scope is
 * "noun:verb", as keys are made with; a key's scopes are the ones that it was given and its role has.
 */
#ifndef DSS_MODEL_ACCESS_H
#define DSS_MODEL_ACCESS_H

#include "base/str.h"

/** Stored numbers: append only. */
enum role {
	ROLE_VIEWER,   /**< reads */
	ROLE_AUDITOR,  /**< reads, the audit trail too */
	ROLE_OPERATOR, /**< reads and writes what the workspace is about */
	ROLE_ADMIN,    /**< everything in the workspace */
	ROLE_COUNT
};
/** By number; ends with NULL. */
extern const char *const role_words[];

/** X(NAME, bit, "noun:verb", the least role that has it without ROLE_AUDITOR's exception). The bits
 * are stored: append only. Reading is for all roles; AUDIT_READ is for auditors and admins. */
#define SCOPES(X)                                                                                  \
	X(DOMAINS_READ, 0, "domains:read", ROLE_VIEWER)                                            \
	X(DOMAINS_WRITE, 1, "domains:write", ROLE_OPERATOR)                                        \
	X(SCANS_READ, 2, "scans:read", ROLE_VIEWER)                                                \
	X(SCANS_WRITE, 3, "scans:write", ROLE_OPERATOR)                                            \
	X(FINDINGS_READ, 4, "findings:read", ROLE_VIEWER)                                          \
	X(FINDINGS_WRITE, 5, "findings:write", ROLE_OPERATOR)                                      \
	X(SCHEDULES_READ, 6, "schedules:read", ROLE_VIEWER)                                        \
	X(SCHEDULES_WRITE, 7, "schedules:write", ROLE_OPERATOR)                                    \
	X(EVENTS_READ, 8, "events:read", ROLE_VIEWER)                                              \
	X(KEYS_READ, 9, "keys:read", ROLE_ADMIN)                                                   \
	X(KEYS_WRITE, 10, "keys:write", ROLE_ADMIN)                                                \
	X(USERS_READ, 11, "users:read", ROLE_ADMIN)                                                \
	X(USERS_WRITE, 12, "users:write", ROLE_ADMIN)                                              \
	X(WORKSPACES_READ, 13, "workspaces:read", ROLE_VIEWER)                                     \
	X(WORKSPACES_WRITE, 14, "workspaces:write", ROLE_ADMIN)                                    \
	X(AUDIT_READ, 15, "audit:read", ROLE_ADMIN)                                                \
	X(QUEUE_READ, 16, "queue:read", ROLE_VIEWER)                                               \
	X(QUEUE_WRITE, 17, "queue:write", ROLE_ADMIN)                                              \
	X(CHANNELS_READ, 18, "channels:read", ROLE_VIEWER)                                         \
	X(CHANNELS_WRITE, 19, "channels:write", ROLE_OPERATOR)

enum scope {
#define SCOPE_BIT(name, bit, word, role) SCOPE_##name = 1u << (bit),
	SCOPES(SCOPE_BIT)
#undef SCOPE_BIT
};
enum { SCOPE_COUNT = 20 };

/** All that a role may. */
uint32_t role_scopes(enum role role) MUST_USE;
int role_parse(struct str word, enum role *ret) MUST_USE;
const char *scope_word(enum scope scope);
/** "domains:read"; "*" is all of them. ERR_SYNTAX: no such scope. */
int scope_parse(struct str word, uint32_t *ret) MUST_USE;

#endif
