/* SPDX-License-Identifier: Apache-2.0 */
/* How much does a store grow when nothing changes? */
#include "bench/portfolio.h"
#include "tests/test.h"

enum { DOMAINS = 300, ROUNDS = 5, BYTES_MAX = 400 };

static void rescan(struct portfolio *p)
{
	struct err err = { 0 };

	if (portfolio_rescan(p, &err) < 0)
		fail_msg("%s", err.text);
}

static int64_t bytes_of(struct portfolio *p)
{
	struct err err = { 0 };
	int64_t bytes = 0;

	if (portfolio_bytes(p, &bytes, &err) < 0)
		fail_msg("%s", err.text);
	return bytes;
}

TEST(an_unchanged_rescan_adds_few_octets)
{
	struct portfolio p;
	int64_t before, added;

	CHECK_INT(portfolio_open(&p, DOMAINS, NULL), 0);
	rescan(&p);
	CHECK(bytes_of(&p) > (int64_t)DOMAINS * 1000); /* the first one stores what is there */
	rescan(&p);
	before = bytes_of(&p);
	for (int i = 0; i < ROUNDS; i++)
		rescan(&p);
	added = (bytes_of(&p) - before) / (DOMAINS * ROUNDS);
	test_row("%ld octets", (long)added);
	CHECK(added > 0 && added <= BYTES_MAX);
	portfolio_close(&p);
}
