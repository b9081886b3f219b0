/* SPDX-License-Identifier: Apache-2.0 */
/* Do processes that share a map of paces ask no faster together than one of them alone? */
#include "net/paces.h"

#include "tests/unit/net/dns_peer.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { INTERVAL_US = 1000, CHILDREN = 4, EACH = 20000 };

static struct paces *map_new(int *ret_fd)
{
	struct paces *paces;
	struct err err = { 0 };

	CHECK_INT(paces_create(ret_fd, &err), 0);
	CHECK_INT(paces_open(*ret_fd, &paces, &err), 0);
	return paces;
}

TEST(each_arrival_is_an_interval_after_the_last_or_now)
{
	static const struct {
		int64_t now, arrival;
	} rows[] = { { 5000, 6000 }, { 5000, 7000 }, { 5500, 8000 }, { 9000, 10000 } };
	int64_t arrival = 0;
	int fd;
	struct paces *paces = map_new(&fd);

	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		CHECK(paces_take(paces, 7, rows[i].now, INTERVAL_US, &arrival));
		CHECK_INT(arrival, rows[i].arrival);
	}
	CHECK(paces_take(paces, 8, 9000, INTERVAL_US, &arrival)); /* another key, another pace */
	CHECK_INT(arrival, 10000);
	paces_close(paces);
	close(fd);
}

/* All children take at once: no arrival may be given twice, and none is lost. */
TEST(processes_that_take_at_once_are_counted_all)
{
	int64_t arrival = 0;
	int fd, status;
	struct paces *paces = map_new(&fd);

	for (unsigned i = 0; i < CHILDREN; i++) {
		pid_t pid = fork();

		CHECK(pid >= 0);
		if (pid)
			continue;
		for (unsigned k = 0; k < EACH; k++)
			if (!paces_take(paces, 99, 1000, 1, &arrival))
				_exit(1);
		_exit(0);
	}
	for (unsigned i = 0; i < CHILDREN; i++) {
		CHECK(wait(&status) > 0);
		CHECK_INT(status, 0);
	}
	CHECK(paces_take(paces, 99, 1000, 1, &arrival));
	CHECK_INT(arrival, 1000 + CHILDREN * EACH + 1);
	paces_close(paces);
	close(fd);
}

static ino_t inode_of(int fd)
{
	struct stat stat;

	CHECK(fstat(fd, &stat) == 0);
	return stat.st_ino;
}

/* A process that takes part in the map of the file until it is told to leave. */
static pid_t take_part(const char *file, int *ret_hold, ino_t *ret_inode)
{
	int said[2], held[2];
	pid_t pid;

	CHECK(pipe(said) == 0 && pipe(held) == 0);
	pid = fork();
	CHECK(pid >= 0);
	if (!pid) {
		struct err err = { 0 };
		ino_t inode = 0;
		char end;
		int fd;

		close(held[1]);
		if (paces_share(file, &fd, &err) == 0)
			inode = inode_of(fd);
		(void)!write(said[1], &inode, sizeof inode);
		(void)!read(held[0], &end, 1);
		_exit(0);
	}
	close(said[1]);
	close(held[0]);
	CHECK(read(said[0], ret_inode, sizeof *ret_inode) == sizeof *ret_inode);
	close(said[0]);
	*ret_hold = held[1];
	return pid;
}

static void leave(pid_t pid, int hold)
{
	CHECK(write(hold, "", 1) == 1);
	close(hold);
	CHECK(waitpid(pid, NULL, 0) == pid);
}

TEST(workers_of_one_folder_have_one_map_as_long_as_one_of_them_lives)
{
	char folder[] = "/tmp/dss-paces.XXXXXX", file[64];
	ino_t first, second, third, fourth;
	struct err err = { 0 };
	int holds[3], fd;
	pid_t pids[3];

	CHECK(mkdtemp(folder) != NULL);
	snprintf(file, sizeof file, "%s/paces", folder);
	pids[0] = take_part(file, &holds[0], &first);
	pids[1] = take_part(file, &holds[1], &second);
	CHECK(first && first == second);
	leave(pids[0], holds[0]);
	pids[2] = take_part(file, &holds[2], &third); /* from the second: the first is gone */
	CHECK(third == first);
	leave(pids[1], holds[1]);
	leave(pids[2], holds[2]);
	CHECK_INT(paces_share(file, &fd, &err), 0); /* its lines name the dead */
	fourth = inode_of(fd);
	CHECK(fourth && fourth != first);
	close(fd);
	unlink(file);
	CHECK_INT(paces_share("/nonexistent/paces", &fd, &err), -ENOENT);
	CHECK(str_find(str_of(err.text), STR_LIT("/nonexistent/paces")) >= 0);
	CHECK(rmdir(folder) == 0);
}

TEST(what_is_no_map_of_paces_is_not_taken_for_one)
{
	char folder[] = "/tmp/dss-paces.XXXXXX", file[64];
	struct err err = { 0 };
	int fd, out, other;
	FILE *lines;

	CHECK(mkdtemp(folder) != NULL);
	snprintf(file, sizeof file, "%s/paces", folder);
	other = memfd_create("dss-paces", MFD_CLOEXEC | MFD_ALLOW_SEALING); /* could be shrunk */
	out = open("/dev/null", O_RDWR | O_CLOEXEC);
	lines = fopen(file, "w");
	fprintf(lines, "%d %d\n%d %d\nx y\n\n1\n99999999 3", (int)getpid(), other, (int)getpid(),
		out);
	fclose(lines);
	CHECK_INT(paces_share(file, &fd, &err), 0);
	CHECK(inode_of(fd) != inode_of(other) && inode_of(fd) != inode_of(out));
	close(fd);
	close(other);
	close(out);
	unlink(file);
	CHECK(rmdir(folder) == 0);
}

