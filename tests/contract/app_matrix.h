/* SPDX-License-Identifier: Apache-2.0 */
/**
 * The calls of src/app/ that tests/contract/app_matrix.c tries for each role, key and stranger, with what
 * the default workspace has for them to reach for. Each returns the function's code; a list that shows
 * something returns 1 instead of 0.
 */
#ifndef DSS_TESTS_CONTRACT_APP_MATRIX_H
#define DSS_TESTS_CONTRACT_APP_MATRIX_H

#include "tests/contract/desk.h"

#define NAME STR_LIT("own.example")

/** What the default workspace has; set before the first call. */
struct matrix_own {
	struct str scan, batch, finding, schedule, policy, key, user, workspace, delivery;
};
extern struct matrix_own own;

#define CALL(function) int call_##function(struct desk *d, const struct actor *actor)

/* app_matrix_scans.c */
CALL(app_domain_get);
CALL(app_domain_list);
CALL(app_domain_stats);
CALL(app_domain_tags);
CALL(app_name_check);
CALL(app_domain_update);
CALL(app_domain_proof);
CALL(app_domain_prove);
CALL(app_domain_delete);
CALL(app_domain_add);
CALL(app_import_begin);
CALL(app_scan_start);
CALL(app_scan_get);
CALL(app_scan_verdicts);
CALL(app_scan_list);
CALL(app_scan_cancel);
CALL(app_scan_facts);
CALL(app_observations);
CALL(app_score_list);
CALL(app_change_list);
CALL(app_expiry_list);
CALL(app_batch_start);
CALL(app_batch_get);
CALL(app_batch_list);
CALL(app_batch_cancel);
CALL(app_finding_list);
CALL(app_finding_get);
CALL(app_finding_groups);
CALL(app_finding_decide);
CALL(app_finding_recheck);
CALL(app_apply_plan);
CALL(app_apply_run);
CALL(app_policy_of_domain);
CALL(app_policy_add);
CALL(app_policy_get);
CALL(app_policy_list);
CALL(app_policy_update);
CALL(app_policy_delete);
CALL(app_schedule_add);
CALL(app_schedule_get);
CALL(app_schedule_list);
CALL(app_schedule_upcoming);
CALL(app_schedule_update);
CALL(app_schedule_run);
CALL(app_schedule_delete);

/* app_matrix_people.c */
CALL(app_key_create);
CALL(app_key_get);
CALL(app_key_list);
CALL(app_key_revoke);
CALL(app_user_add);
CALL(app_user_get);
CALL(app_user_list);
CALL(app_user_update);
CALL(app_user_delete);
CALL(app_login_link);
CALL(app_workspace_add);
CALL(app_workspace_get);
CALL(app_workspace_list);
CALL(app_workspace_update);
CALL(app_workspace_enter);
CALL(app_workspace_delete);
CALL(app_event_after);
CALL(app_event_newest);
CALL(app_audit_list);
CALL(app_audit_verify);
CALL(app_queue_view);
CALL(app_queue_dead);
CALL(app_queue_revive);
CALL(app_queue_discard);

/* app_matrix_notify.c */
CALL(app_channel_add);
CALL(app_channel_get);
CALL(app_channel_list);
CALL(app_channel_update);
CALL(app_channel_test);
CALL(app_channel_delete);
CALL(app_rule_add);
CALL(app_rule_get);
CALL(app_rule_list);
CALL(app_rule_update);
CALL(app_rule_preview);
CALL(app_rule_delete);
CALL(app_delivery_list);
CALL(app_delivery_get);
CALL(app_delivery_again);

#endif
