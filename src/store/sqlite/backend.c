/* SPDX-License-Identifier: Apache-2.0 */
/* How is a data folder made into a store? */
#include "store/folder.h"
#include "store/sqlite/parts.h"

#include <fcntl.h>
#include <sys/inotify.h>
#include <unistd.h>

static void place_close(struct store_place *place)
{
	turn_close(place->turn);
	if (place->wake_fd >= 0)
		close(place->wake_fd);
	memory_free(place);
}

/* ---- files of the folder ---- */

static int name_files(struct store_place *place, struct str where, struct err *err)
{
	size_t most = sizeof place->path - sizeof "/dss.db.before-4294967295.partial";

	if (!where.len || where.len > most || memchr(where.data, 0, where.len))
		return err_set(err, -EINVAL,
			       "store: the data folder's name has %zu octets, or a NUL among them",
			       where.len);
	snprintf(place->folder, sizeof place->folder, "%.*s", STR(where));
	snprintf(place->path, sizeof place->path, "%.*s/dss.db", STR(where));
	return 0;
}

static int wake_path(struct store_place *place, char out[static PATH_MAX])
{
	int len = snprintf(out, PATH_MAX, "%s/wake", place->folder);

	return len < PATH_MAX ? 0 : -ENAMETOOLONG;
}

static int open_wake(struct store_place *place, struct err *err)
{
	char path[PATH_MAX];

	TRY(wake_path(place, path));
	place->wake_fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (place->wake_fd < 0)
		return err_set(err, -errno, "%s: cannot be opened: %s", path, strerror(errno));
	return folder_use(place->folder, place->wake_fd, err);
}

/* Only where there is none: closing a descriptor of the file would drop SQLite's locks on it, which
 * are the process's. So it gets its mode here, and log and index take theirs from it. */
static int make_database(struct store_place *place, struct err *err)
{
	int fd;

	if (access(place->path, F_OK) == 0)
		return 0;
	if (!(place->flags & STORE_CREATE))
		return err_set(err, -ENOENT, "%s: there is no store in this folder", place->path);
	fd = open(place->path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0 && errno != EEXIST)
		return err_set(err, -errno, "%s: cannot be made: %s", place->path, strerror(errno));
	if (fd >= 0)
		close(fd);
	return 0;
}

/* ---- its version ---- */

static int look_at(struct store_place *place, unsigned *ret_version, struct err *err)
{
	sqlite3 *db;
	int code;

	TRY(sqlite_open_to_look(place, &db, err));
	code = sqlite_version(place, db, ret_version, err);
	sqlite3_close(db);
	return code;
}

static int bring_up(struct store_place *place, unsigned version, struct err *err)
{
	sqlite3 *db;
	int code;

	if (version < place->schema.migration_count &&
	    place->flags & (STORE_READ_ONLY | STORE_NO_MIGRATION))
		return err_set(err, ERR_VERSION,
			       "%s: is of an older release (schema %u, this one wants %u): open it "
			       "once with this release's server, or run dss db migrate",
			       place->path, version, place->schema.migration_count);
	if (place->flags & STORE_READ_ONLY)
		return 0;
	TRY(sqlite_open(place, true, &db, err));
	code = sqlite_migrate(place, db, version, err);
	sqlite3_close(db);
	return code;
}

static int prepare(struct store_place *place, struct err *err)
{
	unsigned version = 0;

	TRY(make_database(place, err));
	TRY(look_at(place, &version, err));
	return bring_up(place, version, err);
}

/* ---- opening ---- */

static int open_parts(struct store_place *place, struct str where, struct err *err)
{
	int code;

	TRY(name_files(place, where, err));
	TRY(folder_open(place->folder, place->flags & STORE_CREATE, err));
	if (place->flags & STORE_READ_ONLY)
		return prepare(place, err);
	TRY(open_wake(place, err));
	TRY(turn_open(place->folder, &place->turn, err));
	TRY(turn_take(place->turn, SQLITE_OPEN_S, err));
	code = prepare(place, err);
	turn_give(place->turn);
	return code;
}

static int place_open(struct str where, unsigned flags, struct store_place **ret, struct err *err)
{
	struct store_place *place = memory_alloc(sizeof *place);
	int code;

	*place = (struct store_place){ .flags = flags, .schema = sqlite_schema(), .wake_fd = -1 };
	code = open_parts(place, where, err);
	if (code < 0) {
		place_close(place);
		return code;
	}
	*ret = place;
	return 0;
}

static int wake_fd(struct store_place *place, int *ret, struct err *err)
{
	int fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC), code;
	char path[PATH_MAX];

	if (fd < 0)
		return err_set(err, -errno, "inotify: %s", strerror(errno));
	code = wake_path(place, path);
	if (code == 0 && inotify_add_watch(fd, path, IN_ATTRIB) < 0)
		code = -errno;
	if (code < 0) {
		close(fd);
		return err_set(err, code, "%s: cannot be watched: %s", path, strerror(-code));
	}
	*ret = fd;
	return 0;
}

const struct store_backend store_backend_sqlite = {
	.scheme = "sqlite",
	.open = place_open,
	.close = place_close,
	.connect = sqlite_connect,
	.disconnect = sqlite_disconnect,
	.begin = sqlite_begin,
	.commit = sqlite_commit,
	.roll_back = sqlite_roll_back,
	.savepoint_set = sqlite_savepoint_set,
	.savepoint_keep = sqlite_savepoint_keep,
	.savepoint_undo = sqlite_savepoint_undo,
	.run_begin = sqlite_run_begin,
	.run_step = sqlite_run_step,
	.run_column = sqlite_run_column,
	.run_changes = sqlite_run_changes,
	.run_inserted = sqlite_run_inserted,
	.run_end = sqlite_run_end,
	.statement_name = sqlite_statement_name,
	.backup = sqlite_backup,
	.check = sqlite_check,
	.wake_fd = wake_fd,
	.move = &sqlite_move,
};
