/* SPDX-License-Identifier: Apache-2.0 */
/**
 * The routes, one line each. A new one: its line here, and its operation (operation_NAME) in the file
 * of its resource. The order is that of the reference; a literal path stands before one that has a
 * parameter in its place.
 */
#ifndef DSS_ROLES_API_ROUTES_H
#define DSS_ROLES_API_ROUTES_H

#include "roles/api/api.h"
#include "roles/api/route.h"

/* X(NAME, METHOD, "path", ACCESS, success, "summary") */
#define ROUTES(X)                                                                                  \
	X(domains_list, GET, API_BASE "/domains", ACCESS(DOMAINS_READ), 200, "Domains, by pages")  \
	X(domains_add, POST, API_BASE "/domains", ACCESS(DOMAINS_WRITE), 201, "Add a domain")      \
	X(domains_import, POST, API_BASE "/domains/import", ACCESS(DOMAINS_WRITE), 200,            \
	  "Many domains at once, an outcome a row")                                                \
	X(domains_validate, POST, API_BASE "/domains/validate", ACCESS(DOMAINS_READ), 200,         \
	  "Which of these are names?")                                                             \
	X(domains_get, GET, API_BASE "/domains/{name}", ACCESS(DOMAINS_READ), 200, "One domain")   \
	X(domains_update, PATCH, API_BASE "/domains/{name}", ACCESS(DOMAINS_WRITE), 200,           \
	  "Change tags, owner, notes, profile, expectations")                                      \
	X(domains_delete, DELETE, API_BASE "/domains/{name}", ACCESS(DOMAINS_WRITE), 204,          \
	  "Remove a domain")                                                                       \
	X(domains_proof, POST, API_BASE "/domains/{name}/proof", ACCESS(DOMAINS_WRITE), 200,       \
	  "What to publish as proof of control, and whether it was seen")                          \
	X(tags_list, GET, API_BASE "/tags", ACCESS(DOMAINS_READ), 200, "Tags in use")              \
	X(stats_get, GET, API_BASE "/stats", ACCESS(DOMAINS_READ), 200, "Counts of the portfolio") \
	X(scans_add, POST, API_BASE "/scans", ACCESS(SCANS_WRITE), 202, "Scan a domain")           \
	X(scans_list, GET, API_BASE "/scans", ACCESS(SCANS_READ), 200, "Scans, by pages")          \
	X(scans_get, GET, API_BASE "/scans/{id}", ACCESS(SCANS_READ), 200, "How a scan stands")    \
	X(scans_cancel, DELETE, API_BASE "/scans/{id}", ACCESS(SCANS_WRITE), 202, "Stop a scan")   \
	X(scans_results, GET, API_BASE "/scans/{id}/results", ACCESS(SCANS_READ), 200,             \
	  "What a scan found")                                                                     \
	X(batches_add, POST, API_BASE "/batches", ACCESS(SCANS_WRITE), 202, "Scan many domains")   \
	X(batches_list, GET, API_BASE "/batches", ACCESS(SCANS_READ), 200, "Batches, by pages")    \
	X(batches_get, GET, API_BASE "/batches/{id}", ACCESS(SCANS_READ), 200,                     \
	  "How a batch stands")                                                                    \
	X(batches_cancel, DELETE, API_BASE "/batches/{id}", ACCESS(SCANS_WRITE), 202,              \
	  "Stop a batch")                                                                          \
	X(findings_list, GET, API_BASE "/findings", ACCESS(FINDINGS_READ), 200,                    \
	  "Findings, by pages")                                                                    \
	X(findings_groups, GET, API_BASE "/findings/groups", ACCESS(FINDINGS_READ), 200,           \
	  "Findings by check")                                                                     \
	X(findings_get, GET, API_BASE "/findings/{id}", ACCESS(FINDINGS_READ), 200, "One finding") \
	X(findings_decide, PATCH, API_BASE "/findings/{id}", ACCESS(FINDINGS_WRITE), 200,          \
	  "Accept it, call it a false positive, or take that back")                                \
	X(findings_recheck, POST, API_BASE "/findings/{id}/recheck", ACCESS(SCANS_WRITE), 202,     \
	  "Check it again")                                                                        \
	X(changes_list, GET, API_BASE "/changes", ACCESS(DOMAINS_READ), 200, "What changed")       \
	X(domains_changes, GET, API_BASE "/domains/{name}/changes", ACCESS(DOMAINS_READ), 200,     \
	  "What changed of a domain")                                                              \
	X(domains_history, GET, API_BASE "/domains/{name}/history", ACCESS(SCANS_READ), 200,       \
	  "How its score went")                                                                    \
	X(domains_report, GET, API_BASE "/domains/{name}/report", ACCESS(SCANS_READ), 200,         \
	  "What its scan found, as a report")                                                      \
	X(reports, GET, API_BASE "/reports", ACCESS(SCANS_READ), 200,                              \
	  "One report of many domains")                                                            \
	X(domains_observations, GET, API_BASE "/domains/{name}/observations",                      \
	  ACCESS(DOMAINS_READ), 200, "What was seen")                                              \
	X(expiry_list, GET, API_BASE "/expiry", ACCESS(DOMAINS_READ), 200, "What expires")         \
	X(schedules_list, GET, API_BASE "/schedules", ACCESS(SCHEDULES_READ), 200, "Schedules")    \
	X(schedules_add, POST, API_BASE "/schedules", ACCESS(SCHEDULES_WRITE), 201,                \
	  "Make a schedule")                                                                       \
	X(schedules_get, GET, API_BASE "/schedules/{id}", ACCESS(SCHEDULES_READ), 200,             \
	  "One schedule")                                                                          \
	X(schedules_update, PATCH, API_BASE "/schedules/{id}", ACCESS(SCHEDULES_WRITE), 200,       \
	  "Change or pause a schedule")                                                            \
	X(schedules_delete, DELETE, API_BASE "/schedules/{id}", ACCESS(SCHEDULES_WRITE), 204,      \
	  "Remove a schedule")                                                                     \
	X(schedules_run, POST, API_BASE "/schedules/{id}/run", ACCESS(SCHEDULES_WRITE), 202,       \
	  "Run a schedule now")                                                                    \
	X(schedules_upcoming, GET, API_BASE "/schedules/{id}/upcoming", ACCESS(SCHEDULES_READ),    \
	  200, "When it fires next")                                                               \
	X(channels_list, GET, API_BASE "/channels", ACCESS(CHANNELS_READ), 200,                    \
	  "Channels, by pages")                                                                    \
	X(channels_add, POST, API_BASE "/channels", ACCESS(CHANNELS_WRITE), 201, "Make a channel") \
	X(channels_get, GET, API_BASE "/channels/{id}", ACCESS(CHANNELS_READ), 200, "One channel") \
	X(channels_update, PATCH, API_BASE "/channels/{id}", ACCESS(CHANNELS_WRITE), 200,          \
	  "Change a channel, its secrets too")                                                     \
	X(channels_delete, DELETE, API_BASE "/channels/{id}", ACCESS(CHANNELS_WRITE), 204,         \
	  "Remove a channel")                                                                      \
	X(channels_test, POST, API_BASE "/channels/{id}/test", ACCESS(CHANNELS_WRITE), 202,        \
	  "Send a test")                                                                           \
	X(channels_deliveries, GET, API_BASE "/channels/{id}/deliveries", ACCESS(CHANNELS_READ),   \
	  200, "What went there")                                                                  \
	X(rules_list, GET, API_BASE "/rules", ACCESS(CHANNELS_READ), 200, "Rules, by pages")       \
	X(rules_add, POST, API_BASE "/rules", ACCESS(CHANNELS_WRITE), 201, "Make a rule")          \
	X(rules_try, POST, API_BASE "/rules/preview", ACCESS(CHANNELS_READ), 200,                  \
	  "What would such a rule have sent?")                                                     \
	X(rules_get, GET, API_BASE "/rules/{id}", ACCESS(CHANNELS_READ), 200, "One rule")          \
	X(rules_update, PATCH, API_BASE "/rules/{id}", ACCESS(CHANNELS_WRITE), 200,                \
	  "Change or pause a rule")                                                                \
	X(rules_delete, DELETE, API_BASE "/rules/{id}", ACCESS(CHANNELS_WRITE), 204,               \
	  "Remove a rule")                                                                         \
	X(rules_preview, GET, API_BASE "/rules/{id}/preview", ACCESS(CHANNELS_READ), 200,          \
	  "What would it have sent?")                                                              \
	X(deliveries_list, GET, API_BASE "/deliveries", ACCESS(CHANNELS_READ), 200,                \
	  "Deliveries, by pages")                                                                  \
	X(deliveries_get, GET, API_BASE "/deliveries/{id}", ACCESS(CHANNELS_READ), 200,            \
	  "One delivery, with its events")                                                         \
	X(deliveries_again, POST, API_BASE "/deliveries/{id}/redeliver", ACCESS(CHANNELS_WRITE),   \
	  202, "Send it once more")                                                                \
	X(policies_list, GET, API_BASE "/policies", ACCESS(FINDINGS_READ), 200, "Policies")        \
	X(policies_add, POST, API_BASE "/policies", ACCESS(FINDINGS_WRITE), 201, "Make a policy")  \
	X(policies_get, GET, API_BASE "/policies/{id}", ACCESS(FINDINGS_READ), 200, "One policy")  \
	X(policies_update, PATCH, API_BASE "/policies/{id}", ACCESS(FINDINGS_WRITE), 200,          \
	  "Change a policy")                                                                       \
	X(policies_delete, DELETE, API_BASE "/policies/{id}", ACCESS(FINDINGS_WRITE), 204,         \
	  "Remove a policy")                                                                       \
	X(apply, POST, API_BASE "/apply", ACCESS(DOMAINS_WRITE), 200,                              \
	  "Make it so: domains, schedules, policies, channels, rules")                             \
	X(queue_get, GET, API_BASE "/queue", ACCESS(QUEUE_READ), 200, "How the queue stands")      \
	X(queue_dead, GET, API_BASE "/queue/dead", ACCESS(QUEUE_READ), 200, "Dead letters")        \
	X(queue_retry, POST, API_BASE "/queue/dead/{id}/retry", ACCESS(QUEUE_WRITE), 202,          \
	  "Try a dead letter again")                                                               \
	X(queue_discard, DELETE, API_BASE "/queue/dead/{id}", ACCESS(QUEUE_WRITE), 204,            \
	  "Throw a dead letter away")                                                              \
	X(events_list, GET, API_BASE "/events", ACCESS(EVENTS_READ), 200,                          \
	  "What happened, as a page or as a stream")                                               \
	X(keys_list, GET, API_BASE "/keys", ACCESS(KEYS_READ), 200, "API keys")                    \
	X(keys_add, POST, API_BASE "/keys", ACCESS(KEYS_WRITE), 201, "Make an API key")            \
	X(keys_get, GET, API_BASE "/keys/{id}", ACCESS(KEYS_READ), 200, "One API key")             \
	X(keys_revoke, DELETE, API_BASE "/keys/{id}", ACCESS(KEYS_WRITE), 204,                     \
	  "Revoke an API key")                                                                     \
	X(session_log_in, POST, API_BASE "/session", ACCESS_PUBLIC, 201, "Log in")                 \
	X(session_get, GET, API_BASE "/session", ACCESS_PERSONAL, 200, "Who is logged in?")        \
	X(session_log_out, DELETE, API_BASE "/session", ACCESS_PERSONAL, 204, "Log out")           \
	X(session_password, POST, API_BASE "/session/password", ACCESS_PERSONAL, 204,              \
	  "Change one's own password")                                                             \
	X(users_list, GET, API_BASE "/users", ACCESS(USERS_READ), 200, "People of the workspace")  \
	X(users_add, POST, API_BASE "/users", ACCESS(USERS_WRITE), 201, "Add a person")            \
	X(users_get, GET, API_BASE "/users/{id}", ACCESS(USERS_READ), 200, "One person")           \
	X(users_update, PATCH, API_BASE "/users/{id}", ACCESS(USERS_WRITE), 200,                   \
	  "Change name, role, password, or lock out")                                              \
	X(users_delete, DELETE, API_BASE "/users/{id}", ACCESS(USERS_WRITE), 204,                  \
	  "Remove a person")                                                                       \
	X(workspaces_list, GET, API_BASE "/workspaces", ACCESS(WORKSPACES_READ), 200,              \
	  "Workspaces")                                                                            \
	X(workspaces_add, POST, API_BASE "/workspaces", ACCESS(WORKSPACES_WRITE), 201,             \
	  "Make a workspace")                                                                      \
	X(workspaces_get, GET, API_BASE "/workspaces/{id}", ACCESS(WORKSPACES_READ), 200,          \
	  "One workspace: quotas and their use")                                                   \
	X(workspaces_update, PATCH, API_BASE "/workspaces/{id}", ACCESS(WORKSPACES_WRITE), 200,    \
	  "Change name and quotas")                                                                \
	X(workspaces_delete, DELETE, API_BASE "/workspaces/{id}", ACCESS(WORKSPACES_WRITE), 204,   \
	  "Remove a workspace")                                                                    \
	X(audit_list, GET, API_BASE "/audit", ACCESS(AUDIT_READ), 200, "Who did what")             \
	X(checks_list, GET, API_BASE "/checks", ACCESS_PUBLIC, 200, "What is checked")             \
	X(checks_get, GET, API_BASE "/checks/{id}", ACCESS_PUBLIC, 200,                            \
	  "One check: what passes, why, how to mend it")                                           \
	X(healthz, GET, "/healthz", ACCESS_PUBLIC, 200, "Does the process answer?")                \
	X(readyz, GET, "/readyz", ACCESS_PUBLIC, 200, "Can it do its work?")                       \
	X(metrics, GET, "/metrics", ACCESS_PUBLIC, 200, "Counters for Prometheus")                 \
	X(openapi, GET, "/openapi.json", ACCESS_PUBLIC, 200, "This API as OpenAPI 3.1")            \
	X(docs, GET, "/docs", ACCESS_PUBLIC, 200, "This API as a page to read")                    \
	X(docs_style, GET, "/docs/style.css", ACCESS_PUBLIC, 200, "How that page looks")

#define X(NAME, ...) extern const struct operation operation_##NAME;
ROUTES(X)
#undef X

#endif
