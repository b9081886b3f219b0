/* SPDX-License-Identifier: Apache-2.0 */
/* Do the checks and fields that were named exist? */
#include "cli/selection.h"

#include "base/nearest.h"
#include "checks/families.h"
#include "report/fields.h"

bool selection_names(struct str word, const char *check_id)
{
	struct str id = str_of(check_id);

	return str_starts(id, word) && (id.len == word.len || id.data[word.len] == '.');
}

static size_t checks_count(void)
{
	size_t count = 0;

	for (const struct family *const *family = families; *family; family++)
		count += (*family)->check_count;
	return count;
}

static bool word_is_known(struct str word)
{
	for (const struct family *const *family = families; *family; family++)
		for (size_t i = 0; i < (*family)->check_count; i++)
			if (selection_names(word, (*family)->checks[i].id))
				return true;
	return false;
}

static int word_unknown(const struct call *call, const char *flag, struct str word)
{
	const char **ids = arena_array(call->arena, checks_count() + 1, sizeof *ids);
	const char *near;
	size_t count = 0;

	for (const struct family *const *family = families; *family; family++)
		for (size_t i = 0; i < (*family)->check_count; i++)
			ids[count++] = (*family)->checks[i].id;
	near = nearest_word(word, ids);
	return console_usage(
		call->words[0], "--%s: no check \"%.*s\"%s%s%s (dss checks lists them)", flag,
		STR(word), near ? "; did you mean " : "", near ? near : "", near ? "?" : "");
}

static int words_check(const struct call *call, enum setting setting)
{
	const struct setting_value *value = call_value(call, setting);

	for (size_t i = 0; i < value->count; i++)
		if (!word_is_known(value->list[i]))
			return word_unknown(call, setting_rows[setting].flag, value->list[i]);
	return EXIT_DONE;
}

int selection_check(const struct call *call, const char *const *known)
{
	struct str list = call_value(call, SETTING_FIELDS)->text;
	struct fields fields;
	struct err err = { 0 };
	int code = words_check(call, SETTING_ONLY);

	if (code == EXIT_DONE)
		code = words_check(call, SETTING_SKIP);
	if (code == EXIT_DONE && list.len &&
	    fields_parse(call->arena, list, known, &fields, &err) < 0)
		code = console_usage(call->words[0], "--fields: %s", err.text);
	return code;
}
