/* SPDX-License-Identifier: Apache-2.0 */
/* Whom may this process become? user_namespaces(7). */
#include "loop/identity.h"

#include "base/err.h"

#include <fcntl.h>
#include <unistd.h>

enum { MAP_BYTES = 4096 };

static int number_take(struct str *line, uint64_t *ret)
{
	struct str word;

	return str_word(line, &word) ? str_to_uint(word, UINT32_MAX, ret) : ERR_SYNTAX;
}

bool identity_map_has(struct str map, unsigned id)
{
	struct str line;

	while (str_split(&map, '\n', &line)) {
		uint64_t inside, outside, count;

		if (number_take(&line, &inside) < 0 || number_take(&line, &outside) < 0 ||
		    number_take(&line, &count) < 0)
			continue;
		if (id >= inside && id - inside < count)
			return true;
	}
	return false;
}

/* Empty when it cannot be read. */
static struct str proc_read(const char *path, char text[static MAP_BYTES])
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t len = fd < 0 ? 0 : read(fd, text, MAP_BYTES);

	if (fd >= 0)
		close(fd);
	return str_bytes(text, len < 0 ? 0 : (size_t)len);
}

bool identity_can_become(uid_t uid, gid_t gid)
{
	char users[MAP_BYTES], groups[MAP_BYTES], leaving[MAP_BYTES];
	struct str user_map, group_map;

	if (geteuid() != 0)
		return false;
	user_map = proc_read("/proc/self/uid_map", users);
	group_map = proc_read("/proc/self/gid_map", groups);
	if (!user_map.len || !group_map.len)
		return true;
	return identity_map_has(user_map, uid) && identity_map_has(group_map, gid) &&
	       !str_starts(proc_read("/proc/self/setgroups", leaving), STR_LIT("deny"));
}
