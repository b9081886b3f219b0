/* SPDX-License-Identifier: Apache-2.0 */
/* When does the planned point come, and what happens there? */
#include "tests/contract/fault.h"

#include "tests/contract/fault_parts.h"

#include <signal.h>
#include <unistd.h>

static struct fault_plan plan;
static bool is_armed, is_left_out;
static int points;

void fault_arm(const struct fault_plan *wanted)
{
	plan = *wanted;
	points = 0;
	is_armed = true;
	fault_unsynced_forget();
}

int fault_step(int usual)
{
	const char *wanted = getenv("DSS_SWEEP");

	return wanted && !strcmp(wanted, "full") ? 1 : usual;
}

int fault_disarm(void)
{
	is_armed = false;
	return points;
}

bool fault_struck(void)
{
	return plan.point && points >= plan.point;
}

void fault_leave_out(bool is_ours)
{
	is_left_out = is_ours;
}

bool fault_is_watched(void)
{
	return is_armed && plan.effect == FAULT_POWER;
}

bool fault_are_syncs_lies(void)
{
	return plan.are_syncs_lies;
}

static NORETURN void die(void)
{
	kill(getpid(), SIGKILL);
	for (;;)
		pause();
}

enum fault_now fault_at(enum fault_call call)
{
	if (!is_armed || is_left_out || !(plan.calls & call))
		return FAULT_NOT_NOW;
	points++;
	if (!plan.point || points < plan.point || (points > plan.point && !plan.is_for_good))
		return FAULT_NOT_NOW;
	switch (plan.effect) {
	case FAULT_ERROR:
		return FAULT_FAIL;
	case FAULT_FULL:
		return call == FAULT_WRITE ? FAULT_FAIL_HALF : FAULT_FAIL;
	case FAULT_HALF_KILL:
		if (call == FAULT_WRITE)
			return FAULT_DIE_HALF;
		die();
	case FAULT_POWER:
		fault_leave_out(true);
		fault_unsynced_lose(plan.seed);
		die();
	case FAULT_KILL:
		die();
	}
	return FAULT_NOT_NOW;
}

void fault_die(void)
{
	die();
}
