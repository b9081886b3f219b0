/* SPDX-License-Identifier: Apache-2.0 */
/* Which settings are there? */
#include "settings/setting.h"

const char *const settings_formats[] = { "text", "json",  "jsonl",      "csv", "md",
					 "html", "sarif", "defectdojo", NULL };
const char *const settings_checks_formats[] = { "text", "json", "md", NULL };
const char *const settings_when[] = { "auto", "always", "never", NULL };
const char *const settings_progress[] = { "auto", "json", "none", NULL };
const char *const settings_bus_urls[] = { "embedded", "amqp://", "amqps://", NULL };
const char *const settings_smtp_urls[] = { "smtp://", "smtps://", NULL };
const char *const settings_store_urls[] = { "sqlite:", "postgresql:", NULL };
const char *const settings_web_urls[] = { "https://", "http://", NULL };
const char *const settings_listing_formats[] = { "text", "json", "jsonl", "csv", NULL };
const char *const settings_expiry_formats[] = { "text", "json", "jsonl", "csv", "ics", NULL };
const char *const settings_server_urls[] = { "http://", "unix:", "https://", NULL };
const char *const settings_import_modes[] = { "add", "upsert", "replace", NULL };
const char *const settings_priorities[] = { "high", "normal", "bulk", NULL };
const char *const settings_missed[] = { "skip", "once", NULL };
const char *const settings_log_formats[] = { "auto", "text", "json", NULL };

const struct setting_row setting_rows[SETTING_COUNT] = {
#define X(NAME, letter_, flag_, key_, type_, for_, common_, value_, fallback_, choices_, least_,   \
	  most_, help_)                                                                            \
	[SETTING_##NAME] = { .letter = (letter_),                                                  \
			     .flag = (flag_),                                                      \
			     .key = (key_),                                                        \
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

static const char *variable_of(const char *word, char out[static SETTING_VARIABLE_BYTES])
{
	snprintf(out, SETTING_VARIABLE_BYTES, "DSS_%s", word);
	for (char *at = out; *at; at++)
		*at = *at == '-' || *at == '.'   ? '_'
		      : *at >= 'a' && *at <= 'z' ? (char)(*at - 32)
						 : *at;
	return out;
}

const char *setting_variable(const struct setting_row *row, char out[static SETTING_VARIABLE_BYTES])
{
	return variable_of(row->key ? row->key : row->flag, out);
}

const char *setting_short_variable(const struct setting_row *row,
				   char out[static SETTING_VARIABLE_BYTES])
{
	char name[SETTING_VARIABLE_BYTES];

	if (!row->key || !row->flag)
		return NULL;
	return strcmp(variable_of(row->flag, out), variable_of(row->key, name)) != 0 ? out : NULL;
}
