/* SPDX-License-Identifier: Apache-2.0 */
/* How does a portfolio come into a store, and again and again? */
#include "bench/portfolio.h"

#include "app/collect.h"
#include "app/expand.h"
#include "base/clock.h"
#include "facts/fact.h"
#include "facts/volatile.h"
#include "model/grade.h"
#include "store/batch.h"
#include "store/domain.h"
#include "store/event.h"
#include "store/history.h"
#include "store/worker.h"

#include <dirent.h>
#include <sqlite3.h>
#include <sys/resource.h>
#include <unistd.h>

enum { DEFAULT_WORKSPACE = 1, SETTLED = 150, VERDICT_BYTES = 6000, TENTH_US = 100000, STEP = 1000 };
#define DAY_US INT64_C(86400000000)

static int64_t clock_now(void *context)
{
	return ((struct portfolio *)context)->now_us;
}

static uint32_t draw(struct portfolio *p, uint32_t below)
{
	p->seed = p->seed * 1664525 + 1013904223;
	return (p->seed >> 8) % below;
}

/* ---- opening ---- */

struct step {
	const struct portfolio *p;
	unsigned from;
};

static int add_some(struct store_tx *tx, void *context, struct err *err)
{
	const struct step *step = context;
	unsigned count = MIN((unsigned)STEP, step->p->domains - step->from);
	struct domain_row rows[STEP];

	for (unsigned i = 0; i < count; i++) {
		rows[i] = (struct domain_row){ .workspace = DEFAULT_WORKSPACE,
					       .name = str_printf(tx->a, "domain%06u.example",
								  step->from + i),
					       .profile = DOMAIN_NO_PROFILE };
		TRY(domain_foresee_insert(tx, &rows[i], err));
	}
	for (unsigned i = 0; i < count; i++)
		TRY(domain_insert_foreseen(tx, &rows[i], err));
	return 0;
}

int portfolio_add_domains(struct portfolio *p, struct err *err)
{
	for (struct step step = { .p = p }; step.from < p->domains; step.from += STEP)
		TRY(store_write(p->store, add_some, &step, err));
	return 0;
}

void portfolio_init(struct portfolio *p, unsigned domains)
{
	static int64_t latest_us; /* ids only rise: the next portfolio begins after this one */

	latest_us = MAX(latest_us + 1000 * DAY_US, clock_utc_us());
	*p = (struct portfolio){ .domains = domains,
				 .facts = PORTFOLIO_FACTS,
				 .seed = 1,
				 .now_us = latest_us,
				 .worker = uuid_new(1) };
}

int portfolio_open(struct portfolio *p, unsigned domains, struct err *err)
{
	const char *server = getenv("DSS_TEST_POSTGRES"); /* bench/postgres.sh sets it */
	char url[256];

	portfolio_init(p, domains);
	snprintf(p->folder, sizeof p->folder, "/tmp/dss-portfolio-XXXXXX");
	if (!mkdtemp(p->folder))
		return err_set(err, -errno, "%s cannot be made", p->folder);
	snprintf(url, sizeof url, "%s%s", server ? server : "sqlite:", server ? "" : p->folder);
	p->is_file = !server;
	TRY(store_open(str_of(url), STORE_CREATE, &p->store, err));
	store_set_clock(p->store, clock_now, p);
	app_init(&p->app, p->store);
	return portfolio_add_domains(p, err);
}

static void remove_files(const char *folder)
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

void portfolio_close(struct portfolio *p)
{
	store_close(p->store);
	remove_files(p->folder);
}

/* ---- one scan ---- */

struct made {
	struct scan_outcome outcome;
	struct str stable[PORTFOLIO_FACTS];
	struct outcome_finding findings[PORTFOLIO_FINDINGS];
};

/* "domain000017.example" → does it change from round to round? */
static bool is_changing(const struct portfolio *p, struct str domain)
{
	unsigned number = 0;

	for (size_t i = 6; i < 12; i++)
		number = number * 10 + (unsigned)(domain.data[i] - '0');
	return number < p->changing;
}

static void fact_make(struct portfolio *p, struct arena *a, struct str domain, unsigned i,
		      struct fact *ret)
{
	unsigned other = i == 0 && is_changing(p, domain) ? p->round % 200 : i;
	struct str text = str_printf(a, "dns h%02u.%.*s A 192.0.2.%u 198.51.100.%u", i, STR(domain),
				     other + 1, i + 1);
	struct err err;
	uint32_t ttl;

