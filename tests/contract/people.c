/* SPDX-License-Identifier: Apache-2.0 */
/* Do users, sessions, links, keys, secrets and kept answers keep to their rules? */
#include "tests/contract/rows.h"

#include "store/idempotency.h"
#include "store/key.h"
#include "store/secret.h"
#include "store/session.h"
#include "store/workspace.h"

static struct user_row person(const char *name, enum role role)
{
	return (struct user_row){ .workspace = WORKSPACE_DEFAULT,
				  .name = str_of(name),
				  .role = role };
}

static int keeps_users(struct store_tx *tx, void *context, struct err *err)
{
	struct user_row ann = person("ann", ROLE_ADMIN), bob = person("bob", ROLE_VIEWER), got,
			stale;
	int64_t admins;

	ann.password = STR_LIT("$argon2id$");
	TRY(user_insert(tx, &ann, err));
	TRY(user_insert(tx, &bob, err));
	CHECK_INT(user_insert(tx, &bob, err), -EEXIST);
	TRY(user_find(tx, STR_LIT("ann"), &got, err));
	CHECK(uuid_eq(got.id, ann.id) && got.role == ROLE_ADMIN && !got.is_disabled);
	CHECK(got.created_at == tx->now_us && got.version == 1 && !got.last_login_at);
	CHECK_STR(got.password, "$argon2id$");
	TRY(user_get(tx, bob.id, &got, err));
	CHECK(!got.password.len);
	CHECK_INT(user_find(tx, STR_LIT("eve"), &got, err), -ENOENT);
	CHECK_INT(user_get(tx, uuid_new(1), &got, err), -ENOENT);
	TRY(user_count_admins(tx, WORKSPACE_DEFAULT, &admins, err));
	CHECK_INT(admins, 1);
	stale = bob;
	bob.role = ROLE_ADMIN;
	TRY(user_update(tx, &bob, err));
	CHECK_INT(bob.version, 2);
	CHECK_INT(user_update(tx, &stale, err), -ESTALE);
	TRY(user_count_admins(tx, WORKSPACE_DEFAULT, &admins, err));
	CHECK_INT(admins, 2);
	bob.is_disabled = true;
	TRY(user_update(tx, &bob, err));
	TRY(user_count_admins(tx, WORKSPACE_DEFAULT, &admins, err));
	CHECK_INT(admins, 1);
	bob.name = STR_LIT("ann");
	CHECK_INT(user_update(tx, &bob, err), -EEXIST);
	TRY(user_count_login(tx, ann.id, false, 0, err));
	TRY(user_count_login(tx, ann.id, false, 99, err));
	TRY(user_get(tx, ann.id, &got, err));
	CHECK(got.failures == 2 && got.locked_until == 99 && got.version == 1);
	TRY(user_count_login(tx, ann.id, true, 0, err));
	TRY(user_get(tx, ann.id, &got, err));
	CHECK(!got.failures && !got.locked_until && got.last_login_at == tx->now_us);
	TRY(user_delete(tx, ann.id, err));
	CHECK_INT(user_delete(tx, ann.id, err), -ENOENT);
	return 0;
}

TEST(users_are_counted_updated_and_unique)
{
	rows_run(keeps_users);
}

static int pages(struct store_tx *tx, void *context, struct err *err)
{
	int64_t other = rows_workspace(tx, "other");
	struct page page = { .limit = 2 };
	size_t users = 0, keys = 0;
	struct uuid last = UUID_NIL;

	for (int i = 0; i < 9; i++) {
		char name[8];
		struct user_row user;
		struct key_row key;

		snprintf(name, sizeof name, "u%d", i);
		user = person(name, ROLE_VIEWER);
		user.workspace = key.workspace = i % 3 ? WORKSPACE_DEFAULT : other;
		key = (struct key_row){ .workspace = user.workspace,
					.name = str_of(name),
					.hash = str_of(name),
					.prefix = STR_LIT("dss_abc") };
		TRY(user_insert(tx, &user, err));
		TRY(key_insert(tx, &key, err));
	}
	do {
		struct user_row *rows, late = person("late", ROLE_VIEWER);
		size_t count;

		TRY(user_list(tx, WORKSPACE_DEFAULT, &page, &rows, &count, &page.after, err));
		for (size_t i = 0; i < count; i++, users++) {
			CHECK(uuid_cmp(last, rows[i].id) < 0);
			last = rows[i].id;
		}
		if (users == 2)
			TRY(user_insert(tx, &late, err));
	} while (page.after.len);
	CHECK_INT(users, 7);
	last = UUID_NIL;
	do {
		struct key_row *rows;
		size_t count;

		TRY(key_list(tx, other, &page, &rows, &count, &page.after, err));
		for (size_t i = 0; i < count; i++, keys++) {
			CHECK(uuid_cmp(last, rows[i].id) < 0 && rows[i].workspace == other);
			last = rows[i].id;
		}
	} while (page.after.len);
	CHECK_INT(keys, 3);
	return 0;
}

