/* SPDX-License-Identifier: Apache-2.0 */
/* Is any file read as a configuration or refused with a reason, and what was read shown again? */
#include "settings/config.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *variable(const char *name)
{
	return NULL;
}

/* What is shown reads back as the same. */
static void show_again(struct arena *a, const struct config *config)
{
	struct settings_sources sources = { variable, config };
	struct settings *settings = ARENA_NEW(a, struct settings);
	struct config *again = ARENA_NEW(a, struct config);
	struct buf out;

	if (settings_read(a, FOR_CONFIG, 0, NULL, &sources, settings, NULL) < 0)
		abort();
	buf_init(&out, a);
	config_put_values(&out, settings, false);
	if (config_parse(a, STR_LIT("shown"), buf_str(&out), again, NULL) < 0)
		abort();
	for (size_t i = 0; i < SETTING_COUNT; i++)
		if (setting_rows[i].key && (again->values[i].number != settings->values[i].number ||
					    again->values[i].is_on != settings->values[i].is_on ||
					    again->values[i].count != settings->values[i].count))
			abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena a = { 0 };
	struct config *config = ARENA_NEW(&a, struct config);
	struct err err = { 0 };

	if (config_parse(&a, STR_LIT("fuzz"), str_bytes(data, size), config, &err) == 0)
		show_again(&a, config);
	else if (!err.text[0])
		abort();
	arena_release(&a);
	return 0;
}
