/* SPDX-License-Identifier: Apache-2.0 */
/* What does the URL of a PostgreSQL store say? */
#include "store/postgres/parts.h"

#include <fcntl.h>
#include <limits.h>
#include <unistd.h>

enum { KEYWORDS_MOST = 64, PASSWORD_BYTES = 1024 };

/* What libpq does about a server that is gone; DSS's own waits end besides. */
static const struct {
	const char *keyword, *value;
} ours[] = {
	{ "client_encoding", "UTF8" },
	{ "keepalives", "1" },
	{ "keepalives_idle", "4" },
	{ "keepalives_interval", "2" },
	{ "keepalives_count", "3" },
	{ "tcp_user_timeout", "10000" },
	{ "fallback_application_name", "dss" },
};

static const char *value_of(const PQconninfoOption *options, const char *keyword)
{
	for (; options->keyword; options++)
		if (!strcmp(options->keyword, keyword))
			return options->val;
	return NULL;
}

/* The file has the password and nothing else; an end of line behind it is none of it. */
static int read_password(struct store_place *place, const char *path, const char **ret,
			 struct err *err)
{
	char octets[PASSWORD_BYTES];
	int fd = open(path, O_RDONLY | O_CLOEXEC), code = -errno;
	ssize_t got = fd < 0 ? -1 : read(fd, octets, sizeof octets);
	struct str password;

	if (fd >= 0 && got < 0)
		code = -errno;
	if (fd >= 0)
		close(fd);
	if (got < 0)
		return err_set(err, code, "%s: the password of the store cannot be read: %s", path,
			       strerror(-code));
	password = str_trim(str_bytes(octets, (size_t)got));
	if (!password.len || got == sizeof octets)
		return err_set(
			err, -EINVAL,
			"%s: wants the password of the store, alone and shorter than %d octets",
			path, PASSWORD_BYTES);
	*ret = str_cstring(&place->arena, password);
	explicit_bzero(octets, sizeof octets);
	return 0;
}

/* Take "password-file=…" out of the query, which libpq does not know. */
static const char *without_password_file(struct store_place *place, struct str url,
					 const char **ret_path)
{
	static const struct str name = STR_INIT("password-file=");
	ptrdiff_t query = str_find_char(url, '?');
	struct buf out;
	struct str rest, part;
	char before = '?';

	*ret_path = NULL;
	if (query < 0)
		return str_cstring(&place->arena, url);
	buf_init(&out, &place->arena);
	buf_put_str(&out, str_first(url, (size_t)query));
	rest = str_from(url, (size_t)query + 1);
	while (str_split(&rest, '&', &part)) {
		if (str_starts(part, name)) {
			*ret_path = str_cstring(&place->arena, str_from(part, name.len));
			continue;
		}
		buf_put_char(&out, before);
		buf_put_str(&out, part);
		before = '&';
	}
	return str_cstring(&place->arena, buf_str(&out));
}

static void name_place(struct store_place *place, const PQconninfoOption *options)
{
	const char *host = value_of(options, "host"), *port = value_of(options, "port");
	const char *database = value_of(options, "dbname");

	place->name = str_printf(&place->arena, "postgresql://%s%s%s/%s", host ? host : "",
				 port ? ":" : "", port ? port : "", database ? database : "")
			      .data;
}

static int take_options(struct store_place *place, const PQconninfoOption *options,
			const char *password)
{
	const char **keywords = arena_array(&place->arena, KEYWORDS_MOST, sizeof *keywords);
	const char **values = arena_array(&place->arena, KEYWORDS_MOST, sizeof *values);
	size_t count = 0;

	for (size_t i = 0; i < ARRAY_COUNT(ours); i++) {
		keywords[count] = ours[i].keyword;
		values[count++] = ours[i].value;
	}
	if (password) {
		keywords[count] = "password";
		values[count++] = password;
	}
	for (; options->keyword; options++) { /* the URL's come later: they win */
		if (!options->val || count + 1 >= KEYWORDS_MOST)
			continue;
		keywords[count] = str_copy(&place->arena, str_of(options->keyword)).data;
		values[count++] = str_copy(&place->arena, str_of(options->val)).data;
	}
	place->keywords = keywords;
	place->values = values;
	return 0;
}

int address_read(struct store_place *place, struct str where, struct err *err)
{
	const char *path, *password = NULL, *url;
	char *said = NULL;
	PQconninfoOption *options;
	int code = 0;

	if (!str_starts(where, STR_LIT("//")) || memchr(where.data, 0, where.len))
		return err_set(err, -EINVAL,
			       "store: write postgresql://USER@HOST/DATABASE, for example "
			       "postgresql://dss@db.example/dss");
	url = without_password_file(place, str_printf(&place->arena, "postgresql:%.*s", STR(where)),
				    &path);
	options = PQconninfoParse(url, &said);
	if (!options) /* what libpq says repeats the URL, and there might be a password in it */
		code = err_set(err, -EINVAL,
			       "store: the URL after postgresql: is none that libpq can read");
	PQfreemem(said);
	if (code == 0 && value_of(options, "password"))
		code = err_set(
			err, -EINVAL,
			"store: a password in the URL would be seen by others: write it into "
			"a file and say ?password-file=FILE, or use ~/.pgpass");
	if (code == 0 && path)
		code = read_password(place, path, &password, err);
	if (code == 0) {
		name_place(place, options);
		code = take_options(place, options, password);
	}
	PQconninfoFree(options);
	return code;
}
