/* SPDX-License-Identifier: Apache-2.0 */
/* Does everybody get in who may, and nobody else? */
#include "tests/contract/desk.h"

#include "app/key.h"
#include "app/session.h"
#include "app/token.h"
#include "app/user.h"

#define PASSWORD STR_LIT("correct horse battery")

static void add_person(struct desk *d, const char *name, const char *role)
{
	struct user_input input = { .has_name = true,
				    .has_role = true,
				    .has_password = true,
				    .name = str_of(name),
				    .role = str_of(role),
				    .password = PASSWORD };
	struct user_row row;

	DESK_CHECK(d, app_user_add(&d->app, &d->admin, d->a, &input, &row, desk_fresh(d)), 0);
	CHECK_STR(row.password, "set"); /* a hash never leaves */
}

static int login(struct desk *d, const char *name, struct str password, struct login *ret)
{
	return app_session_login(&d->app, d->a, str_of(name), password, ret, desk_fresh(d));
}

static int check(struct desk *d, struct str secret, struct login *ret)
{
	return app_session_check(&d->app, d->a, secret, ret, desk_fresh(d));
}

TEST(a_session_begins_with_the_password_and_ends_by_itself)
{
	struct desk d;
	struct login in, again;

	desk_open(&d);
	add_person(&d, "ann@example.com", "operator");
	DESK_CHECK(&d, login(&d, "ann@example.com", STR_LIT("wrong password"), &in), -EACCES);
	CHECK_STR(desk_audited(&d), "session.refuse");
	DESK_CHECK(&d, login(&d, "bob@example.com", PASSWORD, &in), -EACCES);
	DESK_CHECK(&d, login(&d, "ann@example.com", STR_NONE, &in), -EACCES);
	DESK_CHECK(&d, login(&d, " ann@example.com ", PASSWORD, &in), 0);
	CHECK_STR(desk_audited(&d), "session.login");
	CHECK(in.actor.kind == ACTOR_USER && in.actor.role == ROLE_OPERATOR);
	CHECK_INT(in.actor.scopes, role_scopes(ROLE_OPERATOR));
	CHECK_INT(in.secret.len, TOKEN_CHARS);
	DESK_CHECK(&d, check(&d, in.secret, &again), 0);
	CHECK(uuid_eq(again.user, in.user) && uuid_eq(again.session, in.session));
	CHECK(session_csrf_fits(&again, in.csrf) && !session_csrf_fits(&again, in.secret));
	CHECK(!session_csrf_fits(&again, STR_NONE));
	DESK_CHECK(&d, check(&d, in.csrf, &again), -EACCES);
	for (int i = 0; i < 30; i++) { /* used every 11 hours: until the longest time is over */
		d.rows.now_us += 11 * 3600 * SECOND_US;
		DESK_CHECK(&d, check(&d, in.secret, &again), 0);
	}
	d.rows.now_us += 11 * 3600 * SECOND_US;
	DESK_CHECK(&d, check(&d, in.secret, &again), -EACCES);
	DESK_CHECK(&d, login(&d, "ann@example.com", PASSWORD, &in), 0);
	d.rows.now_us += 12 * 3600 * SECOND_US;
	DESK_CHECK(&d, check(&d, in.secret, &again), -EACCES);
	DESK_CHECK(&d, login(&d, "ann@example.com", PASSWORD, &in), 0);
	DESK_CHECK(&d, app_session_logout(&d.app, &in, desk_fresh(&d)), 0);
	DESK_CHECK(&d, check(&d, in.secret, &again), -EACCES);
	desk_close(&d);
}

TEST(after_ten_wrong_passwords_a_name_waits_longer_and_longer)
{
	struct desk d;
	struct login in;
	int64_t waited = 0;

	desk_open(&d);
	add_person(&d, "ann", "viewer");
	for (int i = 1; i < LOGIN_FREE; i++)
		DESK_CHECK(&d, login(&d, "ann", STR_LIT("wrong"), &in), -EACCES);
	for (int i = 0; i < 4; i++) {
		DESK_CHECK(&d, login(&d, "ann", STR_LIT("wrong"), &in), -EACCES);
		DESK_CHECK(&d, login(&d, "ann", PASSWORD, &in), -EAGAIN);
		CHECK(d.problem.retry_us > waited);
		waited = d.problem.retry_us;
		d.rows.now_us += waited;
	}
	CHECK_INT(waited, 8 * SECOND_US);
	DESK_CHECK(&d, login(&d, "ann", PASSWORD, &in), 0); /* and it starts over */
	DESK_CHECK(&d, login(&d, "ann", STR_LIT("wrong"), &in), -EACCES);
	DESK_CHECK(&d, login(&d, "ann", PASSWORD, &in), 0);
	desk_close(&d);
}

