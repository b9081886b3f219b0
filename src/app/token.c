/* SPDX-License-Identifier: Apache-2.0 */
/* How are secrets made, told, and kept? */
#include "app/token.h"

#include <sodium.h>

static const char digits[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

enum { BASE = sizeof digits - 1, CHECK_CHARS = 6, KEY_PREFIX_CHARS = 4 };
#define KEY_PREFIX "dss_"

static void random_put(struct buf *out, size_t count)
{
	for (size_t i = 0; i < count; i++)
		buf_put_char(out, digits[randombytes_uniform(BASE)]);
}

struct str token_new(struct arena *a)
{
	struct buf out;

	buf_init(&out, a);
	random_put(&out, TOKEN_CHARS);
	return buf_str(&out);
}

struct str token_hash(struct arena *a, struct str token)
{
	uint8_t *hash = arena_alloc(a, TOKEN_HASH_BYTES);

	crypto_generichash(hash, TOKEN_HASH_BYTES, (const uint8_t *)token.data, token.len, NULL, 0);
	return str_bytes(hash, TOKEN_HASH_BYTES);
}

bool token_eq(struct str a, struct str b)
{
	return a.len == b.len && (!a.len || !sodium_memcmp(a.data, b.data, a.len));
}

static uint32_t crc32_of(struct str text)
{
	uint32_t crc = ~UINT32_C(0);

	for (size_t i = 0; i < text.len; i++) {
		crc ^= (uint8_t)text.data[i];
		for (int bit = 0; bit < 8; bit++)
			crc = crc >> 1 ^ (UINT32_C(0xedb88320) & -(crc & 1));
	}
	return ~crc;
}

static void check_put(struct buf *out, struct str text)
{
	uint32_t crc = crc32_of(text);
	char check[CHECK_CHARS];

	for (size_t i = CHECK_CHARS; i-- > 0; crc /= BASE)
		check[i] = digits[crc % BASE];
	buf_put(out, check, sizeof check);
}

struct str key_new(struct arena *a)
{
	struct buf out;

	buf_init(&out, a);
	buf_put_lit(&out, KEY_PREFIX);
	random_put(&out, KEY_CHARS - KEY_PREFIX_CHARS - CHECK_CHARS);
	check_put(&out, buf_str(&out));
	return buf_str(&out);
}

bool key_is_one(struct str text)
{
	char room[CHECK_CHARS + 1];
	struct buf check = { .data = room, .cap = sizeof room };

	if (text.len != KEY_CHARS || !str_starts(text, STR_LIT(KEY_PREFIX)))
		return false;
	check_put(&check, str_first(text, KEY_CHARS - CHECK_CHARS));
	return str_eq(buf_str(&check), str_from(text, KEY_CHARS - CHECK_CHARS));
}
