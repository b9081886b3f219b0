/* SPDX-License-Identifier: Apache-2.0 */
/* What do a command's flags, its variables and the configuration say? */
#include "base/nearest.h"
#include "settings/config.h"
#include "settings/value.h"

struct reading {
	struct arena *arena;
	unsigned commands;  /* bits */
	char *const *words; /* what is left */
	int left;
	struct settings *settings;
	struct err *err;
	bool is_set[SETTING_COUNT]; /* by a flag: replaces what a variable said */
};

static const struct setting_row *row_of_flag(unsigned commands, struct str flag)
{
	for (size_t i = 0; i < SETTING_COUNT; i++)
		if (setting_applies(&setting_rows[i], commands) && setting_rows[i].flag &&
		    str_eq(flag, str_of(setting_rows[i].flag)))
			return &setting_rows[i];
	return NULL;
}

static const struct setting_row *row_of_letter(unsigned commands, char letter)
{
	for (size_t i = 0; i < SETTING_COUNT; i++)
		if (setting_applies(&setting_rows[i], commands) && setting_rows[i].letter == letter)
			return &setting_rows[i];
	return NULL;
}

static int flag_unknown(struct reading *r, struct str flag)
{
	const char *known[SETTING_COUNT + 2];
	const char *near;
	size_t count = 0;

	if (row_of_flag(FOR_ALL, flag))
		return err_set(r->err, ERR_SYNTAX, "--%.*s is a flag of other commands", STR(flag));
	for (size_t i = 0; i < SETTING_COUNT; i++)
		if (setting_applies(&setting_rows[i], r->commands) && setting_rows[i].flag)
			known[count++] = setting_rows[i].flag;
	known[count++] = "help";
	known[count] = NULL;
	near = nearest_word(flag, known);
	return err_set(r->err, ERR_SYNTAX, "unknown flag --%.*s%s%s%s", STR(flag),
		       near ? "; did you mean --" : "", near ? near : "", near ? "?" : "");
}

static int value_add(struct reading *r, const struct setting_row *row, struct str text)
{
	size_t index = (size_t)(row - setting_rows);
	struct setting_value *value = &r->settings->values[index];
	struct err err = { 0 };
	int code;

	if (!r->is_set[index])
		*value = (struct setting_value){ .origin = ORIGIN_FLAG };
	r->is_set[index] = true;
	code = setting_value_add(r->arena, row, text, value, &err);
	return code < 0 ? err_set(r->err, code, "--%s: %s", row->flag, err.text) : 0;
}

/* The value stands behind '=', else in the next word. */
static int value_take(struct reading *r, const struct setting_row *row, bool has_value,
		      struct str value)
{
	if (row->type == TYPE_SWITCH)
		return value_add(r, row, has_value ? value : STR_LIT("yes"));
	if (!has_value) {
		if (!r->left)
			return err_set(r->err, ERR_SYNTAX, "--%s needs a value: --%s %s", row->flag,
				       row->flag, row->value);
		value = str_of(*r->words++);
		r->left--;
	}
	return value_add(r, row, value);
}

static int long_read(struct reading *r, struct str word)
{
	ptrdiff_t equals = str_find_char(word, '=');
	struct str flag = equals < 0 ? word : str_first(word, (size_t)equals);
	const struct setting_row *row = row_of_flag(r->commands, flag);

	if (str_eq(word, STR_LIT("help"))) {
		r->settings->wants_full_help = true;
		return 0;
	}
	if (!row)
		return flag_unknown(r, flag);
	return value_take(r, row, equals >= 0,
			  equals < 0 ? STR_NONE : str_from(word, (size_t)equals + 1));
}

/* -f json, -fjson, -qv. */
static int letters_read(struct reading *r, struct str letters)
{
	while (letters.len) {
		const struct setting_row *row = row_of_letter(r->commands, letters.data[0]);

		if (letters.data[0] == 'h') {
			r->settings->wants_help = true;
			return 0;
		}
		if (!row)
			return err_set(r->err, ERR_SYNTAX, "unknown flag -%c", letters.data[0]);
		letters = str_from(letters, 1);
		if (row->type != TYPE_SWITCH)
			return value_take(r, row, letters.len > 0, letters);
		TRY(value_take(r, row, false, STR_NONE));
	}
	return 0;
}

static int words_read(struct reading *r)
{
	bool has_flags = true;

	while (r->left) {
		struct str word = str_of(*r->words++);

		r->left--;
		if (r->settings->wants_help || r->settings->wants_full_help)
			return 0;
		if (has_flags && str_eq(word, STR_LIT("--")))
			has_flags = false;
		else if (has_flags && str_starts(word, STR_LIT("--")))
			TRY(long_read(r, str_from(word, 2)));
		else if (has_flags && word.len > 1 && word.data[0] == '-')
			TRY(letters_read(r, str_from(word, 1)));
		else
			r->settings->operands[r->settings->operand_count++] = word;
	}
	return 0;
}

/* A flag that is of another type elsewhere, where it has a key: the variable is that setting's. */
static bool is_borrowed(const struct setting_row *row)
{
	for (size_t i = 0; i < SETTING_COUNT && !row->key; i++)
		if (setting_rows[i].key && setting_rows[i].flag &&
		    setting_rows[i].type != row->type &&
		    strcmp(setting_rows[i].flag, row->flag) == 0)
			return true;
	return false;
}

/* The key's variable, else the flag's; empty is as good as not set. */
static const char *variable_read(const struct setting_row *row,
				 const struct settings_sources *sources,
				 char name[static SETTING_VARIABLE_BYTES])
{
	const char *text;

	if (is_borrowed(row))
		return NULL;
	text = sources->variable(setting_variable(row, name));

	if (text && text[0])
		return text;
	if (!setting_short_variable(row, name))
		return NULL;
	text = sources->variable(name);
	return text && text[0] ? text : NULL;
}

static int default_read(struct reading *r, const struct setting_row *row,
			const struct settings_sources *sources, struct setting_value *value)
{
	size_t index = (size_t)(row - setting_rows);
	char name[SETTING_VARIABLE_BYTES];
	const char *text = variable_read(row, sources, name);
	struct err err = { 0 };

	if (!text && sources->config && sources->config->is_set[index]) {
		*value = sources->config->values[index];
		return 0;
	}
	if (!text)
		return row->fallback ? setting_value_add(r->arena, row, str_of(row->fallback),
							 value, r->err)
				     : 0;
	value->origin = ORIGIN_VARIABLE;
	value->variable = str_copy(r->arena, str_of(name)).data;
	if (setting_value_add(r->arena, row, str_of(text), value, &err) < 0)
		return err_set(r->err, ERR_SYNTAX, "%s: %s", name, err.text);
	return 0;
}

int settings_read(struct arena *a, unsigned commands, int word_count, char *const *words,
		  const struct settings_sources *sources, struct settings *ret, struct err *err)
{
	struct settings settings = { .operands = arena_array(a, (size_t)word_count + 1,
							     sizeof(struct str)) };
	struct reading r = { .arena = a,
			     .commands = commands,
			     .words = words,
			     .left = word_count,
			     .settings = &settings,
			     .err = err };

	for (size_t i = 0; i < SETTING_COUNT; i++)
		if (setting_applies(&setting_rows[i], commands))
			TRY(default_read(&r, &setting_rows[i], sources, &settings.values[i]));
	TRY(words_read(&r));
	if (sources->config)
		settings.file = sources->config->name;
	*ret = settings;
	return 0;
}
