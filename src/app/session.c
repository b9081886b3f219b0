/* SPDX-License-Identifier: Apache-2.0 */
/* Who logs in, by password or by link, and who is logged in? */
#include "app/session.h"

#include "app/password.h"
#include "app/record.h"
#include "app/strangers.h"
#include "app/token.h"
#include "app/user.h"

enum { SEEN_EVERY_US = 60000000 };

struct call {
	const struct app *app;
	struct arena *a;
	struct problem *problem;
	struct str name, hash;
	struct user_row user;
	bool is_there;
	struct session_row session;
	struct str secret;
	int64_t now_us;
	/* of a password's change */
	struct str new_hash;
	const struct actor *actor;
};

static struct actor actor_of(const struct user_row *user)
{
	return (struct actor){
		.kind = ACTOR_USER,
		.workspace = user->workspace,
		.id = user->id,
		.name = user->name,
		.role = user->role,
		.scopes = role_scopes(user->role),
	};
}

static struct login login_of(const struct call *call)
{
	return (struct login){
		.secret = call->secret,
		.csrf = call->session.csrf,
		.session = call->session.id,
		.user = call->user.id,
		.expires_at = call->session.expires_at,
		.actor = actor_of(&call->user),
	};
}

static int refused(struct problem *problem)
{
	return err_set(&problem->err, -EACCES, "no such name, or not its password");
}

/* A session of call->user begins. */
static int begin(struct store_tx *tx, struct call *call, const char *action, struct err *err)
{
	struct actor actor = actor_of(&call->user);

	call->session = (struct session_row){
		.user = call->user.id,
		.hash = token_hash(tx->a, call->secret),
		.csrf = call->session.csrf,
		.expires_at = tx->now_us + call->app->session_idle_us,
	};
	TRY(user_count_login(tx, call->user.id, true, 0, err));
	TRY(session_insert(tx, &call->session, err));
	return record_audit(tx, &actor, action, call->user.name, STR_NONE, STR_NONE, err);
}

static void secrets_new(struct call *call)
{
	call->secret = token_new(call->a);
	call->session.csrf = token_new(call->a);
}

/* ---- by password ---- */

static int find_user(struct store_tx *tx, void *context, struct err *err)
{
	struct call *call = context;
	int code;

	store_keep(tx, call->a);
	call->now_us = tx->now_us;
	code = user_find(tx, call->name, &call->user, err);
	call->is_there = !code;
	return code == -ENOENT ? 0 : code;
}

static int64_t wait_us(int64_t failures)
{
	int64_t over = failures - LOGIN_FREE;
	int64_t seconds = over < 0 ? 0 : over > 20 ? LOGIN_WAIT_MAX_S : INT64_C(1) << over;

	return MIN(seconds, LOGIN_WAIT_MAX_S) * INT64_C(1000000);
}

static int count_failure(struct store_tx *tx, void *context, struct err *err)
{
	struct call *call = context;
	struct user_row now;
	struct actor actor;
	int64_t wait;

	TRY(user_get(tx, call->user.id, &now, err));
	wait = wait_us(now.failures + 1);
	actor = actor_of(&now);
	TRY(user_count_login(tx, now.id, false, wait ? tx->now_us + wait : 0, err));
	return record_audit(tx, &actor, "session.refuse", now.name, STR_NONE, STR_NONE, err);
}

static int begin_by_password(struct store_tx *tx, void *context, struct err *err)
{
	struct call *call = context;
	struct user_row now;

	store_keep(tx, call->a);
	TRY(user_get(tx, call->user.id, &now, err));
	if (now.is_disabled || now.version != call->user.version) /* changed while it was checked */
		return err_set(err, -EACCES, "no such name, or not its password");
	call->user = now;
	return begin(tx, call, "session.login", err);
}

/* A name that nobody has waits as one that somebody has. */
static void count_stranger(const struct call *call)
{
	int64_t wait = wait_us(stranger_count(call->name, call->now_us));

	if (wait)
		stranger_lock(call->name, call->now_us + wait);
}

