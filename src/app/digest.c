/* SPDX-License-Identifier: Apache-2.0 */
/* At which hour does a digest go? */
#include "app/digest.h"

#include "app/zone.h"

enum { SECOND_US = 1000000, HOURS = 24, MINUTES = 60, CLOCK_BYTES = 5 };

static int refuse(struct err *err)
{
	return err_set(
		err, ERR_SYNTAX,
		"\"daily HH:MM [ZONE]\" or \"weekly DAY HH:MM [ZONE]\" is wanted here, such as "
		"\"daily 08:00 Europe/Berlin\" or \"weekly mon 07:30\"");
}

static bool is_clock(struct str word, uint64_t *ret_hour, uint64_t *ret_minute)
{
	return word.len == CLOCK_BYTES && word.data[2] == ':' &&
	       str_to_uint(str_first(word, 2), HOURS - 1, ret_hour) == 0 &&
	       str_to_uint(str_from(word, 3), MINUTES - 1, ret_minute) == 0;
}

static bool is_day(struct str word)
{
	static const char *const days[] = { "mon", "tue", "wed", "thu", "fri", "sat", "sun" };

	for (size_t i = 0; i < ARRAY_COUNT(days); i++)
		if (str_eq_nocase(word, str_of(days[i])))
			return true;
	return false;
}

int digest_read(struct arena *a, struct str text, struct digest *ret, struct err *err)
{
	struct str word, day = STR_LIT("*"), zone = STR_LIT("UTC");
	uint64_t hour, minute;

	if (text.len > DIGEST_AT_BYTES || !str_word(&text, &word))
		return refuse(err);
	if (str_eq_nocase(word, STR_LIT("weekly"))) {
		if (!str_word(&text, &day) || !is_day(day))
			return refuse(err);
	} else if (!str_eq_nocase(word, STR_LIT("daily"))) {
		return refuse(err);
	}
	if (!str_word(&text, &word) || !is_clock(word, &hour, &minute))
		return refuse(err);
	if (str_word(&text, &word))
		zone = word;
	if (str_word(&text, &word))
		return refuse(err);
	TRY(cron_parse(str_printf(a, "%u %u * * %.*s", (unsigned)minute, (unsigned)hour, STR(day)),
		       STR_NONE, &ret->cron, err));
	return zone_load(a, zone, &ret->tz, err);
}

int digest_next(const struct digest *digest, int64_t after_us, int64_t *ret_at_us)
{
	int64_t at_s;

	TRY(cron_next(&digest->cron, &digest->tz, after_us / SECOND_US, &at_s));
	*ret_at_us = at_s * SECOND_US;
	return 0;
}
