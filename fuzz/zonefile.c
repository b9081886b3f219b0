/* SPDX-License-Identifier: Apache-2.0 */
/* Do zone files of strangers give owner names within their bounds, line by line? */
#include "formats/dns/tsig.h"
#include "formats/dns/zonefile.h"

/* The same text as the file of a key. */
static void as_key(struct str text)
{
	struct arena a = { 0 };
	struct err err = { 0 };
	struct tsig_key key;
	int code = tsig_key_read(&a, text, &key, &err);

	if ((code < 0) != (err.text[0] != 0) ||
	    (code == 0 && (!key.secret.len || !tsig_mac_bytes(key.algorithm))))
		abort();
	arena_release(&a);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str rest = str_bytes(data, size), line;
	struct zonefile zone = { 0 };

	as_key(rest);
	while (str_split(&rest, '\n', &line)) {
		struct err err = { 0 };
		struct str owner = STR_NONE;
		int code = zonefile_owner(&zone, line, &owner, &err);

		if ((code == ERR_SYNTAX) != (err.text[0] != 0) || code > 1 ||
		    (code < 0 && code != ERR_SYNTAX))
			abort();
		if (code == 1 && (!owner.len || owner.len > ZONEFILE_NAME_BYTES))
			abort();
		if (zone.origin_len > ZONEFILE_NAME_BYTES || zone.owner_len > ZONEFILE_NAME_BYTES)
			abort();
	}
	return 0;
}
