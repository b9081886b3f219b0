/* SPDX-License-Identifier: Apache-2.0 */
/* Is a file of facts read inside its bounds, and is what was read written again alike? */
#include "facts/file.h"

#include "base/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void fact_check(struct arena *a, const struct fact *fact)
{
	struct buf bytes, again, json;
	struct fact loaded;
	struct json w;

	buf_init(&bytes, a);
	buf_init(&again, a);
	buf_init(&json, a);
	fact_encode(&bytes, fact);
	if (fact_decode(a, buf_str(&bytes), &loaded) < 0)
		abort();
	fact_encode(&again, &loaded);
	if (!str_eq(buf_str(&bytes), buf_str(&again)))
		abort();
	json_init(&w, &json);
	fact_json(&w, fact);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct facts_file file = { .rest = str_bytes(data, size) };
	struct arena a = { 0 };
	struct facts_scan scan;
	struct fact fact;

	while (facts_file_scan(&a, &file, &scan, NULL) > 0)
		while (facts_file_fact(&a, &file, &fact, NULL) > 0)
			fact_check(&a, &fact);
	arena_release(&a);
	return 0;
}
