/* SPDX-License-Identifier: Apache-2.0 */
/* How are statements sent ahead of the answers to those before? */
#include "base/clock.h"
#include "store/postgres/parts.h"

#include <endian.h>
#include <limits.h>

/* pg_type.h, which libpq does not install. */
enum { OID_BYTEA = 17, OID_INT8 = 20, OID_TEXT = 25 };

static const char *const controls[CONTROL_COUNT] = {
	[CONTROL_BEGIN_READ] = "BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY",
	[CONTROL_BEGIN_WRITE] = "BEGIN ISOLATION LEVEL READ COMMITTED",
	[CONTROL_TURN] = POSTGRES_TAKE_TURN,
	[CONTROL_COMMIT] = "COMMIT",
	[CONTROL_ROLL_BACK] = "ROLLBACK",
	[CONTROL_NOTIFY] = POSTGRES_NOTIFY,
	[CONTROL_SAVEPOINT] = "SAVEPOINT closure",
	[CONTROL_RELEASE] = "RELEASE closure",
	[CONTROL_UNDO] = "ROLLBACK TO closure",
	[CONTROL_GUARD] = "SAVEPOINT statement",
	[CONTROL_GUARD_RELEASE] = "RELEASE statement",
	[CONTROL_GUARD_UNDO] = "ROLLBACK TO statement",
};

int pipe_lose(struct postgres_connection *own, const char *why, struct err *err)
{
	if (own->db)
		PQfinish(own->db);
	own->db = NULL;
	own->queued = 0;
	foreseen_lose(own);
	memset(own->prepared, 0, own->place->schema.statement_count * sizeof *own->prepared);
	return err_set(err, -EAGAIN, "%s: %s: try again", own->place->name, why);
}

static int queue(struct postgres_connection *own, int sent, int kind, unsigned number,
		 struct err *err)
{
	if (!sent)
		return pipe_lose(own, "the connection was lost", err);
	own->queue[own->queued] = (struct queued){ .number = number };
	own->queue[own->queued++].kind = kind;
	return 0;
}

/* Room for the next, so that neither side's buffers grow without end. */
int pipe_room(struct postgres_connection *own, struct err *err)
{
	if (!own->db)
		return err_set(err, -EAGAIN, "%s: the connection was lost: try again",
			       own->place->name);
	return own->queued < POSTGRES_QUEUED ? 0 : pipe_settle(own, NULL, err);
}

int pipe_control(struct postgres_connection *own, enum postgres_control which, struct err *err)
{
	return queue(own, PQsendQueryParams(own->db, controls[which], 0, NULL, NULL, NULL, NULL, 1),
		     QUEUED_CONTROL, which, err);
}

static void statement_name(const struct postgres_connection *own, unsigned statement,
			   char out[static 32])
{
	snprintf(out, 32, "s%u_%u", statement, own->prepared[statement].generation);
}

int pipe_prepare(struct postgres_connection *own, unsigned statement, struct err *err)
{
	static const Oid oids[] = { [SQL_TYPE_NULL] = 0,
				    [SQL_TYPE_INT] = OID_INT8,
				    [SQL_TYPE_TEXT] = OID_TEXT,
				    [SQL_TYPE_BLOB] = OID_BYTEA,
				    [SQL_TYPE_ID] = OID_BYTEA };
	struct prepared *prepared = &own->prepared[statement];
	Oid types[POSTGRES_VALUES];
	char name[32];

	prepared->generation++;
	prepared->is_asked = true;
	statement_name(own, statement, name);
	for (size_t i = 0; i < POSTGRES_VALUES; i++)
		types[i] = oids[prepared->types[i]];
	return queue(own,
		     PQsendPrepare(own->db, name, own->place->statements[statement].text,
				   (int)own->place->statements[statement].values, types),
		     QUEUED_PREPARE, statement, err);
}

