/* SPDX-License-Identifier: Apache-2.0 */
/* Does any statement read a whole table where it wants a few rows? */
#include "store/sqlite/schema.h"
#include "tests/test.h"

#include <sqlite3.h>

/* What is read from end to end or sorted, by which statements (all that begin so), and why that is
 * fine. */
static const struct {
	const char *statement, *reads, *why;
} allowed[] = {
	{ "AUDIT_NEWEST", "SCAN audit", "backwards, one row" },
	{ "BATCH_EXPANDING", "SCAN batch USING INDEX batch_expanding", "holds those alone" },
	{ "DOMAIN_TAG_FEW", "SCAN (subquery", "counts up to a limit" },
	{ "DOMAIN_OWNER_FEW", "SCAN (subquery", "counts up to a limit" },
	{ "DOMAIN_TAGS", "USE TEMP B-TREE", "tags, not domains" },
	{ "DOMAIN_STATS", "SCAN domain", "counts all of a workspace" },
	{ "DOMAIN_STATS", "USE TEMP B-TREE", "counts all of a workspace" },
	{ "DOMAIN_LIST_TAG_", "USE TEMP B-TREE", "used where few have the tag" },
	{ "DOMAIN_LIST_OWNER_", "USE TEMP B-TREE", "used where few have the owner" },
	{ "EVENT_LAST", "SCAN sqlite_sequence", "a row a table" },
	{ "EVENT_EXPIRE", "SCAN event", "the oldest, up to a limit" },
	{ "FINDING_LIST_DOMAIN", "USE TEMP B-TREE", "of one domain" },
	{ "FINDING_LIST_RARE_TAG", "USE TEMP B-TREE", "used where few have the tag" },
	{ "FINDING_TAGGED", "SCAN (subquery", "counts up to a limit" },
	{ "FINDING_GROUP", "USE TEMP B-TREE", "counts all of a check" },
	{ "SCAN_UNPUBLISH", "SCAN scan USING INDEX scan_in_flight", "holds those alone" },
	{ "SCAN_IN_FLIGHT_ALL", "SCAN scan USING INDEX scan_in_flight", "holds those alone" },
	{ "SCAN_LOST", "SCAN s USING INDEX scan_running", "holds those alone" },
	{ "SCAN_LOST", "USE TEMP B-TREE", "those that run" },
	{ "SESSION_DELETE_OF", "SCAN session", "few, and seldom" },
	{ "LOGIN_LINK_", "SCAN login_link", "live for minutes" },
	{ "WORKER_", "SCAN worker", "a row a process" },
};

static bool is_allowed(const char *name, const char *line)
{
	for (size_t i = 0; i < ARRAY_COUNT(allowed); i++)
		if (str_starts(str_of(name), str_of(allowed[i].statement)) &&
		    str_starts(str_of(line), str_of(allowed[i].reads)))
			return true;
	return false;
}

static sqlite3 *open_empty(void)
{
	struct sqlite_schema schema = sqlite_schema();
	sqlite3 *db;

	CHECK_INT(sqlite3_open(":memory:", &db), SQLITE_OK);
	for (unsigned i = 0; i < schema.migration_count; i++)
		CHECK_INT(sqlite3_exec(db, schema.migrations[i].text, NULL, NULL, NULL), SQLITE_OK);
	return db;
}

static size_t check_plan(sqlite3 *db, const struct sqlite_statement *statement)
{
	char text[8192];
	sqlite3_stmt *plan;
	size_t scans = 0;

	snprintf(text, sizeof text, "EXPLAIN QUERY PLAN %s", statement->text);
	if (sqlite3_prepare_v2(db, text, -1, &plan, NULL) != SQLITE_OK)
		fail_msg("%s: %s", statement->name, sqlite3_errmsg(db));
	while (sqlite3_step(plan) == SQLITE_ROW) {
		const char *line = (const char *)sqlite3_column_text(plan, 3);

		if (strncmp(line, "SCAN ", 5) && !strstr(line, "TEMP B-TREE"))
			continue;
		if (!strncmp(line, "SCAN CONSTANT", 13) || is_allowed(statement->name, line))
			continue;
		print_error("%s: %s\n", statement->name, line);
		scans++;
	}
	sqlite3_finalize(plan);
	return scans;
}

TEST(no_statement_reads_a_whole_table_unless_it_is_named_here)
{
	struct sqlite_schema schema = sqlite_schema();
	sqlite3 *db = open_empty();
	size_t scans = 0;

	for (unsigned i = 0; i < schema.statement_count; i++)
		if (!strstr(schema.statements[i].text, "schema_version"))
			scans += check_plan(db, &schema.statements[i]);
	sqlite3_close(db);
	CHECK_INT(scans, 0);
}
