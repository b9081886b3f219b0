/* SPDX-License-Identifier: Apache-2.0 */
/* How is a store opened, and how does a closure run on it? */
#include "store/store.h"

#include "base/clock.h"
#include "store/parts.h"

#include <unistd.h>

static const struct store_backend *const backends[] = { &store_backend_sqlite,
							&store_backend_postgres };

/* ---- closures ---- */

enum { ARENA_BYTES = 16 * 1024, ARENA_KEPT_BYTES = 1024 * 1024 };

static _Thread_local bool is_inside_closure;

int closure_check(struct err *err)
{
	if (!is_inside_closure)
		return 0;
	return err_set(err, -EDEADLK, "a closure of the store may not call the store again");
}

static void arena_restart(struct store_connection *c)
{
	if (c->arena.held_bytes > ARENA_KEPT_BYTES)
		arena_release(&c->arena);
	if (!c->arena.head) {
		arena_init(&c->arena, ARENA_BYTES);
		(void)!arena_alloc(&c->arena, 1);
		c->arena_start = arena_mark(&c->arena);
	}
	arena_rewind(&c->arena, c->arena_start);
}

int closure_run(struct store *store, struct store_connection *c, store_work *work, void *context,
		struct err *err)
{
	struct store_tx tx = { .a = &c->arena, .connection = c };
	int code;

	arena_restart(c);
	tx.now_us = store->now_us ? store->now_us(store->clock_context) : clock_utc_us();
	is_inside_closure = true;
	code = work(&tx, context, err);
	is_inside_closure = false;
	if (c->spoilt)
		return err_set(err, c->spoilt, "%s", c->why.text);
	return code < 0 ? code : 0;
}

int store_spoil(struct store_connection *c, int code, const struct err *why)
{
	if (code != -EEXIST && code != ERR_CONSTRAINT && code != ERR_REFERENCE && !c->spoilt) {
		c->spoilt = code;
		c->why = *why;
	}
	return code;
}

int connection_open(struct store *store, bool is_writer, struct store_connection **ret,
		    struct err *err)
{
	TRY(store->backend->connect(store->place, is_writer, ret, err));
	(*ret)->backend = store->backend;
	(*ret)->is_writer = is_writer;
	return 0;
}

void connection_close(struct store_connection *c)
{
	if (!c)
		return;
	arena_release(&c->arena);
	c->backend->disconnect(c);
}

/* ---- the store ---- */

static int split_url(struct str url, const struct store_backend **ret, struct str *ret_where,
		     struct err *err)
{
	ptrdiff_t colon = str_find_char(url, ':');

	for (size_t i = 0; colon >= 0 && i < ARRAY_COUNT(backends); i++) {
		if (!str_eq(str_first(url, (size_t)colon), str_of(backends[i]->scheme)))
			continue;
		*ret = backends[i];
		*ret_where = str_from(url, (size_t)colon + 1);
		return 0;
	}
	return err_set(err, -EPROTONOSUPPORT,
		       "store \"%.*s\": write sqlite:FOLDER, for example sqlite:/var/lib/dss, or "
		       "postgresql://USER@HOST/DATABASE",
		       STR(str_first(url, str_find_char(url, '@') < 0 ? 100 : 0)));
}

static int open_parts(struct store *store, struct err *err)
{
	int code = write_queue_init(&store->writes);

	if (code == 0)
		code = read_pool_init(&store->reads);
	if (code < 0)
		return err_set(err, code, "store: %s", strerror(-code));
	if (store->flags & STORE_READ_ONLY)
		return 0;
	return connection_open(store, true, &store->writer, err);
}

int store_open(struct str url, unsigned flags, struct store **ret, struct err *err)
{
	const struct store_backend *backend = NULL;
	struct store_place *place;
	struct store *store;
	struct str where = STR_NONE;
	int code;

	TRY(split_url(url, &backend, &where, err));
	TRY(backend->open(where, flags, &place, err));
	store = memory_alloc(sizeof *store);
	*store = (struct store){ .backend = backend, .place = place, .flags = flags };
	code = open_parts(store, err);
	if (code < 0) {
		store_close(store);
		return code;
	}
	*ret = store;
	return 0;
}

void store_close(struct store *store)
{
	if (!store)
		return;
	read_pool_release(store);
	connection_close(store->writer);
	write_queue_release(&store->writes);
	store->backend->close(store->place);
	memory_free(store);
}

void store_set_clock(struct store *store, int64_t (*now_us)(void *context), void *context)
{
	store->now_us = now_us;
	store->clock_context = context;
}

int store_backup(struct store *store, const char *path, store_progress *progress, void *context,
		 struct err *err)
{
	TRY(closure_check(err));
	return store->backend->backup(store->place, path, progress, context, err);
}

int store_check(struct store *store, struct arena *a, struct store_check *ret, struct err *err)
{
	TRY(closure_check(err));
	return store->backend->check(store->place, a, ret, err);
}

int store_wake_fd(struct store *store, int *ret, struct err *err)
{
	return store->backend->wake_fd(store->place, ret, err);
}

void store_wake_clear(int wake_fd)
{
	char events[4096];

	while (read(wake_fd, events, sizeof events) > 0)
		;
}
