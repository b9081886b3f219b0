/* SPDX-License-Identifier: Apache-2.0 */
/* Which rows did a store say that it has, while somebody kills its server? */
#include "tests/contract/fixture.h"

#include <pthread.h>
#include <stdatomic.h>
#include <unistd.h>

/*
 * usage: writer URL THREADS
 *
 * Writes rows until its input ends. Each write is told on a line when its outcome is known:
 * "ID CODE", code 0 is an acknowledgement.
 */
enum { THREADS_MAX = 16, LINE_BYTES = 64 };

static atomic_bool is_over;
static atomic_llong next_id = 1;

static void *write_rows(void *store)
{
	while (!is_over) {
		char name[LINE_BYTES], line[LINE_BYTES];
		struct item item = { atomic_fetch_add(&next_id, 1), name, 1 };
		struct err err = { 0 };
		int code, len;

		snprintf(name, sizeof name, "row %lld", (long long)item.id);
		code = store_write(store, item_insert, &item, &err);
		len = snprintf(line, sizeof line, "%lld %d\n", (long long)item.id, code);
		if (write(STDOUT_FILENO, line, (size_t)len) != len)
			break;
		if (code < 0)
			usleep(20000);
	}
	return NULL;
}

int main(int count, char **words)
{
	int threads = count == 3 ? (int)strtol(words[2], NULL, 10) : 0;
	pthread_t thread[THREADS_MAX];
	struct store *store;
	struct err err;
	char end;

	if (threads < 1 || threads > THREADS_MAX)
		return 2;
	postgres_schema_replace(fixture_postgres_schema(FIXTURE_MIGRATIONS));
	if (store_open(str_of(words[1]), STORE_CREATE, &store, &err) < 0) {
		fprintf(stderr, "%s\n", err.text);
		return 1;
	}
	for (int i = 0; i < threads; i++)
		if (pthread_create(&thread[i], NULL, write_rows, store) != 0)
			return 1;
	while (read(STDIN_FILENO, &end, 1) > 0)
		;
	is_over = true;
	for (int i = 0; i < threads; i++)
		pthread_join(thread[i], NULL);
	store_close(store);
	return 0;
}
