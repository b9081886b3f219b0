/* SPDX-License-Identifier: Apache-2.0 */
/* Does each row of an import get its outcome, and the portfolio what the rows say? */
#include "tests/contract/desk.h"

#include "app/event.h"
#include "app/import.h"
#include "app/workspace.h"

struct line {
	const char *name, *tag; /* tag NULL: not given */
	enum import_outcome outcome;
	const char *error; /* "/name domain.syntax" */
};

enum { LINES = 16 };

/* Runs the lines as one thousand and compares their outcomes. */
static void run_lines(struct desk *d, struct import *import, const struct line *lines, size_t count)
{
	struct import_row rows[LINES] = { 0 };
	struct str tags[LINES];

	for (size_t i = 0; i < count; i++) {
		tags[i] = str_of(lines[i].tag);
		rows[i].input = (struct domain_input){ .name = str_of(lines[i].name),
						       .has_tags = lines[i].tag != NULL,
						       .tags = &tags[i],
						       .tag_count = lines[i].tag != NULL };
	}
	DESK_CHECK(d, app_import_rows(import, d->a, rows, count, desk_fresh(d)), 0);
	for (size_t i = 0; i < count; i++) {
		struct str error = str_printf(d->a, "%.*s %.*s", STR(rows[i].error.pointer),
					      STR(rows[i].error.code));

		test_row("%s: %s", lines[i].name, import_outcome_words[rows[i].outcome]);
		CHECK_INT(rows[i].outcome, lines[i].outcome);
		if (lines[i].outcome == IMPORT_REJECTED)
			CHECK_STR(error, lines[i].error);
	}
}

static int64_t import_all(struct desk *d, enum import_mode mode, bool is_dry,
			  const struct line *lines, size_t count, int code)
{
	struct import *import;
	int64_t removed;

	DESK_CHECK(d, app_import_begin(&d->app, &d->admin, mode, is_dry, &import, desk_fresh(d)),
		   0);
	run_lines(d, import, lines, count);
	DESK_CHECK(d, app_import_end(import, &removed, desk_fresh(d)), code);
	return removed;
}

static struct str tag_of(struct desk *d, const char *name)
{
	struct domain_row row;

	if (app_domain_get(&d->app, &d->admin, d->a, str_of(name), &row, desk_fresh(d)) == -ENOENT)
		return STR_LIT("-");
	return row.tag_count ? row.tags[0] : STR_NONE;
}

static const struct line first_lines[] = {
	{ "Example.COM.", "a", IMPORT_ADDED, NULL },
	{ "b\xc3\xbc"
	  "cher.example",
	  NULL, IMPORT_ADDED, NULL },
	{ "https://www.example.com/x", "b", IMPORT_ADDED, NULL },
	{ "example.com", "c", IMPORT_EXISTS, NULL },
	{ "exa mple.com", "a", IMPORT_REJECTED, "/name domain.syntax" },
	{ "192.0.2.1", NULL, IMPORT_REJECTED, "/name domain.address" },
	{ "*.co.uk", NULL, IMPORT_REJECTED, "/name domain.public-suffix" },
	{ "example.org", "no tag", IMPORT_REJECTED, "/tags/0 tag" },
	{ "", NULL, IMPORT_REJECTED, "/name domain.syntax" },
	{ "example.net", NULL, IMPORT_ADDED, NULL },
};

TEST(a_bad_row_spoils_no_other)
{
	struct desk d;

	desk_open(&d);
	import_all(&d, IMPORT_ADD, true, first_lines, ARRAY_COUNT(first_lines), 0);
	CHECK_STR(tag_of(&d, "example.com"), "-"); /* a dry run stores nothing */
	import_all(&d, IMPORT_ADD, false, first_lines, ARRAY_COUNT(first_lines), 0);
	CHECK_STR(tag_of(&d, "example.com"), "a");
	CHECK_STR(tag_of(&d, "xn--bcher-kva.example"), "");
	CHECK_STR(tag_of(&d, "www.example.com"), "b");
	CHECK_STR(tag_of(&d, "example.net"), "");
	CHECK_STR(tag_of(&d, "example.org"), "-");
	desk_close(&d);
}

