/* SPDX-License-Identifier: Apache-2.0 */
/* What may stand among a tool's arguments, and does anything else start a process? The runner is real. */
#include "roles/runner/tool_argv.h"

#include "base/clock.h"
#include "children/runner.h"
#include "loop/loop.h"
#include "tests/file.h"
#include "tests/test.h"

#include <unistd.h>

enum { LEAST_HOSTILE = 531, PATIENCE_US = 60000000 };

static struct definition definition_of(enum definition_subject subject, struct str *argv,
				       size_t count)
{
	return (struct definition){ .name = STR_LIT("probe"),
				    .kind = DEFINITION_TOOL,
				    .subject = (uint8_t)subject,
				    .argv = argv,
				    .argv_count = count };
}

static int make(struct arena *a, const struct definition *definition, struct str subject,
		struct str address, struct tool_argv *ret)
{
	struct run_value values[] = { { STR_LIT("subject"), subject },
				      { STR_LIT("address"), address } };
	struct run_request request = { .values = values, .value_count = 2 };

	return tool_argv_make(a, definition, &request, STR_LIT("/ca.pem"), ret, NULL);
}

TEST(words_become_one_argument_or_a_part_of_one)
{
	struct str argv[] = { STR_LIT("probe"),           STR_LIT("{host}"),
			      STR_LIT("--ip={address}"),  STR_LIT("{host}:{port}{{{address}}}"),
			      STR_LIT("a b; $(c) {{x}}"), STR_LIT("--ca={ca_file}") };
	struct definition definition = definition_of(DEFINITION_HOST, argv, ARRAY_COUNT(argv));
	struct arena arena = { 0 };
	struct tool_argv made;

	definition.limits.port = 443;
	CHECK_INT(make(&arena, &definition, STR_LIT("www.example.com"), STR_LIT("2001:db8::1"),
		       &made),
		  0);
	CHECK_INT(made.count, 6);
	CHECK_STR(made.argv[1], "www.example.com");
	CHECK_STR(made.argv[2], "--ip=2001:db8::1");
	CHECK_STR(made.argv[3], "www.example.com:443{2001:db8::1}");
	CHECK_STR(made.argv[4], "a b; $(c) {x}");
	CHECK_STR(made.argv[5], "--ca=/ca.pem");
	CHECK(address_is_set(&made.address));
	definition.argv_ipv6 = argv + 1;
	definition.argv_ipv6_count = 1;
	CHECK_INT(make(&arena, &definition, STR_LIT("www.example.com"), STR_LIT("2001:db8::1"),
		       &made),
		  0);
	CHECK_INT(made.count, 1);
	CHECK_INT(
		make(&arena, &definition, STR_LIT("www.example.com"), STR_LIT("192.0.2.1"), &made),
		0);
	CHECK_INT(made.count, 6);
	arena_release(&arena);
}

TEST(addresses_are_taken_in_their_one_spelling)
{
	static const struct {
		const char *text;
		bool is_good;
	} rows[] = {
		{ "192.0.2.1", true },   { "2001:db8::1", true },   { "2001:DB8::1", false },
		{ "192.0.2.01", false }, { "3221225985", false },   { "2001:db8:0::1", false },
		{ "192.0.2", false },    { "192.0.2.1 ", false },   { "[2001:db8::1]", false },
		{ "", false },           { "fe80::1%eth0", false }, { "example.com", false },
	};
	struct str argv[] = { STR_LIT("probe"), STR_LIT("{address}") };
	struct definition definition = definition_of(DEFINITION_ADDRESS, argv, 2);
	struct arena arena = { 0 };
	struct tool_argv made;

	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		test_row("%s", rows[i].text);
		CHECK((make(&arena, &definition, str_of(rows[i].text), STR_NONE, &made) == 0) ==
		      rows[i].is_good);
	}
	arena_release(&arena);
}

TEST(what_reaches_one_address_needs_one)
{
	struct str argv[] = { STR_LIT("probe"), STR_LIT("{host}") };
	struct definition definition = definition_of(DEFINITION_HOST, argv, 2);
	struct arena arena = { 0 };
	struct tool_argv made;

	CHECK_INT(make(&arena, &definition, STR_LIT("example.com"), STR_NONE, &made), 0);
	definition.limits.network = DEFINITION_NETWORK_ADDRESS;
	CHECK(make(&arena, &definition, STR_LIT("example.com"), STR_NONE, &made) < 0);
	arena_release(&arena);
}

