/* SPDX-License-Identifier: Apache-2.0 */
/* Do secrets come from files and credentials only, one line each? */
#include "settings/secret.h"

#include "tests/test.h"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

static char folder[] = "/tmp/dss-secret.XXXXXX";

static const char *file_of(struct arena *a, const char *name, struct str text)
{
	const char *path = str_printf(a, "%s/%s", folder, name).data;
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	CHECK(fd >= 0);
	CHECK_INT(write(fd, text.data, text.len), text.len);
	close(fd);
	return path;
}

static int read_token(struct arena *a, const char *path, struct secret *ret, struct err *err)
{
	struct settings *settings = ARENA_NEW(a, struct settings);

	settings->values[SETTING_TOKEN].text = str_of(path);
	return secret_read(a, settings, SETTING_TOKEN, ret, err);
}

TEST(secrets_are_one_line_of_a_file)
{
	static const struct {
		struct str text;
		const char *secret; /* NULL: refused */
	} rows[] = {
		{ STR_INIT("dss_key"), "dss_key" },
		{ STR_INIT("dss_key\n"), "dss_key" },
		{ STR_INIT("dss_key\r\n"), "dss_key" },
		{ STR_INIT(" with blanks \n"), " with blanks " },
		{ STR_INIT(""), NULL },
		{ STR_INIT("\n"), NULL },
		{ STR_INIT("two\nlines\n"), NULL },
		{ STR_INIT("nul\0byte"), NULL },
	};
	struct arena a = { 0 };
	char big[SECRET_BYTES_MAX + 1];
	struct secret secret;
	struct err err = { 0 };

	CHECK(mkdtemp(folder) != NULL);
	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		const char *path = file_of(&a, "secret", rows[i].text);

		test_row("%zu", i);
		CHECK((read_token(&a, path, &secret, &err) == 0) == (rows[i].secret != NULL));
		if (rows[i].secret)
			CHECK_STR(secret.bytes, rows[i].secret);
		else
			CHECK(str_find(str_of(err.text), STR_LIT("two")) < 0);
		unlink(path);
	}
	memset(big, 'y', sizeof big);
	CHECK_INT(read_token(&a, file_of(&a, "secret", str_bytes(big, sizeof big)), &secret, &err),
		  ERR_LIMIT);
	unlink(str_printf(&a, "%s/secret", folder).data);
	CHECK_INT(read_token(&a, str_printf(&a, "%s/secret", folder).data, &secret, &err), -ENOENT);
	CHECK_INT(rmdir(folder), 0);
	arena_release(&a);
}

TEST(credentials_stand_in_for_files_that_are_not_named)
{
	struct arena a = { 0 };
	struct secret secret;
	struct err err = { 0 };
	struct rlimit core;

	snprintf(folder, sizeof folder, "/tmp/dss-secret.XXXXXX");
	CHECK(mkdtemp(folder) != NULL);
	unsetenv("CREDENTIALS_DIRECTORY");
	CHECK_INT(read_token(&a, NULL, &secret, &err), -ENOENT);
	CHECK_STR(str_of(err.text), "--token-file FILE says where it is");
	setenv("CREDENTIALS_DIRECTORY", folder, 1);
	CHECK_INT(read_token(&a, NULL, &secret, &err), -ENOENT);
	file_of(&a, "client.token", STR_LIT("from systemd\n"));
	CHECK_INT(read_token(&a, NULL, &secret, &err), 0);
	CHECK_STR(secret.bytes, "from systemd");
	CHECK_INT(read_token(&a, file_of(&a, "named", STR_LIT("named")), &secret, &err), 0);
	CHECK_STR(secret.bytes, "named");
	CHECK_INT(prctl(PR_GET_DUMPABLE, 0, 0, 0, 0), 0);
	CHECK_INT(getrlimit(RLIMIT_CORE, &core), 0);
	CHECK(core.rlim_cur == 0 && core.rlim_max == 0);
	secret_forget(&secret);
	CHECK_INT(secret.bytes.len, 0);
	unsetenv("CREDENTIALS_DIRECTORY");
	unlink(str_printf(&a, "%s/client.token", folder).data);
	unlink(str_printf(&a, "%s/named", folder).data);
	CHECK_INT(rmdir(folder), 0);
	arena_release(&a);
}
