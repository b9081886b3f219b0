/* SPDX-License-Identifier: Apache-2.0 */
/* What does a cron expression say? The grammar stands in cron.h. */
#include "formats/cron.h"

enum { FIELDS = 5, MINUTE = 0, HOUR, DAY, MONTH, WEEKDAY };
enum { STEP_LIMIT = 999, QUOTED_BYTES = 24, SPREAD_DAYS = 28 /* every month has them */ };

static const struct field {
	const char *name, *allowed;
	unsigned min, max;
	unsigned last;     /* the end of a star */
	const char *names; /* of three letters each, from min on */
} fields[FIELDS] = {
	{ "minute", "0 to 59", 0, 59, 59, NULL },
	{ "hour", "0 to 23", 0, 23, 23, NULL },
	{ "day of month", "1 to 31, L or LW", 1, 31, 31, NULL },
	{ "month", "1 to 12 or JAN to DEC", 1, 12, 12, "janfebmaraprmayjunjulaugsepoctnovdec" },
	{ "day of week", "0 to 7 or SUN to SAT", 0, 7, 6, "sunmontuewedthufrisat" },
};

static const struct {
	struct str name, fields;
} nicknames[] = {
	{ STR_INIT("@hourly"), STR_INIT("0 * * * *") },
	{ STR_INIT("@daily"), STR_INIT("0 0 * * *") },
	{ STR_INIT("@midnight"), STR_INIT("0 0 * * *") },
	{ STR_INIT("@weekly"), STR_INIT("0 0 * * 0") },
	{ STR_INIT("@monthly"), STR_INIT("0 0 1 * *") },
	{ STR_INIT("@yearly"), STR_INIT("0 0 1 1 *") },
	{ STR_INIT("@annually"), STR_INIT("0 0 1 1 *") },
};

struct parser {
	struct str text; /* all of the expression */
	size_t at, end;  /* in it; end of the field */
	unsigned field;
	struct str seed;
	uint64_t bits;
	struct cron cron;
	struct err *err;
};

struct span {
	unsigned low, high;
	bool is_single; /* a value, which a step extends to the field's end */
};

static char peek(const struct parser *p)
{
	return p->at < p->end ? p->text.data[p->at] : 0;
}

static bool take(struct parser *p, char c)
{
	if (peek(p) != c || p->at >= p->end)
		return false;
	p->at++;
	return true;
}

/* What stands at a place, up to the end of the item, for a message. */
static struct str quoted(const struct parser *p, size_t at)
{
	struct str rest = { p->text.data + at, p->end - at };
	ptrdiff_t comma = str_find_char(rest, ',');

	if (comma >= 0)
		rest.len = (size_t)comma;
	return str_first(rest, QUOTED_BYTES);
}

static int not_allowed(const struct parser *p, size_t at)
{
	const struct field *field = &fields[p->field];
	struct str item = quoted(p, at);

	if (!item.len)
		return err_set(p->err, ERR_SYNTAX,
			       "%s, column %zu: a value is missing; allowed: %s", field->name,
			       at + 1, field->allowed);
	return err_set(p->err, ERR_SYNTAX, "%s, column %zu: \"%.*s\" is not allowed; allowed: %s",
		       field->name, at + 1, STR(item), field->allowed);
}

static int explain(const struct parser *p, size_t at, const char *why)
{
	return err_set(p->err, ERR_SYNTAX, "%s, column %zu: \"%.*s\": %s", fields[p->field].name,
		       at + 1, STR(quoted(p, at)), why);
}

static bool number_read(struct parser *p, unsigned *ret)
{
	size_t start = p->at;
	unsigned value = 0;

	for (; char_is_digit(peek(p)) && p->at - start < 4; p->at++)
		value = value * 10 + (unsigned)(peek(p) - '0');
	*ret = value;
	return p->at != start;
}

static bool name_read(struct parser *p, unsigned *ret)
{
	const struct field *field = &fields[p->field];
	struct str three = { p->text.data + p->at, 3 };

	if (!field->names || p->end - p->at < 3)
		return false;
	for (unsigned i = 0; field->names[3 * i]; i++) {
		if (!str_eq_nocase(three, (struct str){ field->names + 3 * i, 3 }))
			continue;
		*ret = field->min + i;
		p->at += 3;
		return !char_is_alpha(peek(p));
	}
	return false;
}

