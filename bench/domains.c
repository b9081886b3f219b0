/* SPDX-License-Identifier: Apache-2.0 */
/* What do many domains cost? Domains imported by the thousand, pages of lists over a million of them,
 * scans accepted: through the functions that API and command line call. Lines as tools/bench.py
 * wants them; the folder is made under the build folder, so the disk is the build's.
 * usage: domains BUILD [DOMAINS] */
#include "app/import.h"
#include "app/scan.h"
#include "base/clock.h"
#include "store/domain.h"
#include "store/event.h"
#include "store/folder.h"

#include <dirent.h>
#include <pthread.h>
#include <sys/resource.h>
#include <unistd.h>

enum {
	FIRST = 50000,
	DOMAINS = 1000000,
	PAGES = 200,
	PAGE_ROWS = 100,
	SCANS = 20000,
	THREADS = 8,
	STEP = 10000,
	NAME_BYTES = 64
};

static char folder[256];
static struct app app;
static struct actor actor;

static NORETURN void stop(const char *what, const struct err *err)
{
	fprintf(stderr, "bench domains: %s: %s\n", what, err->text);
	exit(1);
}

static int64_t cpu_us(void)
{
	struct rusage usage;

	getrusage(RUSAGE_SELF, &usage);
	return ((int64_t)usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1000000 +
	       usage.ru_utime.tv_usec + usage.ru_stime.tv_usec;
}

/* The most that the process held since the last line. */
static long peak_kib(void)
{
	char line[128];
	long kib = 0;
	FILE *file = fopen("/proc/self/status", "r");

	while (file && fgets(line, sizeof line, file))
		if (!strncmp(line, "VmHWM:", 6))
			kib = strtol(line + 6, NULL, 10);
	if (file)
		fclose(file);
	file = fopen("/proc/self/clear_refs", "w");
	if (file) {
		fputs("5\n", file);
		fclose(file);
	}
	return kib;
}

static void show(const char *what, int64_t ops, int64_t since_us, int64_t cpu)
{
	printf("%s %lld %.6f %.7f %ld\n", what, (long long)ops,
	       (double)(clock_monotonic_us() - since_us) / 1e6,
	       (double)(cpu_us() - cpu) / 1e3 / (double)ops, peak_kib());
	fflush(stdout);
}

static struct str name_of(char out[static NAME_BYTES], int i)
{
	return (struct str){ out,
			     (size_t)snprintf(out, NAME_BYTES, "host-%07u.example.com",
					      (unsigned)((uint64_t)i * 2654435761u % 9999991)) };
}

/* ---- import ---- */

static void import_range(const char *what, int from, int to, enum import_mode mode)
{
	static struct import_row rows[IMPORT_ROWS];
	static char names[IMPORT_ROWS][NAME_BYTES];
	static struct str tags[IMPORT_ROWS];
	int64_t since = clock_monotonic_us(), cpu = cpu_us(), removed;
	struct problem problem;
	struct import *import;
	struct arena a = { 0 };

	problem_init(&problem, &a);
	if (app_import_begin(&app, &actor, mode, false, &import, &problem) < 0)
		stop("import", &problem.err);
	for (int at = from; at < to; at += IMPORT_ROWS) {
		size_t count = (size_t)MIN(to - at, IMPORT_ROWS);

		for (size_t i = 0; i < count; i++) {
			int n = at + (int)i;

			tags[i] = n % 1000 ? STR_LIT("common") : STR_LIT("rare");
			rows[i] = (struct import_row){
				.input = { .name = name_of(names[i], n),
					   .has_tags = true,
					   .tags = &tags[i],
					   .tag_count = 1,
					   .has_owner = true,
					   .owner = n % 100 ? STR_LIT("it@example.com")
							    : STR_LIT("web@example.com") },
			};
		}
		if (app_import_rows(import, &a, rows, count, &problem) < 0)
			stop("import", &problem.err);
		arena_release(&a);
		problem_init(&problem, &a);
	}
	if (app_import_end(import, &removed, &problem) < 0)
		stop("import", &problem.err);
	if (what)
		show(what, to - from, since, cpu);
}

/* ---- lists ---- */

struct summary {
	int64_t after;
	size_t count;
};

/* As scans would have left them: grades, times of the last scan, expiries. */
static int summarise(struct store_tx *tx, void *context, struct err *err)
{
	struct summary *summary = context;
	struct domain_filter all = { .workspace = 1 };
	struct domain_row *rows;

	TRY(domain_walk(tx, &all, summary->after, STEP, &rows, &summary->count, err));
	for (size_t i = 0; i < summary->count; i++) {
		int64_t no = rows[i].no;

		rows[i].grade = no % 5000 ? (int)(no % 6) + 2 : 1;
		rows[i].score = (int)(no % 101);
		rows[i].scanned_at = no % 7 ? tx->now_us - no * 1000 : 0;
		rows[i].expires_at = no % 3 ? tx->now_us + no % 365 * INT64_C(86400000000) : 0;
		TRY(domain_summarise(tx, &rows[i], err));
		summary->after = no;
	}
	return 0;
}

struct read {
	struct domain_filter filter;
	struct page page;
	size_t count;
	struct str next;
	char cursor[256];
};

static int read_page(struct store_tx *tx, void *context, struct err *err)
{
	struct read *read = context;
	struct domain_row *rows;

	TRY(domain_list(tx, &read->filter, &read->page, &rows, &read->count, &read->next, err));
	memcpy(read->cursor, read->next.data, MIN(read->next.len, sizeof read->cursor));
	read->page.after = (struct str){ read->cursor, MIN(read->next.len, sizeof read->cursor) };
	return 0;
}

static int time_order(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return x < y ? -1 : x > y;
}

static void list_pages(const char *what, struct domain_filter filter)
{
	static int64_t times[PAGES];
	struct read read = { .filter = filter, .page = { .limit = PAGE_ROWS } };
	int64_t since = clock_monotonic_us(), cpu = cpu_us();
	size_t rows = 0, pages = 0;
	struct err err;

	read.filter.workspace = 1;
	while (pages < PAGES) {
		int64_t begin = clock_monotonic_us();

		if (store_read(app.store, read_page, &read, &err) < 0)
			stop(what, &err);
		times[pages++] = clock_monotonic_us() - begin;
		rows += read.count;
		if (!read.page.after.len)
			break;
	}
	show(what, (int64_t)pages, since, cpu);
	qsort(times, pages, sizeof *times, time_order);
	printf("# %s: %zu rows, %zu pages, p50 %.2f ms, p99 %.2f ms, slowest %.2f ms\n", what, rows,
	       pages, (double)times[pages / 2] / 1e3, (double)times[pages * 99 / 100] / 1e3,
	       (double)times[pages - 1] / 1e3);
}

static void list_all(void)
{
	static const struct {
		const char *what;
		struct domain_filter filter;
	} lists[] = {
		{ "list-by-name", { 0 } },
		{ "list-by-name-down", { .is_descending = true } },
		{ "list-by-grade", { .order = DOMAIN_BY_GRADE } },
		{ "list-by-scanned", { .order = DOMAIN_BY_SCANNED } },
		{ "list-by-expiry", { .order = DOMAIN_BY_EXPIRY } },
		{ "list-rare-tag", { .tag = STR_INIT("rare"), .order = DOMAIN_BY_GRADE } },
		{ "list-common-tag", { .tag = STR_INIT("common") } },
		{ "list-rare-owner", { .owner = STR_INIT("web@example.com") } },
		{ "list-rare-grade", { .grade = 1 } },
		{ "list-rare-grade-by-expiry", { .grade = 1, .order = DOMAIN_BY_EXPIRY } },
		{ "list-part-of-name", { .contains = STR_INIT("00123") } },
	};

	for (size_t i = 0; i < ARRAY_COUNT(lists); i++)
		list_pages(lists[i].what, lists[i].filter);
}

static void count_stats(void)
{
	int64_t since = clock_monotonic_us(), cpu = cpu_us();
	struct portfolio_stats stats;
	struct problem problem;
	struct arena a = { 0 };

	problem_init(&problem, &a);
	if (app_domain_stats(&app, &actor, &stats, &problem) < 0)
		stop("stats", &problem.err);
	show("stats", 1, since, cpu);
	arena_release(&a);
}

/* ---- scans accepted ---- */

struct accepting {
	pthread_t thread;
	int from, to;
};

static void *accept_scans(void *context)
{
	struct accepting *accepting = context;
	struct arena a = { 0 };
	char name[NAME_BYTES];

	for (int i = accepting->from; i < accepting->to; i++) {
		struct scan_input input = { .name = name_of(name, i) };
		struct problem problem;
		struct scan_row row;

		problem_init(&problem, &a);
		if (app_scan_start(&app, &actor, &a, &input, &row, &problem) != 0)
			stop("accept", &problem.err);
		arena_release(&a);
	}
	return NULL;
}

static void accept_by(const char *what, int threads, int first, int scans)
{
	struct accepting accepting[THREADS];
	int64_t since = clock_monotonic_us(), cpu = cpu_us();

	for (int i = 0; i < threads; i++) {
		accepting[i].from = first + scans / threads * i;
		accepting[i].to = first + scans / threads * (i + 1);
		if (pthread_create(&accepting[i].thread, NULL, accept_scans, &accepting[i]))
			stop(what, &(struct err){ .text = "no thread" });
	}
	for (int i = 0; i < threads; i++)
		pthread_join(accepting[i].thread, NULL);
	show(what, scans / threads * threads, since, cpu);
}

static void remove_folder(void)
{
	DIR *files = opendir(folder);
	char path[600];

	for (struct dirent *file; files && (file = readdir(files));) {
		snprintf(path, sizeof path, "%s/%s", folder, file->d_name);
		if (file->d_type == DT_REG)
			unlink(path);
		else if (file->d_name[0] != '.')
			rmdir(path);
	}
	if (files)
		closedir(files);
	rmdir(folder);
}

int main(int argc, char **argv)
{
	int domains = argc > 2 && argv[2][0] != '-' ? (int)strtol(argv[2], NULL, 10) : DOMAINS;
	struct summary summary = { 0 };
	struct store *store;
	struct err err = { 0 };
	char url[300];

	snprintf(folder, sizeof folder, "%s/domains-XXXXXX", argc > 1 ? argv[1] : "/tmp");
	if (!mkdtemp(folder))
		stop(folder, &(struct err){ .text = "cannot be made" });
	atexit(remove_folder);
	snprintf(url, sizeof url, "sqlite:%s", folder);
	if (store_open(str_of(url), STORE_CREATE, &store, &err) < 0)
		stop("open", &err);
	app_init(&app, store);
	actor = actor_of_machine(ACTOR_COMMAND, 1, STR_NONE);
	(void)peak_kib();
	import_range("import-50000", 0, FIRST, IMPORT_ADD);
	import_range("import-50000-again", 0, FIRST, IMPORT_UPSERT);
	accept_by("accept-one-client", 1, 0, SCANS / 10);
	accept_by("accept-8-clients", THREADS, SCANS, SCANS);
	if (domains > FIRST)
		import_range("import-the-rest", FIRST, domains, IMPORT_ADD);
	do {
		if (store_write(store, summarise, &summary, &err) < 0)
			stop("summarise", &err);
	} while (summary.count);
	list_all();
	count_stats();
	store_close(store);
	return 0;
}
