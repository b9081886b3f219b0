/* SPDX-License-Identifier: Apache-2.0 */
/* Which ticks of a schedule are due, and which of them fire? The rules stand in plan.h. */
#include "app/plan.h"

enum { SECOND_US = 1000000, TRIES = 10000 };

int plan_read(struct arena *a, const struct schedule_row *row, const struct tz *zone,
	      struct plan *ret, struct err *err)
{
	struct plan plan = { .tz = *zone, .jitter_s = row->jitter_s, .missed = row->missed };

	plan.seed = str_copy(a, str_bytes(row->id.octets, sizeof row->id.octets));
	TRY(cron_parse(row->cron, plan.seed, &plan.cron, err));
	TRY(blackouts_parse(row->blackouts, &plan.blackouts, err));
	*ret = plan;
	return 0;
}

/* FNV-1a with a final mix over seed and tick. */
static uint64_t draw(struct str seed, int64_t tick_s)
{
	uint64_t hash = 0xcbf29ce484222325u;

	for (size_t i = 0; i < seed.len; i++)
		hash = (hash ^ (unsigned char)seed.data[i]) * 0x100000001b3u;
	for (unsigned shift = 0; shift < 64; shift += 8)
		hash = (hash ^ ((uint64_t)tick_s >> shift & 0xff)) * 0x100000001b3u;
	hash = (hash ^ hash >> 33) * 0xff51afd7ed558ccdu;
	return hash ^ hash >> 33;
}

static int64_t jittered(const struct plan *plan, int64_t tick_s)
{
	int64_t room = plan->jitter_s + 1, next_s;

	if (plan->jitter_s <= 0)
		return tick_s;
	if (cron_next(&plan->cron, &plan->tz, tick_s, &next_s) == 0)
		room = MIN(room, next_s - tick_s);
	return tick_s + (int64_t)(draw(plan->seed, tick_s) % (uint64_t)room);
}

static struct plan_fire fire_of(int64_t tick_s, int64_t due_s)
{
	return (struct plan_fire){ tick_s * SECOND_US, due_s * SECOND_US };
}

static int next_s(const struct plan *plan, int64_t after_s, struct plan_fire *ret)
{
	for (unsigned i = 0; i < TRIES; i++) {
		int64_t tick_s, due_s, end_s;

		TRY(cron_next(&plan->cron, &plan->tz, after_s, &tick_s));
		due_s = jittered(plan, tick_s);
		if (!blackouts_cover(&plan->blackouts, &plan->tz, due_s, &end_s)) {
			*ret = fire_of(tick_s, due_s);
			return 0;
		}
		if (end_s == INT64_MAX)
			return -ERANGE;
		if (plan->missed != MISSED_SKIP) {
			*ret = fire_of(tick_s, end_s);
			return 0;
		}
		after_s = MAX(tick_s, end_s - plan->jitter_s - 1);
	}
	return -ERANGE;
}

static int64_t seconds(int64_t us)
{
	return us / SECOND_US - (us % SECOND_US < 0);
}

int plan_next(const struct plan *plan, int64_t after_us, struct plan_fire *ret)
{
	return next_s(plan, seconds(after_us), ret);
}

int plan_first(const struct plan *plan, int64_t now_us, struct plan_fire *ret)
{
	int64_t after_s = seconds(now_us) - MAX(plan->jitter_s, 0) - 1;
	struct plan_fire fire;

	do {
		TRY(next_s(plan, after_s, &fire));
		after_s = seconds(fire.tick_us);
	} while (fire.due_us <= now_us);
	*ret = fire;
	return 0;
}

/* The newest due ticks, from one on. */
struct newest {
	struct plan_fire ring[PLAN_CATCH_UP];
	size_t total;
	struct plan_fire next; /* the first that is not due */
};

/* false: there are more than `most`. */
static bool newest_collect(const struct plan *plan, int64_t after_s, int64_t now_us, size_t most,
			   struct newest *newest)
{
	*newest = (struct newest){ 0 };
	for (; newest->total <= most; newest->total++) {
		struct plan_fire fire;

		if (next_s(plan, after_s, &fire) < 0) {
			newest->next = (struct plan_fire){ 0 };
			return true;
		}
		if (fire.due_us > now_us) {
			newest->next = fire;
			return true;
		}
		newest->ring[newest->total % PLAN_CATCH_UP] = fire;
		after_s = seconds(fire.tick_us);
	}
	return false;
}

/* After a long stop: only what became due in the last hour, else day … and no more. */
static void newest_search(const struct plan *plan, int64_t now_us, struct newest *newest)
{
	static const int64_t spans_h[] = { 1, 24, 40 * 24, 400 * 24, 9 * 366 * 24, 41 * 366 * 24 };

	for (size_t i = 0; i < ARRAY_COUNT(spans_h); i++) {
		int64_t after_s = seconds(now_us) - spans_h[i] * 3600 - plan->jitter_s;

		(void)newest_collect(plan, after_s, now_us, SIZE_MAX - 1, newest);
		if (newest->total >= PLAN_CATCH_UP)
			return;
	}
}

static size_t fires_wanted(const struct plan *plan, const struct newest *newest, int64_t now_us)
{
	const struct plan_fire *last;

	if (!newest->total)
		return 0;
	last = &newest->ring[(newest->total - 1) % PLAN_CATCH_UP];
	switch (plan->missed) {
	case MISSED_SKIP:
		return now_us - last->due_us <= PLAN_GRACE_US;
	case MISSED_ALL:
		return MIN(newest->total, (size_t)PLAN_CATCH_UP);
	default:
		return 1;
	}
}

void plan_due(const struct plan *plan, int64_t next_us, int64_t now_us, struct plan_due *ret)
{
	int64_t after_s = seconds(next_us) - 1;
	struct plan_due due = { 0 };
	struct newest newest;
	struct plan_fire first = { 0 };

	if (newest_collect(plan, after_s, now_us, PLAN_COUNTED, &newest)) {
		due.count = fires_wanted(plan, &newest, now_us);
		due.lost = (int64_t)(newest.total - due.count);
	} else {
		newest_search(plan, now_us, &newest);
		due.count = fires_wanted(plan, &newest, now_us);
		due.lost = PLAN_COUNTED;
	}
	for (size_t i = 0; i < due.count; i++)
		due.fires[i] = newest.ring[(newest.total - due.count + i) % PLAN_CATCH_UP];
	if (due.lost && next_s(plan, after_s, &first) == 0)
		due.first_lost_us = first.tick_us;
	due.next = newest.next;
	*ret = due;
}
