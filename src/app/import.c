/* SPDX-License-Identifier: Apache-2.0 */
/* How do many domains come in at once? */
#include "app/import.h"

#include "app/domain_fields.h"
#include "app/record.h"
#include "store/workspace.h"

#include <inttypes.h>

enum { MARK_BITS = 8, REMOVE_STEP = 500 };

const char *const import_mode_words[] = {
	[IMPORT_ADD] = "add", [IMPORT_UPSERT] = "upsert", [IMPORT_REPLACE] = "replace", NULL
};
const char *const import_outcome_words[] = {
	[IMPORT_ADDED] = "added",         [IMPORT_UPDATED] = "updated",
	[IMPORT_UNCHANGED] = "unchanged", [IMPORT_EXISTS] = "exists",
	[IMPORT_REJECTED] = "rejected",   NULL
};

struct import {
	struct app *app;
	struct actor actor;
	enum import_mode mode;
	bool is_dry;
	size_t counts[IMPORT_OUTCOMES];
	int64_t added_dry; /* what a real one would have taken of the quota */
	int64_t newest;    /* domain.no at the beginning, -1 before: what came later stays */
	uint8_t *marks;    /* of IMPORT_REPLACE: a bit for each domain that a row named */
	size_t mark_bytes;
	struct arena a; /* of the actor's texts */
};

/* One thousand. */
struct chunk {
	struct import *import;
	struct arena *a;
	struct import_row *rows;
	struct domain_fields *fields;
	int64_t *numbers; /* of the rows' domains; 0: none */
	struct uuid *ids; /* of those that were sent to be added; nil: of the others */
	size_t count;
	int64_t room; /* of the quota; INT64_MAX: no limit */
	int64_t added;
};

int app_import_begin(struct app *app, const struct actor *actor, enum import_mode mode, bool is_dry,
		     struct import **ret, struct problem *problem)
{
	struct import *import;

	TRY(actor_may(actor, SCOPE_DOMAINS_WRITE, problem));
	import = memory_alloc(sizeof *import);
	*import = (struct import){
		.app = app, .actor = *actor, .mode = mode, .is_dry = is_dry, .newest = -1
	};
	import->actor.name = str_copy(&import->a, actor->name);
	import->actor.request_id = str_copy(&import->a, actor->request_id);
	import->actor.trace = str_copy(&import->a, actor->trace);
	*ret = import;
	return 0;
}

void app_import_abandon(struct import *import)
{
	if (!import)
		return;
	memory_free(import->marks);
	arena_release(&import->a);
	memory_free(import);
}

size_t app_import_count(const struct import *import, enum import_outcome outcome)
{
	return import->counts[outcome];
}

static void mark(struct import *import, int64_t no)
{
	size_t at = (size_t)no / MARK_BITS;

	if (at >= import->mark_bytes) {
		size_t bytes = MAX(at + 1, import->mark_bytes * 2);

		import->marks = memory_resize(import->marks, bytes);
		memset(import->marks + import->mark_bytes, 0, bytes - import->mark_bytes);
		import->mark_bytes = bytes;
	}
	import->marks[at] |= (uint8_t)(1u << no % MARK_BITS);
}

static bool is_marked(const struct import *import, int64_t no)
{
	size_t at = (size_t)no / MARK_BITS;

	return at < import->mark_bytes && import->marks[at] >> no % MARK_BITS & 1;
}

static void reject(struct import_row *row, struct str pointer, const char *code, struct str detail)
{
	row->outcome = IMPORT_REJECTED;
	row->error = (struct field_error){ pointer, str_of(code), detail };
}

/* What needs no store: the row's name and fields. */
static void row_read(struct chunk *chunk, size_t i)
{
	struct import_row *row = &chunk->rows[i];
	struct problem problem;

	row->outcome = IMPORT_ADDED;
	row->name = row->note = STR_NONE;
	if (row->is_unreadable) {
		row->outcome = IMPORT_REJECTED;
		return;
	}
	row->error = (struct field_error){ 0 };
	if (domain_name_read(chunk->a, row->input.name, STR_LIT("/name"), &row->name, &row->note,
			     &row->error) < 0) {
		row->outcome = IMPORT_REJECTED;
		return;
	}
	problem_init(&problem, chunk->a);
	if (domain_fields_read(chunk->a, &row->input, &chunk->fields[i], &problem) < 0) {
		row->outcome = IMPORT_REJECTED;
		row->error = problem.errors[0];
	}
}

static int tell(struct store_tx *tx, const struct chunk *chunk, const struct domain_row *row,
		enum event_type type, struct str before, struct err *err)
{
	const struct actor *actor = &chunk->import->actor;