static int value_read(struct parser *p, unsigned *ret)
{
	const struct field *field = &fields[p->field];
	size_t start = p->at;
	unsigned value;

	if (!number_read(p, &value) && !name_read(p, &value))
		return not_allowed(p, start);
	if (value < field->min || value > field->max)
		return not_allowed(p, start);
	*ret = value;
	return 0;
}

/* FNV-1a with a final mix; it must never change: schedules keep their times. */
static uint64_t spread(const struct parser *p)
{
	uint64_t hash = (0xcbf29ce484222325u ^ p->field) * 0x100000001b3u;

	for (size_t i = 0; i < p->seed.len; i++)
		hash = (hash ^ (unsigned char)p->seed.data[i]) * 0x100000001b3u;
	hash = (hash ^ hash >> 33) * 0xff51afd7ed558ccdu;
	return hash ^ hash >> 33;
}

static int range_read(struct parser *p, struct span *ret)
{
	size_t start = p->at, name_at;

	TRY(value_read(p, &ret->low));
	ret->high = ret->low;
	ret->is_single = true;
	if (!take(p, '-'))
		return 0;
	ret->is_single = false;
	name_at = p->at;
	TRY(value_read(p, &ret->high));
	if (p->field == WEEKDAY && !ret->high && ret->low && char_is_alpha(p->text.data[name_at]))
		ret->high = 7; /* FRI-SUN */
	if (ret->high < ret->low)
		return explain(p, start,
			       "the range runs backwards; write it as two, such as "
			       "22-23,0-5");
	return 0;
}

static int step_read(struct parser *p, unsigned *ret)
{
	size_t start = p->at;

	*ret = 1;
	if (!take(p, '/'))
		return 0;
	if (!number_read(p, ret) || !*ret || *ret > STEP_LIMIT)
		return explain(p, start, "a step is a number from 1 to 999");
	return 0;
}

static void bits_add(struct parser *p, unsigned low, unsigned high, unsigned step)
{
	for (unsigned value = low; value <= high; value += step)
		p->bits |= (uint64_t)1 << value;
}

/* H, H(a-b), H/n, H(a-b)/n */
static int spread_read(struct parser *p)
{
	const struct field *field = &fields[p->field];
	struct span span = { field->min, field->last, false };
	size_t start = p->at++;
	unsigned step, size, drawn;
	bool has_step;

	if (p->field == DAY)
		span.high = SPREAD_DAYS;
	if (take(p, '(')) {
		TRY(range_read(p, &span));
		if (!take(p, ')') || span.is_single)
			return explain(p, start, "H is followed by a range, such as H(0-29)");
	}
	has_step = peek(p) == '/';
	TRY(step_read(p, &step));
	size = span.high - span.low + 1;
	drawn = span.low + (unsigned)(spread(p) % (has_step ? MIN(step, size) : size));
	bits_add(p, drawn, has_step ? span.high : drawn, step);
	return 0;
}

/* L or LW in day of month; the L stands at p->at. */
static void last_day_read(struct parser *p)
{
	p->at++;
	if (char_lower(peek(p)) == 'w') {
		p->at++;
		p->cron.has_last_workday = true;
	} else {
		p->cron.has_last_day = true;
	}
}

/* What may follow a single value in day of week: 5L, MON#2. True when it did. */
static int weekday_suffix_read(struct parser *p, size_t start, unsigned weekday, bool *ret_done)
{
	uint8_t bit = (uint8_t)(1u << weekday % 7);
	unsigned nth;

	*ret_done = true;
	if (char_lower(peek(p)) == 'l' && char_is_digit(p->text.data[p->at - 1])) {
		p->at++;
		p->cron.last_weekdays |= bit;
	} else if (take(p, '#')) {
		if (!number_read(p, &nth) || nth < 1 || nth > 5)
			return explain(p, start, "after # stands which one of the month: 1 to 5");
		p->cron.nth_weekdays[nth - 1] |= bit;
	} else {
		*ret_done = false;
	}
	return 0;
}

