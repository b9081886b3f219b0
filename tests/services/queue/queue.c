/* SPDX-License-Identifier: Apache-2.0 */
/* The queue's other end for tests of the worker: asks for scans, hands them to the bus as the relay does, and
 * tells how they stand. It needs neither API nor scheduler.
 *
 *	queue DATA add PROFILE NAME…	one line a scan: its id and name
 *	queue DATA fresh PROFILE NAME…	the same, past all caches
 *	queue DATA list			id name status deaths attempt grade findings facts error
 *	queue DATA cancel ID
 *	queue DATA events		type and scan, in order
 *	queue DATA findings NAME	check subject status
 *	queue DATA depth		ready delayed leased dead
 */
#include "app/scan.h"
#include "base/clock.h"
#include "bus/bus.h"
#include "bus/message.h"
#include "loop/loop.h"
#include "store/domain.h"
#include "store/event.h"
#include "store/fact.h"
#include "store/finding.h"
#include "store/job.h"

#include <stdio.h>
#include <stdlib.h>

enum { PATIENCE_US = 30000000, LIST = 1000 };

static struct arena arena;
static struct store *store;
static struct app app;
static struct actor actor;

static void fail(const char *what, const struct err *err)
{
	fprintf(stderr, "queue: %s: %s\n", what, err->text);
	exit(1);
}

/* ---- add ---- */

static struct bus *bus;
static uv_loop_t loop;
static size_t wanted, published;
static bool is_done;

static void on_published(void *context, int code)
{
	if (code < 0) {
		fprintf(stderr, "queue: publish: %d\n", code);
		exit(1);
	}
	is_done = ++published == wanted;
}

static int mark_published(struct store_tx *tx, void *context, struct err *err)
{
	return scan_published(tx, *(const struct uuid *)context, err);
}

static void publish(const struct scan_row *row)
{
	struct scan_message message = { .scan = row->id };
	struct err err = { 0 };
	struct buf body;
	struct uuid id = row->id;

	buf_init(&body, &arena);
	scan_message_write(&body, &message);
	wanted++;
	is_done = false;
	bus_publish(bus, (enum bus_queue)row->priority, buf_str(&body), on_published, NULL);
	if (store_write(store, mark_published, &id, &err) < 0)
		fail("scan_published", &err);
}

static void add_one(const char *profile, const char *name, bool is_fresh)
{
	struct scan_input input = { .name = str_of(name),
				    .profile = str_of(profile),
				    .is_fresh = is_fresh };
	struct problem problem = { 0 };
	char text[ID_TEXT_BYTES];
	struct scan_row row;
	int code;

	problem_init(&problem, &arena);
	code = app_scan_start(&app, &actor, &arena, &input, &row, &problem);
	if (code < 0)
		fail(name, &problem.err);
	printf("%s %s\n", id_format(text, "scn", row.id), name);
	if (code == 0)
		publish(&row);
}

static void add(int argc, char **argv, bool is_fresh)
{
	struct bus_settings settings = { .url = STR_LIT("embedded"),
					 .store = store,
					 .loop = &loop };
	struct bus_handlers handlers = { 0 };
	struct err err = { 0 };

	if (uv_loop_init(&loop) < 0 || bus_open(&settings, &handlers, &bus, &err) < 0)
		fail("bus", &err);
	for (int i = 1; i < argc; i++)
		add_one(argv[0], argv[i], is_fresh);
	if (wanted && loop_run_until(&loop, &is_done, clock_monotonic_us() + PATIENCE_US) < 0)
		fail("publish", &(struct err){ .text = "not confirmed in time" });
	bus_close(bus);
	loop_close(&loop);
}

/* ---- tell ---- */

static size_t findings_open(struct store_tx *tx, int64_t domain)
{
	struct finding_row *rows;
	size_t count, open = 0;

	if (finding_of_domain(tx, domain, &rows, &count, NULL) < 0)
		return 0;
	for (size_t i = 0; i < count; i++)
		open += rows[i].status == FINDING_OPEN;
	return open;
}

