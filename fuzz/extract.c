/* SPDX-License-Identifier: Apache-2.0 */
/* Are answers of tools and APIs of any octets read without harm and within bounds, by any rules? The first line
 * is the rows' pointer or pattern, the second a field's; the rest is the answer. */
#include "formats/extract.h"
#include "formats/pattern.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const struct extracted *got)
{
	if (got->row_count > EXTRACT_ROWS)
		abort();
	for (size_t i = 0; i < got->row_count; i++)
		for (size_t k = 0; k < got->rows[i].value_count; k++)
			if (got->rows[i].values[k].value.len > EXTRACT_VALUE_BYTES)
				abort();
}

static void by_pattern(struct arena *a, struct str text, struct str answer)
{
	const struct pattern *pattern;
	struct pattern_match match;
	uint64_t budget = 1000000;

	if (pattern_read(a, text, &pattern, NULL) < 0 ||
	    pattern_find(pattern, answer, &budget, &match) != 1)
		return;
	for (size_t i = 0; i < PATTERN_GROUPS; i++)
		if (match.has[i] &&
		    (match.group[i].data < answer.data ||
		     match.group[i].data + match.group[i].len > answer.data + answer.len))
			abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str rest = str_bytes(data, size), rows = STR_NONE, from = STR_NONE;
	struct arena a = { 0 };

	(void)(str_split(&rest, '\n', &rows) && str_split(&rest, '\n', &from));
	by_pattern(&a, rows, rest);
	for (uint8_t format = EXTRACT_JSON; format <= EXTRACT_TEXT; format++) {
		struct extract_field fields[] = { { STR_LIT("a"), from, STR_NONE },
						  { STR_LIT("b"), STR_LIT("1"), STR_NONE } };
		struct extract_rules rules = { .format = format,
					       .rows = rows,
					       .fields = fields,
					       .field_count = 1,
					       .is_set = size & 1 };
		struct extracted got;

		if (format == EXTRACT_CSV) {
			rules.rows = STR_NONE;
			rules.field_count = 2;
		}
		if (extract_check(&rules, NULL) == 0 && extract(&a, &rules, rest, &got, NULL) == 0)
			check(&got);
	}
	arena_release(&a);
	return 0;
}
