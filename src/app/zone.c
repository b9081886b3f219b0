/* SPDX-License-Identifier: Apache-2.0 */
/* Which time zone is meant by a name? */
#include "app/zone.h"

#include <fcntl.h>
#include <unistd.h>

static void descriptor_close(const int *fd)
{
	if (*fd >= 0)
		close(*fd);
}

static int file_read(struct arena *a, const char *path, struct str *ret)
{
	_cleanup_(descriptor_close) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	char *data = arena_alloc(a, TZ_FILE_BYTES + 1);
	size_t len = 0;
	ssize_t got;

	if (fd < 0)
		return -errno;
	while ((got = read(fd, data + len, TZ_FILE_BYTES + 1 - len)) > 0)
		len += (size_t)got;
	if (got < 0)
		return -errno;
	*ret = (struct str){ data, len };
	return 0;
}

int zone_load(struct arena *a, struct str name, struct tz *ret, struct err *err)
{
	struct arena file = { 0 };
	struct str bytes = STR_NONE;
	int code;

	TRY(tz_name_check(name, err));
	if (str_eq(name, STR_LIT("UTC"))) {
		*ret = (struct tz){ 0 };
		return 0;
	}
	code = file_read(&file, str_printf(&file, "%s/%.*s", ZONEINFO_FOLDER, STR(name)).data,
			 &bytes);
	if (code == 0)
		code = tz_read(a, bytes, ret, err);
	else if (code == -ENOENT || code == -ENOTDIR || code == -EISDIR)
		code = err_set(
			err, -EINVAL,
			"there is no time zone \"%.*s\" in %s (package tzdata); names look like "
			"Europe/Berlin",
			STR(name), ZONEINFO_FOLDER);
	else
		code = err_set(err, code, "%s/%.*s: %s", ZONEINFO_FOLDER, STR(name),
			       strerror(-code));
	arena_release(&file);
	return code;
}
