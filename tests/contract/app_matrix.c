/* SPDX-License-Identifier: Apache-2.0 */
/*
 * May each role, each key and each stranger do what the table says, and nothing else? Every public
 * function of src/app/ stands here (tests/tools/app_matrix.sh looks): in the table, or among those
 * that act for nobody, with the reason.
 */
#include "tests/contract/app_matrix.h"

#include "app/audit.h"
#include "app/batch.h"
#include "app/channel.h"
#include "app/domain.h"
#include "app/finding.h"
#include "app/key.h"
#include "app/scan.h"
#include "app/policy.h"
#include "app/schedule.h"
#include "app/user.h"
#include "app/workspace.h"

struct matrix_own own;

/* ---- the table ---- */

static const struct row {
	const char *name;
	int (*call)(struct desk *d, const struct actor *actor);
	enum scope scope;
	int admin;    /* what an admin of the workspace gets */
	int stranger; /* what an admin of another one gets */
} rows[] = {
#define ROW(function, scope, admin, stranger)                                                      \
	{                                                                                          \
#function, call_##function, SCOPE_##scope, admin, stranger                         \
	}
	/* reading; nothing is changed */
	ROW(app_domain_get, DOMAINS_READ, 0, -ENOENT), ROW(app_domain_list, DOMAINS_READ, 1, 0),
	ROW(app_domain_stats, DOMAINS_READ, 1, 0), ROW(app_domain_tags, DOMAINS_READ, 1, 0),
	ROW(app_name_check, DOMAINS_READ, 1, 0), ROW(app_scan_get, SCANS_READ, 0, -ENOENT),
	ROW(app_scan_verdicts, SCANS_READ, 0, -ENOENT), ROW(app_scan_list, SCANS_READ, 1, 0),
	ROW(app_scan_facts, SCANS_READ, 0, -ENOENT), ROW(app_observations, SCANS_READ, 0, -ENOENT),
	ROW(app_score_list, SCANS_READ, 0, -ENOENT), ROW(app_change_list, DOMAINS_READ, 0, -ENOENT),
	ROW(app_expiry_list, DOMAINS_READ, 0, 0), ROW(app_batch_get, SCANS_READ, 0, -ENOENT),
	ROW(app_batch_list, SCANS_READ, 1, 0), ROW(app_finding_list, FINDINGS_READ, 1, 0),
	ROW(app_finding_get, FINDINGS_READ, 0, -ENOENT),
	ROW(app_finding_groups, FINDINGS_READ, 1, 0), ROW(app_apply_plan, DOMAINS_READ, 0, 0),
	ROW(app_policy_of_domain, FINDINGS_READ, 0, -ENOENT),
	ROW(app_policy_get, FINDINGS_READ, 0, -ENOENT), ROW(app_policy_list, FINDINGS_READ, 1, 0),
	ROW(app_schedule_get, SCHEDULES_READ, 0, -ENOENT),
	ROW(app_schedule_list, SCHEDULES_READ, 1, 0),
	ROW(app_schedule_upcoming, SCHEDULES_READ, 0, -ENOENT),
	ROW(app_key_get, KEYS_READ, 0, -ENOENT), ROW(app_key_list, KEYS_READ, 1, 0),
	ROW(app_user_get, USERS_READ, 0, -ENOENT), ROW(app_user_list, USERS_READ, 1, 0),
	ROW(app_workspace_get, WORKSPACES_READ, 0, -ENOENT),
	ROW(app_workspace_list, WORKSPACES_READ, 1, 0),
	ROW(app_workspace_enter, WORKSPACES_READ, 0, -ENOENT),
	ROW(app_event_after, EVENTS_READ, 1, 0), ROW(app_event_newest, EVENTS_READ, 0, 0),
	ROW(app_channel_get, CHANNELS_READ, 0, -ENOENT), ROW(app_channel_list, CHANNELS_READ, 1, 0),
	ROW(app_rule_get, CHANNELS_READ, 0, -ENOENT), ROW(app_rule_list, CHANNELS_READ, 1, 0),
	ROW(app_rule_preview, CHANNELS_READ, 0, -ENOENT),
	ROW(app_delivery_list, CHANNELS_READ, 1, 0),
	ROW(app_delivery_get, CHANNELS_READ, 0, -ENOENT), ROW(app_audit_list, AUDIT_READ, 1, 0),
	ROW(app_audit_verify, AUDIT_READ, 0, 0), ROW(app_queue_view, QUEUE_READ, 0, 0),
	ROW(app_queue_dead, QUEUE_READ, 0, -EACCES),
	/* writing; what is deleted comes last */
	ROW(app_domain_update, DOMAINS_WRITE, 0, -ENOENT),
	ROW(app_domain_proof, DOMAINS_WRITE, 0, -ENOENT),
	ROW(app_domain_prove, SCANS_WRITE, 0, -ENOENT),
	ROW(app_finding_decide, FINDINGS_WRITE, 0, -ENOENT),
	ROW(app_finding_recheck, SCANS_WRITE, 0, -ENOENT),
	ROW(app_schedule_update, SCHEDULES_WRITE, 0, -ENOENT),
	ROW(app_schedule_run, SCHEDULES_WRITE, 0, -ENOENT),
	ROW(app_user_update, USERS_WRITE, 0, -ENOENT), ROW(app_login_link, USERS_WRITE, 0, -ENOENT),
	ROW(app_workspace_update, WORKSPACES_WRITE, 0, -EACCES),
	ROW(app_workspace_add, WORKSPACES_WRITE, -EEXIST, -EACCES),
	ROW(app_queue_revive, QUEUE_WRITE, -ENOENT, -EACCES),
	ROW(app_queue_discard, QUEUE_WRITE, -ENOENT, -EACCES),
	ROW(app_channel_update, CHANNELS_WRITE, 0, -ENOENT),
	ROW(app_channel_test, CHANNELS_WRITE, 0, -ENOENT),
	ROW(app_rule_update, CHANNELS_WRITE, 0, -ENOENT),
	ROW(app_delivery_again, CHANNELS_WRITE, -EALREADY, -ENOENT),
	ROW(app_rule_delete, CHANNELS_WRITE, 0, -ENOENT),
	ROW(app_rule_add, CHANNELS_WRITE, 0, -EINVAL), /* the stranger has no such channel */
	ROW(app_channel_delete, CHANNELS_WRITE, 0, -ENOENT),
	ROW(app_channel_add, CHANNELS_WRITE, 0, 0), /* the stranger's own */
	ROW(app_apply_run, DOMAINS_WRITE, 0, 0),    /* the stranger's own */
	ROW(app_policy_update, FINDINGS_WRITE, 0, -ENOENT),
	ROW(app_policy_add, FINDINGS_WRITE, -EEXIST, 0),
	ROW(app_schedule_add, SCHEDULES_WRITE, -EEXIST, 0), ROW(app_key_create, KEYS_WRITE, 1, 0),
	ROW(app_user_add, USERS_WRITE, -EEXIST, -EEXIST), /* a name is one person's everywhere */
	ROW(app_batch_start, SCANS_WRITE, 0, 0), ROW(app_scan_start, SCANS_WRITE, 1, 0),
	ROW(app_domain_add, DOMAINS_WRITE, -EEXIST, -EEXIST), /* app_scan_start added the own one */
	ROW(app_import_begin, DOMAINS_WRITE, 1, 1),           /* and this meets it */
	ROW(app_scan_cancel, SCANS_WRITE, 0, -ENOENT),
	ROW(app_batch_cancel, SCANS_WRITE, 0, -ENOENT),
	ROW(app_policy_delete, FINDINGS_WRITE, 0, -ENOENT),
	ROW(app_schedule_delete, SCHEDULES_WRITE, 0, -ENOENT),
	ROW(app_key_revoke, KEYS_WRITE, 0, -ENOENT), ROW(app_user_delete, USERS_WRITE, 0, -ENOENT),
	ROW(app_workspace_delete, WORKSPACES_WRITE, 0, -EACCES),
	ROW(app_domain_delete, DOMAINS_WRITE, 0, 0), /* the stranger's own */
#undef ROW
};