TEST(an_upsert_writes_what_differs_and_no_more)
{
	static const struct line again[] = {
		{ "example.com", "a", IMPORT_UNCHANGED, NULL },
		{ "www.example.com", NULL, IMPORT_UNCHANGED, NULL },
		{ "example.net", "x", IMPORT_UPDATED, NULL },
		{ "example.net", "x", IMPORT_UNCHANGED, NULL },
		{ "new.example", "n", IMPORT_ADDED, NULL },
		{ "new.example", "m", IMPORT_UPDATED, NULL },
	};
	struct event_row *events;
	struct desk d;
	int64_t before;
	size_t count;

	desk_open(&d);
	import_all(&d, IMPORT_ADD, false, first_lines, ARRAY_COUNT(first_lines), 0);
	DESK_CHECK(&d, app_event_newest(&d.app, &d.admin, &before, desk_fresh(&d)), 0);
	import_all(&d, IMPORT_UPSERT, false, again, ARRAY_COUNT(again), 0);
	CHECK_STR(tag_of(&d, "www.example.com"), "b"); /* not given: as it was */
	CHECK_STR(tag_of(&d, "example.net"), "x");
	CHECK_STR(tag_of(&d, "new.example"), "m");
	DESK_CHECK(&d,
		   app_event_after(&d.app, &d.admin, d.a, before, 100, &events, &count,
				   desk_fresh(&d)),
		   0);
	CHECK_INT(count, 3);
	CHECK_INT(events[0].type, EVENT_DOMAIN_UPDATED);
	CHECK_INT(events[1].type, EVENT_DOMAIN_CREATED);
	CHECK_STR(events[1].name, "new.example");
	desk_close(&d);
}

TEST(a_replace_deletes_what_no_row_named_unless_one_was_bad)
{
	static const struct line fine[] = {
		{ "example.com", NULL, IMPORT_UNCHANGED, NULL },
		{ "other.example", NULL, IMPORT_ADDED, NULL },
	};
	static const struct line bad[] = {
		{ "example.com", NULL, IMPORT_UNCHANGED, NULL },
		{ "othe r.example", NULL, IMPORT_REJECTED, "/name domain.syntax" },
	};
	struct domain_input input = { .name = STR_LIT("late.example") };
	struct portfolio_stats stats;
	struct workspace_row workspace;
	struct import *import;
	struct domain_row row;
	int64_t removed;
	struct desk d;

	desk_open(&d);
	import_all(&d, IMPORT_ADD, false, first_lines, ARRAY_COUNT(first_lines), 0);
	CHECK_INT(import_all(&d, IMPORT_REPLACE, false, bad, ARRAY_COUNT(bad), -EINVAL), 0);
	CHECK_INT(import_all(&d, IMPORT_REPLACE, true, fine, ARRAY_COUNT(fine), 0), 3);
	CHECK_STR(tag_of(&d, "example.net"), "");
	DESK_CHECK(
		&d,
		app_import_begin(&d.app, &d.admin, IMPORT_REPLACE, false, &import, desk_fresh(&d)),
		0);
	run_lines(&d, import, fine, ARRAY_COUNT(fine));
	DESK_CHECK(&d, app_domain_add(&d.app, &d.admin, d.a, &input, &row, desk_fresh(&d)), 0);
	DESK_CHECK(&d, app_import_end(import, &removed, desk_fresh(&d)), 0);
	CHECK_INT(removed, 3);
	CHECK_STR(tag_of(&d, "example.net"), "-");
	CHECK_STR(tag_of(&d, "late.example"), ""); /* added by others meanwhile */
	DESK_CHECK(&d, app_domain_stats(&d.app, &d.admin, &stats, desk_fresh(&d)), 0);
	CHECK_INT(stats.domains, 3);
	DESK_CHECK(&d,
		   app_workspace_get(&d.app, &d.admin, d.a, STR_NONE, &workspace, desk_fresh(&d)),
		   0);
	CHECK_INT(workspace.domains, 3); /* the quota's count goes with it */
	desk_close(&d);
}

TEST(an_import_stops_at_the_quota)
{
	static const struct line lines[] = {
		{ "a.example", NULL, IMPORT_ADDED, NULL },
		{ "b.example", NULL, IMPORT_ADDED, NULL },
		{ "c.example", NULL, IMPORT_REJECTED, "/name quota" },
		{ "a.example", NULL, IMPORT_UNCHANGED, NULL },
		{ "d.example", NULL, IMPORT_REJECTED, "/name quota" },
	};
	struct workspace_input limit = { .has_max_domains = true, .quotas = { .max_domains = 2 } };
	struct workspace_row workspace;
	struct domain_input input = { .name = STR_LIT("e.example") };
	struct domain_row row;
	struct desk d;

	desk_open(&d);
	DESK_CHECK(&d,
		   app_workspace_update(&d.app, &d.admin, d.a, STR_NONE, 0, &limit, &workspace,
					desk_fresh(&d)),
		   0);
	import_all(&d, IMPORT_UPSERT, true, lines, ARRAY_COUNT(lines), 0);
	import_all(&d, IMPORT_UPSERT, false, lines, ARRAY_COUNT(lines), 0);
	DESK_CHECK(&d, app_domain_add(&d.app, &d.admin, d.a, &input, &row, desk_fresh(&d)),
		   -EDQUOT);
	CHECK(strstr(d.problem.err.text, "2 of 2"));
	DESK_CHECK(
		&d,
		app_domain_delete(&d.app, &d.admin, STR_LIT("a.example"), 0, false, desk_fresh(&d)),
		0);
	DESK_CHECK(&d, app_domain_add(&d.app, &d.admin, d.a, &input, &row, desk_fresh(&d)), 0);
	desk_close(&d);
}

