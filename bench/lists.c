/* SPDX-License-Identifier: Apache-2.0 */
/* How long does a page of a list take with 1 million domains and 10 million findings? */
#include "base/clock.h"
#include "bench/answerd.h"
#include "model/grade.h"
#include "store/domain.h"
#include "store/finding.h"
#include "store/history.h"
#include "store/scan.h"

#include <dirent.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { DOMAINS = 1000000, PAGES = 40, LIMIT = 100 };

static char folder[64], url[80];
static uint64_t domains;

static void die(const char *what, const char *why)
{
	fprintf(stderr, "lists: %s: %s\n", what, why);
	exit(1);
}

/* ---- made in the database itself: ten findings, two scans, a change and an expiry a domain ---- */

static const char *const fill[] = {
	"PRAGMA synchronous = OFF",
	"PRAGMA cache_size = -1000000",
	"BEGIN",
	"CREATE TEMP TABLE n (i INTEGER PRIMARY KEY)",
	"WITH RECURSIVE c (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c LIMIT ?1) "
	"INSERT INTO n SELECT i FROM c",
	"INSERT INTO domain (no, id, workspace, name, created_at, updated_at, owner, scan, "
	"scanned_at, "
	"grade, score, open_high, expires_at) SELECT i, randomblob(16), 1, "
	"'domain' || i || '.example', i, i, CASE WHEN i % 50 THEN NULL ELSE 'it@example.com' END, "
	"NULL, i * 7919 % 1000003, i % 8, i % 101, 2, 2000000 + i * 31 % 999983 FROM n",
	"INSERT INTO tag (workspace, tag, domain) SELECT 1, 'tenth', i FROM n WHERE i % 10 = 0",
	"INSERT INTO tag (workspace, tag, domain) SELECT 1, 'rare', i FROM n WHERE i % 20011 = 0",
	"INSERT INTO finding (id, workspace, domain, check_id, subject, severity, status, text, "
	"first_seen, last_seen) SELECT randomblob(16), 1, n.i, 'area' || (k.i % 5) || '.check.no-' "
	"|| "
	"((n.i * 7 + k.i) % 40), 'ns' || k.i || '.example', (n.i + k.i) % 5, "
	"CASE WHEN (n.i + k.i) % 4 THEN 0 ELSE 1 END, 'it does what it should not do', 1, 2 "
	"FROM n CROSS JOIN (SELECT i FROM n WHERE i <= 10) k",
	"INSERT INTO scan (no, id, workspace, domain, state, profile, priority, ended_at, grade) "
	"SELECT i, randomblob(16), 1, i, CASE WHEN i % 1000 THEN 2 ELSE 4 END, 0, 1, i, 3 FROM n",
	"INSERT INTO change (workspace, domain, scan, at, kind, question, field, before, after, "
	"severity) "
	"SELECT 1, i, randomblob(16), i, 2, 'dns example.com MX', 'records', 'a', 'b', 0 FROM n",
	"INSERT INTO expiry (domain, kind, subject, workspace, at) SELECT i, 0, 'x', 1, "
	"2000000 + i * 31 % 999983 FROM n",
	"COMMIT",
};

static void run(sqlite3 *db, const char *text)
{
	sqlite3_stmt *statement;

	if (sqlite3_prepare_v2(db, text, -1, &statement, NULL) != SQLITE_OK)
		die(text, sqlite3_errmsg(db));
	if (sqlite3_bind_parameter_count(statement))
		sqlite3_bind_int64(statement, 1, (int64_t)domains);
	while (sqlite3_step(statement) == SQLITE_ROW)
		;
	if (sqlite3_finalize(statement) != SQLITE_OK)
		die(text, sqlite3_errmsg(db));
}

static void fill_store(void)
{
	char path[96];
	sqlite3 *db;

	snprintf(path, sizeof path, "%s/dss.db", folder);
	if (sqlite3_open(path, &db) != SQLITE_OK)
		die(path, sqlite3_errmsg(db));
	for (size_t i = 0; i < ARRAY_COUNT(fill); i++)
		run(db, fill[i]);
	sqlite3_close(db);
}

