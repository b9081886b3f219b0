/* SPDX-License-Identifier: Apache-2.0 */
/* Do DKIM records and keys of strangers read without a crash, and twice the same? */
#include "formats/mail/dkim.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena a = { 0 };
	struct str text = str_bytes(data, size);
	struct dkim_key key, again;
	struct err err;
	unsigned bits = 0;
	uint64_t exponent;
	bool is_pkcs1;

	if (dkim_key_parse(&a, text, &key, &err) == 0) {
		if (!key.key_problem.len && key.type == DKIM_KEY_RSA && !key.is_revoked &&
		    (!key.rsa_bits || key.rsa_bits > size * 8))
			abort();
		if (dkim_key_parse(&a, text, &again, &err) < 0 || again.rsa_bits != key.rsa_bits)
			abort();
	}
	if (rsa_key_read(text, &bits, &exponent, &is_pkcs1) == 0 && (!bits || bits > size * 8))
		abort();
	arena_release(&a);
	return 0;
}
