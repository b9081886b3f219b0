/* SPDX-License-Identifier: Apache-2.0 */
/* How is the database copied while it is in use? */
#include "store/sqlite/parts.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

enum { STEP_PAGES = 256 };

/* ---- the new file: complete and on disk under its name, or not at all ---- */

static int sync_path(const char *path, int flags, struct err *err)
{
	int fd = open(path, flags | O_CLOEXEC), code = 0;

	if (fd < 0 || fsync(fd) < 0)
		code = err_set(err, -errno, "%s: cannot be written to disk: %s", path,
			       strerror(errno));
	if (fd >= 0)
		close(fd);
	return code;
}

static int sync_folder_of(const char *path, struct err *err)
{
	char folder[PATH_MAX + 64];
	const char *slash = strrchr(path, '/');

	snprintf(folder, sizeof folder, "%.*s", slash ? (int)(slash - path) + 1 : 1,
		 slash ? path : ".");
	return sync_path(folder, O_RDONLY | O_DIRECTORY, err);
}

static int publish(const char *partial, const char *path, bool replaces, struct err *err)
{
	TRY(sync_path(partial, O_RDWR, err));
	if (replaces ? rename(partial, path) < 0 : link(partial, path) < 0)
		return err_set(err, -errno, "%s: cannot be made: %s", path, strerror(errno));
	return sync_folder_of(path, err);
}

/* ---- the copy ---- */

struct copy {
	sqlite3 *from, *to;
	const char *from_path, *to_path;
	store_progress *progress;
	void *context;
};

static int copy_steps(struct copy *copy, sqlite3_backup *backup, struct err *err)
{
	int64_t page_bytes = 4096;
	int code, told = 0;

	TRY(sqlite_ask(copy->from, copy->from_path, "PRAGMA page_size", &page_bytes, err));
	do {
		code = sqlite3_backup_step(backup, STEP_PAGES);
		if (copy->progress && (code == SQLITE_OK || code == SQLITE_DONE)) {
			int total = sqlite3_backup_pagecount(backup);
			int left = sqlite3_backup_remaining(backup);

			told = copy->progress(copy->context,
					      (uint64_t)(total - left) * (uint64_t)page_bytes,
					      (uint64_t)total * (uint64_t)page_bytes);
		}
	} while (code == SQLITE_OK && told >= 0);
	if (told < 0 && code != SQLITE_DONE)
		return err_set(err, told, "%s: the copy was stopped", copy->to_path);
	if (code != SQLITE_DONE)
		return sqlite_fail(copy->to, code, copy->to_path, "copying", err);
	return 0;
}

static int copy_pages(struct copy *copy, struct err *err)
{
	sqlite3_backup *backup = sqlite3_backup_init(copy->to, "main", copy->from, "main");
	int code;

	if (!backup)
		return sqlite_fail(copy->to, sqlite3_extended_errcode(copy->to), copy->to_path,
				   "copying", err);
	code = copy_steps(copy, backup, err);
	if (sqlite3_backup_finish(backup) != SQLITE_OK && code == 0)
		code = sqlite_fail(copy->to, sqlite3_extended_errcode(copy->to), copy->to_path,
				   "copying", err);
	return code;
}

static int copy_into(struct copy *copy, struct err *err)
{
	int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
	int code = sqlite3_open_v2(copy->to_path, &copy->to, flags, NULL);

	if (code != SQLITE_OK)
		code = sqlite_fail(copy->to, code, copy->to_path, "opening", err);
	if (code == 0) /* a half-made copy is thrown away: it needs no journal */
		code = sqlite_ask(copy->to, copy->to_path, "PRAGMA journal_mode = OFF", NULL, err);
	if (code == 0)
		code = copy_pages(copy, err);
	sqlite3_close(copy->to);
	return code;
}

/* One read transaction for the whole copy: else each commit of others would begin it anew. It ends
 * with its connection. */
static int copy_snapshot(struct store_place *place, struct copy *copy, struct err *err)
{
	int code;

	TRY(sqlite_open(place, false, &copy->from, err));
	code = sqlite_ask(copy->from, copy->from_path, "BEGIN", NULL, err);
	if (code == 0)
		code = sqlite_ask(copy->from, copy->from_path, "SELECT count(*) FROM sqlite_schema",
				  NULL, err);
	if (code == 0)
		code = copy_into(copy, err);
	sqlite3_close(copy->from);
	return code;
}

int sqlite_copy(struct store_place *place, const char *path, bool replaces,
		store_progress *progress, void *context, struct err *err)
{
	char partial[PATH_MAX + 64];
	struct copy copy = { .from_path = place->path,
			     .to_path = partial,
			     .progress = progress,
			     .context = context };
	struct stat there;
	int fd, code;

	if (snprintf(partial, sizeof partial, "%s.partial", path) >= (int)sizeof partial)
		return err_set(err, -ENAMETOOLONG, "%s: its name is too long", path);
	if (!replaces && lstat(path, &there) == 0)
		return err_set(err, -EEXIST, "%s: is there already", path);
	if (unlink(partial) < 0 && errno != ENOENT)
		return err_set(err, -errno, "%s: cannot be taken away: %s", partial,
			       strerror(errno));
	fd = open(partial, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0)
		return err_set(err, -errno, "%s: cannot be made: %s", partial, strerror(errno));
	close(fd);
	code = copy_snapshot(place, &copy, err);
	if (code == 0)
		code = publish(partial, path, replaces, err);
	unlink(partial); /* after a rename it is gone already */
	return code;
}

int sqlite_backup(struct store_place *place, const char *path, store_progress *progress,
		  void *context, struct err *err)
{
	return sqlite_copy(place, path, false, progress, context, err);
}
