/* SPDX-License-Identifier: Apache-2.0 */
/* Logging in and out. */
#include "app/session.h"

#include "app/user.h"
#include "roles/api/auth.h"
#include "roles/api/server.h"
#include "roles/api/wire.h"

struct session_view {
	struct uuid id, user;
	struct str name, role, csrf;
	int64_t expires_at;
};

static const struct desc_field session_fields[] = {
	DESC_FIELD(1, DESC_CUSTOM, struct session_view, id, .custom = &wire_id_ses),
	DESC_FIELD(2, DESC_CUSTOM, struct session_view, user, .custom = &wire_id_usr),
	DESC_FIELD(3, DESC_STR, struct session_view, name),
	DESC_FIELD(4, DESC_STR, struct session_view, role),
	DESC_FIELD(5, DESC_STR, struct session_view, csrf),
	DESC_FIELD(6, DESC_TIME, struct session_view, expires_at),
};
static const struct desc session_desc = DESC_CALLED("session", session_view, session_fields);

static int session_answer(struct request *r, const struct login *login)
{
	struct session_view view = { .id = login->session,
				     .user = login->user,
				     .name = login->actor.name,
				     .role = str_of(role_words[login->actor.role]),
				     .csrf = login->csrf,
				     .expires_at = login->expires_at };

	return answer_struct(r, &view);
}

/* Secure wherever TLS is, ours or a proxy's; on plain loopback browsers would not send it back. */
static void cookie_set(struct request *r, struct str value, const char *more)
{
	bool is_secure = r->api->options.tls_certificate.len || r->api->options.is_behind_proxy;

	answer_header(r, "Set-Cookie",
		      str_printf(&r->arena,
				 SESSION_COOKIE "=%.*s; Path=/; HttpOnly; SameSite=Strict%s%s",
				 STR(value), is_secure ? "; Secure" : "", more)
			      .data);
}

struct log_in {
	struct str name, password, link;
};

static const struct field log_in_fields[] = {
	FIELD_BODY(FIELD_TEXT, struct log_in, name, "with password", .most = USER_NAME_BYTES),
	FIELD_BODY(FIELD_TEXT, struct log_in, password, "with name", .most = PASSWORD_MAX,
		   .flags = FIELD_SECRET),
	FIELD_BODY(FIELD_WORD, struct log_in, link, "instead: the token of a one-time link",
		   .most = 100, .flags = FIELD_SECRET),
	FIELD_END,
};

/* A password costs memory and time on purpose: few are looked at at once, so that logins cannot take
 * all threads. */
static bool login_begin(struct request *r)
{
	enum { LOGINS = 2 };

	if (atomic_fetch_add(&r->api->logins, 1) < LOGINS)
		return true;
	atomic_fetch_sub(&r->api->logins, 1);
	answer_header(r, "Retry-After", "1");
	answer_problem(r, PROBLEM_RATE, "too many people log in at this moment");
	return false;
}

static int log_in_answer(struct request *r)
{
	const struct log_in *in = r->input.values;
	bool has_link = input_given(&r->input, "link");
	struct login login;
	int code;

	if (has_link == (input_given(&r->input, "name") && input_given(&r->input, "password"))) {
		complain(&r->complaints, PLACE_BODY, STR_LIT(""), "required",
			 "either name and password, or link");
		return answer_complaints(r);
	}
	if (!r->app)
		return answer_problem(r, PROBLEM_UNAVAILABLE, "this server has no store");
	if (!has_link && !login_begin(r))
		return 0;
	code = has_link ? app_session_by_link(r->app, &r->arena, in->link, &login, &r->problem)
			: app_session_login(r->app, &r->arena, in->name, in->password, &login,
					    &r->problem);
	if (!has_link)
		atomic_fetch_sub(&r->api->logins, 1);
	if (code == -EACCES)
		return auth_refuse(r, r->problem.err.text);
	TRY_APP(r, code);
	cookie_set(r, login.secret, "");
	return session_answer(r, &login);
}

const struct operation operation_session_log_in = {
	.handle = log_in_answer,
	.fields = log_in_fields,
	.input_size = sizeof(struct log_in),
	.shape = &session_desc,
	.codes = { 401, 422, 429 },
	.help = "Sets the cookie " SESSION_COOKIE ". Send csrf in X-CSRF-Token with every request "
		"that is not GET.",
};

static int who_answer(struct request *r)
{
	return session_answer(r, &r->login);
}

const struct operation operation_session_get = {
	.handle = who_answer,
	.shape = &session_desc,
};

static int log_out_answer(struct request *r)
{
	TRY_APP(r, app_session_logout(r->app, &r->login, &r->problem));
	cookie_set(r, STR_LIT("gone"), "; Max-Age=0");
	return answer_empty(r, 204);
}

const struct operation operation_session_log_out = {
	.handle = log_out_answer,
};

struct change_password {
	struct str old_password, new_password;
};

static const struct field password_fields[] = {
	FIELD_BODY(FIELD_TEXT, struct change_password, old_password, "the present one",
		   .most = PASSWORD_MAX, .flags = FIELD_REQUIRED | FIELD_SECRET),
	FIELD_BODY(FIELD_TEXT, struct change_password, new_password, "the new one",
		   .least = PASSWORD_MIN, .most = PASSWORD_MAX,
		   .flags = FIELD_REQUIRED | FIELD_SECRET),
	FIELD_END,
};

static int password_answer(struct request *r)
{
	const struct change_password *in = r->input.values;

	TRY_APP(r, app_user_passwd(r->app, &r->actor, in->old_password, in->new_password,
				   &r->problem));
	return answer_empty(r, 204);
}

const struct operation operation_session_password = {
	.handle = password_answer,
	.fields = password_fields,
	.input_size = sizeof(struct change_password),
	.codes = { 403, 422, 429 },
	.help = "All sessions of the person end.",
};
