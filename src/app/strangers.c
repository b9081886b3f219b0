/* SPDX-License-Identifier: Apache-2.0 */
/* How often were passwords tried for names that nobody has? */
#include "app/strangers.h"

#include <pthread.h>
#include <sodium.h>

enum { STRANGERS = 512, KEY_BYTES = crypto_shorthash_KEYBYTES };

static struct stranger {
	uint64_t name; /* its hash, by a key of this process; 0: free */
	int64_t failures, used_at, locked_until;
} strangers[STRANGERS];
static uint8_t key[KEY_BYTES];
static bool has_key;
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;

static uint64_t name_hash(struct str name)
{
	uint64_t hash;

	if (!has_key) {
		randombytes_buf(key, sizeof key);
		has_key = true;
	}
	crypto_shorthash((uint8_t *)&hash, (const uint8_t *)name.data, name.len, key);
	return hash ? hash : 1;
}

static struct stranger *find(uint64_t name)
{
	for (size_t i = 0; i < STRANGERS; i++)
		if (strangers[i].name == name)
			return &strangers[i];
	return NULL;
}

/* The longest unused place. */
static struct stranger *place(void)
{
	struct stranger *oldest = &strangers[0];

	for (size_t i = 1; i < STRANGERS; i++)
		if (strangers[i].used_at < oldest->used_at)
			oldest = &strangers[i];
	return oldest;
}

int64_t stranger_locked_until(struct str name)
{
	const struct stranger *stranger;
	int64_t until;

	pthread_mutex_lock(&mutex);
	stranger = find(name_hash(name));
	until = stranger ? stranger->locked_until : 0;
	pthread_mutex_unlock(&mutex);
	return until;
}

int64_t stranger_count(struct str name, int64_t now_us)
{
	struct stranger *stranger;
	int64_t failures;
	uint64_t hash;

	pthread_mutex_lock(&mutex);
	hash = name_hash(name);
	stranger = find(hash);
	if (!stranger) {
		stranger = place();
		*stranger = (struct stranger){ .name = hash };
	}
	stranger->used_at = now_us;
	failures = ++stranger->failures;
	pthread_mutex_unlock(&mutex);
	return failures;
}

void stranger_lock(struct str name, int64_t until_us)
{
	struct stranger *stranger;

	pthread_mutex_lock(&mutex);
	stranger = find(name_hash(name));
	if (stranger)
		stranger->locked_until = until_us;
	pthread_mutex_unlock(&mutex);
}
