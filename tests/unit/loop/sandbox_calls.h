/* SPDX-License-Identifier: Apache-2.0 */
/** The calls that the sandbox refuses, each made as an intruder would make it. */
#ifndef DSS_TESTS_SANDBOX_CALLS_H
#define DSS_TESTS_SANDBOX_CALLS_H

#include "base/err.h"
#include "base/str.h"

enum { ENDED = -1 };

struct sandbox_refusal {
	const char *name;
	int (*call)(
		void); /**< 0 when it worked, else errno; 200 and above: it could not be tried */
	int want;      /**< errno inside; ENDED: by SIGSYS */
};

extern const struct sandbox_refusal sandbox_refusals[];
extern const size_t sandbox_refusal_count;

/** 0 when the system call worked, else errno. */
static inline int outcome(long result)
{
	return result < 0 ? errno : 0;
}

#endif
