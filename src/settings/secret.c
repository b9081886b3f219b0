/* SPDX-License-Identifier: Apache-2.0 */
/* Which secret does a setting name? */
#include "settings/secret.h"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

/* "queue.password_file" → CREDENTIALS/queue.password; NULL: there are no credentials. */
static const char *credential_path(struct arena *a, const struct setting_row *row)
{
	const char *folder = getenv("CREDENTIALS_DIRECTORY");
	struct str name = str_of(row->key ? row->key : row->flag);

	if (!folder || folder[0] != '/')
		return NULL;
	if (name.len > 5 && str_ends(name, STR_LIT("file")))
		name.len -= 5; /* with the "_" or "-" before it */
	return str_printf(a, "%s/%.*s", folder, STR(name)).data;
}

void secret_hide(void)
{
	static const struct rlimit none = { 0, 0 };

	/* Neither fails of a process's own will. */
	(void)setrlimit(RLIMIT_CORE, &none);
	(void)prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
}

int secret_read_text(struct arena *a, const char *path, struct secret *ret, struct err *err)
{
	char *bytes = arena_alloc(a, SECRET_BYTES_MAX + 1);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	size_t len = 0;
	ssize_t got = fd < 0 ? -1 : 1;
	struct str text;

	secret_hide();
	while (got > 0 && len <= SECRET_BYTES_MAX) {
		got = read(fd, bytes + len, SECRET_BYTES_MAX + 1 - len);
		len += got > 0 ? (size_t)got : 0;
	}
	if (got < 0)
		err_set(err, -errno, "cannot read %s: %s", path, strerror(errno));
	if (fd >= 0)
		close(fd);
	if (got < 0)
		return err ? err->code : -EIO;
	if (len > SECRET_BYTES_MAX)
		return err_set(err, ERR_LIMIT, "%s: more than %d bytes", path, SECRET_BYTES_MAX);
	text = str_bytes(bytes, len);
	if (str_ends(text, STR_LIT("\n")))
		text.len--;
	if (str_ends(text, STR_LIT("\r")))
		text.len--;
	if (!text.len || memchr(text.data, 0, text.len))
		return err_set(err, ERR_SYNTAX, "%s: it is empty, or no text", path);
	ret->bytes = text;
	return 0;
}

int secret_read_file(struct arena *a, const char *path, struct secret *ret, struct err *err)
{
	struct secret secret = { STR_NONE };
	int code = secret_read_text(a, path, &secret, err);

	if (code == ERR_SYNTAX || (code == 0 && str_find_char(secret.bytes, '\n') >= 0))
		return err_set(err, ERR_SYNTAX, "%s: a secret is one line of text", path);
	if (code == 0)
		*ret = secret;
	return code;
}

int secret_read(struct arena *a, const struct settings *settings, enum setting setting,
		struct secret *ret, struct err *err)
{
	const struct setting_row *row = &setting_rows[setting];
	struct str named = settings->values[setting].text;
	const char *path = named.len ? str_cstring(a, named) : credential_path(a, row);

	if (!path || (!named.len && access(path, F_OK) < 0))
		return err_set(err, -ENOENT, "--%s FILE says where it is", row->flag);
	return secret_read_file(a, path, ret, err);
}

void secret_forget(struct secret *secret)
{
	if (secret->bytes.len)
		explicit_bzero((char *)(uintptr_t)secret->bytes.data, secret->bytes.len);
	*secret = (struct secret){ STR_NONE };
}