static int list_work(struct store_tx *tx, void *context, struct err *err)
{
	struct scan_filter filter = { .workspace = 1, .status = -1 };
	struct page page = { .limit = LIST };
	struct scan_row *rows;
	size_t count, facts;
	struct str next, *stable;

	TRY(scan_list(tx, &filter, &page, &rows, &count, &next, err));
	for (size_t i = 0; i < count; i++) {
		const struct scan_row *row = &rows[i];
		char text[ID_TEXT_BYTES];

		facts = 0;
		if (row->fact_set)
			TRY(fact_set_get(tx, row->fact_set, &stable, &facts, err));
		printf("%s %.*s %s %d %d %d %zu %zu %.*s\n", id_format(text, "scn", row->id),
		       STR(row->name), scan_status_words[row->status], row->deaths, row->attempt,
		       row->grade, findings_open(tx, row->domain), facts, STR(row->error));
	}
	return 0;
}

static int events_work(struct store_tx *tx, void *context, struct err *err)
{
	struct event_row *rows;
	size_t count;

	TRY(event_after(tx, 0, 0, LIST, &rows, &count, err));
	for (size_t i = 0; i < count; i++) {
		char text[ID_TEXT_BYTES];

		printf("%s %s\n", event_word(rows[i].type), id_format(text, "scn", rows[i].scan));
	}
	return 0;
}

static int findings_work(struct store_tx *tx, void *context, struct err *err)
{
	struct domain_row domain;
	struct finding_row *rows;
	size_t count;

	TRY(domain_find(tx, 1, str_of(context), &domain, err));
	TRY(finding_of_domain(tx, domain.no, &rows, &count, err));
	for (size_t i = 0; i < count; i++)
		printf("%.*s %.*s %s\n", STR(rows[i].check_id),
		       STR(rows[i].subject.len ? rows[i].subject : STR_LIT("-")),
		       finding_status_words[rows[i].status]);
	return 0;
}

static int depth_work(struct store_tx *tx, void *context, struct err *err)
{
	struct job_depth all = { 0 }, one;

	for (int queue = 0; queue < BUS_QUEUES; queue++) {
		TRY(job_depth(tx, queue, &one, err));
		all.ready += one.ready;
		all.delayed += one.delayed;
		all.leased += one.leased;
		all.dead += one.dead;
	}
	printf("%lld %lld %lld %lld\n", (long long)all.ready, (long long)all.delayed,
	       (long long)all.leased, (long long)all.dead);
	return 0;
}

static void tell(store_work *work, void *context)
{
	struct err err = { 0 };

	if (store_read(store, work, context, &err) < 0)
		fail("store", &err);
}

static void cancel(const char *id)
{
	struct problem problem = { 0 };
	struct scan_row row;

	problem_init(&problem, &arena);
	if (app_scan_cancel(&app, &actor, &arena, str_of(id), &row, &problem) < 0)
		fail(id, &problem.err);
}

int main(int argc, char **argv)
{
	struct err err = { 0 };
	const char *verb = argc > 2 ? argv[2] : "";

	if (argc < 3 ||
	    store_open(str_printf(&arena, "sqlite:%s", argv[1]), STORE_CREATE, &store, &err) < 0)
		fail("store", &err);
	app_init(&app, store);
	actor = actor_of_machine(ACTOR_COMMAND, 1, STR_LIT("test"));
	if ((!strcmp(verb, "add") || !strcmp(verb, "fresh")) && argc > 3)
		add(argc - 3, argv + 3, !strcmp(verb, "fresh"));
	else if (!strcmp(verb, "list"))
		tell(list_work, NULL);
	else if (!strcmp(verb, "events"))
		tell(events_work, NULL);
	else if (!strcmp(verb, "findings") && argc > 3)
		tell(findings_work, argv[3]);
	else if (!strcmp(verb, "depth"))
		tell(depth_work, NULL);
	else if (!strcmp(verb, "cancel") && argc > 3)
		cancel(argv[3]);
	else
		fail(verb, &(struct err){ .text = "no such verb" });
	store_close(store);
	arena_release(&arena);
	return 0;
}
