/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Reading YAML event by event, the part of it that files of ours need: mappings, sequences and scalars. Aliases,
 * anchors and tags are refused. Every message says file (if it has a name), line and column.
 */
#ifndef DSS_FORMATS_YAML_TEXT_H
#define DSS_FORMATS_YAML_TEXT_H

#include "base/err.h"
#include "base/str.h"

#include <yaml.h>

enum { YAML_VALUE_BYTES = 4096 }; /* of what yaml_scalar takes */

struct yaml {
	struct arena *arena;
	yaml_parser_t parser;
	yaml_event_t event; /**< the current one; deleted by the next */
	struct str name;    /**< of the file; empty: it has none */
	struct err *err;
};

/** text must outlive the reading; yaml_close is always called. */
void yaml_open(struct yaml *y, struct arena *a, struct str name, struct str text, struct err *err);
void yaml_close(struct yaml *y);
int yaml_fail_at(struct yaml *y, yaml_mark_t mark, int code, const char *format, ...) PRINTF(4, 5);
/** At the current event. */
int yaml_fail(struct yaml *y, const char *text);
int yaml_next(struct yaml *y) MUST_USE;
/** 1: the first event of the document is current; 0: there is no document. */
int yaml_first(struct yaml *y) MUST_USE;
/** After the last event of its root: nothing else stands there, or that is told with more. */
int yaml_last(struct yaml *y, const char *more) MUST_USE;
/** The current scalar, copied. has_lines: tabs and line feeds may stand in it. */
int yaml_scalar(struct yaml *y, bool has_lines, struct str *ret) MUST_USE;
/** "~", "null" or nothing. */
bool yaml_is_null(const struct yaml *y);

#endif
