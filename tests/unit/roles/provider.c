/* SPDX-License-Identifier: Apache-2.0 */
/* May a provider be asked when provider.h says so? */
#include "roles/runner/provider.h"

#include "tests/test.h"

enum { S = 1000000 };

TEST(turns_are_spread_and_kept_for_who_took_them)
{
	struct provider p = { .pace = { .requests = 2, .per_s = 1 } };
	int64_t at = 0;

	CHECK_INT(provider_take(&p, false, 10 * S, &at), PROVIDER_NOW);
	CHECK_INT(provider_take(&p, false, 10 * S, &at), PROVIDER_LATER);
	CHECK_INT(at, 10 * S + S / 2);
	CHECK_INT(provider_take(&p, false, 10 * S, &at), PROVIDER_LATER);
	CHECK_INT(at, 11 * S);
	CHECK_INT(provider_take(&p, true, 11 * S, &at), PROVIDER_NOW); /* its turn has come */
	CHECK_INT(provider_take(&p, false, 20 * S, &at), PROVIDER_NOW);
}

TEST(a_day_has_its_requests)
{
	struct provider p = { .pace = { .requests = 1000, .per_s = 1, .per_day = 2 } };
	int64_t at = 0, day = 86400ll * S;

	CHECK_INT(provider_take(&p, false, 2 * day, &at), PROVIDER_NOW);
	CHECK_INT(provider_take(&p, false, 2 * day + S, &at), PROVIDER_NOW);
	CHECK_INT(provider_take(&p, false, 2 * day + 2 * S, &at), PROVIDER_SPENT);
	CHECK_INT(provider_take(&p, false, 3 * day, &at), PROVIDER_NOW);
}

TEST(one_that_fails_rests_longer_each_time_and_is_tried_by_one)
{
	struct provider p = { .pace = { .requests = 1000, .per_s = 1 } };
	int64_t now = S, rest = PROVIDER_REST_MS * 1000ll, at = 0;

	for (int i = 0; i < PROVIDER_FAILURES; i++) {
		CHECK_INT(provider_take(&p, false, now += S, &at), PROVIDER_NOW);
		provider_failed(&p, now);
	}
	CHECK_INT(provider_take(&p, false, now, &at), PROVIDER_DOWN);
	CHECK_INT(at, now + rest);
	CHECK_INT(provider_take(&p, false, at, &at), PROVIDER_NOW); /* one tries */
	now = at;
	CHECK_INT(provider_take(&p, false, now, &at), PROVIDER_DOWN); /* the others do not */
	provider_failed(&p, now);
	CHECK_INT(provider_take(&p, false, now + rest, &at), PROVIDER_DOWN);
	CHECK_INT(at, now + 2 * rest);
	for (int i = 0; i < 20; i++)
		provider_failed(&p, now);
	CHECK_INT(provider_take(&p, false, now, &at), PROVIDER_DOWN);
	CHECK(at <= now + PROVIDER_REST_MOST_MS * 1000ll);
	provider_answered(&p);
	CHECK_INT(provider_take(&p, false, at, &at), PROVIDER_NOW);
	CHECK_INT(provider_take(&p, false, at + S, &at), PROVIDER_NOW);
}

TEST(one_that_asks_to_wait_is_left_alone)
{
	struct provider p = { .pace = { .requests = 1000, .per_s = 1 } };
	int64_t at = 0;

	provider_hold(&p, S, 5 * S);
	CHECK_INT(provider_take(&p, false, 2 * S, &at), PROVIDER_HELD);
	CHECK_INT(at, 6 * S);
	CHECK_INT(provider_take(&p, false, 6 * S, &at), PROVIDER_NOW);
	provider_hold(&p, 10 * S, -1);
	CHECK_INT(provider_take(&p, false, 11 * S, &at), PROVIDER_HELD);
	CHECK_INT(at, 10 * S + PROVIDER_HOLD_MS * 1000ll);
	provider_hold(&p, 10 * S, 1000000ll * S);
	CHECK_INT(provider_take(&p, false, 11 * S, &at), PROVIDER_HELD);
	CHECK_INT(at, 10 * S + PROVIDER_HOLD_MOST_MS * 1000ll);
}
