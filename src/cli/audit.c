/* SPDX-License-Identifier: Apache-2.0 */
/* Who did what, and is that record whole? */
#include "app/audit.h"

#include "base/encode.h"
#include "cli/task.h"

static int list(struct task *task)
{
	static const struct column columns[] = {
		{ "NO", "sequence", COLUMN_NUMBER }, { "WHEN", "at", COLUMN_TIME },
		{ "WHO", "actor", COLUMN_TEXT },     { "DID", "action", COLUMN_TEXT },
		{ "TO", "subject", COLUMN_TEXT },
	};

	return task_list(task, STR_LIT("/api/v1/audit"), columns, ARRAY_COUNT(columns),
			 "nothing has been done yet");
}

/* Over the store itself: who could change rows could change what a server says of them too. */
static int chain_walk(struct task *task, struct audit_walk *ret, struct err *err)
{
	struct actor actor = actor_of_machine(ACTOR_COMMAND, 1, STR_LIT("command"));
	struct problem problem;
	struct store *store;
	struct app app;
	int code;

	TRY(store_open(task_text(task, SETTING_STORE), STORE_READ_ONLY | STORE_NO_MIGRATION, &store,
		       err));
	app_init(&app, store);
	problem_init(&problem, task->arena);
	code = app_audit_verify(&app, &actor, ret, &problem);
	store_close(store);
	if (code < 0)
		*err = problem.err;
	return code;
}

static int verify(struct task *task)
{
	struct audit_walk walk;
	struct err err = { 0 };
	struct buf hash;

	if (task_text(task, SETTING_SERVER).len)
		return console_usage("audit", "verify reads the store itself: run it beside the "
					      "data folder, without --server");
	if (chain_walk(task, &walk, &err) < 0) {
		console_say("%s", err.text);
		return EXIT_BROKEN;
	}
	buf_init(&hash, task->arena);
	hex_put(&hash, str_bytes(walk.hash, sizeof walk.hash));
	if (walk.head)
		console_say("rows up to %lld were let go (retention.audit)", (long long)walk.head);
	return task_done(task,
			 "%lld rows, unbroken; the last has the hash %.*s: keep it elsewhere, "
			 "and rows that are cut off show too",
			 (long long)walk.rows, STR(buf_str(&hash)));
}

int audit_run(const struct call *call)
{
	static const struct verb verbs[] = {
		{ "list", list, 0, 0, "" },
		{ "verify", verify, 0, 0, "" },
		{ NULL },
	};

	return task_run(call, "audit", verbs);
}