	if (fact_parse(a, text, ret, &err) < 0)
		memory_exhausted();
	/* As the gate notes it: in whole tenths of a second, most of them soon. */
	ret->seen_us =
		(p->now_us / TENTH_US + draw(p, 3) + (draw(p, 8) ? 0 : draw(p, 15))) * TENTH_US;
	/* One in ten was in the resolver's cache already, with what is left of its time. */
	ttl = draw(p, 10) ? 3600 : draw(p, 3600);
	for (size_t k = 0; k < ret->dns->count; k++)
		ret->dns->rr[k].ttl = ttl;
}

static void facts_make(struct portfolio *p, struct arena *a, struct made *made, struct str domain)
{
	struct fact facts[PORTFOLIO_FACTS];
	const struct fact *views[PORTFOLIO_FACTS];
	struct buf out, blob;

	for (unsigned i = 0; i < p->facts; i++) {
		fact_make(p, a, domain, i, &facts[i]);
		views[i] = &facts[i];
	}
	made->outcome.fact_count = facts_order(a, views, p->facts);
	for (size_t i = 0; i < made->outcome.fact_count; i++) {
		buf_init(&out, a);
		fact_encode_stable(&out, views[i]);
		made->stable[i] = buf_str(&out);
	}
	buf_init(&blob, a);
	facts_encode_volatile(&blob, views, made->outcome.fact_count);
	made->outcome.facts = made->stable;
	made->outcome.volatile_blob = buf_str(&blob);
}

static void findings_make(struct arena *a, struct made *made, struct str domain)
{
	for (unsigned i = 0; i < PORTFOLIO_FINDINGS; i++)
		made->findings[i] = (struct outcome_finding){
			.check_id = str_printf(a, "area%u.family.check-%u", i % 5, i),
			.subject = str_printf(a, "ns%u.%.*s", i, STR(domain)),
			.text = str_printf(a, "ns%u.%.*s does what it should not do, in %u places",
					   i, STR(domain), i),
			.evidence = STR_LIT("[\"dns h01 A\",\"dns h02 A\"]"),
			.severity = (enum severity)(i % 5),
		};
	made->outcome.findings = made->findings;
	made->outcome.finding_count = PORTFOLIO_FINDINGS;
}

static const struct str *settled_make(struct arena *a)
{
	struct str *ids = arena_array(a, SETTLED, sizeof *ids);

	for (unsigned i = 0; i < SETTLED; i++)
		ids[i] = str_printf(a, "area%u.other.check-%u", i % 5, i);
	return ids;
}

static struct str verdicts_make(struct arena *a, struct str domain)
{
	struct buf out;

	buf_init(&out, a);
	for (unsigned i = 0; out.len < VERDICT_BYTES; i++)
		buf_printf(&out, "check-%u of %.*s passed;", i * 7919, STR(domain));
	return buf_str(&out);
}

static void make(struct portfolio *p, struct arena *a, const struct scan_row *scan,
		 const struct str *settled, struct made *made)
{
	*made = (struct made){ .outcome = { .scan = scan->id,
					    .token = scan->token,
					    .status = SCAN_IS_DONE,
					    .started_at = p->now_us,
					    .ended_at = p->now_us + 1000000 + draw(p, 3000000),
					    .grade = GRADE_B,
					    .score = 82,
					    .gaps = 3,
					    .algorithm = STR_LIT("2026.1"),
					    .settled = settled,
					    .settled_count = SETTLED } };
	for (unsigned i = 0; i < 3; i++)
		made->outcome.areas[i] = (struct area_points){ 1, 0, 1800, 2500 };
	made->outcome.verdicts = verdicts_make(a, scan->name);
	facts_make(p, a, made, scan->name);
	findings_make(a, made, scan->name);
}

/* ---- all of them ---- */

