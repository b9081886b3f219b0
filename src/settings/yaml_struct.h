/* SPDX-License-Identifier: Apache-2.0 */
/**
 * A YAML mapping into a struct by its descriptor (base/desc.h): the keys are the fields' names in JSON, so that
 * what is written is what is shown; an unknown key is told with the nearest that is known. Words of
 * enumerations, true and false, and decimal numbers are checked. Where a list holds structs whose first two
 * fields are texts, a mapping says the same: "accept: text/plain" is {name: accept, value: text/plain}.
 */
#ifndef DSS_SETTINGS_YAML_STRUCT_H
#define DSS_SETTINGS_YAML_STRUCT_H

#include "base/desc.h"
#include "base/err.h"

/**
 * One document into a struct, which the caller has filled with what holds when a key is absent. Fields that
 * are DESC_HIDDEN have no key. 0; ERR_SYNTAX, ERR_LIMIT.
 */
int yaml_struct(struct arena *a, struct str name, struct str text, const struct desc *desc,
		void *value, struct err *err) MUST_USE;

#endif
