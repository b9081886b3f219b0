/* SPDX-License-Identifier: Apache-2.0 */
/* What can a program in the cage do, and what is left of it afterwards? The programs are shell and Python
 * scripts; each has a control that shows that it does what it is meant to, where the cage does not stop it. */
#include "roles/runner/keeper.h"

#include "base/clock.h"
#include "loop/cage.h"
#include "loop/child.h"
#include "loop/loop.h"
#include "tests/test.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

enum { OUTPUT_BYTES = 1 << 20, PATIENCE_MS = 20000 };

static struct ran {
	struct keeper_report report;
	struct arena arena;
	char output[OUTPUT_BYTES];
	size_t len;
	bool was_flood; /* more came than that, and it was told to end */
	int64_t elapsed_ms;
} ran;

static bool wants_bare;

static struct keeper_plan shell(const char *script)
{
	static struct str argv[4];

	argv[0] = STR_LIT("/bin/sh");
	argv[1] = STR_LIT("-c");
	argv[2] = str_of(script);
	return (struct keeper_plan){ .argv = argv,
				     .argv_count = 3,
				     .time_ms = 5000,
				     .memory_bytes = 1u << 30,
				     .processes = 32,
				     .is_bare = wants_bare };
}

static struct keeper_plan python(const char *script)
{
	struct keeper_plan plan = shell(script);

	plan.argv[0] = STR_LIT("/usr/bin/python3");
	plan.argv[1] = STR_LIT("-Ic");
	return plan;
}

static void on_exit_child(struct child *child, struct child_exit how, void *data)
{
	*(bool *)data = true;
}

/* Until the keeper has left: its outputs are read as a runner reads them. */
static void collect(uv_loop_t *loop, struct child *child, int output, bool *has_left)
{
	int64_t until = clock_monotonic_us() + PATIENCE_MS * 1000;
	struct pollfd polled = { .fd = output, .events = POLLIN };

	while (!*has_left && clock_monotonic_us() < until) {
		ssize_t got = 0;

		if (poll(&polled, 1, 10) > 0)
			got = read(output, ran.output + ran.len, sizeof ran.output - ran.len);
		ran.len += got > 0 ? (size_t)got : 0;
		if (ran.len == sizeof ran.output && !ran.was_flood) {
			ran.was_flood = true;
			child_stop(child, 2000);
		}
		uv_run(loop, UV_RUN_NOWAIT);
	}
	CHECK(*has_left);
	while (ran.len < sizeof ran.output) {
		ssize_t got = read(output, ran.output + ran.len, sizeof ran.output - ran.len);

		if (got <= 0)
			break;
		ran.len += (size_t)got;
	}
}

static void report_read(int fd)
{
	static char bytes[KEEPER_REPORT_BYTES];
	ssize_t len = read(fd, bytes, sizeof bytes);

	CHECK(len >= 0);
	CHECK_INT(desc_decode(&ran.arena, &keeper_report_desc, str_bytes(bytes, (size_t)len),
			      &ran.report),
		  0);
	CHECK(ran.report.is_bare == wants_bare || ran.report.error.len);
}

static void keep(const struct keeper_plan *plan)
{
	const char *argv[] = { getenv("DSS_NET"), "keeper", NULL };
	int output[2], given[2], report[2];
	int64_t began = clock_monotonic_us();
	struct child *child;
	struct err err = { 0 };
	struct buf bytes;
	bool has_left = false;
	uv_loop_t loop;

	arena_release(&ran.arena);
	memset(&ran, 0, offsetof(struct ran, output));
	ran.len = 0;
	ran.was_flood = false;
	CHECK(pipe(output) == 0 && pipe(given) == 0 && pipe(report) == 0);
	buf_init(&bytes, NULL);
	desc_encode(&bytes, &keeper_plan_desc, plan);
	CHECK(write(given[1], bytes.data, bytes.len) == (ssize_t)bytes.len);
	buf_release(&bytes);
	close(given[1]);
	CHECK(uv_loop_init(&loop) == 0);
	CHECK_INT(child_start(&loop,
			      &(struct child_settings){
				      .argv = argv,
				      .descriptors =
					      (struct child_descriptor[]){
						      { output[1], 1 },
						      { 2, 2 },
						      { given[0], KEEPER_PLAN_FD },
						      { report[1], KEEPER_REPORT_FD } },
				      .descriptor_count = 4,
				      .has_own_group = true,
				      .has_identity = getuid() == 0,
				      .uid = 65534,
				      .gid = 65534 },
			      on_exit_child, &has_left, &child, &err),
		  0);
	close(output[1]);
	close(given[0]);
	close(report[1]);
	collect(&loop, child, output[0], &has_left);
	report_read(report[0]);
	close(output[0]);
	close(report[0]);
	child_release(child);
	loop_run_closing(&loop);
	CHECK_INT(loop_close(&loop), 0);
	ran.elapsed_ms = (clock_monotonic_us() - began) / 1000;
	test_row("%.*s; code %d, signal %u, stopped %d, denied %u (%.*s): %.*s",
		 STR(ran.report.error), (int)ran.report.code, ran.report.signal,
		 ran.report.was_stopped, (unsigned)ran.report.denied, STR(ran.report.first_denied),
		 (int)MIN(ran.len, (size_t)2000), ran.output);
}

