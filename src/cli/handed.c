/* SPDX-License-Identifier: Apache-2.0 */
/* What has dss serve handed to this role? */
#include "cli/handed.h"

#include "base/str.h"

#include <fcntl.h>
#include <stdlib.h>

int handed_fd(const char *variable)
{
	const char *text = getenv(variable);
	uint64_t fd;

	if (!text || str_to_uint(str_of(text), 15, &fd) < 0 || fd < 3)
		return 0;
	return fcntl((int)fd, F_GETFD) < 0 ? 0 : (int)fd;
}
