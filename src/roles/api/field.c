/* SPDX-License-Identifier: Apache-2.0 */
/* What may a field hold, in words and as a pattern? */
#include "roles/api/field.h"

static void put_range(struct buf *out, uint64_t least, uint64_t most, const char *unit)
{
	if (least == most)
		buf_printf(out, "%llu%s", (unsigned long long)least, unit);
	else
		buf_printf(out, "%llu to %llu%s", (unsigned long long)least,
			   (unsigned long long)most, unit);
}

static void put_words(struct buf *out, const char *const *words)
{
	buf_put_lit(out, "one of ");
	for (size_t i = 0; words[i]; i++) {
		buf_put_str(out, str_of(i ? ", " : ""));
		buf_put_str(out, str_of(words[i]));
	}
}

void field_put_rule(struct buf *out, const struct field *field)
{
	uint64_t most = field->most ? field->most : TEXT_MOST;

	switch ((enum field_type)field->type) {
	case FIELD_TEXT:
	case FIELD_LINES:
		put_range(out, field->least, most, " characters");
		break;
	case FIELD_WORD:
		put_range(out, field->least, most, " letters, digits or . _ - : / @ + *");
		break;
	case FIELD_UINT:
		buf_put_lit(out, "a whole number, ");
		put_range(out, field->least, field->most, "");
		break;
	case FIELD_BOOL:
		buf_put_lit(out, "true or false");
		break;
	case FIELD_CHOICE:
		put_words(out, field->words);
		break;
	case FIELD_TIME:
		buf_put_lit(out, "a time as 2026-11-22T19:40:02Z");
		break;
	case FIELD_DATE_OR_TIME:
		buf_put_lit(out, "a time as 2026-11-22T19:40:02Z, or a date as 2026-11-22");
		break;
	case FIELD_ID:
		buf_printf(out, "an id that begins with %s_", field->prefix);
		break;
	case FIELD_NAME:
		buf_put_lit(out, "a domain name");
		break;
	case FIELD_OBJECT:
		buf_put_lit(out, "an object");
		break;
	case FIELD_JSON:
		buf_printf(out, "an object of at most %llu octets", (unsigned long long)most);
		break;
	}
}

const char *field_pattern(struct arena *a, const struct field *field)
{
	if (field->type == FIELD_WORD)
		return "^[A-Za-z0-9._:/@+*-]*$";
	if (field->type == FIELD_ID)
		return str_printf(a, "^%s_[0-7][0-9a-hjkmnp-tv-z]{25}$", field->prefix).data;
	return NULL;
}
