/* SPDX-License-Identifier: Apache-2.0 */
/* How does a repository run a statement and read its rows? */
#include "store/sql.h"

#include "store/backend.h"

#include <limits.h>

/* ---- running ---- */

static int refuse(const struct store_connection *c, struct err *err)
{
	return err_set(err, c->spoilt, "%s", c->why.text);
}

static int run(struct store_tx *tx, struct err *err, unsigned statement,
	       const struct sql_value *values, size_t count, unsigned how)
{
	struct store_connection *c = tx->connection;
	const struct store_backend *backend = c->backend;
	struct err why = { 0 };
	struct store_run *run;
	int code;

	if (c->spoilt)
		return refuse(c, err);
	code = backend->run_begin(c, statement, values, count, how, &run, &why);
	if (code == 0) {
		do
			code = backend->run_step(c, run, &why);
		while (code > 0);
		backend->run_end(c, run);
	}
	if (code < 0) {
		err_set(err, code, "%s", why.text);
		return store_spoil(c, code, &why);
	}
	return (int)MIN(backend->run_changes(c), (int64_t)INT_MAX);
}

int sql_run_values(struct store_tx *tx, struct err *err, unsigned statement,
		   const struct sql_value *values, size_t count)
{
	return run(tx, err, statement, values, count, RUN_SHORT);
}

int sql_sure_values(struct store_tx *tx, struct err *err, unsigned statement,
		    const struct sql_value *values, size_t count)
{
	int changed = run(tx, err, statement, values, count, RUN_SHORT | RUN_SURE);

	TRY(changed);
	return changed == 1 ? 0
			    : err_set(err, -ESTALE,
				      "a row is not as it was read: this is a "
				      "defect of DSS");
}

int sql_change_values(struct store_tx *tx, struct err *err, unsigned statement,
		      const struct sql_value *values, size_t count)
{
	int changed = sql_run_values(tx, err, statement, values, count);

	if (changed < 0)
		return changed;
	return changed ? 0 : err_set(err, -ENOENT, "there is no such row");
}

struct sql sql_query_values(struct store_tx *tx, struct err *err, unsigned statement,
			    const struct sql_value *values, size_t count)
{
	struct sql q = { .tx = tx, .err = err, .statement = statement };
	struct store_connection *c = tx->connection;
	struct err why = { 0 };

	if (c->spoilt) {
		q.code = refuse(c, err);
		return q;
	}
	q.code = c->backend->run_begin(c, statement, values, count, 0, &q.run, &why);
	if (q.code < 0) {
		q.run = NULL;
		err_set(err, q.code, "%s", why.text);
		store_spoil(c, q.code, &why);
	}
	return q;
}

bool sql_foresees(const struct store_tx *tx)
{
	return tx->connection->backend->foresee != NULL;
}

int sql_foresee_values(struct store_tx *tx, struct err *err, unsigned statement,
		       const struct sql_value *values, size_t count)
{
	struct store_connection *c = tx->connection;
	struct err why = { 0 };
	int code;

	if (c->spoilt)
		return refuse(c, err);
	if (!c->backend->foresee)
		return 0;
	code = c->backend->foresee(c, statement, values, count, &why);
	if (code < 0) {
		err_set(err, code, "%s", why.text);
		store_spoil(c, code, &why);
	}
	return code;
}

void sql_forget_values(struct store_tx *tx, unsigned statement, const struct sql_value *values,
		       size_t count)
{
	if (tx->connection->backend->forget)
		tx->connection->backend->forget(tx->connection, statement, values, count);
}

int sql_step(struct sql *q)
{
	struct store_connection *c = q->tx->connection;
	struct err why = { 0 };
	int code;

	if (q->code < 0)
		return q->code;
	if (c->spoilt)
		return q->code = refuse(c, q->err);
	if (!q->run)
		return 0;
	code = c->backend->run_step(c, q->run, &why);
	if (code > 0)
		return 1;
	sql_close(q);
	if (code < 0) {
		err_set(q->err, code, "%s", why.text);
		q->code = store_spoil(c, code, &why);
	}
	return code;
}

int sql_one(struct sql *q)
{
	int code = sql_step(q);

	if (code < 0)
		return code;
	return code ? 0 : err_set(q->err, -ENOENT, "there is no such row");
}

int sql_end(struct sql *q)
{
	sql_close(q);
	return q->code;
}

void sql_close(struct sql *q)
{
	struct store_connection *c = q->tx->connection;

	if (q->run)
		c->backend->run_end(c, q->run);
	q->run = NULL;
}

