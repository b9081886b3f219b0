/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Unit tests: cmocka with registration. A test file holds TEST(name) { … CHECK(…); } and nothing
 * else; it is linked with tests/main.c, which runs all tests of the program, or those whose names
 * contain an argument.
 */
#ifndef DSS_TESTS_TEST_H
#define DSS_TESTS_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/str.h"

void test_register(const char *name, CMUnitTestFunction function);

#define TEST(name)                                                                                 \
	static void name(void **state);                                                            \
	__attribute__((constructor)) static void register_##name(void)                             \
	{                                                                                          \
		test_register(#name, name);                                                        \
	}                                                                                          \
	static void name(void **state __attribute__((unused)))

#define CHECK(condition)                                                                           \
	_assert_true((LargestIntegralType)((condition) ? 1 : 0), #condition, __FILE__, __LINE__)
/** A struct str against a C string; shows both when they differ. */
#define CHECK_STR(actual, expected) test_check_str((actual), str_of(expected), __FILE__, __LINE__)
#define CHECK_INT(actual, expected)                                                                \
	_assert_int_equal((LargestIntegralType)(actual), (LargestIntegralType)(expected),          \
			  __FILE__, __LINE__)
/** Name the row of a table in the failure's output: prints it when a CHECK after it fails. */
void test_row(const char *format, ...) PRINTF(1, 2);
void test_check_str(struct str actual, struct str expected, const char *file, int line);

#endif
