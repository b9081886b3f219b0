/* SPDX-License-Identifier: Apache-2.0 */
/* When does the log go back into the file? */
#include "base/clock.h"
#include "store/sqlite/parts.h"

enum {
	RESTART_BUSY_MS = 200,
	RELIEVE_EVERY_US = 1000000,
	SOON = 16 /* of the pages between two times */
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

/* Readers that overlap for ever keep the log from being begun anew. When it has grown long, new ones
 * are held up until the old ones have ended; a reader that does not end, such as a copy being made,
 * is asked again some thousand pages later. */
static int restart(struct sqlite_connection *own)
{
	int code;

	sqlite3_busy_timeout(own->db, RESTART_BUSY_MS);
	code = sqlite3_wal_checkpoint_v2(own->db, NULL, SQLITE_CHECKPOINT_RESTART, NULL, NULL);
	sqlite3_busy_timeout(own->db, SQLITE_BUSY_MS);
	return code;
}

/* What fails here takes nothing back: the log holds all of it. On a disk that was full it is tried again soon:
 * a log that goes on growing until the usual time takes the room that the file needs. */
void sqlite_log_tend(struct sqlite_connection *own)
{
	int pages = own->log_pages, code;

	if (pages < sqlite_log_limits.checkpoint_pages || pages < own->log_next)
		return;
	code = pages < sqlite_log_limits.restart_pages
		       ? sqlite3_wal_checkpoint_v2(own->db, NULL, SQLITE_CHECKPOINT_PASSIVE, NULL,
						   NULL)
		       : restart(own);
	own->log_next = pages + sqlite_log_limits.checkpoint_pages;
	if (code != SQLITE_OK && code != SQLITE_BUSY)
		own->log_next = pages + sqlite_log_limits.checkpoint_pages / SOON;
}

/* What is in the file already can be written over: there may be room in the log itself. */
void sqlite_log_relieve(struct sqlite_connection *own)
{
	int64_t now_us = clock_monotonic_us();

	if (now_us < own->log_relieved_us)
		return;
	own->log_relieved_us = now_us + RELIEVE_EVERY_US;
	(void)restart(own);
}
