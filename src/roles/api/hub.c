/* SPDX-License-Identifier: Apache-2.0 */
/* Who waits for the store, and when do they look again? */
#include "roles/api/hub.h"

#include <microhttpd.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/clock.h"
#include "store/store.h"

/* With the lock held. */
static void wake(struct waiter *waiter)
{
	*waiter->back = waiter->next;
	if (waiter->next)
		waiter->next->back = waiter->back;
	MHD_resume_connection(waiter->connection);
}

/* All of them, or those whose time has come. */
static void wake_due(struct hub *hub, bool is_news)
{
	int64_t now_us = clock_monotonic_us();
	struct waiter *next;

	pthread_mutex_lock(&hub->lock);
	for (struct waiter *waiter = hub->first; waiter; waiter = next) {
		next = waiter->next;
		if (is_news || waiter->due_us <= now_us)
			wake(waiter);
	}
	pthread_mutex_unlock(&hub->lock);
}

static int next_due_ms(struct hub *hub)
{
	int64_t now_us = clock_monotonic_us(), due_us = now_us + HUB_LOOK_MS * 1000;

	pthread_mutex_lock(&hub->lock);
	for (struct waiter *waiter = hub->first; waiter; waiter = waiter->next)
		due_us = MIN(due_us, waiter->due_us);
	pthread_mutex_unlock(&hub->lock);
	return (int)MAX((due_us - now_us + 999) / 1000, 0);
}

static void *hub_run(void *context)
{
	struct hub *hub = context;
	int64_t looked_us = clock_monotonic_us();

	for (;;) {
		struct pollfd fds[] = { { .fd = hub->end_fd, .events = POLLIN },
					{ .fd = hub->wake_fd, .events = POLLIN } };
		bool is_news;

		(void)!poll(fds, ARRAY_COUNT(fds), next_due_ms(hub));
		if (fds[0].revents)
			return NULL;
		/* A wake may be missed after a crash: look once a second besides. */
		is_news = fds[1].revents || clock_monotonic_us() - looked_us >= HUB_LOOK_MS * 1000;
		if (is_news) {
			store_wake_clear(hub->wake_fd);
			looked_us = clock_monotonic_us();
		}
		wake_due(hub, is_news);
		if (is_news && poll(fds, 1, HUB_GAP_MS) > 0)
			return NULL;
	}
}

int hub_open(struct hub *hub, struct store *store, struct err *err)
{
	*hub = (struct hub){ .store = store, .wake_fd = -1, .end_fd = -1 };
	pthread_mutex_init(&hub->lock, NULL);
	if (!store)
		return 0;
	TRY(store_wake_fd(store, &hub->wake_fd, err));
	hub->end_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (hub->end_fd < 0)
		return err_set(err, -errno, "no descriptor: %s", strerror(errno));
	if (pthread_create(&hub->thread, NULL, hub_run, hub))
		return err_set(err, -EAGAIN, "no thread can be made");
	hub->is_running = true;
	return 0;
}

void hub_end(struct hub *hub)
{
	uint64_t one = 1;

	pthread_mutex_lock(&hub->lock);
	hub->is_ending = true;
	pthread_mutex_unlock(&hub->lock);
	if (hub->is_running) {
		(void)!write(hub->end_fd, &one, sizeof one);
		pthread_join(hub->thread, NULL);
		hub->is_running = false;
	}
	wake_due(hub, true);
}

void hub_close(struct hub *hub)
{
	if (hub->wake_fd >= 0)
		close(hub->wake_fd);
	if (hub->end_fd >= 0)
		close(hub->end_fd);
	pthread_mutex_destroy(&hub->lock);
}

bool hub_wait(struct hub *hub, struct waiter *waiter, struct MHD_Connection *connection,
	      int64_t due_us)
{
	pthread_mutex_lock(&hub->lock);
	if (hub->is_ending || !hub->is_running) {
		pthread_mutex_unlock(&hub->lock);
		return false;
	}
	*waiter = (struct waiter){
		.next = hub->first, .back = &hub->first, .connection = connection, .due_us = due_us
	};
	if (hub->first)
		hub->first->back = &waiter->next;
	hub->first = waiter;
	MHD_suspend_connection(connection);
	pthread_mutex_unlock(&hub->lock);
	return true;
}