/* More rows than a database is asked about at once: new ones, known ones, repeated ones and bad ones
 * mixed, until the quota is used up. */
TEST(a_thousand_rows_get_each_their_own_outcome)
{
	enum { ROWS = IMPORT_ROWS, KNOWN = 60, ROOM = 400 };
	static struct import_row rows[ROWS];
	struct workspace_input limit = { .has_max_domains = true,
					 .quotas = { .max_domains = KNOWN + ROOM } };
	struct workspace_row workspace;
	struct import *import;
	int64_t removed, added = 0;
	struct desk d;

	desk_open(&d);
	DESK_CHECK(&d,
		   app_workspace_update(&d.app, &d.admin, d.a, STR_NONE, 0, &limit, &workspace,
					desk_fresh(&d)),
		   0);
	memset(rows, 0, sizeof rows);
	for (size_t i = 0; i < ROWS; i++) /* 0 to KNOWN-1 come in first, by themselves */
		rows[i].input.name = str_printf(d.a, i % 7 == 3 ? "bad name %zu" : "d%zu.example",
						i % 5 == 4 ? i / 2 : i);
	for (size_t i = 0; i < KNOWN; i++)
		rows[i].input.name = str_printf(d.a, "d%zu.example", i);
	DESK_CHECK(&d,
		   app_import_begin(&d.app, &d.admin, IMPORT_ADD, false, &import, desk_fresh(&d)),
		   0);
	DESK_CHECK(&d, app_import_rows(import, d.a, rows, KNOWN, desk_fresh(&d)), 0);
	DESK_CHECK(&d, app_import_rows(import, d.a, rows, ROWS, desk_fresh(&d)), 0);
	for (size_t i = 0; i < ROWS; i++) {
		bool is_repeated = i < KNOWN, is_bad = i >= KNOWN && i % 7 == 3;
		size_t first = i;

		for (size_t k = 0; k < i && !is_repeated && !is_bad; k++)
			if (str_eq(rows[k].input.name, rows[i].input.name)) {
				is_repeated = true;
				first = k;
			}
		test_row("%zu: %.*s", i, STR(rows[i].input.name));
		if (is_bad)
			CHECK_STR(rows[i].error.code, "domain.syntax");
		else if (rows[first].outcome == IMPORT_REJECTED || (!is_repeated && added == ROOM))
			CHECK_STR(rows[i].error.code, "quota");
		else
			CHECK_INT(rows[i].outcome, is_repeated ? IMPORT_EXISTS : IMPORT_ADDED);
		added += rows[i].outcome == IMPORT_ADDED;
	}
	CHECK_INT(added, ROOM);
	DESK_CHECK(&d, app_import_end(import, &removed, desk_fresh(&d)), 0);
	DESK_CHECK(&d,
		   app_workspace_get(&d.app, &d.admin, d.a, STR_NONE, &workspace, desk_fresh(&d)),
		   0);
	CHECK_INT(workspace.domains, KNOWN + ROOM);
	desk_close(&d);
}

TEST(rows_that_the_caller_could_not_read_are_rejected_too)
{
	struct import_row rows[2] = {
		{ .is_unreadable = true,
		  .error = { STR_INIT(""), STR_INIT("json"), STR_INIT("column 3") } },
		{ .input = { .name = STR_INIT("a.example") } },
	};
	struct import *import;
	struct desk d;
	int64_t removed;

	desk_open(&d);
	DESK_CHECK(&d,
		   app_import_begin(&d.app, &d.admin, IMPORT_ADD, false, &import, desk_fresh(&d)),
		   0);
	DESK_CHECK(&d, app_import_rows(import, d.a, rows, 2, desk_fresh(&d)), 0);
	CHECK_INT(rows[0].outcome, IMPORT_REJECTED);
	CHECK_STR(rows[0].error.code, "json");
	CHECK_INT(app_import_count(import, IMPORT_REJECTED), 1);
	CHECK_INT(app_import_count(import, IMPORT_ADDED), 1);
	DESK_CHECK(&d, app_import_rows(import, d.a, rows, 1001, desk_fresh(&d)), -E2BIG);
	DESK_CHECK(&d, app_import_end(import, &removed, desk_fresh(&d)), 0);
	app_import_abandon(NULL);
	desk_close(&d);
}
