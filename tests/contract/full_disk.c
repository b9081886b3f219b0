/* SPDX-License-Identifier: Apache-2.0 */
/* When a real file system is full: nothing half, an error that says so, and on without a restart? */
#include "tests/contract/child.h"
#include "store/sqlite/parts.h"
#include "tests/contract/fixture.h"

#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <unistd.h>

enum {
	SIZES = 40,
	FEW = 20, /* so many in small steps: full before all its files are made */
	SMALL_STEP = 8 * 1024,
	STEP = 64 * 1024,
	SPARE_BYTES = 4 << 20,
	ROWS = 400,
	NOTE_BYTES = 3000
};

/* ---- a small file system of the child's own, nearly full ---- */

static int write_text(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	ssize_t len = (ssize_t)strlen(text), put = fd < 0 ? -1 : write(fd, text, (size_t)len);

	if (fd >= 0)
		close(fd);
	return put == len ? 0 : -1;
}

static int enter_namespace(void)
{
	char map[64];
	unsigned uid = geteuid(), gid = getegid();

	if (uid == 0)
		return unshare(CLONE_NEWNS);
	if (unshare(CLONE_NEWUSER | CLONE_NEWNS) < 0 ||
	    write_text("/proc/self/setgroups", "deny") < 0)
		return -1;
	snprintf(map, sizeof map, "0 %u 1", uid);
	if (write_text("/proc/self/uid_map", map) < 0)
		return -1;
	snprintf(map, sizeof map, "0 %u 1", gid);
	return write_text("/proc/self/gid_map", map);
}