static void run(const char *script)
{
	struct keeper_plan plan = shell(script);

	keep(&plan);
}

static struct str output(void)
{
	return str_bytes(ran.output, ran.len);
}

static bool says(const char *text)
{
	return str_find(output(), str_of(text)) >= 0;
}

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

/* Both kinds of cage: with namespaces, and where none can be made. */
static char bare_place[] = "/var/tmp/dss-keeper-XXXXXX";

static void place_remove(void)
{
	rmdir(bare_place);
}

static void in_both(void (*check)(void))
{
	if (str_find(str_of(bare_place), STR_LIT("XXXXXX")) >= 0) {
		CHECK(mkdtemp(bare_place) != NULL);
		CHECK(getuid() != 0 || chown(bare_place, 65534, 65534) == 0);
		atexit(place_remove);
	}
	check();
	wants_bare = true;
	check();
	wants_bare = false;
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
	struct keeper_plan plan = python("x = bytearray(600 << 20); print('GOT')");

	plan.memory_bytes = 256 << 20;
	keep(&plan);
	CHECK(!says("GOT"));
	plan.memory_bytes = 2048u << 20;
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

/* ---- the network ---- */

/* A listener whose connections are counted. */
static int listener_open(const char *address, uint16_t *ret_port)
{
	struct sockaddr_in at = { .sin_family = AF_INET };
	socklen_t len = sizeof at;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);

	CHECK(inet_pton(AF_INET, address, &at.sin_addr) == 1);
	CHECK(fd >= 0 && bind(fd, (struct sockaddr *)&at, sizeof at) == 0 && listen(fd, 64) == 0);
	CHECK(getsockname(fd, (struct sockaddr *)&at, &len) == 0);
	*ret_port = ntohs(at.sin_port);
	return fd;
}

static unsigned connections(int fd)
{
	unsigned count = 0;
	int got;

	while ((got = accept(fd, NULL, NULL)) >= 0) {
		count++;
		close(got);
	}
	return count;
}

/* Every way that a program has to send somebody something. */
static const char ways[] =
	"import socket, sys, os, errno\n"
	"host, port = sys.argv[1], int(sys.argv[2])\n"
	"def attempt(name, what):\n"
	"    try:\n"
	"        what()\n"
	"        print(name, 'GOT')\n"
	"    except OSError as e:\n"
	"        print(name, errno.errorcode.get(e.errno, e.errno))\n"
	"def tcp():\n"
	"    socket.create_connection((host, port), 2).close()\n"
	"def late():\n"
	"    s = socket.socket(); s.setblocking(False)\n"
	"    try:\n"
	"        s.connect((host, port))\n"
	"    except BlockingIOError:\n"
	"        pass\n"
	"def mapped():\n"
	"    socket.socket(socket.AF_INET6).connect(('::ffff:' + host, port))\n"
	"def udp():\n"
	"    socket.socket(type=socket.SOCK_DGRAM).sendto(b'x', (host, port))\n"
	"def udp_message():\n"
	"    socket.socket(type=socket.SOCK_DGRAM).sendmsg([b'x', b'y'], [], 0, (host, port))\n"
	"def udp_connected():\n"
	"    s = socket.socket(type=socket.SOCK_DGRAM); s.connect((host, port)); s.send(b'x')\n"
	"def fast_open():\n"
	"    socket.socket().sendto(b'x', 0x20000000, (host, port))\n"
	"def raw():\n"
	"    socket.socket(socket.AF_INET, socket.SOCK_RAW, 1)\n"
	"def ping():\n"
	"    socket.socket(socket.AF_INET, socket.SOCK_DGRAM, 1)\n"
	"def sctp():\n"
	"    socket.socket(socket.AF_INET, socket.SOCK_STREAM, 132)\n"
	"def multipath():\n"
	"    socket.socket(socket.AF_INET, socket.SOCK_STREAM, 262)\n"
	"def packet():\n"
	"    socket.socket(socket.AF_PACKET, socket.SOCK_RAW)\n"
	"def netlink():\n"
	"    socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0)\n"
	"def unix():\n"
	"    socket.socket(socket.AF_UNIX).connect('/run/dss-no-such')\n"
	"def serve():\n"
	"    s = socket.socket(); s.bind(('', 0)); s.listen()\n"
	"for name in 'tcp late mapped udp udp_message udp_connected fast_open raw ping sctp "
	"multipath packet netlink unix serve'.split():\n"
	"    attempt(name, globals()[name])\n";

static struct keeper_plan attempts(const char *host, uint16_t port)
{
	static struct str argv[6];
	static char port_text[8];

