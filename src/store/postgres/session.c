/* SPDX-License-Identifier: Apache-2.0 */
/* How is the server asked without ever waiting for good? */
#include "base/clock.h"
#include "store/postgres/parts.h"

#include <poll.h>

int session_wait(PGconn *db, bool wants_write, int64_t until_us)
{
	struct pollfd fd = { .fd = PQsocket(db),
			     .events = (short)(POLLIN | (wants_write ? POLLOUT : 0)) };
	int64_t left_us;
	int count;

	do {
		left_us = until_us - clock_monotonic_us();
		if (left_us < 0)
			return 0;
		count = poll(&fd, 1, (int)(left_us / 1000) + 1);
	} while (count < 0 && errno == EINTR);
	return count;
}

bool session_is_dead(PGconn *db)
{
	/* A server that ended the session has said why, and closed: more than one look. */
	for (int looks = 0; looks < 4; looks++) {
		struct pollfd fd = { .fd = PQsocket(db), .events = POLLIN };

		if (fd.fd < 0 || PQstatus(db) != CONNECTION_OK)
			return true;
		if (poll(&fd, 1, 0) <= 0)
			return false;
		if (!PQconsumeInput(db))
			return true;
		(void)PQisBusy(db);
	}
	return PQstatus(db) != CONNECTION_OK;
}

/* ---- one text at a time ---- */

static int fail_lost(struct store_place *place, const char *why, struct err *err)
{
	return err_set(err, -ECONNREFUSED, "%s: %s: try again", place->name, why);
}

static int next_result(struct store_place *place, PGconn *db, int64_t until_us, PGresult **ret,
		       struct err *err)
{
	while (PQisBusy(db)) {
		if (session_wait(db, PQflush(db) > 0, until_us) <= 0)
			return fail_lost(place, "the server does not answer", err);
		if (!PQconsumeInput(db))
			break; /* PQgetResult says why */
	}
	*ret = PQgetResult(db);
	return 0;
}

static bool is_fine(const PGresult *result)
{
	ExecStatusType status = PQresultStatus(result);

	return status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK;
}

int session_ask(struct store_place *place, PGconn *db, const char *text, int limit_ms,
		PGresult **ret, struct err *err)
{
	int64_t until_us = clock_monotonic_us() + limit_ms * INT64_C(1000);
	PGresult *last = NULL, *result = NULL;
	int code = 0;

	if (!PQsendQuery(db, text))
		return fail_lost(place, "the server is gone", err);
	for (;;) {
		int waited = next_result(place, db, until_us, &result, err);

		if (waited < 0) {
			PQclear(last);
			return waited;
		}
		if (!result)
			break;
		if (code == 0 && !is_fine(result))
			code = postgres_fail(place, result, "asked while it was opened", err);
		PQclear(last);
		last = result;
	}
	if (code == 0 && !last)
		code = fail_lost(place, "the server is gone", err);
	if (code < 0 || !ret) {
		PQclear(last);
		return code;
	}
	*ret = last;
	return 0;
}

int session_number(struct store_place *place, PGconn *db, const char *text, int64_t *ret,
		   struct err *err)
{
	PGresult *result;

	TRY(session_ask(place, db, text, POSTGRES_ANSWER_MS, &result, err));
	*ret = PQntuples(result) && !PQgetisnull(result, 0, 0)
		       ? strtoll(PQgetvalue(result, 0, 0), NULL, 10)
		       : 0;
	PQclear(result);
	return 0;
}

/* ---- connecting ---- */

static int wait_for_connection(struct store_place *place, PGconn *db, struct err *err)
{
	int64_t until_us = clock_monotonic_us() + POSTGRES_CONNECT_MS * INT64_C(1000);
	PostgresPollingStatusType status = PGRES_POLLING_WRITING;

	while (status != PGRES_POLLING_OK) {
		struct pollfd fd = { .fd = PQsocket(db),
				     .events = status == PGRES_POLLING_WRITING ? POLLOUT : POLLIN };
		int64_t left_us = until_us - clock_monotonic_us();

		if (status == PGRES_POLLING_FAILED || PQstatus(db) == CONNECTION_BAD)
			return postgres_fail_connect(place, PQerrorMessage(db), err);
		if (left_us < 0)
			return fail_lost(place, "the server does not answer", err);
		if (poll(&fd, 1, (int)(left_us / 1000) + 1) > 0)
			status = PQconnectPoll(db);
	}
	return 0;
}

static void say_nothing(void *context, const PGresult *notice)
{
}

static int look_at_server(struct store_place *place, PGconn *db, struct err *err)
{
	const char *encoding = PQparameterStatus(db, "server_encoding");

	if (PQserverVersion(db) < POSTGRES_LEAST_VERSION)
		return err_set(err, -EPROTONOSUPPORT, "%s: is PostgreSQL %d; DSS wants %d or newer",
			       place->name, PQserverVersion(db) / 10000,
			       POSTGRES_LEAST_VERSION / 10000);
	if (!encoding || strcmp(encoding, "UTF8") != 0)
		return err_set(err, -EMEDIUMTYPE,
			       "%s: the database's encoding is %s: make one with ENCODING 'UTF8'",
			       place->name, encoding ? encoding : "not known");
	return 0;
}

/* A server that acknowledges before it has written would break what store_write promises. */
static int set_session(struct store_place *place, PGconn *db, int statement_ms, struct err *err)
{
	char text[512];

	snprintf(text, sizeof text,
		 "SET statement_timeout = %d; SET lock_timeout = %d; "
		 "SET idle_in_transaction_session_timeout = %d; SET jit = off; "
		 "SET standard_conforming_strings = on; SET tcp_keepalives_idle = 4; "
		 "SET tcp_keepalives_interval = 2; SET tcp_keepalives_count = 3; "
		 "SET tcp_user_timeout = 5000; "
		 "SELECT set_config('synchronous_commit', 'on', false) "
		 "WHERE current_setting('synchronous_commit') IN ('off', 'local')",
		 statement_ms, POSTGRES_TURN_TRY_MS, POSTGRES_IDLE_MS);
	return session_ask(place, db, text, POSTGRES_ANSWER_MS, NULL, err);
}

int session_connect(struct store_place *place, int statement_ms, PGconn **ret, struct err *err)
{
	PGconn *db = PQconnectStartParams(place->keywords, place->values, 0);
	int code;

	if (!db)
		memory_exhausted();
	PQsetNoticeReceiver(db, say_nothing, NULL);
	code = wait_for_connection(place, db, err);
	if (code == 0 && PQsetnonblocking(db, 1) < 0)
		code = fail_lost(place, "the server is gone", err);
	if (code == 0)
		code = look_at_server(place, db, err);
	if (code == 0)
		code = set_session(place, db, statement_ms, err);
	if (code < 0) {
		PQfinish(db);
		return code;
	}
	*ret = db;
	return 0;
}

void session_pause(int64_t until_us)
{
	int64_t left_us;

	while ((left_us = until_us - clock_monotonic_us()) > 0)
		(void)!poll(NULL, 0, (int)(left_us / 1000) + 1);
}
