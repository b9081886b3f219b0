/* SPDX-License-Identifier: Apache-2.0 */
/* Which tests does this program hold, and which are run? */
#include "tests/test.h"

#include <stdio.h>

enum { TESTS = 512 };

static struct CMUnitTest tests[TESTS];
static size_t test_count;
static char row[256];

void test_register(const char *name, CMUnitTestFunction function)
{
	if (test_count == TESTS)
		abort();
	tests[test_count++] = (struct CMUnitTest){ .name = name, .test_func = function };
}

void test_row(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(row, sizeof row, format, args);
	va_end(args);
}

void test_check_str(struct str actual, struct str expected, const char *file, int line)
{
	if (str_eq(actual, expected))
		return;
	print_error("got  \"%.*s\"\nwant \"%.*s\"\n", STR(actual), STR(expected));
	_fail(file, line);
}

static int forget_row(void **state)
{
	row[0] = 0;
	return 0;
}

static int show_row(void **state)
{
	if (row[0])
		print_message("last row: %s\n", row);
	return 0;
}

int main(int argc, char **argv)
{
	size_t kept = 0;

	for (size_t i = 0; i < test_count; i++) {
		if (argc > 1 && !strstr(tests[i].name, argv[1]))
			continue;
		tests[kept] = tests[i];
		tests[kept].setup_func = forget_row;
		tests[kept++].teardown_func = show_row;
	}
	return _cmocka_run_group_tests(argc > 1 ? argv[1] : "all", tests, kept, NULL, NULL) ? 1 : 0;
}
