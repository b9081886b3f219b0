/* SPDX-License-Identifier: Apache-2.0 */
/* Which role holds the turn at writing and does not let go? */
#include "roles/serve/stuck.h"

#include "base/fault.h"

#include <fcntl.h>
#include <unistd.h>

/* By a signal, as the kernel tells it: one that a debugger holds is left alone. */
static bool is_stopped(pid_t pid)
{
	char path[64], text[512];
	const char *end;
	ssize_t got;
	int fd;

	snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	got = read(fd, text, sizeof text - 1);
	close(fd);
	text[got > 0 ? got : 0] = 0;
	end = strrchr(text, ')'); /* a name may hold anything */
	return end && end[1] == ' ' && end[2] == 'T';
}

static bool is_same_turn(const struct folder_writer *a, const struct folder_writer *b)
{
	return a->is_writing && b->is_writing && a->pid == b->pid && a->since_us == b->since_us;
}

pid_t stuck_look(struct stuck *stuck, const char *folder, const pid_t *pids, size_t count,
		 int64_t now_us)
{
	struct folder_writer writer;
	struct err ignored;
	int64_t held_us;

	if (folder_writer(folder, &writer, &ignored) < 0)
		return 0;
	if (!is_same_turn(&writer, &stuck->seen))
		stuck->since_us = now_us;
	stuck->seen = writer;
	held_us = now_us - stuck->since_us;
	if (held_us < STUCK_STOPPED_MS * INT64_C(1000) || FAULT_IS_OFF("takeover"))
		return 0;
	/* The turn may have come to one that was stopped while it waited: it has not said so. */
	for (size_t i = 0; i < count; i++)
		if (pids[i] && (is_stopped(pids[i]) ||
				(pids[i] == writer.pid && held_us >= STUCK_MS * INT64_C(1000))))
			return pids[i];
	return 0;
}
