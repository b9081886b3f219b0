/* SPDX-License-Identifier: Apache-2.0 */
/** "Did you mean": the word of a list that a mistyped one is nearest to. */
#ifndef DSS_BASE_NEAREST_H
#define DSS_BASE_NEAREST_H

#include "base/str.h"

enum { NEAREST_BYTES = 64 }; /**< longer words are near to nothing */

/** Insertions, deletions, replacements and swaps of neighbours between the two; case counts not. */
unsigned word_distance(struct str a, struct str b);

/**
 * @words  NULL-terminated
 * The nearest within a third of the word's length (at least 1), or the only one that word begins;
 * NULL: none. The first of equals.
 */
const char *nearest_word(struct str word, const char *const *words);

#endif
