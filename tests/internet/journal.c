/* SPDX-License-Identifier: Apache-2.0 */
/* What was asked, and when? Lines "SECONDS SERVER NAME TYPE udp|tcp FLAGS" in the file INTERNET_JOURNAL. */
#include "answer.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static int journal_fd = -1;

void journal_open(void)
{
	const char *path = getenv("INTERNET_JOURNAL");

	if (!path || !*path)
		return;
	journal_fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
	if (journal_fd < 0)
		fatal("%s: %s", path, strerror(errno));
}

/* One write a line: whoever reads along sees whole lines, and a kill loses none. */
void journal_query(const struct query *query)
{
	char line[NAME_BYTES * 5 + 128], name[NAME_BYTES * 4 + 1];
	struct timespec now;
	size_t at = 0, out = 0;
	int length;

	if (journal_fd < 0)
		return;
	while (query->name[at]) {
		uint8_t label = query->name[at++];

		for (uint8_t i = 0; i < label; i++, at++) {
			uint8_t c = query->name[at];

			if (c > 0x20 && c < 0x7f && c != '.' && c != '\\')
				name[out++] = (char)c;
			else
				out += (size_t)sprintf(name + out, "\\%03u", c);
		}
		name[out++] = '.';
	}
	if (!out)
		name[out++] = '.';
	name[out] = 0;
	clock_gettime(CLOCK_REALTIME, &now);
	length = snprintf(line, sizeof(line), "%ld.%06ld %s %s %u %s %04x\n", (long)now.tv_sec,
			  now.tv_nsec / 1000, query->server->name, name, query->type,
			  query->is_tcp ? "tcp" : "udp", query->flags);
	if (write(journal_fd, line, (size_t)length) != length)
		fatal("INTERNET_JOURNAL: %s", strerror(errno));
}
