/* SPDX-License-Identifier: Apache-2.0 */
/* Who leads? */
#include "store/lease.h"

#include "store/sql.h"

int lease_get(struct store_tx *tx, struct str name, struct lease_row *ret, struct err *err)
{
	struct sql q SQL_CLOSED = sql_query(tx, err, SQL_LEASE_GET, SQL_TEXT(name));
	struct lease_row row;

	TRY(sql_one(&q));
	row = (struct lease_row){ sql_id(&q, 0), sql_int(&q, 1), sql_int(&q, 2) };
	TRY(sql_end(&q));
	*ret = row;
	return 0;
}

int lease_hold(struct store_tx *tx, struct str name, struct uuid holder, int64_t for_us,
	       int64_t *ret_token, struct err *err)
{
	int code = sql_number(tx, err, ret_token, SQL_LEASE_HOLD, SQL_TEXT(name), SQL_ID(holder),
			      SQL_INT(tx->now_us), SQL_INT(tx->now_us + for_us));

	return code == -ENOENT ? err_set(err, -EBUSY, "another holds the lease \"%.*s\"", STR(name))
			       : code;
}

int lease_check(struct store_tx *tx, struct str name, struct uuid holder, int64_t token,
		struct err *err)
{
	int64_t count;

	TRY(sql_number(tx, err, &count, SQL_LEASE_CHECK, SQL_TEXT(name), SQL_ID(holder),
		       SQL_INT(token), SQL_INT(tx->now_us)));
	return count ? 0 : err_set(err, -ESTALE, "the lease \"%.*s\" was lost", STR(name));
}

int lease_release(struct store_tx *tx, struct str name, struct uuid holder, struct err *err)
{
	TRY(sql_run(tx, err, SQL_LEASE_RELEASE, SQL_TEXT(name), SQL_ID(holder)));
	return 0;
}
