/* SPDX-License-Identifier: Apache-2.0 */
/* Does the data folder tell who serves it and who lives, and does it keep others out? */
#include "store/folder.h"

#include "tests/contract/child.h"
#include "tests/contract/fixture.h"

#include <dirent.h>
#include <sys/stat.h>
#include <unistd.h>

enum { AT_US = 0 };

static unsigned mode_of(const char *path)
{
	struct stat there;

	CHECK_INT(lstat(path, &there), 0);
	return there.st_mode & 0777;
}

TEST(the_folder_and_its_files_are_the_owners_alone)
{
	struct fixture f;
	struct store *store;
	struct item item = { 1, "one", 1 };
	char url[128], folder[100];
	mode_t before = umask(0);
	DIR *files;
	int count = 0;

	fixture_open(&f);
	snprintf(folder, sizeof folder, "%s/deep/data", f.folder);
	snprintf(url, sizeof url, "sqlite:%s", folder);
	CHECK_INT(store_open(str_of(url), 0, &store, &f.err), -ENOENT);
	CHECK_INT(store_open(str_of(url), STORE_CREATE, &store, &f.err), 0);
	CHECK_INT(store_write(store, item_insert, &item, &f.err), 0);
	CHECK_INT(mode_of(folder), 0700);
	files = opendir(folder);
	CHECK(files);
	for (struct dirent *file; (file = readdir(files));) {
		char path[400];

		if (file->d_name[0] == '.')
			continue;
		test_row("%s", file->d_name);
		snprintf(path, sizeof path, "%s/%s", folder, file->d_name);
		CHECK_INT(mode_of(path), 0600);
		count++;
	}
	CHECK(count >= 6); /* dss.db, its log and index, queue, turn, wake */
	closedir(files);
	store_close(store);
	umask(before);
	fixture_close(&f);
}

TEST(a_place_that_is_no_data_folder_is_refused_with_the_reason)
{
	static const struct {
		const char *url;
		int code;
		const char *says;
	} rows[] = {
		{ "", -EPROTONOSUPPORT, "write sqlite:FOLDER" },
		{ "/var/lib/dss", -EPROTONOSUPPORT, "store \"/var/lib/dss\"" },
		{ "mysql:x", -EPROTONOSUPPORT, "write sqlite:FOLDER" },
		{ "sqlite:", -EINVAL, "has 0 octets" },
		{ "sqlite:/dev/null", -ENOTDIR, "is no folder" },
		{ "sqlite:/dev/null/x", -ENOTDIR, "Not a directory" },
		{ "sqlite:/proc/dss", -ENOENT, "cannot be made" },
		{ "sqlite:/tmp", -EPERM, "run chmod 700 /tmp" },
	};
	struct fixture f;

	fixture_open(&f);
	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		struct store *store;

		test_row("%s", rows[i].url);
		CHECK_INT(store_open(str_of(rows[i].url), STORE_CREATE, &store, &f.err),
			  rows[i].code);
		if (!strstr(f.err.text, rows[i].says))
			fail_msg("%s", f.err.text);
	}
	fixture_close(&f);
}

TEST(a_store_whose_file_was_replaced_is_not_written_any_more)
{
	struct fixture f;
	struct store *store, *other;
	struct item item = { 1, "one", 1 };
	char taken[128];
	int64_t count;

	fixture_open(&f);
	store = fixture_store(&f);
	CHECK_INT(store_write(store, item_insert, &item, &f.err), 0);
	CHECK_INT(fixture_count(store), 1);
	snprintf(taken, sizeof taken, "%s", fixture_path(&f, "taken-away"));
	CHECK_INT(rename(fixture_path(&f, "dss.db"), taken), 0);
	item.id = 2;
	CHECK_INT(store_write(store, item_insert, &item, &f.err), -ENODEV);
	CHECK(strstr(f.err.text, "taken away or replaced while it was open"));
	CHECK_INT(store_read(store, item_count, &count, &f.err), -ENODEV);
	unlink(fixture_path(&f, "dss.db-wal"));
	unlink(fixture_path(&f, "dss.db-shm"));
	other = fixture_store(&f);
	CHECK_INT(store_write(other, item_insert, &item, &f.err), 0);
	CHECK_INT(store_write(store, item_insert, &(struct item){ 3, "three", 3 }, &f.err),
		  -ENODEV);
	store_close(store); /* leaves the other one's log alone */
	CHECK(access(fixture_path(&f, "dss.db-wal"), F_OK) == 0);
	CHECK_INT(fixture_count(other), 1);
	store_close(other);
	other = fixture_store(&f);
	CHECK_INT(fixture_count(other), 1);
	store_close(other);
	fixture_close(&f);
}

/* ---- who serves ---- */

