/* SPDX-License-Identifier: Apache-2.0 */
/* How is the store kept: brought up to date, copied, put back, checked? */
#include "cli/command.h"
#include "store/folder.h"
#include "store/move.h"
#include "store/store.h"

#include "base/clock.h"
#include "base/terminal.h"

#include <fcntl.h>
#include <limits.h>
#include <sys/stat.h>
#include <unistd.h>

struct keeping {
	const struct call *call;
	struct str url;
	const char *path, *second; /* the words behind the verb */
	struct err err;
};

static int failed(struct keeping *keeping, int code)
{
	console_say("%s", keeping->err.text);
	return EXIT_BROKEN;
}

static int said(struct keeping *keeping, struct str text)
{
	return call_value(keeping->call, SETTING_QUIET)->is_on ? EXIT_DONE : console_put(text);
}

static int migrate(struct keeping *keeping)
{
	struct arena *a = keeping->call->arena;
	struct store_check check;
	struct store *store;
	int code = store_open(keeping->url, STORE_CREATE | STORE_MIGRATE, &store, &keeping->err);

	if (code < 0)
		return failed(keeping, code);
	code = store_check(store, a, &check, &keeping->err);
	store_close(store);
	if (code < 0)
		return failed(keeping, code);
	return said(keeping,
		    str_printf(a, " %.*s is at schema %u\n", STR(keeping->url), check.version));
}

static int progress(void *context, uint64_t done_bytes, uint64_t total_bytes)
{
	return 0;
}

static int backup(struct keeping *keeping)
{
	struct stat copy;
	struct store *store;
	int code = store_open(keeping->url, STORE_READ_ONLY | STORE_NO_MIGRATION, &store,
			      &keeping->err);

	if (code < 0)
		return failed(keeping, code);
	code = store_backup(store, keeping->path, progress, NULL, &keeping->err);
	store_close(store);
	if (code < 0)
		return failed(keeping, code);
	if (stat(keeping->path, &copy) < 0)
		copy.st_size = 0;
	return said(keeping, str_printf(keeping->call->arena, " %s: %lld bytes\n", keeping->path,
					(long long)copy.st_size));
}

static int check(struct keeping *keeping)
{
	struct arena *a = keeping->call->arena;
	struct store_check found;
	struct store *store;
	struct buf out;
	int code = store_open(keeping->url, STORE_READ_ONLY | STORE_NO_MIGRATION, &store,
			      &keeping->err);

	if (code < 0)
		return failed(keeping, code);
	code = store_check(store, a, &found, &keeping->err);
	store_close(store);
	if (code < 0)
		return failed(keeping, code);
	buf_init(&out, a);
	for (size_t i = 0; i < found.count; i++) {
		buf_put_char(&out, ' ');
		terminal_put(&out, found.line[i]);
		buf_put_char(&out, '\n');
	}
	if (!found.count)
		buf_printf(&out, " %.*s: every page, index and reference is right, schema %u\n",
			   STR(keeping->url), found.version);
	code = found.count ? console_put(buf_str(&out)) : said(keeping, buf_str(&out));
	return code == EXIT_DONE && found.count ? EXIT_BROKEN : code;
}

/* ---- restore ---- */

/* Is the copy a store that we can read, and whole? */
static int copy_check(struct keeping *keeping, const char *folder)
{
	struct store_check found;
	struct store *store;

	TRY(store_open(str_printf(keeping->call->arena, "sqlite:%s", folder),
		       STORE_READ_ONLY | STORE_NO_MIGRATION, &store, &keeping->err));
	if (store_check(store, keeping->call->arena, &found, &keeping->err) < 0 || found.count) {
		store_close(store);
		return err_set(&keeping->err, ERR_SYNTAX, "%s is no whole copy of a store",
			       keeping->path);
	}
	store_close(store);
	return 0;
}

static int bytes_copy(int from, int to)
{
	char bytes[64 * 1024];
	ssize_t got;

	while ((got = read(from, bytes, sizeof bytes)) > 0)
		for (ssize_t at = 0, put; at < got; at += put) {
			put = write(to, bytes + at, (size_t)(got - at));
			if (put < 0)
				return -errno;
		}
	return got < 0 || fsync(to) < 0 ? -errno : 0;
}

