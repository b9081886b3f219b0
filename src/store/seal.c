/* SPDX-License-Identifier: Apache-2.0 */
/* How are secrets of others kept? */
#include "store/seal.h"

#include "store/secret.h"

#include <sodium.h>

enum {
	KEY = crypto_secretbox_xchacha20poly1305_KEYBYTES,
	NONCE = crypto_secretbox_xchacha20poly1305_NONCEBYTES,
	MAC = crypto_secretbox_xchacha20poly1305_MACBYTES
};

static int key_get(struct store_tx *tx, struct str *ret, struct err *err)
{
	return secret_get(tx, STR_LIT("seal"), KEY, ret, err);
}

int seal(struct store_tx *tx, struct str clear, struct str *ret, struct err *err)
{
	unsigned char *out = arena_alloc(tx->a, NONCE + MAC + clear.len);
	struct str key;

	TRY(key_get(tx, &key, err));
	randombytes_buf(out, NONCE);
	(void)crypto_secretbox_xchacha20poly1305_easy(
		out + NONCE, (const unsigned char *)(clear.len ? clear.data : ""), clear.len, out,
		(const unsigned char *)key.data);
	*ret = str_bytes(out, NONCE + MAC + clear.len);
	return 0;
}

int unseal(struct store_tx *tx, struct str sealed, struct str *ret, struct err *err)
{
	const unsigned char *octets = (const unsigned char *)sealed.data;
	unsigned char *clear;
	struct str key;

	if (!sealed.len) {
		*ret = STR_NONE;
		return 0;
	}
	TRY(key_get(tx, &key, err));
	if (sealed.len < NONCE + MAC)
		return err_set(err, ERR_CORRUPT, "a sealed secret is cut short");
	clear = arena_alloc(tx->a, sealed.len);
	if (crypto_secretbox_xchacha20poly1305_open_easy(clear, octets + NONCE, sealed.len - NONCE,
							 octets, (const unsigned char *)key.data))
		return err_set(err, ERR_CORRUPT,
			       "a secret was not sealed by this store: give it again");
	*ret = str_bytes(clear, sealed.len - NONCE - MAC);
	return 0;
}