static int serve_until_told(int hears, int says, void *context)
{
	char what;
	int fd;

	if (serve_lock_take(context, STR_LIT("http://127.0.0.1:8080"), AT_US, &fd, NULL) < 0)
		return 1;
	if (write(says, "s", 1) != 1 || read(hears, &what, 1) != 1)
		return 2;
	return 0;
}

TEST(a_second_server_is_told_who_is_the_first)
{
	struct arena a = { 0 };
	struct test_child child;
	struct fixture f;
	struct str who;
	char wanted[128], heard;
	int fd, again;

	fixture_open(&f);
	CHECK_INT(serve_lock_holder(&a, f.folder, &who, &f.err), 0);
	test_child_start(&child, serve_until_told, f.folder);
	CHECK(test_child_hear(&child, &heard, 1));
	snprintf(wanted, sizeof wanted,
		 "pid %d since 1970-01-01T00:00:00Z at http://127.0.0.1:8080", (int)child.pid);
	CHECK_INT(serve_lock_take(f.folder, STR_NONE, AT_US, &fd, &f.err), -EBUSY);
	CHECK(strstr(f.err.text, wanted) && strstr(f.err.text, "is served already"));
	CHECK_INT(serve_lock_holder(&a, f.folder, &who, &f.err), 1);
	CHECK_STR(who, wanted);
	test_child_kill(&child); /* however it ends, the folder is free */
	CHECK_INT(serve_lock_holder(&a, f.folder, &who, &f.err), 0);
	CHECK_INT(serve_lock_take(f.folder, STR_LIT("a"), AT_US, &fd, &f.err), 0);
	CHECK_INT(serve_lock_take(f.folder, STR_LIT("b"), AT_US, &again, &f.err), -EBUSY);
	close(fd);
	CHECK_INT(serve_lock_take(f.folder, STR_LIT("c"), AT_US, &fd, &f.err), 0);
	CHECK_INT(serve_lock_holder(&a, f.folder, &who, &f.err), 1);
	CHECK(str_ends(who, STR_LIT("Z at c"))); /* nothing is left of longer words */
	close(fd);
	fixture_close(&f);
	arena_release(&a);
}

/* ---- who lives ---- */

static const struct uuid worker = { { 1, 2, 3 } };

static int work_until_told(int hears, int says, void *context)
{
	char what;
	int fd;

	if (worker_lock_take(context, worker, &fd, NULL) < 0 || write(says, "w", 1) != 1)
		return 1;
	if (read(hears, &what, 1) != 1)
		return 2;
	worker_lock_release(context, worker, fd);
	return 0;
}

TEST(a_worker_lives_as_long_as_its_process)
{
	struct test_child child;
	struct fixture f;
	char heard;
	int fd;

	fixture_open(&f);
	CHECK_INT(worker_is_alive(f.folder, worker, &f.err), 0);
	test_child_start(&child, work_until_told, f.folder);
	CHECK(test_child_hear(&child, &heard, 1));
	CHECK_INT(worker_is_alive(f.folder, worker, &f.err), 1);
	CHECK_INT(worker_lock_take(f.folder, worker, &fd, &f.err), -EEXIST);
	CHECK_INT(worker_is_alive(f.folder, worker, &f.err), 1);
	test_child_kill(&child);
	CHECK_INT(worker_is_alive(f.folder, worker, &f.err), 0);
	CHECK(access(fixture_path(&f, "workers/wrk_01081g00000000000000000000.lock"), F_OK) < 0);
	test_child_start(&child, work_until_told, f.folder);
	CHECK(test_child_hear(&child, &heard, 1));
	CHECK(access(fixture_path(&f, "workers/wrk_01081g00000000000000000000.lock"), F_OK) == 0);
	test_child_tell(&child, 'e');
	CHECK_INT(test_child_end(&child), 0);
	CHECK(access(fixture_path(&f, "workers/wrk_01081g00000000000000000000.lock"), F_OK) < 0);
	CHECK_INT(worker_is_alive(f.folder, worker, &f.err), 0);
	fixture_close(&f);
}

TEST(a_store_has_a_folder_or_says_that_it_has_none)
{
	struct str folder;

	CHECK_INT(folder_of_store(STR_LIT("sqlite:/var/lib/dss"), &folder, NULL), 0);
	CHECK_STR(folder, "/var/lib/dss");
	CHECK_INT(folder_of_store(STR_LIT("sqlite:"), &folder, NULL), -EPROTONOSUPPORT);
	CHECK_INT(folder_of_store(STR_LIT("postgresql://x"), &folder, NULL), 0);
	CHECK_STR(folder, "");
	CHECK_INT(folder_of_store(STR_LIT("mysql://x"), &folder, NULL), -EPROTONOSUPPORT);
}