TEST(users_and_keys_are_listed_in_the_order_of_their_making)
{
	rows_run(pages);
}

static int keeps_keys(struct store_tx *tx, void *context, struct err *err)
{
	struct key_row key = { .workspace = WORKSPACE_DEFAULT,
			       .name = STR_LIT("ci"),
			       .hash = STR_LIT("hash"),
			       .prefix = STR_LIT("dss_"),
			       .role = ROLE_OPERATOR,
			       .scopes = 0x2a,
			       .expires_at = 5 },
		       got;

	TRY(key_insert(tx, &key, err));
	CHECK_INT(key_insert(tx,
			     &(struct key_row){ .workspace = 1,
						.name = STR_LIT("x"),
						.hash = STR_LIT("hash"),
						.prefix = STR_LIT("d") },
			     err),
		  -EEXIST);
	TRY(key_find(tx, STR_LIT("hash"), &got, err)); /* though its time is over */
	CHECK(uuid_eq(got.id, key.id) && got.scopes == 0x2a && got.role == ROLE_OPERATOR);
	CHECK(got.expires_at == 5 && !got.used_at && !got.revoked_at &&
	      uuid_is_nil(got.created_by));
	CHECK_INT(key_find(tx, STR_LIT("none"), &got, err), -ENOENT);
	CHECK_INT(key_get(tx, 2, key.id, &got, err), -ENOENT);
	TRY(key_used(tx, key.id, err));
	TRY(key_revoke(tx, key.id, err));
	CHECK_INT(key_revoke(tx, key.id, err), -EALREADY);
	TRY(key_get(tx, 1, key.id, &got, err));
	CHECK(got.used_at == tx->now_us && got.revoked_at == tx->now_us);
	return 0;
}

TEST(a_key_is_found_by_its_hash)
{
	rows_run(keeps_keys);
}

/* ---- sessions, with the time going on ---- */

static int begin_session(struct store_tx *tx, void *context, struct err *err)
{
	struct session_row *session = context;
	struct user_row ann = person("ann", ROLE_ADMIN);

	TRY(user_insert(tx, &ann, err));
	session->user = ann.id;
	session->hash = STR_LIT("cookie");
	session->csrf = STR_LIT("csrf");
	session->expires_at = tx->now_us + 100;
	TRY(session_insert(tx, session, err));
	TRY(login_link_insert(tx, STR_LIT("link"), ann.id, tx->now_us + 100, err));
	return login_link_insert(tx, STR_LIT("late"), ann.id, tx->now_us + 100, err);
}

static int find_session(struct store_tx *tx, void *context, struct err *err)
{
	struct session_row session;
	struct user_row user;

	TRY(session_find(tx, STR_LIT("cookie"), &session, &user, err));
	CHECK_STR(session.csrf, "csrf");
	CHECK_STR(user.name, "ann");
	return 0;
}

static int prolong(struct store_tx *tx, void *context, struct err *err)
{
	return session_seen(tx, ((struct session_row *)context)->id, tx->now_us + 100, err);
}

static int use_link(struct store_tx *tx, void *context, struct err *err)
{
	struct uuid user;

	return login_link_use(tx, str_of(context), &user, err);
}

static int disable(struct store_tx *tx, void *context, struct err *err)
{
	struct user_row ann;

	TRY(user_find(tx, STR_LIT("ann"), &ann, err));
	ann.is_disabled = !ann.is_disabled;
	return user_update(tx, &ann, err);
}

static int expire(struct store_tx *tx, void *context, struct err *err)
{
	return session_expire(tx, 10, context, err);
}

