/* SPDX-License-Identifier: Apache-2.0 */
/* Who is logged in, and who may log in once? */
#include "store/session.h"

#include "store/sql.h"
#include "store/user_row.h"

int session_insert(struct store_tx *tx, struct session_row *row, struct err *err)
{
	struct uuid id = uuid_new(tx->now_us);

	TRY(sql_run(tx, err, SQL_SESSION_INSERT, SQL_ID(id), SQL_ID(row->user), SQL_BLOB(row->hash),
		    SQL_TEXT(row->csrf), SQL_INT(tx->now_us), SQL_INT(row->expires_at)));
	row->id = id;
	row->created_at = row->seen_at = tx->now_us;
	return 0;
}

int session_find(struct store_tx *tx, struct str hash, struct session_row *ret,
		 struct user_row *ret_user, struct err *err)
{
	struct sql q SQL_CLOSED =
		sql_query(tx, err, SQL_SESSION_FIND, SQL_BLOB(hash), SQL_INT(tx->now_us));
	struct session_row session;
	struct user_row user;
	int code = sql_one(&q);

	if (code == -ENOENT)
		return err_set(err, -ENOENT, "no such session, or its time is over");
	TRY(code);
	user_columns(&q, &user);
	session = (struct session_row){
		.id = sql_id(&q, USER_COLUMN_COUNT),
		.user = user.id,
		.hash = str_copy(tx->a, hash),
		.csrf = sql_text(&q, USER_COLUMN_COUNT + 1),
		.created_at = sql_int(&q, USER_COLUMN_COUNT + 2),
		.seen_at = sql_int(&q, USER_COLUMN_COUNT + 3),
		.expires_at = sql_int(&q, USER_COLUMN_COUNT + 4),
	};
	TRY(sql_end(&q));
	*ret = session;
	*ret_user = user;
	return 0;
}

int session_seen(struct store_tx *tx, struct uuid id, int64_t expires_at, struct err *err)
{
	return sql_change(tx, err, SQL_SESSION_SEEN, SQL_ID(id), SQL_INT(tx->now_us),
			  SQL_INT(expires_at));
}

int session_delete(struct store_tx *tx, struct uuid id, struct err *err)
{
	TRY(sql_run(tx, err, SQL_SESSION_DELETE, SQL_ID(id)));
	return 0;
}

int session_delete_of(struct store_tx *tx, struct uuid user, struct err *err)
{
	TRY(sql_run(tx, err, SQL_SESSION_DELETE_OF, SQL_ID(user)));
	TRY(sql_run(tx, err, SQL_LOGIN_LINK_DELETE_OF, SQL_ID(user)));
	return 0;
}

int session_expire(struct store_tx *tx, unsigned limit, int64_t *ret_gone, struct err *err)
{
	int sessions = sql_run(tx, err, SQL_SESSION_EXPIRE, SQL_INT(tx->now_us), SQL_INT(limit));
	int links;

	TRY(sessions);
	links = sql_run(tx, err, SQL_LOGIN_LINK_EXPIRE, SQL_INT(tx->now_us), SQL_INT(limit));
	TRY(links);
	*ret_gone = (int64_t)sessions + links;
	return 0;
}

int login_link_insert(struct store_tx *tx, struct str hash, struct uuid user, int64_t expires_at,
		      struct err *err)
{
	TRY(sql_run(tx, err, SQL_LOGIN_LINK_INSERT, SQL_BLOB(hash), SQL_ID(user),
		    SQL_INT(expires_at)));
	return 0;
}

int login_link_use(struct store_tx *tx, struct str hash, struct uuid *ret_user, struct err *err)
{
	struct sql q SQL_CLOSED =
		sql_query(tx, err, SQL_LOGIN_LINK_FIND, SQL_BLOB(hash), SQL_INT(tx->now_us));
	struct uuid user;
	int code = sql_one(&q);

	if (code == -ENOENT)
		return err_set(err, -ENOENT, "the link was used, or its time is over");
	TRY(code);
	user = sql_id(&q, 0);
	TRY(sql_end(&q));
	TRY(sql_change(tx, err, SQL_LOGIN_LINK_DELETE, SQL_BLOB(hash)));
	*ret_user = user;
	return 0;
}
