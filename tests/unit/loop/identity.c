/* SPDX-License-Identifier: Apache-2.0 */
/* Whom may this process become? Each answer is that of a process of its own. */
#include "loop/identity.h"

#include "tests/test.h"
#include "tests/user_namespace.h"

#include <grp.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

enum { NOBODY = 65534 };
enum { CANNOT = 1, CAN, BAD };

/* What identity_can_become says, if trying it proves it right. */
static int proved(uid_t uid, gid_t gid)
{
	bool can = identity_can_become(uid, gid);
	bool did = setgroups(0, NULL) == 0 && setresgid(gid, gid, gid) == 0 &&
		   setresuid(uid, uid, uid) == 0;

	return can != did ? BAD : can ? CAN : CANNOT;
}

static int as_started(void)
{
	return proved(NOBODY, NOBODY);
}

/* An ordinary user, whose /proc/self is its own. */
static bool be_user(void)
{
	if (geteuid() != 0)
		return true;
	return setgroups(0, NULL) == 0 && setresgid(1000, 1000, 1000) == 0 &&
	       setresuid(1000, 1000, 1000) == 0 && prctl(PR_SET_DUMPABLE, 1) == 0;
}

static int as_user(void)
{
	return be_user() ? proved(NOBODY, NOBODY) : BAD;
}

static int as_lonely_root(void)
{
	return test_become_lonely_root() < 0 || geteuid() != 0 ? BAD : proved(NOBODY, NOBODY);
}

static int as_user_in_a_namespace(void)
{
	return be_user() ? as_lonely_root() : BAD;
}

static int in_own_process(int (*run)(void))
{
	int status;
	pid_t pid;

	fflush(NULL);
	pid = fork();
	CHECK(pid >= 0);
	if (pid == 0)
		_exit(run());
	CHECK(waitpid(pid, &status, 0) == pid);
	CHECK(WIFEXITED(status));
	return WEXITSTATUS(status);
}

TEST(only_root_among_others_can_become_another)
{
	CHECK_INT(in_own_process(as_user), CANNOT);
	CHECK_INT(in_own_process(as_lonely_root), CANNOT);
	CHECK_INT(in_own_process(as_user_in_a_namespace), CANNOT);
	if (geteuid() == 0)
		CHECK(in_own_process(as_started) != BAD);
	else
		CHECK_INT(in_own_process(as_started), CANNOT);
}

TEST(a_map_has_the_ids_of_its_lines)
{
	static const struct {
		const char *map;
		unsigned id;
		bool has;
	} rows[] = {
		{ "         0          0 4294967295\n", 65534, true },
		{ "         0       1000          1\n", 65534, false },
		{ "         0       1000          1\n", 0, true },
		{ "0 1000 1\n1 100000 65535\n", 65534, true },
		{ "0 1000 1\n1 100000 65535\n", 65535, true },
		{ "0 1000 1\n1 100000 65535\n", 65536, false },
		{ "0 1000 1\n1 100000 65535", 1, true },
		{ "", 0, false },
		{ "0 0\n", 0, false },
		{ "0 0 x\n", 0, false },
	};

	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		test_row("%s: %u", rows[i].map, rows[i].id);
		CHECK_INT(identity_map_has(str_of(rows[i].map), rows[i].id), rows[i].has);
	}
}