/* What a scanner that was taken over can do to others: hold one back for a while, no more. */
TEST(nonsense_in_the_map_is_passed_over)
{
	int64_t arrival = 0, *words;
	int fd;
	struct paces *paces = map_new(&fd);

	words = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	CHECK(words != MAP_FAILED);
	for (size_t i = 0; i < 4096 / sizeof *words; i += 2) {
		words[i] = (int64_t)i / 2 % PACES_WAYS + 1; /* a key */
		words[i + 1] = i % 4 ? INT64_MAX : INT64_MIN;
	}
	for (uint64_t key = 1; key <= PACES_WAYS; key++) {
		CHECK(paces_take(paces, key, 1000, 1, &arrival));
		CHECK_INT(arrival, 1001);
	}
	munmap(words, 4096);
	CHECK(ftruncate(fd, 0) < 0);
	CHECK(ftruncate(fd, 1 << 30) < 0);
	paces_close(paces);
	close(fd);
}

TEST(keys_that_no_bucket_is_free_for_are_told_so)
{
	int64_t arrival = 0;
	int fd;
	struct paces *paces = map_new(&fd);

	for (uint64_t i = 1; i <= PACES_WAYS; i++)
		CHECK(paces_take(paces, i << 32, 1000, INTERVAL_US, &arrival));
	CHECK(!paces_take(paces, 100ull << 32, 1000, INTERVAL_US, &arrival));
	CHECK(paces_take(paces, 1ull << 32, 1000, INTERVAL_US,
			 &arrival)); /* who has one keeps it */
	CHECK_INT(arrival, 3000);
	CHECK(paces_take(paces, 100ull << 32, 3000, INTERVAL_US, &arrival)); /* all are over */
	CHECK_INT(arrival, 4000);
	paces_close(paces);
	close(fd);
}

TEST(what_is_no_map_is_refused)
{
	struct paces *paces = NULL;
	struct err err = { 0 };
	int fds[2];

	CHECK(pipe(fds) == 0);
	CHECK_INT(paces_open(fds[0], &paces, &err), -EINVAL);
	close(fds[0]);
	close(fds[1]);
	CHECK_INT(paces_open(fds[0], &paces, &err), -EBADF);
}

/* So many waits when two clients ask one address ten times each, with a burst of ten. */
static unsigned paced_by_both(struct paces *paces, struct paces *of_the_other)
{
	const struct dns_client_settings settings = { .rate = 10, .paces = paces },
					 others = { .rate = 10, .paces = of_the_other };
	struct dns_destination to = { .port = 9 };
	static struct bench one, other;
	struct dns_request request;
	unsigned paced;

	CHECK(address_parse(str_of("127.0.7.7"), &to.address) == 0);
	bench_open(&one, &settings);
	bench_open(&other, &others);
	for (unsigned i = 0; i < 10; i++) {
		request = bench_request(&to, 0, 0);
		bench_ask(&one, &request);
		bench_ask(&other, &request);
	}
	paced = one.paced + other.paced;
	bench_close(&one);
	bench_close(&other);
	return paced;
}

TEST(two_clients_with_one_map_keep_one_pace)
{
	int fd;
	struct paces *paces = map_new(&fd);

	CHECK_INT(paced_by_both(NULL, NULL), 0);
	CHECK_INT(paced_by_both(paces, paces), 10);
	paces_close(paces);
	close(fd);
}

TEST(two_machines_with_a_map_each_keep_half_a_pace)
{
	int fds[2];
	struct paces *one = map_new(&fds[0]), *other = map_new(&fds[1]);

	CHECK_INT(paced_by_both(one, other), 0); /* neither knows of the other */
	paces_close(one);
	paces_close(other);
	close(fds[0]);
	close(fds[1]);
	one = map_new(&fds[0]);
	other = map_new(&fds[1]);
	paces_divide(one, 2);
	paces_divide(other, 2);
	CHECK_INT(paced_by_both(one, other), 10);
	paces_close(one);
	paces_close(other);
	close(fds[0]);
	close(fds[1]);
}

TEST(the_part_of_a_machine_is_between_all_and_a_thousandth)
{
	static const struct {
		int64_t said, divisor;
	} rows[] = { { 1, 1 }, { 3, 3 }, { 0, 1 }, { -5, 1 }, { INT64_MAX, PACES_MACHINES } };
	int fd;
	struct paces *paces = map_new(&fd), *others;
	struct err err = { 0 };

	CHECK_INT(paces_open(fd, &others, &err), 0);
	CHECK_INT(paces_divisor(others), 1); /* nobody has said anything */
	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		paces_divide(paces, rows[i].said);
		CHECK_INT(paces_divisor(others), rows[i].divisor);
	}
	paces_close(others);
	paces_close(paces);
	close(fd);
}
