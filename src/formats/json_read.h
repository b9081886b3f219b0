/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Reading JSON of strangers (RFC 8259): strict, without recursion, bounded in depth and in values before
 * anything is allocated; and values found by pointer (RFC 6901). Strings come decoded, as UTF-8; a lone
 * surrogate becomes U+FFFD; octets that are not UTF-8 are refused. Numbers stay as written. Of two members
 * with one name the first counts. Pure.
 */
#ifndef DSS_FORMATS_JSON_READ_H
#define DSS_FORMATS_JSON_READ_H

#include "base/err.h"
#include "base/str.h"

enum { JSON_READ_DEPTH = 64, JSON_READ_VALUES = 50000 };

enum json_type {
	JSON_NULL,
	JSON_FALSE,
	JSON_TRUE,
	JSON_NUMBER,
	JSON_STRING,
	JSON_ARRAY,
	JSON_OBJECT
};

struct json_value {
	uint8_t type;                          /**< enum json_type */
	struct str name;                       /**< of a member of an object, decoded */
	struct str text;                       /**< of a string, decoded; of a number, as written */
	size_t count;                          /**< of an array or object */
	const struct json_value *first, *next; /**< children in order; the next sibling */
};

/** 0; ERR_SYNTAX: err has the offset; ERR_LIMIT. Views point into text or the arena. */
int json_read(struct arena *a, struct str text, const struct json_value **ret,
	      struct err *err) MUST_USE;

/** The same with another bound on values. */
int json_read_within(struct arena *a, struct str text, size_t values_max,
		     const struct json_value **ret, struct err *err) MUST_USE;

/** The value at a pointer ("/entities/0/handle"; "" is the whole), or NULL. */
const struct json_value *json_at(const struct json_value *value, struct str pointer);
/** A member of an object by name, or NULL: also when value is NULL or no object. */
const struct json_value *json_member(const struct json_value *value, const char *name);
/** The text of a string member, or nothing. */
struct str json_member_text(const struct json_value *value, const char *name);
static inline bool json_is(const struct json_value *value, enum json_type type)
{
	return value && value->type == type;
}
/** Children of an array or object, for loops: NULL-safe. */
static inline const struct json_value *json_first(const struct json_value *value)
{
	return value ? value->first : NULL;
}

#endif
