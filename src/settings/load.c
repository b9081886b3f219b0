/* SPDX-License-Identifier: Apache-2.0 */
/* Where are this process's settings? */
#include "settings/config.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *variable(const char *name)
{
	return getenv(name);
}

/* What $NAME says, else ~/rest; NULL without a home. */
static const char *home_path(struct arena *a, const char *name, const char *rest)
{
	const char *base = getenv(name), *home = getenv("HOME");

	if (base && base[0] == '/')
		return str_printf(a, "%s/dss", base).data;
	return home && home[0] == '/' ? str_printf(a, "%s/%s/dss", home, rest).data : NULL;
}

const char *settings_own_config(struct arena *a)
{
	const char *folder = home_path(a, "XDG_CONFIG_HOME", ".config");

	return folder ? str_printf(a, "%s/dss.yaml", folder).data : NULL;
}

/* One that is there is meant to be read: that it cannot be is no reason to take the next. */
static const char *config_find(struct arena *a)
{
	const char *own = settings_own_config(a);

	if (access(SETTINGS_SYSTEM_CONFIG, F_OK) == 0)
		return SETTINGS_SYSTEM_CONFIG;
	return own && access(own, F_OK) == 0 ? own : NULL;
}

static int whole_read(int fd, char *data, size_t size)
{
	size_t len = 0;

	while (len < size) {
		ssize_t got = read(fd, data + len, size - len);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return -errno;
		if (got == 0)
			break;
		len += (size_t)got;
	}
	return (int)len;
}

int config_read(struct arena *a, const char *path, struct config *ret, struct err *err)
{
	char *data = arena_alloc(a, CONFIG_BYTES_MAX + 1);
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	int len = fd < 0 ? -errno : whole_read(fd, data, CONFIG_BYTES_MAX + 1);

	if (fd >= 0)
		close(fd);
	if (len < 0)
		return err_set(err, len, "cannot read the configuration %s: %s", path,
			       strerror(-len));
	return config_parse(a, str_of(path), str_bytes(data, (size_t)len), ret, err);
}

static void text_default(struct settings *settings, enum setting setting, struct str text)
{
	if (!settings->values[setting].text.len)
		settings->values[setting].text = text;
}

/* The defaults that depend on who asks. */
static int places_default(struct arena *a, unsigned commands, struct settings *settings,
			  struct err *err)
{
	const char *data =
		geteuid() == 0 ? "/var/lib/dss" : home_path(a, "XDG_DATA_HOME", ".local/share");
	struct str folder;

	if (!setting_applies(&setting_rows[SETTING_DATA], commands))
		return 0;
	text_default(settings, SETTING_DATA, str_of(data));
	folder = settings->values[SETTING_DATA].text;
	if (!folder.len && setting_applies(&setting_rows[SETTING_STORE], commands))
		return err_set(err, ERR_SYNTAX,
			       "there is no $HOME: --data FOLDER says where all "
			       "is kept");
	text_default(settings, SETTING_STORE, str_printf(a, "sqlite:%.*s", STR(folder)));
	return 0;
}

static bool needs_config(unsigned commands)
{
	return setting_applies(&setting_rows[SETTING_CONFIG], commands);
}

int settings_load(struct arena *a, unsigned commands, int word_count, char *const *words,
		  struct settings *ret, struct err *err)
{
	struct settings_sources sources = { .variable = variable };
	struct settings settings;
	struct config config;
	const char *path;

	TRY(settings_read(a, commands, word_count, words, &sources, &settings, err));
	if (settings.wants_help || settings.wants_full_help || !needs_config(commands)) {
		*ret = settings;
		return 0;
	}
	path = settings.values[SETTING_CONFIG].text.len
		       ? str_cstring(a, settings.values[SETTING_CONFIG].text)
		       : config_find(a);
	if (path) {
		TRY(config_read(a, path, &config, err));
		sources.config = &config;
		TRY(settings_read(a, commands, word_count, words, &sources, &settings, err));
	}
	TRY(places_default(a, commands, &settings, err));
	*ret = settings;
	return 0;
}

/* Joined again: a list may have come from several flags. */
static struct str value_text(struct arena *a, const struct setting_row *row,
			     const struct setting_value *value)
{
	struct buf joined;

	if (row->type == TYPE_SWITCH)
		return value->is_on ? STR_LIT("yes") : STR_LIT("no");
	if (!value->count)
		return value->text;
	buf_init(&joined, a);
	for (size_t i = 0; i < value->count; i++) {
		if (i)
			buf_put_char(&joined, ',');
		buf_put_str(&joined, value->list[i]);
	}
	return buf_str(&joined);
}

const char *const *settings_variables(struct arena *a, const struct settings *settings)
{
	const char **variables = arena_array(a, SETTING_COUNT + 1, sizeof *variables);
	size_t count = 0;

	for (size_t i = 0; i < SETTING_COUNT; i++) {
		const struct setting_row *row = &setting_rows[i];
		struct str text = value_text(a, row, &settings->values[i]);
		char name[SETTING_VARIABLE_BYTES];

		if (row->key && text.len && settings->values[i].origin != ORIGIN_DEFAULT)
			variables[count++] =
				str_printf(a, "%s=%.*s", setting_variable(row, name), STR(text))
					.data;
	}
	return variables;
}
