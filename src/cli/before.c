/* SPDX-License-Identifier: Apache-2.0 */
/* What had earlier scans seen? */
#include "cli/before.h"

#include "children/protocol.h"
#include "facts/compared.h"
#include "facts/file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

static int file_read(struct arena *a, const char *path, struct str *ret, struct err *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat stat;
	ssize_t got = 0;
	size_t len = 0;
	char *bytes;

	if (fd < 0 || fstat(fd, &stat) < 0 || stat.st_size > BEFORE_FILE_BYTES) {
		int code = fd < 0 ? -errno : ERR_LIMIT;

		if (fd >= 0)
			close(fd);
		return err_set(err, code, "--before %s: %s", path,
			       fd < 0 ? strerror(errno) : "it is too large");
	}
	bytes = arena_alloc(a, (size_t)stat.st_size);
	while (len < (size_t)stat.st_size &&
	       (got = read(fd, bytes + len, (size_t)stat.st_size - len)) > 0)
		len += (size_t)got;
	close(fd);
	*ret = str_bytes(bytes, len);
	return 0;
}

static int scan_read(struct arena *a, struct facts_file *file, struct before_scan *scan,
		     struct err *err)
{
	struct str fact;
	int code;

	scan->facts = arena_array(a, SCANNER_BEFORE, sizeof *scan->facts);
	while ((code = facts_file_encoded(file, &fact, err)) > 0)
		if (scan->fact_count < SCANNER_BEFORE && fact_is_compared(fact))
			scan->facts[scan->fact_count++] = fact;
	return code;
}

int before_read(struct arena *a, const char *path, struct before *ret, struct err *err)
{
	struct before before = { 0 };
	struct facts_file file = { 0 };
	struct facts_scan scan;
	struct err why = { 0 };
	size_t room = 0;
	int code;

	TRY(file_read(a, path, &file.rest, err));
	while ((code = facts_file_scan(a, &file, &scan, &why)) > 0) {
		if (before.count == room) {
			size_t more = room ? room * 2 : 16;

			before.scans = arena_grow(a, before.scans, room * sizeof *before.scans,
						  more * sizeof *before.scans);
			room = more;
		}
		before.scans[before.count] = (struct before_scan){ .domain = scan.domain };
		code = scan_read(a, &file, &before.scans[before.count++], &why);
		if (code < 0)
			break;
	}
	if (code < 0)
		return err_set(err, code, "--before %s: %s", path, why.text);
	*ret = before;
	return 0;
}

const struct before_scan *before_find(const struct before *before, struct str domain)
{
	for (size_t i = before->count; i-- > 0;)
		if (str_eq(before->scans[i].domain, domain))
			return &before->scans[i];
	return NULL;
}
