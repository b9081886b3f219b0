/* SPDX-License-Identifier: Apache-2.0 */
/* Where do unpredictable numbers come from? */
#include "net/random.h"

#include "base/err.h"

#include <sys/random.h>

static void random_fill(struct random *random)
{
	size_t have = 0;

	while (have < sizeof random->pool) {
		ssize_t got = getrandom(random->pool + have, sizeof random->pool - have, 0);

		if (got < 0 && errno != EINTR)
			abort();
		have += got > 0 ? (size_t)got : 0;
	}
	random->left = sizeof random->pool;
}

void random_bytes(struct random *random, void *out, size_t len)
{
	if (len > random->left)
		random_fill(random);
	random->left -= len;
	memcpy(out, random->pool + random->left, len);
}
