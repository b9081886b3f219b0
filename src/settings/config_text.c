/* SPDX-License-Identifier: Apache-2.0 */
/* How are settings written as a configuration file? */
#include "settings/config.h"

#include "base/json.h"
#include "settings/value.h"

enum { ORIGIN_COLUMN = 48 };

static struct str group_of(const struct setting_row *row)
{
	struct str key = str_of(row->key);
	ptrdiff_t dot = str_find_char(key, '.');

	return dot < 0 ? STR_NONE : str_first(key, (size_t)dot);
}

static const char *name_of(const struct setting_row *row)
{
	struct str group = group_of(row);

	return row->key + (group.len ? group.len + 1 : 0);
}

/* Rows in the order of the table, but those of a group together, at its first; those without a
 * group before all. Calls put_group once before the rows of each. */
static void rows_visit(void (*put_group)(void *data, struct str group),
		       void (*put_row)(void *data, const struct setting_row *row), void *data)
{
	for (size_t i = 0; i < SETTING_COUNT; i++)
		if (setting_rows[i].key && !group_of(&setting_rows[i]).len)
			put_row(data, &setting_rows[i]);
	for (size_t i = 0; i < SETTING_COUNT; i++) {
		struct str group = group_of(&setting_rows[i]);
		bool is_first = group.len > 0;

		for (size_t k = 0; k < i && is_first; k++)
			is_first = !str_eq(group, group_of(&setting_rows[k]));
		if (!is_first)
			continue;
		put_group(data, group);
		for (size_t k = i; k < SETTING_COUNT; k++)
			if (str_eq(group, group_of(&setting_rows[k])))
				put_row(data, &setting_rows[k]);
	}
}

static bool is_plain(struct str text)
{
	if (!text.len ||
	    !(char_is_alpha(text.data[0]) || char_is_digit(text.data[0]) || text.data[0] == '/'))
		return false;
	for (size_t i = 0; i < text.len; i++)
		if (!char_is_alpha(text.data[i]) && !char_is_digit(text.data[i]) &&
		    (text.data[i] == ':' ? i + 1 == text.len
					 : str_find_char(STR_LIT("._/-"), text.data[i]) < 0))
			return false;
	return true;
}

/* A JSON string is a YAML one too (YAML 1.2 section 1.3). */
static void text_put(struct buf *out, struct str text)
{
	struct json w;

	json_init(&w, out);
	if (is_plain(text))
		buf_put_str(out, text);
	else
		json_str(&w, text);
}

static void value_put(struct buf *out, const struct setting_row *row,
		      const struct setting_value *value)
{
	if (row->type == TYPE_SWITCH) {
		buf_put_str(out, value->is_on ? STR_LIT("yes") : STR_LIT("no"));
	} else if (setting_type_is_list(row->type)) {
		buf_put_char(out, '[');
		for (size_t i = 0; i < value->count; i++) {
			buf_put_str(out, i ? STR_LIT(", ") : STR_NONE);
			text_put(out, value->list[i]);
		}
		buf_put_char(out, ']');
	} else {
		text_put(out, value->text);
	}
}

/* ---- dss config init ---- */

static void template_group(void *data, struct str group)
{
	buf_printf(data, "\n%.*s:\n", STR(group));
}

static void template_row(void *data, const struct setting_row *row)
{
	const char *indent = group_of(row).len ? "  " : "";
	struct setting_value value = { .text = str_of(row->fallback) };
	struct buf *out = data;

	buf_printf(out, "%s# %s", indent, row->help);
	for (size_t i = 0; row->choices && row->choices[i]; i++)
		buf_printf(out, "%s%s", i ? ", " : " (", row->choices[i]);
	buf_printf(out, "%s\n%s#%s: ", row->choices ? ")" : "", indent, name_of(row));
	value_put(out, row, &value);
	buf_put_char(out, '\n');
}

void config_put_template(struct buf *out)
{
	buf_put_lit(out, "# Configuration of DSS: every key with its default. Take the \"#\" away "
			 "before what you change.\n# dss config check reads it; dss config show "
			 "--origin says what holds and why. A flag wins over a\n# variable "
			 "(DSS_SCAN_PROFILE for scan.profile), a variable over this file.\n\n");
	rows_visit(template_group, template_row, out);
}

/* ---- dss config show ---- */

struct shown {
	struct buf *out;
	const struct settings *settings;
	bool has_origins;
};

static void shown_group(void *data, struct str group)
{
	struct shown *shown = data;

	buf_printf(shown->out, "%.*s:\n", STR(group));
}

static void origin_put(struct buf *out, size_t column, const struct setting_row *row,
		       const struct setting_value *value, struct str file)
{
	buf_printf(out, "%*s# ", column < ORIGIN_COLUMN ? (int)(ORIGIN_COLUMN - column) : 1, "");
	switch (value->origin) {
	case ORIGIN_FLAG:
		buf_printf(out, "--%s", row->flag);
		break;
	case ORIGIN_VARIABLE:
		buf_printf(out, "%s", value->variable);
		break;
	case ORIGIN_FILE:
		buf_printf(out, "%.*s line %u", STR(file), value->line);
		break;
	case ORIGIN_DEFAULT:
		buf_put_lit(out, "default");
	}
}

static void shown_row(void *data, const struct setting_row *row)
{
	struct shown *shown = data;
	const struct setting_value *value = &shown->settings->values[row - setting_rows];
	size_t start = shown->out->len;

	buf_printf(shown->out, "%s%s: ", group_of(row).len ? "  " : "", name_of(row));
	value_put(shown->out, row, value);
	if (shown->has_origins)
		origin_put(shown->out, shown->out->len - start, row, value, shown->settings->file);
	buf_put_char(shown->out, '\n');
}

void config_put_values(struct buf *out, const struct settings *settings, bool has_origins)
{
	struct shown shown = { out, settings, has_origins };

	rows_visit(shown_group, shown_row, &shown);
}
