/* SPDX-License-Identifier: Apache-2.0 */
/* Who did what, in a chain that shows when a row was changed? */
#include "store/audit.h"

#include "store/cursor.h"
#include "store/sql.h"
#include "store/workspace.h"

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

int audit_foresee(struct store_tx *tx, struct err *err)
{
	return sql_foresee(tx, err, SQL_AUDIT_NEWEST);
}

int audit_insert(struct store_tx *tx, struct audit_row *row, struct err *err)
{
	uint8_t hash[AUDIT_HASH_BYTES];

	if (!tx->audit.is_known)
		TRY(audit_newest(tx, tx->audit.hash, &tx->audit.sequence, err));
	tx->audit.is_known = true;
	row->sequence = tx->audit.sequence + 1;
	row->at = tx->now_us;
	audit_hash(tx->audit.hash, row, hash);
	row->hash = str_copy(tx->a, str_bytes(hash, sizeof hash));
	TRY(sql_run(tx, err, SQL_AUDIT_INSERT, SQL_INT(row->sequence), SQL_INT(row->workspace),
		    SQL_INT(row->at), SQL_TEXT(row->actor), SQL_TEXT(row->action),
		    SQL_TEXT(row->subject), SQL_TEXT_OR_NULL(row->before),
		    SQL_TEXT_OR_NULL(row->after), SQL_BLOB(row->hash)));
	tx->audit.sequence = row->sequence;
	memcpy(tx->audit.hash, hash, sizeof hash);
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

/* ---- the head, when old rows were let go ---- */

static const struct str expire_action = STR_INIT("audit.expire");

static struct str head_text(struct arena *a, int64_t sequence, const uint8_t *hash)
{
	char hex[2 * AUDIT_HASH_BYTES + 1];

	sodium_bin2hex(hex, sizeof hex, hash, AUDIT_HASH_BYTES);
	return str_printf(a, "{\"through\":%" PRId64 ",\"hash\":\"%s\"}", sequence, hex);
}

/* A walk that stands before the head goes on from there. */
static int head_take(struct store_tx *tx, struct audit_walk *walk, struct err *err)
{
	struct sql q SQL_CLOSED = sql_query(tx, err, SQL_AUDIT_HEAD);
	struct str hash;
	int64_t head;
	int code = sql_step(&q);

	if (code <= 0)
		return code;
	head = sql_int(&q, 0);
	hash = sql_view(&q, 1);
	if (hash.len != AUDIT_HASH_BYTES)
		return err_set(err, ERR_SYNTAX, "the head of the audit trail is damaged");
	if (head > walk->head) {
		walk->head = head;
		walk->is_said = false;
		memcpy(walk->head_hash, hash.data, AUDIT_HASH_BYTES);
	}
	if (head > walk->sequence) {
		walk->sequence = head;
		memcpy(walk->hash, hash.data, AUDIT_HASH_BYTES);
	}
	return sql_end(&q);
}

static int head_is_said(const struct audit_walk *walk, struct err *err)
{
	if (!walk->head || walk->is_said)
		return 0;
	return err_set(err, ERR_SYNTAX,
		       "audit rows up to %" PRId64
		       " are missing: no row says that they were let go",
		       walk->head);
}

int audit_expire(struct store_tx *tx, int64_t before, unsigned limit, int64_t *ret_gone,
		 struct err *err)
{
	struct sql q SQL_CLOSED = sql_query(tx, err, SQL_AUDIT_OLDEST, SQL_INT(limit));
	uint8_t newest_hash[AUDIT_HASH_BYTES];
	struct audit_row row = { .workspace = WORKSPACE_DEFAULT,
				 .actor = STR_LIT("system"),
				 .action = expire_action,
				 .subject = STR_LIT("audit") };
	struct str hash = STR_NONE;
	int64_t newest, last = 0, gone = 0;
	int code;

	TRY(audit_newest(tx, newest_hash, &newest, err));
	for (code = sql_step(&q); code > 0; code = sql_step(&q), gone++) {
		if (sql_int(&q, 1) >= before || sql_int(&q, 0) >= newest)
			break;
		last = sql_int(&q, 0);
		hash = sql_blob(&q, 2);
	}
	TRY(code);
	*ret_gone = gone;
	if (!gone)
		return 0;
	if (hash.len != AUDIT_HASH_BYTES)
		return err_set(err, ERR_CORRUPT, "the hash of audit row %" PRId64 " is damaged",
			       last);
	sql_close(&q);
	TRY(sql_run(tx, err, SQL_AUDIT_CUT, SQL_INT(last)));
	TRY(sql_run(tx, err, SQL_AUDIT_HEAD_SET, SQL_INT(last), SQL_BLOB(hash)));
	row.after = head_text(tx->a, last, (const uint8_t *)hash.data);
	return audit_insert(tx, &row, err);
}

/* ---- the chain ---- */

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
	struct arena_mark mark = arena_mark(tx->a);
	unsigned seen = 0;
	int code;

	TRY(head_take(tx, walk, err));
	struct sql q SQL_CLOSED =
		sql_query(tx, err, SQL_AUDIT_WALK, SQL_INT(walk->sequence), SQL_INT(limit));

	for (code = sql_step(&q); code > 0 && seen < limit; code = sql_step(&q)) {
		struct audit_row row;

		audit_columns(&q, &row);
		TRY(audit_fits(walk, &row, err));
		walk->is_said |= str_eq(row.action, expire_action) &&
				 str_eq(row.after, head_text(tx->a, walk->head, walk->head_hash));
		arena_rewind(tx->a, mark);
		seen++;
	}
	TRY(code);
	*ret_is_end = seen < limit;
	return *ret_is_end ? head_is_said(walk, err) : 0;
}
