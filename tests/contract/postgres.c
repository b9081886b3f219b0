/* SPDX-License-Identifier: Apache-2.0 */
/* What of a store on PostgreSQL has no counterpart in SQLite? */
#include "store/parts.h"
#include "store/postgres/parts.h"
#include "tests/contract/fixture.h"

/* ---- texts ---- */

TEST(texts_for_sqlite_are_said_for_postgresql)
{
	static const struct numbered numbered[] = { { STR_INIT("scan"), STR_INIT("no") } };
	static const struct {
		const char *theirs, *ours;
	} rows[] = {
		{ "SELECT a FROM user u WHERE u.id = ?1",
		  "SELECT a FROM \"user\" u WHERE u.id = $1" },
		{ "SELECT 'user ?1 (' FROM t", "SELECT 'user ?1 (' FROM t" },
		{ "SELECT a WHERE (?2 IS NULL OR instr(b, ?2) > 0) AND c = ?12",
		  "SELECT a WHERE (strpos(b, $2) > 0 OR $2 IS NULL) AND c = $12" },
		{ "SELECT a WHERE b > ?1 AND ?10 IS NULL",
		  "SELECT a WHERE b > $1 AND $10::text IS NULL" },
		{ "SELECT a IS NOT b, a IS NOT NULL",
		  "SELECT a IS DISTINCT FROM b, a IS NOT NULL" },
		{ "SELECT max(a), max(a, ?1), min(b + (c, d), 0)",
		  "SELECT max(a), greatest(a, $1), least(b + (c, d), 0)" },
		{ "SELECT 1 FROM d INDEXED BY i WHERE +d.x = 1 AND a + b > 2",
		  "SELECT 1 FROM d  WHERE d.x = 1 AND a + b > 2" },
		{ "SELECT 1 FROM d NOT INDEXED WHERE a LIKE ?1 ESCAPE '\\'",
		  "SELECT 1 FROM d  WHERE a ILIKE $1 ESCAPE '\\'" },
		{ "SELECT 1 FROM a CROSS JOIN b ON b.x = a.x",
		  "SELECT 1 FROM a JOIN b ON b.x = a.x" },
		{ "SELECT count(*) FROM (SELECT 1 FROM t LIMIT ?1)",
		  "SELECT count(*) FROM (SELECT 1 FROM t LIMIT $1) AS part" },
		{ "SELECT count(*) FROM (SELECT 1 FROM t) x WHERE 1 = 1",
		  "SELECT count(*) FROM (SELECT 1 FROM t) x WHERE 1 = 1" },
		{ "INSERT INTO scan (a) VALUES (?1)",
		  "INSERT INTO scan (a) VALUES ($1) RETURNING no" },
		{ "INSERT INTO scan (a) VALUES (?1) RETURNING id",
		  "INSERT INTO scan (a) VALUES ($1) RETURNING id" },
		{ "INSERT INTO scans (a) VALUES (?1)", "INSERT INTO scans (a) VALUES ($1)" },
	};
	struct arena a = { 0 };

	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		test_row("%s", rows[i].theirs);
		CHECK_STR(str_of(postgres_text(&a, str_of(rows[i].theirs), numbered,
					       ARRAY_COUNT(numbered))),
			  rows[i].ours);
	}
	arena_release(&a);
}

TEST(every_statement_of_this_release_can_be_prepared)
{
	struct fixture f;
	struct store *store;
	PGconn *db;
	size_t failed = 0;

	fixture_open_schema(&f);
	store = fixture_store(&f);
	CHECK_INT(session_connect(store->place, POSTGRES_STATEMENT_MS, &db, &f.err), 0);
	for (unsigned i = 0; i < SQL_STATEMENTS; i++) {
		PGresult *answer = PQprepare(db, "", store->place->statements[i].text, 0, NULL);

		if (PQresultStatus(answer) != PGRES_COMMAND_OK) {
			print_error("%s: %s\n%s\n", store->place->schema.statements[i].name,
				    PQresultErrorMessage(answer), store->place->statements[i].text);
			failed++;
		}
		PQclear(answer);
	}
	PQfinish(db);
	CHECK_INT(failed, 0);
	fixture_check(store);
	store_close(store);
	fixture_close(&f);
}
