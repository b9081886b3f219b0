/* SPDX-License-Identifier: Apache-2.0 */
/* How does a whole store come into another, and is it the same there? */
#include "store/move.h"

#include "store/mover.h"
#include "store/parts.h"

#include <sodium.h>

/* The rows of one table, in any order. */
struct sum {
	int64_t rows;
	uint64_t words[4]; /**< of BLAKE2b-256 of each row, added */
};

struct end {
	struct store *store;
	const struct move_backend *backend;
	struct mover *mover;
};

struct move {
	struct end from, to;
	struct arena a;
	struct move_table *tables;
	size_t count;
};

void move_columns(struct buf *out, const struct move_table *table)
{
	for (size_t i = 0; i < table->count; i++)
		buf_printf(out, "%s\"%s\"", i ? ", " : "", table->column[i]);
}

/* ---- sums ---- */

static void hash_value(crypto_generichash_state *state, const struct sql_value *value)
{
	uint64_t head[2] = { value->type, 0 };
	bool is_number = value->type == SQL_TYPE_INT, is_null = value->type == SQL_TYPE_NULL;

	if (!is_null)
		head[1] = is_number ? (uint64_t)value->number : value->octets.len;
	crypto_generichash_update(state, (const uint8_t *)head, sizeof head);
	if (!is_number && !is_null && value->octets.len)
		crypto_generichash_update(state, (const uint8_t *)value->octets.data,
					  value->octets.len);
}

static void sum_add(struct sum *sum, const struct sql_value *values, size_t count)
{
	crypto_generichash_state state;
	uint64_t words[4];

	crypto_generichash_init(&state, NULL, 0, sizeof words);
	for (size_t i = 0; i < count; i++)
		hash_value(&state, &values[i]);
	crypto_generichash_final(&state, (uint8_t *)words, sizeof words);
	for (size_t i = 0; i < ARRAY_COUNT(words); i++)
		sum->words[i] += words[i];
	sum->rows++;
}

static int sum_read(struct end *end, const struct move_table *table, struct sum *ret,
		    struct err *err)
{
	struct sql_value values[MOVE_COLUMNS];
	struct sum sum = { 0 };
	int code;

	TRY(end->backend->read_begin(end->mover, table, err));
	while ((code = end->backend->read_row(end->mover, values, err)) > 0)
		sum_add(&sum, values, table->count);
	*ret = sum;
	return code;
}

/* ---- one table ---- */

static int copy_rows(struct move *move, const struct move_table *table, struct sum *ret,
		     struct err *err)
{
	struct end *from = &move->from, *to = &move->to;
	struct sql_value values[MOVE_COLUMNS];
	struct sum sum = { 0 };
	int code;

	TRY(from->backend->read_begin(from->mover, table, err));
	TRY(to->backend->write_begin(to->mover, table, err));
	while ((code = from->backend->read_row(from->mover, values, err)) > 0) {
		sum_add(&sum, values, table->count);
		TRY(to->backend->write_row(to->mover, values, err));
	}
	TRY(code);
	*ret = sum;
	return to->backend->write_end(to->mover, err);
}

static int move_table(struct move *move, const struct move_table *table, int64_t *ret_rows,
		      struct err *err)
{
	struct end *from = &move->from, *to = &move->to;
	struct sum wrote, read;
	int64_t number = 0;

	TRY(copy_rows(move, table, &wrote, err));
	TRY(from->backend->number_get(from->mover, table, &number, err));
	TRY(to->backend->number_set(to->mover, table, number, err));
	TRY(sum_read(to, table, &read, err));
	if (memcmp(&wrote, &read, sizeof wrote) != 0)
		return err_set(
			err, ERR_CORRUPT,
			"table %s: of %lld rows that were written %lld came back, or others: "
			"nothing was kept",
			table->name, (long long)wrote.rows, (long long)read.rows);
	*ret_rows = wrote.rows;
	return 0;
}

/* ---- all of them ---- */

/* A store that was made and never used has its default workspace, and that is no row of anybody. */
static int check_empty(struct move *move, struct err *err)
{
	char text[256];

	for (size_t i = 0; i < move->count; i++) {
		const char *name = move->tables[i].name;
		bool is_workspace = !strcmp(name, "workspace");
		int64_t is_used = 0;

		snprintf(text, sizeof text,
			 "SELECT count(*) FROM (SELECT 1 FROM \"%s\" LIMIT 2) part", name);
		TRY(move->to.backend->ask(move->to.mover, text, &is_used, err));
		if (is_used > (is_workspace ? 1 : 0))
			return err_set(err, -ENOTEMPTY,
				       "the store to copy to has rows already (table %s): name one "
				       "that is empty",
				       name);
	}
	return move->to.backend->ask(move->to.mover, "DELETE FROM workspace", NULL, err);
}

static int move_all(struct move *move, store_moved *moved, void *context, struct err *err)
{
	struct end *from = &move->from;

	TRY(from->backend->tables(from->mover, &move->a, &move->tables, &move->count, err));
	TRY(check_empty(move, err));
	for (size_t i = 0; i < move->count; i++) {
		int64_t rows = 0;

		TRY(move_table(move, &move->tables[i], &rows, err));
		if (moved)
			moved(context, move->tables[i].name, rows);
	}
	return move->to.backend->commit(move->to.mover, err);
}

static int end_open(struct end *end, struct str url, bool is_target, struct err *err)
{
	unsigned flags = is_target ? STORE_CREATE : STORE_READ_ONLY | STORE_NO_MIGRATION;

	TRY(store_open(url, flags, &end->store, err));
	end->backend = end->store->backend->move;
	return end->backend->open(end->store->place, is_target, &end->mover, err);
}

static void end_close(struct end *end)
{
	if (end->mover)
		end->backend->close(end->mover);
	store_close(end->store);
}

int store_move(struct str from, struct str to, store_moved *moved, void *context, struct err *err)
{
	struct move move = { .count = 0 };
	int code;

	if (str_eq(from, to))
		return err_set(err, -EINVAL, "the store to copy from and to are the same");
	code = end_open(&move.from, from, false, err);
	if (code == 0)
		code = end_open(&move.to, to, true, err);
	if (code == 0)
		code = move_all(&move, moved, context, err);
	end_close(&move.to);
	end_close(&move.from);
	arena_release(&move.a);
	return code;
}
