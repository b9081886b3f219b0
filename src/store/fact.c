/* SPDX-License-Identifier: Apache-2.0 */
/* How are facts and documents kept once, whoever saw them and how often? */
#include "store/fact.h"

#include <sodium.h>
#include <zstd.h>

#include "base/desc.h"
#include "facts/fact.h"
#include "store/garbage.h"
#include "store/sql.h"

enum { AS_IS = 0, COMPRESSED = 1, WITH_PREFIX = 2, WORTH_BYTES = 256, LEVEL = 3 };

static struct fact_hash hash_of(struct str bytes)
{
	struct fact_hash hash;

	crypto_generichash(hash.octets, sizeof hash.octets, (const unsigned char *)bytes.data,
			   bytes.len, NULL, 0);
	return hash;
}

static struct str octets_of(const struct fact_hash *hash)
{
	return str_bytes(hash->octets, sizeof hash->octets);
}

/* ---- content ---- */

static struct str encode(struct arena *a, struct str bytes)
{
	size_t room = ZSTD_compressBound(bytes.len), len;
	char *out = arena_alloc(a, 1 + MAX(room, bytes.len));

	if (bytes.len >= WORTH_BYTES) {
		len = ZSTD_compress(out + 1, room, bytes.data, bytes.len, LEVEL);
		if (!ZSTD_isError(len) && len < bytes.len) {
			out[0] = COMPRESSED;
			return str_bytes(out, 1 + len);
		}
	}
	out[0] = AS_IS;
	if (bytes.len)
		memcpy(out + 1, bytes.data, bytes.len);
	return str_bytes(out, 1 + bytes.len);
}

static int damaged(struct err *err)
{
	return err_set(err, ERR_CORRUPT, "a stored fact or document is damaged; run dss db check");
}

int document_decode(struct arena *a, struct str bytes, struct str *ret, struct err *err)
{
	struct str content = str_from(bytes, 1);
	unsigned long long len;
	char *out;

	if (!bytes.len)
		return damaged(err);
	if (bytes.data[0] == AS_IS) {
		*ret = str_copy(a, content);
		return 0;
	}
	len = ZSTD_getFrameContentSize(content.data, content.len);
	if (bytes.data[0] != COMPRESSED || len > FACT_BYTES) /* errors are huge numbers */
		return damaged(err);
	out = arena_alloc(a, len);
	if (ZSTD_decompress(out, len, content.data, content.len) != len)
		return damaged(err);
	*ret = str_bytes(out, len);
	return 0;
}

static int check_size(struct str bytes, struct err *err)
{
	if (bytes.len <= FACT_BYTES)
		return 0;
	return err_set(err, ERR_LIMIT, "a fact or document of %zu octets; %d are allowed",
		       bytes.len, FACT_BYTES);
}

/* How each sort of content is found by its hash, with whether it is noted as garbage; and made. */
static const struct {
	unsigned find, insert;
} statements[CONTENTS] = {
	[CONTENT_FACT_SET] = { SQL_FACT_SET_FIND, SQL_FACT_SET_INSERT },
	[CONTENT_DOCUMENT] = { SQL_DOCUMENT_FIND, SQL_DOCUMENT_INSERT },
	[CONTENT_FACT] = { SQL_FACT_FIND, SQL_FACT_INSERT },
};

/* -ENOENT. Who finds it is about to name it: the collector is to leave it. */
static int find(struct store_tx *tx, enum content kind, const struct fact_hash *hash,
		int64_t *ret_no, struct err *err)
{
	struct sql q SQL_CLOSED =
		sql_query(tx, err, statements[kind].find, SQL_BLOB(octets_of(hash)));
	bool is_noted;
	int64_t no;

	TRY(sql_one(&q));
	no = sql_int(&q, 0);
	is_noted = sql_bool(&q, 1);
	TRY(sql_end(&q));
	if (is_noted)
		TRY(garbage_reuse(tx, kind, no, err));
	*ret_no = no;
	return 0;
}

static int put(struct store_tx *tx, enum content kind, const struct fact_hash *hash,
	       struct str bytes, int64_t *ret_no, struct err *err)
{
	struct arena_mark mark = arena_mark(tx->a);
	int code = find(tx, kind, hash, ret_no, err);