/* The copy, under the name of a store in a folder of its own beside the old one. */
static int copy_place(struct keeping *keeping, const char *folder)
{
	struct arena *a = keeping->call->arena;
	const char *place = str_printf(a, "%s/dss.db", folder).data;
	int from = open(keeping->path, O_RDONLY | O_CLOEXEC);
	int to = from < 0 ? -1 : open(place, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	int code = from < 0 || to < 0 ? -errno : bytes_copy(from, to);

	if (from >= 0)
		close(from);
	if (to >= 0)
		close(to);
	if (code < 0)
		return err_set(&keeping->err, code, "%s: %s", keeping->path, strerror(-code));
	return copy_check(keeping, folder);
}

static void folder_remove(struct arena *a, const char *folder)
{
	static const char *const names[] = { "dss.db", "dss.db-wal", "dss.db-shm",
					     "queue",  "turn",       "wake" };

	for (size_t i = 0; i < ARRAY_COUNT(names); i++)
		unlink(str_printf(a, "%s/%s", folder, names[i]).data);
	rmdir(folder);
}

/* The old one stays, with the time in its name; its log goes with it. */
static int stores_swap(struct keeping *keeping, const char *data, const char *folder)
{
	static const char *const parts[] = { "dss.db", "dss.db-wal", "dss.db-shm" };
	struct arena *a = keeping->call->arena;
	long long now = (long long)(clock_utc_us() / 1000000);

	for (size_t i = 0; i < ARRAY_COUNT(parts); i++)
		if (rename(str_printf(a, "%s/%s", data, parts[i]).data,
			   str_printf(a, "%s/replaced-%lld.%s", data, now, parts[i]).data) < 0 &&
		    errno != ENOENT)
			return err_set(&keeping->err, -errno, "%s/%s: %s", data, parts[i],
				       strerror(errno));
	if (rename(str_printf(a, "%s/dss.db", folder).data, str_printf(a, "%s/dss.db", data).data) <
	    0)
		return err_set(&keeping->err, -errno, "%s: %s", data, strerror(errno));
	return 0;
}

static int restore_into(struct keeping *keeping, const char *data)
{
	struct arena *a = keeping->call->arena;
	char *folder = (char *)(uintptr_t)str_printf(a, "%s/restore.XXXXXX", data).data;
	int lock, alone = -1, code;

	TRY(folder_open(data, true, &keeping->err));
	TRY(serve_lock_take(data, STR_LIT("dss db restore"), clock_utc_us(), &lock, &keeping->err));
	code = folder_use_alone(data, &alone, &keeping->err);
	if (code < 0) {
		close(lock);
		return code;
	}
	if (!mkdtemp(folder)) {
		code = err_set(&keeping->err, -errno, "%s: %s", data, strerror(errno));
	} else {
		code = copy_place(keeping, folder);
		if (code == 0)
			code = stores_swap(keeping, data, folder);
		folder_remove(a, folder);
	}
	close(alone);
	close(lock);
	return code;
}

static int restore(struct keeping *keeping)
{
	struct arena *a = keeping->call->arena;
	struct str folder;
	const char *data;
	int code = folder_of_store(keeping->url, &folder, &keeping->err);

	if (code < 0)
		return failed(keeping, code);
	if (!folder.len)
		return console_usage("db",
				     "a server's store is put back with its own tools; dss db "
				     "copy moves one store into another");
	data = str_cstring(a, folder);
	if (access(str_printf(a, "%s/dss.db", data).data, F_OK) == 0 &&
	    !call_value(keeping->call, SETTING_YES)->is_on)
		return console_usage("db",
				     "%s has a store already; --yes replaces it, and keeps "
				     "the old one beside it",
				     data);
	code = restore_into(keeping, data);
	return code < 0 ? failed(keeping, code)
			: said(keeping,
			       str_printf(a, " %s is the store of %s now\n", keeping->path, data));
}

/* ---- copy ---- */

static void moved(void *context, const char *table, int64_t rows)
{
	struct keeping *keeping = context;

	if (rows && !call_value(keeping->call, SETTING_QUIET)->is_on)
		(void)!console_put(str_printf(keeping->call->arena, " %-12s %lld rows, the same\n",
					      table, (long long)rows));
}

/* What is written while it is copied would be lost. */
static int check_unserved(struct keeping *keeping, struct str url)
{
	struct arena *a = keeping->call->arena;
	struct str folder, who;
	int code;

	TRY(folder_of_store(url, &folder, &keeping->err));
	if (!folder.len)
		return 0;
	code = serve_lock_holder(a, str_cstring(a, folder), &who, &keeping->err);
	if (code <= 0)
		return code == -ENOENT ? 0 : code;
	return err_set(&keeping->err, -EBUSY, "%.*s is being served (%.*s): end that first",
		       STR(folder), STR(who));
}

static int copy(struct keeping *keeping)
{
	struct str from = str_of(keeping->path), to = str_of(keeping->second);
	int code = check_unserved(keeping, from);

	if (code == 0)
		code = check_unserved(keeping, to);
	if (code == 0)
		code = store_move(from, to, moved, keeping, &keeping->err);
	return code < 0
		       ? failed(keeping, code)
		       : said(keeping, str_printf(keeping->call->arena, " all of it was copied\n"));
}

int db_run(const struct call *call)
{
	static const struct {
		const char *name;
		int (*run)(struct keeping *keeping);
		size_t words;
		const char *usage;
	} verbs[] = { { "migrate", migrate, 0, "" },
		      { "backup", backup, 1, " FILE" },
		      { "restore", restore, 1, " FILE --yes" },
		      { "copy", copy, 2, " FROM TO" },
		      { "check", check, 0, "" } };
	const struct settings *settings = call->settings;
	struct keeping keeping = { .call = call, .url = call_value(call, SETTING_STORE)->text };

	for (size_t i = 0; settings->operand_count && i < ARRAY_COUNT(verbs); i++) {
		if (!str_eq(settings->operands[0], str_of(verbs[i].name)))
			continue;
		if (settings->operand_count != 1 + verbs[i].words)
			return console_usage("db", "dss db %s%s", verbs[i].name, verbs[i].usage);
		if (verbs[i].words)
			keeping.path = str_cstring(call->arena, settings->operands[1]);
		if (verbs[i].words > 1)
			keeping.second = str_cstring(call->arena, settings->operands[2]);
		return verbs[i].run(&keeping);
	}
	return console_usage("db",
			     "one of migrate, backup FILE, restore FILE, copy FROM TO, check");
}
