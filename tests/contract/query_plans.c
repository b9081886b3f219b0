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
	{ "AUDIT_OLDEST", "SCAN audit", "the oldest, up to a limit" },
	{ "AUDIT_HEAD", "SCAN audit_head", "has one row" },
	{ "BATCH_EXPANDING", "SCAN batch USING INDEX batch_expanding", "holds those alone" },
	{ "CHANGE_EXPIRE", "SCAN change", "the oldest, up to a limit" },
	{ "CHANNEL_DUE", "SCAN c", "channels are few" },
	{ "CHANNEL_COUNT_DISABLED", "SCAN channel", "channels are few" },
	{ "CHANNEL_ENABLED", "SCAN c", "channels are few" },
	{ "DELIVERY_NEXT_DUE", "SCAN c", "channels are few" },
	{ "DELIVERY_NEXT_LEASE", "SCAN c", "channels are few" },
	{ "DELIVERY_RECLAIM", "SCAN c", "channels are few" },
	{ "DELIVERY_RENEW", "SCAN c", "channels are few" },
	{ "DELIVERY_HOLDERS", "SCAN c", "channels are few" },
	{ "DELIVERY_HOLDERS", "USE TEMP B-TREE", "notifiers are few" },
	{ "DELIVERY_COUNT", "SCAN", "of one state, in its index" },
	{ "DOMAIN_TAG_FEW", "SCAN (subquery", "counts up to a limit" },
	{ "DOMAIN_OWNER_FEW", "SCAN (subquery", "counts up to a limit" },
	{ "DOMAIN_GRADE_FEW", "SCAN (subquery", "counts up to a limit" },
	{ "DOMAIN_TAGS", "USE TEMP B-TREE", "tags, not domains" },
	{ "DOMAIN_STATS", "SCAN domain", "counts all of a workspace" },
	{ "DOMAIN_STATS", "USE TEMP B-TREE", "counts all of a workspace" },
	{ "DOMAIN_LIST_TAG_", "USE TEMP B-TREE", "used where few have the tag" },
	{ "DOMAIN_LIST_OWNER_", "USE TEMP B-TREE", "used where few have the owner" },
	{ "DOMAIN_LIST_GRADE_", "USE TEMP B-TREE", "used where few have the grade" },
	{ "EVENT_LAST", "SCAN sqlite_sequence", "a row a table" },
	{ "EVENT_EXPIRE", "SCAN event", "the oldest, up to a limit" },
	{ "FINDING_LIST_DOMAIN", "USE TEMP B-TREE", "of one domain" },
	{ "FINDING_LIST_RARE_TAG", "USE TEMP B-TREE", "used where few have the tag" },
	{ "FINDING_TAGGED", "SCAN (subquery", "counts up to a limit" },
	{ "FINDING_GROUP", "USE TEMP B-TREE", "counts all of a check" },
	{ "JOB_SHIFT", "SCAN job USING INDEX job_ready",
	  "free ones, after the clock was set back" },
	{ "KEY_EXPIRE", "SCAN key", "few, and once an hour" },
	{ "POLICY_LIST", "USE TEMP B-TREE", "a hundred at most" },
	{ "RULE_ACTIVE", "SCAN r", "rules are few" },
	{ "SCAN_BACKLOG", "SCAN", "counts up to a limit, in the index of those that wait" },
	{ "SCAN_UNPUBLISH", "SCAN scan USING INDEX scan_in_flight", "holds those alone" },
	{ "SCAN_IN_FLIGHT_ALL", "SCAN scan USING INDEX scan_in_flight", "holds those alone" },
	{ "SCAN_ON_BUS", "SCAN scan USING INDEX scan_in_flight", "holds those alone" },
	{ "SCAN_ON_BUS", "USE TEMP B-TREE", "those that are in flight, by three priorities" },
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

static sqlite3_stmt *plan_of(sqlite3 *db, const struct sqlite_statement *statement)
{
	char text[8192];
	sqlite3_stmt *plan = NULL;

	snprintf(text, sizeof text, "EXPLAIN QUERY PLAN %s", statement->text);
	if (sqlite3_prepare_v2(db, text, -1, &plan, NULL) != SQLITE_OK)
		fail_msg("%s: %s", statement->name, sqlite3_errmsg(db));
	return plan;
}

static size_t check_plan(sqlite3 *db, const struct sqlite_statement *statement)
{
	sqlite3_stmt *plan = plan_of(db, statement);
	size_t scans = 0;

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

static bool has_line(sqlite3 *db, const struct sqlite_statement *statement, const char *begins)
{
	sqlite3_stmt *plan = plan_of(db, statement);
	bool has_it = false;

	while (sqlite3_step(plan) == SQLITE_ROW)
		has_it |= str_starts(str_of((const char *)sqlite3_column_text(plan, 3)),
				     str_of(begins));
	sqlite3_finalize(plan);
	return has_it;
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

/* Where two indexes would do and the wrong one reads a whole workspace. */
TEST(lists_of_a_domain_a_batch_or_a_check_read_that_alone)
{
	static const struct {
		const char *statement, *line;
	} table[] = {
		{ "FINDING_LIST_DOMAIN",
		  "SEARCH f USING INDEX sqlite_autoindex_finding_2 (domain=?" },
		{ "FINDING_PLACES_OF_CHECK",
		  "SEARCH f USING COVERING INDEX finding_by_check (workspace=? AND "
		  "check_id=? AND status=?" },
		{ "FINDING_LIST_STATUS",
		  "SEARCH f USING INDEX finding_by_status (workspace=? AND status=?" },
		{ "FINDING_OF_DOMAIN",
		  "SEARCH f USING INDEX sqlite_autoindex_finding_2 (domain=?" },
		{ "SCAN_LIST_DOMAIN", "SEARCH s USING INDEX scan_by_domain (domain=? AND no<?" },
		{ "SCAN_LIST_BATCH", "SEARCH s USING INDEX scan_of_batch (batch=? AND domain>?" },
		{ "SCAN_LIST_RARE", "SEARCH s USING INDEX scan_by_state (workspace=? AND state=?" },
		{ "SCAN_OPEN_OF", "SEARCH s USING INDEX scan_open (domain=?" },
		{ "SCAN_WAITING_LIST",
		  "SEARCH s USING INDEX scan_waiting (priority=? AND workspace=?" },
		{ "CHANGE_LIST_DOMAIN", "SEARCH c USING INDEX change_by_domain (domain=?" },
		{ "JOB_TAKE", "SEARCH job USING INDEX job_ready (queue=? AND available_at<?" },
	};
	struct sqlite_schema schema = sqlite_schema();
	sqlite3 *db = open_empty();

	for (size_t i = 0; i < ARRAY_COUNT(table); i++) {
		test_row("%s", table[i].statement);
		for (unsigned k = 0; k < schema.statement_count; k++)
			if (!strcmp(schema.statements[k].name, table[i].statement))
				CHECK(has_line(db, &schema.statements[k], table[i].line));
	}
	sqlite3_close(db);
}
