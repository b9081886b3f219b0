/* SPDX-License-Identifier: Apache-2.0 */
/* How does a transaction begin and end? */
#include "base/fault.h"
#include "store/sqlite/parts.h"

#include <sys/stat.h>

static const char *const texts[CONTROL_COUNT] = {
	[CONTROL_BEGIN_READ] = "BEGIN",
	[CONTROL_BEGIN_WRITE] = "BEGIN IMMEDIATE",
	[CONTROL_COMMIT] = "COMMIT",
	[CONTROL_ROLL_BACK] = "ROLLBACK",
	[CONTROL_SAVEPOINT] = "SAVEPOINT closure",
	[CONTROL_RELEASE] = "RELEASE closure",
	[CONTROL_UNDO] = "ROLLBACK TO closure",
};

int sqlite_controls_prepare(struct sqlite_connection *own, struct err *err)
{
	for (int i = 0; i < CONTROL_COUNT; i++) {
		int code = sqlite3_prepare_v3(own->db, texts[i], -1, SQLITE_PREPARE_PERSISTENT,
					      &own->control[i], NULL);

		if (code != SQLITE_OK)
			return sqlite_fail(own->db, code, own->place->path, texts[i], err);
	}
	return 0;
}

static int run(struct sqlite_connection *own, enum sqlite_control which, struct err *err)
{
	int code = sqlite3_step(own->control[which]);

	if (code != SQLITE_DONE)
		code = sqlite_fail(own->db, code, own->place->path, texts[which], err);
	else
		code = 0;
	sqlite3_reset(own->control[which]);
	return code;
}

static void give_turn(struct sqlite_connection *own)
{
	if (own->has_turn)
		turn_give(own->place->turn);
	own->has_turn = false;
}

static int check_place(struct sqlite_connection *own, struct err *err)
{
	if (!sqlite_has_moved(own->db))
		return 0;
	return err_set(err, -ENODEV,
		       "%s: was taken away or replaced while it was open: start again",
		       own->place->path);
}

int sqlite_begin(struct store_connection *c, struct err *err)
{
	struct sqlite_connection *own = sqlite_of(c);
	int code;

	c->spoilt = 0;
	if (!sqlite3_get_autocommit(own->db)) /* a roll-back that failed */
		TRY(run(own, CONTROL_ROLL_BACK, err));
	if (!c->is_writer) {
		TRY(check_place(own, err));
		return run(own, CONTROL_BEGIN_READ, err);
	}
	TRY(turn_take(own->place->turn, SQLITE_TURN_S, err));
	own->has_turn = true;
	own->changes_before = sqlite3_total_changes64(own->db);
	code = check_place(own, err);
	if (code == 0)
		code = run(own, CONTROL_BEGIN_WRITE, err);
	if (code < 0)
		give_turn(own);
	return code;
}

/* Whatever failed: after it no transaction is open. */
void sqlite_roll_back(struct store_connection *c)
{
	struct sqlite_connection *own = sqlite_of(c);
	struct err ignored;

	sqlite_runs_end(own);
	if (!sqlite3_get_autocommit(own->db)) /* some failures have rolled back already */
		(void)!run(own, CONTROL_ROLL_BACK, &ignored);
	give_turn(own);
}

int sqlite_commit(struct store_connection *c, struct err *err)
{
	struct sqlite_connection *own = sqlite_of(c);
	bool has_changed = sqlite3_total_changes64(own->db) != own->changes_before;
	int code;

	sqlite_runs_end(own);
	FAULT_POINT("store.before-commit");
	code = run(own, CONTROL_COMMIT, err);
	if (code < 0) {
		sqlite_roll_back(c);
		if (code == -ENOSPC)
			sqlite_log_relieve(own);
		return code;
	}
	FAULT_POINT("store.after-commit");
	give_turn(own);
	if (has_changed) /* others' inotify; the second that they poll is the safety net */
		(void)!futimens(own->place->wake_fd, NULL);
	sqlite_log_tend(own);
	return 0;
}

int sqlite_savepoint_set(struct store_connection *c, struct err *err)
{
	return run(sqlite_of(c), CONTROL_SAVEPOINT, err);
}

int sqlite_savepoint_keep(struct store_connection *c, struct err *err)
{
	sqlite_runs_end(sqlite_of(c));
	return run(sqlite_of(c), CONTROL_RELEASE, err);
}

int sqlite_savepoint_undo(struct store_connection *c, struct err *err)
{
	sqlite_runs_end(sqlite_of(c));
	TRY(run(sqlite_of(c), CONTROL_UNDO, err));
	return run(sqlite_of(c), CONTROL_RELEASE, err);
}