/* ---- pages ---- */

enum list { LIST_DOMAINS, LIST_FINDINGS, LIST_SCANS, LIST_CHANGES, LIST_EXPIRIES };

static const struct walk {
	const char *name;
	enum list list;
	struct domain_filter domain;
	struct finding_filter finding;
	struct scan_filter scan;
} walks[] = {
	{ "domains_by_name", LIST_DOMAINS },
	{ "domains_by_grade", LIST_DOMAINS, { .order = DOMAIN_BY_GRADE } },
	{ "domains_by_expiry", LIST_DOMAINS, { .order = DOMAIN_BY_EXPIRY } },
	{ "domains_of_tag", LIST_DOMAINS, { .tag = STR_INIT("tenth") } },
	{ "domains_of_rare_tag",
	  LIST_DOMAINS,
	  { .tag = STR_INIT("rare"), .order = DOMAIN_BY_SCANNED } },
	{ "domains_containing", LIST_DOMAINS, { .contains = STR_INIT("999") } },
	{ "domains_containing_none", LIST_DOMAINS, { .contains = STR_INIT("nowhere") } },
	{ "findings", LIST_FINDINGS, .finding = { .status = -1 } },
	{ "findings_open", LIST_FINDINGS, .finding = { .status = FINDING_OPEN } },
	{ "findings_severe", LIST_FINDINGS,
	  .finding = { .status = FINDING_OPEN, .min_severity = SEVERITY_CRITICAL } },
	{ "findings_of_check", LIST_FINDINGS,
	  .finding = { .status = FINDING_OPEN, .check_prefix = STR_INIT("area1.check.no-1") } },
	{ "findings_of_area", LIST_FINDINGS,
	  .finding = { .status = -1, .check_prefix = STR_INIT("area2.") } },
	{ "findings_of_tag", LIST_FINDINGS,
	  .finding = { .status = FINDING_OPEN, .tag = STR_INIT("tenth") } },
	{ "findings_of_tag_and_check", LIST_FINDINGS,
	  .finding = { .status = FINDING_OPEN,
		       .tag = STR_INIT("tenth"),
		       .check_prefix = STR_INIT("area1.check.no-1") } },
	{ "findings_of_rare_tag", LIST_FINDINGS,
	  .finding = { .status = FINDING_OPEN, .tag = STR_INIT("rare") } },
	{ "findings_of_domain", LIST_FINDINGS, .finding = { .status = -1, .domain = 4711 } },
	{ "scans", LIST_SCANS, .scan = { .status = -1 } },
	{ "scans_failed", LIST_SCANS, .scan = { .status = SCAN_IS_FAILED } },
	{ "scans_open", LIST_SCANS, .scan = { .status = -1, .is_open = true } },
	{ "changes", LIST_CHANGES },
	{ "expiries", LIST_EXPIRIES },
};

struct reading {
	const struct walk *walk;
	struct page page;
	size_t count;
	struct arena *a;
};

static int read_page(struct store_tx *tx, void *context, struct err *err)
{
	struct reading *r = context;
	struct domain_filter domain = r->walk->domain;
	struct finding_filter finding = r->walk->finding;
	struct scan_filter scan = r->walk->scan;
	struct change_filter change = { .workspace = 1 };
	struct domain_row *domain_rows;
	struct finding_row *finding_rows;
	struct scan_row *scan_rows;
	struct change_row *change_rows;
	struct expiry_row *expiry_rows;

	store_keep(tx, r->a);
	domain.workspace = finding.workspace = scan.workspace = 1;
	switch (r->walk->list) {
	case LIST_DOMAINS:
		return domain_list(tx, &domain, &r->page, &domain_rows, &r->count, &r->page.after,
				   err);
	case LIST_FINDINGS:
		return finding_list(tx, &finding, &r->page, &finding_rows, &r->count,
				    &r->page.after, err);
	case LIST_SCANS:
		return scan_list(tx, &scan, &r->page, &scan_rows, &r->count, &r->page.after, err);
	case LIST_CHANGES:
		return change_list(tx, &change, &r->page, &change_rows, &r->count, &r->page.after,
				   err);
	default:
		return expiry_list(tx, 1, 0, &r->page, &expiry_rows, &r->count, &r->page.after,
				   err);
	}
}

