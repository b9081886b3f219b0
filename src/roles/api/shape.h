/* SPDX-License-Identifier: Apache-2.0 */
/** The shapes of requests and answers, for openapi.json: JSON Schema 2020-12 from descriptors and
 * field tables. No union types: what is not there is absent. */
#ifndef DSS_ROLES_API_SHAPE_H
#define DSS_ROLES_API_SHAPE_H

#include "roles/api/route.h"

enum { SHAPES_MAX = 128 };

/** The descriptors that the routes' answers name, each once. */
struct shapes {
	const struct desc *descs[SHAPES_MAX];
	size_t count;
};

/** desc and all that it holds. */
void shapes_add(struct shapes *shapes, const struct desc *desc);
/** The schema of a described struct. */
void shape_put(struct json *w, const struct desc *desc);
/** {"$ref": "#/components/schemas/NAME"} */
void shape_put_reference(struct json *w, const char *name);
/** The schema of a field's value. */
void shape_put_field(struct arena *a, struct json *w, const struct field *field);
/** The schema of the members of a body: fields with .in IN_BODY. */
void shape_put_body(struct arena *a, struct json *w, const struct field *fields);

#endif