static int make_small_disk(const struct fixture *f, int free_bytes)
{
	char options[64], filler[128];
	int fd;

	if (enter_namespace() < 0 || mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
		return -1;
	snprintf(options, sizeof options, "size=%d,mode=0700", free_bytes + SPARE_BYTES);
	if (mount("tmpfs", f->folder, "tmpfs", MS_NOSUID | MS_NODEV, options) < 0)
		return -1;
	snprintf(filler, sizeof filler, "%s/filler", f->folder);
	fd = open(filler, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0 || posix_fallocate(fd, 0, SPARE_BYTES) != 0)
		return -1;
	return close(fd);
}

static int make_room(const struct fixture *f)
{
	char filler[128];

	snprintf(filler, sizeof filler, "%s/filler", f->folder);
	return unlink(filler);
}

/* ---- a life on it ---- */

struct life {
	struct fixture f;
	int free_bytes;
};

struct outcome {
	int acknowledged, refused;
	bool was_open; /* before there was room */
	char wrong[200];
};

static int insert_note(struct store_tx *tx, void *context, struct err *err)
{
	char name[32], note[NOTE_BYTES];
	int64_t id = *(int64_t *)context;

	memset(note, 'n', sizeof note);
	snprintf(name, sizeof name, "%d", (int)id);
	return sql_run(tx, err, ITEM_INSERT, SQL_INT(id), SQL_TEXT(str_of(name)), SQL_INT(1),
		       SQL_NULL, SQL_BLOB(str_bytes(note, sizeof note)));
}

static int say(struct outcome *outcome, const char *what, int code, const struct err *err)
{
	snprintf(outcome->wrong, sizeof outcome->wrong, "%s: %d: %.150s", what, code, err->text);
	return -1;
}

/* Until the disk is full, and some more: each refusal says so, and what is there can be read. */
static int write_until_full(struct store *store, struct outcome *outcome)
{
	for (int64_t id = 1; id <= ROWS && outcome->refused < 3; id++) {
		struct err err = { 0 };
		int64_t count = -1;
		int code = store_write(store, insert_note, &id, &err);

		if (code == 0) {
			outcome->acknowledged++;
			continue;
		}
		if (code != -ENOSPC || !strstr(err.text, "disk is full"))
			return say(outcome, "write", code, &err);
		outcome->refused++;
		code = store_read(store, item_count, &count, &err);
		if (code < 0 || count != outcome->acknowledged)
			return say(outcome, "count", code < 0 ? code : (int)count, &err);
	}
	return 0;
}

static int write_more(struct store *store, struct outcome *outcome)
{
	for (int64_t id = ROWS + 1; id <= ROWS + 50; id++) {
		struct err err = { 0 };
		int code = store_write(store, insert_note, &id, &err);

		if (code < 0)
			return say(outcome, "write with room", code, &err);
		outcome->acknowledged++;
	}
	return 0;
}

static int compare(struct store *store, struct outcome *outcome)
{
	struct store_check check = { 0 };
	struct arena a = { 0 };
	struct err err = { 0 };
	int64_t count = -1;
	int code = store_check(store, &a, &check, &err);

	if (code == 0 && !check.count)
		code = store_read(store, item_count, &count, &err);
	arena_release(&a);
	if (code == 0 && count == outcome->acknowledged)
		return 0;
	return say(outcome, "afterwards", code < 0 ? code : (int)count, &err);
}

static int open_one(struct life *life, struct store **ret, struct outcome *outcome, bool has_room)
{
	struct err err = { 0 };
	int code = store_open(str_of(life->f.url), STORE_CREATE, ret, &err);

	if (code == -ENOSPC && !has_room)
		return 0;
	return code < 0 ? say(outcome, "open", code, &err) : 1;
}

static int live(struct life *life, struct outcome *outcome)
{
	struct store *store = NULL;
	int code = open_one(life, &store, outcome, false);

	if (code < 0)
		return code;
	outcome->was_open = store;
	if (store && write_until_full(store, outcome) < 0)
		return -1;
	if (make_room(&life->f) < 0)
		return say(outcome, "make room", -errno, &(struct err){ 0 });
	if (!store && open_one(life, &store, outcome, true) < 0)
		return -1;
	if (write_more(store, outcome) < 0)
		return -1;
	store_close(store);
	if (open_one(life, &store, outcome, true) < 0)
		return -1;
	code = compare(store, outcome);
	store_close(store);
	return code;
}

static int live_on_a_small_disk(int hears, int says, void *context)
{
	struct life *life = context;
	struct outcome outcome = { 0 };

	if (make_small_disk(&life->f, life->free_bytes) < 0)
		say(&outcome, "no file system of its own", -errno, &(struct err){ 0 });
	else
		(void)!live(life, &outcome);
	return write(says, &outcome, sizeof outcome) == sizeof outcome ? 0 : 1;
}

TEST(a_full_disk_of_any_size_costs_nothing_that_was_acknowledged)
{
	int opened = 0, refused = 0, not_opened = 0;

	for (int i = 1; i <= SIZES; i++) {
		struct life life = { .free_bytes = i <= FEW ? i * SMALL_STEP : (i - FEW) * STEP };
		struct outcome outcome = { 0 };
		struct test_child child;

		test_row("%d KiB free", life.free_bytes / 1024);
		fixture_open(&life.f);
		test_child_start(&child, live_on_a_small_disk, &life);
		if (!test_child_hear(&child, &outcome, sizeof outcome))
			fail_msg("it died: %d", test_child_end(&child));
		CHECK_INT(test_child_end(&child), 0);
		if (outcome.wrong[0])
			fail_msg("%s", outcome.wrong);
		opened += outcome.was_open;
		not_opened += !outcome.was_open;
		refused += outcome.refused;
		fixture_close(&life.f);
	}
	print_message("%d full on opening, %d later; %d writes refused\n", not_opened, opened,
		      refused);
	CHECK(opened > 10 && not_opened > 1 && refused > 30);
}

/* ---- full again and again ---- */

enum { WAVES = 6, WAVE_DISK = 1400 * 1024, WAVE_WRITES = 60, LOG_PAGES = 30 };

/* Beside the filler that stays. */
static int fill(const char *filler)
{
	char page[4096] = "";
	int fd = open(filler, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0)
		return -1;
	while (write(fd, page, sizeof page) == sizeof page)
		;
	return close(fd);
}

static int write_in_waves(struct store *store, struct life *life, struct outcome *outcome)
{
	char filler[128];

	snprintf(filler, sizeof filler, "%s/wave", life->f.folder);
	for (int64_t id = 1; id <= WAVES * WAVE_WRITES; id++) {
		bool is_full = id % WAVE_WRITES >= WAVE_WRITES / 2; /* before this write */
		struct err err = { 0 };
		int code;

		if (id % WAVE_WRITES == WAVE_WRITES / 2 && fill(filler) < 0)
			return say(outcome, "fill", -errno, &err);
		if (id % WAVE_WRITES == 0 && unlink(filler) < 0)
			return say(outcome, "make room", -errno, &err);
		code = store_write(store, insert_note, &id, &err);
		outcome->acknowledged += code == 0;
		outcome->refused += code < 0;
		if (code < 0 && (code != -ENOSPC || !is_full))
			return say(outcome, "write", code, &err);
	}
	return 0;
}

static int live_in_waves(int hears, int says, void *context)
{
	struct life *life = context;
	struct outcome outcome = { 0 };
	struct store *store = NULL;

	sqlite_log_limits.checkpoint_pages = LOG_PAGES;
	if (make_small_disk(&life->f, WAVE_DISK) < 0)
		say(&outcome, "no file system of its own", -errno, &(struct err){ 0 });
	else if (open_one(life, &store, &outcome, true) > 0 &&
		 write_in_waves(store, life, &outcome) == 0)
		store_close(store);
	return write(says, &outcome, sizeof outcome) == sizeof outcome ? 0 : 1;
}

/* The log cannot be put away while there is no room: that is made up for as soon as there is some, or the log
 * takes all that there is, and is never put away. */
TEST(a_disk_that_is_full_again_and_again_does_not_fill_with_the_log)
{
	struct life life = { 0 };
	struct outcome outcome = { 0 };
	struct test_child child;

	fixture_open(&life.f);
	test_child_start(&child, live_in_waves, &life);
	if (!test_child_hear(&child, &outcome, sizeof outcome))
		fail_msg("it died: %d", test_child_end(&child));
	CHECK_INT(test_child_end(&child), 0);
	print_message("%d writes, %d refused\n", outcome.acknowledged, outcome.refused);
	if (outcome.wrong[0])
		fail_msg("%s", outcome.wrong);
	CHECK(outcome.refused > WAVES && outcome.acknowledged > WAVES * WAVE_WRITES / 2);
	fixture_close(&life.f);
}

/* ---- a log that would be longer than the room ---- */

enum { LONG_DISK = 2000 * 1024, LONG_ROWS = 20, LONG_WRITES = 1500 };

static int raise_note(struct store_tx *tx, void *context, struct err *err)
{
	return sql_run(tx, err, ITEM_RAISE, SQL_INT(*(int64_t *)context), SQL_INT(1));
}

/* What is stored does not grow: only the log does, until it is begun anew. */
static int raise_notes(struct store *store, struct outcome *outcome)
{
	for (int64_t i = 0; i < LONG_WRITES; i++) {
		int64_t id = 1 + i % LONG_ROWS;
		struct err err = { 0 };
		int code = store_write(store, i < LONG_ROWS ? insert_note : raise_note, &id, &err);

		if (code < 0)
			return say(outcome, "write", code, &err);
		outcome->acknowledged++;
	}
	return 0;
}

static int live_long(int hears, int says, void *context)
{
	struct life *life = context;
	struct outcome outcome = { 0 };
	struct store *store = NULL;

	if (make_small_disk(&life->f, LONG_DISK) < 0)
		say(&outcome, "no file system of its own", -errno, &(struct err){ 0 });
	else if (open_one(life, &store, &outcome, true) > 0 && raise_notes(store, &outcome) == 0)
		store_close(store);
	return write(says, &outcome, sizeof outcome) == sizeof outcome ? 0 : 1;
}

TEST(a_small_disk_does_not_fill_with_the_log_of_what_fits_on_it)
{
	struct life life = { 0 };
	struct outcome outcome = { 0 };
	struct test_child child;

	fixture_open(&life.f);
	test_child_start(&child, live_long, &life);
	if (!test_child_hear(&child, &outcome, sizeof outcome))
		fail_msg("it died: %d", test_child_end(&child));
	CHECK_INT(test_child_end(&child), 0);
	if (outcome.wrong[0])
		fail_msg("after %d writes: %s", outcome.acknowledged, outcome.wrong);
	CHECK_INT(outcome.acknowledged, LONG_WRITES);
	fixture_close(&life.f);
}
