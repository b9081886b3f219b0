/* SPDX-License-Identifier: Apache-2.0 */
/* What do all tests of app/ begin and end with? */
#include "tests/contract/desk.h"

#include "app/audit.h"
#include "app/workspace.h"

void desk_open(struct desk *desk)
{
	struct workspace_input input = { .has_name = true, .name = STR_LIT("other") };
	struct workspace_row row;

	rows_open(&desk->rows);
	desk->a = &desk->rows.a;
	app_init(&desk->app, desk->rows.store);
	desk->admin = actor_of_machine(ACTOR_SYSTEM, 1, STR_NONE);
	for (int i = 0; i < ROLE_COUNT; i++)
		desk->roles[i] = (struct actor){ .kind = ACTOR_KEY,
						 .workspace = 1,
						 .id = uuid_new(1),
						 .name = str_of(role_words[i]),
						 .role = (enum role)i,
						 .scopes = role_scopes((enum role)i) };
	DESK_CHECK(desk,
		   app_workspace_add(&desk->app, &desk->admin, desk->a, &input, &row,
				     desk_fresh(desk)),
		   0);
	desk->stranger = desk->roles[ROLE_ADMIN];
	desk->stranger.id = uuid_new(2);
	desk->stranger.workspace = row.no;
}

void desk_close(struct desk *desk)
{
	struct audit_walk walk;

	DESK_CHECK(desk, app_audit_verify(&desk->app, &desk->admin, &walk, desk_fresh(desk)), 0);
	rows_close(&desk->rows);
}

struct problem *desk_fresh(struct desk *desk)
{
	problem_init(&desk->problem, desk->a);
	return &desk->problem;
}

void desk_check(struct desk *desk, int got, int want, const char *call, const char *file, int line)
{
	if (got == want)
		return;
	print_error("%s\ngot %d, want %d: %s\n", call, got, want, desk->problem.err.text);
	_fail(file, line);
}

struct str desk_audited(struct desk *desk)
{
	struct page page = { .limit = 1 };
	struct audit_row *rows;
	struct str next;
	size_t count;

	DESK_CHECK(desk,
		   app_audit_list(&desk->app, &desk->admin, desk->a, &page, &rows, &count, &next,
				  desk_fresh(desk)),
		   0);
	return count ? rows[0].action : STR_NONE;
}

struct str desk_error(struct desk *desk, size_t n)
{
	const struct field_error *error = &desk->problem.errors[n];

	if (n >= desk->problem.count)
		return STR_LIT("none");
	return str_printf(desk->a, "%.*s %.*s", STR(error->pointer), STR(error->code));
}
