/* SPDX-License-Identifier: Apache-2.0 */
/* How is a large body kept, and read again in records? */
#include "roles/api/spool.h"

#include <fcntl.h>
#include <limits.h>
#include <unistd.h>

/* Not every file system knows nameless files. */
static int nameless_open(const char *folder)
{
	char path[PATH_MAX];
	int fd = open(folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);

	if (fd >= 0 || (errno != EOPNOTSUPP && errno != EISDIR && errno != ENOENT))
		return fd;
	if ((size_t)snprintf(path, sizeof path, "%s/body.XXXXXX", folder) >= sizeof path) {
		errno = ENAMETOOLONG;
		return -1;
	}
	fd = mkostemp(path, O_CLOEXEC);
	if (fd >= 0)
		unlink(path);
	return fd;
}

int spool_open(struct spool *spool, const char *folder, struct err *err)
{
	*spool = (struct spool){ .line = 1 };
	spool->fd = nameless_open(folder);
	if (spool->fd < 0)
		return err_set(err, -errno, "%s: no file for the body: %s", folder,
			       strerror(errno));
	spool->buffer = memory_alloc(SPOOL_BUFFER);
	return 0;
}

void spool_close(struct spool *spool)
{
	if (spool->fd >= 0)
		close(spool->fd);
	memory_free(spool->buffer);
	spool->fd = -1;
	spool->buffer = NULL;
}

int spool_put(struct spool *spool, struct str part, struct err *err)
{
	while (part.len) {
		ssize_t written = write(spool->fd, part.data, part.len);

		if (written < 0 && errno == EINTR)
			continue;
		if (written < 0)
			return err_set(err, -errno, "the body cannot be kept: %s", strerror(errno));
		part = str_from(part, (size_t)written);
		spool->size += (uint64_t)written;
	}
	return 0;
}

void spool_rewind(struct spool *spool)
{
	spool->at = 0;
	spool->start = spool->len = 0;
	spool->line = 1;
}

/* Read until the buffer is full or the file ends. */
static void fill(struct spool *spool)
{
	memmove(spool->buffer, spool->buffer + spool->start, spool->len);
	spool->start = 0;
	while (spool->len < SPOOL_BUFFER && spool->at < spool->size) {
		ssize_t got = pread(spool->fd, spool->buffer + spool->len,
				    SPOOL_BUFFER - spool->len, (off_t)spool->at);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0) {
			spool->at = spool->size;
			return;
		}
		spool->len += (size_t)got;
		spool->at += (uint64_t)got;
	}
}

/* The offset of the line feed that ends the record at the front, or the length when none does. */
static size_t record_end(struct str text, bool is_csv)
{
	bool is_quoted = false;

	for (size_t i = 0; i < text.len; i++) {
		/* Only a quote at a cell's front opens: one inside of it spoils its row, not the next. */
		if (is_csv && text.data[i] == '"')
			is_quoted = is_quoted ? false
					      : !i || text.data[i - 1] == ',' ||
							text.data[i - 1] == '"';
		else if (text.data[i] == '\n' && !is_quoted)
			return i;
	}
	return text.len;
}

static void take(struct spool *spool, size_t len)
{
	for (size_t i = 0; i < len; i++)
		spool->line += spool->buffer[spool->start + i] == '\n';
	spool->start += len;
	spool->len -= len;
}

/* Too long: go on behind its first line feed, wherever that is. */
static void skip_line(struct spool *spool)
{
	for (;;) {
		struct str text = { spool->buffer + spool->start, spool->len };
		ptrdiff_t end = str_find_char(text, '\n');

		take(spool, end < 0 ? text.len : (size_t)end + 1);
		if (end >= 0 || spool->at >= spool->size)
			return;
		fill(spool);
	}
}

int spool_record(struct spool *spool, bool is_csv, struct str *ret, size_t *ret_line)
{
	struct str text;
	size_t end;

	if (spool->len <= RECORD_BYTES)
		fill(spool);
	*ret_line = spool->line;
	if (!spool->len)
		return 0;
	text = (struct str){ spool->buffer + spool->start, spool->len };
	end = record_end(text, is_csv);
	if (end > RECORD_BYTES) {
		skip_line(spool);
		return ERR_LIMIT;
	}
	*ret = str_first(text, end);
	if (str_ends(*ret, STR_LIT("\r")))
		ret->len--;
	take(spool, MIN(end + 1, text.len));
	return 1;
}

/* One cell off the front of the record; the comma behind it too. */
static int cell_take(struct arena *a, struct str *record, struct str *ret)
{
	struct buf cell;
	size_t i = 1;

	if (!record->len || record->data[0] != '"') {
		ptrdiff_t comma = str_find_char(*record, ',');

		*ret = comma < 0 ? *record : str_first(*record, (size_t)comma);
		if (str_find_char(*ret, '"') >= 0)
			return ERR_SYNTAX;
		*record = comma < 0 ? STR_NONE : str_from(*record, (size_t)comma + 1);
		return 0;
	}
	buf_init(&cell, a);
	for (;; i++) {
		if (i >= record->len)
			return ERR_SYNTAX;
		if (record->data[i] == '"') {
			if (i + 1 >= record->len || record->data[i + 1] != '"')
				break;
			i++;
		}
		buf_put_char(&cell, record->data[i]);
	}
	i++;
	if (i < record->len && record->data[i] != ',')
		return ERR_SYNTAX;
	*ret = buf_str(&cell);
	*record = i < record->len ? str_from(*record, i + 1) : STR_NONE;
	return 0;
}

int csv_cells(struct arena *a, struct str record, size_t most, struct str *ret_cells,
	      size_t *ret_count)
{
	size_t count = 0;

	while (record.data) {
		if (count == most)
			return ERR_LIMIT;
		TRY(cell_take(a, &record, &ret_cells[count]));
		count++;
	}
	*ret_count = count;
	return 0;
}
