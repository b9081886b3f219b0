/* SPDX-License-Identifier: Apache-2.0 */
/* Which workers' processes have ended? */
#include "bus/embedded/watch.h"

#include "store/folder.h"

#include <dirent.h>
#include <limits.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

/* The kernel tells of a closed file just before it releases its lock: so look again. */
enum { LOOKS = 6, FIRST_LOOK_MS = 1, SUSPECTS = 256 };

struct suspect {
	struct uuid worker;
	unsigned looks;
};

struct watch {
	char folder[PATH_MAX];
	void (*on_dead)(void *context, struct uuid worker);
	void *context;
	int fd;
	uv_poll_t poll;
	uv_timer_t timer;
	unsigned open_handles;
	struct suspect suspect[SUSPECTS];
	size_t suspect_count;
};

static void look(uv_timer_t *timer);

static void look_in(struct watch *watch, unsigned ms)
{
	uv_timer_start(&watch->timer, look, ms, 0);
}

static void suspect(struct watch *watch, struct str file)
{
	static const struct str suffix = STR_INIT(".lock");
	struct uuid worker;

	if (!str_ends(file, suffix) ||
	    id_parse(str_first(file, file.len - suffix.len), "wrk", &worker, NULL) < 0)
		return;
	for (size_t i = 0; i < watch->suspect_count; i++)
		if (uuid_eq(watch->suspect[i].worker, worker)) {
			watch->suspect[i].looks = 0;
			return;
		}
	if (watch->suspect_count == SUSPECTS)
		return; /* its leases run out */
	watch->suspect[watch->suspect_count++] = (struct suspect){ .worker = worker };
}

static void look(uv_timer_t *timer)
{
	struct watch *watch = timer->data;
	unsigned next_ms = 0;
	size_t kept = 0;

	for (size_t i = 0; i < watch->suspect_count; i++) {
		struct suspect *one = &watch->suspect[i];

		if (worker_is_alive(watch->folder, one->worker, NULL) == 0) {
			watch->on_dead(watch->context, one->worker);
		} else if (++one->looks < LOOKS) {
			next_ms = MAX(next_ms, (unsigned)FIRST_LOOK_MS << one->looks);
			watch->suspect[kept++] = *one;
		}
	}
	watch->suspect_count = kept;
	if (kept)
		look_in(watch, next_ms);
}

static void on_change(uv_poll_t *poll, int status, int events)
{
	struct watch *watch = poll->data;
	char octets[8192] __attribute__((aligned(__alignof__(struct inotify_event))));
	ssize_t got;

	while ((got = read(watch->fd, octets, sizeof octets)) > 0)
		for (ssize_t at = 0; at < got;) {
			const struct inotify_event *event =
				(const struct inotify_event *)(octets + at);

			if (event->len)
				suspect(watch, str_of(event->name));
			at += (ssize_t)(sizeof *event + event->len);
		}
	look_in(watch, 0);
}

static void suspect_all(struct watch *watch, const char *path)
{
	DIR *dir = opendir(path);
	const struct dirent *entry;

	if (!dir)
		return;
	while ((entry = readdir(dir)))
		suspect(watch, str_of(entry->d_name));
	closedir(dir);
	look_in(watch, 0);
}

static int watch_folder(struct watch *watch, char path[static PATH_MAX], struct err *err)
{
	int len = snprintf(path, PATH_MAX, "%s/workers", watch->folder);

	if (len < 0 || len >= PATH_MAX)
		return err_set(err, -ENAMETOOLONG, "data folder %s: its name is too long",
			       watch->folder);
	if (mkdir(path, 0700) < 0 && errno != EEXIST)
		return err_set(err, -errno, "%s: cannot be made: %s", path, strerror(errno));
	watch->fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	if (watch->fd < 0)
		return err_set(err, -errno, "%s: cannot be watched: %s", path, strerror(errno));
	if (inotify_add_watch(watch->fd, path, IN_CLOSE_WRITE | IN_ONLYDIR) < 0) {
		int code = -errno;

		close(watch->fd);
		return err_set(err, code, "%s: cannot be watched: %s", path, strerror(-code));
	}
	return 0;
}

int watch_open(uv_loop_t *loop, struct str folder,
	       void (*on_dead)(void *context, struct uuid worker), void *context,
	       struct watch **ret, struct err *err)
{
	struct watch *watch;
	char path[PATH_MAX];
	int code;

	if (folder.len >= PATH_MAX)
		return err_set(err, -ENAMETOOLONG, "data folder: its name has %zu octets",
			       folder.len);
	watch = memory_alloc(sizeof *watch);
	memset(watch, 0, sizeof *watch);
	memcpy(watch->folder, folder.data, folder.len);
	watch->on_dead = on_dead;
	watch->context = context;
	code = watch_folder(watch, path, err);
	if (code < 0) {
		memory_free(watch);
		return code;
	}
	watch->open_handles = 2;
	uv_timer_init(loop, &watch->timer);
	uv_poll_init(loop, &watch->poll, watch->fd);
	watch->timer.data = watch->poll.data = watch;
	uv_poll_start(&watch->poll, UV_READABLE, on_change);
	suspect_all(watch, path);
	*ret = watch;
	return 0;
}

static void on_closed(uv_handle_t *handle)
{
	struct watch *watch = handle->data;

	if (--watch->open_handles)
		return;
	close(watch->fd);
	memory_free(watch);
}

void watch_close(struct watch *watch)
{
	if (!watch)
		return;
	uv_close((uv_handle_t *)&watch->poll, on_closed);
	uv_close((uv_handle_t *)&watch->timer, on_closed);
}
