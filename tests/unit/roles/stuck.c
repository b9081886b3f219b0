/* SPDX-License-Identifier: Apache-2.0 */
/* Is a role found that holds the turn at writing and does not go on, and no other? */
#include "roles/serve/stuck.h"

#include "store/sqlite/turn.h"
#include "tests/test.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

enum { SECOND = 1000000 };

static char folder[64];
static pid_t holder, other;
static int64_t now_us;
static struct stuck stuck;

static void sleep_for_ever(void)
{
	for (;;)
		pause();
}

/* A process; one that holds the turn when it is to. */
static pid_t process(bool is_to_hold)
{
	struct turn *turn;
	int says[2];
	char said;
	pid_t pid;

	CHECK(pipe(says) == 0);
	pid = fork();
	if (pid == 0) {
		if (is_to_hold &&
		    (turn_open(folder, &turn, NULL) < 0 || turn_take(turn, 30, NULL) < 0))
			_exit(1);
		(void)!write(says[1], "r", 1);
		sleep_for_ever();
	}
	close(says[1]);
	CHECK_INT(read(says[0], &said, 1), 1);
	close(says[0]);
	return pid;
}

static void begin(void)
{
	snprintf(folder, sizeof folder, "/tmp/dss-stuck.XXXXXX");
	CHECK(mkdtemp(folder) != NULL);
	other = process(false);
	holder = process(true);
	now_us = SECOND;
	stuck = (struct stuck){ 0 };
}

static void end_process(pid_t pid)
{
	kill(pid, SIGKILL);
	CHECK_INT(waitpid(pid, NULL, 0), pid);
}

static void end(void)
{
	char path[96];

	end_process(holder);
	end_process(other);
	for (int i = 0; i < 2; i++) {
		snprintf(path, sizeof path, "%s/%s", folder, i ? "turn" : "queue");
		CHECK_INT(unlink(path), 0);
	}
	CHECK_INT(rmdir(folder), 0);
}

static void stop(pid_t pid)
{
	int status;

	CHECK_INT(kill(pid, SIGSTOP), 0);
	CHECK_INT(waitpid(pid, &status, WUNTRACED), pid);
	CHECK(WIFSTOPPED(status));
}

/* What is found in so many looks, a second apart. */
static pid_t looks(int count)
{
	const pid_t pids[] = { other, 0, holder };
	pid_t found = 0;

	for (int i = 0; i < count && !found; i++, now_us += SECOND)
		found = stuck_look(&stuck, folder, pids, 3, now_us);
	return found;
}

TEST(one_that_is_stopped_while_it_writes_is_found_before_others_give_up)
{
	begin();
	stop(holder);
	CHECK_INT(looks(5), 0);
	CHECK_INT(looks(1), holder);
	end();
}

TEST(one_that_writes_for_long_is_left_alone_for_a_minute)
{
	begin();
	CHECK_INT(looks(60), 0);
	CHECK_INT(looks(1), holder);
	end();
}

TEST(one_that_is_stopped_and_was_given_the_turn_meanwhile_is_found_all_the_same)
{
	struct turn *turn;

	begin();
	end_process(holder);
	CHECK_INT(turn_open(folder, &turn, NULL), 0);
	CHECK_INT(turn_take(turn, 30, NULL), 0); /* we write last, and another has the lock */
	stop(other);
	CHECK_INT(looks(6), other); /* the one that the lock went to, as far as anybody can tell */
	turn_give(turn);
	turn_close(turn);
	holder = process(true);
	end();
}

TEST(who_does_not_write_is_never_found)
{
	struct turn *turn;

	begin();
	end_process(holder);
	stop(other);
	CHECK_INT(looks(100), 0); /* nobody holds the turn */
	CHECK_INT(turn_open(folder, &turn, NULL), 0);
	for (int i = 0; i < 10; i++) { /* it goes from hand to hand */
		CHECK_INT(turn_take(turn, 30, NULL), 0);
		CHECK_INT(looks(3), 0);
		turn_give(turn);
		usleep(20000); /* the file's time has the kernel's tick */
	}
	turn_close(turn);
	holder = process(true);
	end();
}
