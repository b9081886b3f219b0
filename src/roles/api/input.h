/* SPDX-License-Identifier: Apache-2.0 */
/**
 * What a request says, read into its operation's input struct by the operation's fields. What no
 * field takes is refused; everything that is wrong is told at once, each with its place.
 */
#ifndef DSS_ROLES_API_INPUT_H
#define DSS_ROLES_API_INPUT_H

#include "base/err.h"
#include "roles/api/field.h"
#include "roles/api/problem.h"

/* A body is refused before it is parsed when it nests deeper or holds more values. */
enum {
	BODY_DEPTH = 32,
	BODY_VALUES = 200000,
	BODY_BYTES = 1024 * 1024,
	IMPORT_BYTES = 64 * 1024 * 1024
};

struct input {
	const struct field *fields; /**< NULL: takes nothing */
	void *values;               /**< the operation's struct, zeroed by input_begin */
	uint64_t given, nulls;      /**< by index of the top-level field */
};

void input_begin(struct arena *a, const struct field *fields, size_t size, struct input *ret);

/* Each returns 0 also when it complained; ERR_SYNTAX: the request is malformed, err says how. */

/** @values  path segments as sent, in the order of the names in braces of `path` */
int input_read_path(struct arena *a, struct input *in, const char *path, const struct str *values,
		    struct complaints *c, struct err *err) MUST_USE;
/** @query  as sent, without "?" */
int input_read_query(struct arena *a, struct input *in, struct str query, struct complaints *c,
		     struct err *err) MUST_USE;
/** @body  a JSON object (RFC 8259), UTF-8, without repeated members */
int input_read_body(struct arena *a, struct input *in, struct str body, struct complaints *c,
		    struct err *err) MUST_USE;
/** Fallbacks of what was not given, and complaints about what must be. */
void input_end(struct arena *a, struct input *in, struct complaints *c);

bool input_has_body_fields(const struct field *fields);
/** Was the field with this name given (null included)? */
bool input_given(const struct input *in, const char *name);
bool input_is_null(const struct input *in, const char *name);

#endif
