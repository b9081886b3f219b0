/* SPDX-License-Identifier: Apache-2.0 */
/** An app on a fresh store, with actors of each role in two workspaces: for tests of app/. */
#ifndef DSS_TESTS_CONTRACT_DESK_H
#define DSS_TESTS_CONTRACT_DESK_H

#include "app/app.h"
#include "tests/contract/rows.h"

struct desk {
	struct rows rows;
	struct app app;
	struct arena *a;
	struct actor admin;             /**< of the default workspace */
	struct actor stranger;          /**< admin of the workspace "other" */
	struct actor roles[ROLE_COUNT]; /**< of the default workspace */
	struct problem problem;         /**< of the last call: desk_fresh empties it */
};

void desk_open(struct desk *desk);
void desk_close(struct desk *desk);
/** An empty problem for the next call. */
struct problem *desk_fresh(struct desk *desk);
/** CHECK_INT that shows the problem. */
#define DESK_CHECK(desk, call, code) desk_check((desk), (call), (code), #call, __FILE__, __LINE__)
void desk_check(struct desk *desk, int got, int want, const char *call, const char *file, int line);
/** The newest audit row's action, of the default workspace. */
struct str desk_audited(struct desk *desk);
/** "/name domain.syntax" of the problem's n-th error. */
struct str desk_error(struct desk *desk, size_t n);

#endif
