/* SPDX-License-Identifier: Apache-2.0 */
/* Is a line of text refused, or a fact that survives its bytes? */
#include "facts/fact.h"

#include "base/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct buf bytes, again, json;
	struct fact fact, loaded;
	struct arena a = { 0 };
	struct json w;

	buf_init(&bytes, &a);
	buf_init(&again, &a);
	buf_init(&json, &a);
	if (fact_parse(&a, str_bytes(data, size), &fact, NULL) == 0) {
		fact_encode(&bytes, &fact);
		if (fact_decode(&a, buf_str(&bytes), &loaded) < 0)
			abort();
		fact_encode(&again, &loaded);
		if (!str_eq(buf_str(&bytes), buf_str(&again)))
			abort();
		json_init(&w, &json);
		fact_json(&w, &loaded);
	}
	arena_release(&a);
	return 0;
}
