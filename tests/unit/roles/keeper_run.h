/* SPDX-License-Identifier: Apache-2.0 */
/** A program in a cage, as a runner has its keeper run it, and what came of it. For the tests of the keeper. */
#ifndef DSS_TESTS_UNIT_ROLES_KEEPER_RUN_H
#define DSS_TESTS_UNIT_ROLES_KEEPER_RUN_H

#include "roles/runner/keeper.h"
#include "tests/test.h"

enum { KEPT_OUTPUT_BYTES = 1 << 20 };

/** The last one that was kept. */
extern struct ran {
	struct keeper_report report;
	struct arena arena;
	char output[KEPT_OUTPUT_BYTES];
	size_t len;
	bool was_flood; /**< more came than that, and it was told to end */
	int64_t elapsed_ms;
} ran;

/** Plans are for a cage without namespaces, with bare_place as their folder. */
extern bool wants_bare;
extern char bare_place[];

/** One static argv: the last plan is good. */
struct keeper_plan shell(const char *script);
struct keeper_plan python(const char *script);

/** Until the keeper has left; fills ran. */
void keep(const struct keeper_plan *plan);
void run(const char *script);

/** What ran has written, both outputs; and is text in it? */
struct str output(void);
bool says(const char *text);

/** Both kinds of cage: with namespaces, and where none can be made. */
void in_both(void (*check)(void));

#endif
