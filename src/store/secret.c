/* SPDX-License-Identifier: Apache-2.0 */
/* Which secrets does this store have? */
#include "store/secret.h"

#include "store/sql.h"

#include <sodium.h>

static int secret_find(struct store_tx *tx, struct str name, struct str *ret, struct err *err)
{
	struct sql q SQL_CLOSED = sql_query(tx, err, SQL_SECRET_GET, SQL_TEXT(name));
	struct str value;

	TRY(sql_one(&q));
	value = sql_blob(&q, 0);
	TRY(sql_end(&q));
	*ret = value;
	return 0;
}

int secret_get(struct store_tx *tx, struct str name, size_t size, struct str *ret, struct err *err)
{
	uint8_t octets[SECRET_BYTES];
	struct str value;
	int code = secret_find(tx, name, &value, err);

	if (size > sizeof octets || (!code && value.len != size))
		return err_set(err, -EINVAL, "the secret \"%.*s\" has another size", STR(name));
	if (code == -ENOENT) {
		randombytes_buf(octets, size);
		code = sql_run(tx, err, SQL_SECRET_INSERT, SQL_TEXT(name),
			       SQL_BLOB(str_bytes(octets, size)));
		value = str_copy(tx->a, str_bytes(octets, size));
		sodium_memzero(octets, sizeof octets);
	}
	TRY(code);
	*ret = value;
	return 0;
}
