/* SPDX-License-Identifier: Apache-2.0 */
/** Compiler attributes and the few macros that every layer uses. */
#ifndef DSS_BASE_ATTR_H
#define DSS_BASE_ATTR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MUST_USE __attribute__((warn_unused_result))
#define NORETURN __attribute__((noreturn))
#define PRINTF(at, first) __attribute__((format(printf, at, first)))
#define _cleanup_(function) __attribute__((cleanup(function)))

#define ARRAY_COUNT(array) (sizeof(array) / sizeof((array)[0]))
#undef MIN /* <sys/param.h>, which uv.h includes, has its own */
#undef MAX
#define MIN(a, b) ((a) < (b) ? (a) : (b))
#define MAX(a, b) ((a) > (b) ? (a) : (b))

#endif
