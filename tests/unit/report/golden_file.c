/* SPDX-License-Identifier: Apache-2.0 */
/* Is a text what stands in a file of tests/golden? */
#include "tests/unit/report/golden_file.h"

#include <fcntl.h>
#include <unistd.h>

#include "tests/test.h"

static struct str file_read(struct arena *a, const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct buf text;
	ssize_t got = 1;

	buf_init(&text, a);
	while (fd >= 0 && got > 0) {
		got = read(fd, buf_reserve(&text, 4096), 4096);
		text.len += got > 0 ? (size_t)got : 0;
	}
	if (fd >= 0)
		close(fd);
	return buf_str(&text);
}

void golden_check(struct arena *a, const char *name, struct str text)
{
	char path[512];

	snprintf(path, sizeof path, "%s/%s", GOLDEN_DIR, name);
	test_row("%s", path);
	if (getenv("GOLDEN_WRITE")) {
		int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

		CHECK(fd >= 0 && write(fd, text.data, text.len) == (ssize_t)text.len);
		close(fd);
	}
	test_check_str(text, file_read(a, path), __FILE__, __LINE__);
}
