/* SPDX-License-Identifier: Apache-2.0 */
/* What can a program in the cage do, and what is left of it afterwards? The programs are shell and Python
 * scripts; each has a control that shows that it does what it is meant to, where the cage does not stop it. */
#include "tests/unit/roles/keeper_run.h"

#include "loop/cage.h"

#include <dirent.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

/* Processes of the machine whose arguments hold a word. */
static unsigned processes_with(const char *word)
{
	DIR *proc = opendir("/proc");
	unsigned count = 0;
	struct dirent *entry;

	CHECK(proc != NULL);
	while ((entry = readdir(proc))) {
		char path[300], text[4096];
		FILE *file;
		size_t len;

		snprintf(path, sizeof path, "/proc/%s/cmdline", entry->d_name);
		file = strtol(entry->d_name, NULL, 10) > 0 ? fopen(path, "r") : NULL;
		if (!file)
			continue;
		len = fread(text, 1, sizeof text, file);
		fclose(file);
		count += str_find(str_bytes(text, len), str_of(word)) >= 0;
	}
	closedir(proc);
	return count;
}

/* ---- what an honest program gets ---- */

static void honest(void)
{
	struct keeper_plan plan = shell("echo hello; echo two >&1; exit 3");

	plan.temporary = str_of(bare_place);
	keep(&plan);
	CHECK_STR(ran.report.error, "");
	CHECK_STR(output(), "hello\ntwo\n");
	CHECK_INT(ran.report.code, 3);
}

TEST(an_honest_program_runs)
{
	in_both(honest);
}

TEST(its_environment_is_ours_and_its_descriptors_are_three)
{
	setenv("CANARY", "secret-canary", 1);
	run("env | sort; ls /proc/self/fd; cat /proc/self/environ");
	CHECK_STR(ran.report.error, "");
	CHECK(says("HOME=/tmp\n") && says("LANG=C.UTF-8\n") && says("PATH=/usr/local"));
	CHECK(!says("CANARY") && !says("secret-canary") && !says("ASAN"));
	CHECK(says("0\n1\n2\n3\n")); /* 3 is the folder that ls reads */
	CHECK(!says("4\n5"));
}

static void writes(void)
{
	char path[96];
	struct keeper_plan plan = shell(
		"mkdir -p $TMPDIR/deep/deeper; echo y > $TMPDIR/deep/deeper/file; ln -s / "
		"$TMPDIR/root; "
		"echo x > $TMPDIR/file && cat $TMPDIR/file && cat $HOME/deep/deeper/file; "
		"for d in / /usr /var/tmp /dev/shm /home /etc; do touch $d/dss-canary 2>&1; done");

	plan.temporary = str_of(bare_place);
	keep(&plan);
	CHECK(str_starts(output(), STR_LIT("x\ny\n")));
	snprintf(path, sizeof path, "%s/deep/deeper/file", bare_place);
	CHECK(access(path, F_OK)); /* nothing of it is left */
	CHECK(access("/dss-canary", F_OK) && access("/var/tmp/dss-canary", F_OK) &&
	      access("/dev/shm/dss-canary", F_OK) && access("/etc/dss-canary", F_OK));
}

TEST(it_writes_into_a_folder_of_its_own_only)
{
	in_both(writes);
}

/* ---- what a hostile one does not get ---- */

static void reads(void)
{
	struct keeper_plan plan =
		shell("for f in /etc/shadow /etc/dss/dss.yaml /root/.ssh /home /var/lib /run /boot "
		      "/proc/1/environ; do cat $f/* $f 2>&1 && echo GOT $f; done; echo end");

	plan.temporary = str_of(bare_place);
	keep(&plan);
	CHECK(says("end\n"));
	/* In a tree of its own, 1 is the cage's first process: ours, with nothing in it. */
	CHECK(!says("GOT /etc") && !says("GOT /root") && !says("GOT /home") && !says("GOT /var") &&
	      !says("GOT /run") && !says("GOT /boot"));
	CHECK(!says("root:") && !says("secret-canary"));
}

TEST(secrets_and_others_files_are_closed)
{
	setenv("CANARY", "secret-canary", 1);
	in_both(reads);
}

static void hangs(void)
{
	struct keeper_plan plan = shell("trap '' TERM INT HUP; while :; do sleep 3471; done");

	plan.time_ms = 700;
	plan.temporary = str_of(bare_place);
	keep(&plan);
	CHECK(ran.report.was_stopped);
	CHECK(ran.elapsed_ms >= 700 && ran.elapsed_ms < 10000);
	CHECK_INT(processes_with("3471"), 0);
}

TEST(a_hanging_program_ends_at_its_deadline)
{
	in_both(hangs);
}

