/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Reading YAML, the part of it that configuration needs: mappings, sequences and scalars. Aliases, anchors,
 * tags, a second document and control characters are refused. Every message says file, line and column.
 *
 * yaml_struct reads a mapping into a struct by its descriptor (base/desc.h): the keys are the fields' names in
 * JSON, so that what is written is what is shown; an unknown key is told with the nearest that is known.
 * Words of enumerations, true and false, and decimal numbers are checked. Where a list holds structs whose
 * first two fields are texts, a mapping says the same: "accept: text/plain" is {name: accept, value: text/plain}.
 */
#ifndef DSS_SETTINGS_YAML_TEXT_H
#define DSS_SETTINGS_YAML_TEXT_H

#include "base/desc.h"
#include "base/err.h"

#include <yaml.h>

enum { YAML_VALUE_BYTES = 4096, YAML_ITEMS = 256 };

struct yaml {
	struct arena *arena;
	yaml_parser_t parser;
	yaml_event_t event; /**< the current one; deleted by the next */
	struct str name;    /**< of the file */
	struct err *err;
};

/** text must outlive the reading; yaml_close is always called. */
void yaml_open(struct yaml *y, struct arena *a, struct str name, struct str text, struct err *err);
void yaml_close(struct yaml *y);
int yaml_fail_at(struct yaml *y, yaml_mark_t mark, int code, const char *format, ...) PRINTF(4, 5);
/** At the current event. */
int yaml_fail(struct yaml *y, const char *text);
int yaml_next(struct yaml *y) MUST_USE;
/** The current scalar, copied. has_lines: tabs and line feeds may stand in it. */
int yaml_scalar(struct yaml *y, bool has_lines, struct str *ret) MUST_USE;
/** "~", "null" or nothing. */
bool yaml_is_null(const struct yaml *y);

/**
 * One document into a struct, which the caller has filled with what holds when a key is absent. Fields that
 * are DESC_HIDDEN have no key. 0; ERR_SYNTAX, ERR_LIMIT.
 */
int yaml_struct(struct arena *a, struct str name, struct str text, const struct desc *desc,
		void *value, struct err *err) MUST_USE;

#endif
