/* SPDX-License-Identifier: Apache-2.0 */
/* What do scripts get, and what becomes of those that misbehave? */
#include "children/script.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "loop/loop.h"
#include "tests/test.h"

enum { PATIENCE_US = 30000000 };

struct told {
	bool is_done, is_delivered;
	int code;
	char reply[SCRIPT_REPLY_BYTES + 1], error[256];
};

static void on_result(void *context, const struct script_result *result)
{
	struct told *told = context;

	told->is_done = true;
	told->is_delivered = result->is_delivered;
	told->code = result->code;
	snprintf(told->reply, sizeof told->reply, "%.*s", STR(result->reply));
	snprintf(told->error, sizeof told->error, "%.*s", STR(result->error));
}

static void folder_make(char out[static 64])
{
	snprintf(out, 64, "/tmp/dss-script-XXXXXX");
	CHECK(mkdtemp(out) != NULL);
}

static void script_write(const char *folder, const char *text, mode_t mode)
{
	char path[128];
	int fd;

	snprintf(path, sizeof path, "%s/tell", folder);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0700);
	CHECK(fd >= 0);
	CHECK(write(fd, text, strlen(text)) == (ssize_t)strlen(text));
	CHECK(fchmod(fd, mode) == 0);
	close(fd);
}

static void folder_remove(const char *folder)
{
	char path[128];

	snprintf(path, sizeof path, "%s/tell", folder);
	unlink(path);
	CHECK(rmdir(folder) == 0);
}

static struct told run_of(const char *text, struct str input, uint32_t timeout_ms)
{
	struct told told = { .code = -2 };
	struct script_run *run;
	struct err err = { 0 };
	char folder[64];
	uv_loop_t loop;

	folder_make(folder);
	script_write(folder, text, 0755);
	uv_loop_init(&loop);
	CHECK(script_start(&loop,
			   &(struct script_order){ .folder = str_of(folder),
						   .name = STR_LIT("tell"),
						   .id = STR_LIT("dlv_1"),
						   .type = STR_LIT("finding.opened"),
						   .input = input,
						   .timeout_ms = timeout_ms },
			   on_result, &told, &run, &err) == 0);
	CHECK(loop_run_until(&loop, &told.is_done, clock_monotonic_us() + PATIENCE_US) == 0);
	loop_run_closing(&loop);
	CHECK_INT(loop_close(&loop), 0);
	folder_remove(folder);
	return told;
}

TEST(a_script_gets_json_and_little_else)
{
	struct told told =
		run_of("#!/bin/sh\necho \"$#\"\ncat\necho\nenv | sort\n", STR_LIT("{\"a\":1}"), 0);

	CHECK(told.is_delivered);
	CHECK_INT(told.code, 0);
	CHECK(strstr(told.reply, "0\n{\"a\":1}\n") == told.reply);
	CHECK(strstr(told.reply, "DSS_ID=dlv_1\n"));
	CHECK(strstr(told.reply, "DSS_TYPE=finding.opened\n"));
	CHECK(!strstr(told.reply, "HOME="));
}

TEST(a_script_has_no_descriptor_of_ours_and_no_core)
{
	int canary = open("/etc/passwd", O_RDONLY); /* not close-on-exec */
	struct told told = run_of("#!/bin/sh\ncat >/dev/null\nls /proc/$$/fd | tr '\\n' ' '\n"
				  "ulimit -c\nulimit -n\n",
				  STR_LIT("x"), 0);

	close(canary);
	/* 10 or 255 is where a shell keeps the script itself */
	CHECK(strstr(told.reply, "0 1 ") == told.reply);
	CHECK(strstr(told.reply, "\n0\n64\n") || strstr(told.reply, " 0\n64\n"));
	CHECK(told.is_delivered);
}

TEST(what_scripts_do_wrong_is_told)
{
	static const struct {
		const char *text;
		uint32_t timeout_ms;
		bool is_delivered;
		int code;
		const char *error;
	} rows[] = {
		{ "#!/bin/sh\nexit 0\n", 0, true, 0, "" },
		{ "#!/bin/sh\nexit 7\n", 0, false, 7, "exit code 7" },
		{ "#!/bin/sh\nkill -9 $$\n", 0, false, -1, "signal 9" },
		{ "#!/bin/sh\nexec sleep 60\n", 300, false, -1, "in time" },
		{ "#!/bin/sh\nsleep 60 & sleep 60\n", 300, false, -1, "in time" },
		{ "#!/bin/sh\nyes\n", 0, false, -1, "printed too much" },
		{ "#!/bin/sh\nexec >&- 2>&- <&-\nexit 3\n", 0, false, 3, "exit code 3" },
		{ "#!/bin/sh\nsleep 60 &\nexit 0\n", 0, true, 0, "" },
		{ "#!/bin/sh\ntrap '' TERM\nsleep 60\n", 300, false, -1, "in time" },
	};

	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		struct told told;

		test_row("row %zu: %s", i, rows[i].text);
		told = run_of(rows[i].text, STR_LIT("{}"), rows[i].timeout_ms);
		CHECK_INT(told.is_delivered, rows[i].is_delivered);
		CHECK_INT(told.code, rows[i].code);
		CHECK(strstr(told.error, rows[i].error));
		CHECK(strlen(told.reply) <= SCRIPT_REPLY_BYTES);
	}
}

TEST(a_large_message_arrives_whole)
{
	static char text[SCRIPT_INPUT_BYTES];
	struct told told;

	memset(text, 'x', sizeof text);
	told = run_of("#!/bin/sh\nwc -c\n", str_bytes(text, sizeof text), 0);
	CHECK(told.is_delivered);
	CHECK(strstr(told.reply, "1048576"));
	/* and one that nobody reads is no harm */
	told = run_of("#!/bin/sh\nexec <&-\nsleep 0.2\necho enough\n", str_bytes(text, sizeof text),
		      0);
	CHECK(told.is_delivered);
	CHECK(strstr(told.reply, "enough"));
}

TEST(only_plain_files_of_the_folder_are_started)
{
	static const struct {
		const char *name;
		int code;
	} rows[] = {
		{ "tell", 0 },          { "none", -ENOENT },    { "../tell", -EINVAL },
		{ "/bin/sh", -EINVAL }, { ".", -EINVAL },       { "..", -EINVAL },
		{ ".tell", -EINVAL },   { "", -EINVAL },        { "tell -x", -EINVAL },
		{ "te;ll", -EINVAL },   { "tell\nx", -EINVAL }, { "$(id)", -EINVAL },
	};
	struct err err = { 0 };
	char folder[64];

	folder_make(folder);
	script_write(folder, "#!/bin/sh\n", 0755);
	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		test_row("row %zu: %s", i, rows[i].name);
		CHECK_INT(script_check(str_of(folder), str_of(rows[i].name), &err), rows[i].code);
	}
	CHECK_INT(script_check(STR_NONE, STR_LIT("tell"), &err), -EINVAL);
	CHECK_INT(script_check(STR_LIT("relative"), STR_LIT("tell"), &err), -EINVAL);
	script_write(folder, "#!/bin/sh\n", 0775);
	CHECK_INT(script_check(str_of(folder), STR_LIT("tell"), &err), -EPERM);
	script_write(folder, "#!/bin/sh\n", 0644);
	CHECK_INT(script_check(str_of(folder), STR_LIT("tell"), &err), -EACCES);
	folder_remove(folder);
}