int sql_insert_values(struct store_tx *tx, struct err *err, int64_t *ret, unsigned statement,
		      const struct sql_value *values, size_t count)
{
	TRY(sql_run_values(tx, err, statement, values, count));
	*ret = tx->connection->backend->run_inserted(tx->connection);
	return 0;
}

int sql_number_values(struct store_tx *tx, struct err *err, int64_t *ret, unsigned statement,
		      const struct sql_value *values, size_t count)
{
	struct sql q SQL_CLOSED = sql_query_values(tx, err, statement, values, count);
	int64_t number;

	TRY(sql_one(&q));
	number = sql_int(&q, 0);
	TRY(sql_end(&q));
	*ret = number;
	return 0;
}

/* ---- columns ---- */

static const char *const type_words[] = { "NULL", "an integer", "text", "octets" };

static void complain(struct sql *q, unsigned column, const char *what)
{
	struct store_connection *c = q->tx->connection;
	struct err why;

	if (q->code < 0)
		return;
	q->code = err_set(&why, ERR_CORRUPT, "statement %s, column %u: %s",
			  c->backend->statement_name(c, q->statement), column, what);
	store_spoil(c, q->code, &why);
	err_set(q->err, q->code, "%s", why.text);
}

/* The column, if it is NULL or of the wanted type (text and octets: either when ANY_OCTETS). */
enum { ANY_OCTETS = -1 };

static struct sql_value read_column(struct sql *q, unsigned column, int type)
{
	struct sql_value value = SQL_NULL;
	char what[80];
	bool is_wanted;

	if (!q->run || !q->tx->connection->backend->run_column(q->run, column, &value)) {
		complain(q, column,
			 q->run ? "no such column, or a type that is not ours"
				: "read without a row");
		return SQL_NULL;
	}
	is_wanted = (int)value.type == type ||
		    (type == ANY_OCTETS &&
		     (value.type == SQL_TYPE_TEXT || value.type == SQL_TYPE_BLOB));
	if (value.type == SQL_TYPE_NULL || is_wanted)
		return value;
	snprintf(what, sizeof what, "it is %s, not %s", type_words[value.type],
		 type == ANY_OCTETS ? "text or octets" : type_words[type]);
	complain(q, column, what);
	return SQL_NULL;
}

bool sql_is_null(struct sql *q, unsigned column)
{
	struct sql_value value;

	if (q->run && q->tx->connection->backend->run_column(q->run, column, &value))
		return value.type == SQL_TYPE_NULL;
	complain(q, column, "no such column, or no row");
	return true;
}

int64_t sql_int_or(struct sql *q, unsigned column, int64_t none)
{
	struct sql_value value = read_column(q, column, SQL_TYPE_INT);

	return value.type == SQL_TYPE_INT ? value.number : none;
}

int64_t sql_int(struct sql *q, unsigned column)
{
	struct sql_value value = read_column(q, column, SQL_TYPE_INT);

	if (value.type == SQL_TYPE_INT)
		return value.number;
	complain(q, column, "it is NULL");
	return 0;
}

int sql_int_in(struct sql *q, unsigned column, int min, int max)
{
	int64_t value = sql_int(q, column);
	char what[80];

	if (q->code < 0)
		return min;
	if (value >= min && value <= max)
		return (int)value;
	snprintf(what, sizeof what, "%lld is not in %d to %d", (long long)value, min, max);
	complain(q, column, what);
	return min;
}

bool sql_bool(struct sql *q, unsigned column)
{
	return sql_int_in(q, column, 0, 1) == 1;
}

int64_t sql_time(struct sql *q, unsigned column)
{
	return sql_int_or(q, column, 0);
}

static struct str read_octets(struct sql *q, unsigned column, int type)
{
	struct sql_value value = read_column(q, column, type);

	return value.type == SQL_TYPE_NULL ? STR_NONE : value.octets;
}

struct str sql_text(struct sql *q, unsigned column)
{
	struct str text = read_octets(q, column, SQL_TYPE_TEXT);

	return text.data ? str_copy(q->tx->a, text) : STR_NONE;
}

struct str sql_blob(struct sql *q, unsigned column)
{
	struct str octets = read_octets(q, column, SQL_TYPE_BLOB);

	return octets.data ? str_copy(q->tx->a, octets) : STR_NONE;
}

struct str sql_view(struct sql *q, unsigned column)
{
	return read_octets(q, column, ANY_OCTETS);
}

struct uuid sql_id(struct sql *q, unsigned column)
{
	struct str octets = read_octets(q, column, SQL_TYPE_BLOB);
	struct uuid id = UUID_NIL;

	if (!octets.data)
		return id;
	if (octets.len == sizeof id.octets)
		memcpy(id.octets, octets.data, sizeof id.octets);
	else
		complain(q, column, "an id has 16 octets");
	return id;
}
