/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Errors of ours. A function that can fail returns 0 (or a count) or a negative code: -errno, or
 * one of the codes below. Out-parameters are called ret_… and are untouched on failure. What people
 * should read goes into a struct err: what was wrong, where, and what to do.
 *
 * A failure of the network is no error: it is a fact (facts/fact.h).
 */
#ifndef DSS_BASE_ERR_H
#define DSS_BASE_ERR_H

#include "base/attr.h"

#include <errno.h>

enum {
	ERR_SYNTAX = -1000,     /**< the text does not follow its grammar */
	ERR_LIMIT = -1001,      /**< larger than we allow */
	ERR_VERSION = -1002,    /**< made by a version that we cannot read */
	ERR_CORRUPT = -1003,    /**< what we stored is damaged */
	ERR_CONSTRAINT = -1004, /**< a rule of the stored data forbids it */
	ERR_REFERENCE =
		-1005 /**< it refers to what is not there, or something still refers to it */
};

struct err {
	int code;
	char text[240]; /**< one line, no trailing newline; foreign bytes are escaped by the sink */
};

/** Record what happened; returns code, so that "return err_set(err, -EINVAL, …)" works. err may be
 * NULL. */
int err_set(struct err *err, int code, const char *format, ...) PRINTF(3, 4);

#ifdef __clang_analyzer__ /* which does not see that the code comes back: negative */
#define err_set(err, code, ...) ((void)(err_set)((err), (code), __VA_ARGS__), (code))
#endif

#define TRY(call)                                                                                  \
	do {                                                                                       \
		int try_code_ = (call);                                                            \
		if (try_code_ < 0)                                                                 \
			return try_code_;                                                          \
	} while (0)

#endif
