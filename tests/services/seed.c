/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Puts rows into a store for the tests of services, as the application would.
 *
 *	seed FOLDER domains COUNT
 *	seed FOLDER schedule NAME CRON ZONE skip|once|all	prints its id in hexadecimal
 *	seed FOLDER batch				all domains
 *	seed FOLDER kept NAME				a domain with three changes, two expiries; three letters
 *	seed FOLDER forget COUNT			the oldest events
 *	seed FOLDER worker CAPACITY TAKE		registers, takes scans as they come until it runs TAKE
 *							of them, beats, and lives until it is killed
 */
#include "app/plan.h"
#include "app/zone.h"
#include "base/clock.h"
#include "facts/diff.h"
#include "store/batch.h"
#include "store/domain.h"
#include "store/event.h"
#include "store/folder.h"
#include "store/history.h"
#include "store/job.h"
#include "store/scan.h"
#include "store/worker.h"
#include "store/workspace.h"

#include "bus/message.h"

#include <unistd.h>

enum { STEP = 1000, ARGUMENTS = 4, LOOK_US = 20000 };

struct seed {
	const char *folder;
	struct str argument[ARGUMENTS];
	int64_t from, until; /* domains */
	struct worker_row worker;
	int64_t wanted, took;
};

static int64_t number(struct str text)
{
	uint64_t value;

	if (str_to_uint(text, 10000000, &value) < 0) {
		fprintf(stderr, "not a number: %.*s\n", STR(text));
		exit(2);
	}
	return (int64_t)value;
}

static int domains_add(struct store_tx *tx, void *context, struct err *err)
{
	struct seed *seed = context;

	for (int64_t i = seed->from; i < seed->until; i++) {
		struct domain_row row = { .workspace = WORKSPACE_DEFAULT,
					  .profile = DOMAIN_NO_PROFILE };

		row.name = str_printf(tx->a, "d%lld.example", (long long)i);
		TRY(domain_insert(tx, &row, err));
	}
	return 0;
}

static int domains(struct store *store, struct seed *seed, struct err *err)
{
	int64_t count = number(seed->argument[0]);

	for (seed->from = 0; seed->from < count; seed->from = seed->until) {
		seed->until = MIN(seed->from + STEP, count);
		TRY(store_write(store, domains_add, seed, err));
	}
	return 0;
}

static int schedule_add(struct store_tx *tx, void *context, struct err *err)
{
	const struct seed *seed = context;
	struct schedule_row row = { .workspace = WORKSPACE_DEFAULT,
				    .id = uuid_new(tx->now_us),
				    .name = seed->argument[0],
				    .cron = seed->argument[1],
				    .zone = seed->argument[2],
				    .selector = STR_LIT("all"),
				    .profile = -1,
				    .priority = PRIORITY_BULK,
				    .is_enabled = true };
	struct plan_fire first;
	struct plan plan;
	struct tz zone;

	while (!str_eq(seed->argument[3], str_of(missed_policy_words[row.missed])))
		if (!missed_policy_words[++row.missed])
			return err_set(err, -EINVAL, "no such policy");
	TRY(zone_load(tx->a, row.zone, &zone, err));
	TRY(plan_read(tx->a, &row, &zone, &plan, err));
	TRY(plan_first(&plan, tx->now_us, &first));
	row.next_tick = first.tick_us;
	row.next_at = first.due_us;
	return schedule_insert(tx, &row, err);
}

static int schedule(struct store *store, struct seed *seed, struct err *err)
{
	return store_write(store, schedule_add, seed, err);
}

static int batch_add(struct store_tx *tx, void *context, struct err *err)
{
	struct batch_row row = { .workspace = WORKSPACE_DEFAULT,
				 .profile = BATCH_NO_PROFILE,
				 .selector = STR_LIT("all"),
				 .priority = PRIORITY_BULK };

	return batch_insert(tx, &row, err);
}

static int batch(struct store *store, struct seed *seed, struct err *err)
{
	return store_write(store, batch_add, seed, err);
}

static int worker_add(struct store_tx *tx, void *context, struct err *err)
{
	struct seed *seed = context;

	return worker_register(tx, &seed->worker, err);
}

/* A message a call: its scan runs here. */
static int worker_take(struct store_tx *tx, void *context, struct err *err)
{
	struct seed *seed = context;
	struct scan_message message;
	struct scan_row scan;
	struct job_row *jobs;
	size_t count;

	TRY(job_take(tx, PRIORITY_BULK, seed->worker.id, 1, WORKER_LEASE_US, &jobs, &count, err));
	if (!count)
		return -ENOENT;
	TRY(scan_message_read(tx->a, jobs[0].message, &message, err));
	return scan_take(tx, message.scan, seed->worker.id, &scan, err);
}

static int worker_renew(struct store_tx *tx, void *context, struct err *err)
{
	struct seed *seed = context;

	TRY(job_renew(tx, seed->worker.id, WORKER_LEASE_US, err));
	return worker_beat(tx, seed->worker.id, seed->took, false, err);
}

