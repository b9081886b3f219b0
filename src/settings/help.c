/* SPDX-License-Identifier: Apache-2.0 */
/* What does a command's help say? */
#include "settings/setting.h"

enum { FLAG_COLUMN = 28 };

static const char exit_codes[] =
	"\nExit codes: 0 done; 1 --fail-on reached (before 3); 2 usage; 3 incomplete;\n"
	"            4 not authorised; 5 output, server, store or queue\n";

static void put_choices(struct buf *out, const struct setting_row *row)
{
	if (!row->choices)
		return;
	buf_put_lit(out, " (");
	for (size_t i = 0; row->choices[i]; i++)
		buf_printf(out, "%s%s", i ? ", " : "", row->choices[i]);
	buf_put_char(out, ')');
}

static void put_row(struct buf *out, const struct setting_row *row, bool is_full)
{
	size_t start = out->len, len;
	char variable[SETTING_VARIABLE_BYTES];

	if (!row->flag)
		buf_printf(out, "      %s:", row->key);
	else if (row->letter)
		buf_printf(out, "  -%c, --%s", row->letter, row->flag);
	else
		buf_printf(out, "      --%s", row->flag);
	if (row->value)
		buf_printf(out, " %s", row->value);
	len = out->len - start;
	if (len >= FLAG_COLUMN)
		buf_printf(out, "\n%*s", FLAG_COLUMN, "");
	else
		buf_printf(out, "%*s", (int)(FLAG_COLUMN - len), "");
	buf_put_str(out, str_of(row->help));
	put_choices(out, row);
	buf_put_char(out, '\n');
	if (!is_full)
		return;
	buf_printf(out, "%*s[%s%s%s%s%s]\n", FLAG_COLUMN, "", row->key ? row->key : "",
		   row->key ? ", " : "", setting_variable(row, variable),
		   row->fallback ? ", default " : "", row->fallback ? row->fallback : "");
}

void settings_put_help(struct buf *out, const struct settings_help *help, bool is_full)
{
	size_t hidden = 0;

	buf_printf(out, "%s\n\nUsage: %s\n\n", help->summary, help->usage);
	for (size_t i = 0; i < SETTING_COUNT; i++) {
		const struct setting_row *row = &setting_rows[i];

		if (!(row->commands & help->commands))
			continue;
		if (is_full || (row->is_common && row->flag))
			put_row(out, row, is_full);
		else
			hidden++;
	}
	buf_put_lit(out, "  -h, --help                this, or everything\n");
	if (!is_full) {
		if (hidden)
			buf_printf(out, "%zu more flags: dss %s --help\n", hidden, help->name);
		return;
	}
	if (help->more)
		buf_printf(out, "\n%s", help->more);
	buf_put_str(out, str_of(exit_codes));
}
