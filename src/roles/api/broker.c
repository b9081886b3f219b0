/* SPDX-License-Identifier: Apache-2.0 */
/* Is the broker there? */
#include "roles/api/broker.h"

#include "loop/loop.h"

#include <pthread.h>

enum { TEXT_BYTES = 512 };

struct broker_watch {
	struct bus *bus;
	uv_loop_t loop;
	uv_async_t end;
	pthread_t thread;
	pthread_mutex_t lock;
	bool is_over;
	char text[TEXT_BYTES];
	int64_t depth[BUS_QUEUES + 1];
	unsigned known; /* bits of those that were told since it was there */
};

static void on_state(void *context, struct str text)
{
	struct broker_watch *watch = context;

	pthread_mutex_lock(&watch->lock);
	snprintf(watch->text, sizeof watch->text, "%.*s", STR(text));
	if (text.len)
		watch->known = 0;
	pthread_mutex_unlock(&watch->lock);
}

static void on_depth(void *context, int queue, int64_t ready)
{
	struct broker_watch *watch = context;

	pthread_mutex_lock(&watch->lock);
	watch->depth[queue] = ready;
	watch->known |= 1u << queue;
	pthread_mutex_unlock(&watch->lock);
}

static void on_end(uv_async_t *end)
{
	((struct broker_watch *)end->data)->is_over = true;
}

static void *run(void *context)
{
	struct broker_watch *watch = context;

	while (!watch->is_over)
		uv_run(&watch->loop, UV_RUN_ONCE);
	return NULL;
}

static void watch_free(struct broker_watch *watch)
{
	bus_close(watch->bus);
	uv_close((uv_handle_t *)&watch->end, NULL);
	loop_run_closing(&watch->loop);
	(void)loop_close(&watch->loop);
	pthread_mutex_destroy(&watch->lock);
	memory_free(watch);
}

int broker_watch_open(const struct bus_address *address, struct broker_watch **ret, struct err *err)
{
	struct broker_watch *watch;
	struct bus_settings settings = { .url = address->url,
					 .password = address->password,
					 .ca_file = address->ca_file };
	int code;

	*ret = NULL;
	if (bus_is_embedded(address->url))
		return 0;
	watch = memory_alloc(sizeof *watch);
	memset(watch, 0, sizeof *watch);
	if (uv_loop_init(&watch->loop) < 0 || uv_async_init(&watch->loop, &watch->end, on_end) < 0)
		memory_exhausted();
	watch->end.data = watch;
	settings.loop = &watch->loop;
	pthread_mutex_init(&watch->lock, NULL);
	code = bus_open(&settings,
			&(struct bus_handlers){
				.context = watch, .on_state = on_state, .on_depth = on_depth },
			&watch->bus, err);
	if (code == 0 && pthread_create(&watch->thread, NULL, run, watch))
		code = err_set(err, -EAGAIN, "no thread can be made");
	if (code < 0) {
		watch_free(watch);
		return code;
	}
	*ret = watch;
	return 0;
}

void broker_watch_close(struct broker_watch *watch)
{
	if (!watch)
		return;
	uv_async_send(&watch->end);
	pthread_join(watch->thread, NULL);
	watch_free(watch);
}

bool broker_watch_depths(struct broker_watch *watch, int64_t ret[BUS_QUEUES + 1])
{
	bool is_known;

	if (!watch)
		return false;
	pthread_mutex_lock(&watch->lock);
	is_known = watch->known == (1u << (BUS_QUEUES + 1)) - 1;
	memcpy(ret, watch->depth, sizeof watch->depth);
	pthread_mutex_unlock(&watch->lock);
	return is_known;
}

struct str broker_watch_text(struct broker_watch *watch, struct arena *a)
{
	struct str text;

	if (!watch)
		return STR_NONE;
	pthread_mutex_lock(&watch->lock);
	text = str_copy(a, str_of(watch->text));
	pthread_mutex_unlock(&watch->lock);
	return text;
}
