/* SPDX-License-Identifier: Apache-2.0 */
/* Is a setting's value what its type allows? */
#include "settings/value.h"

#include "base/nearest.h"

/* One element of a list, or the whole value. */
typedef int reader(const struct setting_row *row, struct str text, struct setting_value *value,
		   struct err *err);

static int switch_read(const struct setting_row *row, struct str text, struct setting_value *value,
		       struct err *err)
{
	static const struct {
		const char *word;
		bool is_on;
	} words[] = { { "1", true },  { "yes", true }, { "true", true },   { "on", true },
		      { "0", false }, { "no", false }, { "false", false }, { "off", false } };

	for (size_t i = 0; i < ARRAY_COUNT(words); i++)
		if (str_eq_nocase(text, str_of(words[i].word))) {
			value->is_on = words[i].is_on;
			return 0;
		}
	return err_set(err, ERR_SYNTAX, "\"%.*s\" is neither yes nor no", STR(text));
}

static int text_read(const struct setting_row *row, struct str text, struct setting_value *value,
		     struct err *err)
{
	return text.len ? 0 : err_set(err, ERR_SYNTAX, "the value is empty");
}

static const char *choices_text(const struct setting_row *row, char *out, size_t size)
{
	size_t len = 0;

	for (size_t i = 0; row->choices[i] && len < size; i++)
		len += (size_t)snprintf(out + len, size - len, "%s%s", i ? ", " : "",
					row->choices[i]);
	return out;
}

static int choice_read(const struct setting_row *row, struct str text, struct setting_value *value,
		       struct err *err)
{
	const char *near = nearest_word(text, row->choices);
	char all[160];

	for (size_t i = 0; row->choices[i]; i++)
		if (str_eq(text, str_of(row->choices[i]))) {
			value->number = row->type == TYPE_CHOICES ? value->number | 1u << i : i;
			return 0;
		}
	return err_set(err, ERR_SYNTAX, "\"%.*s\" is none of %s%s%s%s", STR(text),
		       choices_text(row, all, sizeof all), near ? "; did you mean " : "",
		       near ? near : "", near ? "?" : "");
}

static int number_read(const struct setting_row *row, struct str text, struct setting_value *value,
		       struct err *err)
{
	uint64_t number = 0;

	if (str_to_uint(text, row->most, &number) < 0 || number < row->least)
		return err_set(err, ERR_SYNTAX, "\"%.*s\" is no number from %llu to %llu",
			       STR(text), (unsigned long long)row->least,
			       (unsigned long long)row->most);
	value->number = number;
	return 0;
}

/* "90", "1.5s", "500ms", "15m", as milliseconds. */
static int seconds_read(const struct setting_row *row, struct str text, struct setting_value *value,
			struct err *err)
{
	static const struct {
		const char *suffix;
		uint64_t ms;
	} units[] = { { "ms", 1 }, { "s", 1000 }, { "m", 60000 }, { "", 1000 } };
	uint64_t whole = 0, part = 0, scale = 1;
	struct str digits = text;
	ptrdiff_t dot;
	size_t unit = 0;

	while (!str_ends(text, str_of(units[unit].suffix)))
		unit++;
	digits.len -= strlen(units[unit].suffix);
	dot = str_find_char(digits, '.');
	if (dot >= 0) {
		struct str after = str_first(str_from(digits, (size_t)dot + 1), 6);

		for (size_t i = 0; i < after.len; i++)
			scale *= 10;
		if (str_to_uint(after, 999999, &part) < 0)
			scale = 0;
		digits.len = (size_t)dot;
	}
	if (!scale || str_to_uint(digits, 1000000000, &whole) < 0 ||
	    whole * units[unit].ms + part * units[unit].ms / scale > row->most)
		return err_set(err, ERR_SYNTAX,
			       "\"%.*s\" is no time up to %llu s (90, 1.5s, 500ms, 15m)", STR(text),
			       (unsigned long long)row->most / 1000);
	value->number = whole * units[unit].ms + part * units[unit].ms / scale;
	return 0;
}

