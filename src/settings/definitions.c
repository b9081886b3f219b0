/* SPDX-License-Identifier: Apache-2.0 */
/* Which tools and APIs does the configuration define? */
#include "settings/definitions.h"

#include "definitions_table.h"
#include "settings/yaml_struct.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

int definition_read(struct arena *a, struct str name, struct str text, struct definition *ret,
		    struct err *err)
{
	struct definition definition = { .method = STR_LIT("GET"), .pages.first = 1 };
	struct err why = { 0 };
	int code;

	if (text.len > DEFINITION_BYTES)
		return err_set(err, ERR_LIMIT, "%.*s: more than %d bytes", STR(name),
			       DEFINITION_BYTES);
	TRY(yaml_struct(a, name, text, &definition_desc, &definition, err));
	code = definition_check(&definition, &why);
	if (code < 0)
		return err_set(err, code, "%.*s: %s", STR(name), why.text);
	*ret = definition;
	return 0;
}

static int put(struct arena *a, struct definitions *definitions,
	       const struct definition *definition, struct err *err)
{
	for (size_t i = 0; i < definitions->count; i++)
		if (definitions->list[i].kind == definition->kind &&
		    str_eq(definitions->list[i].name, definition->name)) {
			definitions->list[i] = *definition;
			return 0;
		}
	if (definitions->count == DEFINITIONS)
		return err_set(err, ERR_LIMIT, "more than %d definitions", DEFINITIONS);
	if (!definitions->list)
		definitions->list = arena_array(a, DEFINITIONS, sizeof *definitions->list);
	definitions->list[definitions->count++] = *definition;
	return 0;
}

int definitions_shipped(struct arena *a, struct definitions *ret, struct err *err)
{
	*ret = (struct definitions){ 0 };
	for (size_t i = 0; i < ARRAY_COUNT(shipped_definitions); i++) {
		struct definition definition;

		if (!shipped_definitions[i].name)
			continue;
		TRY(definition_read(a, str_of(shipped_definitions[i].name),
				    str_of(shipped_definitions[i].text), &definition, err));
		TRY(put(a, ret, &definition, err));
	}
	return 0;
}

static int file_read(struct arena *a, const char *path, struct str *ret, struct err *err)
{
	char *bytes = arena_alloc(a, DEFINITION_BYTES + 1);
	ssize_t got, len = 0;
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return err_set(err, -errno, "%s: %s", path, strerror(errno));
	while (len <= DEFINITION_BYTES &&
	       (got = read(fd, bytes + len, (size_t)(DEFINITION_BYTES + 1 - len))) > 0)
		len += got;
	close(fd);
	*ret = str_bytes(bytes, (size_t)len);
	return 0;
}

static int is_yaml(const struct dirent *entry)
{
	struct str name = str_of(entry->d_name);

	return name.len > 5 && name.data[0] != '.' && str_ends(name, STR_LIT(".yaml"));
}

int definitions_add_folder(struct arena *a, const char *folder, struct definitions *definitions,
			   struct err *err)
{
	struct dirent **entries;
	int count = scandir(folder, &entries, is_yaml, alphasort), code = 0;

	if (count < 0)
		return err_set(err, -errno, "%s: %s", folder, strerror(errno));
	for (int i = 0; i < count; i++) {
		struct str path = str_printf(a, "%s/%s", folder, entries[i]->d_name),
			   text = STR_NONE;
		struct definition definition;

		if (code == 0)
			code = file_read(a, path.data, &text, err);
		if (code == 0)
			code = definition_read(a, path, text, &definition, err);
		if (code == 0)
			code = put(a, definitions, &definition, err);
		(free)(entries[i]); /* scandir's own */
	}
	(free)(entries);
	return code;
}
