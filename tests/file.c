/* SPDX-License-Identifier: Apache-2.0 */
/* What does a file of test data hold? */
#include "tests/file.h"

#include <stdio.h>

int test_file_read(struct arena *a, const char *path, struct str *ret)
{
	FILE *file = fopen(path, "r");
	struct buf bytes;

	if (!file)
		return -errno;
	buf_init(&bytes, a);
	while (!feof(file) && !ferror(file) && bytes.len < TEST_FILE_BYTES)
		bytes.len += fread(buf_reserve(&bytes, 65536), 1, 65536, file);
	fclose(file);
	*ret = buf_str(&bytes);
	return bytes.len < TEST_FILE_BYTES ? 0 : ERR_LIMIT;
}
