/* SPDX-License-Identifier: Apache-2.0 */
/* Do blackout windows of strangers read without a crash, and end after they began? */
#include "formats/blackout.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct tz zone = { .has_rule = true };
	struct blackouts blackouts;
	struct err err = { 0 };

	if (tz_rule_parse(STR_LIT("CET-1CEST,M3.5.0,M10.5.0/3"), &zone.rule) < 0)
		abort();
	if (blackouts_parse(str_bytes(data, size), &blackouts, &err) < 0) {
		if (!err.text[0])
			abort();
		return 0;
	}
	for (int64_t at_s = 1774600000; at_s < 1775300000; at_s += 12345) {
		int64_t end_s, ignored;

		if (!blackouts_cover(&blackouts, &zone, at_s, &end_s))
			continue;
		if (end_s <= at_s ||
		    (end_s != INT64_MAX && blackouts_cover(&blackouts, &zone, end_s, &ignored)))
			abort();
	}
	return 0;
}
