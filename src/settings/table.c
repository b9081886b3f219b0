/* SPDX-License-Identifier: Apache-2.0 */
/* Which settings are there? */
#include "settings/setting.h"

const char *const settings_formats[] = { "text", "json", "jsonl", NULL };
const char *const settings_checks_formats[] = { "text", "json", "md", NULL };
const char *const settings_when[] = { "auto", "always", "never", NULL };
const char *const settings_progress[] = { "auto", "json", "none", NULL };

const struct setting_row setting_rows[SETTING_COUNT] = {
#define X(NAME, letter_, flag_, type_, for_, common_, value_, fallback_, choices_, least_, most_,  \
	  help_)                                                                                   \
	[SETTING_##NAME] = { .letter = (letter_),                                                  \
			     .flag = (flag_),                                                      \
			     .type = (type_),                                                      \
			     .commands = (for_),                                                   \
			     .is_common = (common_),                                               \
			     .value = (value_),                                                    \
			     .fallback = (fallback_),                                              \
			     .choices = (choices_),                                                \
			     .least = (least_),                                                    \
			     .most = (most_),                                                      \
			     .help = (help_) },
	SETTINGS(X)
#undef X
};

const char *setting_variable(const struct setting_row *row, char out[static SETTING_VARIABLE_BYTES])
{
	size_t len = (size_t)snprintf(out, SETTING_VARIABLE_BYTES, "DSS_%s", row->flag);

	for (size_t i = 0; i < len && out[i]; i++)
		out[i] = out[i] == '-'                    ? '_'
			 : out[i] >= 'a' && out[i] <= 'z' ? (char)(out[i] - 32)
							  : out[i];
	return out;
}