TEST(a_name_that_nobody_has_waits_as_well)
{
	struct login in;
	struct desk d;

	desk_open(&d);
	add_person(&d, "ann", "viewer");
	for (int i = 1; i <= LOGIN_FREE + 3; i++) { /* the same answers, whoever it is */
		int ann = login(&d, "ann", STR_LIT("wrong"), &in);
		int64_t wait = d.problem.retry_us;

		test_row("try %d", i);
		CHECK_INT(login(&d, "nobody", STR_LIT("wrong"), &in), ann);
		CHECK_INT(d.problem.retry_us, wait);
		if (i >= LOGIN_FREE)
			CHECK_INT(ann, i == LOGIN_FREE ? -EACCES : -EAGAIN);
	}
	CHECK_STR(desk_audited(&d), "session.refuse");
	desk_close(&d);
}

TEST(a_link_logs_in_once_and_within_its_time)
{
	struct desk d;
	struct login in;
	struct str token;

	desk_open(&d);
	DESK_CHECK(&d, app_login_link(&d.app, &d.admin, d.a, STR_NONE, &token, desk_fresh(&d)), 0);
	DESK_CHECK(&d, app_session_by_link(&d.app, d.a, token, &in, desk_fresh(&d)), 0);
	CHECK_STR(in.actor.name, "admin"); /* made, because there was none */
	CHECK_INT(in.actor.role, ROLE_ADMIN);
	DESK_CHECK(&d, app_session_by_link(&d.app, d.a, token, &in, desk_fresh(&d)), -EACCES);
	DESK_CHECK(&d, app_login_link(&d.app, &d.admin, d.a, STR_NONE, &token, desk_fresh(&d)), 0);
	d.rows.now_us += d.app.login_link_us;
	DESK_CHECK(&d, app_session_by_link(&d.app, d.a, token, &in, desk_fresh(&d)), -EACCES);
	DESK_CHECK(&d, login(&d, "admin", STR_NONE, &in), -EACCES); /* it has no password */
	DESK_CHECK(
		&d,
		app_login_link(&d.app, &d.stranger, d.a, STR_LIT("admin"), &token, desk_fresh(&d)),
		-ENOENT);
	DESK_CHECK(&d,
		   app_login_link(&d.app, &d.roles[ROLE_OPERATOR], d.a, STR_LIT("admin"), &token,
				  desk_fresh(&d)),
		   -EACCES);
	DESK_CHECK(&d, app_session_by_link(&d.app, d.a, STR_LIT("x"), &in, desk_fresh(&d)),
		   -EACCES);
	desk_close(&d);
}

