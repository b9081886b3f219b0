/* SPDX-License-Identifier: Apache-2.0 */
/**
 * The one JSON encoder (RFC 8259): a streaming writer into a buf. Commas are its own affair. Bytes
 * that are not UTF-8 become U+FFFD; controls, DEL, and U+0080 to U+009F are escaped, so that no
 *line of ours can move a terminal's cursor.
 *
 *	json_object(&w); json_key(&w, "name"); json_str(&w, name); json_end(&w);
 */
#ifndef DSS_BASE_JSON_H
#define DSS_BASE_JSON_H

#include "base/str.h"

struct json {
	struct buf *out;
	uint64_t is_array; /**< one bit a level */
	unsigned depth;    /**< at most 63 */
	bool needs_comma, after_key;
};

void json_init(struct json *w, struct buf *out);
void json_object(struct json *w);
void json_array(struct json *w);
/** Ends the innermost object or array. */
void json_end(struct json *w);
/** key: ours, plain ASCII without quotes. */
void json_key_put(struct json *w, const char *key, size_t len);
static inline void json_key(struct json *w, const char *key)
{
	json_key_put(w, key, strlen(key)); /* of a literal: known when compiled */
}
void json_str(struct json *w, struct str s);
void json_text(struct json *w, const char *s);
void json_uint(struct json *w, uint64_t value);
void json_int(struct json *w, int64_t value);
void json_bool(struct json *w, bool value);
void json_null(struct json *w);
/** Hundredths as a decimal number: 1425 is 14.25, 1400 is 14. */
void json_hundredths(struct json *w, int64_t value);
/** Lower-case hexadecimal in quotes. */
void json_hex(struct json *w, struct str bytes);
/**
 * For text that is known to need no escapes: begins a string; the caller appends its characters and
 * the closing quote to the buf returned.
 */
struct buf *json_quoted(struct json *w);
/** Already encoded. */
void json_raw(struct json *w, struct str encoded);

#endif