	TRY(record_event(
		tx, actor,
		(struct event_row){
			.type = type, .domain = row->no, .object = row->id, .severity = -1 },
		err));
	return record_audit(tx, actor,
			    type == EVENT_DOMAIN_CREATED ? "domain.create" : "domain.update",
			    row->name, before, domain_json(tx->a, row), err);
}

static int row_merge(struct store_tx *tx, struct chunk *chunk, size_t i, struct err *err)
{
	struct import_row *row = &chunk->rows[i];
	struct domain_row stored;
	struct str before;

	TRY(domain_find(tx, chunk->import->actor.workspace, row->name, &stored, err));
	chunk->numbers[i] = stored.no;
	if (chunk->import->mode == IMPORT_ADD) {
		row->outcome = IMPORT_EXISTS;
		return 0;
	}
	before = domain_json(tx->a, &stored);
	row->outcome = IMPORT_UNCHANGED;
	if (!domain_fields_apply(&chunk->fields[i], &stored))
		return 0;
	row->outcome = IMPORT_UPDATED;
	TRY(domain_update(tx, &stored, err));
	return tell(tx, chunk, &stored, EVENT_DOMAIN_UPDATED, before, err);
}

static bool is_to_store(const struct import_row *row)
{
	return row->outcome != IMPORT_REJECTED || str_eq(row->error.code, STR_LIT("quota"));
}

static struct domain_row row_of(const struct chunk *chunk, size_t i)
{
	struct domain_row row = { .id = chunk->ids[i],
				  .workspace = chunk->import->actor.workspace,
				  .name = chunk->rows[i].name,
				  .profile = DOMAIN_NO_PROFILE };

	(void)domain_fields_apply(&chunk->fields[i], &row);
	return row;
}

/* Where asking costs a way: first all are asked for, then all that are not there are sent to be added;
 * no more than there is room for. */
static int foresee_rows(struct store_tx *tx, struct chunk *chunk, struct err *err)
{
	int64_t workspace = chunk->import->actor.workspace, sent = 0;

	for (size_t i = 0; i < chunk->count; i++)
		if (is_to_store(&chunk->rows[i]))
			TRY(domain_foresee_name(tx, workspace, chunk->rows[i].name, err));
	for (size_t i = 0; i < chunk->count; i++) {
		struct domain_row row;

		if (!is_to_store(&chunk->rows[i]))
			continue;
		TRY(domain_foresee_rest(tx, workspace, chunk->rows[i].name, &chunk->numbers[i],
					err));
		if (chunk->numbers[i] || sent++ >= chunk->room)
			continue;
		row = row_of(chunk, i);
		TRY(domain_foresee_insert(tx, &row, err));
		chunk->ids[i] = row.id;
	}
	return 0;
}

/* No room: only what is there may be named. */
static int row_look(struct store_tx *tx, struct chunk *chunk, size_t i, struct err *err)
{
	struct import_row *row = &chunk->rows[i];
	struct domain_row stored;
	struct err why;
	int code = domain_find(tx, chunk->import->actor.workspace, row->name, &stored, &why);

	if (code == 0)
		return row_merge(tx, chunk, i, err);
	if (code != -ENOENT)
		return err_set(err, code, "%s", why.text);
	reject(row, STR_LIT("/name"), "quota", STR_LIT("the quota of domains is used up"));
	return 0;
}

static int row_store(struct store_tx *tx, struct chunk *chunk, size_t i, struct err *err)
{
	struct domain_row fresh;
	struct err why;
	int code;

	if (chunk->numbers[i])
		return row_merge(tx, chunk, i, err);
	if (chunk->added >= chunk->room)
		return row_look(tx, chunk, i, err);
	fresh = row_of(chunk, i);
	code = uuid_is_nil(fresh.id) ? domain_insert(tx, &fresh, &why)
				     : domain_insert_foreseen(tx, &fresh, &why);
	if (code == -EEXIST)
		return row_merge(tx, chunk, i, err);
	if (code < 0)
		return err_set(err, code, "%s", why.text);
	chunk->rows[i].outcome = IMPORT_ADDED;
	chunk->numbers[i] = fresh.no;
	chunk->added++;
	return tell(tx, chunk, &fresh, EVENT_DOMAIN_CREATED, STR_NONE, err);
}

static int rows_store(struct store_tx *tx, struct chunk *chunk, struct err *err)
{
	struct arena_mark mark = arena_mark(tx->a);

	TRY(foresee_rows(tx, chunk, err));
	for (size_t i = 0; i < chunk->count; i++) {
		if (is_to_store(&chunk->rows[i]))
			TRY(row_store(tx, chunk, i, err));
		arena_rewind(tx->a, mark);
	}
	return 0;
}

