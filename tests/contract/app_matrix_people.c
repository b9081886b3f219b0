/* SPDX-License-Identifier: Apache-2.0 */
/* How does somebody reach for people, workspaces, the queue and what happened? */
#include "tests/contract/app_matrix.h"

#include "app/audit.h"
#include "app/event.h"
#include "app/key.h"
#include "app/queue.h"
#include "app/session.h"
#include "app/user.h"
#include "app/workspace.h"

static const struct page page = { .limit = 100 };

#define WITH &d->app, actor
#define LISTED(type)                                                                               \
	type *rows = NULL;                                                                         \
	struct str next;                                                                           \
	size_t count = 0
#define SHOWN(call)                                                                                \
	do {                                                                                       \
		int code_ = (call);                                                                \
		return code_ < 0 ? code_ : count > 0;                                              \
	} while (0)

/* ---- people, programs, workspaces ---- */

CALL(app_key_create)
{
	struct key_input input = { .name = STR_LIT("k"), .role = STR_LIT("viewer") };
	struct key_row row;
	struct str secret;

	TRY(app_key_create(WITH, d->a, &input, &row, &secret, desk_fresh(d)));
	return row.workspace == 1; /* made in the own workspace */
}

CALL(app_key_get)
{
	struct key_row row;

	return app_key_get(WITH, d->a, own.key, &row, desk_fresh(d));
}

CALL(app_key_list)
{
	LISTED(struct key_row);

	SHOWN(app_key_list(WITH, d->a, &page, &rows, &count, &next, desk_fresh(d)));
}

CALL(app_key_revoke)
{
	return app_key_revoke(WITH, own.key, desk_fresh(d));
}

CALL(app_user_add)
{
	struct user_input input = { .has_name = true, .name = STR_LIT("own") };
	struct user_row row;

	return app_user_add(WITH, d->a, &input, &row, desk_fresh(d));
}

CALL(app_user_get)
{
	struct user_row row;

	return app_user_get(WITH, d->a, own.user, &row, desk_fresh(d));
}

CALL(app_user_list)
{
	LISTED(struct user_row);

	SHOWN(app_user_list(WITH, d->a, &page, &rows, &count, &next, desk_fresh(d)));
}

CALL(app_user_update)
{
	struct user_input input = { .has_role = true, .role = STR_LIT("viewer") };
	struct user_row row;

	return app_user_update(WITH, d->a, STR_LIT("own"), 0, &input, &row, desk_fresh(d));
}

CALL(app_user_delete)
{
	return app_user_delete(WITH, own.user, 0, desk_fresh(d));
}

CALL(app_login_link)
{
	struct str token;

	return app_login_link(WITH, d->a, STR_LIT("own"), &token, desk_fresh(d));
}

CALL(app_workspace_add)
{
	struct workspace_input input = { .has_name = true, .name = STR_LIT("own") };
	struct workspace_row row;

	return app_workspace_add(WITH, d->a, &input, &row, desk_fresh(d));
}

CALL(app_workspace_get)
{
	struct workspace_row row;

	return app_workspace_get(WITH, d->a, own.workspace, &row, desk_fresh(d));
}

CALL(app_workspace_list)
{
	LISTED(struct workspace_row);
	int code = app_workspace_list(WITH, d->a, &page, &rows, &count, &next, desk_fresh(d));

	return code < 0 ? code : count > 1; /* others than the own */
}

CALL(app_workspace_update)
{
	struct workspace_input input = { .has_max_domains = true };
	struct workspace_row row;

	return app_workspace_update(WITH, d->a, own.workspace, 0, &input, &row, desk_fresh(d));
}

CALL(app_workspace_enter)
{
	struct actor inside;

	return app_workspace_enter(WITH, own.workspace, &inside, desk_fresh(d));
}

CALL(app_workspace_delete)
{
	return app_workspace_delete(WITH, own.workspace, 0, desk_fresh(d));
}

/* ---- what happened ---- */

CALL(app_event_after)
{
	struct event_row *rows;
	size_t count = 0;

	SHOWN(app_event_after(WITH, d->a, 0, 100, &rows, &count, desk_fresh(d)));
}

CALL(app_event_newest)
{
	int64_t newest;

	return app_event_newest(WITH, &newest, desk_fresh(d));
}

CALL(app_audit_list)
{
	LISTED(struct audit_row);
	int code = app_audit_list(WITH, d->a, &page, &rows, &count, &next, desk_fresh(d));

	for (size_t i = 0; code == 0 && i < count; i++)
		code = rows[i].workspace == 1;
	return code;
}

CALL(app_audit_verify)
{
	struct audit_walk walk;

	return app_audit_verify(WITH, &walk, desk_fresh(d));
}

CALL(app_queue_view)
{
	struct queue_view view;

	return app_queue_view(WITH, d->a, &view, desk_fresh(d));
}

CALL(app_queue_dead)
{
	LISTED(struct job_row);

	SHOWN(app_queue_dead(WITH, d->a, &page, &rows, &count, &next, desk_fresh(d)));
}

CALL(app_queue_revive)
{
	return app_queue_revive(WITH, 99, desk_fresh(d));
}

CALL(app_queue_discard)
{
	return app_queue_discard(WITH, 99, desk_fresh(d));
}