/* Those that act for nobody, or for who proves it in the call: tests/contract/app_login.c,
 * app_scans.c, app_import.c. */
static const char *const exempt[][2] = {
	{ "app_init", "no call" },
	{ "app_mark", "no call: what others do besides" },
	{ "app_key_check", "the secret says who comes" },
	{ "app_session_login", "the password says it" },
	{ "app_session_by_link", "the link says it" },
	{ "app_session_check", "the cookie says it" },
	{ "app_session_logout", "of the session that was checked" },
	{ "app_user_passwd", "of the person who is logged in, with the old password" },
	{ "app_import_rows", "of an import that app_import_begin allowed" },
	{ "app_import_end", "of an import that app_import_begin allowed" },
	{ "app_import_abandon", "of an import that app_import_begin allowed" },
	{ "app_import_count", "of an import that app_import_begin allowed" },
	{ "app_idempotency_find", "of the actor's own requests" },
	{ "app_scan_take", "the worker's, of all workspaces" },
	{ "app_scan_cancel_asked", "the worker's" },
	{ "app_scan_release", "the worker's" },
	{ "app_scan_count_death", "the worker's" },
	{ "app_scan_tell", "the worker's" },
	{ "app_scan_end", "the worker's" },
	{ "app_finding_lapse", "the scheduler's" },
};

