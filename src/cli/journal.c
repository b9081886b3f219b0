/* SPDX-License-Identifier: Apache-2.0 */
/* Which inputs does this run need no more? */
#include "cli/journal.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

enum { SYNC_LINES = 256, LINE_BYTES = 8192, READ_BYTES = 64 * 1024 };

static const struct str magic = STR_INIT("dss-state 1\n");

/* Finished inputs by the hash of their text: a set with counts, 16 bytes each. */
struct finished {
	uint64_t hash, count;
};

struct journal {
	struct output file;
	struct finished *table;
	size_t size, used;
	uint64_t finished;
	unsigned unsynced;
};

static struct finished *table_find(const struct journal *journal, uint64_t hash)
{
	size_t at = hash & (journal->size - 1);

	while (journal->table[at].count && journal->table[at].hash != hash)
		at = (at + 1) & (journal->size - 1);
	return &journal->table[at];
}

static void table_resize(struct journal *journal, size_t size)
{
	struct finished *old = journal->table;
	size_t old_size = journal->size;

	journal->size = size;
	journal->table = memory_alloc(size * sizeof *journal->table);
	memset(journal->table, 0, size * sizeof *journal->table);
	for (size_t i = 0; i < old_size; i++)
		if (old[i].count)
			*table_find(journal, old[i].hash) = old[i];
	memory_free(old);
}

/* A count of 1 is an entry that was taken: removing would break the chains. */
static void table_add(struct journal *journal, struct str input)
{
	struct finished *entry;

	if (journal->used * 2 >= journal->size)
		table_resize(journal, MAX(journal->size * 2, (size_t)1024));
	entry = table_find(journal, str_hash(input));
	if (!entry->count) {
		*entry = (struct finished){ str_hash(input), 1 };
		journal->used++;
	}
	entry->count++;
}

bool journal_take(struct journal *journal, struct str input)
{
	struct finished *entry = journal->size ? table_find(journal, str_hash(input)) : NULL;

	if (!entry || entry->count < 2)
		return false;
	entry->count--;
	return true;
}

static int text_read(int fd, const char *path, struct buf *text, struct err *err)
{
	for (;;) {
		ssize_t got = read(fd, buf_reserve(text, READ_BYTES), READ_BYTES);

		if (got < 0)
			return err_set(err, -errno, "cannot read %s: %s", path, strerror(errno));
		if (!got)
			return 0;
		text->len += (size_t)got;
	}
}

/* Returns the bytes of the journal that count: whole lines whose results are there. */
static size_t lines_read(struct journal *journal, struct str text, uint64_t available,
			 uint64_t *ret_kept)
{
	struct str rest = str_from(text, magic.len);
	size_t counted = magic.len;
	ptrdiff_t end;

	while ((end = str_find_char(rest, '\n')) >= 0) {
		struct str line = str_first(rest, (size_t)end);
		ptrdiff_t space = str_find_char(line, ' ');
		uint64_t offset;

		if (space < 0 ||
		    str_to_uint(str_first(line, (size_t)space), UINT64_MAX, &offset) < 0 ||
		    offset > available)
			break;
		table_add(journal, str_from(line, (size_t)space + 1));
		journal->finished++;
		*ret_kept = offset;
		counted += (size_t)end + 1;
		rest = str_from(rest, (size_t)end + 1);
	}
	return counted;
}

static int journal_read(struct journal *journal, const char *path, uint64_t available,
			uint64_t *ret_kept, struct err *err)
{
	struct buf text;
	size_t counted;
	int code, fd = open(path, O_RDONLY | O_CLOEXEC);

	buf_init(&text, NULL);
	if (fd < 0)
		return errno == ENOENT
			       ? 0
			       : err_set(err, -errno, "cannot open %s: %s", path, strerror(errno));
	code = text_read(fd, path, &text, err);
	close(fd);
	if (code == 0 && text.len && !str_starts(buf_str(&text), magic) &&
	    !str_starts(magic, buf_str(&text)))
		code = err_set(err, ERR_SYNTAX, "%s is no state of a run: nothing was changed",
			       path);
	if (code == 0 && text.len >= magic.len) {
		counted = lines_read(journal, buf_str(&text), available, ret_kept);
		code = (int)MIN(counted, (size_t)INT32_MAX);
	}
	buf_release(&text);
	return code;
}

int journal_open(const char *path, const char *results, struct journal **ret, uint64_t *ret_kept,
		 struct err *err)
{
	struct journal *journal = memory_alloc(sizeof *journal);
	uint64_t available = UINT64_MAX, kept = 0;
	struct stat stat_of;
	int code;

	memset(journal, 0, sizeof *journal);
	journal->file.fd = -1;
	if (results && strcmp(results, "-") != 0)
		available = !stat(results, &stat_of) ? (uint64_t)stat_of.st_size : 0;
	code = journal_read(journal, path, available, &kept, err);
	if (code >= 0)
		code = output_open_after(&journal->file, path, (uint64_t)code, err);
	if (code == 0 && !journal->file.offset)
		code = output_write(&journal->file, magic, err);
	if (code < 0) {
		memory_free(journal->table);
		memory_free(journal);
		return code;
	}
	*ret = journal;
	*ret_kept = kept;
	return 0;
}

uint64_t journal_finished(const struct journal *journal)
{
	return journal->finished;
}

static int both_sync(struct journal *journal, struct output *results, struct err *err)
{
	journal->unsynced = 0;
	TRY(output_sync(results, err));
	return output_sync(&journal->file, err);
}

int journal_add(struct journal *journal, struct str input, struct output *results, struct err *err)
{
	char line[LINE_BYTES];
	int len = snprintf(line, sizeof line, "%llu %.*s\n", (unsigned long long)results->offset,
			   STR(input));

	TRY(output_write(&journal->file, str_bytes(line, MIN((size_t)len, sizeof line - 1)), err));
	return ++journal->unsynced >= SYNC_LINES ? both_sync(journal, results, err) : 0;
}

int journal_close(struct journal *journal, struct output *results, struct err *err)
{
	int code;

	if (!journal)
		return 0;
	code = both_sync(journal, results, err);
	if (code == 0)
		code = output_close(&journal->file, err);
	memory_free(journal->table);
	memory_free(journal);
	return code;
}
