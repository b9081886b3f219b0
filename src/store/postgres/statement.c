/* SPDX-License-Identifier: Apache-2.0 */
/* How is a named statement prepared, given its values, and read? */
#include "store/postgres/parts.h"

#include <endian.h>

/* pg_type.h, which libpq does not install. */
enum {
	OID_BOOL = 16,
	OID_BYTEA = 17,
	OID_INT8 = 20,
	OID_INT2 = 21,
	OID_INT4 = 23,
	OID_TEXT = 25,
	OID_VARCHAR = 1043,
	OID_NUMERIC = 1700
};

const char *postgres_statement_name(struct store_connection *c, unsigned statement)
{
	const struct postgres_schema *schema = &postgres_of(c)->place->schema;

	return statement < schema->statement_count ? schema->statements[statement].name : "?";
}

/* ---- preparing ---- */

static uint8_t type_of(const struct sql_value *value)
{
	return value->type == SQL_TYPE_ID ? SQL_TYPE_BLOB : (uint8_t)value->type;
}

/* A NULL says nothing about its type: what other connections have seen is remembered. */
static void learn_types(struct store_place *place, unsigned statement,
			const struct sql_value *values, size_t count, uint8_t *types)
{
	pthread_mutex_lock(&place->mutex);
	for (size_t i = 0; i < count; i++) {
		if (values[i].type != SQL_TYPE_NULL)
			place->types[statement][i] = type_of(&values[i]);
		types[i] = place->types[statement][i];
	}
	pthread_mutex_unlock(&place->mutex);
}

static bool is_prepared_for(const struct prepared *prepared, const struct sql_value *values,
			    size_t count)
{
	if (!prepared->is_there && !prepared->is_asked)
		return false;
	for (size_t i = 0; i < count; i++)
		if (values[i].type != SQL_TYPE_NULL && prepared->types[i] != type_of(&values[i]))
			return false;
	return true;
}

int postgres_prepare(struct postgres_connection *own, unsigned statement,
		     const struct sql_value *values, size_t count, struct err *err)
{
	struct prepared *prepared = &own->prepared[statement];

	if (is_prepared_for(prepared, values, count))
		return 0;
	prepared->is_there = prepared->is_asked = false;
	learn_types(own->place, statement, values, count, prepared->types);
	return pipe_prepare(own, statement, err);
}

/* ---- running ---- */

static void take_answer(struct postgres_connection *own, struct store_run *run, bool is_change)
{
	run->rows = PQntuples(run->result);
	own->changes = is_change ? strtoll(PQcmdTuples(run->result), NULL, 10) : 0;
	own->has_changed |= own->changes > 0;
	own->inserted = -1;
	if (run->rows && PQftype(run->result, 0) == OID_INT8 && !PQgetisnull(run->result, 0, 0)) {
		uint64_t number;

		memcpy(&number, PQgetvalue(run->result, 0, 0), sizeof number);
		own->inserted = (int64_t)be64toh(number);
	}
}

static bool may_go_on(int code)
{
	return code == -EEXIST || code == ERR_CONSTRAINT || code == ERR_REFERENCE;
}

static int undo_statement(struct postgres_connection *own, struct err *err)
{
	TRY(pipe_control(own, CONTROL_GUARD_UNDO, err));
	TRY(pipe_control(own, CONTROL_GUARD_RELEASE, err));
	return pipe_settle(own, NULL, err);
}

/* Answered at once. What was sent ahead before it may fail too: then nothing is to be gone on with. */
static int run_asked(struct postgres_connection *own, unsigned statement,
		     const struct sql_value *values, size_t count, struct store_run *run,
		     struct err *err)
{
	bool is_guarded = own->base.is_writer && own->place->statements[statement].is_guarded;
	struct err ignored;
	int code;

	if (is_guarded)
		TRY(pipe_control(own, CONTROL_GUARD, err));
	TRY(postgres_prepare(own, statement, values, count, err));
	TRY(pipe_run(own, statement, values, count, QUEUED_ASKED, err));
	if (is_guarded)
		TRY(pipe_control(own, CONTROL_GUARD_RELEASE, err));
	code = pipe_settle(own, &run->result, err);
	if (code == 0)
		take_answer(own, run, own->place->statements[statement].is_change);
	if (code == 0 || !may_go_on(code) || own->base.spoilt)
		return code;
	if (is_guarded)
		return undo_statement(own, &ignored) < 0
			       ? store_spoil(&own->base, -EAGAIN, &ignored)
			       : code;
	own->base.spoilt =
		code; /* nobody goes on after this statement: the server does not either */
	own->base.why = *err;
	return code;
}

static int run_ahead(struct postgres_connection *own, unsigned statement,
		     const struct sql_value *values, size_t count, bool is_sure, struct err *err)
{
	TRY(postgres_prepare(own, statement, values, count, err));
	TRY(pipe_run(own, statement, values, count, QUEUED_AHEAD, err));
	own->changes = 1;
	own->inserted = -1;
	own->has_changed = true;
	own->queue[own->queued - 1].is_sure = is_sure;
	if (own->prepared[statement].last)
		own->inserted = own->queue[own->queued - 1].expected =
			++own->prepared[statement].last;
	return 0;
}

static bool is_sent_ahead(const struct postgres_connection *own, unsigned statement)
{
	const struct postgres_statement *known = &own->place->statements[statement];

	return known->is_ahead || (known->is_counted && own->prepared[statement].last > 0);
}

int postgres_check_values(struct postgres_connection *own, unsigned statement, size_t count,
			  struct err *err)
{
	const struct store_place *place = own->place;

