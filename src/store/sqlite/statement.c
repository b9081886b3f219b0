/* SPDX-License-Identifier: Apache-2.0 */
/* How is a named statement prepared, given its values, and stepped? */
#include "store/sqlite/parts.h"

const char *sqlite_statement_name(struct store_connection *c, unsigned statement)
{
	const struct sqlite_schema *schema = &sqlite_of(c)->place->schema;

	return statement < schema->statement_count ? schema->statements[statement].name : "?";
}

static int fail(struct sqlite_connection *own, unsigned number, int code, struct err *err)
{
	return sqlite_fail(own->db, code, own->place->path,
			   sqlite_statement_name(&own->base, number), err);
}

static int prepare(struct sqlite_connection *own, unsigned number, sqlite3_stmt **ret,
		   struct err *err)
{
	const struct sqlite_schema *schema = &own->place->schema;
	const char *rest = "";
	int code = sqlite3_prepare_v3(own->db, schema->statements[number].text, -1,
				      SQLITE_PREPARE_PERSISTENT, ret, &rest);

	if (code != SQLITE_OK)
		return fail(own, number, code, err);
	if (*ret && !rest[strspn(rest, " \t\n;")])
		return 0;
	sqlite3_finalize(*ret);
	*ret = NULL;
	return err_set(err, -EINVAL, "statement %s: not exactly one: this is a defect of DSS",
		       schema->statements[number].name);
}

/* The connection's own, or an extra one when that is being run. */
static int take_run(struct sqlite_connection *own, unsigned number, struct store_run **ret,
		    struct err *err)
{
	sqlite3_stmt *statement = NULL;
	struct store_run *run;

	if (number >= own->place->schema.statement_count)
		return err_set(err, -EINVAL, "statement %u: there is none: this is a defect of DSS",
			       number);
	run = &own->runs[number];
	if (!run->is_running && run->statement) {
		*ret = run;
		return 0;
	}
	TRY(prepare(own, number, &statement, err));
	if (run->is_running) {
		run = memory_alloc(sizeof *run);
		*run = (struct store_run){ .is_extra = true, .next = own->extra };
		own->extra = run;
	}
	run->statement = statement;
	run->number = number;
	*ret = run;
	return 0;
}

static int bind_octets(sqlite3_stmt *statement, int at, enum sql_type type, struct str octets,
		       bool is_short)
{
	const char *data = octets.data ? octets.data : ""; /* a NULL pointer would bind NULL */
	sqlite3_destructor_type how = is_short ? SQLITE_STATIC : SQLITE_TRANSIENT;

	if (type == SQL_TYPE_TEXT)
		return sqlite3_bind_text64(statement, at, data, octets.len, how, SQLITE_UTF8);
	return sqlite3_bind_blob64(statement, at, data, octets.len, how);
}

static int bind_value(sqlite3_stmt *statement, int at, const struct sql_value *value, bool is_short)
{
	switch (value->type) {
	case SQL_TYPE_NULL:
		return sqlite3_bind_null(statement, at);
	case SQL_TYPE_INT:
		return sqlite3_bind_int64(statement, at, value->number);
	case SQL_TYPE_ID:
		return bind_octets(statement, at, SQL_TYPE_BLOB,
				   str_bytes(value->id.octets, sizeof value->id.octets), is_short);
	case SQL_TYPE_TEXT:
	case SQL_TYPE_BLOB:
		return bind_octets(statement, at, value->type, value->octets, is_short);
	}
	return SQLITE_MISUSE;
}

int sqlite_run_begin(struct store_connection *c, unsigned statement, const struct sql_value *values,
		     size_t count, unsigned how, struct store_run **ret, struct err *err)
{
	struct sqlite_connection *own = sqlite_of(c);
	struct store_run *run = NULL;
	int code = SQLITE_OK;

	TRY(take_run(own, statement, &run, err));
	run->is_running = true;
	if ((size_t)sqlite3_bind_parameter_count(run->statement) != count) {
		code = err_set(err, -EINVAL,
			       "statement %s: %d values wanted, %zu given: this is a "
			       "defect of DSS",
			       sqlite_statement_name(c, statement),
			       sqlite3_bind_parameter_count(run->statement), count);
		sqlite_run_end(c, run);
		return code;
	}
	for (size_t i = 0; code == SQLITE_OK && i < count; i++)
		code = bind_value(run->statement, (int)i + 1, &values[i], how & RUN_SHORT);
	if (code != SQLITE_OK) {
		code = fail(own, statement, code, err);
		sqlite_run_end(c, run);
		return code;
	}
	*ret = run;
	return 0;
}

int sqlite_run_step(struct store_connection *c, struct store_run *run, struct err *err)
{
	int code = sqlite3_step(run->statement);

	if (code == SQLITE_ROW)
		return 1;
	if (code == SQLITE_DONE)
		return 0;
	return fail(sqlite_of(c), run->number, code, err);
}

bool sqlite_run_column(struct store_run *run, unsigned column, struct sql_value *ret)
{
	sqlite3_stmt *statement = run->statement;
	int at = (int)column;
	const void *data;

	if (column >= (unsigned)sqlite3_data_count(statement))
		return false;
	switch (sqlite3_column_type(statement, at)) {
	case SQLITE_NULL:
		*ret = SQL_NULL;
		return true;
	case SQLITE_INTEGER:
		*ret = SQL_INT(sqlite3_column_int64(statement, at));
		return true;
	case SQLITE_TEXT:
		data = sqlite3_column_text(statement, at);
		*ret = SQL_TEXT(str_bytes(data, (size_t)sqlite3_column_bytes(statement, at)));
		return data != NULL;
	case SQLITE_BLOB:
		data = sqlite3_column_blob(statement, at); /* NULL when it is empty */
		*ret = SQL_BLOB(
			str_bytes(data ? data : "", (size_t)sqlite3_column_bytes(statement, at)));
		return true;
	default:
		return false;
	}
}

int64_t sqlite_run_changes(struct store_connection *c)
{
	return sqlite3_changes64(sqlite_of(c)->db);
}

int64_t sqlite_run_inserted(struct store_connection *c)
{
	return sqlite3_last_insert_rowid(sqlite_of(c)->db);
}

void sqlite_run_end(struct store_connection *c, struct store_run *run)
{
	if (run->is_extra) {
		struct store_run **at = &sqlite_of(c)->extra;

		while (*at != run)
			at = &(*at)->next;
		*at = run->next;
		sqlite3_finalize(run->statement);
		memory_free(run);
		return;
	}
	sqlite3_reset(run->statement);
	sqlite3_clear_bindings(run->statement);
	run->is_running = false;
}

void sqlite_runs_end(struct sqlite_connection *own)
{
	while (own->extra)
		sqlite_run_end(&own->base, own->extra);
	for (size_t i = 0; i < own->place->schema.statement_count; i++)
		if (own->runs[i].is_running)
			sqlite_run_end(&own->base, &own->runs[i]);
}