static int worker(struct store *store, struct seed *seed, struct err *err)
{
	int64_t beat_us = clock_monotonic_us();
	char host[256] = "";
	int fd;

	gethostname(host, sizeof host - 1);
	seed->worker = (struct worker_row){ .id = uuid_new(clock_utc_us()),
					    .host = str_of(host),
					    .pid = getpid(),
					    .capacity = number(seed->argument[0]) };
	TRY(worker_lock_take(seed->folder, seed->worker.id, &fd, err));
	TRY(store_write(store, worker_add, seed, err));
	for (seed->wanted = number(seed->argument[1]);; usleep(LOOK_US)) {
		if (seed->took < seed->wanted && store_write(store, worker_take, seed, err) == 0)
			if (++seed->took == seed->wanted) {
				printf("ready\n");
				fflush(stdout);
			}
		if (clock_monotonic_us() - beat_us > WORKER_BEAT_MS * 1000) {
			(void)!store_write(store, worker_renew, seed, err);
			beat_us = clock_monotonic_us();
		}
	}
}

/* ---- what scans and queue leave behind ---- */

static int changes_add(struct store_tx *tx, const struct domain_row *domain, struct err *err)
{
	const char *name = str_cstring(tx->a, domain->name);
	struct change_row rows[] = {
		{ .kind = CHANGE_ADDED,
		  .question = str_printf(tx->a, "dns %s NS", name),
		  .after = STR_LIT("ns2.kept.example."),
		  .severity = SEVERITY_INFO },
		{ .kind = CHANGE_REMOVED,
		  .question = str_printf(tx->a, "dns %s TXT", name),
		  .before = STR_LIT("old"),
		  .severity = SEVERITY_LOW },
		{ .kind = CHANGE_CHANGED,
		  .question = str_printf(tx->a, "dns %s MX", name),
		  .before = STR_LIT("mx1.kept.example."),
		  .after = STR_LIT("mx2.kept.example."),
		  .severity = SEVERITY_MEDIUM },
	};

	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		rows[i].workspace = domain->workspace;
		rows[i].domain = domain->no;
		rows[i].scan = uuid_new(tx->now_us);
		rows[i].at = tx->now_us - (int64_t)(ARRAY_COUNT(rows) - i) * 60 * 1000000;
		rows[i].field = STR_LIT("records");
		TRY(change_insert(tx, &rows[i], err));
	}
	return 0;
}

static int letters_add(struct store_tx *tx, struct err *err)
{
	struct uuid consumer = uuid_new(tx->now_us);

	for (int i = 0; i < 3; i++) {
		struct job_row *jobs;
		size_t count;
		int64_t no;

		TRY(job_insert(tx, PRIORITY_BULK, str_printf(tx->a, "{\"letter\":%d}", i),
			       tx->now_us, &no, err));
		TRY(job_take(tx, PRIORITY_BULK, consumer, 1, WORKER_LEASE_US, &jobs, &count, err));
		TRY(job_bury(tx, jobs[0].no, jobs[0].token, str_printf(tx->a, "poison %d", i),
			     err));
	}
	return 0;
}

static int kept_add(struct store_tx *tx, void *context, struct err *err)
{
	const struct seed *seed = context;
	struct domain_row domain = { .workspace = WORKSPACE_DEFAULT,
				     .name = seed->argument[0],
				     .profile = DOMAIN_NO_PROFILE };
	const char *name = str_cstring(tx->a, domain.name);
	const int64_t day_us = INT64_C(86400000000);
	struct expiry_row expiries[] = {
		{ .kind = EXPIRY_RRSIG,
		  .subject = str_printf(tx->a, "%s SOA", name),
		  .at = tx->now_us + 20 * day_us },
		{ .kind = EXPIRY_CERTIFICATE,
		  .subject = str_printf(tx->a, "www.%s", name),
		  .at = tx->now_us + 5 * day_us },
	};

	TRY(domain_insert(tx, &domain, err));
	TRY(changes_add(tx, &domain, err));
	TRY(expiry_replace(tx, domain.workspace, domain.no, expiries, ARRAY_COUNT(expiries), err));
	return letters_add(tx, err);
}

static int kept(struct store *store, struct seed *seed, struct err *err)
{
	return store_write(store, kept_add, seed, err);
}

static int events_forget(struct store_tx *tx, void *context, struct err *err)
{
	const struct seed *seed = context;
	int64_t gone;

	return event_expire(tx, tx->now_us + 1, (unsigned)number(seed->argument[0]), &gone, err);
}

static int forget(struct store *store, struct seed *seed, struct err *err)
{
	return store_write(store, events_forget, seed, err);
}

static const struct {
	const char *name;
	int arguments;
	int (*run)(struct store *store, struct seed *seed, struct err *err);
} words[] = {
	{ "domains", 1, domains }, { "schedule", 4, schedule }, { "batch", 0, batch },
	{ "worker", 2, worker },   { "kept", 1, kept },         { "forget", 1, forget },
};

static int run(size_t word, int argc, char **argv, struct err *err)
{
	struct seed seed = { .folder = argv[1] };
	struct arena a = { 0 };
	struct store *store;

	for (int i = 3; i < argc; i++)
		seed.argument[i - 3] = str_of(argv[i]);
	TRY(store_open(str_printf(&a, "sqlite:%s", argv[1]), STORE_CREATE, &store, err));
	TRY(words[word].run(store, &seed, err));
	store_close(store);
	arena_release(&a);
	return 0;
}

int main(int argc, char **argv)
{
	struct err err = { 0 };

	for (size_t i = 0; argc >= 3 && i < ARRAY_COUNT(words); i++) {
		if (strcmp(argv[2], words[i].name) != 0 || argc != 3 + words[i].arguments)
			continue;
		if (run(i, argc, argv, &err) == 0)
			return 0;
		fprintf(stderr, "seed %s: %s\n", argv[2], err.text);
		return 1;
	}
	fprintf(stderr, "usage: seed FOLDER domains|schedule|batch|worker|kept|forget …\n");
	return 2;
}
