/* SPDX-License-Identifier: Apache-2.0 */
/* Do TZif files of strangers read without a crash, and agree with themselves when they do? */
#include "formats/cron.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_instant(const struct tz *tz, int64_t at_s)
{
	int64_t until_s, first_s, ignored;
	int32_t offset_s = tz_offset(tz, at_s, &until_s);
	enum tz_local_kind kind = tz_from_local(tz, at_s + offset_s, &first_s);

	if (until_s <= at_s)
		abort();
	if (kind == TZ_GAP || first_s > at_s || (kind == TZ_UNIQUE && first_s != at_s))
		abort(); /* a local time that was shown exists, and the first of it is not later */
	if (first_s + tz_offset(tz, first_s, &ignored) != at_s + offset_s)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena a = { 0 };
	struct str bytes = str_bytes(data, size);
	struct err err = { 0 };
	struct tz_rule rule;
	struct cron cron;
	struct tz tz;
	int64_t next_s;

	if (tz_rule_parse(bytes, &rule) == 0) {
		tz = (struct tz){ .has_rule = true, .rule = rule };
		for (int64_t at_s = 1700000000; at_s < 1800000000; at_s += 7654321)
			check_instant(&tz, at_s);
	}
	if (tz_read(&a, bytes, &tz, &err) < 0) {
		if (!err.text[0])
			abort();
		arena_release(&a);
		return 0;
	}
	for (int64_t at_s = -5000000000; at_s < 5000000000; at_s += 371234567)
		check_instant(&tz, at_s);
	if (cron_parse(STR_LIT("30 2 * * *"), STR_NONE, &cron, &err) < 0)
		abort();
	if (cron_next(&cron, &tz, 1700000000, &next_s) == 0 && next_s <= 1700000000)
		abort();
	arena_release(&a);
	return 0;
}
