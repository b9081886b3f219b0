/* SPDX-License-Identifier: Apache-2.0 */
/* Who comes with this request, and may they call this route? */
#include "roles/api/auth.h"

#include "app/key.h"
#include "app/workspace.h"
#include "roles/api/server.h"

/* Wrong credentials: so many at once from one address, then one every so often. */
static const struct rate_limit wrong_limit = { 1, 1, 20 };

int auth_refuse(struct request *r, const char *why)
{
	struct str who = str_printf(&r->arena, "wrong %.*s", STR(r->address));
	struct rate_state state = rate_take(&r->api->rates, who, wrong_limit, r->begun_us);

	if (!state.is_allowed) {
		answer_header(r, "Retry-After", str_printf(&r->arena, "%u", state.reset_s).data);
		return answer_problem(r, PROBLEM_RATE, "too many wrong credentials");
	}
	answer_header(r, "WWW-Authenticate", "Bearer realm=\"dss\"");
	return answer_problem(r, PROBLEM_UNAUTHENTICATED, "%s", why);
}

/* The value of a cookie (RFC 6265 section 5.4); empty: none. */
static struct str cookie_of(const struct request *r, struct str name)
{
	struct str rest = request_header(r, "Cookie"), part;

	while (rest.len && str_split(&rest, ';', &part)) {
		part = str_trim(part);
		if (part.len > name.len && str_starts(part, name) && part.data[name.len] == '=')
			return str_from(part, name.len + 1);
	}
	return STR_NONE;
}

static int key_check(struct request *r, struct str header)
{
	struct str secret;
	int code;

	if (!str_starts_nocase(header, STR_LIT("Bearer ")))
		return auth_refuse(r, "Authorization must be Bearer and a key");
	secret = str_trim(str_from(header, 7));
	code = app_key_check(r->app, &r->arena, secret, &r->actor, &r->problem);
	if (code == -EACCES)
		return auth_refuse(r, "there is no such key, or it is revoked or expired");
	if (code < 0)
		return answer_app(r, code);
	r->has_actor = true;
	return 0;
}

static int session_check(struct request *r, struct str secret)
{
	struct str csrf = request_header(r, "X-CSRF-Token");
	int code = app_session_check(r->app, &r->arena, secret, &r->login, &r->problem);

	if (code == -EACCES)
		return auth_refuse(r, "the session is over: log in again");
	if (code < 0)
		return answer_app(r, code);
	if (r->method != METHOD_GET && !session_csrf_fits(&r->login, csrf))
		return answer_problem(r, PROBLEM_FORBIDDEN,
				      "X-CSRF-Token must hold the token that the login gave");
	r->actor = r->login.actor;
	r->has_actor = r->has_session = true;
	return 0;
}

/* Nothing listens: the command line asks its own API, and may what the data folder's owner may. */
static int command_take(struct request *r)
{
	r->actor = actor_of_machine(ACTOR_COMMAND, WORKSPACE_DEFAULT, STR_LIT("command"));
	r->has_actor = true;
	return 0;
}

static int identity_check(struct request *r)
{
	struct str header = request_header(r, "Authorization");
	struct str cookie = cookie_of(r, STR_LIT(SESSION_COOKIE));

	if (!r->api->options.listen.len) { /* nobody but this process can ask: api_connect */
		r->actor = actor_of_machine(ACTOR_COMMAND, WORKSPACE_DEFAULT,
					    r->api->options.own_name);
		r->has_actor = true;
		return 0;
	}
	if (!r->api->options.listen.len)
		return command_take(r);
	if (header.len)
		return key_check(r, header);
	if (cookie.len)
		return session_check(r, cookie);
	return auth_refuse(r, "send Authorization: Bearer dss_…, or log in");
}

/* The admins of the first workspace may work inside of the others. */
static int workspace_enter(struct request *r)
{
	struct str name = request_header(r, "Dss-Workspace");
	struct actor inside;
	int code;

	if (!name.len)
		return 0;
	code = app_workspace_enter(r->app, &r->actor, name, &inside, &r->problem);
	if (code < 0)
		return answer_app(r, code);
	r->actor = inside;
	return 0;
}

int auth_check(struct request *r)
{
	const struct access *access = &r->route->access;

	if (access->is_public)
		return 0;
	if (!r->app)
		return answer_problem(r, PROBLEM_UNAVAILABLE, "this server has no store");
	TRY(identity_check(r));
	if (r->status)
		return 0;
	r->actor.request_id = str_of(r->identity.request_id);
	r->actor.trace = str_of(r->identity.parent);
	TRY(workspace_enter(r));
	if (r->status)
		return 0;
	if (access->is_personal && !r->has_session)
		return answer_problem(r, PROBLEM_FORBIDDEN, "this is for people who logged in");
	if (access->scope && !(r->actor.scopes & access->scope))
		return answer_problem(r, PROBLEM_FORBIDDEN, "the scope %s is missing",
				      scope_word((enum scope)access->scope));
	return 0;
}
