/* SPDX-License-Identifier: Apache-2.0 */
/* Is a quota kept, to the last one, when many ask at once? */
#include "app/scan.h"
#include "store/workspace.h"
#include "tests/contract/rows.h"

#include <pthread.h>

enum { THREADS = 8, ASKS = 12, QUOTA = 37 };

struct asker {
	pthread_t thread;
	struct app *app;
	int first, accepted, refused, others;
};

static int limit_scans(struct store_tx *tx, void *context, struct err *err)
{
	struct workspace_row row;

	TRY(workspace_get(tx, WORKSPACE_DEFAULT, &row, err));
	row.quotas.max_scans_per_day = QUOTA;
	return workspace_update(tx, &row, err);
}

static void *ask(void *context)
{
	struct asker *asker = context;
	struct actor actor = actor_of_machine(ACTOR_SYSTEM, WORKSPACE_DEFAULT, STR_NONE);

	for (int i = 0; i < ASKS; i++) {
		struct arena a = { 0 };
		struct problem problem;
		struct scan_row row;
		struct scan_input input = {
			.name = str_printf(&a, "n%d.example", asker->first + i),
		};
		int code;

		problem_init(&problem, &a);
		code = app_scan_start(asker->app, &actor, &a, &input, &row, &problem);
		asker->accepted += code == 0;
		asker->refused += code == -EDQUOT;
		asker->others += code != 0 && code != -EDQUOT;
		arena_release(&a);
	}
	return NULL;
}

static int count_all(struct store_tx *tx, void *context, struct err *err)
{
	struct scan_filter filter = { .workspace = WORKSPACE_DEFAULT, .status = SCAN_IS_QUEUED };
	struct page page = { .limit = 1000 };
	struct workspace_row row;
	struct scan_row *rows;
	struct str next;
	size_t count;

	TRY(scan_list(tx, &filter, &page, &rows, &count, &next, err));
	CHECK_INT(count, QUOTA);
	TRY(workspace_get(tx, WORKSPACE_DEFAULT, &row, err));
	CHECK(row.scans_today == QUOTA && row.domains == QUOTA);
	return 0;
}

TEST(a_quota_is_kept_when_many_ask_at_once)
{
	struct asker askers[THREADS];
	int accepted = 0, refused = 0;
	struct rows rows;
	struct app app;

	rows_open(&rows);
	app_init(&app, rows.store);
	rows_write(&rows, limit_scans, NULL, 0);
	for (int i = 0; i < THREADS; i++) {
		askers[i] = (struct asker){ .app = &app, .first = i * ASKS };
		CHECK_INT(pthread_create(&askers[i].thread, NULL, ask, &askers[i]), 0);
	}
	for (int i = 0; i < THREADS; i++) {
		CHECK_INT(pthread_join(askers[i].thread, NULL), 0);
		CHECK_INT(askers[i].others, 0);
		accepted += askers[i].accepted;
		refused += askers[i].refused;
	}
	CHECK_INT(accepted, QUOTA);
	CHECK_INT(refused, THREADS * ASKS - QUOTA);
	rows_read(&rows, count_all, NULL, 0);
	rows_close(&rows);
}
