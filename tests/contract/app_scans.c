/* SPDX-License-Identifier: Apache-2.0 */
/* May who asks have a scan, and what becomes of it? */
#include "app/scan.h"
#include "model/profile.h"
#include "store/event.h"
#include "tests/contract/scan_rows.h"

struct world {
	struct rows rows;
	struct app app;
	struct actor actor;
	struct problem problem;
	struct scan_row row;
	struct domain_row domain;
	struct quotas quotas;
};

static void world_open(struct world *w)
{
	memset(w, 0, sizeof *w);
	rows_open(&w->rows);
	app_init(&w->app, w->rows.store);
	w->actor = actor_of_machine(ACTOR_SYSTEM, WORKSPACE_DEFAULT, STR_LIT("test"));
	w->actor.trace = STR_LIT("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
}

static int start(struct world *w, struct scan_input input)
{
	problem_init(&w->problem, &w->rows.a);
	return app_scan_start(&w->app, &w->actor, &w->rows.a, &input, &w->row, &w->problem);
}

TEST(a_scan_is_accepted_once_while_it_is_open)
{
	struct world w;
	struct uuid first;

	world_open(&w);
	CHECK_INT(start(&w, (struct scan_input){ .name = STR_LIT("Example.COM.") }), 0);
	CHECK_STR(w.row.name, "example.com");
	CHECK(w.row.profile == PROFILE_STANDARD && w.row.priority == PRIORITY_HIGH);
	first = w.row.id;
	CHECK_INT(start(&w, (struct scan_input){ .name = STR_LIT("example.com") }), 1);
	CHECK(uuid_eq(w.row.id, first));
	CHECK_INT(start(&w, (struct scan_input){ .name = STR_LIT("example.com"),
						 .recheck = STR_LIT("mail.spf") }),
		  0);
	CHECK_STR(w.row.recheck, "mail.spf");
	rows_close(&w.rows);
}

TEST(wrong_fields_are_named)
{
	static const struct {
		struct scan_input input;
		const char *pointer;
	} table[] = {
		{ { .name = STR_INIT("exam ple.com") }, "/name" },
		{ { .name = STR_INIT("") }, "/name" },
		{ { .name = STR_INIT("example.com"), .profile = STR_INIT("deeper") }, "/profile" },
		{ { .name = STR_INIT("example.com"), .priority = STR_INIT("1") }, "/priority" },
		{ { .name = STR_INIT("example.com"), .recheck = STR_INIT("Mail SPF") },
		  "/recheck" },
	};
	struct world w;

	world_open(&w);
	for (size_t i = 0; i < ARRAY_COUNT(table); i++) {
		test_row("%s", table[i].pointer);
		CHECK_INT(start(&w, table[i].input), -EINVAL);
		CHECK_INT(w.problem.count, 1);
		CHECK_STR(w.problem.errors[0].pointer, table[i].pointer);
	}
	rows_close(&w.rows);
}

static int set_quotas(struct store_tx *tx, void *context, struct err *err)
{
	struct world *w = context;
	struct workspace_row row;

	TRY(workspace_get(tx, WORKSPACE_DEFAULT, &row, err));
	row.quotas = w->quotas;
	return workspace_update(tx, &row, err);
}

static int find_domain(struct store_tx *tx, void *context, struct err *err)
{
	struct world *w = context;

	store_keep(tx, &w->rows.a);
	return domain_find(tx, WORKSPACE_DEFAULT, STR_LIT("second.example"), &w->domain, err);
}

TEST(a_scan_over_quota_leaves_nothing_behind)
{
	struct world w;

	world_open(&w);
	w.quotas.max_scans_per_day = 1;
	rows_write(&w.rows, set_quotas, &w, 0);
	CHECK_INT(start(&w, (struct scan_input){ .name = STR_LIT("first.example") }), 0);
	CHECK_INT(start(&w, (struct scan_input){ .name = STR_LIT("second.example") }), -EDQUOT);
	rows_read(&w.rows, find_domain, &w, -ENOENT); /* not even the domain */
	CHECK_INT(start(&w, (struct scan_input){ .name = STR_LIT("first.example") }), 1);
	w.rows.now_us += DAY_US;
	CHECK_INT(start(&w, (struct scan_input){ .name = STR_LIT("second.example") }), 0);
	w.quotas = (struct quotas){ .max_domains = 2 };
	rows_write(&w.rows, set_quotas, &w, 0);
	CHECK_INT(start(&w, (struct scan_input){ .name = STR_LIT("third.example") }), -EDQUOT);
	rows_close(&w.rows);
}

TEST(who_lacks_a_scope_gets_no_scan)
{
	struct world w;

	world_open(&w);
	w.actor.scopes = SCOPE_SCANS_READ;
	CHECK_INT(start(&w, (struct scan_input){ .name = STR_LIT("example.com") }), -EACCES);
	w.actor.scopes = SCOPE_SCANS_WRITE;
	CHECK_INT(start(&w, (struct scan_input){ .name = STR_LIT("example.com") }), -EACCES);
	CHECK(strstr(w.problem.err.text, "domains:write"));
	w.actor.scopes = SCOPE_SCANS_WRITE | SCOPE_DOMAINS_WRITE;
	CHECK_INT(start(&w, (struct scan_input){ .name = STR_LIT("example.com") }), 0);
	w.actor.scopes = SCOPE_SCANS_WRITE;
	CHECK_INT(start(&w, (struct scan_input){ .name = STR_LIT("example.com") }), 1);
	rows_close(&w.rows);
}

TEST(active_questions_need_the_proof_of_control)
{
	struct scan_input input = { .name = STR_LIT("example.com"), .is_active = true };
	struct world w;

	world_open(&w);
	CHECK_INT(start(&w, input), -EPERM);
	w.actor.kind = ACTOR_COMMAND;
	CHECK_INT(start(&w, input), 0);
	CHECK(w.row.flags == SCAN_IS_ACTIVE_FLAG);
	rows_close(&w.rows);
}

static void look(struct world *w, struct str id, int code)
{
	problem_init(&w->problem, &w->rows.a);
	CHECK_INT(app_scan_get(&w->app, &w->actor, &w->rows.a, id, &w->row, &w->problem), code);
}

TEST(another_workspaces_scan_is_not_there)
{
	struct world w;
	struct str id;

	world_open(&w);
	CHECK_INT(start(&w, (struct scan_input){ .name = STR_LIT("example.com") }), 0);
	id = id_text(&w.rows.a, "scn", w.row.id);
	look(&w, id, 0);
	CHECK_STR(w.row.trace, "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
	look(&w, STR_LIT("scn_x"), -ENOENT);
	w.actor.workspace = 2;
	look(&w, id, -ENOENT);
	CHECK_INT(app_scan_cancel(&w.app, &w.actor, &w.rows.a, id, &w.row, &w.problem), -ENOENT);
	rows_close(&w.rows);
}

static int last_event(struct store_tx *tx, void *context, struct err *err)
{
	struct event_row *rows;
	int64_t first, last;
	size_t count;

	TRY(event_bounds(tx, &first, &last, err));
	TRY(event_after(tx, 0, last - 1, 1, &rows, &count, err));
	*(int *)context = rows[0].type;
	return 0;
}

TEST(a_cancelled_scan_ends_once)
{
	struct scan_taking taking = { 0 };
	struct scan_choice choice = { .status = STR_LIT("open") };
	struct page page = { .limit = 10 };
	struct scan_row *rows;
	struct world w;
	struct str id, next;
	size_t count;
	int type;

	world_open(&w);
	CHECK_INT(start(&w, (struct scan_input){ .name = STR_LIT("example.com") }), 0);
	taking.scan = w.row.id;
	id = id_text(&w.rows.a, "scn", w.row.id);
	CHECK_INT(app_scan_list(&w.app, &w.actor, &w.rows.a, &choice, &page, &rows, &count, &next,
				&w.problem),
		  0);
	CHECK_INT(count, 1);
	CHECK_INT(app_scan_cancel(&w.app, &w.actor, &w.rows.a, id, &w.row, &w.problem), 0);
	CHECK(w.row.status == SCAN_IS_CANCELLED);
	rows_read(&w.rows, last_event, &type, 0);
	CHECK_INT(type, EVENT_SCAN_CANCELLED);
	CHECK_INT(app_scan_cancel(&w.app, &w.actor, &w.rows.a, id, &w.row, &w.problem), -EALREADY);
	CHECK_INT(app_scan_take(&w.app, &w.rows.a, uuid_new(1), &taking, 1, NULL), 0);
	CHECK_INT(taking.code, -EALREADY);
	CHECK_INT(app_scan_list(&w.app, &w.actor, &w.rows.a, &choice, &page, &rows, &count, &next,
				&w.problem),
		  0);
	CHECK_INT(count, 0);
	rows_close(&w.rows);
}

TEST(a_running_scan_that_is_to_stop_is_known_to_its_worker)
{
	struct scan_taking taking = { 0 };
	struct uuid worker = uuid_new(7), *asked;
	struct world w;
	size_t count;
	int deaths;

	world_open(&w);
	CHECK_INT(start(&w, (struct scan_input){ .name = STR_LIT("example.com") }), 0);
	taking.scan = w.row.id;
	CHECK_INT(app_scan_take(&w.app, &w.rows.a, worker, &taking, 1, NULL), 0);
	CHECK_INT(taking.code, 0);
	CHECK_STR(taking.row.name, "example.com");
	CHECK_INT(app_scan_count_death(&w.app, taking.scan, taking.row.token, &deaths, NULL), 0);
	CHECK_INT(deaths, 1);
	CHECK_INT(app_scan_cancel(&w.app, &w.actor, &w.rows.a,
				  id_text(&w.rows.a, "scn", taking.scan), &w.row, &w.problem),
		  0);
	CHECK(w.row.status == SCAN_IS_RUNNING);
	CHECK_INT(app_scan_cancel_asked(&w.app, &w.rows.a, worker, &asked, &count, NULL), 0);
	CHECK(count == 1 && uuid_eq(asked[0], taking.scan));
	/* Its worker hands it back instead: whoever takes it next ends it. */
	CHECK_INT(app_scan_release(&w.app, taking.scan, taking.row.token, true, NULL), 0);
	CHECK_INT(app_scan_release(&w.app, taking.scan, taking.row.token, true, NULL), -ESTALE);
	CHECK_INT(app_scan_take(&w.app, &w.rows.a, worker, &taking, 1, NULL), 0);
	CHECK_INT(taking.code, -EALREADY);
	CHECK(taking.row.status == SCAN_IS_CANCELLED);
	rows_close(&w.rows);
}

TEST(choices_that_are_none_are_named)
{
	static const struct {
		struct scan_choice choice;
		const char *pointer;
	} table[] = {
		{ { .domain = STR_INIT("a b") }, "/domain" },
		{ { .batch = STR_INIT("scn_1") }, "/batch" },
		{ { .status = STR_INIT("finished") }, "/status" },
	};
	struct page page = { .limit = 10 };
	struct scan_row *rows;
	struct world w;
	struct str next;
	size_t count;

	world_open(&w);
	for (size_t i = 0; i < ARRAY_COUNT(table); i++) {
		problem_init(&w.problem, &w.rows.a);
		CHECK_INT(app_scan_list(&w.app, &w.actor, &w.rows.a, &table[i].choice, &page, &rows,
					&count, &next, &w.problem),
			  -EINVAL);
		CHECK_STR(w.problem.errors[0].pointer, table[i].pointer);
	}
	rows_close(&w.rows);
}