int pipe_run(struct postgres_connection *own, unsigned statement, const struct sql_value *values,
	     size_t count, int kind, struct err *err)
{
	const char *octets[POSTGRES_VALUES];
	int lengths[POSTGRES_VALUES], formats[POSTGRES_VALUES];
	uint64_t numbers[POSTGRES_VALUES];
	char name[32];

	statement_name(own, statement, name);
	for (size_t i = 0; i < count; i++) {
		const struct sql_value *value = &values[i];

		formats[i] = 1;
		lengths[i] = 0;
		octets[i] = NULL;
		if (value->type == SQL_TYPE_INT) {
			numbers[i] = htobe64((uint64_t)value->number);
			octets[i] = (const char *)&numbers[i];
			lengths[i] = sizeof numbers[i];
		} else if (value->type == SQL_TYPE_ID) {
			octets[i] = (const char *)value->id.octets;
			lengths[i] = sizeof value->id.octets;
		} else if (value->type != SQL_TYPE_NULL) {
			octets[i] = value->octets.data ? value->octets.data : "";
			lengths[i] = (int)value->octets.len;
		}
	}
	return queue(own,
		     PQsendQueryPrepared(own->db, name, (int)count, octets, lengths, formats, 1),
		     kind, statement, err);
}

static int queue_writer(struct postgres_connection *own, const char *text, int count,
			struct err *err)
{
	static const Oid types[] = { OID_BYTEA, OID_INT8 };
	static const int formats[] = { 1, 1 }, lengths[] = { 16, 8 };
	uint64_t mark = htobe64((uint64_t)own->mark);
	const char *values[] = { (const char *)own->writer.octets, (const char *)&mark };

	return queue(own,
		     PQsendQueryParams(own->db, text, count, types, values, lengths, formats, 1),
		     QUEUED_MARK, UINT_MAX, err);
}

int pipe_mark(struct postgres_connection *own, struct err *err)
{
	own->mark++;
	return queue_writer(own,
			    "INSERT INTO store_writer (id, mark) VALUES ($1, $2) ON CONFLICT (id) "
			    "DO UPDATE SET mark = excluded.mark, marked_at = now()",
			    2, err);
}

int pipe_forget(struct postgres_connection *own, struct err *err)
{
	return queue_writer(own, "DELETE FROM store_writer WHERE id = $1", 1, err);
}

int pipe_look(struct postgres_connection *own, struct err *err)
{
	TRY(queue_writer(own, "SELECT mark FROM store_writer WHERE id = $1", 1, err));
	own->queue[own->queued - 1].kind = QUEUED_ASKED;
	own->queue[own->queued - 1].number = UINT_MAX;
	return 0;
}

/* ---- sending and reading ---- */

static int send_all(struct postgres_connection *own, int64_t until_us, struct err *err)
{
	int left;

	while ((left = PQflush(own->db)) > 0)
		if (session_wait(own->db, true, until_us) <= 0 || !PQconsumeInput(own->db))
			return pipe_lose(own, "the server does not take what it is sent", err);
	return left < 0 ? pipe_lose(own, "the connection was lost", err) : 0;
}

static int add_sync(struct postgres_connection *own, struct err *err)
{
	return queue(own, PQpipelineSync(own->db), QUEUED_SYNC, UINT_MAX, err);
}

/* The next answer; never NULL on success. */
static int read_answer(struct postgres_connection *own, int64_t until_us, PGresult **ret,
		       struct err *err)
{
	for (;;) {
		while (PQisBusy(own->db)) {
			if (session_wait(own->db, false, until_us) <= 0)
				return pipe_lose(own, "the server does not answer", err);
			if (!PQconsumeInput(own->db))
				return pipe_lose(own, "the connection was lost", err);
		}
		*ret = PQgetResult(own->db);
		if (*ret)
			return 0;
		if (PQstatus(own->db) != CONNECTION_OK || clock_monotonic_us() > until_us)
			return pipe_lose(own, "the connection was lost", err);
	}
}

static const char *what_of(const struct postgres_connection *own, const struct queued *queued)
{
	if (queued->kind == QUEUED_CONTROL)
		return controls[queued->number];
	if (queued->number >= own->place->schema.statement_count)
		return "store_writer";
	return own->place->schema.statements[queued->number].name;
}

static int64_t number_of(const PGresult *answer)
{
	uint64_t number = 0;

	if (PQntuples(answer) == 1 && PQgetlength(answer, 0, 0) == sizeof number)
		memcpy(&number, PQgetvalue(answer, 0, 0), sizeof number);
	return (int64_t)be64toh(number);
}

