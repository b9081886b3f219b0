/* SPDX-License-Identifier: Apache-2.0 */
/* What is configured, and where does it say so? */
#include "cli/command.h"
#include "settings/config.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

static int show(const struct call *call)
{
	struct buf out;

	buf_init(&out, call->arena);
	if (call->settings->file.len)
		buf_printf(&out, "# %.*s\n", STR(call->settings->file));
	config_put_values(&out, call->settings, call_value(call, SETTING_ORIGIN)->is_on);
	return console_put(buf_str(&out));
}

/* Without a file: the one in use, which has been read by now. */
static int check(const struct call *call)
{
	const struct settings *settings = call->settings;
	struct str path = settings->file;
	struct config config;
	struct buf out;
	struct err err;

	if (settings->operand_count > 1) {
		path = settings->operands[1];
		if (config_read(call->arena, str_cstring(call->arena, path), &config, &err) < 0)
			return console_usage("config", "%s", err.text);
	}
	buf_init(&out, call->arena);
	if (path.len)
		buf_printf(&out, "%.*s: every key and value is right\n", STR(path));
	else
		buf_put_lit(&out, "there is no configuration file: all is at its default\n");
	return console_put(buf_str(&out));
}

static int folder_make(struct arena *a, const char *path, struct err *err)
{
	struct str folder = str_of(path);
	ptrdiff_t slash = str_find_last_char(folder, '/');

	if (slash <= 0)
		return 0;
	folder = str_first(folder, (size_t)slash);
	if (mkdir(str_cstring(a, folder), 0755) < 0 && errno != EEXIST && errno != ENOENT)
		return err_set(err, -errno, "cannot make the folder %.*s: %s", STR(folder),
			       strerror(errno));
	return 0;
}

static int template_write(struct arena *a, const char *path, struct err *err)
{
	struct buf text;
	ssize_t written;
	int fd;

	TRY(folder_make(a, path, err));
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
	if (fd < 0 && errno == EEXIST)
		return err_set(err, -EEXIST, "%s is there already; it is never overwritten", path);
	if (fd < 0)
		return err_set(err, -errno, "cannot make %s: %s", path, strerror(errno));
	buf_init(&text, a);
	config_put_template(&text);
	written = write(fd, text.data, text.len);
	if (close(fd) < 0 || written != (ssize_t)text.len) {
		unlink(path);
		return err_set(err, -EIO, "cannot write %s", path);
	}
	return 0;
}

static int init(const struct call *call)
{
	const struct settings *settings = call->settings;
	const char *path = settings->operand_count > 1
				   ? str_cstring(call->arena, settings->operands[1])
			   : geteuid() == 0 ? SETTINGS_SYSTEM_CONFIG
					    : settings_own_config(call->arena);
	struct buf out;
	struct err err;

	if (!path)
		return console_usage("config", "there is no $HOME: dss config init FILE");
	buf_init(&out, call->arena);
	if (str_eq(str_of(path), STR_LIT("-"))) {
		config_put_template(&out);
		return console_put(buf_str(&out));
	}
	if (template_write(call->arena, path, &err) < 0) {
		console_say("%s", err.text);
		return err.code == -EEXIST ? EXIT_USAGE : EXIT_BROKEN;
	}
	buf_printf(&out, "wrote %s\n", path);
	return console_put(buf_str(&out));
}

int config_run(const struct call *call)
{
	static const struct {
		const char *verb;
		size_t operands;
		int (*run)(const struct call *call);
	} verbs[] = { { "show", 1, show }, { "check", 2, check }, { "init", 2, init } };
	const struct settings *settings = call->settings;
	struct str verb = settings->operand_count ? settings->operands[0] : STR_LIT("show");

	for (size_t i = 0; i < ARRAY_COUNT(verbs); i++) {
		if (!str_eq(verb, str_of(verbs[i].verb)))
			continue;
		if (settings->operand_count > verbs[i].operands)
			return console_usage("config", "too many words: \"%.*s\"",
					     STR(settings->operands[verbs[i].operands]));
		return verbs[i].run(call);
	}
	return console_usage("config", "\"%.*s\" is none of show, check, init", STR(verb));
}