static int check_lock(const struct call *call, struct problem *problem)
{
	int64_t until =
		call->is_there ? call->user.locked_until : stranger_locked_until(call->name);

	if (until <= call->now_us)
		return 0;
	problem->retry_us = until - call->now_us;
	return err_set(&problem->err, -EAGAIN,
		       "too many wrong passwords: try again in %d s, or log in by a link",
		       (int)(problem->retry_us / 1000000 + 1));
}

/* The password of call->name: 0, -EACCES or -EAGAIN; a failure is counted. */
static int check_password(struct app *app, struct call *call, struct str password,
			  struct problem *problem)
{
	struct str hash;
	int code;

	TRY(store_read(app->store, find_user, call, &problem->err));
	TRY(check_lock(call, problem));
	hash = call->is_there && !call->user.is_disabled ? call->user.password : STR_NONE;
	code = password_check(call->a, hash, password, problem);
	if (code == -EACCES && call->is_there)
		(void)!store_write(app->store, count_failure, call, NULL);
	else if (code == -EACCES)
		count_stranger(call);
	return code;
}

int app_session_login(struct app *app, struct arena *a, struct str name, struct str password,
		      struct login *ret, struct problem *problem)
{
	struct call call = { .app = app, .a = a, .name = str_trim(name) };

	if (call.name.len > USER_NAME_BYTES)
		call.name = STR_NONE;
	TRY(check_password(app, &call, password, problem));
	secrets_new(&call);
	TRY(store_write(app->store, begin_by_password, &call, &problem->err));
	*ret = login_of(&call);
	return 0;
}

static int change_password(struct store_tx *tx, void *context, struct err *err)
{
	struct call *call = context;
	struct user_row row;

	TRY(user_get(tx, call->user.id, &row, err));
	row.password = call->new_hash;
	TRY(user_update(tx, &row, err));
	TRY(session_delete_of(tx, row.id, err));
	return record_audit(tx, call->actor, "user.passwd", row.name, STR_NONE, STR_NONE, err);
}

int app_user_passwd(struct app *app, const struct actor *actor, struct str old_password,
		    struct str new_password, struct problem *problem)
{
	struct call call = { .app = app, .a = problem->a, .actor = actor, .name = actor->name };

	if (actor->kind != ACTOR_USER)
		return err_set(&problem->err, -EACCES, "a key has no password: log in");
	TRY(password_read(new_password, actor->name, problem));
	TRY(check_password(app, &call, old_password, problem));
	if (!uuid_eq(call.user.id, actor->id)) /* the name went to somebody else meanwhile */
		return refused(problem);
	TRY(password_hash(call.a, new_password, &call.new_hash, problem));
	return store_write(app->store, change_password, &call, &problem->err);
}

/* ---- by link ---- */

static int begin_by_link(struct store_tx *tx, void *context, struct err *err)
{
	struct call *call = context;
	struct uuid id;
	int code;

	store_keep(tx, call->a);
	code = login_link_use(tx, call->hash, &id, err);
	if (code == -ENOENT)
		return err_set(err, -EACCES,
			       "the link was used, or its time is over: make a new one");
	TRY(code);
	TRY(user_get(tx, id, &call->user, err));
	if (call->user.is_disabled)
		return err_set(err, -EACCES, "the link is of somebody who may not log in");
	return begin(tx, call, "session.login-by-link", err);
}

int app_session_by_link(struct app *app, struct arena *a, struct str token, struct login *ret,
			struct problem *problem)
{
	struct call call = { .app = app, .a = a };

	if (token.len != TOKEN_CHARS)
		return err_set(&problem->err, -EACCES, "that is no link of ours");
	call.hash = token_hash(a, token);
	secrets_new(&call);
	TRY(store_write(app->store, begin_by_link, &call, &problem->err));
	*ret = login_of(&call);
	return 0;
}

struct link {
	const struct app *app;
	const struct actor *actor;
	struct str name, hash;
	struct problem *problem;
};

