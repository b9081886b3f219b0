/* SPDX-License-Identifier: Apache-2.0 */
/* What does SQLite's failure mean for people and for callers? */
#include "store/sqlite/parts.h"

static const struct {
	int theirs, ours;
	const char *what, *advice;
} failures[] = {
	{ SQLITE_FULL, -ENOSPC, "the disk is full", "make room; nothing was written" },
	{ SQLITE_IOERR, -EIO, "the disk does not read or write",
	  "see the kernel's log; nothing was written" },
	{ SQLITE_CORRUPT, ERR_CORRUPT, "the file is damaged", "restore a backup" },
	{ SQLITE_NOTADB, -EMEDIUMTYPE, "the file is no database of ours", "name another folder" },
	{ SQLITE_BUSY, -EBUSY, "another program has locked it", "end that program, or try again" },
	{ SQLITE_LOCKED, -EBUSY, "another program has locked it",
	  "end that program, or try again" },
	{ SQLITE_PROTOCOL, -EBUSY, "other programs do not let go of its log", "try again" },
	{ SQLITE_READONLY, -EROFS, "it may only be read here",
	  "see the file's rights and its mount" },
	{ SQLITE_PERM, -EACCES, "no right to open it", "see the rights of the data folder" },
	{ SQLITE_AUTH, -EACCES, "no right to do this", "see the rights of the data folder" },
	{ SQLITE_CANTOPEN, -EACCES, "it cannot be opened", "see the rights of the data folder" },
	{ SQLITE_NOMEM, -ENOMEM, "no memory left", "give the process more, or start fewer" },
	{ SQLITE_TOOBIG, ERR_LIMIT, "a value is too large", "this is a defect of DSS" },
	{ SQLITE_INTERRUPT, -ECANCELED, "interrupted", "try again" },
};

static const struct {
	int theirs, ours;
} constraints[] = {
	{ SQLITE_CONSTRAINT_UNIQUE, -EEXIST },
	{ SQLITE_CONSTRAINT_PRIMARYKEY, -EEXIST },
	{ SQLITE_CONSTRAINT_ROWID, -EEXIST },
	{ SQLITE_CONSTRAINT_FOREIGNKEY, ERR_REFERENCE },
};

static int constraint_of(int extended)
{
	for (size_t i = 0; i < ARRAY_COUNT(constraints); i++)
		if (constraints[i].theirs == extended)
			return constraints[i].ours;
	return ERR_CONSTRAINT;
}

/* The system's reason, if SQLite kept it: EMFILE, ENOSPC, EDQUOT … say more than its own code. */
static int system_code(sqlite3 *db, int primary)
{
	int system = db ? sqlite3_system_errno(db) : 0;
	bool is_from_system = primary == SQLITE_CANTOPEN || primary == SQLITE_IOERR;

	return is_from_system && system > 0 ? system : 0;
}

int sqlite_fail(sqlite3 *db, int code, const char *path, const char *what, struct err *err)
{
	int primary = code & 0xff, system = system_code(db, primary);
	const char *said = db ? sqlite3_errmsg(db) : sqlite3_errstr(code);

	if (primary == SQLITE_CONSTRAINT)
		return err_set(err, constraint_of(code), "%s: %s", what, said);
	for (size_t i = 0; i < ARRAY_COUNT(failures); i++) {
		int ours = failures[i].ours;

		if (failures[i].theirs != primary)
			continue;
		if (primary == SQLITE_CANTOPEN && system)
			ours = -system;
		if (system == ENOSPC || system == EDQUOT)
			ours = -ENOSPC;
		return err_set(err, ours, "%s: %s (%s, code %d%s%s): %s", path, failures[i].what,
			       what, code, system ? ", " : "", system ? strerror(system) : "",
			       failures[i].advice);
	}
	return err_set(err, -EINVAL, "%s: %s: %s (code %d): this is a defect of DSS", path, what,
		       said, code);
}