	if (code != -ENOENT)
		return code;
	TRY(check_size(bytes, err));
	code = sql_insert(tx, err, ret_no, statements[kind].insert, SQL_BLOB(octets_of(hash)),
			  SQL_BLOB(encode(tx->a, bytes)));
	sql_forget(tx, statements[kind].find, SQL_BLOB(octets_of(hash)));
	arena_rewind(tx->a, mark);
	return code;
}

static int get(struct store_tx *tx, unsigned statement, int64_t no, struct str *ret,
	       struct err *err)
{
	struct sql q SQL_CLOSED = sql_query(tx, err, statement, SQL_INT(no));
	struct str content;

	TRY(sql_one(&q));
	TRY(document_decode(tx->a, sql_view(&q, 0), &content, err));
	TRY(sql_end(&q));
	*ret = content;
	return 0;
}

int document_put(struct store_tx *tx, struct str bytes, int64_t *ret_no, struct err *err)
{
	struct fact_hash hash = hash_of(bytes);

	return put(tx, CONTENT_DOCUMENT, &hash, bytes, ret_no, err);
}

int document_foresee(struct store_tx *tx, struct str bytes, struct err *err)
{
	struct fact_hash hash;

	if (!sql_foresees(tx))
		return 0;
	hash = hash_of(bytes);
	return sql_foresee(tx, err, SQL_DOCUMENT_FIND, SQL_BLOB(octets_of(&hash)));
}

int document_get(struct store_tx *tx, int64_t no, struct str *ret, struct err *err)
{
	return get(tx, SQL_DOCUMENT_GET, no, ret, err);
}

/* ---- sets: the facts' numbers as zigzag varints of their distance to the one before ---- */

static int put_facts(struct store_tx *tx, const struct fact_set_key *key, struct buf *numbers,
		     struct err *err)
{
	int64_t before = 0, no = 0;

	for (size_t i = 0; i < key->count; i++) {
		int64_t step;

		TRY(put(tx, CONTENT_FACT, &key->hashes[i], key->stable[i], &no, err));
		step = no - before;
		buf_put_varint(numbers, (uint64_t)step << 1 ^ (uint64_t)(step >> 63));
		before = no;
	}
	return 0;
}

int fact_set_key(struct arena *a, const struct str *stable, size_t count, struct fact_set_key *ret,
		 struct err *err)
{
	struct fact_hash *hashes;

	if (count > FACT_SET_FACTS)
		return err_set(err, ERR_LIMIT, "%zu facts in one scan; %d are allowed", count,
			       FACT_SET_FACTS);
	hashes = arena_array(a, count, sizeof *hashes);
	for (size_t i = 0; i < count; i++)
		hashes[i] = hash_of(stable[i]);
	*ret = (struct fact_set_key){ stable, count, hashes,
				      hash_of(str_bytes(hashes, count * sizeof *hashes)) };
	return 0;
}

static int foresee_facts(struct store_tx *tx, const struct fact_set_key *key, struct err *err)
{
	for (size_t i = 0; sql_foresees(tx) && i < key->count; i++)
		TRY(sql_foresee(tx, err, SQL_FACT_FIND, SQL_BLOB(octets_of(&key->hashes[i]))));
	return 0;
}

int fact_set_put_key(struct store_tx *tx, const struct fact_set_key *key, int64_t *ret_no,
		     bool *ret_is_new, struct err *err)
{
	struct buf numbers;
	int code = find(tx, CONTENT_FACT_SET, &key->hash, ret_no, err);

	*ret_is_new = false;
	if (code != -ENOENT)
		return code;
	TRY(foresee_facts(tx, key, err));
	buf_init(&numbers, tx->a);
	buf_reserve(&numbers, key->count * 10); /* not moved by what put() gives back */
	TRY(put_facts(tx, key, &numbers, err));
	TRY(sql_insert(tx, err, ret_no, SQL_FACT_SET_INSERT, SQL_BLOB(octets_of(&key->hash)),
		       SQL_BLOB(buf_str(&numbers))));
	sql_forget(tx, SQL_FACT_SET_FIND, SQL_BLOB(octets_of(&key->hash)));
	*ret_is_new = true;
	return 0;
}