static void daemonises(void)
{
	struct keeper_plan plan = shell(
		"setsid sh -c 'setsid sleep 3472 & setsid sh -c \"sleep 3472; sleep 3472\" & exit' "
		">/dev/null 2>&1 & sleep 0.2; echo gone");

	plan.temporary = str_of(bare_place);
	keep(&plan);
	CHECK_STR(output(), "gone\n");
	CHECK_INT(ran.report.code, 0);
	CHECK_INT(processes_with("3472"), 0);
}

TEST(what_it_leaves_behind_is_ended)
{
	in_both(daemonises);
}

TEST(a_fork_bomb_stays_within_its_processes)
{
	struct keeper_plan plan = python("import os, time\n"
					 "made = 1\n"
					 "try:\n"
					 "    for i in range(500):\n"
					 "        if os.fork() == 0:\n"
					 "            time.sleep(3473)\n"
					 "        made += 1\n"
					 "except OSError:\n"
					 "    pass\n"
					 "print(made)\n");

	plan.processes = 20;
	keep(&plan);
	CHECK_STR(output(), "20\n");
	CHECK_INT(ran.report.code, 0);
	CHECK_INT(processes_with("3473"), 0);
	plan = shell("f() { f 3474 | f 3474 & }; f 3474; sleep 3474");
	plan.processes = 20;
	plan.time_ms = 1500;
	keep(&plan);
	CHECK_INT(processes_with("3474"), 0);
}

TEST(a_flood_is_ended)
{
	run("yes flood");
	CHECK(ran.was_flood);
	CHECK(ran.elapsed_ms < 4000);
	run("dd if=/dev/zero of=$TMPDIR/big bs=1M count=500 2>&1; ls -l $TMPDIR/big");
	CHECK(!says("524288000"));
}

TEST(memory_is_bounded)
{
	struct keeper_plan plan = python("x = bytearray(200 << 20); print('GOT')");

	plan.time_ms = 15000; /* the memory stops it, not the time */
	plan.memory_bytes = 128 << 20;
	keep(&plan);
	CHECK(!says("GOT"));
	plan.memory_bytes = 1024u << 20;
	keep(&plan);
	CHECK(says("GOT"));
}

TEST(what_cannot_be_started_says_why)
{
	struct keeper_plan plan = shell("");

	plan.argv[0] = STR_LIT("/usr/bin/no-such-tool");
	keep(&plan);
	CHECK(str_find(ran.report.error, STR_LIT("exec: No such file")) >= 0);
	plan.argv[0] = STR_LIT("/etc/hostname");
	keep(&plan);
	CHECK(str_find(ran.report.error, STR_LIT("exec: ")) >= 0);
	plan = shell("echo started");
	plan.is_bare = true;
	plan.temporary = STR_LIT("/var/tmp/dss-no-such-folder");
	keep(&plan);
	CHECK_STR(ran.report.error, "directory: No such file or directory");
	CHECK(!says("started"));
	run("exit 127");
	CHECK_STR(ran.report.error, "");
	CHECK_INT(ran.report.code, 127);
	run("kill -SEGV $$");
	CHECK_INT(ran.report.signal, SIGSEGV);
}

TEST(rights_cannot_be_had)
{
	run("id -u; grep -i '^Cap' /proc/self/status; grep NoNewPrivs /proc/self/status; "
	    "unshare -Ur true 2>&1 && echo GOT; mount -t tmpfs x /tmp 2>&1 && echo GOT; "
	    "chroot / true 2>&1 && echo GOT; echo end");
	CHECK(says("end\n") && !says("GOT"));
	CHECK(says("CapEff:\t0000000000000000") && says("CapBnd:\t0000000000000000"));
	CHECK(says("NoNewPrivs:\t1"));
}

static void signals_others(void)
{
	struct keeper_plan plan;
	char script[200];
	pid_t victim = fork();
	int status;

	if (victim == 0) {
		if (getuid() == 0 &&
		    (setresgid(65534, 65534, 65534) < 0 || setresuid(65534, 65534, 65534) < 0))
			_exit(2);
		if (prctl(PR_SET_PDEATHSIG, SIGKILL) == 0)
			pause();
		_exit(0);
	}
	snprintf(script, sizeof script, "kill -9 %d 2>&1; kill -9 -1; echo end", victim);
	plan = shell(script);
	plan.temporary = str_of(bare_place);
	keep(&plan);
	CHECK_INT(waitpid(victim, &status, WNOHANG), 0);
	kill(victim, SIGKILL);
	waitpid(victim, &status, 0);
}

TEST(it_signals_nobody_else)
{
	in_both(signals_others);
}
