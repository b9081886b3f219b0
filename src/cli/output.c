/* SPDX-License-Identifier: Apache-2.0 */
/* How do results reach whoever reads them? */
#include "cli/output.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <unistd.h>

static int output_fail(const struct output *output, int error, struct err *err)
{
	return err_set(err, -error, "cannot write to %s: %s", output->name, strerror(error));
}

static int file_open(struct output *output, const char *path, int flags, struct err *err)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | flags, 0666);

	if (fd < 0)
		return err_set(err, -errno, "cannot open %s: %s", path, strerror(errno));
	*output = (struct output){ .fd = fd, .name = path, .is_file = true };
	return 0;
}

int output_open(struct output *output, const char *path, struct err *err)
{
	if (path && strcmp(path, "-") != 0)
		return file_open(output, path, O_TRUNC, err);
	*output = (struct output){ .fd = STDOUT_FILENO, .name = "standard output" };
	return 0;
}

int output_open_after(struct output *output, const char *path, uint64_t kept, struct err *err)
{
	if (!path || !strcmp(path, "-"))
		return output_open(output, path, err);
	TRY(file_open(output, path, 0, err));
	if (ftruncate(output->fd, (off_t)kept) < 0 || lseek(output->fd, 0, SEEK_END) < 0) {
		int error = errno;

		close(output->fd);
		return output_fail(output, error, err);
	}
	output->offset = kept;
	return 0;
}

static void die_of_pipe(void)
{
	signal(SIGPIPE, SIG_DFL);
	raise(SIGPIPE);
	_exit(128 + SIGPIPE); /* it was blocked */
}

int output_write(struct output *output, struct str bytes, struct err *err)
{
	while (bytes.len) {
		ssize_t written = write(output->fd, bytes.data, bytes.len);

		if (written < 0 && errno == EAGAIN) { /* someone made it non-blocking */
			struct pollfd wait = { .fd = output->fd, .events = POLLOUT };

			poll(&wait, 1, -1);
			continue;
		}
		if (written < 0 && errno == EINTR)
			continue;
		if (written < 0 && errno == EPIPE)
			die_of_pipe();
		if (written < 0)
			return output_fail(output, errno, err);
		output->offset += (uint64_t)written;
		bytes = str_from(bytes, (size_t)written);
	}
	return 0;
}

int output_sync(struct output *output, struct err *err)
{
	if (output->is_file && fsync(output->fd) < 0 && errno != EINVAL && errno != EROFS)
		return output_fail(output, errno, err);
	return 0;
}

int output_close(struct output *output, struct err *err)
{
	int fd = output->fd;

	output->fd = -1;
	if (fd < 0 || !output->is_file)
		return 0;
	return close(fd) < 0 ? output_fail(output, errno, err) : 0;
}