static int item_read(struct parser *p)
{
	const struct field *field = &fields[p->field];
	struct span span = { field->min, field->last, false };
	size_t start = p->at;
	unsigned step;
	char c = char_lower(peek(p));
	bool is_done;

	if (c == 'h')
		return spread_read(p);
	if (c == 'l' && p->field == DAY) {
		last_day_read(p);
		return 0;
	}
	if (c == '*' || (c == '?' && (p->field == DAY || p->field == WEEKDAY))) {
		p->at++;
	} else {
		TRY(range_read(p, &span));
		if (char_lower(peek(p)) == 'w' && p->field == DAY)
			return explain(p, start,
				       "W is known as LW alone, the last day from Monday to "
				       "Friday");
		if (p->field == WEEKDAY && span.is_single) {
			TRY(weekday_suffix_read(p, start, span.low, &is_done));
			if (is_done)
				return 0;
		}
	}
	if (span.is_single && peek(p) == '/')
		span.high = MAX(span.low, field->last);
	TRY(step_read(p, &step));
	bits_add(p, span.low, span.high, step);
	return 0;
}

static int field_read(struct parser *p)
{
	p->bits = 0;
	do {
		size_t start = p->at;

		TRY(item_read(p));
		if (p->at < p->end && peek(p) != ',')
			return not_allowed(p, start);
	} while (take(p, ','));
	return 0;
}

static void field_store(struct parser *p)
{
	struct cron *cron = &p->cron;

	switch (p->field) {
	case MINUTE:
		cron->minutes = p->bits;
		break;
	case HOUR:
		cron->hours = (uint32_t)p->bits;
		break;
	case DAY:
		cron->days = (uint32_t)p->bits;
		break;
	case MONTH:
		cron->months = (uint32_t)p->bits;
		break;
	default:
		cron->weekdays = (uint8_t)((p->bits & 0x7f) | p->bits >> 7); /* 7 is Sunday too */
	}
}

static int count_fields(struct str text, struct str word[static FIELDS], struct err *err)
{
	struct str rest = text, each;
	size_t count = 0;

	for (; str_word(&rest, &each); count++)
		if (count < FIELDS)
			word[count] = each;
	if (count == FIELDS)
		return 0;
	return err_set(
		err, ERR_SYNTAX,
		"%zu fields; a cron expression has 5: minute, hour, day of month, month, day of "
		"week (no seconds, no year)",
		count);
}

static int nickname_resolve(struct str text, struct str *ret, struct err *err)
{
	if (str_starts_nocase(text, STR_LIT("TZ=")) || str_starts_nocase(text, STR_LIT("CRON_TZ=")))
		return err_set(err, ERR_SYNTAX,
			       "column 1: the time zone stands beside the expression, not in it");
	if (!text.len || text.data[0] != '@')
		return 0;
	for (size_t i = 0; i < ARRAY_COUNT(nicknames); i++) {
		if (str_eq_nocase(text, nicknames[i].name)) {
			*ret = nicknames[i].fields;
			return 0;
		}
	}
	return err_set(
		err, ERR_SYNTAX,
		"column 1: \"%.*s\" is not known; allowed: @hourly, @daily, @midnight, @weekly, "
		"@monthly, @yearly, @annually, or five fields",
		STR(str_first(text, QUOTED_BYTES)));
}

static bool begins_with_star(struct str field)
{
	return field.data[0] == '*' || field.data[0] == '?';
}

int cron_parse(struct str text, struct str seed, struct cron *ret, struct err *err)
{
	struct parser p = { .text = text, .seed = seed, .err = err };
	struct str word[FIELDS];
	int64_t ignored;

	if (text.len > CRON_TEXT_BYTES)
		return err_set(err, ERR_LIMIT, "a cron expression has up to %d characters",
			       CRON_TEXT_BYTES);
	TRY(nickname_resolve(str_trim(text), &p.text, err));
	TRY(count_fields(p.text, word, err));
	for (; p.field < FIELDS; p.field++) {
		p.at = (size_t)(word[p.field].data - p.text.data);
		p.end = p.at + word[p.field].len;
		TRY(field_read(&p));
		field_store(&p);
	}
	p.cron.needs_both_days = begins_with_star(word[DAY]) || begins_with_star(word[WEEKDAY]);
	p.cron.is_by_elapsed_time = begins_with_star(word[MINUTE]) || begins_with_star(word[HOUR]);
	if (!cron_next_local(&p.cron, 0, &ignored))
		return err_set(
			err, -EDOM,
			"never fires: the calendar has no day \"%.*s\" (day of month, month, day "
			"of week)",
			(int)(word[WEEKDAY].data + word[WEEKDAY].len - word[DAY].data),
			word[DAY].data);
	*ret = p.cron;
	return 0;
}
