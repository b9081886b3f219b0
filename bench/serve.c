/* SPDX-License-Identifier: Apache-2.0 */
/* The answering server by itself, for measurements that are scripts: which port, how many queries? */
#include "bench/answerd.h"

#include "base/str.h"

#include <unistd.h>

/* Prints its port; for each octet on standard input, how many queries it has answered; ends with it. */
int main(void)
{
	char octet;
	pid_t pid;

	printf("%u\n", answerd_start(&pid));
	fflush(stdout);
	while (read(STDIN_FILENO, &octet, 1) == 1) {
		printf("%llu\n", (unsigned long long)answerd_count());
		fflush(stdout);
	}
	answerd_stop(pid);
	return 0;
}