	if (statement >= place->schema.statement_count)
		return err_set(err, -EINVAL, "statement %u: there is none: this is a defect of DSS",
			       statement);
	if (place->statements[statement].values == count)
		return 0;
	return err_set(err, -EINVAL,
		       "statement %s: %u values wanted, %zu given: this is a defect of DSS",
		       place->schema.statements[statement].name,
		       place->statements[statement].values, count);
}

/* What was foreseen is there already, or on its way. */
static int ask(struct postgres_connection *own, unsigned statement, const struct sql_value *values,
	       size_t count, struct store_run *run, struct err *err)
{
	int code = foreseen_find(own, statement, values, count, &run->result, err);

	if (code == 0)
		return run_asked(own, statement, values, count, run, err);
	TRY(code);
	run->is_borrowed = true;
	take_answer(own, run, own->place->statements[statement].is_change);
	if (own->place->statements[statement].is_change)
		postgres_forget(&own->base, statement, values, count); /* done once */
	return 0;
}

static void run_free(struct store_run *run)
{
	if (!run->is_borrowed)
		PQclear(run->result);
	memory_free(run);
}

int postgres_run_begin(struct store_connection *c, unsigned statement,
		       const struct sql_value *values, size_t count, unsigned how,
		       struct store_run **ret, struct err *err)
{
	struct postgres_connection *own = postgres_of(c);
	struct store_run *run;
	int code;

	TRY(postgres_check_values(own, statement, count, err));
	if (!own->db)
		return err_set(err, -EAGAIN, "%s: the connection was lost: try again",
			       own->place->name);
	TRY(pipe_room(own, err));
	run = memory_alloc(sizeof *run);
	*run = (struct store_run){ 0 };
	if (c->is_writer && (how & RUN_SURE || is_sent_ahead(own, statement)))
		code = run_ahead(own, statement, values, count, how & RUN_SURE, err);
	else
		code = ask(own, statement, values, count, run, err);
	if (code == 0 && c->is_writer && run->result &&
	    own->place->statements[statement].is_counted)
		own->prepared[statement].last = own->inserted;
	if (code < 0) {
		run_free(run);
		return code;
	}
	run->row = -1;
	run->next = own->runs;
	own->runs = run;
	*ret = run;
	return 0;
}

int postgres_run_step(struct store_connection *c, struct store_run *run, struct err *err)
{
	return ++run->row < run->rows;
}

void postgres_run_end(struct store_connection *c, struct store_run *run)
{
	struct store_run **at = &postgres_of(c)->runs;

	while (*at && *at != run)
		at = &(*at)->next;
	if (!*at)
		return;
	*at = run->next;
	run_free(run);
}

void postgres_runs_end(struct postgres_connection *own)
{
	while (own->runs)
		postgres_run_end(&own->base, own->runs);
	foreseen_end(own);
}

int64_t postgres_run_changes(struct store_connection *c)
{
	return postgres_of(c)->changes;
}

int64_t postgres_run_inserted(struct store_connection *c)
{
	return postgres_of(c)->inserted;
}

/* ---- columns ---- */

/* sum() of bigint is numeric: whole, and not beyond 64 bits in what we store. numeric_send() of
 * PostgreSQL: digits of 10,000, weight of the first, sign, digits behind the point. */
static bool read_numeric(const char *octets, int len, int64_t *ret)
{
	uint16_t head[4];
	int64_t number = 0;
	int digits, weight;

	if (len < (int)sizeof head)
		return false;
	memcpy(head, octets, sizeof head);
	digits = be16toh(head[0]);
	weight = (int16_t)be16toh(head[1]);
	if (be16toh(head[3]) || len != (int)sizeof head + 2 * digits || weight > 4 ||
	    digits > weight + 1)
		return false;
	for (int i = 0; i <= weight; i++) {
		uint16_t digit = 0;

		if (i < digits)
			memcpy(&digit, octets + sizeof head + 2 * i, sizeof digit);
		if (__builtin_mul_overflow(number, 10000, &number) ||
		    __builtin_add_overflow(number, be16toh(digit), &number))
			return false;
	}
	*ret = be16toh(head[2]) == 0x4000 ? -number : number;
	return be16toh(head[2]) == 0 || be16toh(head[2]) == 0x4000;
}

bool postgres_run_column(struct store_run *run, unsigned column, struct sql_value *ret)
{
	const char *octets;
	int at = (int)column, len;
	int64_t number;
	uint64_t eight;
	uint32_t four;

	if (!run->result || run->row < 0 || run->row >= run->rows || at >= PQnfields(run->result))
		return false;
	if (PQgetisnull(run->result, run->row, at)) {
		*ret = SQL_NULL;
		return true;
	}
	octets = PQgetvalue(run->result, run->row, at);
	len = PQgetlength(run->result, run->row, at);
	switch (PQftype(run->result, at)) {
	case OID_BOOL:
		*ret = SQL_INT(*octets != 0);
		return true;
	case OID_INT4:
		memcpy(&four, octets, sizeof four);
		*ret = SQL_INT((int32_t)be32toh(four));
		return true;
	case OID_INT8:
		memcpy(&eight, octets, sizeof eight);
		*ret = SQL_INT((int64_t)be64toh(eight));
		return true;
	case OID_NUMERIC:
		if (!read_numeric(octets, len, &number))
			return false;
		*ret = SQL_INT(number);
		return true;
	case OID_TEXT:
	case OID_VARCHAR:
		*ret = SQL_TEXT(str_bytes(octets, (size_t)len));
		return true;
	case OID_BYTEA:
		*ret = SQL_BLOB(str_bytes(octets, (size_t)len));
		return true;
	default:
		return false;
	}
}
