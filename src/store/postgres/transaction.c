/* SPDX-License-Identifier: Apache-2.0 */
/* How does a transaction begin and end, and what became of one whose end was not heard? */
#include "base/clock.h"
#include "base/fault.h"
#include "store/postgres/parts.h"

#include <endian.h>

enum { RESOLVE_PAUSE_US = 100000 };

static void roll_back(struct postgres_connection *own)
{
	struct err ignored;

	postgres_runs_end(own);
	if (!own->db || !own->is_inside)
		return;
	own->is_inside = false;
	(void)!pipe_settle(own, NULL, &ignored); /* what was sent ahead, whatever became of it */
	if (!own->db || pipe_control(own, CONTROL_ROLL_BACK, &ignored) < 0)
		return;
	(void)!pipe_settle(own, NULL, &ignored);
}

/* The server's queue for the turn is fair; the wait is in pieces so that a silent server is noticed. */
static int take_turn(struct postgres_connection *own, struct err *err)
{
	int64_t until_us = clock_monotonic_us() + POSTGRES_TURN_MS * INT64_C(1000);
	int code;

	do {
		TRY(pipe_control(own, CONTROL_BEGIN_WRITE, err));
		own->is_inside = true;
		TRY(pipe_control(own, CONTROL_TURN, err));
		code = pipe_settle(own, NULL, err);
		if (code < 0)
			roll_back(own);
	} while (code == -EBUSY && clock_monotonic_us() < until_us);
	if (code == -EBUSY)
		return err_set(err, -EBUSY,
			       "%s: another process has not finished writing for %d s: try again",
			       own->place->name, POSTGRES_TURN_MS / 1000);
	return code;
}

int postgres_begin(struct store_connection *c, struct err *err)
{
	struct postgres_connection *own = postgres_of(c);

	c->spoilt = 0;
	own->has_changed = own->was_rolled_back = false;
	TRY(postgres_ready(own, err));
	for (unsigned i = 0; i < own->place->schema.statement_count; i++)
		own->prepared[i].last = 0;
	if (own->is_inside)
		roll_back(own);
	if (c->is_writer)
		return take_turn(own, err);
	own->is_inside = true;
	return pipe_control(own, CONTROL_BEGIN_READ, err); /* goes with the first statement */
}

void postgres_roll_back(struct store_connection *c)
{
	struct postgres_connection *own = postgres_of(c);
	struct err ignored;

	if (c->is_writer) {
		roll_back(own);
		return;
	}
	postgres_runs_end(own);
	if (!own->db || !own->is_inside)
		return;
	own->is_inside = false;
	if (pipe_control(own, CONTROL_ROLL_BACK, &ignored) == 0)
		(void)!pipe_send(own, &ignored); /* nobody waits for its answer */
}

/* ---- commit ---- */

/* With the turn in hand: the transaction that had it is over. Is its mark there? */
static int look_for_mark(struct postgres_connection *own, bool *ret_is_there, struct err *err)
{
	PGresult *row = NULL;
	int64_t mark = 0;

	TRY(take_turn(own, err));
	TRY(pipe_look(own, err));
	TRY(pipe_settle(own, &row, err));
	if (row && PQntuples(row) == 1 && PQgetlength(row, 0, 0) == sizeof mark) {
		uint64_t octets;

		memcpy(&octets, PQgetvalue(row, 0, 0), sizeof octets);
		mark = (int64_t)be64toh(octets);
	}
	PQclear(row);
	roll_back(own);
	*ret_is_there = mark == own->mark;
	return 0;
}

static int resolve(struct postgres_connection *own, struct err *err)
{
	int64_t until_us = clock_monotonic_us() + POSTGRES_RESOLVE_MS * INT64_C(1000);
	bool is_there = false;
	struct err why;

	do {
		if (postgres_ready(own, &why) == 0 && look_for_mark(own, &is_there, &why) == 0)
			return is_there ? 0
					: err_set(err, -EAGAIN,
						  "%s: the connection was lost before the commit: "
						  "try again",
						  own->place->name);
		session_pause(clock_monotonic_us() + RESOLVE_PAUSE_US);
	} while (clock_monotonic_us() < until_us);
	return err_set(
		err, -ETIMEDOUT,
		"%s: the connection was lost during a commit and has not come back for %d s: "
		"look whether it was stored before you try again",
		own->place->name, POSTGRES_RESOLVE_MS / 1000);
}

static int end(struct postgres_connection *own, struct err *err)
{
	TRY(pipe_be_sure(own, err)); /* before the server commits what should not be */
	TRY(pipe_room(own, err));
	TRY(pipe_mark(own, err));
	TRY(pipe_control(own, CONTROL_NOTIFY, err));
	TRY(pipe_control(own, CONTROL_COMMIT, err));
	return pipe_settle(own, NULL, err);
}

int postgres_commit(struct store_connection *c, struct err *err)
{
	struct postgres_connection *own = postgres_of(c);
	int code;

	postgres_runs_end(own);
	FAULT_POINT("store.before-commit");
	if (!own->has_changed) {
		roll_back(own);
		return 0;
	}
	code = end(own, err);
	if (code == 0 && own->was_rolled_back)
		code = err_set(err, -EAGAIN, "%s: the server has rolled back: try again",
			       own->place->name);
	if (code == -EAGAIN && !own->db) {
		own->is_inside = false;
		code = resolve(own, err);
	}
	if (code < 0) {
		roll_back(own);
		return code;
	}
	own->is_inside = false;
	FAULT_POINT("store.after-commit");
	return 0;
}

/* ---- savepoints: nobody waits for their answers ---- */

int postgres_savepoint_set(struct store_connection *c, struct err *err)
{
	postgres_runs_end(postgres_of(c)); /* of the group's first closure, which has none */
	TRY(pipe_room(postgres_of(c), err));
	return pipe_control(postgres_of(c), CONTROL_SAVEPOINT, err);
}

int postgres_savepoint_keep(struct store_connection *c, struct err *err)
{
	postgres_runs_end(postgres_of(c));
	TRY(pipe_room(postgres_of(c), err));
	return pipe_control(postgres_of(c), CONTROL_RELEASE, err);
}

int postgres_savepoint_undo(struct store_connection *c, struct err *err)
{
	postgres_runs_end(postgres_of(c));
	TRY(pipe_room(postgres_of(c), err));
	TRY(pipe_control(postgres_of(c), CONTROL_UNDO, err));
	return pipe_control(postgres_of(c), CONTROL_RELEASE, err);
}
