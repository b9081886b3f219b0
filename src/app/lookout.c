/* SPDX-License-Identifier: Apache-2.0 */
/* Which workers are dead? */
#include "app/lookout.h"

#include "base/clock.h"
#include "base/fault.h"
#include "store/folder.h"

#include <unistd.h>

/* Two beats: for so long, a write of ours may be late. */
enum { BLIND_US = 2 * WORKER_BEAT_MS * 1000 };

struct look {
	struct arena *a;
	struct worker_row *rows;
	size_t count;
};

static int look(struct store_tx *tx, void *context, struct err *err)
{
	struct look *look = context;

	store_keep(tx, look->a);
	return worker_list(tx, &look->rows, &look->count, err);
}

static struct watched *watched_find(struct lookout *lookout, const struct worker_row *row,
				    int64_t now_us)
{
	struct watched *watched = lookout->watched, *end = watched + lookout->count;

	while (watched < end && !uuid_eq(watched->worker, row->id))
		watched++;
	if (watched < end)
		return watched;
	if (lookout->count == LOOKOUT_WORKERS)
		return NULL;
	lookout->count++;
	*watched = (struct watched){ row->id, row->lease_until, now_us };
	return watched;
}

static void watched_forget(struct lookout *lookout, const struct look *looked)
{
	size_t kept = 0;

	for (size_t i = 0; i < lookout->count; i++) {
		bool is_there = false;

		for (size_t k = 0; k < looked->count && !is_there; k++)
			is_there = uuid_eq(looked->rows[k].id, lookout->watched[i].worker);
		if (is_there)
			lookout->watched[kept++] = lookout->watched[i];
	}
	lookout->count = kept;
}

/* Another machine's lock is not here. */
static bool is_lock_released(const char *folder, const struct worker_row *row)
{
	char host[256] = "";
	struct err ignored;

	gethostname(host, sizeof host - 1);
	return folder && str_eq(row->host, str_of(host)) &&
	       worker_is_alive(folder, row->id, &ignored) == 0;
}

/* What was not renewed meanwhile could not be. */
static void watched_renew(struct lookout *lookout, const struct lookout_view *view)
{
	if (lookout->wrote_us && view->wrote_us - lookout->wrote_us > BLIND_US)
		for (size_t i = 0; i < lookout->count; i++)
			lookout->watched[i].since_us = view->now_us;
	lookout->wrote_us = view->wrote_us;
}

static bool is_dead(struct lookout *lookout, const char *folder, const struct worker_row *row,
		    const struct lookout_view *view)
{
	struct watched *watched = watched_find(lookout, row, view->now_us);

	if (is_lock_released(folder, row))
		return true;
	if (FAULT_IS_OFF("monotonic"))
		return row->lease_until < clock_utc_us();
	if (!watched)
		return false;
	if (watched->lease_until != row->lease_until) {
		watched->lease_until = row->lease_until;
		watched->since_us = view->now_us;
	}
	return view->now_us - view->wrote_us <= BLIND_US &&
	       view->now_us - watched->since_us > WORKER_LEASE_US;
}

int lookout_look(struct lookout *lookout, struct store *store, struct arena *a,
		 const struct lookout_view *view, struct worker_row **ret_dead, size_t *ret_count,
		 struct err *err)
{
	struct look looked = { .a = a };
	const char *path = view->folder.len ? str_cstring(a, view->folder) : NULL;
	size_t dead = 0;

	TRY(store_read(store, look, &looked, err));
	watched_forget(lookout, &looked);
	watched_renew(lookout, view);
	for (size_t i = 0; i < looked.count; i++) {
		struct worker_row row = looked.rows[i];

		if (!uuid_eq(row.id, view->self) && is_dead(lookout, path, &row, view))
			looked.rows[dead++] = row;
	}
	*ret_dead = looked.rows;
	*ret_count = FAULT_IS_OFF("rescue") ? 0 : dead;
	return 0;
}