/* Of what was sent ahead: the number that it was told to get, the row that it was sure of. */
static bool is_as_expected(const struct queued *queued, const PGresult *answer)
{
	if (queued->expected && queued->expected != number_of(answer))
		return false;
	return !queued->is_sure || strcmp(PQcmdTuples((PGresult *)answer), "1") == 0;
}

/* What an answer that went well means. */
static void note(struct postgres_connection *own, const struct queued *queued, PGresult *answer)
{
	if (queued->kind == QUEUED_PREPARE)
		own->prepared[queued->number].is_there = true;
	if (queued->kind == QUEUED_CONTROL && queued->number == CONTROL_COMMIT &&
	    strcmp(PQcmdStatus(answer), "COMMIT") != 0)
		own->was_rolled_back = true;
}

static bool is_failure(const PGresult *answer)
{
	ExecStatusType status = PQresultStatus(answer);

	return status == PGRES_FATAL_ERROR || status == PGRES_BAD_RESPONSE ||
	       status == PGRES_NONFATAL_ERROR;
}

/* Those behind what failed were not made. */
static void forget_prepares(struct postgres_connection *own)
{
	for (unsigned i = 0; i < own->place->schema.statement_count; i++)
		own->prepared[i].is_asked = false;
}

/* An answer that went well, by what it answers; true: it is kept. */
static bool take(struct postgres_connection *own, const struct queued *queued, PGresult *answer,
		 PGresult **asked)
{
	note(own, queued, answer);
	if (queued->kind == QUEUED_FORESEEN) {
		foreseen_answer(queued->foreseen, answer);
		return true;
	}
	if (queued->kind != QUEUED_ASKED)
		return false;
	PQclear(*asked);
	*asked = answer;
	return true;
}

int pipe_settle(struct postgres_connection *own, PGresult **ret, struct err *err)
{
	int64_t until_us = clock_monotonic_us() + POSTGRES_ANSWER_MS * INT64_C(1000);
	int code = 0, failed = QUEUED_ASKED;
	PGresult *asked = NULL, *answer = NULL;
	struct err why;
	size_t count;

	if (!own->db)
		return err_set(err, -EAGAIN, "%s: the connection was lost: try again",
			       own->place->name);
	TRY(add_sync(own, err));
	count = own->queued;
	TRY(send_all(own, until_us, err));
	for (size_t i = 0; i < count; i++) {
		struct queued queued = own->queue[i];
		int lost = read_answer(own, until_us, &answer, err);

		if (lost < 0) {
			PQclear(asked);
			return lost;
		}
		if (is_failure(answer)) {
			if (code == 0) {
				code = postgres_fail(own->place, answer, what_of(own, &queued),
						     &why);
				failed = queued.kind;
			}
		} else if (PQresultStatus(answer) != PGRES_PIPELINE_ABORTED) {
			if (code == 0 && !is_as_expected(&queued, answer)) {
				code = err_set(&why, -EAGAIN,
					       "%s: somebody else has changed what it rests on",
					       what_of(own, &queued));
				failed = queued.kind;
			}
			if (take(own, &queued, answer, &asked))
				continue;
		}
		PQclear(answer);
	}
	own->queued = 0;
	foreseen_lose(own);
	if (code < 0)
		forget_prepares(own);
	if (code == -ECONNREFUSED)
		code = pipe_lose(own, "the connection was lost", err);
	else if (code < 0)
		err_set(err, code, "%s", why.text);
	if (code < 0 && failed != QUEUED_ASKED && failed != QUEUED_PREPARE && !own->base.spoilt) {
		own->base.spoilt = code;
		own->base.why = why;
	}
	if (code < 0 || !ret) {
		PQclear(asked);
		return code;
	}
	*ret = asked;
	return 0;
}

int pipe_send(struct postgres_connection *own, struct err *err)
{
	int64_t until_us = clock_monotonic_us() + POSTGRES_ANSWER_MS * INT64_C(1000);

	TRY(add_sync(own, err));
	return send_all(own, until_us, err);
}

int pipe_be_sure(struct postgres_connection *own, struct err *err)
{
	for (size_t i = 0; i < own->queued; i++)
		if (own->queue[i].is_sure || own->queue[i].expected)
			return pipe_settle(own, NULL, err);
	return 0;
}
