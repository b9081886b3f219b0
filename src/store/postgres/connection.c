/* SPDX-License-Identifier: Apache-2.0 */
/* How is a connection made, and made again when it was lost? */
#include "base/clock.h"
#include "store/postgres/parts.h"

#include <sys/random.h>

enum { PAUSE_FIRST_MS = 50, PAUSE_MOST_MS = 5000, PATIENCE_MS = 3000 };

static int open_pipe(struct postgres_connection *own, struct err *err)
{
	TRY(session_connect(own->place, POSTGRES_STATEMENT_MS, &own->db, err));
	if (PQenterPipelineMode(own->db))
		return 0;
	PQfinish(own->db);
	own->db = NULL;
	return err_set(err, -ECONNREFUSED, "%s: the connection was lost: try again",
		       own->place->name);
}

int postgres_connect(struct store_place *place, bool is_writer, struct store_connection **ret,
		     struct err *err)
{
	struct postgres_connection *own = memory_alloc(sizeof *own);
	size_t bytes = place->schema.statement_count * sizeof *own->prepared;
	int code;

	*own = (struct postgres_connection){ .place = place, .base.is_writer = is_writer };
	if (getrandom(own->writer.octets, sizeof own->writer.octets, 0) < 0) {
		code = -errno;
		memory_free(own);
		return err_set(err, code, "getrandom: %s", strerror(-code));
	}
	own->prepared = memory_alloc(bytes);
	memset(own->prepared, 0, bytes);
	own->foreseen = memory_alloc(POSTGRES_FORESEEN * sizeof(struct foreseen *));
	memset(own->foreseen, 0, POSTGRES_FORESEEN * sizeof(struct foreseen *));
	own->queue = memory_alloc((POSTGRES_QUEUED + POSTGRES_SPARE) * sizeof *own->queue);
	code = open_pipe(own, err);
	if (code < 0) {
		postgres_disconnect(&own->base);
		return code;
	}
	*ret = &own->base;
	return 0;
}

/* Its row of store_writer goes with it; what a killed process leaves is cleared on opening. */
static void forget_writer(struct postgres_connection *own)
{
	struct err ignored;

	if (!own->db || !own->mark || own->is_inside || pipe_forget(own, &ignored) < 0)
		return;
	(void)!pipe_settle(own, NULL, &ignored);
}

void postgres_disconnect(struct store_connection *c)
{
	struct postgres_connection *own = postgres_of(c);

	postgres_runs_end(own);
	forget_writer(own);
	if (own->db)
		PQfinish(own->db);
	foreseen_lose(own);
	foreseen_end(own);
	memory_free(own->foreseen);
	memory_free(own->prepared);
	memory_free(own->queue);
	memory_free(own);
}

/* ---- again ---- */

/* Half of it to all of it, so that many processes do not come back at once. */
static int64_t jitter_us(int64_t pause_us)
{
	uint32_t number = 0;

	if (getrandom(&number, sizeof number, 0) != sizeof number)
		number = 0;
	return pause_us / 2 + (int64_t)(number % (uint32_t)(pause_us / 2));
}

static int64_t next_pause_us(struct postgres_connection *own)
{
	int64_t pause_ms =
		MIN((int64_t)PAUSE_FIRST_MS << MIN(own->failures, 10u), (int64_t)PAUSE_MOST_MS);

	own->failures++;
	return jitter_us(pause_ms * 1000);
}

/* The first loss is waited out for a moment: a server that restarts is back within seconds. Who comes
 * while it stays away is told at once, and asks it no more often than the pause. */
int postgres_ready(struct postgres_connection *own, struct err *err)
{
	int64_t now_us = clock_monotonic_us(), patience_us;
	struct err lost;
	int code;

	if (own->db && session_is_dead(own->db))
		(void)!pipe_lose(own, "the connection was lost", &lost);
	if (own->db)
		return 0;
	own->is_inside = false;
	patience_us = now_us + (own->failures ? 0 : PATIENCE_MS * INT64_C(1000));
	if (own->failures && now_us < own->next_try_us)
		return err_set(err, -ECONNREFUSED,
			       "%s: the server cannot be reached: see that it runs",
			       own->place->name);
	for (;;) {
		code = open_pipe(own, err);
		if (code == 0) {
			own->failures = 0;
			return 0;
		}
		own->next_try_us = clock_monotonic_us() + next_pause_us(own);
		if (code != -ECONNREFUSED || own->next_try_us > patience_us)
			return code;
		session_pause(own->next_try_us);
	}
}