/* ---- the walk ---- */

static int plant_finding(struct store_tx *tx, void *context, struct err *err)
{
	struct desk *d = context;
	struct domain_row domain;
	struct finding_row row;

	TRY(domain_find(tx, 1, NAME, &domain, err));
	row = (struct finding_row){ .workspace = 1,
				    .domain = domain.no,
				    .check_id = STR_LIT("mail.spf.present"),
				    .severity = SEVERITY_HIGH,
				    .status = FINDING_OPEN,
				    .text = STR_LIT("no SPF"),
				    .first_seen = 1,
				    .last_seen = 1 };
	TRY(finding_insert(tx, &row, err));
	own.finding = id_text(d->a, "fnd", row.id);
	return 0;
}

static void plant(struct desk *d)
{
	struct str tag = STR_LIT("t");
	struct domain_input domain = {
		.name = NAME, .has_tags = true, .tags = &tag, .tag_count = 1
	};
	struct batch_input batch = { .selector = STR_LIT("all"), .cause = BATCH_API };
	struct schedule_input schedule = { .has_name = true,
					   .has_cron = true,
					   .name = STR_LIT("own"),
					   .cron = STR_LIT("@daily") };
	struct policy_input policy = { .has_name = true, .name = STR_LIT("own") };
	struct key_input key = { .name = STR_LIT("own"), .role = STR_LIT("viewer") };
	struct user_input user = { .has_name = true, .name = STR_LIT("own") };
	struct workspace_input workspace = { .has_name = true, .name = STR_LIT("own") };
	struct scan_input scan = { .name = NAME };
	const struct actor *admin = &d->admin;
	struct domain_row domain_row;
	struct batch_row batch_row;
	struct schedule_row schedule_row;
	struct policy_row policy_row;
	struct key_row key_row;
	struct user_row user_row;
	struct workspace_row workspace_row;
	struct scan_row scan_row;
	struct delivery_row delivery_row;
	struct str secret;

#define PLANT(call) DESK_CHECK(d, call, 0)
	PLANT(app_domain_add(&d->app, admin, d->a, &domain, &domain_row, desk_fresh(d)));
	PLANT(app_scan_start(&d->app, admin, d->a, &scan, &scan_row, desk_fresh(d)));
	PLANT(app_batch_start(&d->app, admin, d->a, &batch, &batch_row, desk_fresh(d)));
	PLANT(app_schedule_add(&d->app, admin, d->a, &schedule, &schedule_row, desk_fresh(d)));
	PLANT(app_policy_add(&d->app, admin, d->a, &policy, &policy_row, desk_fresh(d)));
	PLANT(app_key_create(&d->app, admin, d->a, &key, &key_row, &secret, desk_fresh(d)));
	PLANT(app_user_add(&d->app, admin, d->a, &user, &user_row, desk_fresh(d)));
	PLANT(app_workspace_add(&d->app, admin, d->a, &workspace, &workspace_row, desk_fresh(d)));
	PLANT(call_app_channel_add(d, admin));
	PLANT(call_app_rule_add(d, admin));
	PLANT(app_channel_test(&d->app, admin, d->a, STR_LIT("own"), &delivery_row, desk_fresh(d)));
#undef PLANT
	own.delivery = id_text(d->a, "dlv", delivery_row.id);
	rows_write(&d->rows, plant_finding, d, 0);
	own.scan = id_text(d->a, "scn", scan_row.id);
	own.batch = id_text(d->a, "bat", batch_row.id);
	own.schedule = id_text(d->a, "sch", schedule_row.id);
	own.policy = id_text(d->a, "pol", policy_row.id);
	own.key = id_text(d->a, "key", key_row.id);
	own.user = id_text(d->a, "usr", user_row.id);
	own.workspace = id_text(d->a, "wsp", workspace_row.id);
}