TEST(the_last_admin_stays_one)
{
	struct desk d;
	struct user_input off = { .has_disabled = true, .is_disabled = true };
	struct user_input down = { .has_role = true, .role = STR_LIT("viewer") };
	struct user_row row;
	struct login in, again;

	desk_open(&d);
	add_person(&d, "ann", "admin");
	DESK_CHECK(&d, app_user_delete(&d.app, &d.admin, STR_LIT("ann"), 0, desk_fresh(&d)),
		   -EPERM);
	DESK_CHECK(&d,
		   app_user_update(&d.app, &d.admin, d.a, STR_LIT("ann"), 0, &off, &row,
				   desk_fresh(&d)),
		   -EPERM);
	DESK_CHECK(&d,
		   app_user_update(&d.app, &d.admin, d.a, STR_LIT("ann"), 0, &down, &row,
				   desk_fresh(&d)),
		   -EPERM);
	add_person(&d, "bob", "admin");
	DESK_CHECK(&d, login(&d, "ann", PASSWORD, &in), 0);
	DESK_CHECK(&d,
		   app_user_update(&d.app, &d.admin, d.a, STR_LIT("ann"), 7, &down, &row,
				   desk_fresh(&d)),
		   -ESTALE);
	CHECK_INT(d.problem.version, 1);
	DESK_CHECK(&d,
		   app_user_update(&d.app, &d.admin, d.a, STR_LIT("ann"), 1, &down, &row,
				   desk_fresh(&d)),
		   0);
	DESK_CHECK(&d, check(&d, in.secret, &again), -EACCES); /* sessions end with the rights */
	DESK_CHECK(&d, app_user_delete(&d.app, &d.admin, STR_LIT("bob"), 0, desk_fresh(&d)),
		   -EPERM);
	DESK_CHECK(&d, app_user_delete(&d.app, &d.admin, STR_LIT("ann"), 0, desk_fresh(&d)), 0);
	DESK_CHECK(&d, login(&d, "ann", PASSWORD, &in), -EACCES);
	desk_close(&d);
}

TEST(a_person_changes_the_own_password_knowing_the_old_one)
{
	struct desk d;
	struct login in, again;
	struct str better = STR_LIT("another horse battery");

	desk_open(&d);
	add_person(&d, "ann", "viewer");
	DESK_CHECK(&d, login(&d, "ann", PASSWORD, &in), 0);
	DESK_CHECK(&d, app_user_passwd(&d.app, &in.actor, STR_LIT("wrong"), better, desk_fresh(&d)),
		   -EACCES);
	DESK_CHECK(&d,
		   app_user_passwd(&d.app, &in.actor, PASSWORD, STR_LIT("short"), desk_fresh(&d)),
		   -EINVAL);
	CHECK_STR(desk_error(&d, 0), "/password too-short");
	DESK_CHECK(&d,
		   app_user_passwd(&d.app, &in.actor, PASSWORD, STR_LIT("aaaaaaaaaaaa"),
				   desk_fresh(&d)),
		   -EINVAL);
	DESK_CHECK(&d, app_user_passwd(&d.app, &in.actor, PASSWORD, better, desk_fresh(&d)), 0);
	DESK_CHECK(&d, check(&d, in.secret, &again), -EACCES);
	DESK_CHECK(&d, login(&d, "ann", PASSWORD, &in), -EACCES);
	DESK_CHECK(&d, login(&d, "ann", better, &in), 0);
	DESK_CHECK(&d,
		   app_user_passwd(&d.app, &d.roles[ROLE_ADMIN], PASSWORD, better, desk_fresh(&d)),
		   -EACCES);
	desk_close(&d);
}

/* ---- keys ---- */

static int make_key(struct desk *d, const struct actor *actor, const struct key_input *input,
		    struct key_row *row, struct str *secret)
{
	return app_key_create(&d->app, actor, d->a, input, row, secret, desk_fresh(d));
}

static int come(struct desk *d, struct str secret, struct actor *ret)
{
	return app_key_check(&d->app, d->a, secret, ret, desk_fresh(d));
}

