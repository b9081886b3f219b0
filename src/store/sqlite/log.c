/* SPDX-License-Identifier: Apache-2.0 */
/* When does the log go back into the file? */
#include "base/clock.h"
#include "store/sqlite/parts.h"

#include <sys/statvfs.h>

enum {
	WAIT_MS = 50, /* for readers, when the log is begun anew */
	WAIT_LONG_MS = 200,
	RELIEVE_EVERY_US = 1000000,
	SOON = 16,     /* of the pages between two times */
	ROOM_SHARE = 8 /* of the room that the disk has left, for the log */
};

struct sqlite_log_limits sqlite_log_limits = { .checkpoint_pages = 4000, .restart_pages = 32000 };

static int note_pages(void *context, sqlite3 *db, const char *name, int pages)
{
	struct sqlite_connection *own = context;

	(void)db;
	(void)name;
	if (pages < own->log_pages) /* it was begun anew */
		own->log_next = 0;
	own->log_pages = pages;
	return SQLITE_OK;
}

void sqlite_log_watch(struct sqlite_connection *own)
{
	sqlite3_wal_hook(own->db, note_pages, own);
}

/* Of the disk. A log that has no room to grow is to be put away before it has taken what the file needs. */
static int64_t room_pages(const struct sqlite_connection *own)
{
	struct statvfs room;

	if (statvfs(own->place->folder, &room) < 0)
		return INT_MAX;
	return (int64_t)(room.f_bavail * (room.f_frsize / SQLITE_PAGE_BYTES));
}

/* Readers that overlap for ever keep the log from being begun anew: the next writer appends to it, however much of
 * it is in the file already. So it is waited until those that read from the log have ended; new ones read from the
 * file. One that does not end, such as a copy being made, is asked again some thousand pages later. */
static int restart(struct sqlite_connection *own, int how, int wait_ms)
{
	int code;

	sqlite3_busy_timeout(own->db, wait_ms);
	code = sqlite3_wal_checkpoint_v2(own->db, NULL, how, NULL, NULL);
	sqlite3_busy_timeout(own->db, SQLITE_BUSY_MS);
	return code;
}

/* Most of it while others write, the rest while they wait. */
static int put_away(struct sqlite_connection *own, int pages, bool is_short_of_room)
{
	int code = sqlite3_wal_checkpoint_v2(own->db, NULL, SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);

	if (code != SQLITE_OK)
		return code;
	return restart(own,
		       is_short_of_room ? SQLITE_CHECKPOINT_TRUNCATE : SQLITE_CHECKPOINT_RESTART,
		       pages < sqlite_log_limits.restart_pages ? WAIT_MS : WAIT_LONG_MS);
}

/* What fails here takes nothing back: the log holds all of it. On a disk that was full it is tried again soon:
 * a log that goes on growing until the usual time takes the room that the file needs. */
void sqlite_log_tend(struct sqlite_connection *own)
{
	int pages = own->log_pages, most = sqlite_log_limits.checkpoint_pages, soon = most / SOON;
	int64_t room;
	int due, code;

	if (pages < soon || pages < own->log_next)
		return;
	room = room_pages(own) / ROOM_SHARE;
	due = (int)MIN(MAX(room, (int64_t)soon), (int64_t)most);
	own->log_next = pages + soon;
	if (pages < due)
		return;
	code = put_away(own, pages, due < most);
	if (code == SQLITE_OK)
		own->log_next = 0;
	else if (code == SQLITE_BUSY)
		own->log_next = pages + due;
}

/* What is in the file already can be written over: there may be room in the log itself. */
void sqlite_log_relieve(struct sqlite_connection *own)
{
	int64_t now_us = clock_monotonic_us();

	if (now_us < own->log_relieved_us)
		return;
	own->log_relieved_us = now_us + RELIEVE_EVERY_US;
	(void)restart(own, SQLITE_CHECKPOINT_RESTART, WAIT_LONG_MS);
}
