/* SPDX-License-Identifier: Apache-2.0 */
/* When the disk or memory fails at any one point, or from there on: all or nothing, and no crash? */
#include "tests/contract/fault.h"
#include "tests/contract/life.h"

/* What may be said after a fault: never success of what did not happen (life_judge), and never a code
 * that means something else. */
static bool is_honest(int code)
{
	static const int codes[] = {
		-EIO, -ENOSPC, -ENOMEM, -EACCES, -EMFILE, -EBUSY, ERR_CORRUPT
	};

	for (size_t i = 0; i < ARRAY_COUNT(codes); i++)
		if (code == codes[i])
			return true;
	return false;
}

static void check_words(const struct ledger *ledger)
{
	if (ledger->first_code && !fault_struck())
		fail_msg("without a fault: code %d: %s", ledger->first_code, ledger->said);
	if (ledger->first_code && !is_honest(ledger->first_code))
		fail_msg("code %d: %s", ledger->first_code, ledger->said);
	if (ledger->first_code && !ledger->said[0])
		fail_msg("code %d and no word about it", ledger->first_code);
}

/* One life with a fault at one point. False when the point was not reached. */
static bool live_with(const struct fault_plan *plan, enum life_start start, bool recovers)
{
	struct ledger ledger = { .fd = -1 };
	struct fixture f;
	const char *wrong;

	life_prepare(&f, start);
	fault_arm(plan);
	if (recovers)
		life_run_and_recover(&f, &ledger, fault_disarm);
	else
		life_run(&f, &ledger);
	fault_disarm();
	check_words(&ledger);
	wrong = life_judge(&f, start, &ledger);
	if (wrong)
		fail_msg("%s", wrong);
	fixture_close(&f);
	return fault_struck();
}

struct sweep {
	unsigned calls;
	enum fault_effect effect;
	bool is_for_good, recovers;
	int step; /* from point to point, usually; 0: each */
};

static void run_sweep(const struct sweep *sweep)
{
	int lives = 0, step = fault_step(MAX(sweep->step, 1));

	for (int start = 0; start < LIFE_STARTS; start++) {
		struct fault_plan plan = { .calls = sweep->calls,
					   .effect = sweep->effect,
					   .is_for_good = sweep->is_for_good,
					   .point = 1 };

		for (;; plan.point += step, lives++) {
			test_row("start %d, point %d%s", start, plan.point,
				 plan.is_for_good ? " and on" : "");
			if (!live_with(&plan, (enum life_start)start, sweep->recovers))
				break;
		}
		CHECK(plan.point > 1); /* there were points to fail at */
	}
	print_message("%d lives\n", lives);
}

static void sweep_both(unsigned calls, enum fault_effect effect)
{
	run_sweep(&(struct sweep){ .calls = calls, .effect = effect });
	run_sweep(&(struct sweep){ .calls = calls, .effect = effect, .is_for_good = true });
}

TEST(a_write_that_fails)
{
	sweep_both(FAULT_WRITE | FAULT_TRUNCATE, FAULT_ERROR);
}

TEST(a_disk_that_is_full)
{
	sweep_both(FAULT_WRITE, FAULT_FULL);
}

TEST(a_sync_that_fails)
{
	sweep_both(FAULT_SYNC, FAULT_ERROR);
}

TEST(a_file_that_cannot_be_opened_read_or_deleted)
{
	sweep_both(FAULT_OPEN, FAULT_ERROR);
	sweep_both(FAULT_READ, FAULT_ERROR);
	sweep_both(FAULT_DELETE, FAULT_ERROR);
}

TEST(a_lock_that_fails)
{
	sweep_both(FAULT_LOCK, FAULT_ERROR);
}

TEST(a_call_of_ours_that_fails)
{
	sweep_both(FAULT_OWN, FAULT_ERROR);
}

TEST(a_store_goes_on_when_the_disk_does_without_being_opened_again)
{
	unsigned calls = FAULT_OPEN | FAULT_READ | FAULT_LOCK | FAULT_CHANGES;

	run_sweep(&(struct sweep){ calls, FAULT_ERROR, .is_for_good = true, .recovers = true });
	run_sweep(
		&(struct sweep){ FAULT_WRITE, FAULT_FULL, .is_for_good = true, .recovers = true });
}

TEST(memory_that_is_out_once)
{
	run_sweep(&(struct sweep){ FAULT_MEMORY, FAULT_ERROR, .step = 7 });
}

TEST(memory_that_is_out_for_good)
{
	run_sweep(&(struct sweep){ FAULT_MEMORY, FAULT_ERROR, .is_for_good = true, .step = 19 });
	run_sweep(&(struct sweep){ FAULT_MEMORY, FAULT_ERROR, .is_for_good = true, .recovers = true,
				   .step = 23 });
}