int fact_set_put(struct store_tx *tx, const struct str *stable, size_t count, int64_t *ret_no,
		 struct err *err)
{
	struct fact_set_key key;
	bool is_new;

	TRY(fact_set_key(tx->a, stable, count, &key, err));
	return fact_set_put_key(tx, &key, ret_no, &is_new, err);
}

int fact_set_foresee(struct store_tx *tx, const struct fact_set_key *key, struct err *err)
{
	return sql_foresee(tx, err, SQL_FACT_SET_FIND, SQL_BLOB(octets_of(&key->hash)));
}

int fact_set_foresee_rest(struct store_tx *tx, const struct fact_set_key *key, struct err *err)
{
	int64_t no;
	int code;

	if (!sql_foresees(tx))
		return 0;
	code = sql_number(tx, err, &no, SQL_FACT_SET_FIND, SQL_BLOB(octets_of(&key->hash)));
	if (code == -ENOENT)
		return foresee_facts(tx, key, err);
	TRY(code);
	return sql_foresee(tx, err, SQL_FACT_SET_VOLATILE, SQL_INT(no));
}

static int get_numbers(struct store_tx *tx, int64_t no, struct str *ret, struct err *err)
{
	struct sql q SQL_CLOSED = sql_query(tx, err, SQL_FACT_SET_GET, SQL_INT(no));
	struct str numbers;

	TRY(sql_one(&q));
	numbers = sql_blob(&q, 0);
	TRY(sql_end(&q));
	*ret = numbers;
	return 0;
}

int fact_set_number(struct str *numbers, int64_t *no, struct err *err)
{
	uint64_t step;

	if (varint_take(numbers, &step) < 0)
		return damaged(err);
	*no += (int64_t)(step >> 1) ^ -(int64_t)(step & 1);
	return 0;
}

static int foresee_gets(struct store_tx *tx, struct str numbers, struct err *err)
{
	int64_t fact = 0;

	while (sql_foresees(tx) && numbers.len) {
		TRY(fact_set_number(&numbers, &fact, err));
		TRY(sql_foresee(tx, err, SQL_FACT_GET, SQL_INT(fact)));
	}
	return 0;
}

static int get_fact(struct store_tx *tx, int64_t no, struct str *ret, struct err *err)
{
	int code = get(tx, SQL_FACT_GET, no, ret, err);

	return code == -ENOENT ? damaged(err) : code;
}

int fact_set_get(struct store_tx *tx, int64_t no, struct str **ret, size_t *ret_count,
		 struct err *err)
{
	struct str numbers;
	struct buf facts;
	int64_t fact = 0;

	TRY(get_numbers(tx, no, &numbers, err));
	TRY(foresee_gets(tx, numbers, err));
	buf_init(&facts, tx->a);
	while (numbers.len) {
		struct str content;

		TRY(fact_set_number(&numbers, &fact, err));
		TRY(get_fact(tx, fact, &content, err));
		buf_put(&facts, &content, sizeof content);
	}
	*ret = (struct str *)facts.data;
	*ret_count = facts.len / sizeof **ret;
	return 0;
}

enum { FORESEEN_LAST = 8 /**< facts of registries and policies: most sets have fewer */ };

int fact_set_get_kinds(struct store_tx *tx, int64_t no, uint8_t least, struct str **ret,
		       size_t *ret_count, struct err *err)
{
	struct str numbers, *facts;
	size_t count = 0, first;
	struct buf all;
	int64_t fact = 0, *last;

	TRY(get_numbers(tx, no, &numbers, err));
	buf_init(&all, tx->a);
	while (numbers.len) {
		TRY(fact_set_number(&numbers, &fact, err));
		buf_put(&all, &fact, sizeof fact);
	}
	last = (int64_t *)(void *)all.data;
	count = all.len / sizeof *last;
	for (size_t i = count; sql_foresees(tx) && i-- > 0 && count - i <= FORESEEN_LAST;)
		TRY(sql_foresee(tx, err, SQL_FACT_GET, SQL_INT(last[i])));
	facts = arena_array(tx->a, count, sizeof *facts);
	for (first = count; first > 0; first--) {
		TRY(get_fact(tx, last[first - 1], &facts[first - 1], err));
		if (fact_encoded_kind(facts[first - 1]) < least)
			break;
	}
	*ret = facts + first;
	*ret_count = count - first;
	return 0;
}

