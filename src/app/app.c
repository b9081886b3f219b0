/* SPDX-License-Identifier: Apache-2.0 */
/* Who acts, may they, and what was wrong with what they asked? */
#include "app/app.h"

#include <stdatomic.h>

#include "model/profile.h"

#include <sodium.h>
#include <stdarg.h>

enum { PAGE_ROWS = 1000 };

#define MINUTE_US INT64_C(60000000)
#define HOUR_US (60 * MINUTE_US)
#define DAY_US (24 * HOUR_US)

void app_init(struct app *app, struct store *store)
{
	(void)!sodium_init();
	*app = (struct app){
		.store = store,
		.default_profile = PROFILE_STANDARD,
		.idempotency_us = DAY_US,
		.session_idle_us = 12 * HOUR_US,
		.session_max_us = 14 * DAY_US,
		.login_link_us = 15 * MINUTE_US,
	};
}

void app_mark(struct app *app, store_work *work, void *context)
{
	if (atomic_exchange(&app->is_marking, true))
		return;
	(void)!store_write(app->store, work, context, NULL);
	atomic_store(&app->is_marking, false);
}

struct actor actor_of_machine(enum actor_kind kind, int64_t workspace, struct str name)
{
	return (struct actor){
		.kind = kind,
		.workspace = workspace,
		.name = name,
		.role = ROLE_ADMIN,
		.scopes = role_scopes(ROLE_ADMIN),
	};
}

void problem_init(struct problem *problem, struct arena *a)
{
	*problem = (struct problem){ .a = a };
}

int problem_add(struct problem *problem, struct str pointer, const char *code, const char *format,
		...)
{
	char text[sizeof problem->err.text];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof text, format, args);
	va_end(args);
	if (problem->count < PROBLEM_ERRORS)
		problem->errors[problem->count++] = (struct field_error){
			.pointer = str_copy(problem->a, pointer),
			.code = str_of(code),
			.detail = str_copy(problem->a, str_of(text)),
		};
	if (problem->count == 1)
		return err_set(&problem->err, -EINVAL, "%.*s%s%s", STR(pointer),
			       pointer.len ? ": " : "", text);
	return -EINVAL;
}

int problem_code(const struct problem *problem)
{
	return problem->count ? -EINVAL : 0;
}

int actor_may(const struct actor *actor, enum scope scope, struct problem *problem)
{
	if (actor->scopes & role_scopes(actor->role) & (uint32_t)scope)
		return 0;
	if (!(role_scopes(actor->role) & (uint32_t)scope))
		return err_set(&problem->err, -EACCES, "the role %s does not have the scope %s",
			       role_words[actor->role], scope_word(scope));
	return err_set(&problem->err, -EACCES, "the key does not have the scope %s",
		       scope_word(scope));
}

int actor_covers(const struct actor *actor, enum role role, struct problem *problem)
{
	if (!(role_scopes(role) & ~(actor->scopes & role_scopes(actor->role))))
		return 0;
	return err_set(&problem->err, -EACCES, "the role %s has more rights than you have",
		       role_words[role]);
}

int page_check(const struct page *page, struct problem *problem)
{
	if (page->limit >= 1 && page->limit <= PAGE_ROWS)
		return 0;
	return problem_add(problem, STR_LIT("/limit"), "range", "1 to %d rows a page", PAGE_ROWS);
}

int page_code(int code, struct problem *problem)
{
	struct err why = problem->err;

	if (code != -EINVAL || problem->count)
		return code;
	return problem_add(problem, STR_LIT("/cursor"), "cursor", "%s", why.text);
}

struct str actor_text(struct arena *a, const struct actor *actor)
{
	switch (actor->kind) {
	case ACTOR_KEY:
		return id_text(a, "key", actor->id);
	case ACTOR_USER:
		return id_text(a, "usr", actor->id);
	case ACTOR_COMMAND:
		return actor->name.len ? str_printf(a, "command %.*s", STR(actor->name))
				       : STR_LIT("command");
	default:
		return STR_LIT("system");
	}
}