static int by_value(const void *a, const void *b)
{
	int64_t left = *(const int64_t *)a, right = *(const int64_t *)b;

	return left < right ? -1 : left > right;
}

static void walk_pages(struct store *store, const struct walk *walk)
{
	struct arena a = { 0 };
	struct reading r = { .walk = walk, .page = { .limit = LIMIT }, .a = &a };
	struct bench_clock begun;
	int64_t took_us[PAGES];
	size_t pages = 0, rows = 0;
	struct err err = { 0 };

	bench_begin(&begun);
	do {
		int64_t from_us = clock_monotonic_us();

		if (store_read(store, read_page, &r, &err) < 0)
			die(walk->name, err.text);
		took_us[pages++] = clock_monotonic_us() - from_us;
		rows += r.count;
	} while (pages < PAGES && r.page.after.len);
	bench_end(&begun, walk->name, pages);
	qsort(took_us, pages, sizeof *took_us, by_value);
	printf("# %s: %zu rows on %zu pages, ms a page: p50 %.2f, p95 %.2f\n", walk->name, rows,
	       pages, (double)took_us[pages / 2] / 1e3, (double)took_us[pages * 95 / 100] / 1e3);
	arena_release(&a);
}

static int count_stats(struct store_tx *tx, void *context, struct err *err)
{
	return domain_stats(tx, 1, context, err);
}

static int count_groups(struct store_tx *tx, void *context, struct err *err)
{
	struct finding_filter filter = { .workspace = 1, .status = FINDING_OPEN };
	struct finding_group *groups;
	size_t count;

	return finding_groups(tx, &filter, &groups, &count, err);
}

/* What counts a whole workspace; the API keeps such an answer for 20 times what it cost. */
static void count_all(struct store *store)
{
	static const struct {
		const char *name;
		store_work *work;
	} counts[] = { { "stats", count_stats }, { "finding_groups", count_groups } };

	for (size_t i = 0; i < ARRAY_COUNT(counts); i++) {
		struct portfolio_stats stats;
		struct bench_clock begun;
		struct err err = { 0 };

		bench_begin(&begun);
		if (store_read(store, counts[i].work, &stats, &err) < 0)
			die(counts[i].name, err.text);
		bench_end(&begun, counts[i].name, 1);
	}
}

static void remove_files(void)
{
	DIR *files = opendir(folder);
	char path[512];

	if (!files)
		return;
	for (struct dirent *file; (file = readdir(files));) {
		snprintf(path, sizeof path, "%s/%s", folder, file->d_name);
		unlink(path);
	}
	closedir(files);
	rmdir(folder);
}

int main(int argc, char **argv)
{
	struct store *store;
	struct err err = { 0 };

	domains = bench_number(argc, argv, 1, DOMAINS);
	snprintf(folder, sizeof folder, "/tmp/dss-bench-lists-XXXXXX");
	if (!mkdtemp(folder))
		die("folder", "cannot be made");
	snprintf(url, sizeof url, "sqlite:%s", folder);
	if (store_open(str_of(url), STORE_CREATE, &store, &err) < 0)
		die("store", err.text);
	fill_store();
	printf("# %llu domains, ten times as many findings, %d rows a page\n",
	       (unsigned long long)domains, LIMIT);
	for (size_t i = 0; i < ARRAY_COUNT(walks); i++)
		walk_pages(store, &walks[i]);
	count_all(store);
	store_close(store);
	remove_files();
	return 0;
}
