/* SPDX-License-Identifier: Apache-2.0 */
/* Which word was meant? Optimal string alignment distance. */
#include "base/nearest.h"

unsigned word_distance(struct str a, struct str b)
{
	unsigned rows[3][NEAREST_BYTES + 1];

	if (a.len > NEAREST_BYTES || b.len > NEAREST_BYTES)
		return NEAREST_BYTES;
	for (size_t k = 0; k <= b.len; k++)
		rows[0][k] = (unsigned)k;
	for (size_t i = 1; i <= a.len; i++) {
		unsigned *row = rows[i % 3], *above = rows[(i + 2) % 3],
			 *higher = rows[(i + 1) % 3];
		char c = char_lower(a.data[i - 1]);

		row[0] = (unsigned)i;
		for (size_t k = 1; k <= b.len; k++) {
			char d = char_lower(b.data[k - 1]);
			unsigned best = MIN(above[k], row[k - 1]) + 1;

			best = MIN(best, above[k - 1] + (c != d));
			if (i > 1 && k > 1 && c == char_lower(b.data[k - 2]) &&
			    d == char_lower(a.data[i - 2]))
				best = MIN(best, higher[k - 2] + 1);
			row[k] = best;
		}
	}
	return rows[a.len % 3][b.len];
}

const char *nearest_word(struct str word, const char *const *words)
{
	unsigned limit = MAX(1u, (unsigned)(word.len / 3));
	const char *nearest = NULL, *begun = NULL;
	size_t begun_count = 0;

	for (; *words; words++) {
		unsigned distance = word_distance(word, str_of(*words));

		if (word.len >= 2 && str_starts_nocase(str_of(*words), word)) {
			begun = *words;
			begun_count++;
		}
		if (distance <= limit && (!nearest || distance < limit)) {
			nearest = *words;
			limit = distance;
		}
	}
	return nearest ? nearest : begun_count == 1 ? begun : NULL;
}
