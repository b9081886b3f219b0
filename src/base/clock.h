/* SPDX-License-Identifier: Apache-2.0 */
/** Time. Limits use the monotonic clock; what people read uses UTC. Microseconds everywhere. */
#ifndef DSS_BASE_CLOCK_H
#define DSS_BASE_CLOCK_H

#include "base/str.h"

enum { TIME_TEXT_BYTES = 32 };

/** Monotonic, for deadlines; never goes back. */
int64_t clock_monotonic_us(void);
/** Microseconds since 1970-01-01 UTC. */
int64_t clock_utc_us(void);
/** RFC 3339, seconds, "2026-11-22T19:40:02Z"; returns out. */
const char *clock_text(int64_t utc_us, char out[static TIME_TEXT_BYTES]);

#endif