	snprintf(port_text, sizeof port_text, "%u", port);
	argv[0] = STR_LIT("/usr/bin/python3");
	argv[1] = STR_LIT("-Ic");
	argv[2] = str_of(ways);
	argv[3] = str_of(host);
	argv[4] = str_of(port_text);
	return (struct keeper_plan){ .argv = argv,
				     .argv_count = 5,
				     .time_ms = 15000,
				     .memory_bytes = 1u << 30,
				     .processes = 16,
				     .is_bare = wants_bare,
				     .temporary = str_of(bare_place) };
}

static void nobody_is_reached(void)
{
	struct str allowed[] = { STR_LIT("127.0.53.0/24") };
	struct keeper_plan plan;
	uint16_t port;
	int fd = listener_open("127.0.54.1", &port);

	for (int network = 0; network <= DEFINITION_NETWORK_GUARDED; network++) {
		plan = attempts("127.0.54.1", port);
		plan.network = (uint8_t)network;
		plan.allow_networks = allowed;
		plan.allow_network_count = 1;
		CHECK_INT(address_parse(STR_LIT("127.0.53.1"), &plan.address), 0);
		keep(&plan);
		CHECK_STR(ran.report.error, "");
		CHECK(says("tcp E") && says("udp_message E") && says("serve E"));
		CHECK(!says("GOT"));
		CHECK(network == 0 || ran.report.denied >= 5);
		CHECK_INT(connections(fd), 0);
	}
	close(fd);
}

TEST(it_reaches_nobody_but_whom_it_may)
{
	in_both(nobody_is_reached);
}

static void the_approved_one_is_reached(void)
{
	static const char *const wanted[] = { "tcp GOT", "late GOT", "udp GOT", "udp_message GOT",
					      "udp_connected GOT" };
	struct str allowed[] = { STR_LIT("127.0.53.0/24") };
	struct keeper_plan plan;
	uint16_t port;
	int fd = listener_open("127.0.53.1", &port);

	plan = attempts("127.0.53.1", port);
	plan.network = DEFINITION_NETWORK_ADDRESS;
	plan.allow_networks = allowed;
	plan.allow_network_count = 1;
	CHECK_INT(address_parse(STR_LIT("127.0.53.1"), &plan.address), 0);
	keep(&plan);
	for (size_t i = 0; i < ARRAY_COUNT(wanted); i++) {
		CHECK(says(wanted[i]));
	}
	CHECK(says("mapped E") && says("raw E") && says("ping E") && says("serve E"));
	CHECK(says("fast_open E") && says("sctp E") && says("multipath E") && says("unix E"));
	CHECK_INT(connections(fd), 2);
	plan.port = (uint16_t)(port + 1);
	keep(&plan);
	CHECK(!says("tcp GOT") && !says("udp GOT"));
	CHECK_INT(connections(fd), 0);
	close(fd);
}

TEST(it_reaches_the_address_that_it_was_given)
{
	in_both(the_approved_one_is_reached);
}

TEST(a_race_for_the_address_is_lost)
{
	/* One thread changes the address all the time while another connects. */
	struct keeper_plan plan =
		python("import ctypes, threading, struct, sys, socket\n"
		       "libc = ctypes.CDLL(None, use_errno=True)\n"
		       "good, bad = [struct.pack('!HH4s8x', 0, PORT, socket.inet_aton(a)) for a in "
		       "('127.0.53.1', '127.0.54.1')]\n"
		       "good, bad = [struct.pack('=H', 2) + x[2:] for x in (good, bad)]\n"
		       "memory = ctypes.create_string_buffer(good, 16)\n"
		       "def flip():\n"
		       "    while True:\n"
		       "        ctypes.memmove(memory, bad, 16); ctypes.memmove(memory, good, 16)\n"
		       "threading.Thread(target=flip, daemon=True).start()\n"
		       "for i in range(3000):\n"
		       "    s = socket.socket(); libc.connect(s.fileno(), memory, 16); s.close()\n"
		       "print('end')\n");
	struct str allowed[] = { STR_LIT("127.0.53.0/24") };
	uint16_t port, good_port;
	int bad = listener_open("127.0.54.1", &port), good;
	struct sockaddr_in at = { .sin_family = AF_INET, .sin_port = htons(port) };
	struct buf script;

	good = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
	CHECK(inet_pton(AF_INET, "127.0.53.1", &at.sin_addr) == 1);
	CHECK(bind(good, (struct sockaddr *)&at, sizeof at) == 0 && listen(good, 4096) == 0);
	good_port = port;
	buf_init(&script, NULL);
	buf_printf(&script, "PORT = %u\n%.*s", good_port, STR(plan.argv[2]));
	plan.argv[2] = buf_str(&script);
	plan.network = DEFINITION_NETWORK_ADDRESS;
	plan.allow_networks = allowed;
	plan.allow_network_count = 1;
	plan.time_ms = 15000;
	CHECK_INT(address_parse(STR_LIT("127.0.53.1"), &plan.address), 0);
	keep(&plan);
	CHECK_STR(output(), "end\n");
	CHECK(ran.report.denied > 0 && ran.report.connected > 0);
	CHECK_INT(connections(bad), 0);
	CHECK(connections(good) > 0);
	buf_release(&script);
	close(bad);
	close(good);
}
