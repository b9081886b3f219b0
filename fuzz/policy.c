/* SPDX-License-Identifier: Apache-2.0 */
/* Policies, and any YAML: what is read is written, and read as itself. */
#include "app/policy_document.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool condition)
{
	if (!condition)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const ids[] = { "mail.spf.present", "caa.present", NULL };
	struct arena a = { 0 };
	struct problem problem;
	struct policy_reading reading = {
		.a = &a, .name = STR_LIT("p"), .check_ids = ids, .problem = &problem
	};
	struct check_policy policy, again;
	struct str written;

	problem_init(&problem, &a);
	if (policy_read(&reading, str_bytes(data, size), &policy) < 0) {
		check(problem.count > 0);
	} else {
		written = policy_text(&a, &policy);
		check(policy_read(&reading, written, &again) == 0);
		check(str_eq(policy_text(&a, &again), written));
	}
	arena_release(&a);
	return 0;
}
