/* SPDX-License-Identifier: Apache-2.0 */
/* Do cron expressions of strangers read without a crash, and fire in order when they do? */
#include "formats/civil.h"
#include "formats/cron.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Does a field beginning with a star decide; is every set inside its field? */
static void check_sets(const struct cron *cron)
{
	if (!cron->minutes || cron->minutes >> 60 || !cron->hours || cron->hours >> 24 ||
	    cron->days & 1 || !cron->months || cron->months & 1 || cron->months >> 13 ||
	    cron->weekdays >> 7)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str text = str_bytes(data, size);
	struct tz zone = { .has_rule = true };
	int64_t at_s = 1769900000, local_s;
	struct cron cron;
	struct err err = { 0 };

	if (tz_rule_parse(STR_LIT("CET-1CEST,M3.5.0,M10.5.0/3"), &zone.rule) < 0)
		abort();
	if (cron_parse(text, STR_LIT("seed"), &cron, &err) < 0) {
		if (!err.text[0])
			abort();
		return 0;
	}
	check_sets(&cron);
	for (unsigned i = 0; i < 8; i++) {
		int64_t next_s, until_s, between_s;

		int code = cron_next(&cron, &zone, at_s, &next_s);

		/* "* 2 * 3 7L": only in the hour that this zone leaves out, each year. */
		if (code == -ERANGE && cron.is_by_elapsed_time)
			return 0;
		if (code < 0 || next_s <= at_s)
			abort();
		/* Nothing lies between, and what fires matches the local clock. */
		if (next_s > at_s + 1 &&
		    (cron_next(&cron, &zone, at_s + (next_s - at_s) / 2, &between_s) < 0 ||
		     between_s != next_s))
			abort();
		if (cron.is_by_elapsed_time) {
			int64_t own_s = next_s + tz_offset(&zone, next_s, &until_s);

			if (!cron_next_local(&cron, own_s, &local_s) || local_s != own_s)
				abort();
		}
		at_s = next_s;
	}
	return 0;
}