static int resolver_read(const struct setting_row *row, struct str text,
			 struct setting_value *value, struct err *err)
{
	struct address address;
	uint16_t port = 53;

	return address_port_parse(text, &address, &port, err);
}

static int network_read(const struct setting_row *row, struct str text, struct setting_value *value,
			struct err *err)
{
	struct network network;

	return network_parse(text, &network, err);
}

/* "127.0.0.1:8053", "[::1]:8053", "unix:/run/dss.sock" (sun_path has 108 bytes). */
static int listen_read(const struct setting_row *row, struct str text, struct setting_value *value,
		       struct err *err)
{
	struct address address;
	uint16_t port = 0;

	if (str_starts(text, STR_LIT("unix:")))
		return text.len > 6 && text.data[5] == '/' && text.len - 5 < 108
			       ? 0
			       : err_set(err, ERR_SYNTAX,
					 "\"%.*s\" is no socket: unix:/PATH of up to 107 bytes",
					 STR(text));
	TRY(address_port_parse(text, &address, &port, err));
	return 0;
}

/* A secret in a URL shows in process lists, logs and backups. */
static int url_read(const struct setting_row *row, struct str text, struct setting_value *value,
		    struct err *err)
{
	struct str rest = STR_NONE;
	char all[160];
	ptrdiff_t at;

	for (size_t i = 0; row->choices[i]; i++)
		if (str_eq(text, str_of(row->choices[i])) && !strchr(row->choices[i], ':'))
			return 0; /* a word that stands for itself */
		else if (str_starts(text, str_of(row->choices[i])))
			rest = str_from(text, strlen(row->choices[i]));
	if (!rest.len)
		return err_set(err, ERR_SYNTAX, "a URL begins with %s and goes on",
			       choices_text(row, all, sizeof all));
	while (rest.len && rest.data[0] == '/')
		rest = str_from(rest, 1);
	at = str_find_char(rest, '/');
	rest = str_first(rest, at < 0 ? rest.len : (size_t)at);
	at = str_find_char(rest, '@');
	if (at >= 0 && str_find_char(str_first(rest, (size_t)at), ':') >= 0)
		return err_set(err, ERR_SYNTAX, "a password does not belong in a URL");
	return 0;
}

static reader *const readers[] = {
	[TYPE_SWITCH] = switch_read,     [TYPE_TEXT] = text_read,
	[TYPE_WORDS] = text_read,        [TYPE_CHOICE] = choice_read,
	[TYPE_CHOICES] = choice_read,    [TYPE_NUMBER] = number_read,
	[TYPE_SECONDS] = seconds_read,   [TYPE_FILE] = text_read,
	[TYPE_RESOLVER] = resolver_read, [TYPE_NETWORK] = network_read,
	[TYPE_FOLDER] = text_read,       [TYPE_SECRET] = text_read,
	[TYPE_LISTEN] = listen_read,     [TYPE_URL] = url_read,
};

static int list_add(struct arena *a, const struct setting_row *row, struct str text,
		    struct setting_value *value, struct err *err)
{
	struct str part;

	while (str_split(&text, ',', &part)) {
		part = str_trim(part);
		TRY(readers[row->type](row, part, value, err));
		if (value->count == SETTINGS_LIST_MAX)
			return err_set(err, ERR_LIMIT, "more than %d values", SETTINGS_LIST_MAX);
		value->list = arena_grow(a, value->list, value->count * sizeof part,
					 (value->count + 1) * sizeof part);
		value->list[value->count++] = part;
	}
	return 0;
}

int setting_value_add(struct arena *a, const struct setting_row *row, struct str text,
		      struct setting_value *value, struct err *err)
{
	if (!text.len && row->type != TYPE_SWITCH)
		return err_set(err, ERR_SYNTAX, "the value is empty");
	value->text = text;
	return setting_type_is_list(row->type) ? list_add(a, row, text, value, err)
					       : readers[row->type](row, text, value, err);
}