static int first_admin(struct store_tx *tx, const struct link *link, struct user_row *ret,
		       struct err *err)
{
	struct page page = { .limit = 1000 };

	do {
		struct user_row *rows;
		size_t count;

		TRY(user_list(tx, link->actor->workspace, &page, &rows, &count, &page.after, err));
		for (size_t i = 0; i < count; i++) {
			if (rows[i].role == ROLE_ADMIN && !rows[i].is_disabled) {
				*ret = rows[i];
				return 0;
			}
		}
	} while (page.after.len);
	*ret = (struct user_row){ .workspace = link->actor->workspace,
				  .name = STR_LIT("admin"),
				  .role = ROLE_ADMIN };
	TRY(user_insert(tx, ret, err));
	return record_audit(tx, link->actor, "user.create", ret->name, STR_NONE,
			    STR_LIT("{\"name\":\"admin\",\"role\":\"admin\"}"), err);
}

static int make_link(struct store_tx *tx, void *context, struct err *err)
{
	struct link *link = context;
	struct user_row user;
	int code;

	if (link->name.len)
		TRY(user_find(tx, link->name, &user, err));
	else
		TRY(first_admin(tx, link, &user, err));
	if (user.workspace != link->actor->workspace || user.is_disabled)
		return err_set(err, -ENOENT, "no such user");
	code = actor_covers(link->actor, user.role, link->problem);
	if (code < 0)
		return err_set(err, code, "the person has more rights than you have");
	TRY(login_link_insert(tx, link->hash, user.id, tx->now_us + link->app->login_link_us, err));
	return record_audit(tx, link->actor, "user.link", user.name, STR_NONE, STR_NONE, err);
}

int app_login_link(struct app *app, const struct actor *actor, struct arena *a, struct str name,
		   struct str *ret_token, struct problem *problem)
{
	struct link link = { .app = app, .actor = actor, .name = name, .problem = problem };
	struct str token;

	TRY(actor_may(actor, SCOPE_USERS_WRITE, problem));
	token = token_new(a);
	link.hash = token_hash(a, token);
	TRY(store_write(app->store, make_link, &link, &problem->err));
	*ret_token = token;
	return 0;
}

/* ---- afterwards ---- */

static int find_session(struct store_tx *tx, void *context, struct err *err)
{
	struct call *call = context;
	int code;

	store_keep(tx, call->a);
	call->now_us = tx->now_us;
	code = session_find(tx, call->hash, &call->session, &call->user, err);
	if (code == -ENOENT)
		return err_set(err, -EACCES, "not logged in, or not any more");
	return code;
}

static int prolong(struct store_tx *tx, void *context, struct err *err)
{
	struct call *call = context;

	return session_seen(tx, call->session.id, call->session.expires_at, err);
}

int app_session_check(struct app *app, struct arena *a, struct str secret, struct login *ret,
		      struct problem *problem)
{
	struct call call = { .app = app, .a = a, .secret = secret };
	int64_t end;

	if (secret.len != TOKEN_CHARS)
		return err_set(&problem->err, -EACCES, "not logged in");
	call.hash = token_hash(a, secret);
	TRY(store_read(app->store, find_session, &call, &problem->err));
	end = MIN(call.now_us + app->session_idle_us,
		  call.session.created_at + app->session_max_us);
	if (call.now_us - call.session.seen_at >= SEEN_EVERY_US) {
		call.session.expires_at = end;
		app_mark(app, prolong, &call);
	}
	*ret = login_of(&call);
	return 0;
}

bool session_csrf_fits(const struct login *login, struct str csrf)
{
	return login->csrf.len > 0 && token_eq(login->csrf, csrf);
}

static int end_session(struct store_tx *tx, void *context, struct err *err)
{
	const struct login *login = context;

	TRY(session_delete(tx, login->session, err));
	return record_audit(tx, &login->actor, "session.logout", login->actor.name, STR_NONE,
			    STR_NONE, err);
}

int app_session_logout(struct app *app, const struct login *login, struct problem *problem)
{
	return store_write(app->store, end_session, (void *)login, &problem->err);
}