TEST(a_session_and_a_link_end_with_their_time)
{
	struct session_row session = { 0 };
	struct rows rows;
	int64_t gone;

	rows_open(&rows);
	rows_write(&rows, begin_session, &session, 0);
	rows_read(&rows, find_session, NULL, 0);
	rows_write(&rows, use_link, "link", 0);
	rows_write(&rows, use_link, "link", -ENOENT); /* once */
	rows_write(&rows, disable, NULL, 0);
	rows_read(&rows, find_session, NULL, -ENOENT);
	rows_write(&rows, disable, NULL, 0);
	rows.now_us += 60;
	rows_write(&rows, prolong, &session, 0);
	rows.now_us += 60;
	rows_read(&rows, find_session, NULL, 0);
	rows_write(&rows, use_link, "late", -ENOENT); /* its time is over */
	rows_write(&rows, expire, &gone, 0);
	CHECK_INT(gone, 1);
	rows.now_us += 40;
	rows_read(&rows, find_session, NULL, -ENOENT);
	rows_write(&rows, expire, &gone, 0);
	CHECK_INT(gone, 1);
	rows_close(&rows);
}

static int ends_sessions(struct store_tx *tx, void *context, struct err *err)
{
	struct session_row session = { 0 };
	struct user_row ann;
	struct uuid user;

	TRY(begin_session(tx, &session, err));
	TRY(session_delete(tx, session.id, err));
	TRY(session_delete(tx, session.id, err)); /* once more is no error */
	CHECK_INT(find_session(tx, NULL, err), -ENOENT);
	TRY(session_insert(tx, &session, err));
	TRY(session_delete_of(tx, session.user, err));
	CHECK_INT(find_session(tx, NULL, err), -ENOENT);
	CHECK_INT(login_link_use(tx, STR_LIT("link"), &user, err), -ENOENT);
	TRY(session_insert(tx, &session, err));
	TRY(user_find(tx, STR_LIT("ann"), &ann, err));
	TRY(user_delete(tx, ann.id, err)); /* with all sessions */
	CHECK_INT(find_session(tx, NULL, err), -ENOENT);
	return 0;
}

TEST(sessions_end_one_by_one_and_all_of_a_person)
{
	rows_run(ends_sessions);
}

/* ---- kept answers ---- */

static struct idempotency_row answer(int64_t workspace, int64_t expires_at)
{
	return (struct idempotency_row){ .workspace = workspace,
					 .key = STR_LIT("k"),
					 .request = STR_LIT("hash"),
					 .status = 202,
					 .response = STR_LIT("{}"),
					 .location = STR_LIT("/x"),
					 .expires_at = expires_at };
}

static int keep(struct store_tx *tx, void *context, struct err *err)
{
	struct idempotency_row row = answer(1, tx->now_us + 100);

	return idempotency_insert(tx, &row, err);
}

static int find(struct store_tx *tx, void *context, struct err *err)
{
	struct idempotency_row row;

	TRY(idempotency_find(tx, 1, STR_LIT("k"), &row, err));
	CHECK_STR(row.request, "hash");
	CHECK_STR(row.response, "{}");
	CHECK_STR(row.location, "/x");
	CHECK_INT(row.status, 202);
	CHECK_INT(idempotency_find(tx, 2, STR_LIT("k"), &row, err), -ENOENT);
	return 0;
}

static int forget(struct store_tx *tx, void *context, struct err *err)
{
	return idempotency_expire(tx, 10, context, err);
}

TEST(an_answer_is_kept_until_its_time_is_over)
{
	struct rows rows;
	int64_t gone;

	rows_open(&rows);
	rows_read(&rows, find, NULL, -ENOENT);
	rows_write(&rows, keep, NULL, 0);
	rows_read(&rows, find, NULL, 0);
	rows_write(&rows, keep, NULL, -EEXIST);
	rows_write(&rows, forget, &gone, 0);
	CHECK_INT(gone, 0);
	rows.now_us += 100;
	rows_read(&rows, find, NULL, -ENOENT);
	rows_write(&rows, keep, NULL, 0); /* in its place */
	rows_read(&rows, find, NULL, 0);
	rows.now_us += 100;
	rows_write(&rows, forget, &gone, 0);
	CHECK_INT(gone, 1);
	rows_close(&rows);
}

static int keeps_secret(struct store_tx *tx, void *context, struct err *err)
{
	struct str one, again, other;

	TRY(secret_get(tx, STR_LIT("cursor"), 32, &one, err));
	TRY(secret_get(tx, STR_LIT("cursor"), 32, &again, err));
	TRY(secret_get(tx, STR_LIT("seed"), 32, &other, err));
	CHECK(one.len == 32 && str_eq(one, again) && !str_eq(one, other));
	CHECK_INT(secret_get(tx, STR_LIT("cursor"), 16, &again, err), -EINVAL);
	CHECK_INT(secret_get(tx, STR_LIT("big"), SECRET_BYTES + 1, &again, err), -EINVAL);
	return 0;
}

TEST(a_secret_is_made_once)
{
	rows_run(keeps_secret);
}
