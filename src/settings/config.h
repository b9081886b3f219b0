/* SPDX-License-Identifier: Apache-2.0 */
/**
 * A configuration file: YAML whose keys are those of the settings table, "group.name" as name below
 * group, and no others. settings_load (settings/setting.h) finds the file.
 *
 *	scan:
 *	  rate_per_host: 10
 *	  resolvers: [192.0.2.1, "[2001:db8::1]:53"]
 *
 * Lists are sequences, or text with commas as in a flag. An empty value ("", ~, nothing) leaves a
 * setting without a default unset. Refused: unknown keys, keys that stand twice, aliases, anchors,
 * tags, a second document, control characters, more than CONFIG_BYTES_MAX. Secrets have no keys:
 * only the names of files that hold them do.
 */
#ifndef DSS_SETTINGS_CONFIG_H
#define DSS_SETTINGS_CONFIG_H

#include "settings/setting.h"

enum { CONFIG_BYTES_MAX = 256 * 1024, CONFIG_VALUE_BYTES_MAX = 4096 };

struct config {
	struct str name; /**< of the file, for messages */
	bool is_set[SETTING_COUNT];
	struct setting_value values[SETTING_COUNT]; /**< ORIGIN_FILE, checked by type */
};

/**
 * @a     holds what *ret points to; name and text may go afterwards
 * 0; ERR_SYNTAX, ERR_LIMIT: err says file, line, column, what is wrong, and the nearest key.
 */
int config_parse(struct arena *a, struct str name, struct str text, struct config *ret,
		 struct err *err) MUST_USE;

/** The same for a file of up to CONFIG_BYTES_MAX; or -errno. */
int config_read(struct arena *a, const char *path, struct config *ret, struct err *err) MUST_USE;

/**
 * A file with every key, its help and its default, all of it commented out: what `dss config init`
 * writes. config_parse reads it, and reads it too when the keys' lines are uncommented.
 */
void config_put_template(struct buf *out);

/**
 * The values as a file: what `dss config show` prints. With `has_origins`, each line says where its
 * value comes from.
 */
void config_put_values(struct buf *out, const struct settings *settings, bool has_origins);

#endif