static int store_chunk(struct store_tx *tx, void *context, struct err *err)
{
	struct chunk *chunk = context;
	struct import *import = chunk->import;
	struct workspace_row workspace;

	TRY(workspace_get(tx, import->actor.workspace, &workspace, err));
	chunk->room = INT64_MAX;
	chunk->added = 0;
	if (workspace.quotas.max_domains)
		chunk->room = workspace.quotas.max_domains - workspace.domains - import->added_dry;
	if (import->newest < 0)
		TRY(domain_newest(tx, &import->newest, err));
	memset(chunk->numbers, 0, chunk->count * sizeof *chunk->numbers);
	memset(chunk->ids, 0, chunk->count * sizeof *chunk->ids);
	TRY(rows_store(tx, chunk, err));
	if (import->is_dry)
		return -ECANCELED; /* all of it is undone */
	return chunk->added ? workspace_use_domains(tx, import->actor.workspace, chunk->added, err)
			    : 0;
}

int app_import_rows(struct import *import, struct arena *a, struct import_row *rows, size_t count,
		    struct problem *problem)
{
	struct chunk chunk = { .import = import, .a = a, .rows = rows, .count = count };
	int code;

	if (count > IMPORT_ROWS)
		return err_set(&problem->err, -E2BIG, "at most %d rows at once", IMPORT_ROWS);
	chunk.fields = arena_array(a, count + 1, sizeof *chunk.fields);
	chunk.numbers = arena_array(a, count + 1, sizeof *chunk.numbers);
	chunk.ids = arena_array(a, count + 1, sizeof *chunk.ids);
	for (size_t i = 0; i < count; i++)
		row_read(&chunk, i);
	code = store_write(import->app->store, store_chunk, &chunk, &problem->err);
	if (import->is_dry && code == -ECANCELED) {
		import->added_dry += chunk.added;
		problem->err = (struct err){ 0 };
		code = 0;
	}
	TRY(code);
	for (size_t i = 0; i < count; i++) {
		import->counts[rows[i].outcome]++;
		if (import->mode == IMPORT_REPLACE && chunk.numbers[i])
			mark(import, chunk.numbers[i]);
	}
	return 0;
}

/* ---- what no row named ---- */

struct removal {
	struct import *import;
	int64_t after, last;
	int64_t removed;
	bool is_end;
};

static int remove_one(struct store_tx *tx, struct removal *removal, int64_t no, struct err *err)
{
	const struct actor *actor = &removal->import->actor;
	struct domain_row row;

	TRY(domain_get(tx, no, &row, err));
	TRY(record_event(tx, actor,
			 (struct event_row){ .type = EVENT_DOMAIN_DELETED,
					     .domain = row.no,
					     .object = row.id,
					     .severity = -1 },
			 err));
	TRY(record_removed(tx, actor, APPLIED_DOMAIN, row.id, err));
	TRY(domain_delete(tx, no, false, err));
	return record_audit(tx, actor, "domain.delete", row.name, domain_json(tx->a, &row),
			    STR_NONE, err);
}

static int remove_step(struct store_tx *tx, void *context, struct err *err)
{
	struct removal *removal = context;
	const struct import *import = removal->import;
	struct domain_filter all = { .workspace = import->actor.workspace };
	struct domain_row *rows;
	size_t count;

	removal->removed = 0;
	TRY(domain_walk(tx, &all, removal->after, REMOVE_STEP, &rows, &count, err));
	for (size_t i = 0; i < count; i++) {
		if (rows[i].no > import->newest || is_marked(import, rows[i].no))
			continue;
		removal->removed++;
		if (!import->is_dry)
			TRY(remove_one(tx, removal, rows[i].no, err));
	}
	removal->is_end = count < REMOVE_STEP;
	removal->last = count ? rows[count - 1].no : removal->after;
	return removal->removed && !import->is_dry
		       ? workspace_use_domains(tx, import->actor.workspace, -removal->removed, err)
		       : 0;
}

static int remove_unnamed(struct import *import, int64_t *ret_removed, struct problem *problem)
{
	struct removal removal = { .import = import };
	int64_t removed = 0;

	if (import->counts[IMPORT_REJECTED])
		return problem_add(problem, STR_NONE, "rejected-rows",
				   "%zu rows were rejected: nothing was deleted; mend them and "
				   "import again",
				   import->counts[IMPORT_REJECTED]);
	while (!removal.is_end) {
		TRY((import->is_dry ? store_read : store_write)(import->app->store, remove_step,
								&removal, &problem->err));
		removal.after = removal.last;
		removed += removal.removed;
	}
	*ret_removed = removed;
	return 0;
}

int app_import_end(struct import *import, int64_t *ret_removed, struct problem *problem)
{
	int code = 0;

	*ret_removed = 0;
	if (import->mode == IMPORT_REPLACE)
		code = remove_unnamed(import, ret_removed, problem);
	app_import_abandon(import);
	return code;
}
