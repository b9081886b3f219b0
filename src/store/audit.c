/* SPDX-License-Identifier: Apache-2.0 */
/* Who did what, in a chain that shows when a row was changed? */
#include "store/audit.h"

#include "store/cursor.h"
#include "store/sql.h"

#include <inttypes.h>
#include <sodium.h>

static void hash_number(crypto_generichash_state *state, uint64_t number)
{
	uint8_t octets[8];

	for (size_t i = 0; i < sizeof octets; i++)
		octets[i] = (uint8_t)(number >> (56 - 8 * i));
	crypto_generichash_update(state, octets, sizeof octets);
}

static void hash_text(crypto_generichash_state *state, struct str text)
{
	hash_number(state, text.len);
	crypto_generichash_update(state, (const uint8_t *)text.data, text.len);
}

static void audit_hash(const uint8_t before[static AUDIT_HASH_BYTES], const struct audit_row *row,
		       uint8_t ret[static AUDIT_HASH_BYTES])
{
	crypto_generichash_state state;

	crypto_generichash_init(&state, NULL, 0, AUDIT_HASH_BYTES);
	crypto_generichash_update(&state, before, AUDIT_HASH_BYTES);
	hash_number(&state, (uint64_t)row->sequence);
	hash_number(&state, (uint64_t)row->workspace);
	hash_number(&state, (uint64_t)row->at);
	hash_text(&state, row->actor);
	hash_text(&state, row->action);
	hash_text(&state, row->subject);
	hash_text(&state, row->before);
	hash_text(&state, row->after);
	crypto_generichash_final(&state, ret, AUDIT_HASH_BYTES);
}

/* The end of the chain; zeros and 0 before the first row. */
static int audit_newest(struct store_tx *tx, uint8_t ret_hash[static AUDIT_HASH_BYTES],
			int64_t *ret_sequence, struct err *err)
{
	struct sql q SQL_CLOSED = sql_query(tx, err, SQL_AUDIT_NEWEST);
	struct str hash;
	int code = sql_step(&q);

	memset(ret_hash, 0, AUDIT_HASH_BYTES);
	*ret_sequence = 0;
	if (code <= 0)
		return code;
	*ret_sequence = sql_int(&q, 0);
	hash = sql_view(&q, 1);
	if (hash.len == AUDIT_HASH_BYTES)
		memcpy(ret_hash, hash.data, AUDIT_HASH_BYTES);
	return sql_end(&q);
}

int audit_insert(struct store_tx *tx, struct audit_row *row, struct err *err)
{
	uint8_t before[AUDIT_HASH_BYTES], hash[AUDIT_HASH_BYTES];
	int64_t newest;

	TRY(audit_newest(tx, before, &newest, err));
	row->sequence = newest + 1;
	row->at = tx->now_us;
	audit_hash(before, row, hash);
	row->hash = str_copy(tx->a, str_bytes(hash, sizeof hash));
	TRY(sql_run(tx, err, SQL_AUDIT_INSERT, SQL_INT(row->sequence), SQL_INT(row->workspace),
		    SQL_INT(row->at), SQL_TEXT(row->actor), SQL_TEXT(row->action),
		    SQL_TEXT(row->subject), SQL_TEXT_OR_NULL(row->before),
		    SQL_TEXT_OR_NULL(row->after), SQL_BLOB(row->hash)));
	return 0;
}

static void audit_columns(struct sql *q, struct audit_row *ret)
{
	*ret = (struct audit_row){
		.sequence = sql_int(q, 0),
		.workspace = sql_int(q, 1),
		.at = sql_int(q, 2),
		.actor = sql_text(q, 3),
		.action = sql_text(q, 4),
		.subject = sql_text(q, 5),
		.before = sql_text(q, 6),
		.after = sql_text(q, 7),
		.hash = sql_blob(q, 8),
	};
}

int audit_list(struct store_tx *tx, int64_t workspace, const struct page *page,
	       struct audit_row **ret, size_t *ret_count, struct str *ret_next, struct err *err)
{
	struct audit_row *rows = arena_array(tx->a, page->limit + (size_t)1, sizeof *rows);
	size_t count = 0;
	int64_t before;
	int code;

	TRY(cursor_read_number(page->after, INT64_MAX, &before, err));
	struct sql q SQL_CLOSED = sql_query(tx, err, SQL_AUDIT_LIST, SQL_INT(workspace),
					    SQL_INT(before), SQL_INT(page->limit + INT64_C(1)));

	for (code = sql_step(&q); code > 0 && count <= page->limit; code = sql_step(&q))
		audit_columns(&q, &rows[count++]);
	TRY(code);
	*ret_next = STR_NONE;
	if (count > page->limit)
		*ret_next = cursor_write_number(tx->a, rows[(count = page->limit) - 1].sequence);
	*ret = rows;
	*ret_count = count;
	return 0;
}

/* Numbers have no gap: a row that was taken out is missed. */
static int audit_fits(struct audit_walk *walk, const struct audit_row *row, struct err *err)
{
	uint8_t hash[AUDIT_HASH_BYTES];

	if (row->sequence != walk->sequence + 1)
		return err_set(err, ERR_SYNTAX,
			       "audit row %" PRId64 " is missing: the next one is %" PRId64,
			       walk->sequence + 1, row->sequence);
	audit_hash(walk->hash, row, hash);
	if (!str_eq(row->hash, str_bytes(hash, sizeof hash)))
		return err_set(err, ERR_SYNTAX,
			       "audit row %" PRId64 " was changed: its hash does not fit",
			       row->sequence);
	memcpy(walk->hash, hash, sizeof hash);
	walk->sequence = row->sequence;
	walk->rows++;
	return 0;
}

int audit_verify(struct store_tx *tx, struct audit_walk *walk, unsigned limit, bool *ret_is_end,
		 struct err *err)
{
	struct sql q SQL_CLOSED =
		sql_query(tx, err, SQL_AUDIT_WALK, SQL_INT(walk->sequence), SQL_INT(limit));
	struct arena_mark mark = arena_mark(tx->a);
	unsigned seen = 0;
	int code;

	for (code = sql_step(&q); code > 0 && seen < limit; code = sql_step(&q)) {
		struct audit_row row;

		audit_columns(&q, &row);
		TRY(audit_fits(walk, &row, err));
		arena_rewind(tx->a, mark);
		seen++;
	}
	TRY(code);
	*ret_is_end = seen < limit;
	return 0;
}
