/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who asks in the tests of the API? Makes identities in a store and prints "NAME SECRET" lines: a key
 * for each role, one with a single scope, one of another workspace, one that is revoked and one that
 * is over, and the token of a login link.
 *
 * usage: identities sqlite:FOLDER
 */
#include <stdio.h>

#include "app/key.h"
#include "app/session.h"
#include "app/workspace.h"
#include "base/clock.h"

struct making {
	struct arena a;
	struct app app;
	struct actor actor;
	struct problem problem;
};

static void must(struct making *m, int code, const char *what)
{
	if (code >= 0)
		return;
	fprintf(stderr, "identities: %s: %d %s\n", what, code, m->problem.err.text);
	for (size_t i = 0; i < m->problem.count; i++)
		fprintf(stderr, "  %.*s %.*s\n", STR(m->problem.errors[i].pointer),
			STR(m->problem.errors[i].detail));
	exit(1);
}

static struct key_row key_make(struct making *m, const char *name, const char *role,
			       const char *scope, int64_t expires_at)
{
	struct str scopes[] = { str_of(scope) }, secret;
	struct key_input input = { .name = str_of(name),
				   .role = str_of(role),
				   .scopes = scopes,
				   .scope_count = scope ? 1 : 0,
				   .expires_at = expires_at };
	struct key_row row;

	must(m, app_key_create(&m->app, &m->actor, &m->a, &input, &row, &secret, &m->problem),
	     name);
	printf("%s %.*s\n", name, STR(secret));
	return row;
}

static void other_workspace_make(struct making *m)
{
	struct workspace_input input = { .has_name = true, .name = STR_LIT("other") };
	struct workspace_row row;
	struct actor own = m->actor;

	must(m, app_workspace_add(&m->app, &m->actor, &m->a, &input, &row, &m->problem),
	     "workspace");
	must(m, app_workspace_enter(&m->app, &own, STR_LIT("other"), &m->actor, &m->problem),
	     "enter");
	key_make(m, "other", "admin", NULL, 0);
	m->actor = own;
}

int main(int argc, char **argv)
{
	struct making m = { .a = { 0 } };
	struct err err = { 0 };
	struct store *store;
	struct key_row revoked;
	struct str token;

	if (argc != 2 || store_open(str_of(argv[1]), STORE_CREATE, &store, &err) < 0) {
		fprintf(stderr, "identities: %s\n", err.text);
		return 2;
	}
	app_init(&m.app, store);
	problem_init(&m.problem, &m.a);
	m.actor = actor_of_machine(ACTOR_COMMAND, WORKSPACE_DEFAULT, STR_LIT("command"));
	for (int role = 0; role < ROLE_COUNT; role++)
		key_make(&m, role_words[role], role_words[role], NULL, 0);
	key_make(&m, "scoped", "operator", "domains:read", 0);
	key_make(&m, "over", "admin", NULL, clock_utc_us() + 1000000);
	revoked = key_make(&m, "revoked", "admin", NULL, 0);
	must(&m, app_key_revoke(&m.app, &m.actor, id_text(&m.a, "key", revoked.id), &m.problem),
	     "revoke");
	other_workspace_make(&m);
	must(&m, app_login_link(&m.app, &m.actor, &m.a, STR_NONE, &token, &m.problem), "link");
	printf("link %.*s\n", STR(token));
	store_close(store);
	arena_release(&m.a);
	return 0;
}