static double cpu_now(void)
{
	struct rusage usage;

	getrusage(RUSAGE_SELF, &usage);
	return (double)usage.ru_utime.tv_sec + (double)usage.ru_stime.tv_sec +
	       (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

static int end_group(struct portfolio *p, struct arena *a, const struct scan_taking *takings,
		     size_t count, struct err *err)
{
	struct made *made = arena_array(a, count, sizeof *made);
	struct scan_outcome *outcomes = arena_array(a, count, sizeof *outcomes);
	struct scan_stored *stored = arena_array(a, count, sizeof *stored);
	const struct str *settled = settled_make(a);
	int64_t begun_us;
	double cpu_s;

	for (size_t i = 0; i < count; i++) {
		make(p, a, &takings[i].row, settled, &made[i]);
		outcomes[i] = made[i].outcome;
	}
	begun_us = clock_monotonic_us();
	cpu_s = cpu_now();
	TRY(app_scan_end(&p->app, outcomes, count, stored, err));
	p->end_cpu_s += cpu_now() - cpu_s;
	p->end_wall_s += (double)(clock_monotonic_us() - begun_us) / 1e6;
	p->ended += count;
	return 0;
}

static int add_batch(struct store_tx *tx, void *context, struct err *err)
{
	struct batch_row row = { .workspace = DEFAULT_WORKSPACE,
				 .cause = BATCH_SCHEDULE,
				 .selector = STR_LIT("all"),
				 .profile = BATCH_NO_PROFILE,
				 .priority = PRIORITY_BULK };

	TRY(batch_insert(tx, &row, err));
	*(struct uuid *)context = row.id;
	return 0;
}

struct next {
	struct arena *a;
	struct scan_waiting *scans;
	size_t count;
};

static int next_group(struct store_tx *tx, void *context, struct err *err)
{
	struct next *next = context;

	store_keep(tx, next->a);
	return scan_waiting_list(tx, PRIORITY_BULK, DEFAULT_WORKSPACE, PORTFOLIO_GROUP,
				 &next->scans, &next->count, err);
}

int portfolio_scan(struct portfolio *p, struct scan_taking *takings, size_t count, struct err *err)
{
	struct arena a = { 0 };
	int code = app_scan_take(&p->app, &a, p->worker, takings, count, err);

	if (code == 0)
		code = end_group(p, &a, takings, count, err);
	arena_release(&a);
	return code;
}

static int scan_group(struct portfolio *p, bool *ret_is_over, struct err *err)
{
	struct arena a = { 0 };
	struct next next = { .a = &a };
	struct scan_taking takings[PORTFOLIO_GROUP];
	int code = store_read(p->store, next_group, &next, err);

	for (size_t i = 0; i < next.count; i++)
		takings[i] = (struct scan_taking){ .scan = next.scans[i].id };
	*ret_is_over = code == 0 && !next.count;
	if (code == 0 && next.count)
		code = portfolio_scan(p, takings, next.count, err);
	arena_release(&a);
	return code;
}

int portfolio_add_batch(struct portfolio *p, struct uuid *ret, struct err *err)
{
	p->now_us += DAY_US;
	p->round++;
	return store_write(p->store, add_batch, ret, err);
}

int portfolio_rescan(struct portfolio *p, struct err *err)
{
	struct expand_outcome outcome = { 0 };
	struct uuid batch;
	bool is_over = false;

	TRY(portfolio_add_batch(p, &batch, err));
	while (!outcome.is_over)
		TRY(expand_step(p->store, NULL, batch, 0, &outcome, err));
	while (!is_over)
		TRY(scan_group(p, &is_over, err));
	return 0;
}

/* ---- what is old ---- */

struct old {
	int64_t before;
	struct uuid cursor;
	bool is_end;
};

static int expire_step(struct store_tx *tx, void *context, struct err *err)
{
	struct old *old = context;
	struct uuid cursor = old->cursor;
	int64_t scans, changes, events;

	TRY(scan_expire(tx, old->before, STEP, &cursor, &scans, &old->is_end, err));
	TRY(change_expire(tx, old->before, STEP, &changes, err));
	TRY(event_expire(tx, old->before, STEP, &events, err));
	old->is_end &= changes < STEP && events < STEP;
	old->cursor = cursor;
	return 0;
}

int portfolio_expire(struct portfolio *p, unsigned rounds, struct err *err)
{
	struct old old = { .before = p->now_us - rounds * DAY_US };
	struct collect collect = { 0 };
	bool is_end = false;
	int code = 0;

	while (!old.is_end)
		TRY(store_write(p->store, expire_step, &old, err));
	while (code == 0 && !is_end)
		code = collect_step(p->store, NULL, &collect, &is_end, err);
	collect_release(&collect);
	return code;
}

int portfolio_bytes(struct portfolio *p, int64_t *ret, struct err *err)
{
	char path[220];
	sqlite3 *db = NULL;
	sqlite3_stmt *query = NULL;
	int code = -EIO;

	if (!p->is_file) { /* a server's files are not counted here */
		*ret = 0;
		return 0;
	}
	snprintf(path, sizeof path, "%s/dss.db", p->folder);
	if (sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY, NULL) == SQLITE_OK &&
	    sqlite3_prepare_v2(db,
			       "SELECT (page_count - freelist_count) * page_size FROM "
			       "pragma_page_count, pragma_freelist_count, pragma_page_size",
			       -1, &query, NULL) == SQLITE_OK &&
	    sqlite3_step(query) == SQLITE_ROW) {
		*ret = sqlite3_column_int64(query, 0);
		code = 0;
	}
	sqlite3_finalize(query);
	if (code < 0)
		err_set(err, code, "%s: %s", path, sqlite3_errmsg(db));
	sqlite3_close(db);
	return code;
}
