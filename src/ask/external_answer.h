/* SPDX-License-Identifier: Apache-2.0 */
/** What a definition makes of rows: the answer with its findings. Pure. */
#ifndef DSS_ASK_EXTERNAL_ANSWER_H
#define DSS_ASK_EXTERNAL_ANSWER_H

#include "facts/fact.h"
#include "model/definition.h"

/**
 * @a     holds the answer; rows' values are shared with extracted, which must be in it
 * @rows  of all pages
 */
const struct external_answer *external_answer_make(struct arena *a,
						   const struct definition *definition,
						   struct str subject, struct str version,
						   struct extract_row *rows, size_t row_count);

/**
 * The fact that tells judges which definitions there are (kind external): those of a profile, tools or APIs.
 */
const struct fact *external_list_fact(struct arena *a, const struct definitions *definitions,
				      struct str profile, bool is_tools, int64_t at_us);

#endif
