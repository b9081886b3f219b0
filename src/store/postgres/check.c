/* SPDX-License-Identifier: Apache-2.0 */
/* Is all that is stored whole? Each page of each table is read, each reference looked up. */
#include "store/postgres/parts.h"

/* One question a line; its answer is how many rows are wrong, or how many could be read. The names
 * come from the server's catalogue, quoted by it. */
static const char tables[] =
	"SELECT format('table %s', c.relname), "
	"format('SELECT count(*) * 0 FROM (SELECT t.*::text FROM %I t) AS part', c.relname) "
	"FROM pg_class c WHERE c.relkind = 'r' AND c.relnamespace = current_schema()::regnamespace "
	"ORDER BY 1";
static const char references[] =
	"SELECT format('table %s, reference %s', c.conrelid::regclass, c.conname), "
	"format('SELECT count(*) FROM %s c WHERE c.%I IS NOT NULL AND NOT EXISTS "
	"(SELECT 1 FROM %s p WHERE p.%I = c.%I)', c.conrelid::regclass, a.attname, "
	"c.confrelid::regclass, b.attname, a.attname) FROM pg_constraint c "
	"JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1] "
	"JOIN pg_attribute b ON b.attrelid = c.confrelid AND b.attnum = c.confkey[1] "
	"WHERE c.contype = 'f' AND c.connamespace = current_schema()::regnamespace ORDER BY 1";
static const char indexes[] =
	"SELECT format('index %s', c.relname), 'SELECT 1' FROM pg_index i "
	"JOIN pg_class c ON c.oid = i.indexrelid WHERE NOT (i.indisvalid AND i.indisready) "
	"AND c.relnamespace = current_schema()::regnamespace";

static void add_line(struct store_check *check, struct str line)
{
	if (check->count < STORE_CHECK_LINES)
		check->line[check->count++] = line;
}

static int ask_each(struct store_place *place, PGconn *db, const char *questions, struct arena *a,
		    struct store_check *check, struct err *err)
{
	PGresult *rows, *answer;

	TRY(session_ask(place, db, questions, POSTGRES_LONG_MS, &rows, err));
	for (int i = 0; i < PQntuples(rows); i++) {
		struct str what = str_of(PQgetvalue(rows, i, 0));
		struct err why;
		int64_t wrong;

		if (session_ask(place, db, PQgetvalue(rows, i, 1), POSTGRES_LONG_MS, &answer,
				&why) < 0) {
			add_line(check, str_printf(a, "%.*s: %s", STR(what), why.text));
			continue;
		}
		wrong = strtoll(PQgetvalue(answer, 0, 0), NULL, 10);
		if (wrong)
			add_line(check, str_printf(a, "%.*s: %lld rows are not right", STR(what),
						   (long long)wrong));
		PQclear(answer);
	}
	PQclear(rows);
	return 0;
}

int postgres_check(struct store_place *place, struct arena *a, struct store_check *ret,
		   struct err *err)
{
	struct store_check check = { .line = arena_array(a, STORE_CHECK_LINES,
							 sizeof *check.line) };
	PGconn *db;
	int code;

	TRY(session_connect(place, 0, &db, err));
	code = postgres_version(place, db, &check.version, err);
	if (code == 0)
		code = ask_each(place, db, tables, a, &check, err);
	if (code == 0)
		code = ask_each(place, db, references, a, &check, err);
	if (code == 0)
		code = ask_each(place, db, indexes, a, &check, err);
	PQfinish(db);
	if (code == 0)
		*ret = check;
	return code;
}