/* ---- blobs of scans, against that of the set's first ---- */

static void compressor_free(ZSTD_CCtx **c)
{
	ZSTD_freeCCtx(*c);
}

static void decompressor_free(ZSTD_DCtx **d)
{
	ZSTD_freeDCtx(*d);
}

static struct str encode_with(struct arena *a, struct str prefix, struct str blob)
{
	ZSTD_CCtx *c _cleanup_(compressor_free) = ZSTD_createCCtx();
	size_t room = ZSTD_compressBound(blob.len), len = 0;
	char *out = arena_alloc(a, 1 + room);

	if (!c || ZSTD_isError(ZSTD_CCtx_setParameter(c, ZSTD_c_compressionLevel, LEVEL)) ||
	    ZSTD_isError(ZSTD_CCtx_refPrefix(c, prefix.data, prefix.len)))
		return encode(a, blob);
	len = ZSTD_compress2(c, out + 1, room, blob.data, blob.len);
	if (ZSTD_isError(len) || len >= blob.len)
		return encode(a, blob);
	out[0] = WITH_PREFIX;
	return str_bytes(out, 1 + len);
}

static int decode_with(struct arena *a, struct str prefix, struct str kept, struct str *ret,
		       struct err *err)
{
	ZSTD_DCtx *d _cleanup_(decompressor_free) = ZSTD_createDCtx();
	struct str content = str_from(kept, 1);
	unsigned long long len = ZSTD_getFrameContentSize(content.data, content.len);
	char *out;

	if (!d || len > FACT_BYTES)
		return damaged(err);
	out = arena_alloc(a, len);
	if (ZSTD_isError(ZSTD_DCtx_refPrefix(d, prefix.data, prefix.len)) ||
	    ZSTD_decompressDCtx(d, out, len, content.data, content.len) != len)
		return damaged(err);
	*ret = str_bytes(out, len);
	return 0;
}

/* That of the set's first scan; empty: it has none yet. */
static int get_first(struct store_tx *tx, int64_t set, struct str *ret, struct err *err)
{
	struct sql q SQL_CLOSED = sql_query(tx, err, SQL_FACT_SET_VOLATILE, SQL_INT(set));
	struct str first = STR_NONE;

	TRY(sql_one(&q));
	if (!sql_is_null(&q, 0))
		TRY(document_decode(tx->a, sql_view(&q, 0), &first, err));
	TRY(sql_end(&q));
	*ret = first;
	return 0;
}

int fact_volatile_put(struct store_tx *tx, int64_t set, bool is_new, struct str blob,
		      struct str *ret_kept, struct err *err)
{
	struct str first = STR_NONE;

	if (set && !is_new)
		TRY(get_first(tx, set, &first, err));
	if (str_eq(first, blob)) {
		*ret_kept = STR_NONE;
		return 0;
	}
	if (first.len) {
		*ret_kept = blob.len ? encode_with(tx->a, first, blob) : encode(tx->a, blob);
		return 0;
	}
	if (!set) {
		*ret_kept = encode(tx->a, blob);
		return 0;
	}
	TRY(sql_change(tx, err, SQL_FACT_SET_KEEP_VOLATILE, SQL_INT(set),
		       SQL_BLOB(encode(tx->a, blob))));
	sql_forget(tx, SQL_FACT_SET_VOLATILE, SQL_INT(set));
	*ret_kept = STR_NONE;
	return 0;
}

int fact_volatile_get(struct store_tx *tx, int64_t set, struct str kept, struct str *ret_blob,
		      struct err *err)
{
	struct str first = STR_NONE;

	if (kept.len && kept.data[0] != WITH_PREFIX)
		return document_decode(tx->a, kept, ret_blob, err);
	if (set)
		TRY(get_first(tx, set, &first, err));
	if (kept.len)
		return decode_with(tx->a, first, kept, ret_blob, err);
	*ret_blob = first;
	return 0;
}