TEST(a_key_acts_with_its_scopes_until_it_is_revoked_or_over)
{
	struct desk d;
	struct str scopes[] = { STR_INIT("domains:read"), STR_INIT("scans:write") };
	struct key_input input = { .name = STR_LIT("ci"), .scopes = scopes, .scope_count = 2 };
	struct key_row row, got;
	struct actor actor;
	struct str secret, id, broken;

	desk_open(&d);
	DESK_CHECK(&d, make_key(&d, &d.admin, &input, &row, &secret), 0);
	CHECK_STR(desk_audited(&d), "key.create");
	CHECK(secret.len == KEY_CHARS && str_starts(secret, row.prefix) && row.prefix.len == 10);
	CHECK(str_find(row.hash, secret) < 0);
	DESK_CHECK(&d, come(&d, secret, &actor), 0);
	CHECK(actor.kind == ACTOR_KEY && actor.workspace == 1 && uuid_eq(actor.id, row.id));
	CHECK_INT(actor.scopes, SCOPE_DOMAINS_READ | SCOPE_SCANS_WRITE);
	CHECK_INT(actor.role, ROLE_OPERATOR);
	id = id_text(d.a, "key", row.id);
	DESK_CHECK(&d, app_key_get(&d.app, &d.admin, d.a, id, &got, desk_fresh(&d)), 0);
	CHECK_INT(got.used_at, d.rows.now_us);
	d.rows.now_us += 59 * SECOND_US; /* marked once a minute, no more */
	DESK_CHECK(&d, come(&d, secret, &actor), 0);
	DESK_CHECK(&d, app_key_get(&d.app, &d.admin, d.a, id, &got, desk_fresh(&d)), 0);
	CHECK_INT(got.used_at, d.rows.now_us - 59 * SECOND_US);
	d.rows.now_us += SECOND_US;
	DESK_CHECK(&d, come(&d, secret, &actor), 0);
	DESK_CHECK(&d, app_key_get(&d.app, &d.admin, d.a, id, &got, desk_fresh(&d)), 0);
	CHECK_INT(got.used_at, d.rows.now_us);
	broken = str_copy(d.a, secret);
	((char *)broken.data)[20] ^= 1;
	CHECK(key_is_one(secret) && !key_is_one(broken));
	DESK_CHECK(&d, come(&d, broken, &actor), -EACCES);
	DESK_CHECK(&d, come(&d, key_new(d.a), &actor), -EACCES); /* well-formed, and nobody's */
	DESK_CHECK(&d, app_key_revoke(&d.app, &d.admin, id, desk_fresh(&d)), 0);
	DESK_CHECK(&d, app_key_revoke(&d.app, &d.admin, id, desk_fresh(&d)), -EALREADY);
	DESK_CHECK(&d, come(&d, secret, &actor), -EACCES);
	input.expires_at = d.rows.now_us + 10;
	DESK_CHECK(&d, make_key(&d, &d.admin, &input, &row, &secret), 0);
	DESK_CHECK(&d, come(&d, secret, &actor), 0);
	d.rows.now_us += 10;
	DESK_CHECK(&d, come(&d, secret, &actor), -EACCES);
	desk_close(&d);
}

TEST(nobody_gives_a_key_more_than_one_has)
{
	struct desk d;
	struct str all[] = { STR_INIT("*") }, audit[] = { STR_INIT("audit:read") },
		   none[] = { STR_INIT("domains:drop") };
	struct key_input input = { .name = STR_LIT("k") };
	struct actor narrow;
	struct key_row row;
	struct str secret;

	desk_open(&d);
	narrow = d.roles[ROLE_ADMIN];
	narrow.scopes = SCOPE_KEYS_WRITE | SCOPE_DOMAINS_READ | SCOPE_USERS_WRITE;
	DESK_CHECK(&d, make_key(&d, &narrow, &input, &row, &secret), 0);
	CHECK_INT(row.scopes, SCOPE_DOMAINS_READ);
	input.role = STR_LIT("admin");
	input.scopes = all;
	input.scope_count = 1;
	DESK_CHECK(&d, make_key(&d, &narrow, &input, &row, &secret), 0);
	CHECK_INT(row.scopes, narrow.scopes);
	input.scopes = audit;
	DESK_CHECK(&d, make_key(&d, &narrow, &input, &row, &secret), -EINVAL);
	CHECK_STR(desk_error(&d, 0), "/scopes/0 scope");
	input.scopes = none;
	DESK_CHECK(&d, make_key(&d, &d.admin, &input, &row, &secret), -EINVAL);
	CHECK_STR(desk_error(&d, 0), "/scopes/0 enum");
	input.role = STR_LIT("root");
	input.name = STR_LIT(" ");
	DESK_CHECK(&d, make_key(&d, &d.admin, &input, &row, &secret), -EINVAL);
	CHECK_STR(desk_error(&d, 0), "/name name");
	CHECK_STR(desk_error(&d, 1), "/role enum");
	struct user_input person = {
		.has_name = true, .has_role = true, .name = STR_LIT("eve"), .role = STR_LIT("admin")
	};
	struct user_row user;

	DESK_CHECK(&d, app_user_add(&d.app, &narrow, d.a, &person, &user, desk_fresh(&d)), -EACCES);
	desk_close(&d);
}