TEST(names_of_hosts_may_be_arguments)
{
	static const char *const good[] = { "example.com",        "xn--bcher-kva.example",
					    "_dmarc.example.com", "a-b.c-d.co.uk",
					    "1.example.com",      "3com.com" };

	for (size_t i = 0; i < ARRAY_COUNT(good); i++) {
		test_row("%s", good[i]);
		CHECK(tool_is_host(str_of(good[i])));
	}
}

/* ---- nothing else starts anything ---- */

static struct world {
	uv_loop_t loop;
	struct runner *runner;
	struct runner_client client;
	unsigned ended, ends[RUN_ENDS];
	char output[64];
} world;

static void on_ran(struct runner_client *client, const struct run_result *result)
{
	world.ended++;
	world.ends[result->end]++;
	snprintf(world.output, sizeof world.output, "%.*s",
		 (int)MIN(result->output.len, sizeof world.output - 1), result->output.data);
}

static void run(struct str subject)
{
	struct run_value value = { STR_LIT("subject"), subject };
	struct run_request request = { .number = world.ended + 1,
				       .kind = RUN_TOOL,
				       .name = STR_LIT("probe"),
				       .values = &value,
				       .value_count = 1,
				       .timeout_ms = 20000 };
	int64_t until = clock_monotonic_us() + PATIENCE_US;
	unsigned before = world.ended;

	runner_run(&world.client, &request);
	while (world.ended == before && clock_monotonic_us() < until)
		uv_run(&world.loop, UV_RUN_ONCE);
	CHECK_INT(world.ended, before + 1);
}

/* Page faults of the runner's children that have ended: any process of its, however short, has some. */
static long children_faults(void)
{
	char path[64], text[1024], *at;
	FILE *file;
	size_t len;
	int field = 2;

	snprintf(path, sizeof path, "/proc/%d/stat", (int)runner_pid(world.runner));
	file = fopen(path, "r");
	CHECK(file != NULL);
	len = fread(text, 1, sizeof text - 1, file);
	fclose(file);
	text[len] = 0;
	at = strrchr(text, ')');
	CHECK(at != NULL);
	for (at += 1; field < 10; field++) /* cminflt is the 11th: proc(5) */
		at = strchr(at + 1, ' ');
	return strtol(at, NULL, 10);
}

static struct str unescape(struct arena *a, struct str line)
{
	struct buf out;

	buf_init(&out, a);
	for (size_t i = 0; i < line.len; i++) {
		char digits[3] = { 0 };

		if (i + 3 < line.len && line.data[i] == '\\' && line.data[i + 1] == 'x') {
			memcpy(digits, line.data + i + 2, 2);
			buf_put_char(&out, (char)strtol(digits, NULL, 16));
			i += 3;
		} else {
			buf_put_char(&out, line.data[i]);
		}
	}
	return buf_str(&out);
}

TEST(hostile_subjects_start_no_process)
{
	struct str argv[] = { STR_LIT("/bin/echo"), STR_LIT("{domain}") };
	struct definition definition = definition_of(DEFINITION_DOMAIN, argv, 2);
	struct runner_configuration configuration = { .definitions = { &definition, 1 } };
	struct runner_settings settings = { .loop = &world.loop, .configuration = &configuration };
	struct arena arena = { 0 };
	struct str text, line = STR_NONE;
	unsigned count = 0;
	long before;

	world = (struct world){ .client = { .on_ran = on_ran } };
	CHECK(uv_loop_init(&world.loop) == 0);
	runner_open(&settings, &world.runner);
	runner_join(world.runner, &world.client);
	run(STR_LIT("-x"));
	before = children_faults();
	CHECK_INT(test_file_read(&arena, getenv("DSS_HOSTILE"), &text), 0);
	while (str_split(&text, '\n', &line)) {
		if (str_starts(line, STR_LIT("# ")))
			continue;
		test_row("%.*s", STR(line));
		run(unescape(&arena, line));
		count++;
		CHECK_INT(world.ends[RUN_DENIED], world.ended);
	}
	CHECK(count >= LEAST_HOSTILE);
	CHECK_INT(children_faults(), before);
	run(STR_LIT("example.com")); /* the control */
	CHECK_INT(world.ends[RUN_DONE], 1);
	CHECK_STR(str_of(world.output), "example.com\n");
	CHECK(children_faults() > before);
	runner_leave(&world.client);
	runner_close(world.runner);
	loop_run_closing(&world.loop);
	CHECK_INT(loop_close(&world.loop), 0);
	arena_release(&arena);
}
