/* SPDX-License-Identifier: Apache-2.0 */
/* Which tools and APIs may be used, and with which keys? */
#include "settings/definitions.h"

#include <stdlib.h>
#include <unistd.h>

static const char *path_of(struct arena *a, const struct settings *settings, struct str name)
{
	struct str folder = settings->values[SETTING_EXTERNAL_KEYS].text;
	const char *credentials = getenv("CREDENTIALS_DIRECTORY");
	const char *path;

	if (folder.len) {
		path = str_printf(a, "%.*s/%.*s", STR(folder), STR(name)).data;
		if (access(path, F_OK) == 0)
			return path;
	}
	if (!credentials || credentials[0] != '/')
		return NULL;
	path = str_printf(a, "%s/external.%.*s", credentials, STR(name)).data;
	return access(path, F_OK) == 0 ? path : NULL;
}

static bool has_secret(const struct external *external, struct str name)
{
	for (size_t i = 0; i < external->secret_count; i++)
		if (str_eq(external->secrets[i].name, name))
			return true;
	return false;
}

static int secret_take(struct arena *a, const struct settings *settings, struct definition *d,
		       struct external *external, struct err *err)
{
	struct external_secret *slot;
	const char *path;

	if (!d->secret.len || has_secret(external, d->secret))
		return 0;
	path = path_of(a, settings, d->secret);
	if (!path) {
		d->lacks_secret = !d->is_secret_optional;
		return 0;
	}
	if (!external->secrets)
		external->secrets = arena_array(a, DEFINITIONS, sizeof *external->secrets);
	slot = &external->secrets[external->secret_count];
	slot->name = d->secret;
	TRY(secret_read_file(a, path, &slot->secret, err));
	external->secret_count++;
	return 0;
}

int external_read(struct arena *a, const struct settings *settings, struct external *ret,
		  struct err *err)
{
	const struct setting_value *off = &settings->values[SETTING_EXTERNAL_OFF];
	struct str folder = settings->values[SETTING_EXTERNAL_DEFINITIONS].text;
	struct external external = { 0 };

	TRY(definitions_shipped(a, &external.definitions, err));
	if (folder.len)
		TRY(definitions_add_folder(a, str_cstring(a, folder), &external.definitions, err));
	for (size_t i = 0; i < external.definitions.count; i++) {
		struct definition *d = &external.definitions.list[i];

		for (size_t k = 0; k < off->count; k++)
			d->is_off = d->is_off || str_eq(off->list[k], d->name);
		if (!d->is_off)
			TRY(secret_take(a, settings, d, &external, err));
	}
	*ret = external;
	return 0;
}

struct str external_key_text(struct arena *a, const struct settings *settings,
			     const struct definition *definition)
{
	struct str folder = settings->values[SETTING_EXTERNAL_KEYS].text;
	struct buf out;

	buf_init(&out, a);
	buf_printf(&out, "no key for %.*s, which speaks about ", STR(definition->name));
	for (size_t i = 0; i < definition->check_count; i++)
		buf_printf(&out, "%s%.*s", i ? ", " : "", STR(definition->checks[i]));
	if (folder.len)
		buf_printf(&out, ": put it into %.*s/%.*s", STR(folder), STR(definition->secret));
	else
		buf_printf(&out, ": name a folder (--keys) with the key in a file %.*s",
			   STR(definition->secret));
	buf_printf(&out, ", or do without (--external-off %.*s)", STR(definition->name));
	return buf_str(&out);
}
