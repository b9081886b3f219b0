/* SPDX-License-Identifier: Apache-2.0 */
/**
 * A text in YAML, or in JSON, which is YAML too, as a tree that knows where each value stands. Refused:
 * aliases, anchors, tags, a second document, a key that stands twice, control characters in plain text,
 * nesting of more than YAML_DEPTH, more than YAML_VALUES values. Pure.
 */
#ifndef DSS_FORMATS_YAML_TREE_H
#define DSS_FORMATS_YAML_TREE_H

#include "base/err.h"
#include "base/json.h"

enum { YAML_DEPTH = 16, YAML_VALUES = 2000000, YAML_BYTES = 64 << 20 };

enum yaml_kind { YAML_IS_TEXT, YAML_IS_LIST, YAML_IS_MAP };

struct yaml_value {
	enum yaml_kind kind;
	unsigned line, column; /**< from 1 */
	struct str text;       /**< of YAML_IS_TEXT */
	bool is_plain;         /**< without quotes: "on", "12" and "null" may be more than text */
	struct str key;        /**< of a member of a map */
	unsigned key_line, key_column;
	struct yaml_value **items; /**< of lists and maps, in the order of the text */
	size_t count;
	const struct yaml_value *parent; /**< NULL: the root */
	size_t index;                    /**< among the parent's items */
};

/** An empty text is an empty map. All is in the arena. 0; ERR_SYNTAX, ERR_LIMIT: err says line, column
 * and what is wrong. */
int yaml_read(struct arena *a, struct str text, struct yaml_value **ret, struct err *err) MUST_USE;

/** NULL: the map has no such key. */
const struct yaml_value *yaml_member(const struct yaml_value *map, const char *key);
/** Nothing, ~ or null, without quotes. */
bool yaml_value_is_null(const struct yaml_value *value);
/** As JSON: plain numbers, true, false and null as such, all other scalars as texts. */
void yaml_put_json(struct json *w, const struct yaml_value *value);
/** JSON Pointer (RFC 6901): "/accept/0/until". */
struct str yaml_pointer(struct arena *a, const struct yaml_value *value);

#endif
