/* SPDX-License-Identifier: Apache-2.0 */
/* Is a cursor ours, and where does it go on? */
#include "roles/api/listing.h"

#include <sodium.h>

#include "base/encode.h"

enum { TAG_BYTES = 16 };

/* The scope stands first with its length, so that no two pairs of scope and row hash the same text. */
static void tag_of(unsigned char tag[static TAG_BYTES], struct str key, struct str scope,
		   struct str after)
{
	uint64_t len = scope.len;
	crypto_generichash_state state;

	crypto_generichash_init(&state, (const unsigned char *)key.data, key.len, TAG_BYTES);
	crypto_generichash_update(&state, (const unsigned char *)&len, sizeof len);
	crypto_generichash_update(&state, (const unsigned char *)scope.data, scope.len);
	crypto_generichash_update(&state, (const unsigned char *)after.data, after.len);
	crypto_generichash_final(&state, tag, TAG_BYTES);
}

struct str cursor_sign(struct arena *a, struct str key, struct str scope, struct str after)
{
	unsigned char tag[TAG_BYTES];
	struct buf octets, text;

	tag_of(tag, key, scope, after);
	buf_init(&octets, a);
	buf_put(&octets, tag, sizeof tag);
	buf_put_str(&octets, after);
	buf_init(&text, a);
	base32hex_put(&text, buf_str(&octets));
	return str_copy(a, buf_str(&text));
}

int cursor_verify(struct arena *a, struct str key, struct str scope, struct str text,
		  struct str *ret_after)
{
	unsigned char tag[TAG_BYTES];
	struct buf octets;
	struct str after;

	buf_init(&octets, a);
	TRY(base32hex_read(&octets, text));
	if (octets.len <= TAG_BYTES)
		return ERR_SYNTAX;
	after = str_from(buf_str(&octets), TAG_BYTES);
	tag_of(tag, key, scope, after);
	if (sodium_memcmp(tag, octets.data, TAG_BYTES))
		return ERR_SYNTAX;
	*ret_after = after;
	return 0;
}
