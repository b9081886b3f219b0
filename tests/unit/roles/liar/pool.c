/* SPDX-License-Identifier: Apache-2.0 */
/* What does a scanner that was taken over reach by what it says? Its own end, and nothing else. */
#include "roles/worker/pool.h"

#include "base/clock.h"
#include "loop/loop.h"
#include "tests/test.h"

enum { HONEST = 12, PATIENCE_US = 60000000 };

static const struct {
	const char *domain, *why;
} lies[] = {
	{ "lie-garbage.example", "it sends what cannot be read" },
	{ "lie-endless.example", "stream broke" },
	{ "lie-foreign.example", "a scan that it does not have" },
	{ "lie-early.example", "without telling what it found" },
	{ "lie-twice.example", "facts that nobody waits for" },
	{ "lie-double-fact.example", "facts that are none" },
	{ "lie-no-fact.example", "facts that are none" },
	{ "lie-invented.example", "a check is not known" },
	{ "lie-large.example", "a frame that is too large" },
	{ "lie-self-cancelled.example", "it cancels a scan by itself" },
	{ "lie-ready.example", "it is ready twice" },
	{ "lie-leave.example", "left too early" },
};

enum { SCANS = ARRAY_COUNT(lies) + HONEST };

static struct pool_scan scans[SCANS];
static unsigned ends[SCANS], ended, wanted;
static bool is_done;

static void on_end(void *data, struct pool_scan *scan)
{
	ends[scan - scans]++;
	ended++;
	is_done = ended >= wanted;
}

static const struct pool_events events = { .on_end = on_end };

static void put(struct pool *pool, unsigned at, const char *domain)
{
	scans[at] = (struct pool_scan){ .domain = str_of(domain) };
	scans[at].options.profile = STR_LIT("quick");
	pool_put(pool, &scans[at]);
}

static void check_all(void)
{
	for (unsigned i = 0; i < SCANS; i++) {
		bool is_lie = i < ARRAY_COUNT(lies);

		test_row("%.*s: %.*s", STR(scans[i].domain), STR(scans[i].error));
		CHECK_INT(ends[i], 1);
		CHECK(scans[i].is_poison == is_lie);
		if (is_lie) {
			CHECK_INT(scans[i].state, SCAN_FAILED);
			CHECK(str_find(scans[i].error, str_of(lies[i].why)) >= 0);
			continue;
		}
		CHECK_INT(scans[i].state, SCAN_DONE);
		CHECK_INT(scans[i].fact_count, 2);
		CHECK_INT(scans[i].judgement.finding_count, 1);
		CHECK(scans[i].judgement.score.has_score);
	}
}

TEST(a_lie_ends_the_scanner_that_tells_it_and_the_scan_that_it_is_told_for)
{
	struct pool_settings settings = { .scanners = 2, .in_flight = 4, .paces_fd = -1 };
	struct err err = { 0 };
	struct pool *pool;
	uv_loop_t loop;

	CHECK(uv_loop_init(&loop) == 0);
	settings.loop = &loop;
	CHECK_INT(pool_open(&settings, &events, NULL, &pool, &err), 0);
	wanted = SCANS;
	/* An honest one between any two lies. */
	for (unsigned i = 0; i < ARRAY_COUNT(lies); i++) {
		put(pool, i, lies[i].domain);
		put(pool, (unsigned)ARRAY_COUNT(lies) + i, "honest.example");
	}
	CHECK_INT(loop_run_until(&loop, &is_done, clock_monotonic_us() + PATIENCE_US), 0);
	check_all();
	CHECK_INT(pool_held(pool), 0);
	pool_close(pool);
	for (unsigned i = 0; i < SCANS; i++)
		arena_release(&scans[i].arena);
	CHECK_INT(loop_close(&loop), 0);
}
