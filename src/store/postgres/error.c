/* SPDX-License-Identifier: Apache-2.0 */
/* What does the server's failure mean for people and for callers? */
#include "store/postgres/parts.h"

/* SQLSTATE, or its first characters: the first that fits. */
static const struct {
	const char *state;
	int ours;
	const char *what, *advice; /* NULL: what the server said is enough */
} failures[] = {
	{ "23505", -EEXIST, NULL, NULL },
	{ "23503", ERR_REFERENCE, NULL, NULL },
	{ "23", ERR_CONSTRAINT, NULL, NULL },
	{ "22003", ERR_CONSTRAINT, NULL, NULL },
	{ "22021", ERR_CONSTRAINT, NULL, NULL },
	{ "22P02", ERR_CONSTRAINT, NULL, NULL },
	{ "22P03", ERR_CONSTRAINT, NULL, NULL },
	{ "42804", ERR_CONSTRAINT, NULL, NULL },
	{ "40", -EAGAIN, "another writer came in between", "try again" },
	{ "55P03", -EBUSY, "others did not let go", "try again" },
	{ "57014", -EBUSY, "the statement took too long and was stopped",
	  "see what keeps the server busy, and try again" },
	{ "25006", -EROFS, "it may only be read here", "name the primary server, not a standby" },
	{ "53100", -ENOSPC, "the server's disk is full", "make room; nothing was written" },
	{ "53200", -ENOMEM, "the server has no memory left", "give it more, or start fewer" },
	{ "53300", -EBUSY, "the server has no connection left",
	  "raise its max_connections, or start fewer processes" },
	{ "53", -EBUSY, "the server lacks something", "see its log" },
	{ "58", -EIO, "the server's disk does not read or write", "see its log" },
	{ "XX00", ERR_CORRUPT, "the database is damaged",
	  "see the server's log; restore a backup" },
	{ "57P", -ECONNREFUSED, "the server is going down or coming up", "try again" },
	{ "08", -ECONNREFUSED, "the connection was lost", "try again" },
	{ "25P03", -ECONNREFUSED, "the server ended a transaction that said nothing", "try again" },
	{ "28", -EACCES, "the server does not let this user in",
	  "see user and password file, and the server's pg_hba.conf" },
	{ "3D000", -ENOENT, "there is no such database", "make it with createdb" },
	{ "42501", -EACCES, "this user has no right to do this", "grant it, or name another user" },
};

static void put_fault(struct store_place *place, size_t i, const char *what, struct str said,
		      struct err *err)
{
	err_set(err, failures[i].ours, "%s: %s (%s: %.*s): %s", place->name, failures[i].what, what,
		STR(said), failures[i].advice);
}

static struct str first_line(const char *text)
{
	struct str rest = str_of(text), line = STR_NONE;

	(void)str_split(&rest, '\n', &line);
	return str_trim(line);
}

int postgres_fail(struct store_place *place, const PGresult *result, const char *what,
		  struct err *err)
{
	const char *state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
	const char *primary = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
	struct str said = first_line(primary ? primary : PQresultErrorMessage(result));

	if (!state)
		return err_set(err, -ECONNREFUSED, "%s: %s (%.*s): try again", place->name,
			       "the connection was lost", STR(said));
	for (size_t i = 0; i < ARRAY_COUNT(failures); i++) {
		if (!str_starts(str_of(state), str_of(failures[i].state)))
			continue;
		if (failures[i].what)
			put_fault(place, i, what, said, err);
		else
			err_set(err, failures[i].ours, "%s: %.*s", what, STR(said));
		return failures[i].ours;
	}
	return err_set(err, -EINVAL, "%s: %s: %.*s (%s): this is a defect of DSS", place->name,
		       what, STR(said), state);
}

/* libpq keeps no SQLSTATE of a connection that was refused: its words are what there is. */
static const struct {
	const char *words, *state;
} refusals[] = {
	{ "password authentication failed", "28" },
	{ "no password supplied", "28" },
	{ "authentication failed", "28" },
	{ "no pg_hba.conf entry", "28" },
	{ "role \"", "28" },
	{ "not currently accepting", "57P" },
	{ "database \"", "3D000" },
	{ "too many clients", "53300" },
	{ "remaining connection slots", "53300" },
	{ "starting up", "57P" },
	{ "shutting down", "57P" },
	{ "recovery mode", "57P" },
};

/* Without where it was said: our own words begin with that, and there is room for one line only. */
static struct str reason_of(const char *text)
{
	static const struct str where = STR_INIT(" failed: "), fatal = STR_INIT("FATAL:");
	struct str line = first_line(text);
	ptrdiff_t at = str_find(line, where);

	if (at >= 0)
		line = str_from(line, (size_t)at + where.len);
	return str_trim(str_starts(line, fatal) ? str_from(line, fatal.len) : line);
}

int postgres_fail_connect(struct store_place *place, const char *text, struct err *err)
{
	struct str said = reason_of(text);

	for (size_t i = 0; i < ARRAY_COUNT(refusals); i++) {
		if (str_find(str_of(text), str_of(refusals[i].words)) < 0)
			continue;
		for (size_t k = 0; k < ARRAY_COUNT(failures); k++)
			if (!strcmp(failures[k].state, refusals[i].state)) {
				put_fault(place, k, "connecting", said, err);
				return failures[k].ours;
			}
	}
	return err_set(err, -ECONNREFUSED,
		       "%s: the server cannot be reached (%.*s): see that it runs", place->name,
		       STR(said));
}
