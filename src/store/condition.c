/* SPDX-License-Identifier: Apache-2.0 */
/* How do threads wait for each other, and for how long? */
#include "store/condition.h"

#include "base/clock.h"

#include <time.h>

int condition_init(pthread_cond_t *condition)
{
	pthread_condattr_t how;
	int code = pthread_condattr_init(&how);

	if (code)
		return -code;
	code = pthread_condattr_setclock(&how, CLOCK_MONOTONIC);
	if (!code)
		code = pthread_cond_init(condition, &how);
	pthread_condattr_destroy(&how);
	return -code;
}

struct timespec condition_deadline(int seconds)
{
	int64_t at_us = clock_monotonic_us() + seconds * (int64_t)1000000;

	return (struct timespec){ .tv_sec = at_us / 1000000, .tv_nsec = at_us % 1000000 * 1000 };
}