/* The newest row of the default workspace's audit trail: it moves with every write there. */
static int64_t trail(struct desk *d)
{
	struct page one = { .limit = 1 };
	struct audit_row *audit;
	struct str next;
	size_t count;

	DESK_CHECK(d,
		   app_audit_list(&d->app, &d->admin, d->a, &one, &audit, &count, &next,
				  desk_fresh(d)),
		   0);
	return audit[0].sequence;
}

static void check_row(struct desk *d, const struct row *row)
{
	struct actor narrow = d->roles[ROLE_ADMIN];
	int64_t before = trail(d);

	for (int role = 0; role < ROLE_COUNT; role++) {
		test_row("%s as %s", row->name, role_words[role]);
		if (!(role_scopes((enum role)role) & row->scope))
			CHECK_INT(row->call(d, &d->roles[role]), -EACCES);
	}
	test_row("%s as a key without %s", row->name, scope_word(row->scope));
	narrow.scopes &= ~(uint32_t)row->scope;
	CHECK_INT(row->call(d, &narrow), -EACCES);
	narrow.role = ROLE_VIEWER; /* scopes that the role has lost count nothing */
	narrow.scopes = UINT32_MAX;
	if (!(role_scopes(ROLE_VIEWER) & row->scope))
		CHECK_INT(row->call(d, &narrow), -EACCES);
	test_row("%s as an admin of another workspace", row->name);
	CHECK_INT(row->call(d, &d->stranger), row->stranger);
	CHECK_INT(trail(d), before); /* none of them has written anything here */
	test_row("%s as admin", row->name);
	CHECK_INT(row->call(d, &d->roles[ROLE_ADMIN]), row->admin);
}

TEST(nobody_does_what_the_table_does_not_allow)
{
	struct desk d;

	desk_open(&d);
	plant(&d);
	for (size_t i = 0; i < ARRAY_COUNT(rows); i++)
		check_row(&d, &rows[i]);
	for (size_t i = 0; i < ARRAY_COUNT(exempt); i++)
		CHECK(exempt[i][1][0]); /* a reason each */
	desk_close(&d);
}

TEST(roles_have_the_scopes_that_they_are_described_with)
{
	static const struct {
		enum role role;
		const char *may, *may_not;
	} said[] = {
		{ ROLE_VIEWER,
		  "domains:read scans:read findings:read schedules:read events:read "
		  "workspaces:read queue:read channels:read",
		  "domains:write scans:write findings:write schedules:write keys:read keys:write "
		  "users:read users:write workspaces:write audit:read queue:write "
		  "channels:write" },
		{ ROLE_AUDITOR, "domains:read audit:read queue:read",
		  "domains:write scans:write findings:write schedules:write keys:read keys:write "
		  "users:read users:write workspaces:write queue:write" },
		{ ROLE_OPERATOR,
		  "domains:read domains:write scans:write findings:write schedules:write "
		  "channels:write",
		  "audit:read keys:read keys:write users:read users:write workspaces:write "
		  "queue:write" },
		{ ROLE_ADMIN,
		  "domains:write scans:write keys:write users:write workspaces:write audit:read "
		  "queue:write keys:read users:read",
		  "" },
	};

	for (size_t i = 0; i < ARRAY_COUNT(said); i++) {
		struct str may = str_of(said[i].may), may_not = str_of(said[i].may_not), word;
		uint32_t has = role_scopes(said[i].role), scope;

		while (str_word(&may, &word)) {
			test_row("%s may %.*s", role_words[said[i].role], STR(word));
			CHECK(!scope_parse(word, &scope) && (has & scope));
		}
		while (str_word(&may_not, &word)) {
			test_row("%s may not %.*s", role_words[said[i].role], STR(word));
			CHECK(!scope_parse(word, &scope) && !(has & scope));
		}
	}
}
