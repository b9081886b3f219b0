/* SPDX-License-Identifier: Apache-2.0 */
/**
 * The one encoder of foreign bytes for terminals and log lines. What comes out is printable UTF-8
 * on one line: no controls (C0, DEL, C1), nothing that turns the direction of text or hides in it
 * (U+200B-200F, U+2028-202E, U+2060-206F, U+061C, U+00AD, U+FEFF, U+E0000-E007F and the like), no
 * surrogates, no noncharacters. Bytes that are not UTF-8 and ASCII controls are written \xNN, code
 * points that may not be shown \u{NNNN}.
 */
#ifndef DSS_BASE_TERMINAL_H
#define DSS_BASE_TERMINAL_H

#include "base/str.h"

/** Returns the columns that it takes, counting each code point as one. */
size_t terminal_put(struct buf *out, struct str foreign);

/** Columns of text that is already encoded. */
size_t terminal_columns(struct str encoded);

/**
 * Put encoded text, broken at spaces so that lines end before `width`; lines after the first start
 * with `indent` spaces. A word that is longer than a line stands alone on one.
 * @column  where the first line starts
 */
void terminal_wrap(struct buf *out, struct str encoded, size_t column, size_t indent, size_t width);

/** One line for standard error: encodes text, ends it with a newline, cuts it at 2,000 bytes. */
struct str terminal_line(struct arena *a, const char *prefix, struct str text);

#endif
